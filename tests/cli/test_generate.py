"""The verb generate: a generator is trained, or taken, and its pictures are a table."""

from pathlib import Path

import pytest
import torch
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

SMALL = [
    "--set", "network.size=16", "--set", "network.width=4", "--set", "network.max_width=4",
    "--set", "look.sizes=[32]", "--set", "training.batch_size=4", "--set", "training.sheet_every=0",
]  # fmt: skip


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


def test_trains_without_pictures_then_draws_from_what_was_learnt(model: Path, tmp_path: Path) -> None:
    common = (model, "--method", "prior-free", "--device", "cpu", "--pictures", 2)
    said = run(*common, "--output", tmp_path / "run", *SMALL, "--set", "training.steps=2")
    table = read_made(tmp_path / "run")
    assert len(table) == 2 * (8 + 3)
    assert set(table.frame["source"]) == {"prior-free"}
    assert set(table.frame["model"]) == {"tiny"}
    assert "22 pictures" in said
    assert (tmp_path / "run" / "sheet.png").is_file()
    run(*common, "--output", tmp_path / "more", "--generator", tmp_path / "run")
    again = read_made(tmp_path / "more")
    assert [path.read_bytes() for path in again.paths] == [path.read_bytes() for path in table.paths]


@pytest.mark.parametrize("labels", [("awe", "surprise"), ("awe", "rust")])
def test_a_generator_may_know_emotions_that_its_judge_does_not(
    model: Path, tmp_path: Path, labels: tuple[str, ...]
) -> None:
    generator = Generator(Conditions(labels), NetworkConfig(size=16, latent_size=4, width=4))
    save_generator(generator, tmp_path / "run", provenance={})
    common = ("--method", "gan", "--device", "cpu", "--pictures", 2, "--generator", tmp_path / "run")
    run(model, *common, "--output", tmp_path / "made")
    table = read_made(tmp_path / "made")
    assert list(table.frame["label"]) == [label for label in labels for _ in range(2)]
    assert list(table.frame["found"].isna()) == [False, False, True, True]


def test_a_gans_judge_is_looked_for_before_it_is_trained(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        run(tmp_path / "none", "--method", "gan", "--data-root", tmp_path, "--output", tmp_path / "run")


def test_options_of_other_methods_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    with pytest.raises(RecipeError, match="--photograph is not for --method gan"):
        run("--method", "gan", "--output", tmp_path, "--photograph", tmp_path / "a.jpg")
    with pytest.raises(RecipeError, match="--set is not for"):
        run("--method", "gan", "--output", tmp_path, "--generator", tmp_path, "--set", "seed=1")
