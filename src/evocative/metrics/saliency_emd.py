"""Earth mover's distance between a map and a fixation density: how far saliency must be carried, in cells."""

from math import ceil, nan

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from evocative.errors import DataError, MissingExtra
from evocative.metrics.map_values import Map, as_map, resize_map

_MAX_CELLS = 4096  # the distances of so many cells to each other are 128 MiB


def emd(values: ArrayLike, density: ArrayLike, *, shrink: int = 32) -> float:
    """Return the earth mover's distance of two maps that each sum to 1, in cells of the shrunken grid.

    Both are shrunk by bilinear averaging, divided by their sums, and carried over the Euclidean distance of
    the cells' centres; exactly, by the network simplex of POT (Bonneel et al. 2011; Flamary et al. 2021).

    Args:
        values: the map (h, w), 0 or above.
        density: the ground truth (h, w), 0 or above.
        shrink: sides are divided by this, rounded up; 32 in the benchmark, 1 for the full grid.

    Returns:
        The distance, 0 or above; nan if either is all zeros.

    Differs from the benchmark's code in how it shrinks: that uses Matlab's bicubic `imresize`, whose
    overshoot can fall below 0.

    Raises:
        DataError: sizes differ, a value is below 0, or the shrunken grid is beyond 4096 cells.
        MissingExtra: POT is not installed (extra `gaze`).
    """
    one, other = as_map(values), as_map(density, what="the density")
    if one.shape != other.shape or shrink < 1 or min(one.min(), other.min()) < 0:
        raise DataError(
            f"EMD needs two maps of one size, 0 or above, and shrink at least 1: found {one.shape} from "
            f"{one.min():.3g}, {other.shape} from {other.min():.3g}, shrink {shrink}"
        )
    height, width = (max(1, ceil(side / shrink)) for side in one.shape)
    if height * width > _MAX_CELLS:
        raise DataError(
            f"EMD of {height} × {width} cells would need {8 * (height * width) ** 2 / 2**30:.1f} GiB: "
            f"shrink by more than {shrink}"
        )
    supply, demand = _mass(one, height, width), _mass(other, height, width)
    if supply is None or demand is None:
        return nan
    return _carried(supply, demand, width)


def _mass(values: Map, height: int, width: int) -> NDArray[np.float64] | None:
    """Return the shares of the shrunken cells (height · width,); None if there is nothing to share."""
    small = np.maximum(resize_map(values / (values.max() or 1), height, width).astype(np.float64), 0).ravel()
    total = small.sum()
    return small / total if total > 0 else None


def _carried(supply: NDArray[np.float64], demand: NDArray[np.float64], width: int) -> float:
    """Return the least work; cells without mass are left out first."""
    try:
        import ot
    except ImportError as error:
        raise MissingExtra("POT", "gaze") from error
    cells = np.stack(np.divmod(np.arange(supply.size), width), axis=1).astype(np.float64)
    costs = cdist(cells[supply > 0], cells[demand > 0])
    return float(ot.emd2(supply[supply > 0], demand[demand > 0], costs, numItermax=10_000_000))
