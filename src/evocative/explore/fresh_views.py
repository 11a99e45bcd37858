"""Fresh views: what happens to a picture on its way to people, and what no maker has looked at.

mirror  left for right
crop    7/8 of the sides, at a place of its own, enlarged again
jpeg    saved as JPEG of quality 75 and opened again
blur    Gaussian, SD 1/150 of the side (1.5 pixels of 224)
noise   Gaussian, SD 10 of 255 grey levels

A person hardly sees these changes. What a network says of a picture only before them, it does not say because
of what the picture shows: such patterns are adversarial noise (Szegedy 2014, "Intriguing properties of neural
networks"; that JPEG undoes much of it: Dziugaite 2016). Real images, changed alike, say how much of a fall is
common. Everything random depends on (seed, row) alone.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Final

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, ImageFilter
from torch import Tensor

from evocative.errors import RecipeError, unknown

CROP: Final = 7 / 8
QUALITY: Final = 75
BLUR: Final = 1 / 150
NOISE: Final = 10.0
PLAIN: Final = "plain"
"""The picture itself."""
Change = Callable[[Image.Image, np.random.Generator], Image.Image]


def seen(pictures: UInt8[Tensor, "B 3 S S"], view: str, *, first: int = 0, seed: int = 0) -> Tensor:
    """Return pictures as a view shows them, (B, 3, S, S) of uint8.

    Args:
        pictures: At the size that the network looks at.
        view: `plain`, or one of `FRESH`.
        first: The number of the first picture, so that batches change nothing.
        seed: Of what is random.

    Raises:
        RecipeError: There is no such view.
    """
    if view == PLAIN:
        return pictures
    if view not in FRESH:
        raise RecipeError(unknown("view", view, [PLAIN, *FRESH]))
    change = FRESH[view]
    shown = [
        change(
            Image.fromarray(np.ascontiguousarray(pixels)), np.random.default_rng((seed, first + place))
        )
        for place, pixels in enumerate(pictures.permute(0, 2, 3, 1).cpu().numpy())
    ]  # fmt: skip
    arrays = np.stack([np.asarray(image) for image in shown]) if shown else np.zeros((0, 1, 1, 3), np.uint8)
    return torch.from_numpy(arrays).permute(0, 3, 1, 2).contiguous()


def _mirror(image: Image.Image, generator: np.random.Generator) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def _crop(image: Image.Image, generator: np.random.Generator) -> Image.Image:
    width, height = image.size
    left, top = generator.random(2) * (1 - CROP) * (width, height)
    box = (left, top, left + CROP * width, top + CROP * height)
    return image.resize(image.size, Image.Resampling.BICUBIC, box=box)


def _jpeg(image: Image.Image, generator: np.random.Generator) -> Image.Image:
    stream = BytesIO()
    image.save(stream, "JPEG", quality=QUALITY)
    return Image.open(stream).convert("RGB")


def _blur(image: Image.Image, generator: np.random.Generator) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(BLUR * image.width))


def _noise(image: Image.Image, generator: np.random.Generator) -> Image.Image:
    levels = np.asarray(image, dtype=np.float64) + NOISE * generator.standard_normal((*image.size[::-1], 3))
    return Image.fromarray(levels.round().clip(0, 255).astype(np.uint8))


FRESH: Final[dict[str, Change]] = {
    "mirror": _mirror,
    "crop": _crop,
    "jpeg": _jpeg,
    "blur": _blur,
    "noise": _noise,
}
"""Name -> change of one picture at the network's size."""
