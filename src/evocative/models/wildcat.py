"""Durand et al. 2017: WILDCAT, a map for each label whose highest and lowest places are its score.

T. Durand, T. Mordan, N. Thome, M. Cord, *WILDCAT: weakly supervised learning of deep ConvNets for image
classification, pointwise localization and segmentation*, CVPR 2017:

    F → 1×1 convolution to M maps a label → their mean, z_c → s_c = mean of the k⁺ highest + α · mean of the
    k⁻ lowest places of z_c (2) → softmax

The scores are the logits: there is no dense layer. The embedding is F's global average, which the paper does
not name so. `model.dropout` is on F. Differs from the paper in: the text gives k as a number of places or a
share; here a share, of at least one place.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.models.wscnet import LabelMaps
from evocative.recipe.map_networks import WildcatConfig


class WildcatNeck(nn.Module):
    """Maps of labels and their scores from F.

    Attributes:
        num_features: The channels of F.
    """

    def __init__(self, config: WildcatConfig, *, channels: int, labels: int, dropout: float = 0.0) -> None:
        """Make it for maps of so many channels and for so many labels.

        Raises:
            ModelError: There are no labels, or no maps for them; or shares of places are not in (0, 1].
        """
        super().__init__()
        if not (0 < config.top <= 1 and 0 <= config.bottom <= 1):
            raise ModelError(
                f"model.wildcat: expected 0 < top ≤ 1 and 0 ≤ bottom ≤ 1, found {config.top:g} and "
                f"{config.bottom:g}: shares of the map's places"
            )
        self.detectors = LabelMaps(channels, labels, config.maps_per_label)
        self.dropout = nn.Dropout(dropout)
        self.top, self.bottom, self.alpha = config.top, config.bottom, config.alpha
        self.num_features = channels

    def emotion_map(self, maps: Sequence[Float[Tensor, "B C h w"]]) -> Float[Tensor, "B K h w"]:
        """Return z_c, a map for each label."""
        found: Tensor = self.detectors(self.dropout(maps[0]))
        return found

    def scores(self, maps: Sequence[Float[Tensor, "B C h w"]]) -> Float[Tensor, "B K"]:
        """Return s_c, the logits."""
        places = self.emotion_map(maps).flatten(2)
        high = places.topk(_count(self.top, places.shape[2]), dim=2).values.mean(dim=2)
        if self.bottom == 0 or self.alpha == 0:
            return high
        low = places.topk(_count(self.bottom, places.shape[2]), dim=2, largest=False).values.mean(dim=2)
        return torch.add(high, low, alpha=self.alpha)  # (2)

    def forward(
        self, pooled: Float[Tensor, "B P"], maps: Sequence[Float[Tensor, "B C h w"]],
        grams: Sequence[Float[Tensor, "B _ _"]] | None = None,
    ) -> Float[Tensor, "B D"]:  # fmt: skip
        """Return F's global average; the backbone's own vector and Gram matrices are not read."""
        return maps[0].mean(dim=(2, 3))


def _count(share: float, places: int) -> int:
    return max(1, round(share * places))
