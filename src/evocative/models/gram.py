"""Gram modules: what goes with what in a feature map, wherever it is in the picture.

*Motiejauskas 2026*, section 4.1, equations (4.2), (4.3), (4.9), (4.10) and figure 4.3, after Gatys 2015 and
Zhang 2022. Differs from the paper in: the Gram branch (matrix, dense layer, batch norm) stays in float32
under autocast; on wide maps a 1×1 convolution may compress the channels first (`compress`). What else may be
changed (square roots, covariances, the triangle, low rank, a branch that starts at zero) is off by default.
"""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError, unknown
from evocative.models.fusion import FUSIONS, fuse, fused_width
from evocative.models.second_order import (
    bilinear_forms,
    covariance,
    gram_matrix,
    matrix_sqrt,
    signed_sqrt,
    stored_gram,
    upper_triangle,
)
from evocative.recipe.settings import BranchNorm, Fusion, Normalization, Start

__all__ = [
    "FUSIONS", "Fusion", "GramModule", "LowRankBilinear",
    "check_batch", "check_size", "count_weights", "fuse", "fused_width", "gram_matrix",
]  # fmt: skip
NORMALIZATIONS: tuple[Normalization, ...] = ("none", "signed_sqrt", "matrix_sqrt")
BRANCH_NORMS: tuple[BranchNorm, ...] = ("batch", "layer", "none")
STARTS: tuple[Start, ...] = ("random", "zero")


class LowRankBilinear(nn.Module):
    """A dense layer on a C × C matrix whose rows, as matrices, share R factors: W_k = U·diag(p_k)·Vᵀ.

    y = Pᵀ·diag(Uᵀ·G·V) + b, which for a Gram matrix is the mean over all places of Pᵀ(Uᵀf ∘ Vᵀf) + b:
    low-rank bilinear pooling (Kim 2017, *Hadamard product for low-rank bilinear pooling*, section 3, without
    its nonlinearity). R·(2C + d) + d weights in place of C²·d + d.
    """

    def __init__(self, channels: int, outputs: int, *, rank: int) -> None:
        """Read matrices of `channels` rows into `outputs` numbers through `rank` bilinear forms."""
        super().__init__()
        self.left = nn.Linear(channels, rank, bias=False)  # Uᵀ
        self.right = nn.Linear(channels, rank, bias=False)  # Vᵀ
        self.outputs = nn.Linear(rank, outputs)  # Pᵀ and b

    def forward(self, matrix: Float[Tensor, "B C C"]) -> Float[Tensor, "B d"]:
        """Return y."""
        found: Tensor = self.outputs(bilinear_forms(matrix, self.left.weight, self.right.weight))
        return found


