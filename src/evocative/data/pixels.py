"""Pixels of any kind become RGB with 8 bits: every Pillow mode, and arrays as other libraries hold them.

Scaling is exact: 16 bits are divided by 257, floats in [0, 1] multiplied by 255, both rounded. What says
nothing of its range (32-bit integers, floats beyond [0, 1]) is refused: a guess would change the picture.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from evocative.data.formats import MAX_PIXELS, check_size
from evocative.errors import DataError


def rgb(image: Image.Image) -> Image.Image:
    """Convert a Pillow image of any mode; transparent parts become white.

    Returns:
        The image itself if it is RGB already, without transparency.

    Raises:
        DataError: Its values have no known range.
    """
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _from_wide(image)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGB", rgba.size, "white")
        white.paste(rgba, mask=rgba.getchannel("A"))
        return white
    return image if image.mode == "RGB" else image.convert("RGB")


def from_array(array: npt.NDArray[Any], *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Make an RGB image of an array.

    Args:
        array: (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) of uint8, uint16 or floats in [0, 1]; four channels
            are red, green, blue and alpha.
        max_pixels: H × W at most.

    Raises:
        DataError: It has another shape, type or range, or an absurd size.
    """
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        hint = (
            " (channels come last: use array.transpose(1, 2, 0))" if array.shape[:1] in ((1,), (3,)) else ""
        )
        raise DataError(
            f"expected the shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), found {array.shape}{hint}"
        )
    check_size(array.shape[1], array.shape[0], max_pixels=max_pixels)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    return rgb(Image.fromarray(np.ascontiguousarray(_eight_bits(array))))


def _eight_bits(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return values
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        return ((values.astype(np.uint32) * 255 + 32895) >> 16).astype(np.uint8)
    if values.dtype.kind != "f":
        raise DataError(f"expected uint8, uint16 or floats in [0, 1], found {values.dtype}; convert it first")
    low, high = values.min(), values.max()
    if not (low >= 0 and high <= 1):
        raise DataError(f"expected floats in [0, 1], found {low:.6g} to {high:.6g}; scale them first")
    return np.rint(values.astype(np.float32) * 255).astype(np.uint8)


def _from_wide(image: Image.Image) -> Image.Image:
    """Convert grey values of more than 8 bits."""
    if image.mode == "I":
        raise DataError("32-bit integers have no known range; save it with 8 or 16 bits")
    values = np.asarray(image)
    grey = _eight_bits(values)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey = np.where(values == transparent, np.uint8(255), grey)
    return Image.fromarray(grey).convert("RGB")
