"""The density of dimensions: torch's own normal distribution, gaps, known noise, damping."""

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from evocative.errors import RecipeError
from evocative.losses.objective import Objective
from evocative.losses.raters import Raters
from evocative.losses.vad import dimension_loss
from evocative.recipe import LossConfig

NAN = float("nan")


def case() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    means, targets, sd = (torch.rand(6, 3, dtype=torch.float64, generator=generator) for _ in range(3))
    targets[1, 0] = targets[4, 2] = NAN
    return means, targets, sd * 0.5 + 0.05


def test_torchs_normal_agrees() -> None:
    means, targets, sd = case()
    noise = torch.full_like(sd, 0.2)
    noise[0] = NAN
    own = noise.nan_to_num()
    known = ~targets.isnan()
    density = -Normal(means, (sd**2 + own**2).sqrt()).log_prob(targets.nan_to_num())  # type: ignore[no-untyped-call]
    loss = dimension_loss(means, targets, kind="nll", sd=sd, noise=noise)
    assert loss.item() == pytest.approx(density[known].mean().item())


def test_gradients_and_gaps() -> None:
    means, targets, sd = (each.requires_grad_(each is not None) for each in case())
    targets = targets.detach()
    inputs = (means, sd)
    assert torch.autograd.gradcheck(lambda m, s: dimension_loss(m, targets, kind="nll", sd=s), inputs)
    torch.autograd.backward(dimension_loss(means, targets, kind="nll", sd=sd))
    for each in inputs:
        assert each.grad is not None
        assert torch.equal(each.grad == 0, targets.isnan())


def test_the_best_sd_is_the_error_beyond_the_noise() -> None:
    """All errors are 0.5 and the targets' own noise is 0.3: an SD of 0.4 is the best."""
    targets, means, noise = torch.full((4, 3), 0.5), torch.zeros(4, 3), torch.full((4, 3), 0.3)
    values = {
        round(float(sd), 2): dimension_loss(
            means, targets, kind="nll", sd=torch.full((4, 3), float(sd)), noise=noise
        ).item()
        for sd in np.arange(0.1, 0.8, 0.05)
    }
    assert min(values, key=values.__getitem__) == pytest.approx(0.4)


def test_full_damping_gives_the_squared_errors_gradient() -> None:
    means, targets, sd = case()
    means.requires_grad_(True)
    torch.autograd.backward(dimension_loss(means, targets, kind="nll", sd=sd, damping=1.0))
    assert means.grad is not None
    damped = means.grad.clone()
    means.grad = None
    torch.autograd.backward(dimension_loss(means, targets) / 2)
    torch.testing.assert_close(damped, means.grad)


def test_without_a_predicted_sd_it_is_refused() -> None:
    means, targets, _ = case()
    with pytest.raises(RecipeError, match="dimension_sd"):
        dimension_loss(means, targets, kind="nll")


@pytest.mark.parametrize("noise", ["error", "sd"])
def test_the_objective_reads_the_raters(noise: str) -> None:
    means, targets, sd = (each.float() for each in case())
    raters = Raters(torch.zeros(6, 0), torch.full((6, 3), 0.4), torch.full((6, 3), 0.04))
    config = LossConfig(name="dimensions", kind="nll", noise=noise)  # type: ignore[arg-type]
    objective = Objective([config])
    assert objective.needs_raters
    losses = objective(
        torch.zeros(6, 2), logits=None, vad=means, class_centers=None,
        labels=torch.full((6,), -1), target_vad=targets, vad_sd=sd, raters=raters,
    )  # fmt: skip
    known = torch.full((6, 3), 0.04 if noise == "error" else 0.4)
    expected = dimension_loss(means, targets, kind="nll", sd=sd, noise=known)
    assert losses.total.item() == pytest.approx(expected.item())
