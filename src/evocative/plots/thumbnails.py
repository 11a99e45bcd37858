"""Any image as a small array: what a figure shows at an inch must not carry twelve megapixels into a PDF."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from evocative.errors import DataError

Picture = Image.Image | ArrayLike


def thumbnail(image: Picture, *, pixels: int = 320) -> NDArray[np.uint8]:
    """Return an image (h, w, 3) whose longer side has at most so many pixels; its proportions are kept.

    Args:
        image: a PIL image, or an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4): uint8, or floats in [0, 1].
        pixels: the most that the longer side may have.

    Raises:
        DataError: this is no image.
    """
    picture = _as_pil(image)
    picture.thumbnail((pixels, pixels), Image.Resampling.LANCZOS)
    return np.asarray(picture)


def cropped(image: Picture, *, aspect: float = 1.0, pixels: int = 240) -> NDArray[np.uint8]:
    """Return the middle of an image as (h, w, 3), cut to a proportion of width to height and made small.

    Args, errors: as `thumbnail`; `aspect` is width over height.
    """
    picture = _as_pil(image)
    width = min(picture.width, max(1, round(picture.height * aspect)))
    height = min(picture.height, max(1, round(picture.width / aspect)))
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return thumbnail(picture.crop((left, top, left + width, top + height)), pixels=pixels)


def _as_pil(image: Picture) -> Image.Image:
    """Return a copy as RGB; what is transparent becomes white."""
    if not isinstance(image, Image.Image):
        image = Image.fromarray(_as_uint8(np.asarray(image)))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        over = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", over.size, "white"), over)
    return image.convert("RGB") if image.mode != "RGB" else image.copy()


def _as_uint8(array: NDArray[np.generic]) -> NDArray[np.uint8]:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    shape_fits = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    if not shape_fits or 0 in array.shape:
        raise DataError(f"an image to plot must be (H, W), (H, W, 3) or (H, W, 4), found shape {array.shape}")
    if np.issubdtype(array.dtype, np.floating):
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise DataError(
                "an image of floats must lie in [0, 1]: undo the normalisation before it is plotted"
            )
        return np.round(array.astype(np.float64) * 255).astype(np.uint8)
    if array.dtype != np.uint8:
        raise DataError(f"an image to plot must be uint8, or floats in [0, 1], found {array.dtype}")
    return array.astype(np.uint8)
