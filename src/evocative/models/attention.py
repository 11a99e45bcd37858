"""Attention on a feature map: which channels, and which places (Woo et al. 2018, *CBAM*; Huang et al. 2024).

CBAM applies them one after the other; Huang et al. 2024 side by side, (9): f3 = f2 ⊗ Mc(f2) ⊗ Ms(f2).
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError

KERNEL = 7
"""Side of the spatial attention's convolution, (11)."""


class ChannelAttention(nn.Module):
    """Mc of (10): σ(MLP(average over places) + MLP(maximum over places)), with one perceptron for both."""

    def __init__(self, channels: int, *, reduction: int = 16) -> None:
        """Take maps of C = `channels` channels; the hidden layer has C / `reduction` numbers, at least one.

        Raises:
            ModelError: The reduction is below 1.
        """
        super().__init__()
        if reduction < 1:
            raise ModelError(f"channel attention: expected a reduction of 1 or more, found {reduction}")
        hidden = max(1, channels // reduction)
        self.perceptron = nn.Sequential(nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels))

    def forward(self, maps: Float[Tensor, "B C h w"]) -> Float[Tensor, "B C 1 1"]:
        """Return a weight in (0, 1) for each channel."""
        average, maximum = maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))
        weights: Tensor = torch.sigmoid(self.perceptron(average) + self.perceptron(maximum))  # (10)
        return weights[:, :, None, None]


class SpatialAttention(nn.Module):
    """Ms of (11): σ(7×7 convolution of the average and the maximum over channels)."""

    def __init__(self) -> None:
        """Make it, for maps of any size and number of channels."""
        super().__init__()
        self.conv = nn.Conv2d(2, 1, KERNEL, padding=KERNEL // 2)

    def forward(self, maps: Float[Tensor, "B C h w"]) -> Float[Tensor, "B 1 h w"]:
        """Return a weight in (0, 1) for each place."""
        seen = torch.cat([maps.mean(dim=1, keepdim=True), maps.amax(dim=1, keepdim=True)], dim=1)
        weights: Tensor = torch.sigmoid(self.conv(seen))  # (11)
        return weights


class ParallelAttention(nn.Module):
    """Both at once, each reading the map as it came: f ⊗ Mc(f) ⊗ Ms(f), (9)."""

    def __init__(self, channels: int, *, reduction: int = 16) -> None:
        """Take maps of so many channels; see `ChannelAttention`."""
        super().__init__()
        self.channel = ChannelAttention(channels, reduction=reduction)
        self.spatial = SpatialAttention()

    def forward(self, maps: Float[Tensor, "B C h w"]) -> Float[Tensor, "B C h w"]:
        """Return the weighted map f3."""
        weighted: Tensor = maps * self.channel(maps) * self.spatial(maps)  # (9)
        return weighted
