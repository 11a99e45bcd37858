"""The stages of a network, as timm counts them: the stem, then each group of blocks.

What the stages are is timm's knowledge (`group_matcher(coarse=True)`): eight in MobileNetV2 and
EfficientNet-B0 (the stem and seven groups; the head's convolution belongs to the last), five in a ResNet.
"""

from typing import Any

from timm.models import group_parameters
from torch import nn

from evocative.errors import ModelError


def stages(network: nn.Module) -> list[list[str]]:
    """Return the names of a network's parameters, a list a stage, the stem first.

    Raises:
        ModelError: timm does not say what the stages of this network are.

    Example:
        >>> import timm
        >>> [len(stage) for stage in stages(timm.create_model("resnet18", num_classes=0))]
        [3, 12, 15, 15, 15]
    """
    matcher: Any = getattr(network, "group_matcher", None)
    if matcher is None:
        raise ModelError(
            f"{type(network).__name__}: timm does not say what this network's stages are; leave "
            "model.frozen_stages at 0 and optimizer.depth_decay at 1, or choose another backbone"
        )
    found = group_parameters(network, matcher(coarse=True))
    return [list(found[number]) for number in sorted(found)]


def frozen_parts(network: nn.Module, count: int) -> tuple[list[str], list[str]]:
    """Return what the first stages of a network are made of.

    Args:
        network: A network of timm.
        count: Stages; 0: none, 1: the stem, 1 + k: the stem and the first k groups of blocks.

    Returns:
        The names of their parameters, and of the modules that lie within them altogether.

    Raises:
        ModelError: There are not so many stages, or timm does not know them.
    """
    if count == 0:
        return [], []
    every = stages(network)
    if not 0 < count <= len(every):
        raise ModelError(
            f"model.frozen_stages: expected 0 to {len(every)}, the stages of this {type(network).__name__}, "
            f"found {count}"
        )
    parameters = [name for stage in every[:count] for name in stage]
    inside = set(parameters)
    modules = []
    for prefix, module in network.named_modules():
        held = [f"{prefix}.{name}" if prefix else name for name, _ in module.named_parameters()]
        if held and inside.issuperset(held):
            modules.append(prefix)
    return parameters, modules
