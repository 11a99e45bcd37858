"""A generator without pictures: its terms by hand, and that it learns what a judge wants to see."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from evocative.errors import ModelError
from evocative.explore.judge import Judge
from evocative.generate.conditions import Conditions
from evocative.generate.generator import NetworkConfig
from evocative.generate.generator_settings import (
    DiversityConfig,
    LookConfig,
    Pace,
    PriorFreeRecipe,
    Rates,
    TargetConfig,
)
from evocative.generate.generator_store import WEIGHTS
from evocative.generate.generator_training import learn
from evocative.generate.prior_free import (
    AnswerTo,
    answerable,
    drawn_conditions,
    mode_seeking,
    similarity,
    total_variation,
)
from evocative.generate.samples import make_samples
from evocative.models.create import create_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy

RECIPE = PriorFreeRecipe(
    network=NetworkConfig(size=16, latent_size=4, width=6, max_width=8),
    look=LookConfig(sizes=(32, 48)),
    training=Pace(steps=4, batch_size=4, checkpoint_every=2, sheet_every=0),
)


@pytest.fixture(scope="module")
def judge() -> Judge:
    torch.manual_seed(0)
    config = ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("valence", "arousal"))
    model = create_model(config, taxonomy("mikels8")).eval()
    return Judge(model, Preprocessing(size=32), device="cpu", precision="fp32", name="tiny")


def test_mode_seeking_is_the_latents_distance_over_the_pictures() -> None:
    source = torch.Generator().manual_seed(0)
    pictures, latents = torch.rand(4, 3, 8, 8, generator=source), torch.randn(4, 5, generator=source)
    p, z = pictures.numpy(), latents.numpy()
    apart = np.mean([np.abs(p[0] - p[1]).mean(), np.abs(p[2] - p[3]).mean()])
    drawn = np.mean([np.abs(z[0] - z[1]).mean(), np.abs(z[2] - z[3]).mean()])
    assert mode_seeking(pictures, latents).item() == pytest.approx(1 / (apart / drawn + 1e-5), rel=1e-5)


def test_similarity_is_the_mean_cosine_of_pairs() -> None:
    embedding = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 2.0], [1.0, 0.0]])
    assert similarity(embedding).item() == pytest.approx(0.5)


def test_total_variation_of_stripes() -> None:
    stripes = torch.tensor([0.0, 1.0]).repeat(4).expand(1, 3, 8, 8)
    assert total_variation(stripes).item() == pytest.approx(1.0)
    assert total_variation(torch.ones(1, 3, 8, 8)).item() == 0


def test_conditions_are_half_labels_and_half_places_within_reach() -> None:
    both = Conditions(("awe", "fear", "anger"), ("valence", "arousal"))
    drawn = drawn_conditions(both, 3000, reach=0.8, generator=torch.Generator().manual_seed(0))
    labels, places = both.label_of(drawn), both.dimensions_of(drawn)
    asked = ~places.isnan()
    assert ((labels >= 0) ^ asked.all(dim=1)).all()
    assert (labels >= 0).float().mean().item() == pytest.approx(0.5, abs=0.04)
    assert np.bincount(labels[labels >= 0]).min() > 400
    assert places[asked].abs().max().item() == pytest.approx(0.8, abs=0.01)
    only = Conditions(dimensions=("arousal",))
    drawn = drawn_conditions(only, 50, reach=0.5, generator=torch.Generator().manual_seed(0))
    assert not only.dimensions_of(drawn).isnan().any()


def test_a_judge_is_asked_for_what_it_predicts(judge: Judge) -> None:
    assert answerable(judge, RECIPE) == Conditions(taxonomy("mikels8").names, ("valence", "arousal"))
    labels = replace(RECIPE, target=TargetConfig(ask="labels"))
    assert answerable(judge, labels).dimensions == ()
    without = create_model(
        ModelConfig(backbone="test_efficientnet", weights=None), taxonomy("mikels8")
    ).eval()
    blind = Judge(without, Preprocessing(size=32), device="cpu", precision="fp32")
    with pytest.raises(ModelError, match="labels only"):
        answerable(blind, replace(RECIPE, target=TargetConfig(ask="dimensions")))


def test_the_error_is_what_the_judge_says_against_what_was_asked(judge: Judge) -> None:
    lesson = AnswerTo(RECIPE, judge)
    pictures = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    asked = torch.stack([lesson.conditions.of(label="fear"), lesson.conditions.of(valence=0.5)])
    loss, figures = lesson._error(judge.answer(pictures), asked)
    said = judge.answer(pictures)
    assert said.logits is not None
    assert said.vad is not None
    fear = taxonomy("mikels8").names.index("fear")
    cross_entropy = -float(said.logits[0].double().log_softmax(0)[fear])
    squared = (float(said.vad[1, 0]) - 0.5) ** 2
    assert loss.item() == pytest.approx(cross_entropy + 4.0 * squared, rel=1e-4)
    assert figures["accuracy"] == float(said.logits[0].argmax() == fear)


@pytest.mark.parametrize("kind", ["mode-seeking", "features", "none"])
def test_a_run_that_is_cut_goes_on_to_the_same_weights(kind: str, judge: Judge, tmp_path: Path) -> None:
    diversity = DiversityConfig(kind=kind, smoothness=0.1)  # type: ignore[arg-type]
    recipe = replace(RECIPE, diversity=diversity)
    learn(AnswerTo(recipe, judge), tmp_path / "whole")
    short = replace(recipe, training=replace(recipe.training, steps=3))
    learn(AnswerTo(short, judge), tmp_path / "cut")
    learn(AnswerTo(recipe, judge), tmp_path / "cut", resume=True)
    whole, cut = ((tmp_path / name / WEIGHTS).read_bytes() for name in ("whole", "cut"))
    assert whole == cut


def test_learns_what_the_judge_wants_to_see_and_leaves_it_as_it_is(
    make_judge: Callable[..., Judge], tmp_path: Path
) -> None:
    recipe = replace(
        RECIPE,
        target=TargetConfig(ask="labels"),
        look=LookConfig(sizes=(32,)),
        diversity=DiversityConfig(weight=0.01),
        optimizer=Rates(generator=5e-3),
        training=Pace(steps=80, batch_size=16, ema_decay=0.9, checkpoint_every=1000, sheet_every=0),
    )
    judge = make_judge()
    before = {name: each.clone() for name, each in judge._network.model.state_dict().items()}
    untrained = AnswerTo(recipe, judge)
    _, rows = make_samples(untrained.generator, judge, count=4, seed=0, source="prior-free")
    _, trained = make_samples(learn(untrained, tmp_path), judge, count=4, seed=0, source="prior-free")
    assert trained["found"].mean() > 1.5 * rows["found"].mean()
    assert all(torch.equal(before[name], each) for name, each in judge._network.model.state_dict().items())


def test_samples_say_what_was_asked_for_and_found(judge: Judge) -> None:
    generator = AnswerTo(RECIPE, judge).generator
    pictures, rows = make_samples(generator, judge, count=2, seed=3, source="prior-free")
    assert len(pictures) == len(rows) == 2 * (8 + 9)
    said = judge.score(pictures)
    assert said.probabilities is not None
    assert said.vad is not None
    names = taxonomy("mikels8").names
    assert rows["label"][2] == names[1]
    assert rows["found"][2] == pytest.approx(float(said.probabilities[2, 1]))
    distance = np.abs(said.vad[16, :2] - [rows["valence"][16], rows["arousal"][16]]).mean()
    assert rows["found"][16] == pytest.approx(1 - distance / 2)
    again, _ = make_samples(generator, judge, count=2, seed=3, source="prior-free")
    assert torch.equal(again, pictures)
