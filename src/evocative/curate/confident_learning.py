"""Confident learning: which labels are likely wrong, from out-of-fold probabilities (*Northcutt 2021*).

    joint = confident_joint(probabilities, labels)
    joint.noise                                                # the estimated share of wrong labels
    wrong = suspects(probabilities, labels, choose="noise_rate")
    order = np.argsort(-suspicion(probabilities, labels))      # the most suspicious first

Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of
Artificial Intelligence Research 70; the equations' numbers are its. Scores after Kuan and Mueller 2022,
"Model-agnostic label quality scoring to detect real-world label errors".

Differs from the paper in:

- A label that no row is confidently counted for is taken to be right throughout.
- A label whose rows' mean probability of it is below its share of the rows is known no better than by its
  frequency, and one with very few rows (`fewest`) has no threshold worth the name. Neither is judged: no row
  is counted for it, and those that bear it are taken to be right. By the paper's (2) the threshold of such a
  label is near 0, so that any row which nothing else claims is counted for it (0.03 was "confident").
- A row is counted for another label only where that is at least as probable as the one that it bears; and one
  whose most probable label is its own is no suspect, however the others fare.

Where several labels reach their thresholds, the most probable of those is counted, as in (1); cleanlab 2.9
takes the most probable of all, has none of the rules above, and is equal to this otherwise.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

from evocative.errors import DataError, unknown

SCORES: Final = ("self_confidence", "normalized_margin")
CHOICES: Final = ("noise_rate", "class", "both", "off_diagonal")
"""The paper's prunings: by noise rate (PBNR), by class (PBC), by both, and the rows off the diagonal of C."""


@dataclass(frozen=True)
class ConfidentJoint:
    """How labels as given (rows) and as they likely are (columns) go together."""

    counts: Int64[np.ndarray, "K K"]
    """C of (1): how many rows with label i are confidently j."""
    joint: Float64[np.ndarray, "K K"]
    """Q of (3): C with each row scaled to how many rows bear label i; sums to 1."""
    thresholds: Float64[np.ndarray, " K"]
    """t of (2): mean probability of label j among the rows that bear it; infinite where none does."""
    confident: Int64[np.ndarray, " N"]
    """The label that each row is counted for, -1 where no probability reaches its threshold."""
    judged: Bool[np.ndarray, " K"]
    """Which labels' rows are judged; the others have an infinite threshold."""

    @property
    def noise(self) -> float:
        """The estimated share of wrong labels, in [0, 1]."""
        return float(self.joint[~np.eye(len(self.joint), dtype=bool)].sum())


def confident_joint(
    probabilities: Float[np.ndarray, "N K"], labels: Int64[np.ndarray, " N"], *, fewest: int = 1
) -> ConfidentJoint:
    """Count which rows are confidently of which label, and estimate the joint distribution.

    Args:
        probabilities: Of each label, by a model that has not learnt from the row.
        labels: As given, 0 … K-1.
        fewest: Rows that a label must have to be judged.

    Raises:
        DataError: Probabilities are not in [0, 1] or do not sum to 1, or a label is out of range.

    Example:
        >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.1, 0.9]])
        >>> confident_joint(p, np.array([0, 0, 0, 1, 1])).counts
        array([[2, 1],
               [0, 1]])
    """
    p = _checked(probabilities, labels)
    n, k = p.shape
    sizes = np.bincount(labels, minlength=k)
    own = np.bincount(labels, weights=p[np.arange(n), labels], minlength=k)
    means = own / np.maximum(sizes, 1)
    judged = (sizes >= max(fewest, 1)) & (means * n >= sizes)
    thresholds = np.where(judged, means, np.inf)  # (2)
    reached = (p >= thresholds) & (p >= p[np.arange(n), labels][:, None]) & judged[labels][:, None]
    confident = np.where(reached.any(1), np.where(reached, p, -1.0).argmax(1), -1).astype(np.int64)
    counts = np.zeros((k, k), dtype=np.int64)
    sure = confident >= 0
    np.add.at(counts, (labels[sure], confident[sure]), 1)  # (1)
    scaled = counts.astype(np.float64)
    empty = counts.sum(1) == 0
    scaled[empty, empty] = 1.0
    scaled *= (sizes / scaled.sum(1))[:, None]  # (3)
    return ConfidentJoint(counts, scaled / scaled.sum(), thresholds, confident, judged)


