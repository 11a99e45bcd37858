"""Accuracy, precision, recall, F1, the confusion matrix and ROC-AUC (Motiejauskas 2026, eq. 4.11).

With TP, FP and FN counted for a class against all others:

    precision = TP / (TP + FP)    nan where the class is never predicted
    recall    = TP / (TP + FN)    nan where the class does not occur
    F1        = 2TP / (2TP + FP + FN)    nan where the class neither occurs nor is predicted

Macro figures are the plain mean over the classes where the figure is defined, and `averaged` says how many
these are. This is scikit-learn's `zero_division=nan`, and its `balanced_accuracy_score` for macro recall.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import nan
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from evocative.metrics.checks import FloatArray, as_classes, as_scores, check_names, check_same_length

KINDS: Final = ("precision", "recall", "f1", "roc_auc")
"""Figures that each class has, and their mean."""


@dataclass(frozen=True)
class ClassFigures:
    """How well one class is recognised; fractions are in [0, 1], or nan where undefined."""

    name: str
    support: int  # rows that have this label
    n_predicted: int  # rows that are predicted as this
    precision: float
    recall: float
    f1: float
    roc_auc: float  # this class against all others; nan without probabilities too


@dataclass(frozen=True, eq=False)
class ClassificationMetrics:
    """How well labels are recognised; fractions are in [0, 1], or nan where undefined."""

    n: int  # rows with a label
    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    macro_roc_auc: float
    per_class: tuple[ClassFigures, ...]
    confusion: NDArray[np.int64]  # (K, K): rows are labels, columns are predictions

    @property
    def averaged(self) -> dict[str, int]:
        """How many classes each macro figure is the mean of: those where it is defined."""
        return {f"macro_{kind}": int((~np.isnan(self.of(kind))).sum()) for kind in KINDS}

    def of(self, kind: str) -> NDArray[np.float64]:
        """Return precision, recall, f1 or roc_auc of every class, (K,)."""
        return np.array([getattr(one, kind) for one in self.per_class], dtype=np.float64)

    def macro_among(self, whole: "ClassificationMetrics") -> dict[str, float]:
        """Return the macro figures as means over the classes that another measurement has.

        For a draw of its rows: a rare class that a draw lacks keeps the figure that it has in all rows.
        Were it left out, the mean would be over other classes from draw to draw, and of many rare classes
        that are never recognised, say, nearly every draw would lie above the figure itself.
        """
        found = {}
        for kind in KINDS:
            mine, theirs = self.of(kind), whole.of(kind)
            steady = np.where(np.isnan(mine), theirs, mine)
            found[f"macro_{kind}"] = _mean(steady[~np.isnan(theirs)])
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the confusion matrix."""
        return tuple(figures.name for figures in self.per_class)

    def figures(self) -> dict[str, float]:
        """Return every fraction under a flat name: accuracy, macro_f1, …, f1/<class>, … (for intervals)."""
        macro = ("accuracy", "macro_precision", "macro_recall", "macro_f1", "macro_roc_auc")
        flat: dict[str, float] = {name: getattr(self, name) for name in macro}
        for kind in KINDS:
            flat |= {f"{kind}/{one.name}": getattr(one, kind) for one in self.per_class}
        return flat

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, for a report."""
        return asdict(self) | {
            "per_class": [asdict(figures) for figures in self.per_class],
            "confusion": self.confusion.tolist(),
        }


def classification_metrics(
    labels: ArrayLike, predictions: ArrayLike, *, names: Sequence[str]
) -> ClassificationMetrics:
    """Compare predictions with labels.

    Args:
        labels: (N,) class indices, -1 where missing; those rows are left out.
        predictions: (N,) class indices, or (N, K) probabilities (or other scores), of which the largest is
            the prediction (of equal ones, the first). ROC-AUC needs probabilities.
        names: the K class names, in the order of the indices.

    Raises:
        DataError: shapes do not match, an index is out of range, or a score is not finite.

    Example:
        >>> metrics = classification_metrics([0, 0, 1, -1], [0, 1, 1, 1], names=["awe", "fear"])
        >>> metrics.n, round(metrics.accuracy, 3), metrics.confusion.tolist()
        (3, 0.667, [[1, 1], [0, 1]])
    """
    names = check_names(names)
    labels = as_classes(labels, n_classes=len(names), what="labels", allow_missing=True)
    predictions = np.asarray(predictions)
    check_same_length(labels=labels, predictions=predictions)
    labels, predictions = labels[labels >= 0], predictions[labels >= 0]
    if predictions.ndim == 2:
        scores = as_scores(predictions, n_classes=len(names))
        predicted, areas = scores.argmax(axis=1), roc_auc(labels, scores)
    else:
        predicted = as_classes(predictions, n_classes=len(names), what="predictions")
        areas = np.full(len(names), nan)
    return _summarise(confusion_matrix(labels, predicted, n_classes=len(names)), areas, names)


def _summarise(
    confusion: NDArray[np.int64], areas: NDArray[np.float64], names: tuple[str, ...]
) -> ClassificationMetrics:
    hits, support, n_predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    precision = _ratio(hits, n_predicted)
    recall = _ratio(hits, support)
    f1 = _ratio(2 * hits, support + n_predicted)
    per_class = zip(names, support, n_predicted, precision, recall, f1, areas, strict=True)
    return ClassificationMetrics(
        n=int(confusion.sum()),
        accuracy=float(_ratio(hits.sum(), confusion.sum())),
        macro_precision=_mean(precision),
        macro_recall=_mean(recall),
        macro_f1=_mean(f1),
        macro_roc_auc=_mean(areas),
        per_class=tuple(
            ClassFigures(name, int(n), int(m), float(p), float(r), float(f), float(a))
            for name, n, m, p, r, f, a in per_class
        ),
        confusion=confusion,
    )


def confusion_matrix(labels: ArrayLike, predictions: ArrayLike, *, n_classes: int) -> NDArray[np.int64]:
    """Count how often each label (row) is predicted as each class (column); rows with label -1 are left out.

    Raises:
        DataError: shapes do not match, or an index is out of range.
    """
    labels = as_classes(labels, n_classes=n_classes, what="labels", allow_missing=True)
    predictions = as_classes(predictions, n_classes=n_classes, what="predictions")
    check_same_length(labels=labels, predictions=predictions)
    cells = (labels * n_classes + predictions)[labels >= 0]
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes).astype(np.int64)


def roc_auc(labels: ArrayLike, scores: ArrayLike) -> NDArray[np.float64]:
    """Return the area under the ROC curve of each class against all others, shape (K,).

    It is the probability that a row of the class scores higher than a row of another class, ties counting
    half: (R - n₊(n₊ + 1)/2) / (n₊n₋), with R the sum of the ranks of the class (Hanley and McNeil 1982).
    nan where a class does not occur or every row belongs to it. Rows with label -1 are left out.

    Raises:
        DataError: shapes do not match, or a score is not finite.
    """
    scores = as_scores(scores)
    labels = as_classes(labels, n_classes=scores.shape[1], what="labels", allow_missing=True)
    check_same_length(labels=labels, scores=scores)
    labels, scores = labels[labels >= 0], scores[labels >= 0]
    belongs = labels[:, None] == np.arange(scores.shape[1])
    n_in = belongs.sum(axis=0)
    rank_sum = (_ranks(scores) * belongs).sum(axis=0)
    return _ratio(rank_sum - n_in * (n_in + 1) / 2, n_in * (len(labels) - n_in))


def _ranks(scores: FloatArray) -> NDArray[np.float64]:
    return np.asarray(rankdata(scores, axis=0), dtype=np.float64) if len(scores) else np.empty(scores.shape)


def _ratio(numerator: ArrayLike, denominator: ArrayLike) -> NDArray[np.float64]:
    """Divide; x/0 is nan."""
    denominator = np.asarray(denominator, dtype=np.float64)
    return np.asarray(np.asarray(numerator) / np.where(denominator == 0, nan, denominator))


def _mean(values: NDArray[np.float64]) -> float:
    """Return the mean of the values that are defined, nan where none is."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else nan
