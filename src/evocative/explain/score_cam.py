"""Score-CAM: a channel weighs as much as the picture seen through it alone is worth; no gradients.

Wang 2020, *Score-CAM: score-weighted visual explanations for convolutional neural networks*, algorithm 1.
Differs from the paper in: `channels` may keep the channels of greatest variance only, since each costs a pass
through the whole network (320 of them in EfficientNet-B0).
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from evocative.errors import ModelError
from evocative.explain.emotion_map import MapFunction
from evocative.explain.layers import evaluating, last_layer, read
from evocative.explain.targets import Score, scores, target_names
from evocative.models.create import EmotionModel


def score_cam(
    model: EmotionModel,
    *,
    layer: str | None = None,
    targets: Sequence[str] | None = None,
    score: Score = "logit",
    channels: int | None = None,
    batch_size: int = 32,
) -> MapFunction:
    """Return what makes a map a target: ReLU(Σ_c softmax_c(y(x ∘ M_c) - y(0))·A_c).

    M_c is channel c, enlarged bilinearly to the picture and stretched to [0, 1]; 0 is the picture of the mean
    colour.

    Args:
        model: It stays as it is, and is run in evaluation mode.
        layer: As in `cam`, and so `targets` and `score`.
        targets: See there.
        score: See there.
        channels: The most that are looked at; None: all.
        batch_size: Masked pictures at once.

    Raises:
        ModelError: A setting is wrong, or there is no such layer or target.
    """
    if batch_size < 1 or (channels is not None and channels < 1):
        raise ModelError(
            f"score-cam: channels and batch_size must be 1 or more, found {channels}, {batch_size}"
        )
    names = target_names(model, targets)
    where = layer or last_layer(model.backbone.network)

    def worth(images: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N K"]:
        return torch.cat(
            [scores(model, model(part), names, score=score) for part in torch.split(images, batch_size)]
        )

    def one(image: Float[Tensor, "1 3 H W"], activation: Float[Tensor, "C h w"]) -> Float[Tensor, "K h w"]:
        kept = activation
        if channels is not None and channels < len(activation):
            kept = activation[activation.var(dim=(1, 2)).topk(channels).indices]
        gains = torch.cat(
            [worth(image * _mask(part, image.shape[2:])) for part in torch.split(kept, batch_size)]
        )  # (C, K); what y(0) is does not matter to the softmax
        return torch.einsum("ck,chw->khw", gains.softmax(dim=0), kept).relu()

    def maps(images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B K h w"]:
        with evaluating(model):
            activation = read(model, images, where)[0].detach()
            with torch.no_grad():
                return torch.stack(
                    [one(images[row : row + 1], activation[row]) for row in range(len(images))]
                )

    return maps


def _mask(part: Float[Tensor, "C h w"], size: Sequence[int]) -> Float[Tensor, "C 1 H W"]:
    """Enlarge channels to the picture and stretch each to [0, 1]; a constant one lets nothing through."""
    large = interpolate(part[:, None], size=tuple(size), mode="bilinear", align_corners=False)
    low, high = large.amin(dim=(2, 3), keepdim=True), large.amax(dim=(2, 3), keepdim=True)
    return (large - low) / torch.where(high > low, high - low, 1)
