"""What lies between backbone and heads: one a paper; saved, loaded, folded and predicted with alike."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import evocative
from evocative.data.transforms import normalize
from evocative.errors import ModelError
from evocative.inference.network import Network
from evocative.models.create import EmotionModel, create_model
from evocative.models.necks import maps_of, with_means_of
from evocative.models.store import load_model, save_model
from evocative.preprocessing import Preprocessing
from evocative.recipe import parse
from evocative.recipe.settings import GramConfig, ModelConfig, Motiejauskas2024Config, Zhang2022Config
from evocative.taxonomy.labels import taxonomy

MIKELS = taxonomy("mikels8")
SMALL = Preprocessing(size=32)
PLAIN = ModelConfig(backbone="test_efficientnet", weights=None)
MODELS = {
    "motiejauskas2026": replace(PLAIN, gram=GramConfig(maps=(1, "blocks.2.0.conv_pwl"))),
    "motiejauskas2024": replace(
        PLAIN, neck="motiejauskas2024", motiejauskas2024=Motiejauskas2024Config(map="blocks.2.0.conv_pwl")
    ),
    "zhang2022": replace(
        PLAIN, neck="zhang2022",
        zhang2022=Zhang2022Config(
            maps=("blocks.0.0.conv", "bn1", "blocks.1"), widths=(4, 6, 8), style_width=12
        ),
    ),
    "islamnet": replace(PLAIN, neck="islamnet"),
    "wscnet": replace(PLAIN, neck="wscnet"),
    "wildcat": replace(PLAIN, neck="wildcat"),
}  # fmt: skip


def make(name: str) -> EmotionModel:
    """Return a model whose batch norms have seen something."""
    torch.manual_seed(0)
    model = create_model(replace(MODELS[name], class_centers=True), MIKELS)
    with torch.no_grad():
        for _ in range(3):
            model(torch.randn(6, 3, 32, 32) * 2 + 1)
    return model.eval()


@pytest.mark.parametrize("name", MODELS)
@torch.no_grad()
def test_a_model_comes_back_as_it_was_saved(name: str, tmp_path: Path) -> None:
    model, images = make(name), torch.randn(2, 3, 32, 32)
    save_model(
        model, tmp_path / "model", preprocessing=SMALL, provenance={}, measured={}, licence="apache-2.0"
    )
    loaded = load_model(tmp_path / "model").model
    assert loaded.config == model.config
    assert torch.equal(loaded(images).embedding, model(images).embedding)
    assert torch.equal(loaded(images).logits, model(images).logits)
    card = (tmp_path / "model" / "README.md").read_text()
    assert f"| network | {name}" in card


@pytest.mark.parametrize("name", MODELS)
@torch.no_grad()
def test_folding_changes_no_answer_and_is_found_again(name: str, tmp_path: Path) -> None:
    model = make(name).double()
    images = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    before = model(images)
    model.fold()
    after = model(images)
    torch.testing.assert_close(after.embedding, before.embedding)
    assert not any(isinstance(each, nn.BatchNorm2d) for each in model.backbone.modules())
    save_model(
        model.float(), tmp_path / "m", preprocessing=SMALL, provenance={}, measured={}, licence="apache-2.0"
    )
    again = load_model(tmp_path / "m").model
    torch.testing.assert_close(again(images.float()).logits, model(images.float()).logits)


@pytest.mark.parametrize(
    "changes",
    [
        {"neck": "motiejauskas2024", "motiejauskas2024": Motiejauskas2024Config(map=2)},
        {"neck": "zhang2022", "zhang2022": Zhang2022Config(maps=("bn1", 2), widths=(4, 70))},
    ],
)
def test_a_dense_layer_of_absurd_size_is_refused_before_it_is_made(changes: dict[str, Any]) -> None:
    """Map 2 has 32 channels: 32,768 weights in the 2024 network, 71,680 in Zhang's branch of 70 numbers."""
    config = replace(PLAIN, gram=GramConfig(max_weights=32_000), **changes)
    with pytest.raises(ModelError, match=r"map 2, 32 channels, would have (32,768|71,680) weights.* Read a"):
        create_model(config, MIKELS)
    create_model(replace(config, gram=GramConfig(max_weights=72_000)), MIKELS)
    parse({"model": {"neck": changes["neck"], "gram": {"max_weights": 72_000}}})


@pytest.mark.parametrize("name", MODELS)
def test_prediction_answers_as_the_model_does(name: str) -> None:
    model = make(name)
    pixels = torch.randint(0, 255, (2, 3, 32, 32), dtype=torch.uint8)
    numbers = Network(model, SMALL, device=torch.device("cpu"), precision="fp32").compute(pixels)
    with torch.no_grad():
        expected = model(normalize(pixels, SMALL)).embedding.numpy()
    np.testing.assert_allclose(numbers.embedding, expected, rtol=1e-3, atol=1e-3)


def test_a_network_that_normalises_first_predicts_too() -> None:
    torch.manual_seed(0)
    model = create_model(ModelConfig(backbone="resnetv2_18", weights=None), MIKELS)
    pixels = torch.randint(0, 255, (1, 3, 32, 32), dtype=torch.uint8)
    numbers = Network(model, SMALL, device=torch.device("cpu"), precision="fp32").compute(pixels)
    with torch.no_grad():
        expected = model.eval()(normalize(pixels, SMALL)).embedding.numpy()
    np.testing.assert_allclose(numbers.embedding, expected, rtol=1e-3, atol=1e-3)


def test_the_state_dict_does_not_name_the_neck() -> None:
    state = make("motiejauskas2026").state_dict()
    assert not any("neck" in key for key in state)
    kinds = list(dict.fromkeys(key.partition(".")[0] for key in state))
    assert kinds == ["class_centers", "backbone", "gram_modules", "projection", "emotion_head"]
    inside = nn.ModuleDict({"model": make("motiejauskas2024")})
    assert "model.gram_modules.2.conv.weight" in inside.state_dict()
    twin = nn.ModuleDict({"model": create_model(MODELS["motiejauskas2024"], MIKELS)})
    missing = twin.load_state_dict(inside.state_dict(), strict=False)
    assert missing.missing_keys == []
    assert missing.unexpected_keys == ["model.class_centers"]


def test_the_embedded_models_embedding_is_what_its_backbone_says() -> None:
    folder = Path(evocative.__file__).parent / "embedded"
    model = load_model(folder).single("test")
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(2, 3, 224, 224, generator=generator)
    with torch.no_grad():
        pooled, maps = model.backbone(images)
        output = model(images)
    assert model.config.neck == "whitened_gram"
    assert len(maps) == len(model.config.whitened_gram.maps) + len(model.config.dimension_maps)
    assert torch.equal(output.embedding[:, : pooled.shape[1]], pooled)


def test_stored_maps_are_said_in_the_necks_own_section() -> None:
    assert with_means_of(MODELS["motiejauskas2026"], 7).gram.means_of == 7
    changed = with_means_of(MODELS["zhang2022"], 5)
    assert changed.zhang2022.means_of == 5
    assert changed.gram == GramConfig()
    assert maps_of(changed) == ("blocks.0.0.conv", "bn1", "blocks.1")
