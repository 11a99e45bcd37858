"""Zhang et al. 2022: Gram matrices of shallow layers as a second representation beside the backbone's.

H. Zhang, Y. Liu, D. Xu, K. He, G. Peng, Y. Yue, R. Liu, *Learning multi-level representations for image
emotion recognition in the deep convolutional network*, Proc. SPIE 12083, 1208321. The paper is not public in
full: what this follows, setting by setting, is in docs/models_zhang2022.md. The layers are those of the code
that its first author published with the journal version (Zhang, Xu, Luo & He 2022, Neural Comput. Appl. 34,
14107).

Differs from that code in: the 1×1 convolution, which stands there commented out and which Motiejauskas &
Dzemyda 2024 describe, is on by default; the backbone is the ResNet-50 of the papers, not version 2; the Gram
branch stays in float32 under autocast.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.models.fusion import fuse
from evocative.models.gram import check_batch
from evocative.models.second_order import gram_matrix, stored_gram
from evocative.recipe.settings import Convolution, Fusion, Zhang2022Config

EPSILON = 2e-5
"""Of every batch norm of the authors' code."""


class ShallowGramBranch(nn.Module):
    """The colours and textures of a shallow map: G / (C·H·W) → flatten → dense → ReLU.

    With a convolution before: 1×1 to C → ReLU → (max-pool) → batch norm → G. With one beside: its ReLU's
    global average is added to the vector.
    """

    def __init__(
        self,
        channels: int,
        width: int,
        *,
        halve: bool,
        convolution: Convolution = "before",
        means_of: int | None = None,
    ) -> None:
        """Make a branch from maps of C = `channels` channels to vectors of length `width`.

        Args:
            channels: C.
            width: Length of the vector.
            halve: Max-pool the map by 3×3 with a stride of 2 first.
            convolution: Where the 1×1 convolution stands.
            means_of: As in `GramModule`, for the convolution beside.
        """
        super().__init__()
        self.means_of = means_of
        self.pool = nn.MaxPool2d(3, 2, 1) if halve else nn.Identity()
        outputs = {"before": channels, "beside": width, "none": 0}[convolution]
        self.conv = nn.Conv2d(channels, outputs, 1) if outputs else None
        self.norm = nn.BatchNorm2d(channels, eps=EPSILON) if convolution == "before" else None
        self.dense = nn.Linear(channels * channels, width)
        self.activation = nn.ReLU()
        self.apply(_xavier)

    def forward(
        self, maps: Float[Tensor, "B C h w"], gram: Float[Tensor, "B C C"] | None = None
    ) -> Float[Tensor, "B d"]:
        """Return the branch's vector.

        Raises:
            ModelError: A stored Gram matrix of the map itself is given, and the branch reads that of a
                convolved or pooled one.
        """
        known = None if gram is None else self._known(maps, gram)
        if known is None:
            known = gram_matrix(self._changed(maps))
        with torch.autocast(maps.device.type, enabled=False):
            vector: Tensor = self.activation(self.dense((known / known.shape[1]).flatten(1)))
        if self.conv is None or self.norm is not None:
            return vector
        seen = maps if self.means_of is None else nn.functional.adaptive_avg_pool2d(maps, self.means_of)
        means: Tensor = self.activation(self.conv(seen)).mean(dim=(2, 3))
        return vector + means.to(vector.dtype)

    def _changed(self, maps: Float[Tensor, "B C h w"]) -> Float[Tensor, "B C _ _"]:
        """Return what the Gram matrix is of."""
        if self.conv is None or self.norm is None:
            pooled: Tensor = self.pool(maps)
            return pooled
        normed: Tensor = self.norm(self.pool(self.activation(self.conv(maps))))
        return normed

    def _known(self, maps: Float[Tensor, "B C h w"], gram: Float[Tensor, "B C C"]) -> Float[Tensor, "B C C"]:
        if self.norm is not None or isinstance(self.pool, nn.MaxPool2d):
            raise ModelError(
                "stored Gram matrices are those of the maps themselves, and this network convolves or pools "
                'them first: set model.zhang2022.halve = false and convolution = "beside" or "none", or '
                "train on the images"
            )
        return stored_gram(gram, like=maps)


class ShallowNeck(nn.Module):
    """Joins the shallow representation with the backbone's deep one: u = batch norm([h, s]).

    s: the branches' vectors joined → dropout → dense 2048 → ReLU → batch norm.

    Attributes:
        num_features: Length of u, 4096 in the paper's ResNet-50.
    """

    def __init__(self, config: Zhang2022Config, *, pooled: int, channels: Sequence[int]) -> None:
        """Make it for pooled vectors of length `pooled` and maps of these channels.

        Raises:
            ModelError: Widths do not go with the maps, or vectors of two lengths are to be added or
                multiplied.
        """
        super().__init__()
        if len(config.widths) != len(channels):
            raise ModelError(
                f"model.zhang2022: {len(channels)} maps and {len(config.widths)} widths; give each map one"
            )
        if config.fusion != "concatenate" and config.style_width != pooled:
            raise ModelError(
                f"model.zhang2022.fusion = {config.fusion!r} needs style_width = {pooled}, the length of the "
                f"backbone's vector, not {config.style_width}"
            )
        self.fusion: Fusion = config.fusion
        self.gram_modules = nn.ModuleList(
            ShallowGramBranch(
                count,
                width,
                halve=config.halve and number > 0,
                convolution=config.convolution,
                means_of=config.means_of,
            )
            for number, (count, width) in enumerate(zip(channels, config.widths, strict=True))
        )
        self.dropout = nn.Dropout(config.dropout)
        self.dense = nn.Linear(sum(config.widths), config.style_width)
        self.activation = nn.ReLU()
        self.style_norm = nn.BatchNorm1d(config.style_width, eps=EPSILON)
        self.num_features = pooled + config.style_width if config.fusion == "concatenate" else pooled
        self.norm = nn.BatchNorm1d(self.num_features, eps=EPSILON)
        _xavier(self.dense)

    def forward(
        self,
        pooled: Float[Tensor, "B P"],
        maps: Sequence[Float[Tensor, "B _ _ _"]],
        grams: Sequence[Float[Tensor, "B _ _"]] | None = None,
    ) -> Float[Tensor, "B D"]:
        """Return u.

        Raises:
            ModelError: One image alone in training.
        """
        check_batch(self.norm, len(pooled))
        known: Sequence[Tensor | None] = [None] * len(maps) if grams is None else grams
        vectors = [
            module(each, gram) for module, each, gram in zip(self.gram_modules, maps, known, strict=True)
        ]
        with torch.autocast(pooled.device.type, enabled=False):
            joined = self.dropout(torch.cat(vectors, dim=1))
            style = self.style_norm(self.activation(self.dense(joined)))
            deep = pooled.to(style.dtype)
            if self.fusion == "concatenate":  # of two lengths, which `fuse` does not take
                u: Tensor = self.norm(torch.cat([deep, style], dim=1))
            else:
                u = self.norm(fuse(deep, style, self.fusion))
            return u


def _xavier(module: nn.Module) -> None:
    """Draw a layer's weights as the authors' code does (Glorot & Bengio 2010, uniform), with biases of 0."""
    if isinstance(module, nn.Linear | nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
