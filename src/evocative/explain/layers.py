"""Where in a network a map can be read, and how what is read there lies over the picture.

    layer = last_layer(network)                                 # "blocks.6", "layers.3", "blocks.11.norm1"
    activation, said = read(model, images, layer)               # (B, C, h, w), with a gradient from there on

Convolutional networks give (B, C, h, w), some transformers (B, h, w, C), others tokens (B, N, C): all become
(B, C, h, w), tokens that stand for no place (class, distillation, registers) left out.
"""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from math import isqrt
from threading import get_ident
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from evocative.errors import ModelError
from evocative.models.create import EmotionModel, Output


def last_layer(network: Any) -> str:
    """Return the name of the last module of a timm network whose output has places.

    It is the module of timm's last map. A transformer that is pooled by its class token passes nothing of the
    other tokens on after its last attention; there it is the norm before that attention.

    Raises:
        ModelError: timm does not say which maps this network has.
    """
    record = getattr(network, "feature_info", None)
    info = list(getattr(record, "info", record) or [])
    name = str(info[-1].get("module", "")) if info else ""
    known = dict(network.named_modules())
    if name not in known or not name:
        raise ModelError(
            f"{type(network).__name__}: timm does not say which module gives this network's last map; name "
            "one (layer), as network.named_modules() has them"
        )
    before = f"{name}.norm1"
    return before if getattr(network, "global_pool", None) == "token" and before in known else name


def read(
    model: EmotionModel, images: Float[Tensor, "B 3 H W"], layer: str
) -> tuple[Float[Tensor, "B C h w"], Tensor, Output]:
    """Run a model; return a layer's output as a map, the same as it came, and what the model says.

    What the model says depends on the second tensor, for which gradients can be asked; nothing before the
    layer is recorded. Another path from the picture to the answer, as that of Gram modules on shallower maps,
    does not lead through the layer, and no gradient there tells of it.

    Args:
        model: In evaluation mode.
        images: Normalised.
        layer: A module of the backbone's network.

    Raises:
        ModelError: There is no such module, it is not run once, or its output has no places.
    """
    network = model.backbone.network
    caught: list[Tensor] = []
    thread = get_ident()

    def cut(_module: nn.Module, _inputs: Any, output: Any) -> Any:
        if get_ident() != thread:
            return output  # the same model answers somebody else
        if not isinstance(output, Tensor):
            raise ModelError(f"layer {layer!r} gives {type(output).__name__}, no tensor; choose another")
        caught.append(output.detach().requires_grad_())
        return caught[-1].clone()  # what follows may write into it

    handle = _module(network, layer).register_forward_hook(cut, prepend=True)
    try:
        with torch.enable_grad():
            said = model(images)
    finally:
        handle.remove()
    if len(caught) != 1:
        raise ModelError(
            f"layer {layer!r}: expected a module that runs once a picture, this one runs {len(caught)} times"
        )
    return to_places(caught[0], network, layer=layer), caught[0], said


def to_places(output: Tensor, network: Any, *, layer: str) -> Float[Tensor, "B C h w"]:
    """Return a layer's output (B, C, h, w), (B, h, w, C) or (B, N, C) as (B, C, h, w).

    Raises:
        ModelError: It has no places: another shape, a single place, or tokens that fill no grid.
    """
    if output.ndim == 4:
        last = output.shape[1] == output.shape[2] != output.shape[3]  # a square picture, channels last
        found = output.permute(0, 3, 1, 2) if last else output
        if found.shape[2] * found.shape[3] > 1:
            return found
    if output.ndim == 3:
        tokens = output[:, int(getattr(network, "num_prefix_tokens", 0) or 0) :]
        height, width = _grid(tokens.shape[1], network)
        if height * width == tokens.shape[1] > 1:
            batch, _, channels = tokens.shape
            return tokens.transpose(1, 2).reshape(batch, channels, height, width)
    raise ModelError(
        f"layer {layer!r} gives {tuple(output.shape)}; expected a map (B, C, h, w), (B, h, w, C) or tokens "
        "(B, N, C) with more than one place. Choose an earlier layer"
    )


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Hold a model in evaluation mode; afterwards each module is as it was."""
    training = {module: module.training for module in model.modules()}
    try:
        model.eval()
        yield
    finally:
        for module, mode in training.items():
            module.training = mode


def _grid(tokens: int, network: Any) -> tuple[int, int]:
    known = getattr(getattr(network, "patch_embed", None), "grid_size", None)
    if known is not None and known[0] * known[1] == tokens:
        return int(known[0]), int(known[1])
    return isqrt(tokens), isqrt(tokens)


def _module(network: nn.Module, layer: str) -> nn.Module:
    known: dict[str, nn.Module] = dict(network.named_modules())
    if layer and layer in known:
        return known[layer]
    close = difflib.get_close_matches(layer, list(known), n=5, cutoff=0.5)
    hint = f"; did you mean {', '.join(close)}?" if close else "."
    raise ModelError(
        f"{type(network).__name__} has no module {layer!r}{hint} Any of network.named_modules() whose output "
        "has places will do"
    )
