"""How well means of ratings could be predicted at best: they carry an error, and its size is known.

A mean of N ratings with the standard deviation SD has the standard error SD / √N. By classical test theory
(Spearman 1904; Lord & Novick 1968, chapter 3) the observed mean is X = T + e, so that, over the images,

    reliability ρ = Var(T) / Var(X) = 1 − mean(SD² / N) / Var(X)
    r of a prediction with X ≤ √ρ, the index of reliability, unless it knows the errors
    CCC of the true means T with X = 2ρ / (1 + ρ)

and the largest CCC of all is √ρ too, of predictions 1/√ρ times as spread as T. A model that knew T itself
would show the lower one. All this takes raters' errors as independent: raters who saw the same images and are
severe alike make the true ceiling lower.
"""

from dataclasses import asdict, dataclass
from math import nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.metrics.checks import check_same_length


@dataclass(frozen=True)
class Ceiling:
    """What the ratings allow; nan where it is undefined."""

    n: int  # images with mean, SD and number of raters
    standard_error: float  # root of the mean squared standard error, in the unit of the means
    reliability: float  # ρ; at most 1, negative where the means differ less than their errors
    r: float  # √ρ, 0 where ρ < 0
    ccc: float  # 2ρ / (1 + ρ), of the true means
    rmse: float  # of the true means, the least to be expected: equals standard_error

    def figures(self) -> dict[str, float]:
        """Return every figure by its name (for intervals)."""
        return {name: value for name, value in asdict(self).items() if name != "n"}

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, for a report."""
        return asdict(self)


def rating_ceiling(means: ArrayLike, sds: ArrayLike, raters: ArrayLike) -> Ceiling:
    """Return what the published SD and number of raters allow.

    Args:
        means: (N,) of the images, any unit; NaN where missing.
        sds: (N,) standard deviations between raters, in the same unit.
        raters: (N,) how many raters each mean rests on, or one number for all.

    Raises:
        DataError: The lengths differ, an SD is negative, or a mean rests on less than one rater.

    Example:
        >>> found = rating_ceiling([-1.0, 0.0, 1.0], [1.0, 1.0, 1.0], 10)
        >>> round(found.reliability, 3), round(found.r, 3), round(found.ccc, 3)
        (0.9, 0.949, 0.947)
    """
    x, sd = np.asarray(means, dtype=np.float64), np.asarray(sds, dtype=np.float64)
    count = np.broadcast_to(np.asarray(raters, dtype=np.float64), x.shape) if np.ndim(raters) == 0 else raters
    n = np.asarray(count, dtype=np.float64)
    check_same_length(means=x, sds=sd, raters=n)
    there: NDArray[np.bool_] = np.isfinite(x) & np.isfinite(sd) & np.isfinite(n)
    if (sd[there] < 0).any() or (n[there] < 1).any():
        raise DataError("standard deviations must be ≥ 0 and numbers of raters ≥ 1: check the columns")
    if there.sum() < 2 or np.ptp(x[there]) == 0:
        return Ceiling(int(there.sum()), nan, nan, nan, nan, nan)
    noise = float(np.mean(sd[there] ** 2 / n[there]))
    reliability = 1 - noise / float(np.var(x[there], ddof=1))
    known = max(reliability, 0.0)
    return Ceiling(
        int(there.sum()), sqrt(noise), reliability, sqrt(known), 2 * known / (1 + known), sqrt(noise)
    )
