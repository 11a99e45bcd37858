"""A map held against where people looked: AUCs, NSS, CC, SIM, KL and EMD, as the MIT benchmark defines them.

Two kinds of ground truth: fixations, as (row, column) pairs counted from 0, and a fixation density, which is
the fixations blurred. AUC and NSS take fixations, CC, SIM, KL and EMD a density of the map's own size:
nothing is resized in silence (`resize_map` does it). Definitions after Judd et al. 2012, Borji et al. 2013
and Bylinskii et al. 2019, "What do different evaluation metrics tell us about saliency models?"; figures
agree with the benchmark's code where its choices are taken, which are the defaults.

    figure     best  of a map that is constant   unchanged by
    AUC-Judd   1     .5                          any growing function of the map
    AUC-Borji  1     .5                          scale and offset (thresholds are equal steps)
    shuffled   1     .5                          scale and offset
    NSS        ∞     nan                         scale and offset
    CC         1     nan                         scale and offset, of either
    SIM        1     nan (stretch=False: a SIM)  scale and offset, of either (stretch=False: scale)
    KL         0     a KL                        scale, of either, up to eps
    EMD        0     an EMD                      scale, of either

What is undefined is nan: no fixations, a constant map, a map of zeros. So are KL and EMD of a map with values
below 0, which is no distribution, in `saliency_metrics`; on their own they refuse it.
"""

from dataclasses import asdict, dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike

from evocative.errors import DataError
from evocative.metrics.map_values import Map, as_fixations, as_map
from evocative.metrics.saliency_auc import auc_borji, auc_judd, auc_shuffled
from evocative.metrics.saliency_emd import emd

MATLAB_EPS = 2.2204e-16
"""As the benchmark's code writes it."""


@dataclass(frozen=True)
class SaliencyMetrics:
    """How well a map says where people looked; nan where undefined or not asked for."""

    n_fixations: int  # as given, repeated pixels included
    auc: float  # AUC-Judd without its half step, ties half: the exact area
    auc_judd: float  # the mean over the orders of what ties, as the benchmark's noise has it
    auc_borji: float
    auc_shuffled: float
    nss: float
    cc: float
    sim: float
    kl: float
    emd: float

    def figures(self) -> dict[str, float]:
        """Return all figures but the count, by name."""
        return {name: value for name, value in asdict(self).items() if name != "n_fixations"}


def saliency_metrics(
    values: ArrayLike,
    fixations: ArrayLike,
    density: ArrayLike,
    *,
    others: ArrayLike | None = None,
    with_emd: bool = True,
    seed: int = 0,
) -> SaliencyMetrics:
    """Return every figure of one map of one image, each with the benchmark's choices.

    Args:
        values: the map (h, w).
        fixations: (k, 2) whole numbers, row and column from 0.
        density: (h, w), 0 or above: the fixations blurred.
        others: (m, 2), fixations on other images, for the shuffled AUC; None leaves it out.
        with_emd: whether the earth mover's distance, by far the slowest, is computed.
        seed: of AUC-Borji's and the shuffled AUC's draws.

    Of a map with values below 0, KL and EMD are nan. Where fixations are few, `auc` is the one to trust.

    Raises:
        DataError: sizes differ, a fixation lies outside, or values are not finite.
    """
    shares = bool(as_map(values).min() >= 0)
    return SaliencyMetrics(
        n_fixations=len(np.asarray(fixations)),
        auc=auc_judd(values, fixations, ties="half"),
        auc_judd=auc_judd(values, fixations),
        auc_borji=auc_borji(values, fixations, seed=seed),
        auc_shuffled=nan if others is None else auc_shuffled(values, fixations, others, seed=seed),
        nss=nss(values, fixations),
        cc=cc(values, density),
        sim=sim(values, density),
        kl=kl(values, density) if shares else nan,
        emd=emd(values, density) if shares and with_emd else nan,
    )


