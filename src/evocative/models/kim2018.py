"""Kim et al. 2018: object, background and low-level features, joined by a feed-forward network.

H.-R. Kim, Y.-S. Kim, S. J. Kim, I.-K. Lee, *Building emotional machines: recognizing image emotions through
deep neural networks*, IEEE Trans. Multimedia 20(11), 2980–2992. The full text was not at hand: the abstract
gives the plan, a public re-implementation (github.com/amr4i/EmotionDetection, with its discussions) lengths
and layers. What is whose is in docs/models_kim2018.md.

    [object, background, colour 59, LBP 59, GIST 320] → 3000 → 1000 → 1000 → valence, arousal

Differs from the paper in: object features are the backbone's vector in place of the 1000 scores of VGG-16;
the background is told by the border of a deep map in place of the shares of 150 classes that a scene parser
finds; which 59 numbers tell of colour is ours; a batch norm brings all to one scale; both axes have one
network with a bounded output, where the re-implementation trains one network an axis.
"""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.models.gram import check_batch
from evocative.models.low_level import LowLevelFeatures
from evocative.recipe.kim2018 import Kim2018Config


class Appended(nn.Module):
    """What stands behind the backbone's vector: the background, and hand-made features of the pixels.

    As a part of that vector it is stored with it (`features.stored`), and every head start reads it.

    Attributes:
        num_features: Length.
        made_of: What it is, for a store's key.
    """

    def __init__(
        self, config: Kim2018Config, *, channels: int, number: int | None, mean: Sequence[float],
        sd: Sequence[float],
    ) -> None:  # fmt: skip
        """Make it.

        Args:
            config: Kinds of features.
            channels: Of the background's map.
            number: timm's own number of this map; None: no background.
            mean: By which images are normalised, where `config.mean` does not say.
            sd: Likewise.

        Raises:
            ModelError: `places` is less than 3, or a kind of feature stands twice.
        """
        super().__init__()
        if config.places < 3:
            raise ModelError(
                f"model.kim2018.places: expected 3 or more, found {config.places}: a map of fewer places has "
                "no inside"
            )
        self.number, self.places = number, config.places
        pixels = config.mean or tuple(mean), config.sd or tuple(sd)
        self.low_level = LowLevelFeatures(config.low_level, mean=pixels[0], sd=pixels[1])
        self.num_features = self.low_level.num_features + (0 if number is None else channels)
        self.made_of = {
            "background": number, "places": config.places, "low_level": list(config.low_level),
            "mean": list(pixels[0]), "sd": list(pixels[1]),
        }  # fmt: skip

    def forward(
        self, images: Float[Tensor, "B 3 H W"], maps: Mapping[int, Float[Tensor, "B _ _ _"]]
    ) -> Float[Tensor, "B F"]:
        """Return the features of normalised images, whose maps are given by timm's numbers."""
        told: Tensor = self.low_level(images)
        if self.number is None:
            return told
        return torch.cat([border(maps[self.number].float(), self.places), told], dim=1)


def border(maps: Float[Tensor, "B C h w"], places: int) -> Float[Tensor, "B C"]:
    """Average a map down to so many places a side, and then its outermost places."""
    small = nn.functional.adaptive_avg_pool2d(maps, places)
    inside = small[:, :, 1:-1, 1:-1].sum(dim=(2, 3))
    return (small.sum(dim=(2, 3)) - inside) / (4 * (places - 1))


class Kim2018Neck(nn.Module):
    """The feed-forward network: batch norm → (dense → ReLU → dropout) …; the last layer is the embedding.

    Attributes:
        num_features: Length of the last hidden layer, 1000 in the paper's network.
    """

    def __init__(self, config: Kim2018Config, *, pooled: int) -> None:
        """Make it for vectors of length `pooled`, in which all features stand.

        Raises:
            ModelError: There is no hidden layer, or one without a neuron.
        """
        super().__init__()
        if not config.widths or min(config.widths) < 1:
            raise ModelError(
                f"model.kim2018.widths: expected hidden layers of 1 or more, found {config.widths}"
            )
        self.feature_norm = nn.BatchNorm1d(pooled) if config.standardize else nn.Identity()
        layers: list[nn.Module] = []
        for before, width in zip((pooled, *config.widths), config.widths, strict=False):
            layers += [nn.Linear(before, width), nn.ReLU(), nn.Dropout(config.dropout)]
        self.hidden = nn.Sequential(*layers[:-1])
        self.num_features = config.widths[-1]

    def forward(
        self, pooled: Float[Tensor, "B P"], maps: Sequence[Float[Tensor, "B _ _ _"]] = (),
        grams: Sequence[Float[Tensor, "B _ _"]] | None = None,
    ) -> Float[Tensor, "B D"]:  # fmt: skip
        """Return the last hidden layer; maps and Gram matrices are not read.

        Raises:
            ModelError: One image alone in training.
        """
        if isinstance(self.feature_norm, nn.BatchNorm1d):
            check_batch(self.feature_norm, len(pooled))
        with torch.autocast(pooled.device.type, enabled=False):
            found: Tensor = self.hidden(self.feature_norm(pooled.float()))
        return found
