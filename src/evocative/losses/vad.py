"""The loss of valence, arousal and dominance, with gaps: what has no target counts for nothing."""

from collections.abc import Callable
from typing import Literal, get_args

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from evocative.errors import RecipeError, unknown

Kind = Literal["mse", "huber", "ccc", "nll"]


def dimension_loss(
    predictions: Float[Tensor, "B 3"],
    targets: Float[Tensor, "B 3"],
    *,
    kind: Kind = "mse",
    sd: Float[Tensor, "B 3"] | None = None,
    noise: Float[Tensor, "B 3"] | None = None,
    damping: float = 0.0,
) -> Float[Tensor, ""]:
    """Return how far predicted dimensions are from their targets.

    Args:
        predictions: Valence, arousal, dominance in [-1, 1]. A column that is NaN throughout is one that the
            model does not predict; any other NaN is a training run gone wrong and makes the loss NaN.
        targets: The same, with NaN where there is no target.
        kind: `mse`, the mean squared difference; `huber`, quadratic up to a difference of 1 and linear beyond
            (δ = 1); `ccc`, 1 − Lin's concordance correlation coefficient over the batch, the mean of the
            dimensions with at least two targets; `nll`, the negative logarithm of the normal density around
            the prediction with variance sd² + noise² (Nix & Weigend 1994).
        sd: What the model says of its own uncertainty, above 0; NaN where `predictions` are. For `nll`.
        noise: What is known of the targets' own: the standard error of a mean of ratings, or their SD. NaN:
            not known, taken as 0. For `nll`.
        damping: β of Seitzer et al. 2022: each term of `nll` is weighed by its variance to this power, and
            no gradient passes through the weight. 0: the density itself, under which badly fitted images soon
            count little; 1: the gradient of the mean squared error in the mean.

    Returns:
        The mean over all targets (for `ccc`, over dimensions); 0, attached to the graph, when there is none.

    Raises:
        RecipeError: The kind is unknown, or `nll` has no SD.
    """
    if kind not in get_args(Kind):
        raise RecipeError("dimensions: " + unknown("kind", kind, get_args(Kind)))
    absent = predictions.isnan().all(dim=0)
    absent = absent & ~absent.all()  # nothing but NaN: a diverged model, and the loss says so
    known = ~targets.isnan() & ~absent
    zero = torch.zeros_like(targets)
    mean = torch.where(known, predictions.to(targets.dtype), zero)
    target = torch.where(known, targets, zero)
    if kind == "nll":
        if sd is None:
            raise RecipeError("dimensions: nll needs a predicted SD (model.dimension_sd = true)")
        spread = torch.where(known, sd.to(targets.dtype), zero + 1)
        own = zero if noise is None else noise.to(targets.dtype).nan_to_num()
        variance = spread.square() + torch.where(known, own, zero).square()
        return _nll(mean - target, variance, known, damping)
    return _KINDS[kind](mean, target, known)


def _mse(
    predictions: Float[Tensor, "B 3"], targets: Float[Tensor, "B 3"], known: Bool[Tensor, "B 3"]
) -> Float[Tensor, ""]:
    return (predictions - targets).square().sum() / known.sum().clamp(min=1)


def _huber(
    predictions: Float[Tensor, "B 3"], targets: Float[Tensor, "B 3"], known: Bool[Tensor, "B 3"]
) -> Float[Tensor, ""]:
    total = torch.nn.functional.huber_loss(predictions, targets, reduction="sum")
    return total / known.sum().clamp(min=1)


def _nll(
    errors: Float[Tensor, "B 3"], variance: Float[Tensor, "B 3"], known: Bool[Tensor, "B 3"], damping: float
) -> Float[Tensor, ""]:
    density = 0.5 * (errors.square() / variance + (2 * torch.pi * variance).log())
    weighed = density * variance.detach() ** damping if damping else density
    return torch.where(known, weighed, 0.0).sum() / known.sum().clamp(min=1)


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
