"""Motiejauskas 2026: Gram modules on several maps, joined with the projected vector of the backbone.

The dissertation's section 4.1, equations (4.1) to (4.7). With modules the embedding is u = p + z, (4.7);
without (v = 0) it is the backbone's pooled vector h itself. Differs from the paper in: the two may be joined
otherwise (`gram.backbone_fusion`), h kept as it is among them. Described in docs/models.md.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.models.fusion import Residual, fuse, fused_width, joined_width
from evocative.models.gram import GramModule, check_size
from evocative.recipe.settings import GramConfig


class GramNeck(nn.Module):
    """From pooled vector h and maps F to the embedding u.

    Attributes:
        num_features: D, the length of u.
    """

    def __init__(self, config: GramConfig, *, pooled: int, channels: Sequence[int]) -> None:
        """Make it for pooled vectors of length `pooled` and maps of these channels.

        Raises:
            ModelError: A module would be of absurd size, or settings contradict each other.
        """
        super().__init__()
        check_size(
            channels,
            compress=config.compress,
            triangle=config.triangle,
            rank=config.rank,
            max_weights=config.max_weights,
        )
        fusion = config.backbone_fusion
        self.fusion = fusion
        # a residual's new weights are drawn aside: those of the heads are then the plain network's
        with torch.random.fork_rng(devices=[], enabled=fusion == "residual"):
            self.gram_modules = nn.ModuleList(_gram_module(count, config) for count in channels)
            width = sum(fused_width(count // 2, config.fusion) for count in channels)  # D (4.4)
            projects = width > 0 and fusion not in ("append", "residual")
            self.projection = nn.Linear(pooled, width) if projects else None  # P (4.5)
            self.residual = Residual(width, pooled) if width and fusion == "residual" else None
        self.num_features = joined_width(pooled, width, fusion)

    def forward(
        self,
        pooled: Float[Tensor, "B P"],
        maps: Sequence[Float[Tensor, "B _ _ _"]],
        grams: Sequence[Float[Tensor, "B _ _"]] | None = None,
    ) -> Float[Tensor, "B D"]:
        """Return the penultimate features u from the pooled vectors h and the maps F (4.1)."""
        if not self.gram_modules:
            return pooled
        known: Sequence[Tensor | None] = [None] * len(maps) if grams is None else grams
        pieces = [
            module(each, gram) for module, each, gram in zip(self.gram_modules, maps, known, strict=True)
        ]  # (4.2)
        z = torch.cat(pieces, dim=1)  # (4.4)
        if self.residual is not None:
            corrected: Tensor = self.residual(pooled, z)
            return corrected
        if self.projection is None:
            return torch.cat([pooled.to(z.dtype), z], dim=1)
        p = self.projection(pooled)  # (4.6)
        return fuse(p.to(z.dtype), z, self.fusion)  # (4.7)


def _gram_module(channels: int, config: GramConfig) -> GramModule:
    return GramModule(
        channels,
        fusion=config.fusion,
        divide_by_hw=config.divide_by_hw,
        compress=config.compress,
        center=config.center,
        normalization=config.normalization,
        triangle=config.triangle,
        rank=config.rank,
        branch_norm=config.branch_norm,
        start=config.start,
        means_of=config.means_of,
    )
