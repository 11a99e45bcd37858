"""Yang et al. 2018 and She et al. 2020: WSCNet, maps of sentiment learnt from labels of whole images.

J. Yang, D. She, Y.-K. Lai, P. L. Rosin, M.-H. Yang, *Weakly supervised coupled networks for visual sentiment
analysis*, CVPR 2018; D. She et al., *WSCNet*, IEEE Trans. Multimedia 22(5), 1358. Two branches read the last
map F:

    detection       F → 1×1 convolution to k maps a label → mean of the k → f_c → spatial pooling → scores v_c
    classification  M = mean over labels of v_c · f_c,  U = M ⊗ F,  [F, U] → global average → dense → softmax

Both are trained, each with half of the loss: losses `cross_entropy` and `detection`, weight 0.5. Settings are
those of the authors' public code (github.com/sherleens/WSCNet), which pools by averages where the text takes
maxima (`WscnetConfig.pool`), and divides the map by the number of labels.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.recipe.map_networks import WscnetConfig


class LabelMaps(nn.Module):
    """A 1×1 convolution to so many maps a label, and their mean: one map a label."""

    def __init__(self, channels: int, labels: int, maps_per_label: int) -> None:
        """Read maps of so many channels.

        Raises:
            ModelError: There are no labels, or no maps for them.
        """
        super().__init__()
        if labels < 2 or maps_per_label < 1:
            raise ModelError(
                "maps of labels need an emotion head (model.emotions = true) and maps_per_label of 1 or "
                f"more; found {labels} labels and {maps_per_label}"
            )
        self.maps_per_label = maps_per_label
        self.conv = nn.Conv2d(channels, labels * maps_per_label, 1)

    def forward(self, maps: Float[Tensor, "B C h w"]) -> Float[Tensor, "B K h w"]:
        """Return a map for each label."""
        each: Tensor = self.conv(maps).unflatten(1, (-1, self.maps_per_label)).mean(dim=2)
        return each


class WscnetNeck(nn.Module):
    """From F to the global average of [F, U], with scores and maps of labels on the way.

    Attributes:
        num_features: Twice the channels of F.
    """

    def __init__(self, config: WscnetConfig, *, channels: int, labels: int) -> None:
        """Make it for maps of so many channels and for so many labels.

        Raises:
            ModelError: There are no labels, or no maps for them.
        """
        super().__init__()
        self.detectors = LabelMaps(channels, labels, config.maps_per_label)
        self.pool = config.pool
        self.num_features = 2 * channels

    def label_maps(self, maps: Sequence[Float[Tensor, "B C h w"]]) -> Float[Tensor, "B K h w"]:
        """Return f_c, a map for each label, before it is weighed."""
        found: Tensor = self.detectors(maps[0])
        return found

    def scores(self, maps: Sequence[Float[Tensor, "B C h w"]]) -> Float[Tensor, "B K"]:
        """Return v_c, the logits of the detection branch."""
        return self._pooled(self.label_maps(maps))

    def emotion_map(self, maps: Sequence[Float[Tensor, "B C h w"]]) -> Float[Tensor, "B 1 h w"]:
        """Return M, the labels' maps weighed by their scores."""
        found = self.label_maps(maps)
        return _weighed(found, self._pooled(found))

    def forward(
        self, pooled: Float[Tensor, "B P"], maps: Sequence[Float[Tensor, "B C h w"]],
        grams: Sequence[Float[Tensor, "B _ _"]] | None = None,
    ) -> Float[Tensor, "B D"]:  # fmt: skip
        """Return the global average of [F, U]; the backbone's own vector and Gram matrices are not read."""
        return self.both(maps)[0]

    def both(
        self, maps: Sequence[Float[Tensor, "B C h w"]]
    ) -> tuple[Float[Tensor, "B D"], Float[Tensor, "B K"]]:
        """Return what `forward` and `scores` do, the labels' maps made once."""
        (features,) = maps
        found = self.label_maps(maps)
        scores = self._pooled(found)
        coupled = _weighed(found, scores) * features
        return torch.cat([features.mean(dim=(2, 3)), coupled.mean(dim=(2, 3))], dim=1), scores

    def _pooled(self, found: Float[Tensor, "B K h w"]) -> Float[Tensor, "B K"]:
        return found.mean(dim=(2, 3)) if self.pool == "average" else found.amax(dim=(2, 3))


def _weighed(found: Float[Tensor, "B K h w"], scores: Float[Tensor, "B K"]) -> Float[Tensor, "B 1 h w"]:
    return (scores[:, :, None, None] * found).mean(dim=1, keepdim=True)
