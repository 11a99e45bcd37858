"""Motiejauskas & Dzemyda 2024: k Gram modules that all read the map of one layer.

*EfficientNet convolutional neural network with Gram matrices modules for predicting sadness emotion*, Int.
J. Comput. Commun. Control 19(5), 6697: section 3.1, equation (1), figures 2 and 3; section 4.2 for the
backbone's side. Described in docs/models_motiejauskas2024.md.

Differs from the paper in: the Gram branch stays in float32 under autocast. The paper does not name the
modules' activation (here the backbone side's leaky ReLU, α = 0.2); batch norm's ε and momentum are torch's.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.models.fusion import fuse, fused_width
from evocative.models.gram import check_batch
from evocative.models.second_order import gram_matrix, stored_gram
from evocative.recipe.settings import Fusion, Motiejauskas2024Config

WITHOUT_MODULES = 3
"""With k = 0 the backbone's side is as long as with this many modules: the text's 168 = 3 · 56."""


class SameLayerGramModule(nn.Module):
    """A map's Gram matrix as a vector of C numbers, times its channels' means (figure 3).

    G = F·Fᵀ (1) → flatten → dense C → leaky ReLU → batch norm; beside it 1×1 convolution to C → leaky ReLU →
    global average. C³ + 3C + (C² + C) weights and biases, with the batch norm's.
    """

    def __init__(
        self,
        channels: int,
        *,
        fusion: Fusion = "multiply",
        divide_by_hw: bool = False,
        slope: float = 0.2,
        means_of: int | None = None,
    ) -> None:
        """Make a module for maps of C = `channels` channels.

        Args:
            channels: C.
            fusion: How the branches meet. The paper multiplies; "concatenation, addition, and average …
                yielded no gains".
            divide_by_hw: Divide the Gram matrix by the number of places, which (1) does not.
            slope: α of the leaky ReLU.
            means_of: As in `GramModule`.
        """
        super().__init__()
        self.fusion: Fusion = fusion
        self.divide_by_hw, self.means_of = divide_by_hw, means_of
        self.num_features = fused_width(channels, fusion)
        self.dense = nn.Linear(channels * channels, channels)
        self.norm = nn.BatchNorm1d(channels)
        self.conv = nn.Conv2d(channels, channels, 1)
        self.activation = nn.LeakyReLU(slope)

    def forward(
        self, maps: Float[Tensor, "B C h w"], gram: Float[Tensor, "B C C"] | None = None
    ) -> Float[Tensor, "B d"]:
        """Return the module's vector, of length C, or 2C where branches are concatenated.

        Args:
            maps: The map F.
            gram: F·Fᵀ/(H·W) where it is stored; `maps` may then be a smaller average of F.

        Raises:
            ModelError: One image alone in training; or stored matrices, which are divided, without
                `divide_by_hw`.
        """
        check_batch(self.norm, len(maps))
        with torch.autocast(maps.device.type, enabled=False):
            if gram is None:
                matrix = gram_matrix(maps, divide_by_hw=self.divide_by_hw)  # (1)
            else:
                matrix = stored_gram(gram, like=maps, divide_by_hw=self.divide_by_hw)
            style: Tensor = self.norm(self.activation(self.dense(matrix.flatten(1))))
        seen = maps if self.means_of is None else nn.functional.adaptive_avg_pool2d(maps, self.means_of)
        means = self.activation(self.conv(seen)).mean(dim=(2, 3))
        return fuse(style, means.to(style.dtype), self.fusion)


class SameLayerNeck(nn.Module):
    """From pooled vector and one map to the embedding (figure 2): u = p + [z_1; …; z_k].

    p: dropout → leaky ReLU → dense to the length of the modules' vectors together, k · 56 in the paper.

    Attributes:
        num_features: Length of u.
    """

    def __init__(self, config: Motiejauskas2024Config, *, pooled: int, channels: Sequence[int]) -> None:
        """Make it for pooled vectors of length `pooled` and the one map's channels."""
        super().__init__()
        (count,) = channels
        if count < 2:
            raise ModelError(f"a Gram module needs a map of at least 2 channels, not {count}")
        self.fusion: Fusion = config.backbone_fusion
        self.gram_modules = nn.ModuleList(
            SameLayerGramModule(
                count,
                fusion=config.fusion,
                divide_by_hw=config.divide_by_hw,
                slope=config.slope,
                means_of=config.means_of,
            )
            for _ in range(config.modules)
        )
        width = (config.modules or WITHOUT_MODULES) * fused_width(count, config.fusion)
        self.dropout = nn.Dropout(config.dropout)
        self.activation = nn.LeakyReLU(config.slope)
        self.projection = nn.Linear(pooled, width)
        self.num_features = fused_width(width, config.backbone_fusion) if config.modules else width

    def forward(
        self,
        pooled: Float[Tensor, "B P"],
        maps: Sequence[Float[Tensor, "B _ _ _"]],
        grams: Sequence[Float[Tensor, "B _ _"]] | None = None,
    ) -> Float[Tensor, "B D"]:
        """Return u."""
        p: Tensor = self.projection(self.activation(self.dropout(pooled)))
        if not self.gram_modules:
            return p
        gram = None if grams is None else grams[0]
        z = torch.cat([module(maps[0], gram) for module in self.gram_modules], dim=1)
        return fuse(p.to(z.dtype), z, self.fusion)
