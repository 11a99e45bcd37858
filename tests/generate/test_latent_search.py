"""Latent search: both ways come nearer to their goals, by seed, with pictures of the generator only."""

import pytest
import torch

from evocative.errors import DataError, ModelError, RecipeError
from evocative.explore.judge import Judge, quantized
from evocative.generate.conditions import Conditions
from evocative.generate.generator import Generator, NetworkConfig
from evocative.generate.goals import parse_goal
from evocative.generate.latent_search import LatentSettings, condition_of, search_latents
from evocative.generate.random_views import STILL
from evocative.models.create import create_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy

GRADIENT = LatentSettings(steps=12, learning_rate=0.3, prior=0.0, views=STILL, batch_size=2)
EVOLUTION = LatentSettings(search="evolution", steps=4, population=6, num_views=1)
WAYS = [GRADIENT, EVOLUTION]


@pytest.fixture(scope="module")
def judge() -> Judge:
    torch.manual_seed(0)
    config = ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("valence", "arousal"))
    model = create_model(config, taxonomy("mikels8")).eval()
    for head in (model.emotion_head, model.dimension_head):
        assert head is not None
        head.linear.weight.data *= 30
    return Judge(model, Preprocessing(size=32), precision="fp32")


@pytest.fixture(scope="module")
def generator() -> Generator:
    torch.manual_seed(1)
    conditions = Conditions(("awe", "fear"), ("valence",))
    network = Generator(conditions, NetworkConfig(size=16, latent_size=6, width=4))
    return network.eval().requires_grad_(False)


@pytest.mark.parametrize("settings", WAYS)
def test_comes_nearer_to_its_goal(judge: Judge, generator: Generator, settings: LatentSettings) -> None:
    goals = [parse_goal(text, judge) for text in ("awe", "fear", "-valence")]
    found = search_latents(generator, [judge], goals, settings=settings)
    assert found.curve.shape == (settings.steps, 3)
    assert (found.curve[-1] < found.curve[0]).all()
    before, after = (judge.score(each).probabilities for each in (found.begun, found.pictures))
    assert before is not None
    assert after is not None
    for row, label in enumerate((1, 6)):
        assert after[row, label] > before[row, label]


@pytest.mark.parametrize("settings", WAYS)
def test_what_is_found_is_what_the_generator_draws(
    judge: Judge, generator: Generator, settings: LatentSettings
) -> None:
    goals = [parse_goal(text, judge) for text in ("awe", "fear", "awe,valence=0.5")]
    found = search_latents(generator, [judge], goals, settings=settings, seed=4)
    conditions = torch.stack(
        [
            generator.condition_of(label="awe"),
            generator.condition_of(label="fear"),
            generator.condition_of(label="awe", valence=0.5),
        ]
    )
    drawn = quantized(generator(found.latents, conditions))
    assert (drawn.int() - found.pictures.int()).abs().max() <= 1


@pytest.mark.parametrize("settings", WAYS)
def test_a_picture_depends_on_seed_and_number_only(
    judge: Judge, generator: Generator, settings: LatentSettings
) -> None:
    goals = [parse_goal("awe", judge)] * 3
    whole = search_latents(generator, [judge], goals, settings=settings, seed=2)
    again = search_latents(generator, [judge], goals[:1], settings=settings, seed=2)
    torch.testing.assert_close(whole.latents[:1], again.latents, atol=1e-3, rtol=1e-3)
    other = search_latents(generator, [judge], goals[:1], settings=settings, seed=3)
    assert (whole.latents[0] - other.latents[0]).abs().max() > 0.1
    assert (whole.latents[0] - whole.latents[1]).abs().max() > 0.1


def test_evolution_never_loses_its_best(judge: Judge, generator: Generator) -> None:
    found = search_latents(generator, [judge], [parse_goal("awe", judge)] * 2, settings=EVOLUTION)
    assert (found.curve[1:] <= found.curve[:-1]).all()


def test_evolved_vectors_stay_on_the_normals_shell(judge: Judge, generator: Generator) -> None:
    settings = LatentSettings(search="evolution", steps=40, population=6, num_views=1)
    found = search_latents(generator, [judge], [parse_goal("awe", judge)] * 2, settings=settings)
    assert (found.latents.norm(dim=1) < 2 * 6**0.5).all()


def test_the_prior_keeps_latents_near_the_shell(judge: Judge, generator: Generator) -> None:
    goals = [parse_goal("awe", judge)] * 2
    away = []
    for prior in (0.0, 100.0):
        settings = LatentSettings(steps=15, learning_rate=0.2, prior=prior, views=STILL)
        found = search_latents(generator, [judge], goals, settings=settings)
        away.append((found.latents.norm(dim=1) - 5**0.5).abs())
    assert (away[1] < 0.4).all()
    assert away[0].max() > away[1].max()


def test_asks_the_generator_for_what_it_knows(judge: Judge, generator: Generator) -> None:
    both = condition_of(generator, parse_goal("awe,-valence,arousal", judge))
    assert torch.equal(both, generator.condition_of(label="awe", valence=-1.0))
    with pytest.raises(ModelError, match="can be asked for awe, fear, valence only"):
        condition_of(generator, parse_goal("anger", judge))


def test_refuses_what_is_out_of_range(judge: Judge, generator: Generator) -> None:
    with pytest.raises(DataError, match="at least one goal"):
        search_latents(generator, [judge], [])
    for name, value in {"steps": 0, "population": 1, "mutation": 1.5, "num_views": 99, "prior": -1.0}.items():
        with pytest.raises(RecipeError, match=f"{name}: expected"):
            LatentSettings(**{name: value})  # type: ignore[arg-type]
