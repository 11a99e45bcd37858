"""`evocative explain --method texture` and `--method map`, as they are typed."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from evocative.cli import app
from evocative.cli.explain_map import write_maps
from evocative.errors import DataError
from evocative.models.create import create_model
from evocative.models.store import save_model
from evocative.recipe.settings import GramConfig, ModelConfig
from evocative.taxonomy.labels import taxonomy


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model of Gram modules and a folder of two pictures, one of them broken."""
    folder = tmp_path_factory.mktemp("texture")
    (folder / "pictures").mkdir()
    blocks = np.random.default_rng(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    Image.fromarray(blocks).resize((60, 60)).save(folder / "pictures/sea.png")
    (folder / "pictures/torn.png").write_bytes(b"no picture")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = ModelConfig(backbone="test_efficientnet", weights=None, gram=GramConfig(maps=(0, 1)))
        model = create_model(config, taxonomy("mikels8")).eval()
    how = model.preprocessing
    save_model(model, folder / "model", preprocessing=how, provenance={}, measured={}, licence="test")
    return folder


def test_textures_and_the_pairs_that_speak(place: Path, tmp_path: Path) -> None:
    found = CliRunner().invoke(
        app,
        ["explain", str(place / "pictures"), "--method", "texture", "--model", str(place / "model"),
         "--steps", "2", "-o", str(tmp_path)],
    )  # fmt: skip
    assert found.exit_code == 1, found.output  # one picture is torn
    assert [path.name for path in tmp_path.iterdir()] == ["sea.png"]
    assert "maps 0 1, error" in found.output
    assert "map 0:" in found.output
    assert "map 1:" in found.output
    assert "×" in found.output


def test_maps_as_they_are_typed(place: Path, tmp_path: Path) -> None:
    found = CliRunner().invoke(
        app,
        ["explain", str(place / "pictures/sea.png"), "--method", "map", "--model", str(place / "model"),
         "--target", "awe", "--target", "fear", "--by", "layercam", "--layer", "blocks.2", "--against",
         "-o", str(tmp_path / "out")],
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["sea.png"]


def test_an_unknown_way_is_told(place: Path, tmp_path: Path) -> None:
    found = CliRunner().invoke(
        app,
        ["explain", str(place / "pictures/sea.png"), "--method", "map", "--by", "cam", "-o", str(tmp_path)],
    )
    assert "grad-cam" in str(found.exception)


@pytest.mark.parametrize("method", ["texture", "map"])
def test_a_folder_that_is_a_file_is_refused(place: Path, tmp_path: Path, method: str) -> None:
    (tmp_path / "taken").write_text("a file")
    words = ["explain", str(place / "pictures"), "--method", method, "--model", str(place / "model")]
    found = CliRunner().invoke(app, [*words, "-o", str(tmp_path / "taken")])
    assert isinstance(found.exception, DataError)
    assert "taken: is a file; name a folder" in str(found.exception)


def test_maps_beside_predictions_need_a_folder_as_well(tmp_path: Path) -> None:
    (tmp_path / "maps").write_text("a file")
    with pytest.raises(DataError, match="maps: cannot be made"):
        next(write_maps(iter(()), tmp_path))
