"""Textures from Gram statistics: noise is changed until a network says of it what it says of the original.

    texture = synthesize(model, image, maps=(0, 1, 2))          # image (1, 3, H, W), normalised
    texture.image, texture.losses[-1]

Where things are is lost; colour and texture stay as far as the layers tell them: it is what Gram modules on
these maps can see at all (Motiejauskas 2026, figure 4.4, after Gatys 2015, *Texture synthesis using
convolutional neural networks*, equations 1 to 6).

Differs from Gatys in: any timm network in place of VGG-19; each layer's error is divided by the size of its
own matrix, ‖Ĝ - G‖²/‖G‖², since networks with residuals grow from layer to layer; beside the Gram matrix the
channels' means are matched, which the modules' other branch reads (`means`); the pixels are a layer of their
own (`colors`), since few networks keep them; the total variation is held down (`smooth`), as strided
convolutions leave a checkerboard; and pixels stay between black and white.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from evocative.errors import ModelError
from evocative.explain.gram_pairs import reads_grams
from evocative.explain.layers import evaluating
from evocative.models.create import EmotionModel
from evocative.models.necks import maps_of
from evocative.models.second_order import gram_matrix
from evocative.preprocessing import Preprocessing


@dataclass(frozen=True, eq=False)
class Texture:
    """What was synthesised."""

    image: NDArray[np.uint8]
    """(H, W, 3)."""
    losses: tuple[float, ...]
    """Of each step: the sum of the layers' relative errors; about the number of layers at the start."""
    maps: tuple[int, ...]
    """timm's numbers of the layers."""


def texture_maps(model: EmotionModel) -> tuple[int, ...]:
    """Return the maps whose Gram statistics are matched by default: the neck's own, else the first three."""
    own = tuple(each for each in maps_of(model.config) if isinstance(each, int)) if reads_grams(model) else ()
    return own or tuple(range(min(3, len(model.backbone.network.feature_info))))


def synthesize(
    model: EmotionModel,
    image: Float[Tensor, "1 3 H W"],
    *,
    maps: Sequence[int] | None = None,
    steps: int = 100,
    colors: float = 1.0,
    means: bool = True,
    smooth: float = 0.2,
    seed: int = 0,
    preprocessing: Preprocessing | None = None,
    watch: Callable[[int, float], None] | None = None,
) -> Texture:
    """Make a texture of an image by L-BFGS from noise.

    Args:
        model: Its backbone; it stays as it is.
        image: Normalised.
        maps: timm's numbers of the layers (0 is the shallowest); by default `texture_maps`.
        steps: Of L-BFGS; each runs forward and back once or a little more.
        colors: Weight of the pixels' own second moments; 0: colours come from the layers alone.
        means: Match the channels' means, too.
        smooth: Weight of the mean absolute difference of neighbouring pixels.
        seed: Of the noise.
        preprocessing: Mean and SD of the image; by default the model's.
        watch: Called with each step's number and loss.

    Raises:
        ModelError: A number is out of range, or the network has no such map.
    """
    chosen = texture_maps(model) if maps is None else tuple(maps)
    _check(model, chosen, steps=steps, weights=(colors, smooth))
    how = preprocessing or model.preprocessing
    mean, sd = (torch.tensor(v, device=image.device).view(1, 3, 1, 1) for v in (how.mean, how.sd))
    with evaluating(model), torch.enable_grad():
        wanted = [each.detach() for each in _statistics(model, image, chosen, means=means)]
        original = _moments(image, means=True).detach()
        noise = torch.randn(image.shape, generator=torch.Generator().manual_seed(seed))
        free = (0.3 * noise).to(image.device).requires_grad_()  # its sigmoid is the picture, about mid-grey

        def loss() -> Tensor:
            picture = free.sigmoid()
            inputs = (picture - mean) / sd
            found = _statistics(model, inputs, chosen, means=means)
            error = torch.stack([_relative(a, b) for a, b in zip(found, wanted, strict=True)]).sum()
            error = error + colors * _relative(_moments(inputs, means=True), original)
            return error + smooth * _variation(picture)

        losses = _descend(free, loss, steps=steps, watch=watch)
    pixels = (255 * free.detach().sigmoid()[0].permute(1, 2, 0)).round().to(torch.uint8)
    return Texture(pixels.cpu().numpy(), losses, chosen)


def _descend(
    free: Tensor, loss: Callable[[], Tensor], *, steps: int, watch: Callable[[int, float], None] | None
) -> tuple[float, ...]:
    optimizer = torch.optim.LBFGS([free], max_iter=1, history_size=20, line_search_fn="strong_wolfe")
    losses = []

    def closure() -> Tensor:
        optimizer.zero_grad()
        error = loss()
        (free.grad,) = torch.autograd.grad(error, free)  # the network's weights get none
        return error

    for step in range(steps):
        losses.append(float(optimizer.step(closure).detach()))  # type: ignore[no-untyped-call]
        if watch is not None:
            watch(step, losses[-1])
    return tuple(losses)


def _statistics(
    model: EmotionModel, images: Float[Tensor, "1 3 H W"], maps: Sequence[int], *, means: bool
) -> list[Float[Tensor, "1 _ _"]]:
    order = sorted(set(maps))
    found = model.backbone.network.forward_intermediates(
        images, indices=order, stop_early=True, intermediates_only=True
    )
    return [_moments(each, means=means) for each in found]


def _moments(maps: Float[Tensor, "1 C h w"], *, means: bool) -> Float[Tensor, "1 _ _"]:
    """Return the Gram matrix; with a channel of ones, so that the last row holds the means, where asked."""
    if means:
        maps = torch.cat([maps, torch.ones_like(maps[:, :1])], dim=1)
    return gram_matrix(maps)


def _relative(found: Float[Tensor, "1 _ _"], wanted: Float[Tensor, "1 _ _"]) -> Float[Tensor, ""]:
    return (found - wanted).square().sum() / wanted.square().sum().clamp_min(1e-12)


def _variation(picture: Float[Tensor, "1 3 H W"]) -> Float[Tensor, ""]:
    down = (picture[:, :, 1:] - picture[:, :, :-1]).abs().mean()
    across = (picture[:, :, :, 1:] - picture[:, :, :, :-1]).abs().mean()
    return down + across


def _check(model: EmotionModel, maps: Sequence[int], *, steps: int, weights: tuple[float, float]) -> None:
    count = len(model.backbone.network.feature_info)
    if not maps or not all(0 <= each < count for each in maps):
        raise ModelError(
            f"texture: expected maps of 0 to {count - 1}, the numbers that timm gives the maps of "
            f"{model.config.backbone}, found {', '.join(map(str, maps)) or 'none'}"
        )
    if steps < 1 or min(weights) < 0:
        raise ModelError(
            f"texture: expected at least 1 step and weights of 0 or above, found {steps} and {weights}"
        )
