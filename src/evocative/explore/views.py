"""Views of a picture that should not change what it evokes: what all of them say is no pixel's accident.

VIEWS: plain; mirror (left for right); crop (the middle 7/8, enlarged); shift (1/16 of the side right and
down, the border repeated); close (the middle 3/4, enlarged); tilt (5 degrees, the border repeated).
All are fixed, so that a picture is always judged alike, and differentiable.
"""

import math
from collections.abc import Callable
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

Pictures = Float[Tensor, "B 3 S S"]


def shown(pictures: Pictures, count: int) -> list[Pictures]:
    """Return the first `count` views of pictures in [0, 1], the pictures themselves first."""
    return [view(pictures) for view in list(VIEWS.values())[:count]]


def _placed(pictures: Pictures, zoom: float, shift: float = 0.0, degrees: float = 0.0) -> Pictures:
    """Sample bilinearly where an affine map says; shift in halves of the side; the border is repeated."""
    cos, sin = math.cos(math.radians(degrees)) * zoom, math.sin(math.radians(degrees)) * zoom
    where = torch.tensor(
        [[cos, -sin, shift], [sin, cos, shift]], device=pictures.device, dtype=pictures.dtype
    )
    grid = affine_grid(where.expand(len(pictures), 2, 3), list(pictures.shape), align_corners=False)
    return grid_sample(pictures, grid, mode="bilinear", padding_mode="border", align_corners=False)


VIEWS: Final[dict[str, Callable[[Pictures], Pictures]]] = {
    "plain": lambda pictures: pictures,
    "mirror": lambda pictures: pictures.flip(3),
    "crop": lambda pictures: _placed(pictures, 7 / 8),
    "shift": lambda pictures: _placed(pictures, 1.0, -1 / 8),
    "close": lambda pictures: _placed(pictures, 3 / 4),
    "tilt": lambda pictures: _placed(pictures, 1.0, degrees=5),
}
"""Name -> view, in the order in which they are taken."""