class GramModule(nn.Module):
    """A feature map's Gram matrix, and its channels' means, as one short vector (figure 4.3).

    The matrix G is flattened and goes through dense → SiLU → batch norm; beside it the map goes through a
    1×1 convolution → SiLU → global average; the two vectors are fused. Both are ⌊C/2⌋ long (4.3).
    """

    gain: nn.Parameter | None

    def __init__(
        self,
        channels: int,
        *,
        fusion: Fusion = "add",
        divide_by_hw: bool = True,
        compress: int | None = None,
        center: bool = False,
        normalization: Normalization = "none",
        triangle: bool = False,
        rank: int | None = None,
        branch_norm: BranchNorm = "batch",
        start: Start = "random",
        means_of: int | None = None,
    ) -> None:
        """Make a module for maps of `channels` channels; without further arguments it is the published one.

        Args:
            channels: C, at least 2.
            fusion: How the two branches are joined. The paper adds them.
            divide_by_hw: See `gram_matrix`.
            compress: When C is larger, a 1×1 convolution W brings the map down to this many channels before
                the matrix is formed, which then is W·G·Wᵀ. The output keeps its ⌊C/2⌋ numbers.
            center: The covariance in place of the Gram matrix.
            normalization: `signed_sqrt` of the entries, times √C, so that it is as long as the matrix square
                root of a map whose channels have a mean square of 1; or `matrix_sqrt`; see there.
            triangle: The dense layer reads C(C+1)/2 numbers, each pair of channels once.
            rank: The dense layer becomes a `LowRankBilinear` of this rank.
            branch_norm: What follows the Gram branch's SiLU: batch norm, layer norm, or nothing.
            start: `zero`: the Gram branch is multiplied by a learnable gain an output that begins at 0.
            means_of: The other branch reads the map averaged down to this many places a side, as a store
                keeps it; the Gram matrix is always that of the whole map.

        Raises:
            ModelError: A setting is wrong, or two contradict each other.
        """
        super().__init__()
        _check(channels, fusion, compress)
        _check_form(normalization, triangle=triangle, rank=rank, branch_norm=branch_norm)
        _check_start(start, fusion)
        width = channels // 2  # (4.3)
        inner = channels if compress is None else min(channels, compress)
        self.fusion: Fusion = fusion
        self.divide_by_hw, self.center, self.triangle = divide_by_hw, center, triangle
        self.means_of = means_of
        self.normalization: Normalization = normalization
        self.num_features = fused_width(width, fusion)
        self.compress = nn.Conv2d(channels, inner, 1, bias=False) if inner < channels else nn.Identity()
        self.dense = _dense(inner, width, triangle=triangle, rank=rank)
        self.norm = _norm(width, branch_norm)
        self.conv = nn.Conv2d(channels, width, 1)
        self.activation = nn.SiLU()
        self.register_parameter("gain", nn.Parameter(torch.zeros(width)) if start == "zero" else None)

    def forward(
        self, maps: Float[Tensor, "B C h w"], gram: Float[Tensor, "B C C"] | None = None
    ) -> Float[Tensor, "B d"]:
        """Return z (4.2).

        Args:
            maps: The feature map F.
            gram: Its matrix F·Fᵀ/(H·W), where it is known already: then `maps` may be a smaller average of
                the map, which the other branch reads.

        Raises:
            ModelError: One image alone in training: batch norm has nothing to compare it with.
        """
        check_batch(self.norm, maps.shape[0])
        seen = maps if self.means_of is None else nn.functional.adaptive_avg_pool2d(maps, self.means_of)
        means = self.activation(self.conv(seen)).mean(dim=(2, 3))
        style = self.style(maps, gram)
        return fuse(style, means.to(style.dtype), self.fusion)

    def style(
        self, maps: Float[Tensor, "B C h w"], gram: Float[Tensor, "B C C"] | None = None
    ) -> Float[Tensor, "B d"]:
        """Return the Gram branch alone, in float32 (float64 stays)."""
        matrix = self.matrix(maps, gram)
        with torch.autocast(maps.device.type, enabled=False):
            if not isinstance(self.dense, LowRankBilinear):
                matrix = upper_triangle(matrix) if self.triangle else matrix.flatten(1)
            style: Tensor = self.norm(self.activation(self.dense(matrix)))
            return style if self.gain is None else self.gain * style

    def matrix(
        self, maps: Float[Tensor, "B C h w"], gram: Float[Tensor, "B C C"] | None = None
    ) -> Float[Tensor, "B c c"]:
        """Return what the dense layer reads: the Gram matrix or covariance, normalised as set."""
        second_order = covariance if self.center else gram_matrix
        if gram is None:
            matrix = second_order(self.compress(maps), divide_by_hw=self.divide_by_hw)
        else:
            matrix = self._known(maps, gram)
        if self.normalization == "signed_sqrt":  # of length 1, batch norm's ε would swallow half of it
            return signed_sqrt(matrix) * math.sqrt(matrix.shape[1])
        return matrix_sqrt(matrix) if self.normalization == "matrix_sqrt" else matrix

    def _known(self, maps: Float[Tensor, "B C h w"], gram: Float[Tensor, "B C C"]) -> Float[Tensor, "B c c"]:
        """Centre and compress a matrix that was computed before: W·(G - μμᵀ)·Wᵀ."""
        matrix = stored_gram(gram, like=maps, divide_by_hw=self.divide_by_hw)
        if self.center:
            mean = maps.mean(dim=(2, 3))
            matrix = matrix - mean[:, :, None] * mean[:, None, :]
        if isinstance(self.compress, nn.Conv2d):
            squeeze = self.compress.weight.flatten(1)
            matrix = squeeze @ matrix @ squeeze.T
        return matrix


def check_batch(norm: nn.Module, images: int) -> None:
    """Refuse a batch that batch norm cannot be trained on.

    Raises:
        ModelError: One image alone in training: there is nothing to compare it with.
    """
    if isinstance(norm, nn.BatchNorm1d) and norm.training and images < 2:
        raise ModelError(
            "a Gram module cannot be trained on a batch of one image: its batch norm needs at least two. "
            "Drop the last incomplete batch, take a larger batch, or freeze batch norm"
        )


