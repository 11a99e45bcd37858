"""Linear probing before fine-tuning (Kumar et al. 2022): heads that fit frozen features do not distort them.

With `training.epochs = 0` this is the whole training: the baseline "frozen features and a linear head".
"""

import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from evocative.data.columns import AXES
from evocative.models.create import EmotionModel

PENALTIES = (3e-4, 1e-3, 3e-3)
"""Inverse strengths C that the logistic regression tries, on standardised features."""
RIDGES = (100.0, 300.0, 1000.0, 3000.0, 10000.0)
"""Strengths that the ridge regression tries, on standardised features."""
SHARES = (0.0, 0.5)
"""Shares of the kernel that the moments have: none, or as much as the embedding (banded ridge regression)."""
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


def head_start(model: EmotionModel, features: Features) -> dict[str, float]:
    """Fit the model's heads to features, in place.

    The dimensions' head is a ridge regression; where it reads moments beside the embedding, a banded one
    (Nunez-Elizalde et al. 2019): each dimension takes the moments or leaves them. The strength of the penalty
    is chosen on these rows only, whole groups together: on one held-out third for the emotions, by cross-
    validation for the dimensions. A head, or a dimension, that no row has a target for stays as it is.

    Returns:
        The chosen strengths and the inner figures, for the log.
    """
    scaled = _standardise(features.embedding)
    standard = scaled.values
    chosen: dict[str, float] = {}
    rows = features.labels >= 0
    if model.emotion_head is not None and rows.any():
        weight, bias, notes = _logistic(
            standard[rows], features.labels[rows], features.groups[rows], len(model.emotion_head.linear.bias)
        )
        _set(model.emotion_head.linear, weight, bias, scaled)
        chosen |= notes
    rated = np.isfinite(features.vad).sum(0) > 1
    if model.dimension_head is not None and rated.any():
        axes = [axis for axis in model.dimension_head.dimensions if rated[AXES.index(axis)]]
        bands = [scaled] if features.moments is None else [scaled, _standardise(features.moments)]
        bands = [band for band in bands if band.values.shape[1]]
        weight, bias, notes = _ridge([band.values for band in bands], features, tuple(axes))
        places = [model.dimension_head.dimensions.index(axis) for axis in axes]
        joined = _Scaled(*(np.concatenate(parts, axis=-1) for parts in zip(*bands, strict=True)))
        _set(model.dimension_head.linear, weight, bias, joined, rows=places)
        chosen |= notes
    return chosen


def _logistic(
    x: np.ndarray, labels: np.ndarray, groups: np.ndarray, classes: int
) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    present = np.unique(labels)
    if len(present) < 2:
        return np.zeros((classes, x.shape[1])), np.zeros(classes), {}
    scores = dict.fromkeys(PENALTIES, 0.0)
    folds = StratifiedGroupKFold(INNER_FOLDS, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", UserWarning)  # a class with fewer rows than folds
        if min(len(np.unique(groups)), len(labels)) >= INNER_FOLDS:
            for inner, held in folds.split(x, labels, groups):
                for c in PENALTIES:
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
    return weight, bias, {"logistic_c": best, "inner_accuracy": scores[best]}


class _Scaled(NamedTuple):
    """Features with mean 0 and standard deviation 1, and what that took."""

    values: Float32[np.ndarray, "N D"]
    mean: Float[np.ndarray, " D"]
    sd: Float[np.ndarray, " D"]


def _standardise(values: Float[np.ndarray, "N D"]) -> _Scaled:
    mean, sd = values.mean(0), values.std(0) + 1e-6
    return _Scaled(((values - mean) / sd).astype(np.float32), mean, sd)


def _ridge(
    bands: list[np.ndarray], features: Features, axes: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """Fit a ridge regression a dimension: its penalty, and the second band's share, by cross-validation."""
    weight, bias = np.zeros((len(axes), sum(band.shape[1] for band in bands))), np.zeros(len(axes))
    chosen: dict[str, float] = {}
    for number, axis in enumerate(axes):
        target = features.vad[:, AXES.index(axis)]
        rows = np.isfinite(target)
        y = np.arctanh(np.clip(target[rows], -BOUND, BOUND))
        folds = _folds(features.groups[rows])
        best = (np.inf, RIDGES[0], SHARES[0])
        for share in SHARES if len(bands) > 1 else SHARES[:1]:
            x = _joined(bands, share)[0][rows]
            for alpha in RIDGES:
                best = min(best, (_squared_error(x, y, folds, alpha), alpha, share))
        _, alpha, share = best
        x, factors = _joined(bands, share)
        fitted = Ridge(alpha).fit(x[rows], y)
        weight[number], bias[number] = fitted.coef_ * factors, fitted.intercept_
        chosen[f"ridge_{axis}"] = alpha
        if len(bands) > 1:
            chosen[f"moments_{axis}"] = share
    return weight, bias, chosen


def _joined(bands: list[np.ndarray], share: float) -> tuple[np.ndarray, np.ndarray]:
    """Weigh bands so that the kernel is the first one's times 1 - share plus the second one's times share.

    Returns:
        The bands side by side, and the factor that each column was multiplied by.
    """
    width = bands[0].shape[1]
    shares = (1 - share, share)
    factors = np.concatenate(
        [
            np.full(band.shape[1], np.sqrt(part * width / band.shape[1]), dtype=np.float32)
            for band, part in zip(bands, shares, strict=False)
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


def _set(
    linear: torch.nn.Linear, weight: np.ndarray, bias: np.ndarray, scaled: _Scaled,
    *, rows: list[int] | None = None,
) -> None:  # fmt: skip
    """Fold the standardisation into the layer, or into some of its outputs."""
    folded = weight / scaled.sd
    places = list(range(len(bias))) if rows is None else rows
    with torch.no_grad():
        linear.weight[places] = torch.from_numpy(folded).to(linear.weight)
        linear.bias[places] = torch.from_numpy(bias - folded @ scaled.mean).to(linear.bias)
