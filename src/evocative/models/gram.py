"""Gram modules: what goes with what in a feature map, wherever it is in the picture.

*Motiejauskas 2026*, section 4.1, equations (4.2), (4.3), (4.9), (4.10) and figure 4.3, after Gatys 2015 and
Zhang 2022. Differs from the paper in: the Gram branch (matrix, dense layer, batch norm) stays in float32
under autocast; on wide maps a 1×1 convolution may compress the channels first (`compress`).
"""

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError, unknown

Fusion = Literal["add", "multiply", "concatenate", "average"]
FUSIONS: tuple[Fusion, ...] = ("add", "multiply", "concatenate", "average")


def gram_matrix(maps: Float[Tensor, "B C h w"], *, divide_by_hw: bool = True) -> Float[Tensor, "B C C"]:
    """Return the channels' inner products over all places of a map, in float32 (float64 stays).

    Args:
        maps: Feature maps of any floating type.
        divide_by_hw: Divide by the number of places (4.10); without it (4.9), as the 2024 paper does.

    Returns:
        Symmetric positive semi-definite matrices. Any autocast is off inside: in half precision the sums
        over hundreds of places lose their digits or overflow.

    Example:
        >>> gram_matrix(torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]]), divide_by_hw=False)
        tensor([[[ 5., 11.],
                 [11., 25.]]])
    """
    with torch.autocast(maps.device.type, enabled=False):
        wide = maps if maps.dtype == torch.float64 else maps.float()
        if wide.is_contiguous(memory_format=torch.channels_last):  # keeps the gradient in this order, too
            columns = wide.permute(0, 2, 3, 1).flatten(1, 2)  # Fᵀ, (B, hw, C)
            gram = columns.transpose(1, 2) @ columns
        else:
            rows = wide.flatten(2)  # F, (B, C, hw)
            gram = rows @ rows.transpose(1, 2)  # (4.9)
        return gram / (maps.shape[2] * maps.shape[3]) if divide_by_hw else gram  # (4.10)


def fuse(
    first: Float[Tensor, "B D"], second: Float[Tensor, "B D"], fusion: Fusion
) -> Float[Tensor, "B fused"]:
    """Join two vectors of one length; `concatenate` doubles the length, the others keep it."""
    if fusion == "add":
        return first + second
    if fusion == "multiply":
        return first * second
    if fusion == "average":
        return (first + second) / 2
    if fusion == "concatenate":
        return torch.cat([first, second], dim=1)
    raise ModelError(unknown("fusion", fusion, FUSIONS))


def fused_width(width: int, fusion: Fusion) -> int:
    """Return the length of what `fuse` makes of two vectors of length `width`."""
    return 2 * width if fusion == "concatenate" else width


class GramModule(nn.Module):
    """A feature map's Gram matrix, and its channels' means, as one short vector (figure 4.3).

    The matrix G is flattened and goes through dense → SiLU → batch norm; beside it the map goes through a
    1×1 convolution → SiLU → global average; the two vectors are fused. Both are ⌊C/2⌋ long (4.3).
    """

    def __init__(
        self,
        channels: int,
        *,
        fusion: Fusion = "add",
        divide_by_hw: bool = True,
        compress: int | None = None,
    ) -> None:
        """Make a module for maps of `channels` channels.

        Args:
            channels: C, at least 2.
            fusion: How the two branches are joined. The paper adds them.
            divide_by_hw: See `gram_matrix`.
            compress: When C is larger, a 1×1 convolution W brings the map down to this many channels before
                the matrix is formed, which then is W·G·Wᵀ. The output keeps its ⌊C/2⌋ numbers.
        """
        super().__init__()
        _check(channels, fusion, compress)
        width = channels // 2  # (4.3)
        inner = channels if compress is None else min(channels, compress)
        self.fusion: Fusion = fusion
        self.divide_by_hw = divide_by_hw
        self.num_features = fused_width(width, fusion)
        self.compress = nn.Conv2d(channels, inner, 1, bias=False) if inner < channels else nn.Identity()
        self.dense = nn.Linear(inner * inner, width)
        self.norm = nn.BatchNorm1d(width)
        self.conv = nn.Conv2d(channels, width, 1)
        self.activation = nn.SiLU()

    def forward(self, maps: Float[Tensor, "B C h w"]) -> Float[Tensor, "B d"]:
        """Return z (4.2).

        Raises:
            ModelError: One image alone in training: batch norm has nothing to compare it with.
        """
        if self.norm.training and maps.shape[0] < 2:
            raise ModelError(
                "a Gram module cannot be trained on a batch of one image: its batch norm needs at least two. "
                "Drop the last incomplete batch, take a larger batch, or freeze batch norm"
            )
        means = self.activation(self.conv(maps)).mean(dim=(2, 3))
        gram = gram_matrix(self.compress(maps), divide_by_hw=self.divide_by_hw)
        with torch.autocast(maps.device.type, enabled=False):
            style = self.norm(self.activation(self.dense(gram.flatten(1))))
            return fuse(style, means.to(style.dtype), self.fusion)


def count_weights(channels: int, *, compress: int | None = None) -> int:
    """Return the number of trainable weights of a module for maps of `channels` channels.

    Example:
        >>> count_weights(1024), count_weights(1024, compress=64)
        (537397248, 2689024)
    """
    width = channels // 2
    inner = channels if compress is None else min(channels, compress)
    squeeze = channels * inner if inner < channels else 0
    dense = inner * inner * width + width
    return squeeze + dense + 2 * width + channels * width + width


def check_size(
    channels: Sequence[int], *, compress: int | None = None, max_weights: int = 50_000_000
) -> None:
    """Refuse Gram modules of absurd size, before anything is allocated.

    Args:
        channels: Channels of each chosen map.
        compress: As in `GramModule`.
        max_weights: The largest number of weights that a single module may have.

    Raises:
        ModelError: A module would have more; the message gives the numbers and the ways out.
    """
    weights = [count_weights(count, compress=compress) for count in channels]
    if max(weights, default=0) <= max_weights:
        return
    small = 64 if compress is None else max(1, compress // 2)
    each = ", ".join(f"{count:,} on {width} channels" for count, width in zip(weights, channels, strict=True))
    offered = sum(count_weights(count, compress=small) for count in channels)
    raise ModelError(
        f"Gram modules on these maps would have {sum(weights):,} weights ({each}), and gram.max_weights "
        f"allows {max_weights:,} a module. Compress the maps first (gram.compress = {small}: {offered:,} "
        "weights in all), read shallower maps (gram.maps), or raise gram.max_weights"
    )


def _check(channels: int, fusion: Fusion, compress: int | None) -> None:
    if channels < 2:
        raise ModelError(f"a Gram module needs a map of at least 2 channels, not {channels}")
    if fusion not in FUSIONS:
        raise ModelError("gram: " + unknown("fusion", fusion, FUSIONS))
    if compress is not None and compress < 1:
        raise ModelError(f"gram.compress must be at least 1 channel, not {compress}")
