"""DiffAugment (Zhao 2020): what a discriminator may not learn by heart where data are few.

The table's pictures and made ones go through the same kinds of random changes before the discriminator, and
gradients flow back through them, so that the generator does not learn the changes themselves.

color: brightness shifted within ± 0.5, saturation times 0 to 2, contrast times 0.5 to 1.5; translation:
within ± 1/8 of the side, 0 beyond the edge; cutout: a square of half the side becomes 0. Values in [-1, 1],
as in the paper's code; all draws uniform, one a picture.

Zhao 2020: Differentiable augmentation for data-efficient GAN training, appendix B.
"""

from collections.abc import Callable, Sequence
from typing import Final

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import pad

Pictures = Float[Tensor, "N 3 S S"]


def augmented(pictures: Pictures, changes: Sequence[str], generator: torch.Generator) -> Pictures:
    """Return pictures after random changes, in the order of `CHANGES`.

    Args:
        pictures: Values in [-1, 1].
        changes: Keys of `CHANGES`; none: the pictures as they are.
        generator: On the CPU.
    """
    for name, change in CHANGES.items():
        if name in changes:
            pictures = change(pictures, generator)
    return pictures


def _color(pictures: Pictures, generator: torch.Generator) -> Pictures:
    draws = torch.rand(3, len(pictures), 1, 1, 1, generator=generator).to(pictures)
    pictures = pictures + (draws[0] - 0.5)
    grey = pictures.mean(dim=1, keepdim=True)
    pictures = (pictures - grey) * (draws[1] * 2) + grey
    mean = pictures.mean(dim=(1, 2, 3), keepdim=True)
    return (pictures - mean) * (draws[2] + 0.5) + mean


def _translation(pictures: Pictures, generator: torch.Generator) -> Pictures:
    size = pictures.shape[-1]
    most = int(size / 8 + 0.5)
    shift = torch.randint(-most, most + 1, (2, len(pictures)), generator=generator)
    padded = pad(pictures, (most, most, most, most))
    down, across = ((_line(size) + most + each[:, None]).to(pictures.device) for each in shift)
    picture = torch.arange(len(pictures), device=pictures.device)[:, None, None]
    moved = padded.permute(0, 2, 3, 1)[picture, down[:, :, None], across[:, None, :]]
    return moved.permute(0, 3, 1, 2)


def _cutout(pictures: Pictures, generator: torch.Generator) -> Pictures:
    size = pictures.shape[-1]
    half = size // 2
    middle = torch.randint(0, size + (1 - half % 2), (2, len(pictures)), generator=generator)
    down, across = (
        ((_line(size) >= each[:, None] - half // 2) & (_line(size) < each[:, None] + half - half // 2))
        for each in middle
    )
    hidden = (down[:, None, :, None] & across[:, None, None, :]).to(pictures.device)
    return pictures.masked_fill(hidden, 0.0)


def _line(size: int) -> Int64[Tensor, " S"]:
    return torch.arange(size)


CHANGES: Final[dict[str, Callable[[Pictures, torch.Generator], Pictures]]] = {
    "color": _color,
    "translation": _translation,
    "cutout": _cutout,
}
"""Name -> change, in the order in which they are done."""
