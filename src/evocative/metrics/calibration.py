"""Whether a probability of 0.7 is right seven times in ten: ECE, negative log-likelihood, Brier score."""

from dataclasses import asdict, dataclass
from math import nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.metrics.checks import FloatArray, as_classes, as_probabilities, check_same_length


@dataclass(frozen=True)
class ReliabilityBin:
    """The rows whose highest probability lies in (low, high]."""

    low: float
    high: float
    n: int
    confidence: float  # mean highest probability; nan where n is 0
    accuracy: float  # share of these rows whose best label is right; nan where n is 0


@dataclass(frozen=True)
class CalibrationMetrics:
    """How far probabilities can be trusted; nan without rows."""

    n: int  # rows with a label
    ece: float  # expected calibration error, in [0, 1]
    nll: float  # negative log-likelihood in nats, ≥ 0
    brier: float  # in [0, 2]
    bins: tuple[ReliabilityBin, ...]

    def figures(self) -> dict[str, float]:
        """Return every figure by its name (for intervals)."""
        return {"ece": self.ece, "nll": self.nll, "brier": self.brier}

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, for a report."""
        return asdict(self) | {"bins": [asdict(one) for one in self.bins]}


def calibration_metrics(
    labels: ArrayLike, probabilities: ArrayLike, *, n_bins: int = 15
) -> CalibrationMetrics:
    """Compare probabilities with how often they are right.

    - ECE: rows are put into `n_bins` bins of equal width, (0, 1/15], …, by their highest probability; the
      mean of |accuracy - confidence| over the bins, weighted by their rows (Guo 2017, eq. 3).
    - NLL: the mean of -ln p(label), with p at least the machine epsilon of its type (as scikit-learn's
      log_loss).
    - Brier: the mean over rows of Σ_k (p_k - [label = k])² (Brier 1950), so that it reaches 2.

    Args:
        labels: (N,) class indices, -1 where missing; those rows are left out.
        probabilities: (N, K), in [0, 1], summing to 1 in each row.
        n_bins: how many bins.

    Raises:
        DataError: shapes do not match, these are no probabilities, or there are no bins.

    Example:
        >>> metrics = calibration_metrics([0, 1], [[0.9, 0.1], [0.2, 0.8]])
        >>> round(metrics.ece, 3), round(metrics.nll, 3), round(metrics.brier, 3)
        (0.15, 0.164, 0.05)
    """
    if n_bins < 1:
        raise DataError(f"calibration needs at least one bin, found n_bins={n_bins}")
    raw = np.asarray(probabilities)
    labels = np.asarray(labels)
    check_same_length(labels=labels, probabilities=raw)
    labels = as_classes(labels, what="labels", allow_missing=True)
    scores = as_probabilities(raw[labels >= 0])
    as_classes(labels, n_classes=scores.shape[1], what="labels", allow_missing=True)
    labels = labels[labels >= 0]
    bins = _reliability(labels, scores, n_bins)
    gaps = [one.n * abs(one.accuracy - one.confidence) for one in bins if one.n]
    return CalibrationMetrics(
        n=labels.size,
        ece=sum(gaps) / labels.size if labels.size else nan,
        nll=_nll(labels, scores),
        brier=_brier(labels, scores),
        bins=bins,
    )


def _reliability(labels: NDArray[np.int64], scores: FloatArray, n_bins: int) -> tuple[ReliabilityBin, ...]:
    edges = np.linspace(0, 1, n_bins + 1)
    confidence = scores.max(axis=1).astype(np.float64) if labels.size else np.empty(0)
    right = scores.argmax(axis=1) == labels if labels.size else np.empty(0, bool)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, n_bins - 1)
    n = np.bincount(place, minlength=n_bins)
    divisor = np.where(n == 0, nan, n)
    mean_confidence = np.bincount(place, confidence, n_bins) / divisor
    accuracy = np.bincount(place, right, n_bins) / divisor
    return tuple(
        ReliabilityBin(
            float(edges[b]), float(edges[b + 1]), int(n[b]), float(mean_confidence[b]), float(accuracy[b])
        )
        for b in range(n_bins)
    )


def _nll(labels: NDArray[np.int64], scores: FloatArray) -> float:
    if not labels.size:
        return nan
    likelihood = scores[np.arange(labels.size), labels]
    smallest = np.finfo(scores.dtype).eps
    return float(-np.log(np.clip(likelihood, smallest, 1).astype(np.float64)).mean())


def _brier(labels: NDArray[np.int64], scores: FloatArray) -> float:
    if not labels.size:
        return nan
    truth = labels[:, None] == np.arange(scores.shape[1])
    return float(np.square(scores.astype(np.float64) - truth).sum(axis=1).mean())
