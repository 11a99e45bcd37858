"""Is it a difference? Welch's t-test of repeated runs, measured or printed, and McNemar's of the same images.

The two answer different questions. Welch's asks whether training again, with other seeds, would give the
difference again; McNemar's asks whether these two trained models differ on images like these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, isfinite, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom, chi2
from scipy.stats import t as student

from evocative.errors import DataError
from evocative.metrics.checks import check_same_length


@dataclass(frozen=True)
class Sample:
    """Repeated measurements by their mean, standard deviation (n - 1) and number, as papers print them."""

    mean: float
    sd: float
    """NaN with one measurement."""
    n: int

    def __post_init__(self) -> None:
        if self.n < 0 or self.sd < 0:
            raise DataError(f"a sample has n ≥ 0 and a standard deviation ≥ 0, found {self.n} and {self.sd}")

    @classmethod
    def of(cls, values: Sequence[float]) -> "Sample":
        """Measure the values that are finite."""
        kept = np.array([value for value in values if isfinite(value)], dtype=np.float64)
        if kept.size < 2 or not np.ptp(kept):  # a mean of equal numbers may be rounded, and seem to vary
            return cls(float(kept[0]) if kept.size else nan, 0.0 if kept.size > 1 else nan, kept.size)
        return cls(float(kept.mean()), float(kept.std(ddof=1)), kept.size)


@dataclass(frozen=True)
class Welch:
    """A difference of two means, with what Welch's t-test says of it."""

    difference: float
    """The first mean less the second."""
    low: float
    high: float
    p: float
    """Two-sided."""
    t: float
    df: float
    """Degrees of freedom by Welch & Satterthwaite; no whole number."""
    level: float


def welch(first: Sample | Sequence[float], second: Sample | Sequence[float], *, level: float = 0.95) -> Welch:
    """Compare two means whose variances may differ (Welch 1947, Biometrika 34).

    Args:
        first: Measurements of independent runs, or their printed mean, SD and number.
        second: The same of what it is compared with.
        level: Of the interval, in (0, 1).

    All but the difference is NaN where a side has fewer than two runs, or where no side varies: such runs are
    one run copied, and no witnesses.

    Raises:
        DataError: The level is out of range.

    Example:
        >>> found = welch(Sample(81.806, 0.177, 5), Sample(81.368, 0.174, 5))  # a published table
        >>> f"{found.difference:.3f} ({found.low:.3f}, {found.high:.3f}), p = {found.p:.4f}"
        '0.438 (0.182, 0.694), p = 0.0043'
    """
    if not 0 < level < 1:
        raise DataError(f"expected a level in (0, 1), found {level}")
    one, two = (side if isinstance(side, Sample) else Sample.of(side) for side in (first, second))
    difference = one.mean - two.mean
    if min(one.n, two.n) < 2 or not (one.sd > 0 or two.sd > 0):
        return Welch(difference, nan, nan, nan, nan, nan, level)
    errors = [side.sd / sqrt(side.n) for side in (one, two)]
    error = hypot(*errors)
    # Satterthwaite; by shares of the variance, so that nothing is lost where variances are tiny
    shares = [(each / error) ** 2 for each in errors]
    df = 1 / sum(share**2 / (side.n - 1) for share, side in zip(shares, (one, two), strict=True))
    reach = float(student.ppf((1 + level) / 2, df)) * error
    t = difference / error
    p = 2 * float(student.sf(abs(t), df))
    return Welch(difference, difference - reach, difference + reach, p, t, df, level)


@dataclass(frozen=True)
class McNemar:
    """Which of two models is right where they differ."""

    both: int
    """Images that both recognise."""
    only_first: int
    only_second: int
    neither: int
    p: float
    """Exact, two-sided: of the images on which one is right, as many or more on one side by a fair coin."""
    mid_p: float
    """The same, the observed outcome counted half (Fagerland 2013): less strict, and closer to its level."""
    chi2: float
    """(|b - c| - 1)² / (b + c), b and c the images on which one is right (Edwards 1948); NaN without any."""
    chi2_p: float
    """Of chi2 with one degree of freedom; it agrees with `p` from about 25 such images on."""

    @property
    def n(self) -> int:
        """Images."""
        return self.both + self.only_first + self.only_second + self.neither


def mcnemar(first: ArrayLike, second: ArrayLike) -> McNemar:
    """Compare two models on the same images (McNemar 1947): only those on which one is right count.

    Images are taken as independent of each other; where several belong together, the p values are too small.

    Args:
        first: (N,) booleans, whether the first model is right.
        second: (N,) the same of the second, for the same images.

    Raises:
        DataError: The two have different lengths.

    Example:
        >>> found = mcnemar([True] * 8 + [False] * 2, [False] * 8 + [True] * 2)  # 8 against 2
        >>> round(found.p, 6), round(found.mid_p, 6)
        (0.109375, 0.06543)
    """
    one, two = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    check_same_length(first=one, second=two)
    b, c = int(np.count_nonzero(one & ~two)), int(np.count_nonzero(~one & two))
    both, neither = int(np.count_nonzero(one & two)), int(np.count_nonzero(~one & ~two))
    if not b + c:
        return McNemar(both, 0, 0, neither, 1.0, 1.0, nan, nan)
    few, discordant = min(b, c), b + c
    tail, here = float(binom.cdf(few, discordant, 0.5)), float(binom.pmf(few, discordant, 0.5))
    p = min(1.0, 2 * tail)
    mid_p = 1.0 if b == c else 2 * tail - here  # of equal sides the whole distribution is as far out
    statistic = max(abs(b - c) - 1, 0) ** 2 / discordant
    return McNemar(both, b, c, neither, p, mid_p, statistic, float(chi2.sf(statistic, 1)))
