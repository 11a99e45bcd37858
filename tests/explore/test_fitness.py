"""Confidence and agreement against loops over judges and views; slopes against autograd, a row at a time."""

import numpy as np
import pytest
import torch
from tests.judges import MakeJudge

from evocative.errors import ModelError, RecipeError
from evocative.explore.fitness import Jury, Verdict, jacobian
from evocative.explore.judge import quantized
from evocative.explore.views import VIEWS, shown
from evocative.explore.weights import FixedCPPN


def pictures(count: int = 5) -> torch.Tensor:
    coarse = torch.rand(count, 3, 5, 5, generator=torch.Generator().manual_seed(3))
    return torch.nn.functional.interpolate(coarse, (32, 32), mode="bilinear")


def test_confidence_is_what_the_judge_says(make_judge: MakeJudge) -> None:
    judge = make_judge()
    found = Jury([judge], views=4).score(pictures())
    said = judge.score(quantized(pictures()))
    assert said.probabilities is not None
    np.testing.assert_array_equal(found.probabilities.numpy(), said.probabilities)
    np.testing.assert_array_equal(found.agreed.numpy(), said.probabilities)
    np.testing.assert_array_equal(found.fitness.numpy(), said.probabilities.max(1))
    np.testing.assert_array_equal(found.vad.numpy(), said.vad)


def test_agreement_is_what_none_denies(make_judge: MakeJudge) -> None:
    judges = [make_judge(seed=0), make_judge(seed=1)]
    found = Jury(judges, fitness="agreement", views=3).score(pictures())
    for row, picture in enumerate(quantized(pictures()) / 255):
        said = [
            judge.score(quantized(view(picture[None])))
            for judge in judges
            for view in list(VIEWS.values())[:3]
        ]
        every = np.array([each.probabilities[0] for each in said if each.probabilities is not None])
        assert every.shape == (6, 8)
        least = [min(column) for column in every.T]
        np.testing.assert_allclose(found.agreed[row].numpy(), least, atol=1e-5)
        assert float(found.fitness[row]) == pytest.approx(max(least), abs=1e-5)
        np.testing.assert_allclose(found.probabilities[row].numpy(), every.mean(0), atol=1e-5)
        places = np.array([each.vad[0] for each in said if each.vad is not None])
        np.testing.assert_allclose(found.vad[row].numpy(), places.mean(0), atol=1e-5)


def test_agreement_without_emotions_is_how_near_places_lie(make_judge: MakeJudge) -> None:
    judge = make_judge(("valence", "dominance"), emotions=False)
    found = Jury([judge], fitness="agreement", views=4).score(pictures())
    assert found.probabilities.shape == (5, 0)
    for row, picture in enumerate(quantized(pictures()) / 255):
        places = np.array([judge.score(quantized(view)).vad for view in shown(picture[None], 4)])[:, 0]
        widest = max(places[:, axis].max() - places[:, axis].min() for axis in (0, 2))
        assert float(found.fitness[row]) == pytest.approx(1 - widest / 2, abs=1e-5)
    assert torch.isnan(found.vad[:, 1]).all()


def test_answers_are_scores_with_gradients(make_judge: MakeJudge) -> None:
    jury = Jury([make_judge(), make_judge(seed=1)], fitness="agreement", views=4)
    leaves = pictures().requires_grad_()
    said, scored = jury.answer(leaves), jury.score(pictures())
    for name in Verdict._fields:
        torch.testing.assert_close(
            getattr(said, name), getattr(scored, name), atol=1e-4, rtol=0, equal_nan=True
        )
    (slopes,) = torch.autograd.grad(said.fitness.sum(), leaves)
    assert bool((slopes.abs().sum((1, 2, 3)) > 0).all())


def test_slopes_are_rows_of_autograd(make_judge: MakeJudge) -> None:
    jury, network = Jury([make_judge()]), FixedCPPN(layers=1, width=4)
    weights = torch.randn(3, network.num_weights, generator=torch.Generator().manual_seed(0))

    def measures(said: Verdict) -> torch.Tensor:
        return said.vad[:, :2]

    said, found = jacobian(jury, weights, render=lambda each: network.render(each, 32), measures=measures)
    assert found.shape == (3, 3, network.num_weights)
    assert not said.fitness.requires_grad
    for row in range(3):
        for column in range(3):
            one = weights[row : row + 1].clone().requires_grad_()
            answer = jury.answer(network.render(one, 32))
            value = answer.fitness[0] if column == 0 else measures(answer)[0, column - 1]
            (expected,) = torch.autograd.grad(value, one)
            np.testing.assert_allclose(found[row, column], expected[0].numpy(), atol=1e-4, rtol=1e-3)
    assert np.abs(found).max() > 0.01


def test_moving_along_a_slope_raises_the_fitness(make_judge: MakeJudge) -> None:
    jury, network = Jury([make_judge()]), FixedCPPN(layers=1, width=4)
    weights = torch.randn(4, network.num_weights, generator=torch.Generator().manual_seed(1))
    said, found = jacobian(
        jury,
        weights,
        render=lambda each: network.render(each, 32),
        measures=lambda verdict: verdict.vad[:, :1],
    )
    step = torch.from_numpy(found[:, 0]).float()
    moved = jury.score(network.render(weights + 0.05 * step / step.norm(dim=1, keepdim=True), 32))
    assert float((moved.fitness - said.fitness).mean()) > 0


def test_judges_must_say_the_same_kind_of_thing(make_judge: MakeJudge) -> None:
    with pytest.raises(RecipeError, match="one model"):
        Jury([make_judge(), make_judge(seed=1)])
    with pytest.raises(ModelError, match="do not say the same"):
        Jury([make_judge(), make_judge(("valence",))], fitness="agreement")


def test_views_move_what_they_say() -> None:
    ramp = ((torch.arange(32) + 0.5) / 16 - 1).expand(1, 3, 32, 32).contiguous()  # columns: -1 to 1
    middle = slice(4, 28)
    seen = dict(zip(VIEWS, shown(ramp, len(VIEWS)), strict=True))
    assert seen["plain"] is ramp
    torch.testing.assert_close(seen["mirror"], -ramp)
    torch.testing.assert_close(seen["crop"][..., middle], ramp[..., middle] * 7 / 8)
    torch.testing.assert_close(seen["close"][..., middle], ramp[..., middle] * 3 / 4)
    torch.testing.assert_close(seen["shift"][..., middle], ramp[..., middle] - 1 / 8)
    rows = ramp.transpose(2, 3)
    torch.testing.assert_close(
        seen["tilt"][..., middle, middle],
        (ramp * np.cos(np.radians(5)) - rows * np.sin(np.radians(5)))[..., middle, middle],
    )
