"""Class activation maps: which places of a layer raise an emotion's score, for any network.

    maps = cam(model, "grad-cam")               # MapFunction: (B, 3, H, W) -> (B, K, h, w), one an emotion
    maps = cam(model, "layercam", layer="blocks.3", targets=["awe", "-arousal"])

A is the layer's output, g the gradient of a target's score y with respect to it, both (B, C, h, w):

    grad-cam    ReLU(Σ_c w_c·A_c), w_c the mean of g_c over all places (Selvaraju 2017, equations 1 and 2)
    grad-cam++  the same with w_c = Σ_ij α·ReLU(g), α = g² / (2·g² + g³·Σ_ab A) (Chattopadhay 2018, 10 and 19)
    hirescam    ReLU(Σ_c g_c ∘ A_c): where the score is linear in A, exactly what each place adds to it
                (Draelos & Carin 2020, equation 5)
    layercam    ReLU(Σ_c ReLU(g_c) ∘ A_c), for shallow layers, too (Jiang 2021, equations 4 and 5)

On a network that averages its last map and reads the mean by one linear layer, grad-cam and hirescam are the
CAM of Zhou 2016 divided by h·w. Differs from the papers in: α of grad-cam++ is for y = exp(score), as there,
and without the factor exp(score), which changes the scale alone; nothing is stretched to [0, 1]
(`EmotionMap.resized` does that).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from evocative.errors import ModelError
from evocative.errors import unknown as unknown_name
from evocative.explain.emotion_map import MapFunction
from evocative.explain.layers import evaluating, last_layer, read, to_places
from evocative.explain.targets import SCORES, Score, scores, target_names
from evocative.models.create import EmotionModel

Formula = Callable[[Float[Tensor, "B C h w"], Float[Tensor, "B C h w"]], Float[Tensor, "B h w"]]


def grad_cam(
    activation: Float[Tensor, "B C h w"], gradient: Float[Tensor, "B C h w"]
) -> Float[Tensor, "B h w"]:
    """Return the map of Grad-CAM (Selvaraju 2017)."""
    weights = gradient.mean(dim=(2, 3), keepdim=True)  # (1)
    return (weights * activation).sum(dim=1).relu()  # (2)


def grad_cam_plus_plus(
    activation: Float[Tensor, "B C h w"], gradient: Float[Tensor, "B C h w"]
) -> Float[Tensor, "B h w"]:
    """Return the map of Grad-CAM++ (Chattopadhay 2018)."""
    below = 2 * gradient**2 + gradient**3 * activation.sum(dim=(2, 3), keepdim=True)
    alpha = torch.where(below == 0, 0, gradient**2 / torch.where(below == 0, 1, below))  # (19)
    weights = (alpha * gradient.relu()).sum(dim=(2, 3), keepdim=True)  # (10)
    return (weights * activation).sum(dim=1).relu()


def hirescam(
    activation: Float[Tensor, "B C h w"], gradient: Float[Tensor, "B C h w"]
) -> Float[Tensor, "B h w"]:
    """Return the map of HiResCAM (Draelos & Carin 2020, equation 5)."""
    return (gradient * activation).sum(dim=1).relu()


def layercam(
    activation: Float[Tensor, "B C h w"], gradient: Float[Tensor, "B C h w"]
) -> Float[Tensor, "B h w"]:
    """Return the map of LayerCAM (Jiang 2021, equations 4 and 5)."""
    return (gradient.relu() * activation).sum(dim=1).relu()


FORMULAS: Final[dict[str, Formula]] = {
    "grad-cam": grad_cam,
    "grad-cam++": grad_cam_plus_plus,
    "hirescam": hirescam,
    "layercam": layercam,
}
"""What needs one pass forward, and one back from the layer on for each target."""


def cam(
    model: EmotionModel,
    method: str = "grad-cam",
    *,
    layer: str | None = None,
    targets: Sequence[str] | None = None,
    score: Score = "logit",
) -> MapFunction:
    """Return what makes a class activation map a target of pictures.

    Args:
        model: It stays as it is, and is run in evaluation mode.
        method: One of `FORMULAS`.
        layer: A module of the backbone's network; by default the last with places.
        targets: Emotions and dimensions (`target_names`); by default all emotions.
        score: Of an emotion: `logit`, or `log_odds` against all others.

    Raises:
        ModelError: There is no such method, layer, target or score.
    """
    if method not in FORMULAS:
        raise ModelError("maps: " + unknown_name("method", method, FORMULAS))
    if score not in SCORES:
        raise ModelError("maps: " + unknown_name("score", score, SCORES))
    formula, names = FORMULAS[method], target_names(model, targets)
    where = layer or last_layer(model.backbone.network)

    def maps(images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B K h w"]:
        with evaluating(model):
            activation, leaf, said = read(model, images, where)
            wanted = scores(model, said, names, score=score)
            found = [
                formula(activation.detach(), to_places(each, model.backbone.network, layer=where))
                for each in _gradients(wanted, leaf)
            ]
        return torch.stack(found, dim=1)

    return maps


def _gradients(wanted: Float[Tensor, "B K"], leaf: Tensor) -> Iterator[Tensor]:
    """Yield d y_k / d leaf for each target; pictures of a batch do not touch each other."""
    last = wanted.shape[1] - 1
    for place in range(last + 1):
        (found,) = torch.autograd.grad(
            wanted[:, place].sum(), leaf, retain_graph=place < last, materialize_grads=True
        )
        yield found
