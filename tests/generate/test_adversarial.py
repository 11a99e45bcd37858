"""Losses against their formulas, written naively."""

from math import exp, log

import numpy as np
import pytest
import torch

from evocative.generate.adversarial import (
    categorical_loss,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    made_class,
)
from evocative.generate.conditions import Conditions
from evocative.generate.discriminator import Discriminator, spread
from evocative.generate.generator_settings import DiscriminatorConfig

REAL, MADE = [2.0, 0.5, -1.0], [0.3, -3.0]


def softplus(value: float) -> float:
    return log(1 + exp(value))


def test_hinge() -> None:
    expected = sum(max(0, 1 - each) for each in REAL) / 3 + sum(max(0, 1 + each) for each in MADE) / 2
    found = discriminator_loss(torch.tensor(REAL), torch.tensor(MADE), "hinge")
    assert found.item() == pytest.approx(expected)
    assert generator_loss(torch.tensor(MADE), "hinge").item() == pytest.approx(-sum(MADE) / 2)


def test_non_saturating() -> None:
    expected = sum(softplus(-each) for each in REAL) / 3 + sum(map(softplus, MADE)) / 2
    found = discriminator_loss(torch.tensor(REAL), torch.tensor(MADE), "non-saturating")
    assert found.item() == pytest.approx(expected)
    wanted = sum(softplus(-each) for each in MADE) / 2
    assert generator_loss(torch.tensor(MADE), "non-saturating").item() == pytest.approx(wanted)


def test_gradient_penalty_of_a_quadratic_form() -> None:
    pictures = torch.rand(2, 3, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    pictures = pictures.float().requires_grad_()
    weight = torch.tensor(1.5, requires_grad=True)
    penalty = gradient_penalty(weight * pictures.square().sum(dim=(1, 2, 3)), pictures)
    slopes = (2 * 1.5 * pictures.detach().numpy()).reshape(2, -1)  # d(w Σx²)/dx = 2 w x
    assert penalty.item() == pytest.approx(np.mean((slopes**2).sum(1)) / 2, rel=1e-5)
    penalty.backward()  # type: ignore[no-untyped-call]
    assert weight.grad is not None
    assert weight.grad.item() == pytest.approx(2 * penalty.item() / 1.5, rel=1e-5)


def test_categorical_loss_counts_rows_with_a_label() -> None:
    logits = [[1.0, 2.0, 0.5], [0.0, -1.0, 3.0], [9.0, 9.0, 0.0]]
    labels = [1, 2, -1]
    chances = [exp(row[label]) / sum(map(exp, row)) for row, label in zip(logits, labels, strict=True)][:2]
    found = categorical_loss(torch.tensor(logits), torch.tensor(labels))
    assert found.item() == pytest.approx(-sum(map(log, chances)) / 2)
    assert categorical_loss(torch.tensor(logits), torch.tensor([-1, -1, -1])).item() == 0
    assert made_class(torch.tensor(logits)).tolist() == [2, 2, 2]


def test_the_projection_is_an_inner_product_with_the_condition() -> None:
    torch.manual_seed(0)
    conditions = Conditions(labels=("awe", "fear"), dimensions=("valence",))
    config = DiscriminatorConfig(width=4, max_width=8, spectral_norm=False, batch_sd=False)
    network = Discriminator(conditions, size=16, config=config, categorical=True)
    pictures = torch.rand(2, 3, 16, 16) * 2 - 1
    nothing = torch.zeros(2, 4)
    plain = network(pictures, nothing).realness
    slopes = [network(pictures, nothing + torch.eye(4)[place]).realness - plain for place in range(4)]
    condition = conditions.of(label="fear", valence=-0.5)
    expected = plain + slopes[1] - 0.5 * slopes[2] + slopes[3]  # linear in c: ψ(φ) + ⟨V c, φ⟩
    found = network(pictures, condition.expand(2, -1))
    torch.testing.assert_close(found.realness, expected)
    assert found.classes.shape == (2, 3)


def test_spectral_norm_bounds_every_layer() -> None:
    torch.manual_seed(0)
    network = Discriminator(Conditions(("awe",)), size=16, config=DiscriminatorConfig(width=4, max_width=8))
    for _ in range(30):  # the power iteration has a step each time
        network(torch.rand(4, 3, 16, 16), torch.ones(4, 1))
    with torch.no_grad():
        for name in ("begin", "last", "realness", "project"):
            weight = getattr(network, name).weight.flatten(1)
            assert torch.linalg.matrix_norm(weight, 2).item() == pytest.approx(1, abs=0.05)


def test_spread_is_the_mean_sd_over_the_batch() -> None:
    maps = torch.rand(5, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    expected = np.std(maps.numpy(), axis=0).mean()
    found = spread(maps)
    assert found.shape == (5, 1, 3, 3)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-4)
