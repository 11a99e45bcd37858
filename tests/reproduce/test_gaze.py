"""Tables of maps: the networks' maps against gaze data, priors beside them, printed values as printed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from evocative.errors import ModelError, RecipeError
from evocative.models.create import create_model
from evocative.models.store import save_model
from evocative.preprocessing import Preprocessing
from evocative.recipe import Recipe
from evocative.recipe.settings import ModelConfig
from evocative.reproduce.datasets import Found
from evocative.reproduce.gaze import QUICK, Gaze, find_gaze, lacking
from evocative.reproduce.listing import listed
from evocative.reproduce.parse import load_table, parse_table
from evocative.reproduce.plan import Wish
from evocative.reproduce.result import Reproduced
from evocative.study.jobs import Job
from evocative.study.work import Places
from evocative.taxonomy.labels import taxonomy

COLUMNS = ("auc_judd", "cc", "kl")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data root with twelve pictures and where two people looked in each."""
    root = tmp_path_factory.mktemp("data")
    for name in ("images", "fixations"):
        (root / "gaze" / name).mkdir(parents=True)
    random = np.random.default_rng(0)
    for number in range(12):
        pixels = random.integers(0, 255, (40, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(root / "gaze" / "images" / f"{number:02}.png")
        looked = [f"{viewer},{random.uniform(0, 60):.1f},{random.uniform(0, 40):.1f}" for viewer in "aabb"]
        text = "\n".join(["viewer,x,y", *looked]) + "\n"
        (root / "gaze" / "fixations" / f"{number:02}.csv").write_text(text)
    return root


@pytest.fixture
def job(tmp_path: Path) -> Job:
    torch.manual_seed(0)
    model = create_model(
        ModelConfig(backbone="test_efficientnet", weights=None, neck="islamnet"), taxonomy("mikels8")
    )
    save_model(
        model, tmp_path / "model", preprocessing=Preprocessing(size=64), provenance={}, measured={},
        licence="apache-2.0",
    )  # fmt: skip
    return Job("arm", None, None, 0, Recipe(), tmp_path)


def test_a_network_is_held_against_gaze_once(root: Path, job: Job) -> None:
    table = load_table("islamnet-3")
    folder = find_gaze(table, root)
    assert folder == root / "gaze"
    gaze = Gaze(folder, Places(root, accelerator="cpu"), COLUMNS, bootstrap=20, quick=True)
    found = gaze.figures(job)
    assert len(gaze.data.images) == 12  # priors are of all images
    assert found["cc"].n == QUICK
    assert found["cc"].low <= found["cc"].value <= found["cc"].high
    assert "emd" not in found
    beside = gaze.baselines(table.columns)
    assert {"auc_judd", "cc", "kl"} <= set(beside[0].cells)
    assert not any(one.trained for one in beside)
    (job.folder / "model" / "model.safetensors").unlink()
    again = Gaze(folder, Places(root, accelerator="cpu"), COLUMNS, bootstrap=20, quick=True)
    assert again.figures(job) == found
    assert [one.row.name for one in again.baselines(table.columns)] == [one.row.name for one in beside]
    other = replace(job, folder=job.folder / "elsewhere")
    with pytest.raises(ModelError, match="the network is not there any more"):
        again.figures(other)


def test_what_stands_beside_does_not_make_a_table_complete(root: Path, job: Job) -> None:
    table = load_table("islamnet-3")
    gaze = Gaze(root / "gaze", Places(root, accelerator="cpu"), COLUMNS, bootstrap=20, quick=True)
    gaze.figures(job)
    beside = tuple(gaze.baselines(table.columns))
    done = Reproduced(table, Wish(), rows=beside, planned=1)
    assert not done.complete
    names = [line.row for line in done.lines()]
    assert names[0] == "Objectness"
    assert any(name.startswith("cent") for name in names)


def test_a_table_of_maps_without_gaze_data_cannot_run(tmp_path: Path) -> None:
    table = load_table("islamnet-3")
    (told,) = lacking(table, tmp_path)
    assert "osie/ or mit1003/ or gaze/" in told
    assert lacking(load_table("islamnet-1"), tmp_path) == []
    found = {"fi8": Found("fi8", None, problem="missing")}
    assert listed(table, found, [told]).reasons[0] == told
    assert listed(table, found, [told]).runnable == 0


def test_columns_are_figures_of_maps() -> None:
    values = {
        "title": "t", "source": "s", "place": "p", "recipe": "islamnet", "data": "fi8", "gaze": ["osie"],
        "columns": {"accuracy": {}}, "rows": [{"name": "x"}],
    }  # fmt: skip
    with pytest.raises(RecipeError, match="unknown figure of maps 'accuracy'"):
        parse_table(values)
