"""How well valence, arousal and dominance are predicted: MAE, RMSE, Pearson's r, Spearman's ρ and CCC.

A row where the target or the prediction is NaN is left out of that dimension. What is undefined is nan: every
figure without rows; r and ρ with fewer than two rows or where either side is constant; the CCC where both
sides are constant and equal (with one side constant it is 0: there is no covariance).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from evocative.errors import DataError
from evocative.metrics.checks import check_names


@dataclass(frozen=True)
class DimensionMetrics:
    """How well one dimension is predicted; MAE and RMSE in the unit of the targets (here [-1, 1])."""

    name: str
    n: int  # rows with a target and a prediction
    mae: float
    rmse: float
    pearson_r: float
    spearman_rho: float
    ccc: float

    def figures(self) -> dict[str, float]:
        """Return every figure by its name (for intervals)."""
        return {kind: getattr(self, kind) for kind in ("mae", "rmse", "pearson_r", "spearman_rho", "ccc")}

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, for a report."""
        return asdict(self)


def dimension_metrics(
    targets: ArrayLike, predictions: ArrayLike, *, names: Sequence[str] = ("valence", "arousal", "dominance")
) -> tuple[DimensionMetrics, ...]:
    """Compare predicted dimensions with the targets, one column a dimension.

    Args:
        targets: (N, D), NaN where missing.
        predictions: (N, D), NaN where missing.
        names: the D dimensions, in the order of the columns.

    Raises:
        DataError: the shapes are not (N, D) both, with D names.

    Example:
        >>> valence, arousal = dimension_metrics(
        ...     [[0.1, 0.2], [0.3, np.nan]], [[0.2, 0.2], [0.4, 0.0]], names=["valence", "arousal"]
        ... )
        >>> valence.n, round(valence.mae, 3), arousal.n
        (2, 0.1, 1)
    """
    names = check_names(names)
    true, predicted = np.asarray(targets, np.float64), np.asarray(predictions, np.float64)
    if true.ndim != 2 or true.shape != predicted.shape or true.shape[1] != len(names):
        raise DataError(
            f"targets and predictions must both be (N, {len(names)}), one column each of {', '.join(names)}: "
            f"found {true.shape} and {predicted.shape}"
        )
    return tuple(_one_dimension(name, true[:, d], predicted[:, d]) for d, name in enumerate(names))


def _one_dimension(
    name: str, targets: NDArray[np.float64], predictions: NDArray[np.float64]
) -> DimensionMetrics:
    true, predicted = _complete(targets, predictions)
    return DimensionMetrics(
        name=name,
        n=true.size,
        mae=mae(true, predicted),
        rmse=rmse(true, predicted),
        pearson_r=pearson_r(true, predicted),
        spearman_rho=spearman_rho(true, predicted),
        ccc=ccc(true, predicted),
    )


def mae(targets: ArrayLike, predictions: ArrayLike) -> float:
    """Return the mean absolute error of (N,) predictions, ≥ 0; nan without rows."""
    true, predicted = _complete(targets, predictions)
    return float(np.abs(true - predicted).mean()) if true.size else nan


def rmse(targets: ArrayLike, predictions: ArrayLike) -> float:
    """Return the root of the mean squared error of (N,) predictions, ≥ 0; nan without rows."""
    true, predicted = _complete(targets, predictions)
    return sqrt(np.square(true - predicted).mean()) if true.size else nan


def pearson_r(targets: ArrayLike, predictions: ArrayLike) -> float:
    """Return Pearson's correlation of (N,) predictions with the targets, in [-1, 1]; nan where undefined."""
    true, predicted = _complete(targets, predictions)
    if _constant(true) or _constant(predicted):
        return nan
    true, predicted = true - true.mean(), predicted - predicted.mean()
    norm = float(np.linalg.norm(true) * np.linalg.norm(predicted))
    return float(np.clip(true @ predicted / norm, -1, 1)) if norm > 0 else nan


def spearman_rho(targets: ArrayLike, predictions: ArrayLike) -> float:
    """Return Spearman's rank correlation, ties with their mean rank, in [-1, 1]; nan where undefined."""
    true, predicted = _complete(targets, predictions)
    return pearson_r(rankdata(true), rankdata(predicted)) if true.size else nan


def ccc(targets: ArrayLike, predictions: ArrayLike) -> float:
    """Return Lin's concordance correlation coefficient, in [-1, 1]: 1 only where predictions equal targets.

    2 s_xy / (s_x² + s_y² + (x̄ - ȳ)²), with variances and covariance over N (Lin 1989); nan where undefined.
    """
    true, predicted = _complete(targets, predictions)
    if not true.size or (_constant(true) and _constant(predicted) and true[0] == predicted[0]):
        return nan
    if _constant(true) or _constant(predicted):
        return 0.0
    gap = true.mean() - predicted.mean()
    covariance = np.mean((true - true.mean()) * (predicted - predicted.mean()))
    return float(2 * covariance / (true.var() + predicted.var() + gap**2))


def _constant(values: NDArray[np.float64]) -> bool:
    """Tell whether no two values differ. A variance would not: rounding gives constants a small one."""
    return values.size < 2 or bool(np.ptp(values) == 0)


def _complete(targets: ArrayLike, predictions: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the rows where neither side is missing."""
    true, predicted = np.asarray(targets, np.float64), np.asarray(predictions, np.float64)
    if true.ndim != 1 or true.shape != predicted.shape:
        raise DataError(
            f"targets and predictions must both be (N,): found {true.shape} and {predicted.shape}"
        )
    there = ~(np.isnan(true) | np.isnan(predicted))
    if np.isinf(true[there]).any() or np.isinf(predicted[there]).any():
        raise DataError(
            "targets and predictions must be finite, or NaN where missing: found an infinite value"
        )
    return true[there], predicted[there]
