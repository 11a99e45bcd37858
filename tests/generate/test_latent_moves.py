"""Moves in latent space: the radius's density, and moves that leave the normal as it is."""

import numpy as np
import pytest
import torch
from scipy.stats import chi

from evocative.generate.latent_moves import crossed, mutated, shell_loss


def normal(seed: int, count: int = 4000, size: int = 8) -> torch.Tensor:
    return torch.randn(count, size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("size", [2, 7, 64])
def test_shell_loss_is_the_density_of_chi(size: int) -> None:
    latents = normal(0, 20, size) * torch.linspace(0.3, 3, 20)[:, None]
    best = chi.logpdf(np.sqrt(size - 1), size)
    wanted = best - chi.logpdf(latents.double().norm(dim=1).numpy(), size)
    np.testing.assert_allclose(shell_loss(latents).numpy(), wanted, rtol=1e-4, atol=1e-4)


def test_shell_loss_is_least_on_the_shell_and_pulls_from_both_sides() -> None:
    direction = torch.nn.functional.normalize(normal(1, 1, 16), dim=1)
    for radius, sign in ((2.0, -1), (15**0.5, 0), (6.0, 1)):
        latents = (radius * direction).requires_grad_()
        (slope,) = torch.autograd.grad(shell_loss(latents).sum(), latents)
        outward = (slope * direction).sum().item()
        assert np.sign(round(outward, 4)) == sign


@pytest.mark.parametrize("amount", [0.0, 0.3, 1.0])
def test_mutants_of_normal_vectors_are_normal(amount: float) -> None:
    parents = normal(0)
    children = mutated(parents, normal(1), amount)
    np.testing.assert_allclose(np.cov(children.numpy().T), np.eye(8), atol=0.1)
    likeness = (children * parents).mean().item()
    assert likeness == pytest.approx((1 - amount**2) ** 0.5, abs=0.05)


def test_children_of_two_normal_vectors_are_normal() -> None:
    share = torch.rand(4000, generator=torch.Generator().manual_seed(2))
    first, second = normal(0), normal(1)
    np.testing.assert_allclose(np.cov(crossed(first, second, share).numpy().T), np.eye(8), atol=0.1)
    ends = torch.tensor([0.0, 1.0])
    torch.testing.assert_close(crossed(first[:2], second[:2], ends)[0], first[0])
    torch.testing.assert_close(crossed(first[:2], second[:2], ends)[1], second[1])


def test_children_of_relatives_are_no_longer_than_their_parents() -> None:
    first, share = normal(0), torch.rand(4000, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(crossed(first, first, share), first)
    cousins = mutated(first, normal(1), 0.3)
    assert crossed(first, cousins, share).square().mean().item() == pytest.approx(1, abs=0.05)
    assert crossed(first, -first, torch.full((4000,), 0.5)).isfinite().all()
