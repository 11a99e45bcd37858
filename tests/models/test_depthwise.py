"""Against torch's own convolutions, in precisions where those are exact."""

import copy

import pytest
import torch
from timm.layers.conv2d_same import Conv2dSame
from torch import nn
from torch.nn import functional as F

from evocative.models import depthwise
from evocative.models.create import create_model
from evocative.models.depthwise import depthwise_conv2d, is_slow, use_fast_depthwise
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import taxonomy


def gradients(result: torch.Tensor, *inputs: torch.Tensor) -> list[torch.Tensor]:
    direction = torch.sin(torch.arange(result.numel(), dtype=result.dtype)).reshape(result.shape)
    return list(torch.autograd.grad(result, inputs, direction))


@pytest.mark.parametrize("side", [3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [(0, 0), (1, 1), (2, 0)])
@pytest.mark.parametrize("size", [(7, 7), (9, 8), (12, 11)])
def test_gradients_are_those_of_torch(
    side: int, stride: int, padding: tuple[int, int], size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    monkeypatch.setattr(depthwise, "_PIECE", 2 * 4 * size[0] * size[1])  # two images a piece
    images = torch.randn(3, 4, *size, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(4, 1, side, side, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(4, dtype=torch.float64, requires_grad=True)
    expected = F.conv2d(images, weight, bias, stride, padding, 1, 4)
    found = depthwise_conv2d(images, weight, bias, stride=stride, padding=padding)
    assert torch.equal(found, expected)
    for ours, theirs in zip(
        gradients(found, images, weight, bias), gradients(expected, images, weight, bias), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("stride", [1, 2])
def test_gradients_by_finite_differences(stride: int) -> None:
    torch.manual_seed(1)
    images = torch.randn(2, 3, 6, 5, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(3, 1, 5, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x, w: depthwise_conv2d(x, w, stride=stride, padding=(2, 2)), (images, weight)
    )


@pytest.mark.parametrize("kind", [nn.Conv2d, Conv2dSame])
@pytest.mark.parametrize(("side", "stride"), [(3, 2), (5, 1), (5, 2), (7, 1)])
@pytest.mark.parametrize("size", [9, 12])
def test_a_layer_answers_to_the_bit_and_learns_alike(
    kind: type[nn.Conv2d], side: int, stride: int, size: int
) -> None:
    torch.manual_seed(2)
    plain = kind(8, 8, side, stride=stride, padding=side // 2, groups=8)
    fast = copy.deepcopy(plain)
    assert use_fast_depthwise(fast) == 1
    images = torch.randn(2, 8, size, size).contiguous(memory_format=torch.channels_last)
    taken = images.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        found, answer = fast(taken), plain(images)
    assert torch.equal(found, answer)
    assert type(found.grad_fn).__name__ == "_DepthwiseBackward"
    exact = copy.deepcopy(plain).double()
    for parameter in exact.parameters():
        parameter.data = parameter.data.bfloat16().double()
    rounded = images.bfloat16().double().requires_grad_()
    direction = torch.randn_like(found)
    ours = torch.autograd.grad(found, [taken, *fast.parameters()], direction)
    theirs = torch.autograd.grad(exact(rounded), [rounded, *exact.parameters()], direction.double())
    for low, high in zip(ours, theirs, strict=True):
        torch.testing.assert_close(low.double(), high, rtol=1 / 128, atol=float(high.abs().max()) / 128)


def test_only_what_is_slow_is_changed() -> None:
    layers = [
        nn.Conv2d(8, 8, 5, groups=8), nn.Conv2d(8, 8, 3, stride=2, groups=8), nn.Conv2d(8, 8, 3, groups=8),
        nn.Conv2d(8, 8, 5), nn.Conv2d(8, 16, 5, groups=8), nn.Conv2d(8, 8, 5, groups=8, dilation=2),
        nn.Conv2d(8, 8, 5, groups=8, padding_mode="reflect", padding=2),
        nn.Conv2d(8, 8, 5, groups=8, padding="same"), nn.Conv2d(8, 8, (5, 3), groups=8),
        nn.Linear(8, 8),
    ]  # fmt: skip
    assert [is_slow(layer) for layer in layers] == [True, True] + [False] * 8


def test_without_gradient_or_bfloat16_torch_computes() -> None:
    layer = nn.Conv2d(4, 4, 5, groups=4)
    use_fast_depthwise(layer)
    images = torch.randn(1, 4, 7, 7)
    assert type(layer(images).grad_fn).__name__ == "ConvolutionBackward0"
    with torch.autocast("cpu", torch.bfloat16), torch.no_grad():
        assert layer(images).grad_fn is None
    layer.requires_grad_(False)
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(images).grad_fn is None


def test_a_network_keeps_names_and_answers_and_its_copies_are_its_own() -> None:
    torch.manual_seed(3)
    model = create_model(ModelConfig(backbone="test_efficientnet", weights=None), taxonomy("mikels8")).eval()
    names, images = list(model.state_dict()), torch.randn(2, 3, 32, 32)
    with torch.autocast("cpu", torch.bfloat16):
        before = model(images).logits
        assert use_fast_depthwise(model) > 0
        assert list(model.state_dict()) == names
        assert torch.equal(model(images).logits, before)
        twin = copy.deepcopy(model)
        for parameter in twin.parameters():
            parameter.data.zero_()
        assert torch.equal(model(images).logits, before)
        assert not torch.equal(twin(images).logits, before)
