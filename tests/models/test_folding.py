"""Folding changes no output; what cannot be folded stays."""

from typing import Any

import pytest
import timm
import torch
from torch import Tensor, nn

from evocative.models.folding import fold_batch_norm


def shake(module: nn.Module) -> nn.Module:
    """Give every batch norm statistics and weights as a trained one has."""
    generator = torch.Generator().manual_seed(0)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d) and layer.running_mean is not None:
            assert layer.running_var is not None
            layer.running_mean.normal_(0, 0.3, generator=generator)
            layer.running_var.uniform_(0.5, 2, generator=generator)
            if layer.affine:
                layer.weight.data.uniform_(0.5, 1.5, generator=generator)
                layer.bias.data.normal_(0, 0.2, generator=generator)
    return module.eval()


def count(module: nn.Module, kind: type[nn.Module]) -> int:
    return sum(isinstance(layer, kind) for layer in module.modules())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("resnet18", {}),
        ("mobilenetv2_100", {"pad_type": "same"}),
        ("tf_efficientnet_b0", {}),
        ("tf_efficientnetv2_b0", {}),
        ("legacy_xception", {}),
    ],
)
@torch.no_grad()
def test_every_batch_norm_of_these_networks_folds_exactly(name: str, arguments: dict[str, Any]) -> None:
    network = shake(timm.create_model(name, num_classes=0, **arguments)).double()
    images = torch.randn(2, 3, 64, 64, dtype=torch.float64)
    before = network(images)
    norms = count(network, nn.BatchNorm2d)
    assert fold_batch_norm(network) == norms > 10
    assert count(network, nn.BatchNorm2d) == 0
    torch.testing.assert_close(network(images), before, rtol=1e-7, atol=1e-9)
    assert fold_batch_norm(network) == 0


@torch.no_grad()
def test_float32_outputs_stay_equal_to_1e_4() -> None:
    network = shake(timm.create_model("resnet18", num_classes=0))
    images = torch.randn(2, 3, 64, 64)
    before = network(images)
    fold_batch_norm(network)
    torch.testing.assert_close(network(images), before, rtol=1e-4, atol=1e-4)


class Awkward(nn.Module):
    """One batch norm that folds, and four that must stay, each for its own reason."""

    def __init__(self) -> None:
        super().__init__()
        self.read_twice = nn.Conv2d(3, 4, 3)
        self.of_read_twice = nn.BatchNorm2d(4)
        self.shared = nn.Conv2d(4, 4, 1)
        self.of_shared = nn.BatchNorm2d(4)
        self.first = nn.BatchNorm2d(4)
        self.statless = nn.Conv2d(4, 4, 1)
        self.of_statless = nn.BatchNorm2d(4, track_running_stats=False)
        self.last = nn.Conv2d(4, 5, 1)
        self.of_last = nn.BatchNorm2d(5, affine=False)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.read_twice(images)
        maps = maps + self.of_read_twice(maps)
        maps = self.of_shared(self.shared(maps)) + self.shared(maps).relu()
        maps = self.of_statless(self.statless(self.first(maps)))
        result: Tensor = self.of_last(self.last(maps))
        return result


@torch.no_grad()
def test_what_cannot_be_folded_stays() -> None:
    network = shake(Awkward()).double()
    images = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    before = network(images)
    assert fold_batch_norm(network) == 1
    torch.testing.assert_close(network(images), before)
    assert isinstance(network.get_submodule("of_last"), nn.Identity)


class Branching(nn.Module):
    """A network that no tracer can follow."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, images: Tensor) -> Tensor:
        maps: Tensor = self.norm(self.conv(images))
        return maps if maps.sum() > 0 else -maps


def test_a_network_that_cannot_be_traced_is_left_alone() -> None:
    network = Branching().train()
    assert fold_batch_norm(network) == 0
    assert network.training
    assert isinstance(network.norm, nn.BatchNorm2d)


def test_a_folded_network_can_be_trained() -> None:
    network = shake(timm.create_model("resnet18", num_classes=0)).train()
    fold_batch_norm(network)
    torch.autograd.backward(network(torch.randn(2, 3, 32, 32)).square().mean())
    assert all(each.grad is not None and each.grad.isfinite().all() for each in network.parameters())
    assert network.get_submodule("conv1").bias is not None
