"""Quality and diversity of an archive: how much of it is filled, how well, and how soon.

    quality_diversity([0.9, 0.4], cells=4)         # coverage 0.5, QD score 1.3
    archive_profile([0.9, 0.4], [0.5, 0.9], cells=4)
    at_evaluations([100, 200], [0.2, 0.3], 150)    # what a run had reached by then

QD scores (Pugh, Soros & Stanley 2016, "Quality diversity: a new frontier for evolutionary computation") of
two runs compare only where both have the same cells, the same fitness and as many evaluations.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf, nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from evocative.errors import DataError
from evocative.metrics.checks import check_same_length
from evocative.metrics.significance import Sample


@dataclass(frozen=True)
class QualityDiversity:
    """Figures of an archive; those of no elite are nan, a QD score of none is 0."""

    n: int
    """Occupied cells."""
    cells: int
    coverage: float
    """n / cells."""
    qd_score: float
    """Sum of fitness less the offset, over occupied cells."""
    normalised: float
    """QD score / cells: the mean over all cells, empty ones counted as the offset."""
    mean: float
    """Mean fitness of occupied cells."""
    median: float
    best: float

    def figures(self) -> dict[str, float]:
        """Return every figure by its name."""
        return {name: value for name, value in asdict(self).items() if name not in ("n", "cells")}

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, for a report."""
        return asdict(self)


def quality_diversity(fitness: ArrayLike, *, cells: int, offset: float = 0.0) -> QualityDiversity:
    """Measure an archive by the fitness of its elites.

    Args:
        fitness: (N,) of each occupied cell.
        cells: All cells, occupied or not.
        offset: The least fitness there can be; it is taken from each, so that filling a cell never lowers
            the score (0 for confidence).

    Raises:
        DataError: More elites than cells, or a fitness that is not finite or below the offset.

    Example:
        >>> found = quality_diversity([0.9, 0.4], cells=4)
        >>> found.coverage, round(found.qd_score, 3), round(found.normalised, 3)
        (0.5, 1.3, 0.325)
    """
    values = _fitness(fitness, cells)
    if values.size and values.min() < offset:
        raise DataError(
            f"a QD score needs an offset no higher than the least fitness, {values.min():g}: found {offset:g}"
        )
    score = float((values - offset).sum())
    mean, median, best = (
        (float(values.mean()), float(np.median(values)), float(values.max())) if values.size else (nan,) * 3
    )
    return QualityDiversity(values.size, cells, values.size / cells, score, score / cells, mean, median, best)


def archive_profile(fitness: ArrayLike, thresholds: ArrayLike, *, cells: int) -> NDArray[np.float64]:
    """Return the share of all cells whose elite has at least each fitness (Fontaine & Nikolaidis 2021: CCDF).

    At the least fitness it is the coverage; the area below it, from the offset on, is the QD score by cells.

    Args:
        fitness: (N,) of each occupied cell.
        thresholds: (T,) any numbers.
        cells: All cells.

    Returns:
        (T,) in [0, 1].

    Raises:
        DataError: More elites than cells, or a fitness that is not finite.

    Example:
        >>> archive_profile([0.9, 0.4], [0.0, 0.4, 0.5, 1.0], cells=4).tolist()
        [0.5, 0.5, 0.25, 0.0]
    """
    rising = np.sort(_fitness(fitness, cells))
    below = np.searchsorted(rising, np.asarray(thresholds, dtype=np.float64), side="left")
    return np.asarray((rising.size - below) / cells, dtype=np.float64)


def at_evaluations(evaluations: ArrayLike, values: ArrayLike, at: ArrayLike) -> NDArray[np.float64]:
    """Return what a run had reached after so many evaluations: its last record by then.

    Nothing is interpolated: an archive stays as it is until the next batch has been scored.

    Args:
        evaluations: (N,) rising, of the run's records.
        values: (N,) coverage, QD score …, recorded then.
        at: (M,) or one number.

    Returns:
        (M,), nan before the first record and after the last one (a run that has stopped says nothing of
        what it would have reached).

    Raises:
        DataError: The lengths differ, or evaluations do not rise.

    Example:
        >>> at_evaluations([100, 200], [0.2, 0.3], [50, 150, 200, 250]).tolist()
        [nan, 0.2, 0.3, nan]
    """
    steps, reached = (np.asarray(column, dtype=np.float64) for column in (evaluations, values))
    check_same_length(evaluations=steps, values=reached)
    if (np.diff(steps) <= 0).any():
        raise DataError("evaluations must rise from record to record: sort the curve")
    wanted = np.atleast_1d(np.asarray(at, dtype=np.float64))
    places = np.searchsorted(steps, wanted, side="right") - 1
    known = (places >= 0) & (wanted <= (steps[-1] if steps.size else -inf))
    found = np.full(wanted.shape, nan)
    found[known] = reached[places[known]]
    return found


@dataclass(frozen=True)
class OverSeeds:
    """A figure over repeated runs; SD and interval are nan with fewer than two."""

    mean: float
    sd: float
    """With n - 1."""
    low: float
    high: float
    """Student's t interval of the mean."""
    n: int
    level: float = 0.95

    def __str__(self) -> str:
        if self.n < 2:
            return f"{self.mean:.3f}"
        return f"{self.mean:.3f} ± {self.sd:.3f} [{self.low:.3f}, {self.high:.3f}], n = {self.n}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, for a report."""
        return asdict(self)


def over_seeds(values: Sequence[float], *, level: float = 0.95) -> OverSeeds:
    """Return mean, SD and interval of a figure over runs that differ only in their seed.

    Args:
        values: One a run; what is not finite is left out.
        level: Of the interval, in (0, 1). With three seeds Student's t makes it wide, as it should be.

    Raises:
        DataError: The level is out of range.

    Example:
        >>> str(over_seeds([0.50, 0.52, 0.54]))
        '0.520 ± 0.020 [0.470, 0.570], n = 3'
    """
    if not 0 < level < 1:
        raise DataError(f"expected a level in (0, 1), found {level}")
    sample = Sample.of(values)
    reach = nan
    if sample.n > 1:
        reach = float(student.ppf((1 + level) / 2, sample.n - 1)) * sample.sd / sqrt(sample.n)
    return OverSeeds(sample.mean, sample.sd, sample.mean - reach, sample.mean + reach, sample.n, level)


def _fitness(fitness: ArrayLike, cells: int) -> NDArray[np.float64]:
    values = np.asarray(fitness, dtype=np.float64)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise DataError(f"fitness must be one finite number an elite, (N,): found shape {values.shape}")
    if cells < 1 or values.size > cells:
        raise DataError(f"an archive has one elite a cell at most: found {values.size} elites, {cells} cells")
    return values
