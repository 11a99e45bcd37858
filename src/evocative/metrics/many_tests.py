"""Many correlations at once: what each says of itself, and what is left of it beside all the others.

At a level of 95 % one test in twenty speaks up where there is nothing. Of many that were looked at, Benjamini
& Hochberg's rate of false discoveries is the share of wrong ones among those that are named (1995; right for
independent tests and for such as rise and fall together); Holm's p bounds the chance of a single wrong one
(1979; right for any).
"""

from math import atanh, nan

import numpy as np
from jaxtyping import Float64
from numpy.typing import ArrayLike
from scipy.stats import false_discovery_control, norm, pearsonr

from evocative.errors import DataError, unknown
from evocative.metrics.checks import check_same_length
from evocative.metrics.intervals import Interval

CORRECTIONS = ("bh", "holm")


def corrected(p: ArrayLike, method: str = "bh") -> Float64[np.ndarray, "..."]:
    """Return p values corrected for how many there are; nan stays nan, and does not count as a test.

    Args:
        p: of any shape, in [0, 1].
        method: `bh`: the rate of false discoveries, often called q; `holm`.

    Raises:
        DataError: a value is out of range, or an unknown method.

    Example:
        >>> corrected([0.01, 0.02, 0.03, 0.5]).round(3).tolist()
        [0.04, 0.04, 0.04, 0.5]
        >>> corrected([0.01, 0.02, 0.03, 0.5], "holm").round(3).tolist()
        [0.04, 0.06, 0.06, 0.5]
    """
    if method not in CORRECTIONS:
        raise DataError("correction for many tests: " + unknown("method", method, CORRECTIONS))
    found = np.array(p, dtype=np.float64)
    tested = ~np.isnan(found)
    values = found[tested]
    if ((values < 0) | (values > 1)).any():
        raise DataError(f"p values lie in [0, 1], found {values.min():.3g} to {values.max():.3g}")
    if values.size:
        found[tested] = false_discovery_control(values) if method == "bh" else _holm(values)
    return found


def _holm(p: Float64[np.ndarray, " M"]) -> Float64[np.ndarray, " M"]:
    """Return the i-th smallest of m times m - i + 1, never below a smaller one's, at most 1."""
    order = np.argsort(p, kind="stable")
    rising = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1)).clip(max=1)
    found = np.empty_like(p)
    found[order] = rising
    return found


def correlation_test(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> tuple[Interval, float]:
    """Return Pearson's r of (N,) pairs with its interval, and the p of there being none (scipy).

    Interval by Fisher's z, p by Student's t with N - 2 degrees of freedom: both take pairs as independent
    draws of a bivariate normal. Pairs with nan are left out. Two pairs always lie on a line: r needs three,
    its interval four. All nan where one side is constant.

    Example:
        >>> found, p = correlation_test([1, 2, 3, 4, 5], [1, 3, 2, 5, 4])
        >>> str(found), round(p, 3)
        ('0.800 [-0.280, 0.986], n = 5', 0.104)
    """
    one, other = (np.asarray(values, dtype=np.float64) for values in (first, second))
    check_same_length(first=one, second=other)
    there = ~(np.isnan(one) | np.isnan(other))
    one, other = one[there], other[there]
    if one.size < 3 or min(_spread(one), _spread(other)) < 1e-12:
        return Interval(nan, nan, nan, one.size, level), nan
    found = pearsonr(one, other)
    ends = found.confidence_interval(level) if one.size > 3 else (nan, nan)
    return Interval(float(found.statistic), float(ends[0]), float(ends[1]), one.size, level), float(
        found.pvalue
    )


def _spread(values: Float64[np.ndarray, " N"]) -> float:
    return float(np.ptp(values))


def p_of_interval(found: Interval) -> float:
    """Return the two-sided p of a correlation being 0, read off its interval.

    On Fisher's scale, z = atanh(r), a correlation's distribution is near to normal; its SD is the interval's
    width there over that of a standard normal. So p goes with the interval, and groups that were drawn as a
    whole count as they do in it. nan where there is no interval, or one without width.

    Example:
        >>> round(p_of_interval(Interval(0.3, 0.1, 0.48, 100)), 4)
        0.0041
    """
    ends = (found.value, found.low, found.high)
    if np.isnan(ends).any():
        return nan
    if all(abs(end) > 1 - 1e-9 for end in ends):
        return 0.0  # no draw was anything but perfect
    z, low, high = (atanh(float(np.clip(end, -1 + 1e-9, 1 - 1e-9))) for end in ends)
    if high <= low:
        return nan
    sd = (high - low) / (2 * float(norm.ppf((1 + found.level) / 2)))
    return float(2 * norm.sf(abs(z) / sd))
