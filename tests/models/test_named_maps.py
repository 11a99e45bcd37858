"""Maps by the names of modules: what they are, before and after folding, in copies, and refusals."""

import copy
from typing import Any

import pytest
import timm
import torch
from torch import nn

from evocative.errors import ModelError
from evocative.models.backbone import Backbone
from evocative.models.folding import ChannelAffine
from evocative.models.named_maps import look_at

PROJECTION = "blocks.2.0.conv_pwl"


def shaken(name: str, maps: list[int | str], **settings: object) -> Backbone:
    """Return a backbone in float64 whose batch norms have statistics as trained ones have."""
    torch.manual_seed(0)
    backbone = Backbone(name, maps=maps, **settings).double().eval()  # type: ignore[arg-type]
    for layer in backbone.modules():
        if isinstance(layer, nn.BatchNorm2d):
            assert layer.running_mean is not None
            assert layer.running_var is not None
            layer.running_mean.normal_(0, 0.3)
            layer.running_var.uniform_(0.5, 2)
            layer.weight.data.uniform_(0.5, 1.5)
            layer.bias.data.normal_(0, 0.2)
    return backbone


class Channels(nn.Module):
    """Moves the channels to the end, as windowed transformers do."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return maps.permute(0, 2, 3, 1)


def images(count: int = 2, size: int = 64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, 3, size, size, generator=generator, dtype=torch.float64)


@torch.no_grad()
def test_a_convolutions_map_is_what_its_batch_norm_reads() -> None:
    backbone = shaken("test_efficientnet", [1, PROJECTION])
    assert backbone.map_channels == (24, 32)
    assert backbone.map_strides == (4, 8)
    pooled, (first, second) = backbone(images())
    stem = backbone.network.bn1(backbone.network.conv_stem(images()))
    before = backbone.network.blocks[1](backbone.network.blocks[0](stem))
    block = backbone.network.blocks[2][0]
    expected = block.conv_pwl(block.bn1(block.conv_exp(before)))
    assert torch.equal(second, expected)
    assert torch.equal(first, before)
    plain = shaken("test_efficientnet", [1])
    plain.load_state_dict(backbone.state_dict())
    assert torch.equal(plain(images())[0], pooled)


@pytest.mark.parametrize("pool", ["head", "last_map"])
@torch.no_grad()
def test_folding_leaves_every_map_as_it_was(pool: str) -> None:
    names: list[int | str] = [PROJECTION, "blocks.2.0.bn2", 2, "bn1", "blocks.1"]
    backbone = shaken("test_efficientnet", names, pool=pool)
    pooled, maps = backbone(images())
    norms = sum(isinstance(layer, nn.BatchNorm2d) for layer in backbone.modules())
    assert backbone.fold() == norms > 5
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in backbone.modules())
    assert sum(isinstance(layer, ChannelAffine) for layer in backbone.modules()) == 1
    again, folded = backbone(images())
    torch.testing.assert_close(again, pooled)
    for ours, theirs in zip(folded, maps, strict=True):
        torch.testing.assert_close(ours, theirs)


@torch.no_grad()
def test_what_lies_inside_a_batch_norm_keeps_its_name() -> None:
    backbone = shaken("test_efficientnet", ["blocks.2.0.bn1.act"])
    before = backbone(images())[1][0]
    norms = sum(isinstance(layer, nn.BatchNorm2d) for layer in backbone.modules())
    assert backbone.fold() == norms - 1
    torch.testing.assert_close(backbone(images())[1][0], before)


@torch.no_grad()
def test_a_map_that_is_overwritten_in_place_is_copied() -> None:
    backbone = shaken("resnet18", ["bn1"], backbone_args={"channels": (6, 8, 10, 12)})
    _, (found,) = backbone(images())
    expected = backbone.network.bn1(backbone.network.conv1(images()))
    assert torch.equal(found, expected)
    assert found.min() < 0  # the ReLU behind it works in place


@torch.no_grad()
def test_a_copy_hands_on_its_own_maps() -> None:
    backbone = shaken("test_efficientnet", [PROJECTION])
    twin = copy.deepcopy(backbone)
    before = backbone(images())[1][0]
    nn.init.zeros_(twin.network.blocks[2][0].conv_pwl.weight)
    assert torch.equal(twin(images())[1][0], torch.zeros_like(before))
    assert torch.equal(backbone(images())[1][0], before)
    twin.fold()
    assert torch.equal(backbone(images())[1][0], before)


def test_gradients_reach_the_network_through_a_named_map() -> None:
    backbone = shaken("test_efficientnet", [PROJECTION]).train()
    torch.autograd.backward(backbone(images())[1][0].square().sum())
    grad = backbone.network.conv_stem.weight.grad
    assert grad is not None
    assert grad.abs().sum() > 0
    assert backbone.network.conv_head.weight.grad is None


def test_looking_changes_nothing() -> None:
    torch.manual_seed(0)
    named = Backbone("test_efficientnet", maps=[PROJECTION])
    drawn = torch.rand(1)
    torch.manual_seed(0)
    plain = Backbone("test_efficientnet")
    assert torch.equal(drawn, torch.rand(1))
    assert named.training
    assert all(module.training for module in named.modules())
    assert all(torch.equal(ours, plain.state_dict()[key]) for key, ours in named.state_dict().items())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("blocks.2.0.conv_pw", r"no module 'blocks.2.0.conv_pw'; did you mean .*conv_pwl"),
        ("", "no module ''"),
        ("global_pool", r"expected a module that runs once and gives a map .* gives \(1, 256\)"),
        ("classifier", "gives"),
    ],
)
def test_what_gives_no_map_is_refused(name: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Backbone("test_efficientnet", maps=[name])


def test_a_map_with_its_channels_last_is_refused() -> None:
    network: Any = nn.Sequential(nn.Conv2d(3, 5, 2, stride=2), Channels())
    assert look_at(network, ["0"], size=16) == {"0": (5, 2, False)}
    with pytest.raises(ModelError, match=r"expected \(B, C, h, w\), found \(1, 8, 8, 5\).* Choose a module"):
        look_at(network, ["1"], size=16)


def test_the_papers_layer_is_there() -> None:
    """Motiejauskas & Dzemyda 2024: block 3b's projection, 56 channels, 32 × 32 places of 256 px."""
    network: Any = timm.create_model("tf_efficientnetv2_b2", num_classes=0)
    assert look_at(network, ["blocks.2.1.conv_pwl"], size=256) == {"blocks.2.1.conv_pwl": (56, 8, False)}
    kinds = [type(layer).__name__ for _, layer in network.blocks[2][1].named_children()]
    assert kinds[kinds.index("Conv2d") :][:2] == ["Conv2d", "BatchNormAct2d"]
    assert [len(stage) for stage in network.blocks] == [2, 3, 3, 4, 6, 10]  # table 2
