"""Groups of parameters: their rates, their decay, and what is left out."""

from typing import Literal

import pytest
import torch
from lightning.fabric import Fabric
from torch import nn

from evocative.models.create import create_model
from evocative.recipe import OptimizerConfig
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy
from evocative.training.optimizer import clip_gradients, create_optimizer, rate_groups, set_learning_rate


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


def test_rates_fall_with_depth() -> None:
    model = create_model(ModelConfig(backbone="test_efficientnet", weights=None), taxonomy("mikels8"))
    config = OptimizerConfig(lr=0.1, backbone_lr_scale=0.5, depth_decay=0.8)
    groups = rate_groups(model, config)
    scales = [scale for _, scale in groups]
    assert scales == pytest.approx([0.5 * 0.8**5, 0.5 * 0.8**4, 0.5 * 0.8**3, 0.5 * 0.8**2, 0.4, 0.5, 1.0])
    assert groups[0][0][0] is model.backbone.network.conv_stem.weight
    assert any(each is model.backbone.network.conv_head.weight for each in groups[5][0])
    held = [id(parameter) for members, _ in groups for parameter in members]
    assert sorted(held) == sorted(id(parameter) for parameter in model.parameters())


@pytest.mark.parametrize("clip", ["global", "group"])
def test_gradients_are_shortened_together_or_apart(clip: Literal["global", "group"]) -> None:
    torch.manual_seed(0)
    model = create_model(ModelConfig(backbone="test_efficientnet", weights=None), taxonomy("mikels8"))
    config = OptimizerConfig(clip=clip, clip_norm=2.0)
    fabric = Fabric(accelerator="cpu", devices=1)
    wrapped, optimizer = fabric.setup(model, create_optimizer(rate_groups(model, config), config))
    lengths = []
    for part, length in zip(model.parameter_groups(), (1.0, 20.0), strict=True):
        for parameter in part:
            parameter.grad = torch.randn_like(parameter)
        torch.nn.utils.clip_grad_norm_(part, length)  # both are longer before
    norm = clip_gradients(fabric, wrapped, optimizer, config)
    assert norm == pytest.approx(401**0.5, rel=1e-4)
    for part in model.parameter_groups():
        flat = torch.cat([each.grad.flatten() for each in part if each.grad is not None])
        lengths.append(float(flat.norm()))
    expected = [1.0, 2.0] if clip == "group" else [2 / 401**0.5, 40 / 401**0.5]
    assert lengths == pytest.approx(expected, rel=1e-4)


def test_without_depth_decay_the_backbone_is_one_group() -> None:
    model = create_model(ModelConfig(backbone="test_efficientnet", weights=None), taxonomy("mikels8"))
    groups = rate_groups(model, OptimizerConfig(backbone_lr_scale=0.5))
    assert [scale for _, scale in groups] == [0.5, 1.0]
    assert len(groups[0][0]) == len(list(model.backbone.parameters()))


def test_frozen_stages_are_not_optimised() -> None:
    config = ModelConfig(backbone="test_efficientnet", weights=None, frozen_stages=2)
    model = create_model(config, taxonomy("mikels8"))
    settings = OptimizerConfig(depth_decay=0.5)
    optimizer = create_optimizer(rate_groups(model, settings), settings)
    assert [group["lr_scale"] for group in optimizer.param_groups] == [0.125, 0.25, 0.5, 1.0, 1.0]


def test_adagrads_sums_of_squares_begin_where_the_recipe_says() -> None:
    """Keras begins at 0.1, so that a first step on a gradient of 0.1 is lr · 0.1 / √(0.1 + 0.01)."""
    for start, step in ((0.0, 0.5), (0.1, 0.5 * 0.1 / 0.11**0.5)):
        weight = nn.Parameter(torch.zeros(1))
        config = OptimizerConfig(name="adagrad", lr=0.5, accumulator=start)
        optimizer = create_optimizer([([weight], 1.0)], config)
        weight.grad = torch.full((1,), 0.1)
        optimizer.step()
        assert float(weight.detach()) == pytest.approx(-step, rel=1e-5)
