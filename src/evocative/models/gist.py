"""GIST: how much of each orientation and coarseness lies in each part of a picture.

A. Oliva & A. Torralba 2001, *Modeling the shape of the scene: a holistic representation of the spatial
envelope*, Int. J. Comput. Vis. 42(3): the magnitudes of a bank of Gabor filters, averaged over a 4 × 4 grid.
Constants are those of the authors' published code: whitening and local contrast at 4 cycles an image, filters
at .3 / 1.85^s cycles a pixel. With 8, 8 and 4 orientations there are 20 filters and 320 numbers.

Differs from that code in: every picture is squashed to 128 × 128 by an antialiased bilinear filter, also
where its sides differ; its greys are rounded.
"""

import math
from collections.abc import Sequence
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor, nn

SIZE: Final = 128
"""Side of the picture that filters see."""
ORIENTATIONS: Final = (8, 8, 4)
"""Filters of each scale, fine to coarse."""
GRID: Final = 4
"""Cells a side."""
_MARGIN: Final = 32
"""Pixels mirrored outwards before filtering."""
_PREFILTER_MARGIN: Final = 5
_CYCLES: Final = 4.0
"""Where the prefilter's Gaussian has fallen to one half, in cycles an image."""


class Gist(nn.Module):
    """From greys, (B, H, W) in [0, 255], to (B, 320): filter by filter, each cell row by row.

    The filters are constants, and not part of a model's file.

    Attributes:
        num_features: Filters times cells.
    """

    filters: Tensor
    envelope: Tensor

    def __init__(self, orientations: Sequence[int] = ORIENTATIONS) -> None:
        """Make the filters; `orientations` says how many each scale has, from the finest."""
        super().__init__()
        self.register_buffer("filters", gabor_filters(SIZE + 2 * _MARGIN, orientations), persistent=False)
        side = SIZE + 2 * _PREFILTER_MARGIN
        squared = _frequencies(side).square().sum(0)
        self.register_buffer("envelope", torch.exp(-squared * math.log(2) / _CYCLES**2), persistent=False)
        self.num_features = len(self.filters) * GRID**2

    def forward(self, greys: Float[Tensor, "B H W"]) -> Float[Tensor, "B F"]:
        """Return the averages of each filter's magnitude over the cells."""
        small = nn.functional.interpolate(
            greys[:, None].float(), (SIZE, SIZE), mode="bilinear", antialias=True, align_corners=False
        )[:, 0]
        spectrum = torch.fft.fft2(_mirrored(self.prefilter(small), _MARGIN))
        inside = slice(_MARGIN, _MARGIN + SIZE)
        cells = [
            nn.functional.avg_pool2d(torch.fft.ifft2(spectrum * one).abs()[:, inside, inside], SIZE // GRID)
            for one in self.filters
        ]
        return torch.stack(cells, dim=1).flatten(1)

    def prefilter(self, greys: Float[Tensor, "B S S"]) -> Float[Tensor, "B S S"]:
        """Whiten a picture of logarithmic greys, and divide it by its local contrast."""
        padded = _mirrored(torch.log1p(greys), _PREFILTER_MARGIN)
        sharp = padded - self._blurred(padded)
        contrast = self._blurred(sharp.square()).abs().sqrt()
        inside = slice(_PREFILTER_MARGIN, _PREFILTER_MARGIN + SIZE)
        return (sharp / (0.2 + contrast))[:, inside, inside]

    def _blurred(self, planes: Float[Tensor, "B S S"]) -> Float[Tensor, "B S S"]:
        blurred: Tensor = torch.fft.ifft2(torch.fft.fft2(planes) * self.envelope).real
        return blurred


def gabor_filters(side: int, orientations: Sequence[int]) -> Float[Tensor, "F S S"]:
    """Return transfer functions, the zero frequency first, of Gabor filters for pictures of an even side.

    Scale s has its centre at .3 / 1.85^s cycles a pixel; orientation k of n lies at πk / n.
    """
    fx, fy = _frequencies(side)
    radius, angle = torch.hypot(fx, fy), torch.atan2(fy, fx)
    found = []
    for scale, count in enumerate(orientations):
        centre, narrow = 0.3 / 1.85**scale, 16 * count**2 / 32**2
        for number in range(count):
            turned = angle + math.pi / count * number
            turned = torch.where(turned > math.pi, turned - 2 * math.pi, turned)
            found.append(
                torch.exp(
                    -3.5 * (radius / side / centre - 1).square() - 2 * narrow * math.pi * turned.square()
                )
            )
    return torch.stack(found)


def _frequencies(side: int) -> Float[Tensor, "2 S S"]:
    """Return horizontal and vertical frequencies, in cycles an image, as fft2 orders them."""
    steps = torch.fft.ifftshift(torch.arange(-(side // 2), side // 2, dtype=torch.float32))
    vertical, horizontal = torch.meshgrid(steps, steps, indexing="ij")
    return torch.stack([horizontal, vertical])


def _mirrored(planes: Float[Tensor, "B S S"], margin: int) -> Float[Tensor, "B T T"]:
    """Mirror a picture outwards on all sides; its edge stands twice."""
    order = torch.arange(planes.shape[-1], device=planes.device)
    order = torch.cat([order[:margin].flip(0), order, order[-margin:].flip(0)])
    return planes[:, order][:, :, order]
