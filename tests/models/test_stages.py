"""What the stages of known networks are, and that frozen ones do not move."""

import pytest
import timm
import torch
from torch import nn

from evocative.errors import ModelError
from evocative.models.backbone import Backbone
from evocative.models.stages import frozen_parts, stages


def test_stages_of_known_networks() -> None:
    efficientnet = stages(timm.create_model("tf_efficientnet_b0", num_classes=0))
    assert [stage[0].rsplit(".", 3)[0] for stage in efficientnet[1:]] == [f"blocks.{k}" for k in range(7)]
    assert efficientnet[0] == ["conv_stem.weight", "bn1.weight", "bn1.bias"]
    assert "conv_head.weight" in efficientnet[-1]
    assert len(stages(timm.create_model("resnet18", num_classes=0))) == 5


def test_every_parameter_is_in_one_stage() -> None:
    network = timm.create_model("test_efficientnet", num_classes=0)
    names = [name for stage in stages(network) for name in stage]
    assert sorted(names) == sorted(name for name, _ in network.named_parameters())


def test_a_network_without_stages_is_refused() -> None:
    with pytest.raises(ModelError, match="frozen_stages"):
        stages(nn.Linear(2, 2))


@pytest.mark.parametrize("count", [-1, 7])
def test_a_stage_too_many_is_refused(count: int) -> None:
    with pytest.raises(ModelError, match="expected 0 to 6"):
        frozen_parts(timm.create_model("test_efficientnet", num_classes=0), count)


@pytest.mark.parametrize("count", [1, 3, 6])
def test_no_gradient_goes_into_frozen_stages(count: int) -> None:
    torch.manual_seed(0)
    backbone = Backbone("test_efficientnet", drop_path=0.5, frozen_stages=count).train()
    before = {name: each.clone() for name, each in backbone.network.state_dict().items()}
    attached: dict[str, bool] = {}
    for number, block in enumerate(backbone.network.blocks):
        block.register_forward_hook(
            lambda _module, _inputs, output, number=number: attached.update({number: output.requires_grad})
        )
    pooled, _ = backbone(torch.randn(4, 3, 32, 32))
    assert list(attached.values()) == [number >= count - 1 for number in range(len(attached))]
    if count == 6:
        assert not pooled.requires_grad
        return
    torch.autograd.backward(pooled.square().sum())
    names = [name for stage in stages(backbone.network)[:count] for name in stage]
    for name, parameter in backbone.network.named_parameters():
        assert (parameter.grad is None) == (name in names)
    moved = {
        name for name, each in backbone.network.state_dict().items() if not torch.equal(each, before[name])
    }
    assert moved, "batch norms that learn take the batch's statistics in"
    first = {"conv_stem", "bn1"} | {f"blocks.{number}" for number in range(count - 1)}
    assert not any(name.startswith(tuple(f"{each}." for each in first)) for name in moved)


def test_frozen_stages_answer_alike_in_training_and_evaluation() -> None:
    torch.manual_seed(1)
    backbone = Backbone("test_efficientnet", maps=[1], drop_path=0.9, frozen_stages=3)
    images = torch.randn(2, 3, 32, 32)
    learning, still = backbone.train()(images)[1][0], backbone.eval()(images)[1][0]
    assert torch.equal(learning, still)
    backbone.train()
    assert backbone.network.blocks[2].training
    assert not backbone.network.blocks[1].training
