"""Whether a model's maps differ between emotions at all, and by how much more than chance would have them.

A map that is nearly the same for every emotion shows where the network looks, not where the emotion rests.
The figure is Pearson's correlation of two emotions' maps of one picture, averaged over pairs; beside it
stands the correlation of one emotion's maps of different pictures, which is high where maps ignore the
picture as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.metrics.intervals import Interval, bootstrap
from evocative.metrics.map_values import resize_map


@dataclass(frozen=True)
class MapDifferences:
    """How alike a model's maps are."""

    across_emotions: Interval
    """Mean correlation of pairs of emotions on one picture; 1: the emotion makes no difference."""
    across_images: Interval
    """Mean correlation of one emotion's maps of neighbouring pictures; 1: the picture makes no difference."""
    matrix: NDArray[np.float64]
    """(K, K): the mean over pictures of the correlation of two emotions' maps; nan where never defined."""


def correlations(maps: ArrayLike) -> NDArray[np.float64]:
    """Return Pearson's correlation of every two maps (K, h, w) of one picture: (K, K).

    nan where a map is constant, an emotion for which nothing in the picture speaks, say.

    Raises:
        DataError: these are not K maps.
    """
    rows = np.asarray(maps, np.float64)
    if rows.ndim != 3 or not rows.size:
        raise DataError(f"expected one map an emotion, shape (K, h, w), found {rows.shape}")
    rows = rows.reshape(len(rows), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(rows, axis=1)
    norms[norms <= 1e-12 * max(1.0, float(norms.max()))] = nan
    found: NDArray[np.float64] = np.clip(rows @ rows.T / np.outer(norms, norms), -1, 1)
    return found


def map_differences(
    images: Sequence[ArrayLike], *, bootstrap_draws: int = 1000, seed: int = 0
) -> MapDifferences:
    """Return how alike maps are across emotions, and across pictures.

    Args:
        images: K maps (K, h, w) of each picture, the emotions in one order. Sizes may differ between
        pictures.
        bootstrap_draws: for intervals; pictures are drawn.
        seed: of the draws.

    Raises:
        DataError: there are no pictures, or they have different numbers of emotions.
    """
    maps = [np.asarray(each, np.float32) for each in images]
    if not maps or len({each.shape[0] for each in maps}) > 1:
        raise DataError("map differences need a picture or more, with the same emotions everywhere")
    tables = np.stack([correlations(each) for each in maps])
    first, second = np.triu_indices(tables.shape[1], 1)
    small = [np.stack([resize_map(one, 14, 14) for one in each]) for each in maps]
    neighbours = [
        _mean([correlations(np.stack(pair))[0, 1] for pair in zip(one, other, strict=True)])
        for one, other in zip(small, small[1:] + small[:1], strict=True)
        if len(small) > 1
    ]
    return MapDifferences(
        across_emotions=_interval([_mean(each[first, second]) for each in tables], bootstrap_draws, seed),
        across_images=_interval(neighbours, bootstrap_draws, seed),
        matrix=np.array(
            [[_mean(tables[:, a, b]) for b in range(len(tables[0]))] for a in range(len(tables[0]))]
        ),
    )


def most_alike(matrix: ArrayLike, names: Sequence[str]) -> list[tuple[str, str, float]]:
    """Return pairs of emotions with the correlation of their maps, the most alike first."""
    table = np.asarray(matrix)
    pairs = [
        (names[a], names[b], float(table[a, b]))
        for a, b in combinations(range(len(names)), 2)
        if np.isfinite(table[a, b])
    ]
    return sorted(pairs, key=lambda pair: -pair[2])


def _mean(values: ArrayLike) -> float:
    """Return the mean of what is defined; nan without any."""
    kept = np.asarray(values, np.float64)
    kept = kept[np.isfinite(kept)]
    return float(kept.mean()) if kept.size else nan


def _interval(values: Sequence[float], draws: int, seed: int) -> Interval:
    """Return the mean over pictures with its interval."""
    kept = np.array([value for value in values if np.isfinite(value)])
    if not kept.size:
        return Interval(nan, nan, nan, 0)
    return bootstrap(lambda drawn: float(drawn.mean()), kept, n_resamples=max(1, draws), seed=seed)
