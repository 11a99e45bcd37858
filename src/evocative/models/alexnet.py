"""AlexNet as a backbone: torchvision's network with what this package asks of timm's; timm has none.

Krizhevsky 2014, One weird trick for parallelizing convolutional neural networks: the one-column form that
torchvision has, with its names of weights, so that its published file fits.
"""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn
from torchvision.models import alexnet

from evocative.errors import ModelError
from evocative.models.hub import is_hub
from evocative.preprocessing import IMAGENET_MEAN, IMAGENET_SD

_ENDS = ((1, 64, 4), (4, 192, 8), (7, 384, 16), (9, 256, 16), (12, 256, 32))
"""Of each map: the module of `features` that ends it, its channels, and input pixels to one of its places."""
WIDTH = 4096
"""Of the vector that the classifier reads (fc7)."""


class AlexNet(nn.Module):
    """Convolutions, and the two dense layers below the classifier.

    Attributes:
        num_features: Length of the pooled vector.
        feature_info: Channels and stride of each map, shallow to deep.
        pretrained_cfg: What torchvision says of its weights: 224 px, bilinear, ImageNet's mean and SD.

    Example:
        >>> network = AlexNet(dropout=0.0)
        >>> network.forward_head(network.forward_features(torch.zeros(1, 3, 224, 224)), pre_logits=True).shape
        torch.Size([1, 4096])
    """

    def __init__(self, *, num_classes: int = 0, dropout: float = 0.5, **settings: Any) -> None:
        """Make the network with random weights.

        Args:
            num_classes: 0: without its classifier.
            dropout: Before each dense layer.
            settings: None is known.
        """
        super().__init__()
        if settings:
            raise TypeError(f"alexnet knows dropout only, not {', '.join(settings)}")
        made = alexnet(dropout=dropout, num_classes=num_classes or 1)
        self.features, self.avgpool, self.classifier = made.features, made.avgpool, made.classifier
        if num_classes == 0:
            self.classifier[6] = nn.Identity()
        self.num_features = self.head_hidden_size = WIDTH
        self.feature_info = [
            {"num_chs": channels, "reduction": stride, "module": f"features.{end}"}
            for end, channels, stride in _ENDS
        ]
        self.pretrained_cfg = {
            "input_size": (3, 224, 224), "interpolation": "bilinear", "mean": IMAGENET_MEAN,
            "std": IMAGENET_SD, "classifier": "classifier.6",
        }  # fmt: skip

    def forward_features(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 256 h w"]:
        """Return the last map."""
        found: Tensor = self.features(images)
        return found

    def forward_head(
        self, features: Float[Tensor, "B 256 h w"], pre_logits: bool = False
    ) -> Float[Tensor, "B D"]:
        """Return the classifier's logits, or with `pre_logits` what it reads."""
        flat = self.avgpool(features).flatten(1)
        layers = self.classifier[:6] if pre_logits else self.classifier
        found: Tensor = layers(flat)
        return found

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B D"]:
        """Return logits, or fc7 where there is no classifier."""
        return self.forward_head(self.forward_features(images))

    def forward_intermediates(
        self, images: Float[Tensor, "B 3 H W"], indices: Sequence[int], *, stop_early: bool = False,
        intermediates_only: bool = False,
    ) -> Any:  # fmt: skip
        """Return the last map and the numbered ones, or the numbered ones alone, as timm's networks do."""
        ends = {_ENDS[index][0]: index for index in indices}
        found, x = {}, images
        for number, layer in enumerate(self.features):
            x = layer(x)
            if number in ends:
                found[ends[number]] = x
            if stop_early and intermediates_only and len(found) == len(ends):
                break
        maps = [found[index] for index in indices]
        return maps if intermediates_only else (x, maps)

    def prune_intermediate_layers(
        self, indices: Sequence[int], *, prune_norm: bool = False, prune_head: bool = True
    ) -> list[int]:
        """Take off what lies above the deepest of the numbered maps."""
        if prune_head:
            self.classifier = nn.Sequential()
        self.features = self.features[: _ENDS[max(indices)][0] + 1]
        return list(indices)

    def group_matcher(self, *, coarse: bool = False) -> dict[str, Any]:
        """Say what the stages are: each convolution; the dense layers belong to the last."""
        stem = r"^features\.0\." if coarse else r"^features\.0"
        return {"stem": stem, "blocks": [(r"^features\.(\d+)", None), (r"^classifier", (99999,))]}


NETWORKS = {"alexnet": AlexNet}
"""Backbones beside timm's, by name."""


def make_own(name: str, weights: str | None, settings: dict[str, Any]) -> nn.Module:
    """Make one of `NETWORKS`, without a classifier.

    Raises:
        ModelError: Its weights are asked of the hub, which has none.
    """
    if weights == "timm" or is_hub(weights or ""):
        raise ModelError(
            f"there are no weights of {name} on the hub: give torchvision's file "
            "(alexnet-owt-7be5be79.pth) as model.weights, or none for random weights"
        )
    return NETWORKS[name](num_classes=0, **settings)
