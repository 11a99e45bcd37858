"""Optimisers with a learning rate for each group of parameters."""

from collections.abc import Iterable

import torch
from torch import nn

from evocative.recipe import OptimizerConfig


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
        return torch.optim.Adagrad(parameters, lr=config.lr)
    return torch.optim.AdamW(parameters, lr=config.lr, betas=config.betas)


def set_learning_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Set every group to `lr` times its own factor."""
    for group in optimizer.param_groups:
        group["lr"] = lr * group["lr_scale"]


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
