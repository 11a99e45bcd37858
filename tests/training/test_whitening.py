"""Whole runs with whitened Gram matrices: fitted first, then heads; stored features and images alike."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from evocative.data.table import read_table
from evocative.errors import RecipeError
from evocative.inference.predictions import read_predictions
from evocative.inference.predictor import Predictor
from evocative.models.store import load_model
from evocative.models.whitened import whitenings
from evocative.recipe import Recipe
from evocative.training.run import run

Make = Callable[..., Recipe]
PLAIN: dict[str, Any] = {
    "backbone": "test_efficientnet",
    "weights": None,
    "dimensions": ["valence", "arousal"],
    "gram": {},
}
NECK: dict[str, Any] = {
    **PLAIN, "neck": "whitened_gram", "whitened_gram": {"maps": [1, "blocks.2"], "channels": 6},
}  # fmt: skip
BESIDE: dict[str, Any] = {
    **PLAIN, "dimension_maps": ["blocks.1", 3], "dimension_statistics": "whitened_gram",
    "whitened_gram": {"channels": 5},
}  # fmt: skip
BOTH = {**NECK, "dimension_maps": [1, "blocks.3"], "dimension_statistics": "whitened_gram"}
HEADS_ONLY = {"epochs": 0, "head_start": True, "select": "last"}
TERMS = [{"name": "cross_entropy"}, {"name": "dimensions"}]


@pytest.mark.parametrize("model", [NECK, BESIDE, BOTH])
def test_stored_features_give_the_answers_of_the_images(
    model: dict[str, Any], tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    recipe = tiny_recipe(
        model=model, losses=TERMS, features={"stored": True}, training={**HEADS_ONLY, "half": True}
    )
    finished = run(recipe, data_root=tiny_data, output=tmp_path / "run", cache=tmp_path / "store")
    assert finished.predictions is not None
    stored = read_predictions(finished.predictions)
    loaded = load_model(finished.model)
    predictor = Predictor(loaded.model, loaded.preprocessing, precision="fp32")
    from_images = predictor.predict_table(read_table(tiny_data / "tiny.csv").select("test"))
    assert stored.probabilities is not None
    assert from_images.probabilities is not None
    np.testing.assert_allclose(stored.probabilities, from_images.probabilities, atol=2e-2)
    columns = ["valence", "arousal"]
    np.testing.assert_allclose(stored.frame[columns], from_images.frame[columns], atol=2e-2)
    notes = json.loads((tmp_path / "run" / "head_start.json").read_text())
    assert notes["logistic_c"] * (loaded.model.num_features if "neck" in model else 1) > 0
    bands = {"gram_valence"} if "neck" in model else set()
    bands |= {"moments_valence"} if "dimension_maps" in model else set()
    assert bands == {name for name in notes if name.endswith("_valence")} - {"ridge_valence"}


def test_images_and_stored_features_fit_the_same_whitening(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    found = []
    for stored in (True, False):
        recipe = tiny_recipe(model=BOTH, losses=TERMS, features={"stored": stored}, training=HEADS_ONLY)
        finished = run(recipe, data_root=tiny_data, output=tmp_path / str(stored))
        model = load_model(finished.model).model
        found.append((whitenings(model), model.emotion_head))
    (one, first), (two, second) = found
    assert list(one) == list(two) == ["dimension_gram", "neck.whitened"]
    for name, module in one.items():
        for mine, its in zip(module.buffers(), two[name].buffers(), strict=True):
            torch.testing.assert_close(mine, its, rtol=0.02, atol=0.02 * float(its.abs().max()))
    assert first is not None
    assert second is not None


def test_training_moves_the_network_and_leaves_the_whitening(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    runs = {}
    for epochs in (0, 1):
        training = {**HEADS_ONLY, "epochs": epochs}
        recipe = tiny_recipe(model=NECK, losses=TERMS, training=training)
        finished = run(recipe, data_root=tiny_data, output=tmp_path / str(epochs))
        runs[epochs] = load_model(finished.model).model.state_dict()
    assert torch.equal(runs[0]["whitened.whitening_0"], runs[1]["whitened.whitening_0"])
    assert not torch.equal(runs[0]["emotion_head.linear.weight"], runs[1]["emotion_head.linear.weight"])
    assert not torch.equal(runs[0]["backbone.network.conv_stem.weight"],
                           runs[1]["backbone.network.conv_stem.weight"])  # fmt: skip
    assert all(bool(each.isfinite().all()) for each in runs[1].values())


def test_a_run_that_never_fits_the_whitening_is_refused(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match=r"nothing fits it\. Set training\.head_start = true"):
        run(tiny_recipe(model=NECK, losses=TERMS), data_root=tiny_data, output=tmp_path / "run")


def test_going_on_keeps_the_whitening_that_heads_were_fitted_above(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"losses": TERMS, "features": {"stored": True}, "training": HEADS_ONLY}
    for seed in (0, 1):
        data = {"limit": {"train": 15 + 3 * seed}}
        first = tiny_recipe(model=NECK, data=data, **settings)
        run(first, data_root=tiny_data, output=tmp_path / f"run{seed}")
    second = tiny_recipe(model={**NECK, "weights": "run0/model"}, **settings)
    finished = run(second, data_root=tiny_data, weights_root=tmp_path, output=tmp_path / "second")
    before = load_model(tmp_path / "run0" / "model").model.state_dict()
    after = load_model(finished.model).model.state_dict()
    assert torch.equal(before["whitened.whitening_0"], after["whitened.whitening_0"])
    mixed = tiny_recipe(model={**NECK, "weights": ["run0/model", "run1/model"]}, **settings)
    with pytest.raises(RecipeError, match=r"cannot be averaged; .*whitening differ"):
        run(mixed, data_root=tiny_data, weights_root=tmp_path, output=tmp_path / "mixed")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({**NECK, "gram": {"maps": [1]}}, r"model\.gram is of the neck motiejauskas2026"),
        ({**NECK, "whitened_gram": {"channels": 0}}, "channels: expected between 1 and 16384, found 0"),
        ({**NECK, "whitened_gram": {"map": [1]}}, "did you mean 'maps'"),
        ({"dimension_statistics": "whitened_gram"}, r"needs model\.dimension_maps"),
    ],
)
def test_mistakes_are_named_before_any_work(changes: dict[str, Any], message: str, tiny_recipe: Make) -> None:
    with pytest.raises(RecipeError, match=message):
        tiny_recipe(model={**PLAIN, **changes}, losses=TERMS)
