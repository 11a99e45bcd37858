"""Linear probing before fine-tuning (Kumar et al. 2022): heads that fit frozen features do not distort them.

With `training.epochs = 0` this is the whole training: the baseline "frozen features and a linear head".
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from evocative.data.columns import AXES
from evocative.models.create import EmotionModel
from evocative.models.whitened import WhitenedNeck
from evocative.training.rating_ridge import GROUP_EFFECTS, rating_ridge

PENALTIES = (3e-4, 1e-3, 3e-3)
"""Inverse strengths C that the logistic regression tries, on standardised features."""
SECOND_ORDER_PENALTIES = (1.0, 2.0, 4.0, 8.0)
"""The same with whitened Gram matrices, divided by the number of features: thousands of weak ones, where the
others have hundreds of strong ones. C · D is the strength relative to the kernel's scale."""
RIDGES = (100.0, 300.0, 1000.0, 3000.0, 10000.0)
"""Strengths that the ridge regression tries, on standardised features."""
INNER_FOLDS = 3
"""Of the logistic regression."""
RIDGE_FOLDS = 5
"""Of the ridge regression, whose rows are few."""
BOUND = 0.95
"""Targets are clipped to ±this before the inverse of the bounded head's tanh."""


@dataclass(frozen=True)
class Features:
    """What the frozen network says of the training rows, each once."""

    embedding: Float[np.ndarray, "N D"]
    labels: Int[np.ndarray, " N"]
    """-1: none."""
    vad: Float[np.ndarray, "N 3"]
    """NaN: none."""
    groups: Int[np.ndarray, " N"]
    moments: Float[np.ndarray, "N M"] | None = None
    """Of maps, for the dimensions' head, where it reads any."""


def head_start(
    model: EmotionModel, features: Features, *, inverse_penalty: float | None = None,
    emotions_band: bool = False, group_effect: bool = False,
) -> dict[str, float]:  # fmt: skip
    """Fit the model's heads to features, in place.

    The dimensions' head is a ridge regression; where it reads moments beside the embedding, a banded one
    (Nunez-Elizalde et al. 2019): each dimension takes the moments or leaves them, with as much of the kernel
    as the embedding. Whitened Gram matrices in the embedding are a band of their own, taken or left alike.
    The strength of the penalty is chosen on these rows only, whole groups together: on one held-out third for
    the emotions, by cross-validation for the dimensions. A head, or a dimension, that no row has a target for
    stays as it is. Where the dimensions' head says an SD, it is that of the errors in cross-validation, the
    same for every image.

    Args:
        model: Its heads are set.
        features: What they read, and the targets.
        inverse_penalty: C of the logistic regression times the number of features, in place of the choice.
        emotions_band: The emotion head's logits are a further band of the dimensions' regression, taken or
            left; being linear in the embedding, they end in the same layer.
        group_effect: The dimensions' regression may leave a share of a theme's ratings to the theme.

    Returns:
        The chosen strengths and the inner figures, for the log.
    """
    scaled = _standardise(features.embedding)
    standard = scaled.values
    chosen: dict[str, float] = {}
    rows = features.labels >= 0
    if model.emotion_head is not None and rows.any():
        weight, bias, notes = _logistic(
            standard[rows], features.labels[rows], features.groups[rows],
            classes=len(model.emotion_head.linear.bias), penalties=_penalties(model, inverse_penalty),
        )  # fmt: skip
        _set(model.emotion_head.linear, weight, bias, scaled)
        chosen |= notes
    rated = np.isfinite(features.vad).sum(0) > 1
    if model.dimension_head is not None and rated.any():
        axes = [axis for axis in model.dimension_head.dimensions if rated[AXES.index(axis)]]
        places = [model.dimension_head.dimensions.index(axis) for axis in axes]
        if emotions_band or group_effect:
            weight, bias, notes = _rating_ridges(
                model,
                features,
                axes,
                emotions=emotions_band,
                group_effects=GROUP_EFFECTS[: None if group_effect else 1],
            )
            _assign(model.dimension_head.linear, weight, bias, places)
        else:
            bands = _bands(model, scaled, features)
            weight, bias, notes = _ridge(
                {name: band.values for name, band in bands.items()}, features, tuple(axes),
                spread=model.dimension_head.sd_linear is not None,
            )  # fmt: skip
            joined = _Scaled(*(np.concatenate(parts, axis=-1) for parts in zip(*bands.values(), strict=True)))
            _set(model.dimension_head.linear, weight, bias, joined, rows=places)
        chosen |= notes
        if model.dimension_head.sd_linear is not None:
            model.dimension_head.say_sd([notes[f"sd_{axis}"] for axis in axes], rows=places)
    return chosen


