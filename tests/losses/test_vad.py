"""The loss of dimensions: formulas, gaps, gradients."""

from typing import Literal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from evocative.errors import RecipeError
from evocative.losses.vad import dimension_loss

NAN = float("nan")
KINDS: tuple[Literal["mse", "huber", "ccc"], ...] = ("mse", "huber", "ccc")


def test_mse_by_hand() -> None:
    predictions = torch.tensor([[0.5, 0.0, 0.1], [-0.5, 1.0, 0.2]])
    targets = torch.tensor([[1.0, NAN, NAN], [0.5, 0.5, NAN]])
    assert dimension_loss(predictions, targets).item() == pytest.approx((0.25 + 1.0 + 0.25) / 3)


def test_huber_by_hand() -> None:
    predictions = torch.tensor([[0.9, 0.0, 0.0]])
    targets = torch.tensor([[-0.9, 0.5, NAN]])
    expected = ((1.8 - 0.5) + 0.5**2 / 2) / 2
    assert dimension_loss(predictions, targets, kind="huber").item() == pytest.approx(expected)


def _ccc(x: np.ndarray, y: np.ndarray) -> float:
    covariance = ((x - x.mean()) * (y - y.mean())).mean()
    return float(2 * covariance / (x.var() + y.var() + (x.mean() - y.mean()) ** 2))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), batch=st.integers(1, 8))
def test_naive_loops_agree(seed: int, batch: int) -> None:
    rng = np.random.default_rng(seed)
    predictions, targets = rng.uniform(-1, 1, (batch, 3)), rng.uniform(-1, 1, (batch, 3))
    targets[rng.random((batch, 3)) < 0.4] = np.nan
    errors, concordances = [], []
    for column in range(3):
        known = ~np.isnan(targets[:, column])
        errors += [(predictions[row, column] - targets[row, column]) ** 2 for row in np.flatnonzero(known)]
        if known.sum() >= 2:
            concordances.append(1 - _ccc(predictions[known, column], targets[known, column]))
    tensors = torch.tensor(predictions), torch.tensor(targets)
    assert dimension_loss(*tensors).item() == pytest.approx(float(np.mean(errors)) if errors else 0)
    expected = float(np.mean(concordances)) if concordances else 0
    assert dimension_loss(*tensors, kind="ccc").item() == pytest.approx(expected)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients(kind: Literal["mse", "huber", "ccc"]) -> None:
    generator = torch.Generator().manual_seed(1)
    predictions = torch.randn(5, 3, dtype=torch.float64, generator=generator, requires_grad=True)
    targets = torch.rand(5, 3, dtype=torch.float64, generator=generator)
    targets[0, 0] = targets[3, 2] = NAN
    assert torch.autograd.gradcheck(lambda each: dimension_loss(each, targets, kind=kind), (predictions,))


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_no_target_gets_no_gradient(kind: Literal["mse", "huber", "ccc"]) -> None:
    predictions = torch.tensor([[0.1, 0.2, 0.3], [0.4, -0.5, 0.6], [0.0, 0.2, 0.9]], requires_grad=True)
    targets = torch.tensor([[0.5, 0.9, NAN], [NAN, -0.1, NAN], [0.2, 0.3, NAN]])
    torch.autograd.backward(dimension_loss(predictions, targets, kind=kind))
    assert predictions.grad is not None
    assert torch.equal(predictions.grad == 0, targets.isnan())


@pytest.mark.parametrize("kind", KINDS)
def test_no_target_at_all_gives_an_attached_zero(kind: Literal["mse", "huber", "ccc"]) -> None:
    predictions = torch.rand(4, 3, requires_grad=True)
    loss = dimension_loss(predictions, torch.full((4, 3), NAN), kind=kind)
    torch.autograd.backward(loss)
    assert loss.item() == 0
    assert predictions.grad is not None
    assert (predictions.grad == 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_dimension_that_is_not_predicted_is_left_out(kind: Literal["mse", "huber", "ccc"]) -> None:
    predictions = torch.tensor([[0.1, 0.2, NAN], [0.4, -0.5, NAN]], requires_grad=True)
    targets = torch.tensor([[0.5, 0.9, 0.3], [0.2, -0.1, 0.8]])
    loss = dimension_loss(predictions, targets, kind=kind)
    torch.autograd.backward(loss)
    without = torch.cat([targets[:, :2], torch.full((2, 1), NAN)], dim=1)
    assert loss.item() == pytest.approx(dimension_loss(predictions.nan_to_num(), without, kind=kind).item())
    assert predictions.grad is not None
    assert predictions.grad.isfinite().all()


def test_a_diverged_model_is_not_hidden() -> None:
    targets = torch.zeros(2, 3)
    assert dimension_loss(torch.full((2, 3), NAN), targets).isnan()
    assert dimension_loss(torch.tensor([[NAN, 0.0, 0.0], [0.0, 0.0, 0.0]]), targets).isnan()


def test_perfect_agreement_is_no_loss() -> None:
    targets = torch.tensor([[0.1, 0.2, 0.3], [0.4, -0.5, 0.6]])
    for kind in KINDS:
        assert dimension_loss(targets, targets, kind=kind).item() == pytest.approx(0, abs=1e-6)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(RecipeError, match="unknown kind 'msee'; did you mean 'mse'"):
        dimension_loss.__wrapped__(torch.zeros(1, 3), torch.zeros(1, 3), kind="msee")  # type: ignore[attr-defined]
