"""Bootstrap intervals: how far a figure could be off because these images, not others, were measured.

Rows are drawn with replacement as many times as there are rows, the metric is computed on each draw, and the
middle 95 % of the results is the interval (percentile bootstrap, Efron 1979). Where rows belong together (one
theme, video or author) whole groups are drawn: images of a group are no independent witnesses.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.metrics.checks import check_same_length


@dataclass(frozen=True)
class Interval:
    """A figure, and the interval around it; str() gives "0.719 [0.704, 0.734], n = 3407"."""

    value: float  # of the rows as they are
    low: float
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

    The ends are nan where the value is, where no draw is defined, and with fewer than two rows (or groups).

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
) -> dict[str, Interval]:
    """Return several figures, computed together on the same draws, each with its interval.

    Args, errors: as `bootstrap`, but `metrics` returns a mapping of names to numbers, with the same names
    each time.

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
        name: _interval(value[name], draws[:, place], level, n_rows, n_groups)
        for place, name in enumerate(value)
    }


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
    value: float, draws: NDArray[np.float64], level: float, n_rows: int, n_groups: int | None
) -> Interval:
    defined = draws[~np.isnan(draws)]
    ends = [np.nan, np.nan]
    if defined.size and not np.isnan(value):
        ends = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(float(value), ends[0], ends[1], n_rows, level, n_groups, defined.size)
