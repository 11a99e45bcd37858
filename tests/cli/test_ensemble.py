"""`evocative ensemble`: models' folders in, one folder out that every other verb takes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from evocative.evaluate.centers import learned_centers
from evocative.models.create import create_model
from evocative.models.store import load_model, save_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy

Run = Callable[..., Any]


@pytest.fixture
def other_model(tiny_model: str, tmp_path: Path) -> Path:
    """A model with the tiny one's backbone, and a head of its own."""
    config = ModelConfig(backbone="test_efficientnet", weights=None, class_centers=True)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = create_model(config, taxonomy("mikels8"))
    model.backbone.load_state_dict(load_model(tiny_model).single("").backbone.state_dict())
    return save_model(
        model, tmp_path / "other", preprocessing=Preprocessing(size=32), provenance={"tables": ["fi8"]},
        measured={"accuracy": 0.9}, licence="none",
    )  # fmt: skip


def test_its_folder_predicts(
    run: Run, tiny_model: str, other_model: Path, pictures: list[Path], tmp_path: Path
) -> None:
    both = tmp_path / "both"
    ended = run("ensemble", tiny_model, other_model, "--share", 0.75, "--share", 0.25, "-o", both)
    assert ended.status == 0, ended.stderr
    assert f"{tiny_model}: share 0.75\n" in ended.stdout
    assert "share 0.25; " in ended.stdout
    answers = {}
    for model in (tiny_model, other_model, both):
        ended = run("predict", pictures[0], "--model", model, "--format", "json", "--precision", "fp32")
        assert ended.status == 0, ended.stderr
        answers[str(model)] = json.loads(ended.stdout)
    tiny, other, said = answers.values()
    assert said["valence"] == pytest.approx(tiny["valence"], abs=1e-4)
    powers = {
        name: tiny["probabilities"][name] ** 0.75 * other["probabilities"][name] ** 0.25
        for name in said["probabilities"]
    }
    for name, power in powers.items():
        assert said["probabilities"][name] == pytest.approx(power / sum(powers.values()), rel=1e-3)


def test_shares_and_folders_that_do_not_fit(
    run: Run, tiny_model: str, other_model: Path, tmp_path: Path
) -> None:
    ended = run("ensemble", tiny_model, other_model, "--share", 0.75, "-o", tmp_path / "both")
    assert ended.status == 2
    assert "shares: expected one a model, 2, found 1" in ended.stderr
    assert run("ensemble", tiny_model, tmp_path / "none", "-o", tmp_path / "both").status == 2
    assert not (tmp_path / "both").exists()


def test_what_reads_models_reads_ensembles(
    run: Run, tiny_model: str, other_model: Path, tmp_path: Path
) -> None:
    run("ensemble", other_model, tiny_model, "-o", tmp_path / "both", "--stored-as", "float16")
    centers = learned_centers(tmp_path / "both")
    assert centers is not None
    loaded = load_model(tmp_path / "both")
    assert (centers.names, centers.vectors.shape) == (taxonomy("mikels8").names, (8, 256))
    with torch.no_grad():
        pooled, _ = loaded.model.backbone(torch.zeros(1, 3, 32, 32))
    assert pooled.shape == (1, 256)