def count_weights(
    channels: int,
    *,
    compress: int | None = None,
    triangle: bool = False,
    rank: int | None = None,
    branch_norm: BranchNorm = "batch",
    start: Start = "random",
) -> int:
    """Return the number of trainable weights of a module for maps of `channels` channels.

    Example:
        >>> count_weights(1024), count_weights(1024, compress=64), count_weights(1024, rank=64)
        (537397248, 2689024, 690176)
    """
    width = channels // 2
    inner = channels if compress is None else min(channels, compress)
    squeeze = channels * inner if inner < channels else 0
    entries = inner * (inner + 1) // 2 if triangle else inner * inner
    dense = entries * width if rank is None else rank * (2 * inner + width)
    scales = (0 if branch_norm == "none" else 2 * width) + (width if start == "zero" else 0)
    return squeeze + dense + width + scales + channels * width + width


def check_size(
    channels: Sequence[int],
    *,
    compress: int | None = None,
    triangle: bool = False,
    rank: int | None = None,
    max_weights: int = 50_000_000,
) -> None:
    """Refuse Gram modules of absurd size, before anything is allocated.

    Args:
        channels: Channels of each chosen map.
        compress: As in `GramModule`, and so `triangle` and `rank`.
        triangle: See there.
        rank: See there.
        max_weights: The largest number of weights that a single module may have.

    Raises:
        ModelError: A module would have more; the message gives the numbers and the ways out.
    """
    weights = [count_weights(count, compress=compress, triangle=triangle, rank=rank) for count in channels]
    if max(weights, default=0) <= max_weights:
        return
    small = 64 if compress is None else max(1, compress // 2)
    each = ", ".join(f"{count:,} on {width} channels" for count, width in zip(weights, channels, strict=True))
    offered = sum(count_weights(count, compress=small, triangle=triangle, rank=rank) for count in channels)
    lower = 64 if rank is None else max(1, rank // 2)
    factorised = sum(count_weights(count, compress=compress, rank=lower) for count in channels)
    raise ModelError(
        f"Gram modules on these maps would have {sum(weights):,} weights ({each}), and gram.max_weights "
        f"allows {max_weights:,} a module. Compress the maps first (gram.compress = {small}: {offered:,} "
        f"weights in all), factorise the dense layer (gram.rank = {lower}: {factorised:,}), read shallower "
        "maps (gram.maps), or raise gram.max_weights"
    )


def _dense(inner: int, width: int, *, triangle: bool, rank: int | None) -> nn.Linear | LowRankBilinear:
    if rank is not None:
        return LowRankBilinear(inner, width, rank=rank)
    return nn.Linear(inner * (inner + 1) // 2 if triangle else inner * inner, width)


def _norm(width: int, kind: BranchNorm) -> nn.BatchNorm1d | nn.LayerNorm | nn.Identity:
    if kind == "batch":
        return nn.BatchNorm1d(width)
    return nn.LayerNorm(width) if kind == "layer" else nn.Identity()


def _check(channels: int, fusion: Fusion, compress: int | None) -> None:
    if channels < 2:
        raise ModelError(f"a Gram module needs a map of at least 2 channels, not {channels}")
    if fusion not in FUSIONS:
        raise ModelError("gram: " + unknown("fusion", fusion, FUSIONS))
    if compress is not None and compress < 1:
        raise ModelError(f"gram.compress must be at least 1 channel, not {compress}")


def _check_form(
    normalization: Normalization, *, triangle: bool, rank: int | None, branch_norm: BranchNorm
) -> None:
    if normalization not in NORMALIZATIONS:
        raise ModelError("gram: " + unknown("normalization", normalization, NORMALIZATIONS))
    if branch_norm not in BRANCH_NORMS:
        raise ModelError("gram: " + unknown("branch_norm", branch_norm, BRANCH_NORMS))
    if rank is not None and rank < 1:
        raise ModelError(f"gram.rank must be at least 1, not {rank}")
    if rank is not None and triangle:
        raise ModelError(
            "gram.rank and gram.triangle exclude each other: bilinear forms read the whole matrix, and count "
            "each pair of channels once as it is. Leave one out"
        )


def _check_start(start: Start, fusion: Fusion) -> None:
    if start not in STARTS:
        raise ModelError("gram: " + unknown("start", start, STARTS))
    if start == "zero" and fusion == "multiply":
        raise ModelError(
            'gram.start = "zero" with gram.fusion = "multiply" would make the other branch zero, too: '
            'use gram.fusion = "add" or "concatenate"'
        )
