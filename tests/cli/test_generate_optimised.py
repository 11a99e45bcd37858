"""The verb generate, picture by picture: optimised from noise or a photograph, or found in a latent space."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from evocative.cli import app
from evocative.errors import ModelError, RecipeError
from evocative.explore.made import read_made
from evocative.generate.conditions import Conditions
from evocative.generate.generator import Generator, NetworkConfig
from evocative.generate.generator_store import save_generator
from evocative.models.create import create_model
from evocative.models.store import save_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy

OPTIMISED = ("--method", "optimised", "--set", "steps=2")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    config = ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("valence",))
    return save_model(
        create_model(config, taxonomy("mikels8")).eval(), tmp_path_factory.mktemp("models") / "tiny",
        preprocessing=Preprocessing(size=32), provenance={}, measured={}, licence="none",
    )  # fmt: skip


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["generate", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_optimises_from_noise_for_several_models(model: Path, tmp_path: Path) -> None:
    asked = ("--target", "awe", "--target", "-valence", "--also", model, "--pictures", 2)
    told = run(model, *OPTIMISED, "--output", tmp_path / "made", *asked)
    assert "4 pictures" in told
    table = read_made(tmp_path / "made")
    assert list(table.frame["target"]) == ["awe", "awe", "-valence", "-valence"]
    assert list(table.frame["source"].unique()) == ["optimised"]
    assert list(table.frame["model"].unique()) == ["tiny + tiny"]
    np.testing.assert_allclose(table.dimensions[:, 0], [np.nan, np.nan, -1, -1])
    with Image.open(tmp_path / "made" / table.frame["path"][0]) as picture:
        assert picture.size == (32, 32)


def test_optimises_a_photograph_and_stays_near_it(model: Path, tmp_path: Path) -> None:
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "photo.png")
    asked = ("--photograph", tmp_path / "photo.png", "--target", "awe", "--pictures", 1)
    run(model, *OPTIMISED, "--output", tmp_path / "made", *asked)
    frame = read_made(tmp_path / "made").frame
    assert 0 < frame["change"][0] < 60
    with Image.open(tmp_path / "made" / frame["path"][0]) as picture:
        rows = np.asarray(picture).mean(axis=(1, 2))
    assert rows[0] < 60
    assert rows[-1] > 195


@pytest.mark.parametrize("search", ["gradient", "evolution"])
def test_searches_a_latent_space(model: Path, tmp_path: Path, search: str) -> None:
    torch.manual_seed(0)
    generator = Generator(Conditions(("awe", "fear")), NetworkConfig(size=16, latent_size=4, width=4))
    save_generator(generator, tmp_path / "generator", provenance={})
    asked = ("--method", "latent", "--generator", tmp_path / "generator", "--target", "awe", "--pictures", 1)
    settings = ("--set", "steps=2", "--set", "population=3", "--set", f"search={search}")
    run(model, *asked, *settings, "--output", tmp_path / "made")
    frame = read_made(tmp_path / "made").frame
    assert list(frame["source"]) == ["latent"]
    assert (frame["found"] > 0).all()


def test_refuses_what_does_not_go_together(model: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="--method latent needs --generator"):
        run(model, "--method", "latent", "--output", tmp_path / "made")
    with pytest.raises(RecipeError, match="--generator is not for --method optimised"):
        run(model, *OPTIMISED, "--generator", tmp_path, "--output", tmp_path / "made")
    with pytest.raises(RecipeError, match="--target is not for --method prior-free"):
        run(model, "--method", "prior-free", "--target", "awe", "--output", tmp_path / "made")
    with pytest.raises(ModelError, match="unknown emotion or dimension"):
        run(model, *OPTIMISED, "--target", "joy", "--output", tmp_path / "made")
