"""The sanity check: a map of edges survives the loss of all weights, one of the answer does not."""

from functools import partial

import numpy as np
import pytest
import torch

from evocative.errors import ModelError
from evocative.explain.methods import map_function
from evocative.explain.randomisation import _correlations, randomisation_check
from evocative.models.create import EmotionModel, create_model
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy


@pytest.fixture(scope="module")
def model() -> EmotionModel:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = ModelConfig(backbone="test_efficientnet", weights=None)
        return create_model(config, taxonomy("mikels8")).eval()


def images() -> torch.Tensor:
    return torch.randn(2, 3, 160, 160, generator=torch.Generator().manual_seed(0))


def test_edges_survive_and_answers_do_not(model: EmotionModel) -> None:
    def edges(_model: EmotionModel) -> object:
        return lambda pictures: pictures.abs().mean(1, keepdim=True)

    blind = randomisation_check(model, edges, images())  # type: ignore[arg-type]
    assert [round(each.mean, 9) for each in blind] == [1.0] * len(blind)
    seeing = randomisation_check(model, partial(map_function, method="hirescam"), images())
    assert [each.part for each in seeing] == [
        "heads",
        *(f"stage {n}" for n in reversed(range(len(blind) - 1))),
    ]
    assert seeing[0].correlations.shape == (2, 8)
    assert abs(seeing[-1].mean) < 0.8


def test_the_model_stays_as_it_is(model: EmotionModel) -> None:
    before = {name: value.clone() for name, value in model.state_dict().items()}
    one, other = (randomisation_check(model, map_function, images(), seed=3) for _ in range(2))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(first.correlations, second.correlations)
    with pytest.raises(ModelError, match="at least one image"):
        randomisation_check(model, map_function, images()[:0])


def test_correlations_are_of_ranks() -> None:
    rising = torch.arange(6.0).view(1, 1, 2, 3)
    assert _correlations(rising, rising**3)[0, 0] == pytest.approx(1)
    assert _correlations(rising, -rising)[0, 0] == pytest.approx(-1)
    assert np.isnan(_correlations(rising, torch.ones(1, 1, 2, 3))[0, 0])
