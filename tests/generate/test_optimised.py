"""Optimised pictures: they reach their goals, by seed, and stay near a photograph as they are told."""

import numpy as np
import pytest
import torch

from evocative.errors import DataError, RecipeError, TrainingError
from evocative.explore.judge import Judge
from evocative.generate.goals import joined_losses, losses, parse_goal
from evocative.generate.optimised import OptimiseSettings, generator_of, optimise
from evocative.generate.random_views import STILL, Views
from evocative.generate.spectrum import Parameters
from evocative.models.create import create_model
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy

QUICK = OptimiseSettings(steps=6, batch_size=3)


def make_judge(seed: int) -> Judge:
    torch.manual_seed(seed)
    config = ModelConfig(backbone="test_efficientnet", weights=None, dimensions=("valence", "arousal"))
    model = create_model(config, taxonomy("mikels8")).eval()
    for head in (model.emotion_head, model.dimension_head):  # untrained, it says the same of everything
        assert head is not None
        head.linear.weight.data *= 30
    return Judge(model, Preprocessing(size=32), precision="fp32", name=f"tiny-{seed}")


@pytest.fixture(scope="module")
def judge() -> Judge:
    return make_judge(0)


@pytest.fixture(scope="module")
def photographs() -> torch.Tensor:
    coarse = torch.rand(2, 3, 5, 5, generator=torch.Generator().manual_seed(5))
    smooth = torch.nn.functional.interpolate(coarse, (32, 32), mode="bilinear")
    return smooth.mul(255).round().to(torch.uint8)


@pytest.mark.parametrize(("views", "sure"), [(STILL, 0.9), (Views(), 0.0)])
def test_reaches_an_emotion(judge: Judge, views: Views, sure: float) -> None:
    goals = [parse_goal(name, judge) for name in ("awe", "fear")]
    made = optimise([judge], goals, settings=OptimiseSettings(steps=60, views=views))
    before, after = (judge.score(each).probabilities for each in (made.begun, made.pictures))
    assert before is not None
    assert after is not None
    for row, label in enumerate((1, 6)):
        assert after[row, label] > sure
        assert after[row, label] > before[row, label]
    assert made.curve.shape == (60, 2)
    assert (made.curve[-5:].mean(0) < made.curve[:5].mean(0)).all()


def test_reaches_a_place_and_both_ends(judge: Judge) -> None:
    goals = [parse_goal(text, judge) for text in ("valence=0.3,arousal=-0.2", "arousal", "-arousal")]
    vad = judge.score(optimise([judge], goals, settings=OptimiseSettings(steps=40, views=STILL)).pictures).vad
    assert vad is not None
    np.testing.assert_allclose(vad[0, :2], [0.3, -0.2], atol=0.03)
    assert vad[1, 1] > 0.5
    assert vad[2, 1] < -0.5


def test_a_picture_depends_on_seed_and_number_only(judge: Judge) -> None:
    goals = [parse_goal("awe", judge)] * 4
    whole = optimise([judge], goals, settings=QUICK, seed=7)
    again = optimise([judge], goals, settings=QUICK, seed=7)
    assert torch.equal(whole.pictures, again.pictures)
    alone = optimise([judge], goals[:2], settings=OptimiseSettings(steps=6, batch_size=1), seed=7)
    differs = (whole.begun[:2].int() - alone.begun.int()).abs().max()
    assert differs == 0
    assert (whole.pictures[:2].int() - alone.pictures.int()).abs().max() <= 1
    other = optimise([judge], goals, settings=QUICK, seed=8)
    assert (whole.pictures != other.pictures).float().mean() > 0.3
    assert (whole.pictures[0] != whole.pictures[1]).float().mean() > 0.3


def test_the_first_step_is_adams_on_the_loss_of_the_view(judge: Judge) -> None:
    goal, form = parse_goal("awe", judge), Parameters(32)
    generator = generator_of(3, 0)
    numbers = form.noise(generator)[None].requires_grad_()
    seen = Views().applied(form.picture(numbers), Views().drawn([generator]))
    loss = losses([goal], judge.answer(seen), judge)
    (slope,) = torch.autograd.grad(loss.sum(), numbers)
    wanted = form.picture(
        (numbers - 0.05 * slope / (slope.abs() + 1e-8)).detach()
    )  # Adam's first step: a sign
    made = optimise([judge], [goal], settings=OptimiseSettings(steps=1), seed=3)
    assert made.curve[0, 0] == pytest.approx(loss.item(), rel=1e-5)
    assert (made.pictures.float() - wanted * 255).abs().max() < 0.6


def test_a_photograph_changes_less_the_more_its_nearness_weighs(
    judge: Judge, photographs: torch.Tensor
) -> None:
    goals = [parse_goal("fear", judge)] * 2
    moved = []
    for near in (0.0, 100.0, 10_000.0):
        settings = OptimiseSettings(steps=25, views=STILL, near=near)
        made = optimise([judge], goals, settings=settings, starts=photographs)
        assert (made.begun.int() - photographs.int()).abs().max() <= 1
        moved.append(float((made.pictures.float() - photographs).square().mean()))
    assert moved[0] > moved[1] > moved[2]


def test_two_judges_are_joined_by_mean_or_by_the_worst(judge: Judge) -> None:
    other, goals = make_judge(1), [parse_goal("awe", judge)] * 2
    pictures = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    each = [losses(goals, one.answer(pictures), one) for one in (judge, other)]
    mean = joined_losses([judge, other], goals, pictures)
    worst = joined_losses([judge, other], goals, pictures, joined="worst")
    torch.testing.assert_close(mean, (each[0] + each[1]) / 2)
    torch.testing.assert_close(worst, torch.maximum(*each))
    settings = OptimiseSettings(steps=20, joined="worst", views=STILL)
    made = optimise([judge, other], goals, settings=settings)
    for one in (judge, other):
        before, after = (one.score(each).probabilities for each in (made.begun, made.pictures))
        assert before is not None
        assert after is not None
        assert (after[:, 1] > before[:, 1]).all()


def test_any_size_and_pixels_too(judge: Judge) -> None:
    settings = OptimiseSettings(steps=20, size=47, form="pixels", decorrelated=False)
    made = optimise([judge], [parse_goal("awe", judge)], settings=settings)
    assert made.pictures.shape == (1, 3, 47, 47)
    assert made.curve[-1, 0] < made.curve[0, 0]


def test_tells_of_each_step(judge: Judge) -> None:
    told: list[int] = []
    optimise([judge], [parse_goal("awe", judge)] * 4, settings=QUICK, told=told.append)
    assert told == [3] * 6 + [1] * 6


def test_refuses_what_does_not_fit(judge: Judge, photographs: torch.Tensor) -> None:
    with pytest.raises(DataError, match="at least one goal"):
        optimise([judge], [])
    with pytest.raises(DataError, match="a photograph for each goal"):
        optimise([judge], [parse_goal("awe", judge)], starts=photographs)
    for name in ("steps", "learning_rate", "batch_size"):
        with pytest.raises(RecipeError, match=f"{name}: expected"):
            OptimiseSettings(**{name: 0})  # type: ignore[arg-type]
    with pytest.raises(TrainingError, match="not a number"):
        optimise(
            [judge],
            [parse_goal("awe", judge)],
            settings=OptimiseSettings(steps=3, learning_rate=float("inf")),
        )
