"""Bootstrap intervals: how far a figure could be off because these images, not others, were measured.

Rows are drawn with replacement as many times as there are rows, the metric is computed on each draw, and the
middle 95 % of the results is the interval (percentile bootstrap, Efron 1979). Where rows belong together (one
theme, video or author) whole groups are drawn: images of a group are no independent witnesses.

That serves figures whose draws lie around the figure itself, as means over rows, shares, correlations and
areas do. A draw holds rows twice, and some figures go by that: two copies of a row are in one cluster and
of one label, so agreement of clusters rises; and more noise raises whatever adds up absolute values. Of
such figures the middle of the draws is no interval:

- a figure that noise can only raise, as the expected calibration error, is named by `raised` (see there);
- agreement of partitions (ARI, NMI) has `jackknife`, which leaves rows out and never doubles one;
- of others, where the middle of the draws does not hold the figure, there is no interval: the ends are nan.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from math import isnan, nan, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from evocative.errors import DataError
from evocative.metrics.checks import check_same_length

ROUNDING: Final = 1e-9
"""How far, of a figure's size, it may lie outside its draws because sums were rounded otherwise."""
PERCENTILE: Final = "percentile bootstrap"
RAISED: Final = "bootstrap, mirrored below for bias"
JACKKNIFE: Final = "jackknife, corrected for bias"
"""How intervals are made, in words."""


@dataclass(frozen=True)
class Interval:
    """A figure, and the interval around it; str() gives "0.719 [0.704, 0.734], n = 3407"."""

    value: float  # of the rows as they are
    low: float  # ≤ value ≤ high; nan where there is no interval
    high: float
    n: int  # rows
    level: float = 0.95
    n_groups: int | None = None  # None: rows were drawn one by one
    n_resamples: int = 0  # draws in which the figure was defined

    def __str__(self) -> str:
        groups = "" if self.n_groups is None else f" in {self.n_groups} groups"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}], n = {self.n}{groups}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, for a report."""
        return asdict(self)


def bootstrap(
    metric: Callable[..., float],
    *arrays: ArrayLike,
    groups: ArrayLike | None = None,
    n_resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Return a metric of some arrays with its interval.

    Args:
        metric: called with the arrays (rows drawn from all alike), returns a number; nan where undefined.
        arrays: one row an image each. Leave out rows without a target first, so that `n` counts what was
            measured.
        groups: (N,), which rows belong together; whole groups are drawn.
        n_resamples: draws. Those in which the metric is nan are left out (and not counted in the result).
        level: of the interval, in (0, 1).
        seed: of the draws.

    The ends are nan where the value is, where no draw is defined, with fewer than two rows (or groups),
    and where the draws lie beside the value: the metric is none for a bootstrap then (see the module).

    Raises:
        DataError: the arrays have different numbers of rows, or a setting is out of range.

    Example:
        >>> labels, predictions = np.array([0, 1, 1, 0] * 50), np.array([0, 1, 0, 0] * 50)
        >>> str(bootstrap(lambda a, b: float(np.mean(a == b)), labels, predictions))
        '0.750 [0.685, 0.810], n = 200'
    """
    figures = bootstrap_figures(
        lambda *rows: {"": metric(*rows)},
        *arrays,
        groups=groups,
        n_resamples=n_resamples,
        level=level,
        seed=seed,
    )
    return figures[""]