def _penalties(model: EmotionModel, given: float | None) -> tuple[float, ...]:
    if given is not None:
        return (given / model.num_features,)
    if not isinstance(model.neck, WhitenedNeck):
        return PENALTIES
    return tuple(each / model.num_features for each in SECOND_ORDER_PENALTIES)


def _bands(model: EmotionModel, scaled: "_Scaled", features: Features) -> dict[str, "_Scaled"]:
    """Name the parts of what the dimensions' head reads it takes or leaves; the first is always taken."""
    bands = {"embedding": scaled}
    if isinstance(model.neck, WhitenedNeck):
        first = model.neck.num_pooled
        bands = {"embedding": scaled.columns(0, first), "gram": scaled.columns(first, None)}
    if features.moments is not None and features.moments.shape[1]:
        bands["moments"] = _standardise(features.moments)
    return bands


def _logistic(
    x: np.ndarray, labels: np.ndarray, groups: np.ndarray, *, classes: int, penalties: Sequence[float]
) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    present = np.unique(labels)
    if len(present) < 2:
        return np.zeros((classes, x.shape[1])), np.zeros(classes), {}
    scores = dict.fromkeys(penalties, 0.0)
    folds = StratifiedGroupKFold(INNER_FOLDS, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", UserWarning)  # a class with fewer rows than folds
        if len(penalties) > 1 and min(len(np.unique(groups)), len(labels)) >= INNER_FOLDS:
            for inner, held in folds.split(x, labels, groups):
                for c in penalties:
                    fitted = LogisticRegression(C=c, max_iter=60).fit(x[inner], labels[inner])
                    scores[c] = fitted.score(x[held], labels[held])
                break  # thousands of rows are held out: one part tells strengths apart
        best = max(scores, key=lambda c: scores[c])
        fitted = LogisticRegression(C=best, max_iter=300).fit(x, labels)
    weight, bias = np.zeros((classes, x.shape[1])), np.full(classes, -10.0)
    if len(present) == 2:  # scikit-learn keeps one row for two classes
        weight[present], bias[present] = np.stack([-fitted.coef_[0], fitted.coef_[0]]) / 2, 0.0
        bias[present] = np.array([-fitted.intercept_[0], fitted.intercept_[0]]) / 2
    else:
        weight[present], bias[present] = fitted.coef_, fitted.intercept_
    notes = {"logistic_c": best}
    return weight, bias, notes | ({"inner_accuracy": scores[best]} if len(penalties) > 1 else {})


class _Scaled(NamedTuple):
    """Features with mean 0 and standard deviation 1, and what that took."""

    values: Float32[np.ndarray, "N D"]
    mean: Float[np.ndarray, " D"]
    sd: Float[np.ndarray, " D"]

    def columns(self, first: int, last: int | None) -> "_Scaled":
        """Return some of the features."""
        return _Scaled(self.values[:, first:last], self.mean[first:last], self.sd[first:last])


def _standardise(values: Float[np.ndarray, "N D"]) -> _Scaled:
    mean, sd = values.mean(0), values.std(0) + 1e-6
    return _Scaled(((values - mean) / sd).astype(np.float32), mean, sd)


def _ridge(
    bands: dict[str, np.ndarray], features: Features, axes: tuple[str, ...], *, spread: bool = False
) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """Fit a ridge regression a dimension: its penalty, and which bands it takes, by cross-validation."""
    weight, bias = np.zeros((len(axes), sum(band.shape[1] for band in bands.values()))), np.zeros(len(axes))
    chosen: dict[str, float] = {}
    others = list(bands)[1:]
    for number, axis in enumerate(axes):
        target = features.vad[:, AXES.index(axis)]
        rows = np.isfinite(target)
        y = np.arctanh(np.clip(target[rows], -BOUND, BOUND))
        folds = _folds(features.groups[rows])
        known = [band[rows] for band in bands.values()]
        best = (np.inf, RIDGES[0], (1.0,) + (0.0,) * len(others))
        for taken in product((False, True), repeat=len(others)):
            shares = tuple(each / (1 + sum(taken)) for each in (1, *taken))
            x, _ = _joined(known, shares)
            for alpha in RIDGES:
                best = min(best, (_squared_error(x, y, folds, alpha), alpha, shares))
        _, alpha, shares = best
        x, factors = _joined(known, shares)
        fitted = Ridge(alpha).fit(x, y)
        weight[number], bias[number] = fitted.coef_ * factors, fitted.intercept_
        chosen[f"ridge_{axis}"] = alpha
        if spread:
            chosen[f"sd_{axis}"] = _held_out_sd(x, y, folds, alpha)
        chosen |= {f"{name}_{axis}": share for name, share in zip(others, shares[1:], strict=True)}
    return weight, bias, chosen


def _rating_ridges(
    model: EmotionModel, features: Features, axes: Sequence[str], *, emotions: bool,
    group_effects: Sequence[float],
) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:  # fmt: skip
    """Fit a `rating_ridge` a dimension; the weights are for features as they are."""
    width = features.embedding.shape[1]
    first = model.neck.num_pooled if isinstance(model.neck, WhitenedNeck) else width
    bands = {"embedding": features.embedding[:, :first], "gram": features.embedding[:, first:]}
    if features.moments is not None:
        bands["moments"] = features.moments
    directions, offsets = _emotion_directions(model, width) if emotions else (np.zeros((0, width)), 0.0)
    bands["emotions"] = features.embedding @ directions.T + offsets
    bands = {name: band for name, band in bands.items() if band.shape[1]}
    weight, bias = [], []
    notes: dict[str, float] = {}
    for axis in axes:
        target = features.vad[:, AXES.index(axis)]
        rows = np.isfinite(target)
        y, groups = np.arctanh(np.clip(target[rows], -BOUND, BOUND)), features.groups[rows]
        known = {name: band[rows] for name, band in bands.items()}
        fitted = rating_ridge(known, y, groups, folds=_folds(groups), group_effects=group_effects)
        read = np.concatenate([each for name, each in fitted.weights.items() if name != "emotions"])
        told = fitted.weights.get("emotions", np.zeros(0))
        read[:width] += told @ directions
        weight.append(read)
        bias.append(fitted.intercept + float((told * offsets).sum()))
        notes |= {f"ridge_{axis}": fitted.strength, f"group_effect_{axis}": fitted.group_effect}
        notes |= {f"{name}_{axis}": share for name, share in fitted.shares.items() if name != "embedding"}
        notes[f"sd_{axis}"] = _root_mean_square(np.tanh(fitted.held_out) - np.tanh(y))
    return np.stack(weight), np.array(bias), notes


def _emotion_directions(
    model: EmotionModel, width: int
) -> tuple[Float[np.ndarray, "K D"], Float[np.ndarray, " K"] | float]:
    """Return the emotion head's weights and offsets less their mean over emotions, which tells nothing."""
    if model.emotion_head is None:
        return np.zeros((0, width)), 0.0
    linear = model.emotion_head.linear
    weight = linear.weight.detach().double().cpu().numpy()
    bias = linear.bias.detach().double().cpu().numpy()
    return weight - weight.mean(0), bias - bias.mean()


def _joined(bands: Sequence[np.ndarray], shares: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Weigh bands so that each has its share of the kernel, whose scale is the first one's.

    Returns:
        The bands side by side, and the factor that each column was multiplied by.
    """
    width = bands[0].shape[1]
    factors = np.concatenate(
        [
            np.full(band.shape[1], np.sqrt(share * width / band.shape[1]), dtype=np.float32)
            for band, share in zip(bands, shares, strict=True)
        ]
    )
    return np.concatenate(bands, axis=1) * factors, factors


def _folds(groups: Int[np.ndarray, " N"]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the inner folds, whole groups together; none where there are too few groups."""
    count = min(RIDGE_FOLDS, len(np.unique(groups)))
    return list(GroupKFold(count).split(groups, groups=groups)) if count > 1 else []


def _squared_error(
    x: np.ndarray, y: np.ndarray, folds: list[tuple[np.ndarray, np.ndarray]], alpha: float
) -> float:
    errors = [Ridge(alpha).fit(x[inner], y[inner]).predict(x[held]) - y[held] for inner, held in folds]
    return float(sum((each**2).sum() for each in errors))


def _held_out_sd(
    x: np.ndarray, y: np.ndarray, folds: list[tuple[np.ndarray, np.ndarray]], alpha: float
) -> float:
    """Return the root of the mean squared error on rows that were not fitted, after the tanh."""
    everything = np.arange(len(y))
    errors = [
        np.tanh(Ridge(alpha).fit(x[inner], y[inner]).predict(x[held])) - np.tanh(y[held])
        for inner, held in folds or [(everything, everything)]
    ]
    return _root_mean_square(np.concatenate(errors))


def _root_mean_square(errors: np.ndarray) -> float:
    """Return what an SD head can say, for it."""
    return float(np.clip(np.sqrt(np.mean(errors**2)), 0.02, 0.99))


def _set(
    linear: torch.nn.Linear, weight: np.ndarray, bias: np.ndarray, scaled: _Scaled,
    *, rows: list[int] | None = None,
) -> None:  # fmt: skip
    """Fold the standardisation into the layer, or into some of its outputs."""
    folded = weight / scaled.sd
    places = list(range(len(bias))) if rows is None else rows
    _assign(linear, folded, bias - folded @ scaled.mean, places)


def _assign(linear: torch.nn.Linear, weight: np.ndarray, bias: np.ndarray, places: list[int]) -> None:
    with torch.no_grad():
        linear.weight[places] = torch.from_numpy(weight).to(linear.weight)
        linear.bias[places] = torch.from_numpy(bias).to(linear.bias)
