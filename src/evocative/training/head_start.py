"""Linear probing before fine-tuning (Kumar et al. 2022): heads that fit frozen features do not distort them.

With `training.epochs = 0` this is the whole training: the baseline "frozen features and a linear head".
"""

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from evocative.data.columns import AXES
from evocative.models.create import EmotionModel

PENALTIES = (3e-4, 1e-3, 3e-3)
"""Inverse strengths C that the logistic regression tries, on standardised features."""
RIDGES = (100.0, 300.0, 1000.0, 3000.0, 10000.0)
"""Strengths that the ridge regression tries, on standardised features."""
INNER_FOLDS = 3
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


def head_start(model: EmotionModel, features: Features) -> dict[str, float]:
    """Fit the model's heads to features, in place.

    The strength of the penalty is chosen on these rows only, whole groups together: on one held-out third for
    the emotions, by cross-validation for the dimensions. A head, or a dimension, that no row has a target for
    stays as it is.

    Returns:
        The chosen strengths and the inner figures, for the log.
    """
    mean, sd = features.embedding.mean(0), features.embedding.std(0) + 1e-6
    standard = ((features.embedding - mean) / sd).astype(np.float32)
    chosen: dict[str, float] = {}
    rows = features.labels >= 0
    if model.emotion_head is not None and rows.any():
        weight, bias, notes = _logistic(
            standard[rows], features.labels[rows], features.groups[rows], len(model.emotion_head.linear.bias)
        )
        _set(model.emotion_head.linear, weight, bias, mean, sd)
        chosen |= notes
    rated = np.isfinite(features.vad).sum(0) > 1
    if model.dimension_head is not None and rated.any():
        axes = [axis for axis in model.dimension_head.dimensions if rated[AXES.index(axis)]]
        weight, bias, notes = _ridge(standard, features, tuple(axes))
        places = [model.dimension_head.dimensions.index(axis) for axis in axes]
        _set(model.dimension_head.linear, weight, bias, mean, sd, rows=places)
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


def _ridge(
    x: np.ndarray, features: Features, axes: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    weight, bias = np.zeros((len(axes), x.shape[1])), np.zeros(len(axes))
    chosen: dict[str, float] = {}
    for number, axis in enumerate(axes):
        target = features.vad[:, AXES.index(axis)]
        rows = np.isfinite(target)
        y = np.arctanh(np.clip(target[rows], -BOUND, BOUND))
        errors = dict.fromkeys(RIDGES, 0.0)
        if len(np.unique(features.groups[rows])) >= INNER_FOLDS:
            for inner, held in GroupKFold(INNER_FOLDS).split(x[rows], y, features.groups[rows]):
                for alpha in RIDGES:
                    fitted = Ridge(alpha).fit(x[rows][inner], y[inner])
                    errors[alpha] += float(np.mean((fitted.predict(x[rows][held]) - y[held]) ** 2))
        best = min(errors, key=lambda alpha: errors[alpha])
        fitted = Ridge(best).fit(x[rows], y)
        weight[number], bias[number] = fitted.coef_, fitted.intercept_
        chosen[f"ridge_{axis}"] = best
    return weight, bias, chosen


def _set(
    linear: torch.nn.Linear, weight: np.ndarray, bias: np.ndarray, mean: np.ndarray, sd: np.ndarray,
    *, rows: list[int] | None = None,
) -> None:  # fmt: skip
    """Fold the standardisation into the layer, or into some of its outputs."""
    folded = weight / sd
    places = list(range(len(bias))) if rows is None else rows
    with torch.no_grad():
        linear.weight[places] = torch.from_numpy(folded).to(linear.weight)
        linear.bias[places] = torch.from_numpy(bias - folded @ mean).to(linear.bias)
