"""Hand-made features of pixels, as layers: histograms of colour, local binary patterns, GIST.

    color   59   hue, saturation and value (HSV): shares of pixels in 27, 16 and 16 bins
    lbp     59   uniform local binary patterns of grey, P = 8, R = 1 (T. Ojala, M. Pietikäinen, T. Mäenpää
                 2002, IEEE TPAMI 24(7)): a share each for the 58 patterns with at most two changes between
                 neighbours on the circle, and one for all others
    gist   320   `models.gist`

They are part of the network: nothing beside a model's folder is needed to predict. None learns, and none
passes gradients but GIST. Normalised images are turned back into 8-bit levels first.
"""

import math
from collections.abc import Sequence
from typing import Final

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.models.gist import Gist
from evocative.recipe.kim2018 import LowLevel

HUES, SATURATIONS, VALUES = 27, 16, 16
"""Bins; 59 together, as many colour features as the paper has (Kim et al. 2018)."""
POINTS: Final = 8
"""P, on a circle of R = 1 pixel."""
TIE: Final = 1e-2
"""A point of the circle that is darker than the centre by no more than this, of 255, counts as not darker:
less than rounding can tell in a plain area."""


class LowLevelFeatures(nn.Module):
    """From normalised images to hand-made features.

    Attributes:
        num_features: How many there are.
        kinds: Which, in their order.
    """

    mean: Tensor
    sd: Tensor

    def __init__(self, kinds: Sequence[LowLevel], *, mean: Sequence[float], sd: Sequence[float]) -> None:
        """Make them for images that were normalised by a mean and SD of each channel, of values in [0, 1].

        Raises:
            ModelError: A kind stands twice.
        """
        super().__init__()
        if len(set(kinds)) != len(kinds):
            raise ModelError(f"model.kim2018.low_level: each kind may stand once, found {', '.join(kinds)}")
        self.kinds = tuple(kinds)
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("sd", torch.tensor(sd).view(3, 1, 1), persistent=False)
        self.gist = Gist() if "gist" in kinds else None
        self.num_features = sum(_WIDTHS[kind] for kind in kinds)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B F"]:
        """Return the features side by side, in float32."""
        with torch.autocast(images.device.type, enabled=False):
            levels = ((images.float() * self.sd + self.mean) * 255).round().clamp(0, 255)
            greys = grey(levels)
            found = []
            for kind in self.kinds:
                if kind == "gist" and self.gist is not None:
                    found.append(self.gist(greys))
                else:
                    found.append(color_histograms(levels) if kind == "color" else pattern_histogram(greys))
            return torch.cat(found, dim=1) if found else levels.new_zeros(len(levels), 0)


def grey(levels: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B H W"]:
    """Return luma of 8-bit levels (ITU-R BT.601), rounded to whole levels."""
    red, green, blue = levels.unbind(1)
    return ((299 * red + 587 * green + 114 * blue) / 1000).round()


def color_histograms(levels: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 59"]:
    """Return shares of pixels in bins of hue, saturation and value.

    Grey pixels have no hue and count in no bin of it, so that the hues' shares sum to the share of colour.
    """
    red, green, blue = levels.unbind(1)
    value, darkest = levels.amax(1), levels.amin(1)
    chroma = value - darkest
    safe = chroma.clamp(min=1)
    sector = torch.where(
        value == red, ((green - blue) / safe) % 6,
        torch.where(value == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )  # fmt: skip
    saturation = chroma / value.clamp(min=1)
    return torch.cat(
        [
            _shares(_bin(sector / 6, HUES), HUES, counted=chroma > 0),
            _shares(_bin(saturation, SATURATIONS), SATURATIONS),
            _shares(_bin(value / 255, VALUES), VALUES),
        ],
        dim=1,
    )


def pattern_histogram(greys: Float[Tensor, "B H W"]) -> Float[Tensor, "B 59"]:
    """Return shares of uniform local binary patterns over all pixels but those of the border.

    Bit p says whether the point at angle 2πp / 8, counter-clockwise from the right, is at least as light as
    the centre; points between pixels are interpolated.
    """
    centre = greys[:, 1:-1, 1:-1]
    code = torch.zeros_like(centre, dtype=torch.int64)
    for point in range(POINTS):
        angle = 2 * math.pi * point / POINTS
        there = _moved(greys, round(-math.sin(angle), 5), round(math.cos(angle), 5))
        code += (there - centre >= -TIE).long() << point
    number = torch.tensor(uniform_numbers(), device=greys.device)
    return _shares(number[code], max(uniform_numbers()) + 1)


def uniform_numbers(points: int = POINTS) -> list[int]:
    """Number the patterns of a circle: uniform ones in their order, all others share the last number.

    Example:
        >>> uniform_numbers(3), max(uniform_numbers(8))
        ([0, 1, 2, 3, 4, 5, 6, 7], 58)
    """
    uniform = [code for code in range(2**points) if _changes(code, points) <= 2]
    numbers = {code: number for number, code in enumerate(uniform)}
    return [numbers.get(code, len(uniform)) for code in range(2**points)]


def _changes(code: int, points: int) -> int:
    turned = (code >> 1) | ((code & 1) << (points - 1))
    return (code ^ turned).bit_count()


def _moved(greys: Float[Tensor, "B H W"], down: float, right: float) -> Float[Tensor, "B h w"]:
    """Return the greys at a distance of at most 1 from each inner pixel, interpolated."""
    height, width = greys.shape[1] - 2, greys.shape[2] - 2
    total = torch.zeros_like(greys[:, 1:-1, 1:-1])
    top, left = math.floor(down), math.floor(right)
    for row, share in ((top, 1 - (down - top)), (top + 1, down - top)):
        for column, part in ((left, 1 - (right - left)), (left + 1, right - left)):
            if share * part > 0:
                y, x = 1 + row, 1 + column
                total = total + share * part * greys[:, y : y + height, x : x + width]
    return total


def _bin(values: Float[Tensor, "B H W"], bins: int) -> Int64[Tensor, "B H W"]:
    """Return which of equal bins of [0, 1] values lie in, the upper one on an edge; 1 lies in the last."""
    return (values * bins + 1e-4).long().clamp(0, bins - 1)  # an edge is an edge, however it was rounded


def _shares(
    numbers: Int64[Tensor, "B H W"], bins: int, *, counted: Tensor | None = None
) -> Float[Tensor, "B N"]:
    flat = numbers.flatten(1)
    ones = torch.ones_like(flat, dtype=torch.float32) if counted is None else counted.flatten(1).float()
    counts = torch.zeros(len(flat), bins, device=flat.device).scatter_add_(1, flat, ones)
    return counts / flat.shape[1]


_WIDTHS: Final[dict[LowLevel, int]] = {"color": HUES + SATURATIONS + VALUES, "lbp": 59, "gist": 320}
