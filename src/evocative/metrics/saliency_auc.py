"""Areas under ROC curves of a map that says where people look: AUC-Judd, AUC-Borji, shuffled AUC.

A map is read as a classifier: pixels above a threshold are said to be looked at. The three differ in what
stands for "not looked at": all other pixels (Judd et al. 2009), pixels drawn at random (Borji et al. 2013),
or pixels that people looked at in other images, which takes the benefit out of a bright centre (Zhang et al.
2008).
"""

from math import nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError, unknown
from evocative.metrics.map_values import as_fixations, as_map, min_max

TIES = ("benchmark", "half", "letter")


def auc_judd(
    values: ArrayLike,
    fixations: ArrayLike,
    *,
    ties: str = "benchmark",
    jitter: float = 0,
    seed: int = 0,
    repeated: bool = False,
) -> float:
    """Return AUC-Judd: thresholds are the map's values at fixations.

    With k fixated of n pixels, and t_i the i-th largest value at a fixation: tp_i = i / k and
    fp_i = (#{S ≥ t_i} − i) / (n − k); (0, 0) and (1, 1) are added, and the trapezoids summed. Without ties
    this is the exact area plus fp_k / 2k: half a step more, as trapezoids cut corners.

    Where values tie, the formula takes all that tie with a fixation for false alarms before it, so that a map
    that is on in a tenth of the picture has .1 where guessing has .5. The benchmark's code therefore adds
    noise to every map first, which puts what ties into a random order. The default is the mean over all these
    orders, in closed form: the exact area with ties half, plus the mean half step. No noise is drawn.

    Args:
        values: the map (h, w).
        fixations: (k, 2), row and column from 0.
        ties: `benchmark`: the mean over all orders of what ties; a constant map, which has no order, has .5.
            `half`: the exact area (Mann–Whitney), ties count half. `letter`: the formula as it stands, which
            is the benchmark's code with its noise switched off.
        jitter: uniform noise in [0, jitter) that is added first, which breaks ties by chance; the benchmark:
            1e-7 of a map in [0, 1].
        seed: of the noise.
        repeated: whether a pixel that was looked at twice counts twice (only with `half`).

    Returns:
        The area in [0, 1]; nan without fixations, or if every pixel is one.

    Raises:
        DataError: no map, a fixation outside, or an unknown way to treat ties.

    Example:
        >>> auc_judd([[0.0, 0.0], [0.0, 1.0]], [[0, 0]], ties="half")  # above none, level with two of three
        0.3333333333333333
    """
    array = as_map(values)
    places = as_fixations(fixations, array.shape, repeated=repeated and ties == "half")
    if ties not in TIES:
        raise DataError("AUC-Judd: " + unknown("way to treat ties", ties, TIES))
    if not 0 < len(places) < array.size:
        return nan
    if jitter:
        array = array.astype(np.float64) + jitter * np.random.default_rng(seed).random(array.shape)
    positive = array[places[:, 0], places[:, 1]]
    if ties == "letter":
        return _area_by_the_letter(positive, array)
    if ties == "half":
        once = as_fixations(places, array.shape, repeated=False)
        return _area_against_the_rest(positive, array[once[:, 0], once[:, 1]], array)
    area = _area_against_the_rest(positive, positive, array)
    return area if array.min() == array.max() else area + _half_step(positive, array)


def _area_by_the_letter(positive: NDArray[Any], array: NDArray[Any]) -> float:
    """Return the sum of trapezoids between thresholds at fixations, whatever ties."""
    k = len(positive)
    hits = np.arange(1, k + 1)
    true = np.concatenate([[0], hits / k, [1]])
    false = np.concatenate([[0], (_at_least(positive, array) - hits) / (array.size - k), [1]])
    return float(np.trapezoid(true, false))


def _area_against_the_rest(positive: NDArray[Any], fixated: NDArray[Any], array: NDArray[Any]) -> float:
    """Return Mann–Whitney's area of positive values against all pixels that are not fixated, ties half."""
    wins = _twice_above(positive, array.ravel()) - _twice_above(positive, fixated)
    return float(wins / (2 * positive.size * (array.size - fixated.size)))


def _half_step(positive: NDArray[Any], array: NDArray[Any]) -> float:
    """Return the mean of fp_k / 2k over all orders of what ties.

    fp_k counts the pixels above the last of the k fixations. Of m others that tie with the lowest j of them,
    each stands above the last in j of j + 1 orders.
    """
    k, lowest = len(positive), positive.min()
    last = int(np.count_nonzero(positive == lowest))
    above = int(np.count_nonzero(array > lowest)) - (k - last)
    tied = int(np.count_nonzero(array == lowest)) - last
    return float((above + tied * last / (last + 1)) / (2 * k * (array.size - k)))


