"""The same-layer Gram modules: by hand in numpy, the paper's sizes, what a recipe may change."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from evocative.errors import ModelError
from evocative.models.create import EmotionModel, create_model
from evocative.models.motiejauskas2024 import SameLayerGramModule, SameLayerNeck
from evocative.recipe.settings import ModelConfig, Motiejauskas2024Config
from evocative.taxonomy.labels import Taxonomy

SADNESS = Taxonomy.custom("sadness", ["others", "sadness"])


def small(**changes: Any) -> EmotionModel:
    torch.manual_seed(0)
    section = Motiejauskas2024Config(map="blocks.2.0.conv_pwl", **changes)
    config = ModelConfig(
        backbone="test_efficientnet", weights=None, neck="motiejauskas2024", motiejauskas2024=section
    )
    return create_model(config, SADNESS)


def leaky(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values, 0.2 * values)


def by_hand(module: SameLayerGramModule, maps: np.ndarray) -> np.ndarray:
    """Return what the module says in evaluation mode, place by place and channel by channel."""
    weights = {key: each.detach().numpy() for key, each in module.state_dict().items()}
    rows = []
    for image in maps:
        channels, height, width = image.shape
        gram = np.zeros((channels, channels))
        means = np.zeros(channels)
        for y in range(height):
            for x in range(width):
                f = image[:, y, x]
                gram += np.outer(f, f)  # (1), no division
                means += leaky(weights["conv.weight"][:, :, 0, 0] @ f + weights["conv.bias"])
        style = leaky(weights["dense.weight"] @ gram.reshape(-1) + weights["dense.bias"])
        spread = np.sqrt(weights["norm.running_var"] + 1e-5)
        style = (style - weights["norm.running_mean"]) / spread * weights["norm.weight"]
        rows.append((style + weights["norm.bias"]) * means / (height * width))
    return np.array(rows)


@torch.no_grad()
def test_a_module_is_the_papers_figure_3() -> None:
    torch.manual_seed(0)
    module = SameLayerGramModule(5).double().eval()
    module.norm.running_mean.normal_()  # type: ignore[union-attr]
    module.norm.running_var.uniform_(0.5, 2)  # type: ignore[union-attr]
    maps = torch.randn(3, 5, 4, 6, dtype=torch.float64)
    np.testing.assert_allclose(module(maps).numpy(), by_hand(module, maps.numpy()), rtol=1e-10)


@torch.no_grad()
def test_the_neck_adds_the_backbones_side_to_the_modules_side_by_side() -> None:
    torch.manual_seed(0)
    neck = SameLayerNeck(Motiejauskas2024Config(modules=2), pooled=7, channels=[5]).double().eval()
    pooled, maps = torch.randn(3, 7, dtype=torch.float64), torch.randn(3, 5, 4, 4, dtype=torch.float64)
    weight, bias = (each.detach().numpy() for each in (neck.projection.weight, neck.projection.bias))
    p = leaky(pooled.numpy()) @ weight.T + bias
    z = np.concatenate([by_hand(each, maps.numpy()) for each in neck.gram_modules], axis=1)  # type: ignore[arg-type]
    np.testing.assert_allclose(neck(pooled, [maps]).numpy(), p + z, rtol=1e-10)
    assert not np.allclose(z[:, :5], z[:, 5:])  # the modules differ, though they read one map


@torch.no_grad()
@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_the_published_sizes(k: int) -> None:
    """1408 → k · 56, with k = 3 the text's 168; 56³ + 56 + 112 + 56² + 56 weights a module."""
    neck = SameLayerNeck(Motiejauskas2024Config(modules=k), pooled=1408, channels=[56])
    assert neck.num_features == 56 * k
    each = 56**3 + 56 + 2 * 56 + 56**2 + 56
    assert each == 178_976
    assert sum(p.numel() for p in neck.parameters()) == k * each + 1408 * 56 * k + 56 * k


def test_the_published_network() -> None:
    config = ModelConfig(backbone="tf_efficientnetv2_b2", weights=None, neck="motiejauskas2024")
    model = create_model(config, SADNESS)
    assert model.backbone.num_features == 1408
    assert model.backbone.map_channels == (56,)
    assert model.backbone.map_strides == (8,)
    assert model.num_features == 168
    assert sum(p.numel() for p in model.backbone.parameters()) == 8_687_086
    new = sum(p.numel() for p in model.parameters()) - 8_687_086
    assert new == 3 * 178_976 + 1408 * 168 + 168 + 168 * 2 + 2


def test_dropout_is_on_the_backbones_side_only() -> None:
    neck = SameLayerNeck(Motiejauskas2024Config(modules=0, dropout=0.5), pooled=40, channels=[4])
    torch.nn.init.eye_(neck.projection.weight)
    torch.nn.init.zeros_(neck.projection.bias)
    answers = neck(torch.ones(500, 40), [torch.zeros(500, 4, 2, 2)])
    assert neck.num_features == 12  # as with three modules
    assert set(answers.detach().unique().tolist()) == {0.0, 2.0}
    assert 0.45 < float((answers == 0).float().mean()) < 0.55


@pytest.mark.parametrize(
    ("fusion", "joined", "length"),
    [("multiply", "add", 96), ("add", "multiply", 96), ("concatenate", "average", 192),
     ("average", "concatenate", 192)],
)  # fmt: skip
@torch.no_grad()
def test_the_ablations_of_the_text(fusion: Any, joined: Any, length: int) -> None:
    model = small(fusion=fusion, backbone_fusion=joined).eval()
    assert model.num_features == model(torch.randn(2, 3, 32, 32)).embedding.shape[1] == length


def test_every_weight_learns_in_bfloat16_too() -> None:
    model = small()
    images = torch.randn(4, 3, 32, 32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(images).logits
    assert logits is not None
    torch.autograd.backward(torch.nn.functional.cross_entropy(logits.float(), torch.tensor([0, 1, 0, 1])))
    assert all(each.grad is not None and each.grad.isfinite().all() for each in model.parameters())


@torch.no_grad()
def test_stored_matrices_give_the_same_answer_where_they_are_divided() -> None:
    torch.manual_seed(0)
    module = SameLayerGramModule(5, divide_by_hw=True, means_of=2).eval()
    maps = torch.randn(3, 5, 8, 8)
    gram = torch.einsum("bchw,bdhw->bcd", maps, maps) / 64
    smaller = torch.nn.functional.adaptive_avg_pool2d(maps, 2)
    torch.testing.assert_close(module(smaller, gram), module(maps))
    with pytest.raises(ModelError, match="divided by the number of places"):
        SameLayerGramModule(5).eval()(smaller, gram)


def test_mistakes_are_named() -> None:
    with pytest.raises(ModelError, match="batch of one image"):
        SameLayerGramModule(4)(torch.randn(1, 4, 3, 3))
    with pytest.raises(ModelError, match="did you mean"):
        create_model(
            replace(small().config, motiejauskas2024=Motiejauskas2024Config(map="blocks.2.0.conv_pw")),
            SADNESS,
        )
    with pytest.raises(ModelError, match="at least 2 channels"):
        SameLayerNeck(Motiejauskas2024Config(), pooled=4, channels=[1])
