"""How many regions of one colour a picture has: a measure of complexity that needs no weights.

G. Pass, R. Zabih, J. Miller, *Comparing images using color coherence vectors*, ACM Multimedia 1996, 65–73:

1. blur: each pixel becomes the mean of its 3 × 3 neighbourhood
2. 64 colours, 4 levels a channel
3. regions: pixels of one colour that touch, corners included
4. a region is *coherent* if it holds at least 1 % of the picture

    found = regions(np.asarray(image))
    found.coherent, found.incoherent_area

Coherent regions are surfaces, as sky or a wall; a lit object of several shades is several regions, and what
is finely textured dissolves into incoherent ones. These are no objects: nothing here knows what is seen.

The steps are those of its abstract and of others' accounts; that 3 × 3, 64 and 1 % are its own numbers was
not checked in the full text. Differs from the paper in: it compares the sizes of regions colour by colour,
their number is ours to take as a measure. Its colour space is not the point of it and is RGB here.
"""

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from jaxtyping import Int64, UInt8
from PIL import Image
from scipy import ndimage

from evocative.data.image import Source, decode

LEVELS: Final = 4
"""Of each channel: 64 colours."""
SHARE: Final = 0.01
"""Of the picture, from which a region is coherent."""
LONGER_SIDE: Final = 256
"""Pixels to which the longer side is brought, as for style, so that counts of two pictures compare."""
_TOUCHING: Final = np.ones((3, 3), dtype=np.int64)


@dataclass(frozen=True)
class Regions:
    """Regions of one colour in a picture."""

    number: int
    """All of them, one-pixel ones too; at least 1."""
    coherent: int
    """Those of at least `SHARE` of the picture; at most 100."""
    incoherent_area: float
    """Share of the pixels outside coherent regions, 0 to 1."""

    def to_dict(self) -> dict[str, float]:
        """Return the figures as columns of a table have them."""
        return {f"regions_{name}": value for name, value in asdict(self).items()}


def regions(rgb: UInt8[np.ndarray, "H W 3"], *, share: float = SHARE) -> Regions:
    """Count the regions of one colour.

    Args:
        rgb: The picture as it is; `regions_of` brings pictures to one size first.
        share: From which share of the picture on a region is coherent, 0 to 1.

    Example:
        >>> halves = np.zeros((20, 20, 3), np.uint8)
        >>> halves[:, 10:] = 255
        >>> regions(halves).coherent  # black, white, and a seam of each blurred column
        4
    """
    blurred = ndimage.uniform_filter(rgb.astype(np.float64), size=(3, 3, 1), mode="nearest")
    levels = np.minimum((blurred * LEVELS / 256).astype(np.int64), LEVELS - 1)
    sizes = region_sizes(levels @ np.array([LEVELS**2, LEVELS, 1]))
    coherent = sizes[sizes >= share * sizes.sum()]
    return Regions(len(sizes), len(coherent), float(1 - coherent.sum() / sizes.sum()))


def region_sizes(colors: Int64[np.ndarray, "H W"]) -> Int64[np.ndarray, " N"]:
    """Return how many pixels each region has, colour by colour; pixels touch by sides and corners.

    Args:
        colors: A number of 0 or more a pixel.
    """
    found = []
    for color in np.unique(colors):
        labels, number = ndimage.label(colors == color, structure=_TOUCHING)
        found.append(np.bincount(labels.ravel(), minlength=number + 1)[1:])
    return np.concatenate(found).astype(np.int64)


def regions_of(image: Source, *, longer_side: int = LONGER_SIDE) -> Regions:
    """Count the regions of a picture, its longer side brought to so many pixels.

    Raises:
        DataError: The image cannot be read.
    """
    picture = decode(image, at_least=longer_side)
    scale = longer_side / max(picture.size)
    size = tuple(max(1, round(side * scale)) for side in picture.size)
    small = picture.convert("RGB").resize((size[0], size[1]), Image.Resampling.LANCZOS)
    return regions(np.asarray(small))
