"""Intervals of figures that each run has of its own: paired differences of runs, fold by fold.

Folds share training rows, so that their differences are no independent witnesses; Nadeau & Bengio 2003
widen the variance of their mean: (1/J + n_test/n_train) · s² in place of s²/J, with Student's t of J - 1
degrees of freedom (their corrected resampled t-test, here over folds as in Bouckaert & Frank 2004).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan, sqrt

import numpy as np
from jaxtyping import Float64
from scipy.stats import t as student

from evocative.metrics.intervals import percentile_ends

Cell = tuple[str, int]
"""Fold and seed of a run."""


@dataclass(frozen=True)
class Estimate:
    """A mean over runs with its interval; the ends are NaN where there are too few runs for one."""

    value: float
    low: float
    high: float
    runs: int
    method: str
    """How the interval was made; empty where there is none."""


def bootstrapped(values: Float64[np.ndarray, " D"], level: float, runs: int, method: str) -> Estimate:
    """Return a figure of images with the interval of its draws.

    Args:
        values: The figure of the rows as they are, then of each draw; NaN where undefined.
        level: Of the interval, in (0, 1).
        runs: That it rests on.
        method: How the draws were made.
    """
    low, high = percentile_ends(float(values[0]), values[1:], level)
    return Estimate(float(values[0]), low, high, runs, method if isfinite(low) else "")


def mean_over_runs(
    values: Mapping[Cell, float], ratios: Mapping[Cell, float], *, level: float = 0.95
) -> Estimate:
    """Return the mean of a figure, or of its paired differences, over folds and seeds.

    Values are averaged over seeds within a fold first. With two folds or more the interval is over folds,
    with the correction; with one fold it is over its seeds, and says nothing of other images or splits.

    Args:
        values: One a run; those that are not finite are left out.
        ratios: Test rows over training rows of each run.
        level: Of the interval, in (0, 1).

    Example:
        >>> found = mean_over_runs({("0", 0): 1.0, ("1", 0): 3.0}, {("0", 0): 1.0, ("1", 0): 1.0})
        >>> found.value, round(found.high, 2)
        (2.0, 24.01)
    """
    kept = {cell: value for cell, value in values.items() if isfinite(value)}
    folds = list(dict.fromkeys(fold for fold, _ in kept))
    by_fold = [[kept[cell] for cell in kept if cell[0] == fold] for fold in folds]
    if len(folds) > 1:
        means = np.array([np.mean(found) for found in by_fold])
        overlap = float(np.mean([ratios[cell] for cell in kept]))
        return _interval(
            means, 1 / len(folds) + overlap, len(kept), f"corrected t over {len(folds)} folds", level
        )
    seeds = np.array(by_fold[0]) if by_fold else np.zeros(0)
    return _interval(seeds, 1 / max(len(seeds), 1), len(kept), f"t over {len(seeds)} seeds", level)


def _interval(
    values: "np.ndarray[tuple[int], np.dtype[np.float64]]", share: float, runs: int, method: str, level: float
) -> Estimate:
    if len(values) < 2:
        return Estimate(float(values[0]) if len(values) else nan, nan, nan, runs, "")
    mean = float(values.mean())
    reach = float(student.ppf((1 + level) / 2, len(values) - 1)) * sqrt(share * float(values.var(ddof=1)))
    return Estimate(mean, mean - reach, mean + reach, runs, method)
