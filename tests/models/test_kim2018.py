"""Kim et al. 2018's network: what its vector holds, its layers, and a model folder that is complete."""

from pathlib import Path
from typing import Any, Literal

import pytest
import torch

from evocative.errors import ModelError
from evocative.inference.network import Network
from evocative.models.create import EmotionModel, create_model
from evocative.models.ensemble import make_ensemble
from evocative.models.kim2018 import Kim2018Neck, border
from evocative.models.low_level import LowLevelFeatures
from evocative.models.store import load_model, save_model
from evocative.recipe.kim2018 import Kim2018Config
from evocative.recipe.settings import ModelConfig

SMALL = Kim2018Config(widths=(12, 7))


def make(settings: Kim2018Config = SMALL, *, seed: int = 0, **changes: Any) -> EmotionModel:
    torch.manual_seed(seed)
    config = ModelConfig(
        backbone="test_efficientnet", weights=None, neck="kim2018", kim2018=settings, emotions=False,
        dimensions=("valence", "arousal"), **changes,
    )  # fmt: skip
    return create_model(config)


@torch.no_grad()
@pytest.mark.parametrize("pool", ["head", "last_map"])
def test_the_vector_is_object_background_and_hand_made_features(pool: Literal["head", "last_map"]) -> None:
    model = make(pool=pool).eval()
    images = torch.randn(2, 3, 64, 64)
    pooled, _ = model.backbone(images)
    bare = create_model(
        ModelConfig(
            backbone="test_efficientnet", weights=None, emotions=False, dimensions=("valence",), pool=pool
        )
    ).backbone.eval()
    bare.load_state_dict(model.backbone.state_dict())
    deep, _ = bare(images)
    last = bare.network.forward_intermediates(images, indices=[4], intermediates_only=True)[0]
    how = bare.preprocessing
    hand = LowLevelFeatures(("color", "lbp", "gist"), mean=how.mean, sd=how.sd)(images)
    torch.testing.assert_close(pooled, torch.cat([deep, border(last, 7), hand], dim=1))
    assert pooled.shape[1] == model.backbone.num_features == deep.shape[1] + last.shape[1] + 438


def test_the_border_is_the_outermost_places() -> None:
    maps = torch.randn(2, 3, 14, 14)
    small = maps.view(2, 3, 7, 2, 7, 2).mean(dim=(3, 5))
    for image in range(2):
        for channel in range(3):
            values = [
                small[image, channel, row, column].item()
                for row in range(7)
                for column in range(7)
                if row in (0, 6) or column in (0, 6)
            ]
            assert len(values) == 24
            assert border(maps, 7)[image, channel].item() == pytest.approx(sum(values) / 24, abs=1e-6)


def dense(neck: Kim2018Neck) -> list[torch.nn.Linear]:
    return [layer for layer in neck.hidden if isinstance(layer, torch.nn.Linear)]


@torch.no_grad()
def test_the_layers_are_dense_with_a_relu_after_each() -> None:
    torch.manual_seed(0)
    neck = Kim2018Neck(Kim2018Config(widths=(6, 5, 4)), pooled=9).eval()
    mean = torch.randn(9)
    neck.feature_norm.load_state_dict({"running_mean": mean}, strict=False)
    x = torch.randn(3, 9)
    found = neck(x, [])
    expected = (x - mean) / (1 + 1e-5) ** 0.5
    for layer in dense(neck):
        expected = torch.relu(expected @ layer.weight.T + layer.bias)
    torch.testing.assert_close(found, expected)
    assert found.shape[1] == neck.num_features == 4
    weights = [layer.weight.shape for layer in dense(Kim2018Neck(Kim2018Config(), pooled=1588))]
    assert weights == [(3000, 1588), (1000, 3000), (1000, 1000)]


def test_gradients_reach_the_backbone_and_every_layer() -> None:
    model = make()
    said = model(torch.randn(4, 3, 32, 32))
    said.vad[:, :2].square().sum().backward()
    silent = [name for name, one in model.named_parameters() if one.grad is None]
    assert not silent


@torch.no_grad()
def test_a_folder_says_what_the_model_said_whatever_it_was_normalised_by(tmp_path: Path) -> None:
    settings = Kim2018Config(widths=(12, 7), mean=(0.5, 0.5, 0.5), sd=(0.25, 0.25, 0.25))
    model = make(settings).eval()
    how = model.preprocessing
    save_model(model, tmp_path / "m", preprocessing=how, provenance={}, measured={}, licence="none")
    loaded = load_model(tmp_path / "m")
    assert loaded.single("test").config.kim2018 == settings
    pixels = torch.randint(0, 256, (2, 3, 48, 48), dtype=torch.uint8)
    ours, theirs = (
        Network(one, how, device=torch.device("cpu"), precision="fp32").compute(pixels)
        for one in (model, loaded.model)
    )
    torch.testing.assert_close(torch.from_numpy(ours.vad), torch.from_numpy(theirs.vad), equal_nan=True)
    other = make(Kim2018Config(widths=(12, 7))).eval()
    other.load_state_dict(model.state_dict())
    images = torch.randn(2, 3, 48, 48)
    assert not torch.equal(other.embed(images), model.embed(images))


@torch.no_grad()
def test_seeds_make_an_ensemble() -> None:
    members = [make(seed=seed).eval() for seed in (0, 1)]
    images = torch.randn(2, 3, 32, 32)
    said = make_ensemble(members).eval()(images)
    apart = torch.stack([member(images).vad for member in members]).mean(0)
    torch.testing.assert_close(said.vad[:, :2], apart[:, :2], atol=1e-5, rtol=1e-4)


def test_mistakes_are_named() -> None:
    with pytest.raises(ModelError, match=r"widths: expected hidden layers of 1 or more, found \(\)"):
        make(Kim2018Config(widths=()))
    with pytest.raises(ModelError, match="places: expected 3 or more, found 2"):
        make(Kim2018Config(places=2))
    with pytest.raises(ModelError, match="has no map 9"):
        make(Kim2018Config(background=9))
    with pytest.raises(ModelError, match="batch of one image"):
        make().train()(torch.randn(1, 3, 96, 96))