def auc_borji(
    values: ArrayLike,
    fixations: ArrayLike,
    *,
    step: float | None = 0.1,
    n_splits: int = 100,
    seed: int = 0,
    stretch: bool = True,
) -> float:
    """Return AUC-Borji: fixated pixels against as many drawn from all pixels, with replacement.

    Args:
        values: the map (h, w).
        fixations: (k, 2), row and column from 0; a pixel counts once.
        step: between thresholds 0, step, 2·step … up to the largest value; None: the exact area against all
            pixels, ties half, which many draws with small steps approach.
        n_splits: draws that are averaged.
        seed: of the draws.
        stretch: whether the map is stretched to [0, 1] first (the benchmark).

    Returns:
        The area in [0, 1], .5 for a constant map; nan without fixations.

    Raises:
        DataError: no map, a fixation outside, or a setting is out of range.
    """
    array = min_max(values) if stretch else as_map(values)
    places = as_fixations(fixations, array.shape, repeated=False)
    _check_splits(step, n_splits)
    if not len(places):
        return nan
    positive = array[places[:, 0], places[:, 1]]
    if step is None:
        return exact_area(positive, array.ravel())
    draws = np.random.default_rng(seed).integers(array.size, size=(n_splits, len(positive)))
    return _stepped_area(positive, array.ravel()[draws], step)


def auc_shuffled(
    values: ArrayLike,
    fixations: ArrayLike,
    others: ArrayLike,
    *,
    step: float | None = 0.1,
    n_splits: int = 100,
    seed: int = 0,
    stretch: bool = True,
) -> float:
    """Return the shuffled AUC: fixated pixels against pixels that were fixated on other images.

    Each split draws as many of the others as there are fixated pixels (or all, if there are fewer), without
    replacement. A centre prior gets about .5.

    Args:
        values: the map (h, w).
        fixations: (k, 2), row and column from 0; a pixel counts once.
        others: (m, 2), the same of other images, scaled to this one's size; a pixel counts once. The
            benchmark takes ten other images.
        step: between thresholds; None: the exact area against all the others, ties half.
        n_splits: draws that are averaged.
        seed: of the draws.
        stretch: whether the map is stretched to [0, 1] first (the benchmark).

    Returns:
        The area in [0, 1], .5 for a constant map; nan without fixations here or there.

    Raises:
        DataError: no map, a fixation outside, or a setting is out of range.
    """
    array = min_max(values) if stretch else as_map(values)
    places = as_fixations(fixations, array.shape, repeated=False)
    elsewhere = as_fixations(others, array.shape, repeated=False)
    _check_splits(step, n_splits)
    if not len(places) or not len(elsewhere):
        return nan
    positive = array[places[:, 0], places[:, 1]]
    negative = array[elsewhere[:, 0], elsewhere[:, 1]]
    if step is None:
        return exact_area(positive, negative)
    size = min(len(positive), len(negative))
    order = np.random.default_rng(seed).random((n_splits, len(negative)))
    draws = np.argpartition(order, size - 1, axis=1)[:, :size]
    return _stepped_area(positive, negative[draws], step)


def exact_area(positive: ArrayLike, negative: ArrayLike) -> float:
    """Return how often a positive value is above a negative one, ties half (Mann–Whitney's U / (k·m)).

    Args:
        positive: (k,).
        negative: (m,).

    Example:
        >>> exact_area([2.0, 3.0], [1.0, 2.0])
        0.875
    """
    above, below = np.asarray(positive), np.asarray(negative)
    return float(_twice_above(above, below) / (2 * above.size * below.size))


def _twice_above(positive: NDArray[Any], values: NDArray[Any]) -> int:
    """Return how often a positive value is above one of the values, doubled, and ties once."""
    rising = np.sort(values)  # vectorised in numpy: far quicker than searching for every value
    sides = (np.searchsorted(rising, positive, side="left"), np.searchsorted(rising, positive, side="right"))
    return int(sum(int(side.sum()) for side in sides))


def _at_least(thresholds: NDArray[Any], values: NDArray[Any]) -> NDArray[np.int64]:
    """Return how many values are at least as large as each threshold, the thresholds descending (k,)."""
    falling = np.sort(thresholds)[::-1]
    return values.size - np.searchsorted(np.sort(values.ravel()), falling, side="left")


def _stepped_area(positive: NDArray[Any], drawn: NDArray[Any], step: float) -> float:
    """Return the mean area of curves with thresholds at equal steps; drawn (n_splits, m)."""
    highest = float(max(positive.max(), drawn.max()))
    thresholds = np.arange(int(np.floor(highest / step + 1e-9)) + 1) * step
    true = _shares_above(positive[None], thresholds)
    false = _shares_above(drawn, thresholds)
    return float(np.trapezoid(np.broadcast_to(true, false.shape), false, axis=1).mean())


def _shares_above(rows: NDArray[Any], thresholds: NDArray[Any]) -> NDArray[np.float64]:
    """Return the shares of each row (r, m) at or above the thresholds, falling, from 0 to 1: (r, t + 2)."""
    n_rows, n_bins = len(rows), len(thresholds) + 1
    bins = np.searchsorted(thresholds, rows, side="right") + n_bins * np.arange(n_rows)[:, None]
    counts = np.bincount(bins.ravel(), minlength=n_rows * n_bins).reshape(n_rows, n_bins)
    above = counts[:, :0:-1].cumsum(axis=1) / rows.shape[1]
    return np.concatenate([np.zeros((n_rows, 1)), above, np.ones((n_rows, 1))], axis=1)


def _check_splits(step: float | None, n_splits: int) -> None:
    if (step is not None and not 0 < step <= 1) or n_splits < 1:
        raise DataError(
            f"AUC: the step must be in (0, 1] and there must be a split or more, found {step}, {n_splits}"
        )