def suspicion(
    probabilities: Float[np.ndarray, "N K"], labels: Int64[np.ndarray, " N"], *,
    score: str = "self_confidence",
) -> Float64[np.ndarray, " N"]:  # fmt: skip
    """Return how likely each label is to be wrong: in [0, 1], 1 the most suspicious.

    `self_confidence` is 1 - p of the label; `normalized_margin` is (1 + p of the best other - p of the label)
    / 2, so that above 0.5 another label is the more probable one. Of labels of FI-8 flipped at random the
    first finds more (area under the curve 0.88 against 0.85, `benchmarks/labels.py`).

    Raises:
        DataError: As `confident_joint`, or there is no such score.
    """
    p = _checked(probabilities, labels)
    if score not in SCORES:
        raise DataError(unknown("score", score, SCORES))
    rows = np.arange(len(p))
    own = p[rows, labels]
    if score == "self_confidence":
        return np.asarray(np.clip(1 - own, 0.0, 1.0))
    return np.asarray(np.clip((1 + p[rows, best_other(p, labels)] - own) / 2, 0.0, 1.0))


def best_other(
    probabilities: Float[np.ndarray, "N K"], labels: Int64[np.ndarray, " N"]
) -> Int64[np.ndarray, " N"]:
    """Return the most probable label of each row but for the one that it bears."""
    others = np.array(probabilities, dtype=np.float64)
    others[np.arange(len(others)), labels] = -np.inf
    return np.asarray(others.argmax(1), dtype=np.int64)


def suspects(
    probabilities: Float[np.ndarray, "N K"], labels: Int64[np.ndarray, " N"], *,
    choose: str = "noise_rate", fewest: int = 1,
) -> Bool[np.ndarray, " N"]:  # fmt: skip
    """Return which labels are likely wrong.

    Args:
        probabilities: As in `confident_joint`.
        labels: As given.
        choose: `noise_rate` (for each pair i, j the n·Q[i, j] rows of i with the largest margin of j over i),
            `class` (for each i the n·(Q[i, all] - Q[i, i]) rows with the lowest probability of i), `both`
            (what the two agree on), or `off_diagonal` (rows confidently counted for another label).
        fewest: Rows that a label must have to be judged.

    Raises:
        DataError: As `confident_joint`, or there is no such choice.
    """
    p = _checked(probabilities, labels)
    if choose not in CHOICES:
        raise DataError(unknown("choice", choose, CHOICES))
    joint = confident_joint(p, labels, fewest=fewest)
    if choose == "off_diagonal":
        found = (joint.confident >= 0) & (joint.confident != labels)
    elif choose == "class":
        found = _by_class(p, labels, joint.joint)
    elif choose == "noise_rate":
        found = _by_noise_rate(p, labels, joint.joint)
    else:
        found = _by_class(p, labels, joint.joint) & _by_noise_rate(p, labels, joint.joint)
    rows = np.arange(len(p))
    return np.asarray(found & (p[rows, labels] < p[rows, best_other(p, labels)]))


def _by_class(
    p: Float64[np.ndarray, "N K"], labels: Int64[np.ndarray, " N"], joint: Float64[np.ndarray, "K K"]
) -> Bool[np.ndarray, " N"]:
    found = np.zeros(len(p), dtype=bool)
    for label in range(len(joint)):
        rows = np.flatnonzero(labels == label)
        wrong = _rows_of(len(p), joint[label].sum() - joint[label, label])
        found[rows[np.argsort(p[rows, label], kind="stable")[:wrong]]] = True
    return found


def _by_noise_rate(
    p: Float64[np.ndarray, "N K"], labels: Int64[np.ndarray, " N"], joint: Float64[np.ndarray, "K K"]
) -> Bool[np.ndarray, " N"]:
    found = np.zeros(len(p), dtype=bool)
    for label in range(len(joint)):
        rows = np.flatnonzero(labels == label)
        for other in set(range(len(joint))) - {label}:
            margin = p[rows, other] - p[rows, label]
            wrong = _rows_of(len(p), joint[label, other])
            found[rows[np.argsort(-margin, kind="stable")[:wrong]]] = True
    return found


def _rows_of(n: int, share: float) -> int:
    """Return how many rows a share is; halves must not hang on the last bit."""
    return round(round(n * float(share), 9))


def _checked(
    probabilities: Float[np.ndarray, "N K"], labels: Int64[np.ndarray, " N"]
) -> Float64[np.ndarray, "N K"]:
    """Return the probabilities in float64, and refuse what is none."""
    p = np.asarray(probabilities, dtype=np.float64)
    if len(p) == 0 or p.shape[1] < 2:
        raise DataError(f"labels are checked on one row or more and two labels or more, not on {p.shape}")
    if not (np.isfinite(p).all() and (p >= 0).all() and np.allclose(p.sum(1), 1, atol=1e-3)):
        raise DataError("probabilities must lie in [0, 1] and sum to 1 in each row; leave failed rows out")
    if labels.min() < 0 or labels.max() >= p.shape[1]:
        raise DataError(
            f"labels must lie in 0 … {p.shape[1] - 1}, not in {labels.min()} … {labels.max()}; leave rows "
            "without a label out"
        )
    return p
