"""Shallow Gram branches: by hand in numpy, the published sizes, the readings of the text."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from evocative.errors import ModelError
from evocative.models.create import EmotionModel, create_model
from evocative.models.zhang2022 import ShallowGramBranch, ShallowNeck
from evocative.recipe.settings import ModelConfig, Zhang2022Config
from evocative.taxonomy.labels import Taxonomy

SADNESS = Taxonomy.custom("sadness", ["others", "sadness"])


def shaken(module: nn.Module) -> Any:
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            assert layer.running_mean is not None
            assert layer.running_var is not None
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
            layer.weight.data.uniform_(0.5, 1.5)
            layer.bias.data.normal_()
    return module.double().eval()


def normed(values: np.ndarray, layer: Any) -> np.ndarray:
    """Return batch norm in evaluation mode, over the last axis."""
    mean, variance, weight, bias = (
        each.detach().numpy() for each in (layer.running_mean, layer.running_var, layer.weight, layer.bias)
    )
    result: np.ndarray = (values - mean) / np.sqrt(variance + 2e-5) * weight + bias
    return result


def max_pooled(image: np.ndarray) -> np.ndarray:
    """Return the maxima of 3 × 3 places around every second one; places outside do not count."""
    height, width, _ = image.shape
    return np.array(
        [
            [image[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].max(axis=(0, 1)) for x in range(0, width, 2)]
            for y in range(0, height, 2)
        ]
    )


def by_hand(branch: ShallowGramBranch, maps: np.ndarray, *, halve: bool, convolution: str) -> np.ndarray:
    weights = {key: each.detach().numpy() for key, each in branch.state_dict().items()}
    rows = []
    for image in np.moveaxis(maps, 1, -1):  # (h, w, C)
        seen, beside = image, 0.0
        if convolution == "before":
            seen = np.maximum(seen @ weights["conv.weight"][:, :, 0, 0].T + weights["conv.bias"], 0)
        if convolution == "beside":
            outside = np.maximum(image @ weights["conv.weight"][:, :, 0, 0].T + weights["conv.bias"], 0)
            beside = outside.mean(axis=(0, 1))
        seen = max_pooled(seen) if halve else seen
        seen = normed(seen, branch.norm) if convolution == "before" else seen
        columns = seen.reshape(-1, seen.shape[-1])
        gram = columns.T @ columns / columns.size  # C·H·W
        rows.append(
            np.maximum(weights["dense.weight"] @ gram.reshape(-1) + weights["dense.bias"], 0) + beside
        )
    return np.array(rows)


@pytest.mark.parametrize("halve", [False, True])
@pytest.mark.parametrize("convolution", ["before", "beside", "none"])
@torch.no_grad()
def test_a_branch_by_hand(halve: bool, convolution: Any) -> None:
    torch.manual_seed(0)
    branch = shaken(ShallowGramBranch(5, 4, halve=halve, convolution=convolution))
    maps = torch.randn(3, 5, 6, 8, dtype=torch.float64)
    expected = by_hand(branch, maps.numpy(), halve=halve, convolution=convolution)
    np.testing.assert_allclose(branch(maps).numpy(), expected, rtol=1e-10)


@torch.no_grad()
def test_the_neck_by_hand() -> None:
    torch.manual_seed(0)
    config = Zhang2022Config(maps=(0, 1), widths=(4, 3), style_width=6)
    neck = shaken(ShallowNeck(config, pooled=7, channels=[5, 8]))
    pooled = torch.randn(3, 7, dtype=torch.float64)
    maps = [torch.randn(3, count, 6, 6, dtype=torch.float64) for count in (5, 8)]
    vectors = [
        by_hand(branch, each.numpy(), halve=number > 0, convolution="before")
        for number, (branch, each) in enumerate(zip(neck.gram_modules, maps, strict=True))
    ]
    weight, bias = neck.dense.weight.detach().numpy(), neck.dense.bias.detach().numpy()
    style = normed(np.maximum(np.concatenate(vectors, axis=1) @ weight.T + bias, 0), neck.style_norm)
    expected = normed(np.concatenate([pooled.numpy(), style], axis=1), neck.norm)
    np.testing.assert_allclose(neck(pooled, maps).numpy(), expected, rtol=1e-10)
    assert neck.num_features == 13


def test_the_published_network() -> None:
    """64, 64 and 256 channels; vectors of 64, 256, 512; 2048 beside the ResNet's 2048."""
    model = create_model(ModelConfig(backbone="resnet50", weights=None, neck="zhang2022"), SADNESS)
    assert model.backbone.map_channels == (64, 64, 256)
    assert model.backbone.map_strides == (2, 4, 4)
    assert model.num_features == 4096
    assert isinstance(model.neck, ShallowNeck)
    branches = sum(p.numel() for p in model.neck.gram_modules.parameters())
    dense = (64**2 * 64 + 64) + (64**2 * 256 + 256) + (256**2 * 512 + 512)
    before = sum(count**2 + 3 * count for count in (64, 64, 256))
    assert branches == dense + before
    assert sum(p.numel() for p in model.neck.parameters()) == branches + 832 * 2048 + 2048 + 4096 + 8192


def small(**changes: Any) -> EmotionModel:
    torch.manual_seed(0)
    section = Zhang2022Config(widths=(4, 6, 8), style_width=12, **changes)
    config = ModelConfig(
        backbone="resnet18", weights=None, backbone_args={"channels": (6, 8, 10, 12)}, neck="zhang2022",
        zhang2022=section,
    )  # fmt: skip
    return create_model(config, SADNESS)


@pytest.mark.parametrize(("fusion", "length"), [("concatenate", 24), ("add", 12), ("multiply", 12)])
def test_every_weight_learns(fusion: Any, length: int) -> None:
    model = small(fusion=fusion)
    assert model.num_features == length
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(torch.randn(4, 3, 64, 64)).logits
    assert logits is not None
    torch.autograd.backward(nn.functional.cross_entropy(logits.float(), torch.tensor([0, 1, 0, 1])))
    assert all(each.grad is not None and each.grad.isfinite().all() for each in model.parameters())


@torch.no_grad()
def test_weights_begin_as_in_the_authors_code() -> None:
    dense = ShallowGramBranch(16, 64, halve=False).dense
    bound = np.sqrt(6 / (256 + 64))
    assert 0.98 * bound < float(dense.weight.abs().max()) <= bound
    assert not dense.bias.any()


@torch.no_grad()
def test_stored_matrices_serve_where_they_are_those_of_the_map() -> None:
    torch.manual_seed(0)
    branch = ShallowGramBranch(5, 4, halve=False, convolution="beside", means_of=2).eval()
    maps = torch.randn(3, 5, 8, 8)
    gram = torch.einsum("bchw,bdhw->bcd", maps, maps) / 64
    smaller = nn.functional.adaptive_avg_pool2d(maps, 2)
    torch.testing.assert_close(branch(smaller, gram), branch(maps))
    with pytest.raises(ModelError, match="convolves or pools"):
        ShallowGramBranch(5, 4, halve=False).eval()(smaller, gram)


def test_mistakes_are_named() -> None:
    with pytest.raises(ModelError, match="3 maps and 2 widths"):
        ShallowNeck(Zhang2022Config(widths=(4, 6)), pooled=12, channels=[6, 6, 6])
    with pytest.raises(ModelError, match=r"'add' needs style_width = 2048, .* not 512"):
        ShallowNeck(Zhang2022Config(fusion="add", style_width=512), pooled=2048, channels=[4, 4, 4])
    with pytest.raises(ModelError, match="batch of one image"):
        small()(torch.randn(1, 3, 64, 64))
