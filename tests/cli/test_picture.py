"""`evocative picture`: each kind from files to a file."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from evocative.cli import app
from evocative.errors import DataError, EvocativeError
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions, write_predictions
from evocative.inference.predictor import Predictor
from evocative.models.create import create_model
from evocative.models.store import save_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy

MIKELS = taxonomy("mikels8")


def invoke(*words: object) -> str:
    found = CliRunner().invoke(app, ["picture", *map(str, words)], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a tiny model with learned centres, predictions of 40 rows, and a folder of images by label."""
    folder = tmp_path_factory.mktemp("pictures")
    config = ModelConfig(backbone="test_efficientnet", weights=None, class_centers=True)
    model = create_model(config, MIKELS)
    small = Preprocessing(size=32)
    save_model(
        model, folder / "run" / "model", preprocessing=small, provenance={}, measured={}, licence="none"
    )  # fmt: skip
    width = Predictor(model, small).metadata.embedding_size
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.ones(8), size=40)
    columns: dict[str, Any] = {f"p_{name}": shares[:, k] for k, name in enumerate(MIKELS.names)}
    frame = {"path": [f"{row}.jpg" for row in range(40)], "label": [MIKELS.names[k % 8] for k in range(40)]}
    columns |= {axis: rng.uniform(-1, 1, 40) for axis in ("valence", "arousal")}
    vectors = list(rng.normal(size=(40, width or 0)).astype(np.float32))
    found = Predictions(pd.DataFrame({**frame, **columns, "embedding": vectors}), Metadata(taxonomy=MIKELS))
    write_predictions(found, folder / "run" / "predictions.parquet")
    write_predictions(found, folder / "other.parquet")
    for name in ("awe", "fear"):
        (folder / "images" / name).mkdir(parents=True)
        for k in range(2):
            pixels = rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "images" / name / f"{k}.png")
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("umap", "a=run", "b=other.parquet"),
        ("umap", "run", "--by", "predicted", "-i", "images"),
        ("centers", "run", "b=other.parquet"),
        ("roc", "run", "b=other.parquet", "--label", "fear"),
        ("artworks", "run", "-i", "images", "--columns", 2),
        ("artworks", "run/model", "-i", "images/awe/0.png"),
        ("artworks", ".", "-i", "images/awe/0.png"),  # a folder of one run
        ("samples", "images", "-n", 2),
        ("augmentation", "default", "-i", "images/awe", "-n", 2, "--set", "augmentation.size=24"),
        ("circumplex", "a=run", "b=other.parquet", "--by", "predicted"),
    ],
    ids=lambda words: " ".join(map(str, words)),
)
def test_each_kind(
    place: Path, words: tuple[object, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(place)
    output = tmp_path / "picture.png"
    assert invoke(*words, "-o", output) == f"wrote {output}\n"
    assert min(size(output)) > 100


def test_a_column_is_85_millimetres(place: Path, tmp_path: Path) -> None:
    output = tmp_path / "a.png"
    invoke("umap", place / "run", "--width", 85, "-o", output)
    assert size(output)[0] == pytest.approx(85 / 25.4 * 200, abs=1)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("umap", "run", "run"), "two runs are called"),
        (("umap", "other.parquet", "-i", "images"), "is not there"),
        (("artworks", "run"), "by --image"),
        (("artworks", "run", "other", "-i", "images"), "takes one source"),
        (("roc", "run", "--label", "boredom"), "boredom"),
        (("augmentation", "dflt", "-i", "images"), "default"),
    ],
)
def test_refusals(
    place: Path, words: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(place)
    with pytest.raises(EvocativeError, match=told):
        invoke(*words, "-o", tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


def test_other_suffixes_are_refused(place: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="png"):
        invoke("umap", place / "run", "-o", tmp_path / "x.docx")
