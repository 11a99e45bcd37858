"""Textures: statistics come to those of the original, its places do not."""

import numpy as np
import pytest
import torch

from evocative.errors import ModelError
from evocative.explain.gram_texture import _moments, synthesize, texture_maps
from evocative.models.create import EmotionModel, create_model
from evocative.recipe.settings import GramConfig, ModelConfig
from evocative.taxonomy.labels import taxonomy


@pytest.fixture(scope="module")
def model() -> EmotionModel:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = ModelConfig(backbone="test_efficientnet", weights=None)
        return create_model(config, taxonomy("mikels8")).eval()


def half_red() -> torch.Tensor:
    image = torch.full((1, 3, 32, 32), 0.2)
    image[:, 0, :, :16] = 0.9  # red to the left
    return (image - 0.5) / 0.5


def test_statistics_come_near_and_colours_are_kept(model: EmotionModel) -> None:
    made = synthesize(model, half_red(), maps=(0, 1), steps=40, smooth=0.0)
    assert made.image.shape == (32, 32, 3)
    assert len(made.losses) == 40
    assert made.losses[-1] < 0.05 * made.losses[0]
    red = made.image[..., 0].astype(float)
    assert red.mean() == pytest.approx(255 * 0.55, abs=12)
    assert red.mean() > made.image[..., 1].mean() + 40


def test_the_same_seed_gives_the_same_texture(model: EmotionModel) -> None:
    first, second, other = (synthesize(model, half_red(), steps=3, seed=seed).image for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def test_smoothing_smooths(model: EmotionModel) -> None:
    rough, smooth = (synthesize(model, half_red(), steps=15, smooth=weight).image for weight in (0.0, 2.0))
    assert (
        np.abs(np.diff(smooth.astype(int), axis=0)).mean() < np.abs(np.diff(rough.astype(int), axis=0)).mean()
    )


def test_moments_hold_gram_matrix_and_means() -> None:
    maps = torch.rand(1, 3, 4, 5)
    flat = maps.flatten(2)[0]
    with_means = _moments(maps, means=True)[0]
    torch.testing.assert_close(with_means[:3, :3], flat @ flat.T / 20)
    torch.testing.assert_close(with_means[3, :3], flat.mean(1))
    torch.testing.assert_close(_moments(maps, means=False)[0], flat @ flat.T / 20)


def test_the_model_stays_and_a_watcher_is_told(model: EmotionModel) -> None:
    before = {name: value.clone() for name, value in model.state_dict().items()}
    told: list[int] = []
    synthesize(model, half_red(), steps=2, watch=lambda step, _: told.append(step))
    assert told == [0, 1]
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_maps_are_those_of_the_modules_and_wrong_ones_are_refused(model: EmotionModel) -> None:
    config = ModelConfig(backbone="test_efficientnet", weights=None, gram=GramConfig(maps=(1, 3)))
    assert texture_maps(create_model(config, taxonomy("mikels8"))) == (1, 3)
    assert texture_maps(model) == (0, 1, 2)
    for wrong in ((), (9,)):
        with pytest.raises(ModelError, match="0 to 4"):
            synthesize(model, half_red(), maps=wrong)
    with pytest.raises(ModelError, match="at least 1 step"):
        synthesize(model, half_red(), steps=0)
