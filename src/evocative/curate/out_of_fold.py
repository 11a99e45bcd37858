"""Out-of-fold probabilities: each row answered by a linear head that has not learnt from its group.

    probabilities = out_of_fold(features, labels, fold)        # (N, K)

A logistic regression on standardised features, one a fold. How strongly it is regularised is chosen by the
log loss on a part of that fold's training rows, whole groups together, so that no answer has seen its label.
"""

import warnings
from typing import Final

import numpy as np
from jaxtyping import Float, Float64, Int64
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from evocative.errors import DataError

STRENGTHS: Final = (3e-4, 1e-3, 3e-3, 1e-2)
"""Inverse strengths C that are tried."""


def out_of_fold(
    features: Float[np.ndarray, "N D"], labels: Int64[np.ndarray, " N"], fold: Int64[np.ndarray, " N"],
    *, n_labels: int | None = None,
) -> Float64[np.ndarray, "N K"]:  # fmt: skip
    """Answer for every row by a head trained on the other folds.

    Args:
        features: Of the images; a network that knows their labels would make the answers worthless.
        labels: As given, 0 … K-1.
        fold: Each row's, from 0; rows that belong together have one fold (`data.splits.folds`).
        n_labels: K, where the last labels may have no row; by default the largest label plus 1.

    Returns:
        Probabilities; a label that the other folds lack has 0.

    Raises:
        DataError: There are fewer than two folds, or the rows outside a fold bear fewer than two labels.
    """
    numbers = np.unique(fold)
    if len(numbers) < 2:
        raise DataError(f"out-of-fold answers need at least 2 folds, found {len(numbers)}")
    p = np.zeros((len(labels), int(labels.max()) + 1 if n_labels is None else n_labels))
    for held in numbers:
        test, train = fold == held, fold != held
        if len(np.unique(labels[train])) < 2:
            raise DataError(
                f"outside fold {held} there are fewer than two labels; use more folds, or look whether one "
                "group holds nearly all rows"
            )
        mean, sd = features[train].mean(0), features[train].std(0) + 1e-6
        inside, outside = (features[train] - mean) / sd, (features[test] - mean) / sd
        strength = _strength(inside, labels[train], fold[train])
        head = _fit(inside, labels[train], strength, iterations=300)
        p[np.ix_(test, head.classes_)] = head.predict_proba(outside)
    return p


def _strength(
    x: Float[np.ndarray, "M D"], labels: Int64[np.ndarray, " M"], fold: Int64[np.ndarray, " M"]
) -> float:
    """Choose C by the log loss on one of the training folds; the middle one where there is only one."""
    numbers = np.unique(fold)
    held = fold == numbers[-1]
    if len(numbers) < 2 or len(np.unique(labels[~held])) < 2:
        return STRENGTHS[len(STRENGTHS) // 2]
    losses = []
    for c in STRENGTHS:
        head = _fit(x[~held], labels[~held], c, iterations=60)
        known = np.isin(labels[held], head.classes_)
        places = np.searchsorted(head.classes_, labels[held][known])
        p = head.predict_proba(x[held][known])[np.arange(len(places)), places] if known.any() else np.ones(1)
        losses.append(-np.log(np.maximum(p, 1e-12)).mean())
    return STRENGTHS[int(np.argmin(losses))]


def _fit(
    x: Float[np.ndarray, "M D"], labels: Int64[np.ndarray, " M"], c: float, *, iterations: int
) -> LogisticRegression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(C=c, max_iter=iterations).fit(x, labels)
