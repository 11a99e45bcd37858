"""Generator: a network that draws pictures of what is asked for from random numbers.

    generator = load_generator("runs/gan")                       # generate/generator_store.py
    condition = generator.condition_of(label="awe")              # (C,)
    latent = torch.randn(8, generator.latent_size)
    pictures = generator(latent, condition.expand(8, -1))        # (8, 3, S, S), red, green, blue in [0, 1]

A small residual network (Miyato 2018b, table 3's generator, with fewer channels): 4 × 4 places are doubled
block by block. The latent vector, brought to the sphere (Karras 2018, section 4.2), and the embedded
condition scale and shift the channels of every block.

Differs from the paper in: channels are normalised at each place (Karras 2018, section 4.2) and not over the
batch, so that one picture does not depend on its neighbours and the averaged weights need no statistics; the
latent vector enters every block, as in Brock 2019; maps are doubled by bilinear interpolation (repeated
places show as tiles), the last time before the last convolution.

Miyato 2018b: Miyato & Koyama, cGANs with projection discriminator. Karras 2018: Progressive growing of GANs.
Brock 2019: Large scale GAN training for high fidelity natural image synthesis.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import log2

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate, silu

from evocative.errors import RecipeError
from evocative.generate.conditions import Conditions
from evocative.recipe.ranges import STRICT, Side, Width

_FIRST = 4  # places along a side of the first maps


@dataclass(frozen=True)
class NetworkConfig:
    """The size of a generator or a discriminator.

    Raises:
        RecipeError: A number is out of range.
    """

    __pydantic_config__ = STRICT

    size: Side = 64
    """Height and width of the pictures: a power of two, 16 to 1024."""
    latent_size: Width = 64
    """Random numbers a picture is drawn from."""
    width: Width = 32
    """Channels at half the size; doubled wherever height and width are halved."""
    max_width: Width = 256
    """Channels at most."""

    def __post_init__(self) -> None:
        if not (16 <= self.size <= 1024 and log2(self.size).is_integer()):
            raise RecipeError(f"network.size: expected a power of two, 16 to 1024, found {self.size}")
        if min(self.latent_size, self.width, self.max_width) < 1:
            raise RecipeError("network: latent_size, width and max_width are 1 or more")

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels at 4, 8, … size / 2 places a side."""
        steps = int(log2(self.size)) - 3
        return tuple(min(self.max_width, self.width * 2**step) for step in range(steps, -1, -1))


class Generator(nn.Module):
    """Pictures from latent vectors and conditions.

    Attributes:
        config: How large it is.
        conditions: What can be asked for.
        latent_size: Z, numbers of a latent vector, drawn from the standard normal.
        condition_size: C, numbers of a condition.
        size: S, height and width of a picture.
    """

    def __init__(self, conditions: Conditions, config: NetworkConfig | None = None) -> None:
        """Draw weights from torch's global generator: seed it first."""
        super().__init__()
        self.config = config or NetworkConfig()
        self.conditions = conditions
        self.latent_size, self.condition_size = self.config.latent_size, conditions.size
        self.size = self.config.size
        widths = self.config.widths
        style = 2 * self.latent_size
        self.embed = nn.Linear(conditions.size, self.latent_size)
        self.begin = nn.Linear(style, widths[0] * _FIRST**2)
        self.blocks = nn.ModuleList(UpBlock(low, high, style=style) for low, high in pairwise(widths))
        self.last = Modulation(widths[-1], style=style)
        self.to_rgb = nn.Conv2d(widths[-1], 3, 3, padding=1)

    def forward(
        self, latent: Float[Tensor, "N Z"], condition: Float[Tensor, "N C"]
    ) -> Float[Tensor, "N 3 S S"]:
        """Draw pictures.

        Args:
            latent: From the standard normal; only its direction counts.
            condition: See `condition_of`.

        Returns:
            Red, green and blue in [0, 1].
        """
        style = torch.cat([normalized(latent), normalized(self.embed(condition))], dim=1)
        maps = self.begin(style).unflatten(1, (-1, _FIRST, _FIRST))
        for block in self.blocks:
            maps = block(maps, style)
        maps = doubled(silu(self.last(maps, style)))
        return torch.sigmoid(2 * self.to_rgb(maps))  # sigmoid(2x) = (tanh(x) + 1) / 2

    def condition_of(self, *, label: str | None = None, **dimensions: float) -> Float[Tensor, " C"]:
        """Return the vector that asks for a label, for `valence=…`, `arousal=…`, `dominance=…`, or for both.

        Raises:
            DataError: A name is unknown to this generator, or a value out of [-1, 1].
        """
        return self.conditions.of(label=label, **dimensions).to(self.to_rgb.weight.device)


class UpBlock(nn.Module):
    """A residual block that doubles height and width (Miyato 2018b, figure 14b)."""

    def __init__(self, inputs: int, outputs: int, *, style: int) -> None:
        super().__init__()
        self.first, self.second = Modulation(inputs, style=style), Modulation(outputs, style=style)
        self.grow = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.refine = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(
        self, maps: Float[Tensor, "N I H W"], style: Float[Tensor, "N Y"]
    ) -> Float[Tensor, "N O H2 W2"]:
        """Return maps of twice the height and width."""
        above = self.grow(doubled(silu(self.first(maps, style))))
        above = self.refine(silu(self.second(above, style)))
        grown: Tensor = above + doubled(self.shortcut(maps))
        return grown


class Modulation(nn.Module):
    """Channels of mean square 1 at each place, scaled and shifted as latent vector and condition say."""

    def __init__(self, channels: int, *, style: int) -> None:
        super().__init__()
        self.scale_and_shift = nn.Linear(style, 2 * channels)
        nn.init.zeros_(self.scale_and_shift.bias)

    def forward(
        self, maps: Float[Tensor, "N C H W"], style: Float[Tensor, "N Y"]
    ) -> Float[Tensor, "N C H W"]:
        """Return (1 + scale) · normalised maps + shift."""
        scale, shift = self.scale_and_shift(style)[:, :, None, None].chunk(2, dim=1)
        modulated: Tensor = normalized(maps) * (1 + scale) + shift
        return modulated


def normalized(values: Float[Tensor, "N C *places"]) -> Float[Tensor, "N C *places"]:
    """Bring the mean square over the second axis to 1 (Karras 2018, section 4.2)."""
    return values * torch.rsqrt(values.square().mean(dim=1, keepdim=True) + 1e-8)


def doubled(maps: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H2 W2"]:
    """Return maps of twice the height and width, interpolated bilinearly."""
    return interpolate(maps, scale_factor=2, mode="bilinear", align_corners=False)
