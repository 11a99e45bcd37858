"""Pixels of any kind become RGB with 8 bits: every Pillow mode, and arrays as other libraries hold them.

Scaling is exact: 16 bits are divided by 257, floats in [0, 1] multiplied by 255, both rounded. Of what says
nothing of its range, only what can be told is read: 32-bit integers, and floats that are whole numbers, from
0 to 255. Beyond it they are refused: a guess would change the picture, and Pillow's way, to cut off, as well.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from evocative.data.sizes import MAX_PIXELS, check_size
from evocative.errors import DataError

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
        rgba = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
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


def scaled(values: npt.NDArray[Any], most: int) -> npt.NDArray[np.uint8]:
    """Bring whole numbers from 0 to `most` (below 2³²) to 8 bits, rounded."""
    if most == 255:
        return values.astype(np.uint8)
    if most == 65_535:
        return ((values.astype(np.uint32) * 255 + 32_895) >> 16).astype(np.uint8)
    return ((values.astype(np.uint64) * 510 + most) // (2 * most)).astype(np.uint8)


def in_bytes(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Bring values whose depth says nothing of their range to 8 bits: signed, 32-bit and floating-point ones.

    Floats in [0, 1] are scaled. Whole numbers from 0 to 255 are taken as they are, which is what Pillow
    understands by its modes `I` and `F`; but where Pillow would cut off what is beyond, nothing is guessed.

    Raises:
        DataError: They are neither.
    """
    low, high = values.min(), values.max()
    if values.dtype.kind == "f" and low >= 0 and high <= 1:
        return _from_unit(values)
    if low >= 0 and high <= 255 and (values.dtype.kind != "f" or bool((values == np.floor(values)).all())):
        return values.astype(np.uint8)
    found = f"found {low:.6g} to {high:.6g}, and nothing is cut off, as Pillow would"
    if values.dtype.kind == "f":
        raise DataError(f"expected floats in [0, 1], {found}; scale them first")
    raise DataError(
        f"{8 * values.dtype.itemsize}-bit integers have no known range; save it with 8 or 16 bits "
        f"({found} at 0 and 255)"
    )


def upright(image: Image.Image, turn: int) -> Image.Image:
    """Turn an image as EXIF counts: 1 is as it is, 8 by 90° to the left."""
    return image.transpose(_TURNS[turn]) if turn in _TURNS else image


def _eight_bits(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Bring the values of an array to 8 bits."""
    if values.dtype.kind == "u" and values.dtype.itemsize <= 2:
        return scaled(values, 255 if values.dtype.itemsize == 1 else 65_535)
    if values.dtype.kind != "f":
        raise DataError(f"expected uint8, uint16 or floats in [0, 1], found {values.dtype}; convert it first")
    low, high = values.min(), values.max()
    if not (low >= 0 and high <= 1):
        raise DataError(f"expected floats in [0, 1], found {low:.6g} to {high:.6g}; scale them first")
    return _from_unit(values)


def _from_unit(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return np.rint(values.astype(np.float32) * 255).astype(np.uint8)


def _from_wide(image: Image.Image) -> Image.Image:
    """Convert grey values of more than 8 bits."""
    values = np.asarray(image)
    grey = in_bytes(values) if image.mode in ("I", "F") else scaled(values, 65_535)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey = np.where(values == transparent, np.uint8(255), grey)
    return Image.fromarray(grey).convert("RGB")