def nss(values: ArrayLike, fixations: ArrayLike, *, ddof: int = 1, repeated: bool = False) -> float:
    """Return the normalised scanpath saliency: the standardised map's mean at fixations (Peters et al. 2005).

    Args:
        values: the map (h, w).
        fixations: (k, 2), row and column from 0.
        ddof: 1: the standard deviation is of n − 1 (the benchmark); 0: of n (pysaliency).
        repeated: whether a pixel that was looked at twice counts twice; the benchmark's map has it once.

    Example:
        >>> round(nss([[0.0, 1.0], [2.0, 3.0]], [[1, 1]]), 6)
        1.161895
    """
    array = as_map(values).astype(np.float64)
    places = as_fixations(fixations, array.shape, repeated=repeated)
    if not len(places) or array.size <= ddof or array.min() == array.max():
        return nan
    at = array[places[:, 0], places[:, 1]]
    return float((at.mean() - array.mean()) / array.std(ddof=ddof))


def cc(values: ArrayLike, density: ArrayLike) -> float:
    """Return Pearson's correlation of a map and a density (h, w), in [-1, 1].

    Example:
        >>> round(cc([[0.0, 1.0], [2.0, 3.0]], [[1, 3], [5, 7]]), 6)
        1.0
    """
    one, other = _pair(values, density)
    if one.min() == one.max() or other.min() == other.max():
        return nan
    one -= one.mean()
    other -= other.mean()
    norm = np.sqrt(np.vdot(one, one) * np.vdot(other, other))
    return float(np.clip(np.vdot(one, other) / norm, -1, 1))


def sim(values: ArrayLike, density: ArrayLike, *, stretch: bool = True) -> float:
    """Return the similarity Σ min(S, G) of two maps (h, w) that each sum to 1, in [0, 1].

    Args:
        values: the map.
        density: the ground truth.
        stretch: both are stretched to [0, 1] before they are divided by their sums (the benchmark); without,
            they must be 0 or above, and are only divided (pysaliency).

    Raises:
        DataError: also if a value is below 0 and nothing is stretched.
    """
    one, other = _pair(values, density)
    if stretch:  # to [0, 1]; the highest value cancels in the division by the sum
        one -= one.min()
        other -= other.min()
    share, truth = _shares(one, "the map"), _shares(other, "the density")
    return float(np.minimum(share, truth, out=share).sum())


def kl(values: ArrayLike, density: ArrayLike, *, eps: float = MATLAB_EPS) -> float:
    """Return the divergence Σ G · ln(eps + G / (S + eps)) of a map S from a density G (h, w), in nats.

    Both are divided by their sums first. What people looked at and the map gives 0 costs ln(1/eps) = 36 a
    unit of G: the figure punishes misses, hardly false alarms, and depends on eps where a map has zeros.

    Args:
        values: the map, 0 or above.
        density: the ground truth, 0 or above.
        eps: the benchmark's, unless given.

    Raises:
        DataError: also if a value is below 0, or eps is not above it.
    """
    if eps <= 0:
        raise DataError(f"KL: eps must be above 0, found {eps}")
    one, other = _pair(values, density)
    share, truth = _shares(one, "the map"), _shares(other, "the density")
    share += eps
    np.divide(truth, share, out=share)
    share += eps
    return float(np.vdot(truth, np.log(share, out=share)))


def _pair(values: ArrayLike, density: ArrayLike) -> tuple[Map, Map]:
    """Return copies of a map and its ground truth in float64; their sizes are the same."""
    one, other = as_map(values), as_map(density, what="the density")
    if one.shape != other.shape:
        raise DataError(
            f"the map has shape {one.shape}, the density {other.shape}: they must be the same; "
            "resize the map first (resize_map)"
        )
    return one.astype(np.float64), other.astype(np.float64)


def _shares(values: Map, what: str) -> Map:
    """Divide a map by its sum, in place; nan where it is all zeros."""
    if values.min() < 0:
        raise DataError(f"{what} must be 0 or above to be a distribution, found {values.min():.3g}")
    total = values.sum()
    values /= total if total > 0 else nan
    return values
