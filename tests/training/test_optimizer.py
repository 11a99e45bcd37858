"""Groups of parameters: their rates, their decay, and what is left out."""

import torch
from torch import nn

from evocative.recipe import OptimizerConfig
from evocative.training.optimizer import create_optimizer, set_learning_rate


def test_each_group_keeps_its_share_of_the_rate() -> None:
    backbone, head = nn.Linear(2, 2), nn.Linear(2, 1)
    optimizer = create_optimizer(
        [(backbone.parameters(), 0.1), (head.parameters(), 1.0)], OptimizerConfig(lr=0.5)
    )
    assert [group["lr"] for group in optimizer.param_groups] == [0.05, 0.5]
    set_learning_rate(optimizer, 2.0)
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, 2.0]


def test_frozen_parameters_are_left_out() -> None:
    layer = nn.Linear(2, 2)
    layer.bias.requires_grad_(False)
    optimizer = create_optimizer([(layer.parameters(), 1.0)], OptimizerConfig())
    assert [len(group["params"]) for group in optimizer.param_groups] == [1]


def test_decay_spares_biases_and_norms_where_asked() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    config = OptimizerConfig(weight_decay=0.1, decay_norm_and_bias=False)
    decays = {
        group["weight_decay"]: len(group["params"])
        for group in create_optimizer([(network.parameters(), 1.0)], config).param_groups
    }
    assert decays == {0.1: 1, 0.0: 3}


def test_names_give_torchs_optimizers() -> None:
    layer = nn.Linear(2, 2)
    made = {
        name: create_optimizer([(layer.parameters(), 1.0)], OptimizerConfig(name=name))
        for name in ("sgd", "adagrad", "adamw")
    }
    assert isinstance(made["sgd"], torch.optim.SGD)
    assert isinstance(made["adagrad"], torch.optim.Adagrad)
    assert isinstance(made["adamw"], torch.optim.AdamW)
    assert made["sgd"].param_groups[0]["momentum"] == 0.9
