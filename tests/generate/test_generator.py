"""What can be asked of a generator, what it draws, and its folder."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from evocative.data.table import Table
from evocative.errors import DataError, ModelError, RecipeError
from evocative.generate.conditions import Conditions, conditions_of_table
from evocative.generate.generator import Generator, NetworkConfig, normalized
from evocative.generate.generator_store import CONFIG, WEIGHTS, load_generator, save_generator
from evocative.generate.samples import told, wishes
from evocative.taxonomy.labels import taxonomy

BOTH = Conditions(labels=("awe", "fear"), dimensions=("valence", "arousal"))
TINY = NetworkConfig(size=16, latent_size=6, width=4, max_width=8)


@pytest.fixture
def generator() -> Generator:
    torch.manual_seed(0)
    return Generator(BOTH, TINY)


def test_a_condition_holds_a_one_hot_label_values_and_which_are_asked_for() -> None:
    assert BOTH.of(label="fear").tolist() == [0, 1, 0, 0, 0, 0]
    assert BOTH.of(arousal=-0.5).tolist() == [0, 0, 0, -0.5, 0, 1]
    assert BOTH.of(label="awe", valence=0.0, arousal=1.0).tolist() == [1, 0, 0, 1, 1, 1]
    assert BOTH.size == 6


def test_a_condition_can_be_read_back() -> None:
    vectors = torch.stack([BOTH.of(label="fear"), BOTH.of(valence=0.25), BOTH.of(label="awe", arousal=-1.0)])
    assert BOTH.label_of(vectors).tolist() == [1, -1, 0]
    nan = float("nan")
    expected = [[nan, nan], [0.25, nan], [nan, -1.0]]
    np.testing.assert_array_equal(BOTH.dimensions_of(vectors).numpy(), expected)
    assert Conditions.from_dict(json.loads(json.dumps(BOTH.to_dict()))) == BOTH


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        ({}, "neither"),
        ({"label": "aw"}, "'awe'"),
        ({"dominance": 0.1}, "dominance"),
        ({"valence": 2.0}, "2.0"),
    ],
)
def test_what_cannot_be_asked_for_is_named(wish: dict[str, float], named: str) -> None:
    with pytest.raises(DataError, match=named):
        BOTH.of(**wish)  # type: ignore[arg-type]


def test_conditions_need_names_that_there_are_each_once() -> None:
    for labels, dimensions in (((), ()), (("awe", "awe"), ()), (("awe",), ("velocity",))):
        with pytest.raises(ModelError):
            Conditions(labels, dimensions)


def test_a_table_says_what_can_be_asked_for() -> None:
    frame = pd.DataFrame(
        {"path": ["a", "b", "c"], "label": ["fear", None, "awe"], "arousal": [0.5, -0.25, np.nan]}
    )
    conditions, vectors = conditions_of_table(Table(frame, taxonomy=taxonomy("mikels8")))
    assert set(conditions.labels) == {"fear", "awe"}
    assert conditions.dimensions == ("arousal",)
    wanted = [
        conditions.of(label="fear", arousal=0.5), conditions.of(arousal=-0.25), conditions.of(label="awe"),
    ]  # fmt: skip
    assert torch.equal(vectors, torch.stack(wanted))


def test_a_row_without_anything_is_refused() -> None:
    frame = pd.DataFrame({"path": ["a", "b"], "label": ["fear", None]})
    with pytest.raises(DataError, match=r"1 row.*first: b"):
        conditions_of_table(Table(frame, taxonomy=taxonomy("mikels8")))


@pytest.mark.parametrize(("size", "widths"), [(16, (8, 4)), (64, (8, 8, 8, 4)), (32, (8, 8, 4))])
def test_channels_double_downwards_up_to_the_most(size: int, widths: tuple[int, ...]) -> None:
    assert NetworkConfig(size=size, width=4, max_width=8).widths == widths


@pytest.mark.parametrize("size", [8, 48, 2048])
def test_sizes_are_powers_of_two(size: int) -> None:
    with pytest.raises(RecipeError, match=f"found {size}"):
        NetworkConfig(size=size)


def test_draws_pictures_in_the_unit_range(generator: Generator) -> None:
    latents = torch.randn(3, generator.latent_size, generator=torch.Generator().manual_seed(1)) * 50
    pictures = generator(latents, generator.condition_of(label="awe").expand(3, -1))
    assert pictures.shape == (3, 3, 16, 16)
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    assert pictures.std() > 0.01


def test_a_picture_depends_on_latent_and_condition_and_on_no_neighbour(generator: Generator) -> None:
    latents = torch.randn(3, generator.latent_size, generator=torch.Generator().manual_seed(1))
    awe, fear = (generator.condition_of(label=label).expand(3, -1) for label in ("awe", "fear"))
    of_awe = generator(latents, awe)
    assert (of_awe - generator(latents, fear)).abs().mean() > 1e-3
    assert (of_awe[0] - of_awe[1]).abs().mean() > 1e-3
    torch.testing.assert_close(generator(latents[1:2], awe[:1]), of_awe[1:2])


def test_only_a_latents_direction_counts(generator: Generator) -> None:
    latent = torch.ones(1, generator.latent_size)
    condition = generator.condition_of(valence=0.5)[None]
    torch.testing.assert_close(generator(latent, condition), generator(3 * latent, condition))


def test_normalised_vectors_have_mean_square_one() -> None:
    values: Tensor = torch.tensor([[3.0, 4.0], [0.0, 2.0]])
    expected = torch.tensor([[3.0, 4.0], [0.0, 2.0]]) / torch.tensor([[12.5**0.5], [2.0**0.5]])
    torch.testing.assert_close(normalized(values), expected)


def test_gradients_reach_latent_and_condition(generator: Generator) -> None:
    latent = torch.ones(1, generator.latent_size).cumsum(1).requires_grad_()
    condition = generator.condition_of(valence=0.5)[None].requires_grad_()
    generator(latent, condition)[:, 0].sum().backward()
    assert latent.grad is not None
    assert latent.grad.abs().sum() > 0
    assert condition.grad is not None
    assert condition.grad.abs().sum() > 0


def test_a_saved_generator_draws_the_same(generator: Generator, tmp_path: Path) -> None:
    loaded = load_generator(save_generator(generator, tmp_path / "run", provenance={"steps": 3}))
    latent, condition = torch.ones(1, 6).cumsum(1), BOTH.of(label="fear", valence=0.5)[None]
    assert torch.equal(loaded(latent, condition), generator(latent, condition))
    assert not loaded.training
    assert not any(weight.requires_grad for weight in loaded.parameters())
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [CONFIG, WEIGHTS]


def test_loading_draws_no_random_numbers(generator: Generator, tmp_path: Path) -> None:
    save_generator(generator, tmp_path, provenance={})
    torch.manual_seed(5)
    wanted = torch.rand(1)
    torch.manual_seed(5)
    load_generator(tmp_path)
    assert torch.equal(torch.rand(1), wanted)


def test_a_broken_folder_is_named(generator: Generator, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_generator(tmp_path)
    save_generator(generator, tmp_path, provenance={})
    config = json.loads((tmp_path / CONFIG).read_text())
    (tmp_path / CONFIG).write_text(json.dumps(config | {"format_version": 9}))
    with pytest.raises(ModelError, match="found 9"):
        load_generator(tmp_path)
    (tmp_path / CONFIG).write_text("{")
    with pytest.raises(ModelError, match="no JSON"):
        load_generator(tmp_path)
    (tmp_path / CONFIG).write_text(json.dumps(config | {"network": {"size": 16, "depth": 3}}))
    with pytest.raises(ModelError, match="depth"):
        load_generator(tmp_path)


def test_samples_are_of_each_label_and_of_a_grid_of_places() -> None:
    asked = wishes(BOTH)
    assert asked[:2] == [{"label": "awe"}, {"label": "fear"}]
    assert len(asked) == 2 + 9
    assert {"valence": -0.6, "arousal": 0.6} in asked
    assert len(wishes(Conditions(dimensions=("valence", "arousal", "dominance")))) == 8
    assert told({"label": "awe", "arousal": 0.25, "valence": -1.0}) == "awe V −1.0 A +0.2"
