"""Whether a predicted standard deviation is right: NLL, coverage of intervals, sharpness, PIT.

A prediction of a dimension is taken as a normal distribution, mean and SD. Calibration and sharpness are told
apart as by Gneiting, Balabdaoui & Raftery 2007 (Probabilistic forecasts, calibration and sharpness, JRSS B
69(2)): of forecasts that are calibrated, the sharpest is best.
"""

from dataclasses import asdict, dataclass
from math import log, nan, pi, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from evocative.errors import DataError
from evocative.metrics.checks import check_same_length

LEVELS: Final = (0.5, 0.8, 0.95)


@dataclass(frozen=True)
class Uncertainty:
    """How far predicted standard deviations can be trusted; nan without rows."""

    n: int
    nll: float  # mean negative log-density, nats
    crps: float  # mean continuous ranked probability score, ≥ 0, in the unit of the targets
    coverage: tuple[
        tuple[float, float], ...
    ]  # (level, share of targets in the central interval of that level)
    sharpness: float  # root of the mean predicted variance, in the unit of the targets
    rmse: float
    spread_r: (
        float  # Spearman's ρ of predicted SD and absolute error; nan where the SD is the same everywhere
    )

    def figures(self) -> dict[str, float]:
        """Return every figure by its name (for intervals)."""
        inside = {f"coverage_{100 * level:g}": share for level, share in self.coverage}
        rest = ("nll", "crps", "sharpness", "rmse", "spread_r")
        return {name: getattr(self, name) for name in rest} | inside

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, for a report."""
        return asdict(self)


def uncertainty_metrics(
    targets: ArrayLike, means: ArrayLike, sds: ArrayLike, *, levels: tuple[float, ...] = LEVELS
) -> Uncertainty:
    """Compare normal predictions of one dimension with the targets.

    - NLL: mean of ½ ln(2πσ²) + (y − μ)² / 2σ².
    - CRPS: mean of σ (z (2Φ(z) − 1) + 2φ(z) − 1/√π), z = (y − μ) / σ (Gneiting & Raftery 2007, section 4.2).
    - Coverage at a level: share of |z| ≤ Φ⁻¹((1 + level) / 2); equal to the level where calibrated.

    Args:
        targets: (N,), NaN where missing.
        means: (N,) predicted, NaN where missing.
        sds: (N,) predicted, > 0, NaN where missing.
        levels: Of the intervals, in (0, 1).

    Raises:
        DataError: The lengths differ, an SD is not positive, or a level is out of range.
    """
    y, mean, sd = _complete(targets, means, sds)
    if not all(0 < level < 1 for level in levels):
        raise DataError(f"levels of intervals lie between 0 and 1, found {levels}")
    if not y.size:
        return Uncertainty(0, nan, nan, tuple((level, nan) for level in levels), nan, nan, nan)
    z = (y - mean) / sd
    density = np.exp(-(z**2) / 2) / sqrt(2 * pi)
    return Uncertainty(
        n=y.size,
        nll=float(np.mean(0.5 * log(2 * pi) + np.log(sd) + z**2 / 2)),
        crps=float(np.mean(sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / sqrt(pi)))),
        coverage=tuple((level, float(np.mean(np.abs(z) <= ndtri((1 + level) / 2)))) for level in levels),
        sharpness=sqrt(np.mean(sd**2)),
        rmse=sqrt(np.mean((y - mean) ** 2)),
        spread_r=_rank_correlation(sd, np.abs(y - mean)),
    )


def sd_factor(targets: ArrayLike, means: ArrayLike, sds: ArrayLike) -> float:
    """Return what to multiply predicted standard deviations by, to fit rows they were not learned from.

    The factor s of largest likelihood of N(y; μ, s²σ²) is the root of the mean squared z = (y − μ) / σ: the
    log-likelihood −N ln s − Σz² / 2s² has its only maximum there. As *temperature scaling* does for
    probabilities (Guo et al. 2017), it leaves means and the order of SDs as they are; for regression: Levi,
    Gispan, Giladi & Fetaya 2022, Sensors 22(15), 5540.

    Args:
        targets: (N,), NaN where missing.
        means: (N,) predicted.
        sds: (N,) predicted, > 0.

    Returns:
        s; 1 where there is nothing to tell it from, no complete row or no error at all.

    Example:
        >>> round(sd_factor([0.0, 0.0, 0.0, 0.0], [0.3, -0.3, 0.3, -0.3], [0.1, 0.1, 0.1, 0.1]), 6)
        3.0
    """
    y, mean, sd = _complete(targets, means, sds)
    found = sqrt(np.mean(((y - mean) / sd) ** 2)) if y.size else 0.0
    return found or 1.0


def pit_values(targets: ArrayLike, means: ArrayLike, sds: ArrayLike) -> NDArray[np.float64]:
    """Return Φ((y − μ) / σ) of the complete rows, (M,) in [0, 1]: uniform where predictions are calibrated.

    A histogram like a hill tells of SDs that are too large, like a bowl too small; a slope, of means off.
    """
    y, mean, sd = _complete(targets, means, sds)
    return np.asarray(ndtr((y - mean) / sd), dtype=np.float64)


def _complete(*arrays: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    y, mean, sd = (np.asarray(array, dtype=np.float64) for array in arrays)
    check_same_length(targets=y, means=mean, sds=sd)
    there = np.isfinite(y) & np.isfinite(mean) & np.isfinite(sd)
    if (sd[there] <= 0).any():
        raise DataError(f"predicted SDs must be > 0: {np.count_nonzero(sd[there] <= 0)} are not")
    return y[there], mean[there], sd[there]


def _rank_correlation(sd: NDArray[np.float64], errors: NDArray[np.float64]) -> float:
    from evocative.metrics.dimensional import spearman_rho

    return nan if np.ptp(sd) <= 1e-9 * sd.max() else spearman_rho(sd, errors)
