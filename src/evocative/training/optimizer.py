"""Optimisers with a learning rate for each group of parameters, and gradients of bounded length."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from lightning.fabric import Fabric
from torch import nn

from evocative.models.create import EmotionModel
from evocative.models.stages import stages
from evocative.recipe import OptimizerConfig


def rate_groups(model: EmotionModel, config: OptimizerConfig) -> list[tuple[list[nn.Parameter], float]]:
    """Return parameters with their factor of the learning rate: 1 for all that lies above the backbone.

    The backbone has `backbone_lr_scale`. With a `depth_decay` d below 1 its stage k of n has d^(n-1-k) times
    that (Clark et al. 2020, with a stage in place of a layer): the last stage has the whole.

    Raises:
        ModelError: d is below 1, and timm does not say what the backbone's stages are.
    """
    backbone, new = model.parameter_groups()
    scale, decay = config.backbone_lr_scale, config.depth_decay
    if decay == 1:
        return [(backbone, scale), (new, 1.0)]
    named = dict(model.backbone.network.named_parameters())
    every = stages(model.backbone.network)
    groups = [
        ([named[name] for name in stage if name in named], scale * decay ** (len(every) - 1 - number))
        for number, stage in enumerate(every)
    ]
    return [*groups, (new, 1.0)]


def create_optimizer(
    groups: Iterable[tuple[Iterable[nn.Parameter], float]], config: OptimizerConfig
) -> torch.optim.Optimizer:
    """Make the optimiser of a recipe.

    Args:
        groups: Parameters with their factor of the learning rate; frozen ones are left out.
        config: Name, learning rate, momentum, decay.

    Returns:
        An optimiser whose groups carry `lr_scale`, by which `set_learning_rate` multiplies.
    """
    parameters = []
    for members_of_group, scale in groups:
        for decays, members in _by_decay(members_of_group, config):
            if members:
                decay = config.weight_decay if decays else 0.0
                parameters.append(
                    {"params": members, "lr": config.lr * scale, "lr_scale": scale, "weight_decay": decay}
                )
    if config.name == "sgd":
        return torch.optim.SGD(parameters, lr=config.lr, momentum=config.momentum, nesterov=config.nesterov)
    if config.name == "adagrad":
        return torch.optim.Adagrad(parameters, lr=config.lr, initial_accumulator_value=config.accumulator)
    return torch.optim.AdamW(parameters, lr=config.lr, betas=config.betas)


def set_learning_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Set every group to `lr` times its own factor."""
    for group in optimizer.param_groups:
        group["lr"] = lr * group["lr_scale"]


def clip_gradients(fabric: Fabric, model: Any, optimizer: Any, config: OptimizerConfig) -> float:
    """Shorten gradients to `clip_norm` (4.23), all together or backbone and new parameters apart.

    Args:
        fabric: Whose gradient scaler, in fp16, is taken off first.
        model: An EmotionModel that Fabric has set up, after `backward`.
        optimizer: Likewise.
        config: `clip_norm` and `clip`.

    Returns:
        The norm of the whole gradient before, which is no number where the gradient is none.
    """
    limit = math.inf if config.clip_norm is None else config.clip_norm
    together = limit if config.clip == "global" else math.inf
    norm = fabric.clip_gradients(model, optimizer, max_norm=together, error_if_nonfinite=False)
    for part in model.module.parameter_groups() if config.clip == "group" else ():
        torch.nn.utils.clip_grad_norm_(part, limit)
    return 0.0 if norm is None else float(norm)


def _by_decay(
    parameters: Iterable[nn.Parameter], config: OptimizerConfig
) -> list[tuple[bool, list[nn.Parameter]]]:
    """Split what can learn into what weight decay touches and what it spares."""
    learning = [parameter for parameter in parameters if parameter.requires_grad]
    if config.decay_norm_and_bias:
        return [(True, learning)]
    return [
        (True, [parameter for parameter in learning if parameter.ndim > 1]),
        (False, [parameter for parameter in learning if parameter.ndim <= 1]),
    ]
