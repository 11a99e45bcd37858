"""Weights against scikit-learn and by hand, the adjusted and the focal loss against their definitions."""

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

from evocative.errors import RecipeError
from evocative.losses.imbalance import class_weights, cross_entropy, log_prior
from evocative.losses.objective import Objective
from evocative.recipe.settings import ClassWeights, LossConfig

COUNTS = [90, 9, 1]


def value(weights: torch.Tensor | None) -> np.ndarray:
    assert weights is not None
    return weights.double().numpy()


def test_balanced_is_that_of_scikit_learn() -> None:
    rows = np.repeat(np.arange(3), COUNTS)
    expected = compute_class_weight("balanced", classes=np.arange(3), y=rows)
    np.testing.assert_allclose(value(class_weights(COUNTS, "balanced")), expected, rtol=1e-6)


def test_sqrt_lies_half_way_between_none_and_balanced() -> None:
    found = value(class_weights([81, 9, 1], "sqrt"))
    np.testing.assert_allclose(found / found[0], [1, 3, 9], rtol=1e-6)


def test_effective_number_by_hand() -> None:
    found = value(class_weights([3, 1], "effective", beta=0.5))
    assert found[1] / found[0] == pytest.approx((1 - 0.5**3) / (1 - 0.5))  # 1.75 effective rows against 1
    flat = value(class_weights([5, 1], "effective", beta=0.0))
    np.testing.assert_allclose(flat, 1)


@pytest.mark.parametrize("kind", ["balanced", "sqrt", "effective"])
def test_the_mean_weight_of_a_row_is_1_and_absent_labels_have_0(kind: ClassWeights) -> None:
    counts = [90, 0, 9, 1]
    found = value(class_weights(counts, kind))
    assert found[1] == 0
    if kind != "balanced":  # scikit-learn counts the absent label in K
        assert found @ np.array(counts) / 100 == pytest.approx(1)
    assert found[3] > found[2] > found[0]


def test_the_adjusted_loss_is_menons() -> None:
    torch.manual_seed(0)
    logits, labels = torch.randn(6, 3), torch.tensor([0, 1, 2, -1, 0, 1])
    objective = Objective([LossConfig(logit_adjustment=0.7)], class_counts=COUNTS)
    kept = {"logits": logits, "vad": None, "class_centers": None, "labels": labels,
            "target_vad": torch.full((6, 3), torch.nan)}  # fmt: skip
    prior = np.array(COUNTS) / 100
    known, adjusted = (labels >= 0).numpy(), logits.numpy() + 0.7 * np.log(prior)
    rows = np.log(np.exp(adjusted).sum(1)) - adjusted[np.arange(6), labels.numpy()]
    assert float(objective(torch.zeros(6, 2), **kept).total) == pytest.approx(rows[known].mean(), rel=1e-5)
    plain = torch.nn.functional.cross_entropy(logits, labels, ignore_index=-1)
    assert torch.equal(objective.eval()(torch.zeros(6, 2), **kept).total, plain)


def test_a_label_without_rows_leaves_the_adjusted_loss_finite() -> None:
    assert log_prior([9, 0, 1]).tolist() == pytest.approx(np.log([9 / 11, 1 / 11, 1 / 11]).tolist())


@pytest.mark.parametrize("weights", [None, torch.tensor([1.0, 2.0, 0.5])])
def test_focal_loss_row_by_row(weights: torch.Tensor | None) -> None:
    torch.manual_seed(1)
    logits, labels = torch.randn(5, 3, dtype=torch.float64), torch.tensor([2, 0, -1, 1, 1])
    weights = None if weights is None else weights.double()
    total, mass = 0.0, 0.0
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        if label >= 0:
            own = np.exp(row[label]) / np.exp(row).sum()
            weight = 1.0 if weights is None else float(weights[label])
            total += weight * (1 - own) ** 2 * -np.log(own)
            mass += weight
    found = cross_entropy(logits, labels, weights=weights, gamma=2.0)
    assert float(found) == pytest.approx(total / mass)


def test_focal_loss_has_a_gradient_where_all_is_certain() -> None:
    logits = torch.tensor([[200.0, -200.0]], requires_grad=True)
    (gradient,) = torch.autograd.grad(cross_entropy(logits, torch.tensor([0]), gamma=0.5), logits)
    assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("term", [LossConfig(class_weights="sqrt"), LossConfig(logit_adjustment=1.0)])
def test_counts_are_asked_for(term: LossConfig) -> None:
    with pytest.raises(RecipeError, match="class counts"):
        Objective([term])
