"""The loss of valence, arousal and dominance, with gaps: what has no target counts for nothing."""

from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from evocative.errors import RecipeError, unknown

Kind = Literal["mse", "huber", "ccc"]


def dimension_loss(
    predictions: Float[Tensor, "B 3"], targets: Float[Tensor, "B 3"], *, kind: Kind = "mse"
) -> Float[Tensor, ""]:
    """Return how far predicted dimensions are from their targets.

    Args:
        predictions: Valence, arousal, dominance in [-1, 1]. A column that is NaN throughout is one that the
            model does not predict; any other NaN is a training run gone wrong and makes the loss NaN.
        targets: The same, with NaN where there is no target.
        kind: `mse`, the mean squared difference; `huber`, quadratic up to a difference of 1 and linear beyond
            (δ = 1); `ccc`, 1 − Lin's concordance correlation coefficient over the batch, the mean of the
            dimensions with at least two targets.

    Returns:
        The mean over all targets (for `ccc`, over dimensions); 0, attached to the graph, when there is none.

    Raises:
        RecipeError: The kind is unknown.
    """
    if kind not in _KINDS:
        raise RecipeError("dimensions: " + unknown("kind", kind, _KINDS))
    absent = predictions.isnan().all(dim=0)
    absent = absent & ~absent.all()  # nothing but NaN: a diverged model, and the loss says so
    known = ~targets.isnan() & ~absent
    zero = torch.zeros_like(targets)
    return _KINDS[kind](
        torch.where(known, predictions.to(targets.dtype), zero), torch.where(known, targets, zero), known
    )


def _mse(
    predictions: Float[Tensor, "B 3"], targets: Float[Tensor, "B 3"], known: Bool[Tensor, "B 3"]
) -> Float[Tensor, ""]:
    return (predictions - targets).square().sum() / known.sum().clamp(min=1)


def _huber(
    predictions: Float[Tensor, "B 3"], targets: Float[Tensor, "B 3"], known: Bool[Tensor, "B 3"]
) -> Float[Tensor, ""]:
    total = torch.nn.functional.huber_loss(predictions, targets, reduction="sum")
    return total / known.sum().clamp(min=1)


def _ccc(
    predictions: Float[Tensor, "B 3"], targets: Float[Tensor, "B 3"], known: Bool[Tensor, "B 3"]
) -> Float[Tensor, ""]:
    count = known.sum(dim=0)
    safe = count.clamp(min=1)
    prediction_mean = predictions.sum(dim=0) / safe
    target_mean = targets.sum(dim=0) / safe
    p = torch.where(known, predictions - prediction_mean, 0.0)
    t = torch.where(known, targets - target_mean, 0.0)
    covariance = (p * t).sum(dim=0) / safe
    spread = (p.square() + t.square()).sum(dim=0) / safe + (prediction_mean - target_mean).square()
    ccc = 2 * covariance / spread.clamp(min=1e-8)
    enough = count >= 2
    return torch.where(enough, 1 - ccc, 0.0).sum() / enough.sum().clamp(min=1)


_KINDS: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {"mse": _mse, "huber": _huber, "ccc": _ccc}
