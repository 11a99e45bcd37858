"""How far two partitions of the same rows agree, with intervals: ARI (eq. 4.14) and NMI (eq. 4.15).

A bootstrap cannot make these: a draw holds rows twice, and two copies of a row are always together in both
partitions, so that chance seems to agree (`benchmarks/intervals.py` shows it). A jackknife leaves each
row, or each group of rows, out once. Both figures are functions of three sums over the table of counts and
its two margins, so that leaving a unit out changes a few terms; all of them together cost a fraction of a
bootstrap.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

from evocative.metrics.checks import as_classes, check_same_length
from evocative.metrics.clustering import adjusted_rand_index, normalized_mutual_information
from evocative.metrics.intervals import Interval, jackknife

RANGES: Final = {"ari": (-0.5, 1.0), "nmi": (0.0, 1.0)}
Counts = NDArray[np.float64]


def agreement_intervals(
    labels: ArrayLike, clusters: ArrayLike, *, groups: ArrayLike | None = None, level: float = 0.95
) -> dict[str, Interval]:
    """Return ARI and NMI of two partitions with their intervals, as "ari" and "nmi".

    NMI is biased upwards: of independent partitions it is about (K − 1)(C − 1) / N(H(U) + H(V)), not 0. Its
    interval therefore reaches down to where NMI without that bias may lie; one that reaches 0 says that
    chance would give as much.

    Args:
        labels: (N,) class indices, -1 where missing: those rows are left out.
        clusters: (N,) cluster indices.
        groups: (N,) which rows belong together; whole groups are left out at once.
        level: Of the intervals, in (0, 1).

    With fewer than two classes among the rows there is nothing to tell apart, and all is nan.

    Raises:
        DataError: The lengths differ or an index is no class.

    Example:
        >>> labels = np.arange(200) % 2
        >>> str(agreement_intervals(labels, np.where(np.arange(200) < 20, 1 - labels, labels))["ari"])
        '0.638 [0.503, 0.773], n = 200'
    """
    one = as_classes(labels, what="labels", allow_missing=True)
    other = as_classes(clusters, what="clusters")
    names = np.arange(len(one)) if groups is None else np.asarray(groups)
    check_same_length(labels=one, clusters=other, groups=names)
    known = one >= 0
    one, other, names = one[known], other[known], names[known]
    units, unit = np.unique(names, return_inverse=True)
    n_groups = None if groups is None else len(units)
    if len(np.unique(one)) < 2:
        return {name: Interval(nan, nan, nan, one.size, level, n_groups) for name in RANGES}
    values = {
        "ari": adjusted_rand_index(one, other), "nmi": normalized_mutual_information(one, other),
    }  # fmt: skip
    tables = _Tables.of(one, other, unit)
    without = {"ari": tables.ari(), "nmi": tables.nmi()}
    found = {}
    for name, (least, most) in RANGES.items():
        ends = jackknife(values[name], without[name], level=level, least=least, most=most)
        found[name] = Interval(values[name], *ends, one.size, level, n_groups)
    return found


@dataclass(frozen=True, eq=False)
class _Tables:
    """Rows without each unit: their number, and sums over the table of counts and over its margins."""

    rows: Counts
    pairs: tuple[Counts, Counts, Counts]
    """Σ c(c − 1)/2 of labels, clusters and both, (U,) each."""
    logs: tuple[Counts, Counts, Counts]
    """Σ c ln c of the same."""

    @classmethod
    def of(cls, labels: NDArray[np.int64], clusters: NDArray[np.int64], unit: NDArray[np.intp]) -> "_Tables":
        both = labels * (int(clusters.max()) + 1) + clusters
        codes = [np.unique(part, return_inverse=True)[1] for part in (labels, clusters, both)]
        rows = len(labels) - np.bincount(unit).astype(np.float64)
        pairs, logs = (tuple(_sums_without(code, unit, term) for code in codes) for term in (_pairs, _logs))
        return cls(rows, (pairs[0], pairs[1], pairs[2]), (logs[0], logs[1], logs[2]))

    def ari(self) -> Counts:
        """Return ARI of the rows without each unit; 1 where both sides are trivial alike."""
        labels, clusters, together = self.pairs
        expected = labels * clusters / np.maximum(_pairs(self.rows), 1.0)
        room = (labels + clusters) / 2 - expected
        trivial = np.abs(room) < 1e-12
        return np.where(trivial, 1.0, (together - expected) / np.where(trivial, 1.0, room))

    def nmi(self) -> Counts:
        """Return 2I / (H + H) of the same; 1 where both sides have one part."""
        n = np.maximum(self.rows, 1.0)
        labels, clusters, joint = (np.log(n) - sums / n for sums in self.logs)
        total = labels + clusters
        trivial = total < 1e-12
        return np.where(trivial, 1.0, np.clip(2 * (total - joint) / np.where(trivial, 1.0, total), 0, 1))


def _sums_without(code: NDArray[np.intp], unit: NDArray[np.intp], term: Callable[[Counts], Counts]) -> Counts:
    """Return Σ term(count of a code) over the rows without each unit: only the unit's own codes change."""
    counts = np.bincount(code).astype(np.float64)
    cells, times = np.unique(unit.astype(np.int64) * len(counts) + code, return_counts=True)
    whose, which = np.divmod(cells, len(counts))
    change = term(counts[which] - times) - term(counts[which])
    whole = float(term(counts).sum())
    return np.asarray(whole + np.bincount(whose, change, int(unit.max()) + 1))


def _pairs(counts: Counts) -> Counts:
    return counts * (counts - 1) / 2


def _logs(counts: Counts) -> Counts:
    return np.asarray(xlogy(counts, counts))
