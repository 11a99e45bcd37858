"""What maps and fixations must be, and a map at another size or in [0, 1]."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from evocative.errors import DataError

Map = NDArray[np.floating[Any]]


def as_map(values: ArrayLike, *, what: str = "the map") -> Map:
    """Return a map (h, w) of finite floats; integers become float64, floats keep their type.

    Raises:
        DataError: another shape, no pixels, or values that are not finite.
    """
    array = np.asarray(values)
    if array.ndim != 2 or not array.size:
        raise DataError(f"{what} must be one value a pixel, shape (h, w), found shape {array.shape}")
    if not np.issubdtype(array.dtype, np.floating):
        array = array.astype(np.float64)
    if not np.isfinite(array).all():
        bad = int(array.size - np.isfinite(array).sum())
        raise DataError(f"{what} must be finite: {bad} of {array.size} values are not")
    return array


def resize_map(values: ArrayLike, height: int, width: int) -> NDArray[np.float32]:
    """Return a map (height, width) by bilinear interpolation.

    Pixel centres lie at half numbers, edges repeat; where a side shrinks, the triangle widens with the step,
    so that no value is skipped (Pillow's BILINEAR in 32-bit floats; torch's `interpolate` with
    `align_corners=False, antialias=True`). The result never leaves the range of the values but for rounding.

    Args:
        values: (h, w), finite.
        height: pixels, 1 or more.
        width: pixels, 1 or more.

    Raises:
        DataError: no map, or a size below 1.
    """
    array = as_map(values).astype(np.float32)
    if min(height, width) < 1:
        raise DataError(f"a map's size must be 1 × 1 or more, found {height} × {width}")
    if array.shape == (height, width):
        return array
    return np.asarray(Image.fromarray(array).resize((width, height), Image.Resampling.BILINEAR))


def min_max(values: ArrayLike) -> Map:
    """Return a map (h, w) stretched to [0, 1]; a constant map becomes all zeros."""
    array = as_map(values)
    low, high = array.min(), array.max()
    return np.zeros_like(array) if low == high else (array - low) / (high - low)


def as_fixations(fixations: ArrayLike, shape: tuple[int, ...], *, repeated: bool = True) -> NDArray[np.int64]:
    """Return fixations as whole numbers (k, 2), row and column from 0.

    Args:
        fixations: (k, 2); may be empty.
        shape: height and width that they lie in.
        repeated: whether a pixel may come twice; else each comes once, in the order of rows.

    Raises:
        DataError: another shape, numbers that are not whole, or a fixation outside.
    """
    places = np.asarray(fixations)
    if not places.size:
        return np.zeros((0, 2), np.int64)
    if places.ndim != 2 or places.shape[1] != 2 or not np.issubdtype(places.dtype, np.integer):
        raise DataError(
            "fixations must be whole numbers, row and column from 0, shape (k, 2), "
            f"found {places.dtype} of shape {places.shape}"
        )
    places = places.astype(np.int64)
    outside = ((places < 0) | (places >= shape)).any(axis=1)
    if outside.any():
        raise DataError(
            f"fixations must lie on the map of {shape[0]} × {shape[1]}: {np.count_nonzero(outside)} do not, "
            f"the first is row {places[outside][0, 0]}, column {places[outside][0, 1]}"
        )
    if repeated:
        return places
    flat = np.unique(places[:, 0] * shape[1] + places[:, 1])
    return np.stack(np.divmod(flat, shape[1]), axis=1)
