"""The human ceiling: how well people say where other people look.

Two ways, as figures need different ground truths. One viewer held against a map of all others (leave one out)
is what fixation figures (AUC, NSS) can reach at best; densities need as many fixations on both sides, so
half of the viewers are held against the other half. A half is blurrier than the whole, so that CC, SIM, KL
and EMD of halves are a ceiling that a very good model, held against everybody, may pass.
"""

from collections.abc import Sequence
from math import nan

import numpy as np
from numpy.typing import ArrayLike

from evocative.datasets.gaze import Fixations, GazeImage
from evocative.evaluate.fixation_maps import fixation_density
from evocative.metrics.saliency import nss, saliency_metrics
from evocative.metrics.saliency_auc import auc_borji, auc_judd, auc_shuffled

ONE_OUT = "one viewer from the others"
HALVES = "half of the viewers from the other half"

Figures = dict[str, float]


def one_out(image: GazeImage, others: ArrayLike, *, sigma: float, seed: int = 0) -> Figures | None:
    """Return the fixation figures of each viewer under a map of all others, averaged over viewers.

    Args:
        image: with viewers.
        others: (m, 2), fixations on other images, for the shuffled AUC; may be empty.
        sigma: blur in pixels.
        seed: of the AUCs' draws.

    Returns:
        auc, auc_judd, auc_borji, auc_shuffled and nss; None with fewer than two viewers who looked. The exact
        `auc` is the fair one here: the benchmark's half step is large for one viewer's few fixations.
    """
    looked = _who_looked(image)
    if len(looked) < 2:
        return None
    figures = []
    for place, fixations in enumerate(looked):
        rest = fixation_density(
            np.concatenate(looked[:place] + looked[place + 1 :]), image.height, image.width, sigma=sigma
        )
        figures.append(
            {
                "auc": auc_judd(rest, fixations, ties="half"),
                "auc_judd": auc_judd(rest, fixations),
                "auc_borji": auc_borji(rest, fixations, seed=seed),
                "auc_shuffled": auc_shuffled(rest, fixations, others, seed=seed),
                "nss": nss(rest, fixations),
            }
        )
    return _mean(figures)


def halves(
    image: GazeImage,
    others: ArrayLike,
    *,
    sigma: float,
    n_splits: int = 3,
    with_emd: bool = True,
    seed: int = 0,
) -> Figures | None:
    """Return all figures of one half of the viewers under a map of the other, averaged over random splits.

    Args:
        image: with viewers.
        others: (m, 2), fixations on other images, for the shuffled AUC; may be empty.
        sigma: blur in pixels.
        n_splits: each is used in both directions; 0: none.
        with_emd: whether the earth mover's distance is computed.
        seed: of the splits and the AUCs' draws.

    Returns:
        The figures by name; None with fewer than two viewers who looked, or without splits.
    """
    looked = _who_looked(image)
    if len(looked) < 2 or n_splits < 1:
        return None
    rng = np.random.default_rng(seed)
    figures = []
    for _ in range(n_splits):
        order = rng.permutation(len(looked))
        sides = [np.concatenate([looked[place] for place in part]) for part in np.array_split(order, 2)]
        maps = [fixation_density(side, image.height, image.width, sigma=sigma) for side in sides]
        for here, there in ((0, 1), (1, 0)):
            found = saliency_metrics(
                maps[there], sides[here], maps[here], others=others, with_emd=with_emd, seed=seed
            )
            figures.append(found.figures())
    return _mean(figures)


def _who_looked(image: GazeImage) -> list[Fixations]:
    return [each for each in image.viewers if len(each)]


def _mean(figures: Sequence[Figures]) -> Figures:
    """Return the mean of each figure where it is defined."""
    table = np.array([list(each.values()) for each in figures])
    return {
        name: float(np.nanmean(column)) if np.isfinite(column).any() else nan
        for name, column in zip(figures[0], table.T, strict=True)
    }