def bootstrap_difference(
    metric: Callable[..., float],
    targets: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    n_resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Return metric(targets, first) - metric(targets, second) with its interval, both on the same draws.

    Args, errors: as `bootstrap`; `first` and `second` are the predictions of two models for the same rows. An
    interval that does not hold 0 says that the models differ at this level.
    """

    def difference(targets: NDArray[Any], first: NDArray[Any], second: NDArray[Any]) -> float:
        return metric(targets, first) - metric(targets, second)

    return bootstrap(
        difference, targets, first, second, groups=groups, n_resamples=n_resamples, level=level, seed=seed
    )


def bootstrap_figures(
    metrics: Callable[..., Mapping[str, float]],
    *arrays: ArrayLike,
    groups: ArrayLike | None = None,
    n_resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    raised: Collection[str] = (),
) -> dict[str, Interval]:
    """Return several figures, computed together on the same draws, each with its interval.

    Args, errors: as `bootstrap`, but `metrics` returns a mapping of names to numbers, with the same names
    each time. `raised` names those that are ≥ 0 and that noise can only raise (see `raised_ends`).

    Example:
        >>> from evocative.metrics.classification import classification_metrics
        >>> labels, predictions = np.array([0, 1, 1, 0] * 50), np.array([0, 1, 0, 0] * 50)
        >>> def figures(labels, predictions):
        ...     return classification_metrics(labels, predictions, names=["awe", "fear"]).figures()
        >>> str(bootstrap_figures(figures, labels, predictions)["macro_recall"])
        '0.750 [0.702, 0.797], n = 200'
    """
    columns, members, n_units = _checked(arrays, groups, n_resamples, level)
    value = dict(metrics(*columns))
    n_rows, n_groups = len(columns[0]), None if groups is None else n_units
    draws = np.full((n_resamples, len(value)), np.nan)
    if n_units > 1:
        rng = np.random.default_rng(seed)
        for draw in draws:
            rows = _draw(rng, members, n_units)
            drawn = metrics(*(column[rows] for column in columns))
            draw[:] = [drawn[name] for name in value]
    return {
        name: _interval(value[name], draws[:, place], level, n_rows, n_groups, raised=name in raised)
        for place, name in enumerate(value)
    }


def percentile_ends(value: float, draws: NDArray[np.float64], level: float) -> tuple[float, float]:
    """Return the ends of the middle of the draws that are defined; nan where it does not hold the value.

    Args:
        value: The figure of the rows as they are.
        draws: (B,) of each draw, nan where undefined.
        level: In (0, 1).

    Example:
        >>> draws = np.arange(101.0)
        >>> [round(end, 6) for end in percentile_ends(50.0, draws, 0.9)], percentile_ends(200.0, draws, 0.9)
        ([5.0, 95.0], (nan, nan))
    """
    defined = draws[~np.isnan(draws)]
    if not defined.size or isnan(value):
        return nan, nan
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2]).tolist()
    rounding = ROUNDING * max(1.0, abs(value))
    if not low - rounding <= value <= high + rounding:
        return nan, nan
    return min(low, value), max(high, value)


def raised_ends(value: float, draws: NDArray[np.float64], level: float) -> tuple[float, float]:
    """Return an interval for a figure ≥ 0 that noise can only raise, as a sum of absolute differences.

    With a true difference of 0 and noise ε in the sample, the figure is E|ε| where it should be 0, and a
    draw, which adds noise of the same size, is E|ε + ε'| = √2 E|ε|: from the bias b that the draws show,
    the mean of them less the value, follows that of the value, (√2 + 1) b. The high end is that of the
    draws, which the bias makes too high and never too low; the low end is its mirror image, which takes b
    off, less √2 b for the rest. How often such an interval holds the truth is simulated in
    `benchmarks/intervals.py`.

    Args:
        value: The figure of the rows as they are, ≥ 0.
        draws: (B,) of each draw, nan where undefined.
        level: In (0, 1).
    """
    defined = draws[~np.isnan(draws)]
    if not defined.size or isnan(value):
        return nan, nan
    high = float(np.quantile(defined, (1 + level) / 2))
    bias = max(float(defined.mean()) - value, 0.0)
    return min(max(2 * value - high - sqrt(2) * bias, 0.0), value), max(high, value)


def jackknife(
    value: float, without: NDArray[np.float64], *, level: float = 0.95, least: float = -np.inf,
    most: float = np.inf,
) -> tuple[float, float]:  # fmt: skip
    """Return an interval of a figure from its values with each row, or group, left out (Tukey 1958).

    No draw holds a row twice, so that figures of pairs of rows, as the agreement of two partitions, keep
    their meaning. The interval is the figure corrected for bias (Quenouille 1956) ± Student's t times the
    jackknife's standard error, cut off at the figure's range, and wide enough to hold the figure itself:
    of a figure that is biased, as mutual information is upwards, it reaches from where the truth may lie
    to what was measured.

    Args:
        value: The figure of all rows.
        without: (U,) of the rows without one unit each, units being rows or whole groups.
        level: In (0, 1).
        least: The figure's least value.
        most: Its largest.

    The ends are nan with fewer than two units, or where the figure is undefined without one of them.

    Example:
        >>> values = np.array([1.0, 2.0, 3.0, 4.0])  # a mean: the interval is Student's
        >>> low, high = jackknife(values.mean(), (values.sum() - values) / 3)
        >>> round(float(low), 3), round(float(high), 3)
        (0.446, 4.554)
    """
    units = len(without)
    if units < 2 or isnan(value) or np.isnan(without).any():
        return nan, nan
    middle = float(without.mean())
    centre = value + (units - 1) * (value - middle)
    error = sqrt((units - 1) * float(np.mean((without - middle) ** 2)))
    reach = float(student.ppf((1 + level) / 2, units - 1)) * error
    return min(max(centre - reach, least), value), max(min(centre + reach, most), value)


def _checked(
    arrays: tuple[ArrayLike, ...], groups: ArrayLike | None, n_resamples: int, level: float
) -> tuple[list[NDArray[Any]], NDArray[np.intp] | None, int]:
    """Return the arrays, the unit of each row (None: each is its own), and how many units there are."""
    if not arrays or n_resamples < 1 or not 0 < level < 1:
        raise DataError(
            "a bootstrap needs an array or more, at least one draw and a level in (0, 1): "
            f"found {len(arrays)} arrays, n_resamples={n_resamples}, level={level}"
        )
    columns = [np.asarray(array) for array in arrays]
    check_same_length(**{f"array {place}": column for place, column in enumerate(columns)})
    if groups is None:
        return columns, None, len(columns[0])
    groups = np.asarray(groups)
    check_same_length(arrays=columns[0], groups=groups)
    names, members = np.unique(groups, return_inverse=True)
    return columns, members, len(names)


def _draw(rng: np.random.Generator, members: NDArray[np.intp] | None, n_units: int) -> NDArray[np.intp]:
    """Return the rows of as many units as there are, drawn with replacement."""
    units = rng.integers(n_units, size=n_units)
    if members is None:
        return units
    times = np.bincount(units, minlength=n_units)
    return np.repeat(np.arange(members.size), times[members])


def _interval(
    value: float, draws: NDArray[np.float64], level: float, n_rows: int, n_groups: int | None, *, raised: bool
) -> Interval:
    low, high = (raised_ends if raised else percentile_ends)(float(value), draws, level)
    return Interval(float(value), low, high, n_rows, level, n_groups, int((~np.isnan(draws)).sum()))
