"""Discriminator: how much a picture looks like one of the table's that was asked for so.

    D(x, c) = ψ(φ(x)) + ⟨V c, φ(x)⟩                                            (Miyato 2018b, equation 3)

φ: residual blocks that halve the picture, summed over its places. With ArtGAN's feedback (Tan 2017) φ is also
classified into the K labels and "made".

Differs from the papers in: the first halving moves 2 × 2 pixels into channels, which costs a quarter; a
channel may tell how much the batch differs (Karras 2018, section 3); ArtGAN's classes stand beside the
projection and are not all that the discriminator says.

Miyato 2018a: Spectral normalization for GANs. Miyato 2018b: cGANs with projection discriminator. Tan 2017:
ArtGAN: artwork synthesis with conditional categorical GANs. Karras 2018: Progressive growing of GANs.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, leaky_relu, pixel_unshuffle
from torch.nn.utils.parametrizations import spectral_norm

from evocative.generate.conditions import Conditions
from evocative.generate.generator import NetworkConfig
from evocative.generate.generator_settings import DiscriminatorConfig

Wrap = Callable[[nn.Module], nn.Module]


class Verdict(NamedTuple):
    """What a discriminator says of a batch."""

    realness: Float[Tensor, " N"]
    """Above 0: of the table; below: made."""
    classes: Float[Tensor, "N K1"] | None
    """Logits of the K labels and of "made"; None without categorical feedback."""


class Discriminator(nn.Module):
    """Tells pictures of the table from made ones, given what was asked for."""

    def __init__(
        self, conditions: Conditions, *, size: int, config: DiscriminatorConfig, categorical: bool = False
    ) -> None:
        """Draw weights from torch's global generator: seed it first.

        Args:
            conditions: What is asked for.
            size: Height and width of the pictures, a power of two.
            config: How large it is, how it is normalised.
            categorical: Classify, too.
        """
        super().__init__()
        wrap: Wrap = spectral_norm if config.spectral_norm else (lambda layer: layer)
        widths = NetworkConfig(size=size, width=config.width, max_width=config.max_width).widths[::-1]
        self.batch_sd = config.batch_sd
        self.begin = wrap(nn.Conv2d(12, widths[0], 3, padding=1))
        self.blocks = nn.ModuleList(DownBlock(high, low, wrap=wrap) for high, low in pairwise(widths))
        self.last = wrap(nn.Conv2d(widths[-1] + config.batch_sd, widths[-1], 3, padding=1))
        self.realness = wrap(nn.Linear(widths[-1], 1))  # ψ
        self.project = wrap(nn.Linear(conditions.size, widths[-1], bias=False))  # V
        self.classify = wrap(nn.Linear(widths[-1], len(conditions.labels) + 1)) if categorical else None

    def forward(self, pictures: Float[Tensor, "N 3 S S"], condition: Float[Tensor, "N C"]) -> Verdict:
        """Judge pictures with values in [-1, 1]."""
        maps = self.begin(pixel_unshuffle(pictures, 2))
        for block in self.blocks:
            maps = block(maps)
        if self.batch_sd:
            maps = torch.cat([maps, spread(maps)], dim=1)
        features = leaky_relu(self.last(leaky_relu(maps, 0.2)), 0.2).sum(dim=(2, 3))  # φ
        realness = self.realness(features).squeeze(1) + (self.project(condition) * features).sum(dim=1)
        return Verdict(realness, None if self.classify is None else self.classify(features))


class DownBlock(nn.Module):
    """A residual block that halves height and width."""

    def __init__(self, inputs: int, outputs: int, *, wrap: Wrap) -> None:
        super().__init__()
        self.first = wrap(nn.Conv2d(inputs, outputs, 3, padding=1))
        self.second = wrap(nn.Conv2d(outputs, outputs, 3, padding=1))
        self.shortcut = wrap(nn.Conv2d(inputs, outputs, 1))

    def forward(self, maps: Float[Tensor, "N I H W"]) -> Float[Tensor, "N O H2 W2"]:
        """Return maps of half the height and width."""
        above = avg_pool2d(self.first(leaky_relu(maps, 0.2)), 2)
        above = self.second(leaky_relu(above, 0.2))
        halved: Tensor = above + self.shortcut(avg_pool2d(maps, 2))
        return halved


def spread(maps: Float[Tensor, "N C H W"]) -> Float[Tensor, "N 1 H W"]:
    """Return one number, repeated: the mean SD over the batch of all channels and places."""
    sd = (maps.var(dim=0, unbiased=False) + 1e-8).sqrt().mean()
    return sd.expand(len(maps), 1, *maps.shape[2:])
