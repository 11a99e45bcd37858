"""Whole runs of networks with an emotion map, and of turned pictures."""

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
from evocative.recipe import Recipe
from evocative.training.run import run

Make = Callable[..., Recipe]
PLAIN: dict[str, Any] = {
    "backbone": "test_efficientnet", "weights": None, "dimensions": [], "pool": "last_map", "gram": {},
    "dropout": 0.1,
}  # fmt: skip
ENTROPY, ROTATION = {"name": "cross_entropy"}, {"name": "rotation", "weight": 0.5}
TERMS: dict[str, list[dict[str, Any]]] = {
    "islamnet": [ENTROPY, ROTATION],
    "wscnet": [{**ENTROPY, "weight": 0.5}, {"name": "detection", "weight": 0.5}],
    "wildcat": [ENTROPY, ROTATION],
}
TRAINING = {"epochs": 1, "batch_size": 6, "precision": "fp32", "workers": 0, "monitor": "accuracy"}


@pytest.mark.parametrize("neck", TERMS)
def test_a_run_ends_with_a_model_that_predicts_as_the_run_did(
    neck: str, tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    recipe = tiny_recipe(model={**PLAIN, "neck": neck}, losses=TERMS[neck], training=TRAINING)
    finished = run(recipe, data_root=tiny_data, output=tmp_path / "run")
    assert finished.predictions is not None
    written = read_predictions(finished.predictions)
    loaded = load_model(finished.model)
    model = loaded.single("test")
    assert model.config.neck == neck
    assert model.config.rotations == ((0, 90, 180, 270) if ROTATION in TERMS[neck] else ())
    again = Predictor(loaded.model, loaded.preprocessing, precision="fp32").predict_table(
        read_table(tiny_data / "tiny.csv").select("test")
    )
    assert written.probabilities is not None
    assert again.probabilities is not None
    np.testing.assert_allclose(again.probabilities, written.probabilities, atol=1e-5)
    assert model.emotion_map(torch.randn(1, 3, 64, 64)).shape[2:] == (2, 2)


@pytest.mark.parametrize(
    "rotation", [{"task": "a"}, {"task": "d", "copies": "one"}, {"task": "d", "corners": "reflect"}]
)
def test_angles_are_learnt_beside_emotions(
    rotation: dict[str, str], tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    recipe = tiny_recipe(model={**PLAIN}, losses=[ENTROPY, ROTATION], rotation=rotation, training=TRAINING)
    run(recipe, data_root=tiny_data, output=tmp_path / "run")
    kept = json.loads((tmp_path / "run" / "validation.json").read_text())["figures"]
    assert np.isfinite(kept["loss"])
    model = load_model(tmp_path / "run" / "model").single("test")
    assert len(model.config.rotations) == (2 if rotation["task"] == "a" else 8)


def test_turned_copies_change_what_is_learnt_and_the_same_seed_gives_the_same(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    weights = {}
    for name, losses in (("none", [ENTROPY]), ("one", [ENTROPY, ROTATION]), ("two", [ENTROPY, ROTATION])):
        recipe = tiny_recipe(
            model=PLAIN, losses=losses, rotation={"copies": "one"}, training={**TRAINING, "epochs": 1}
        )
        run(recipe, data_root=tiny_data, output=tmp_path / name)
        weights[name] = load_model(tmp_path / name / "model").model.state_dict()
    name = next(key for key in weights["none"] if key.startswith("backbone.") and key.endswith("weight"))
    assert torch.equal(weights["one"][name], weights["two"][name])
    assert not torch.equal(weights["one"][name], weights["none"][name])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"losses": [ENTROPY, {"name": "detection"}]}, r"detection is of model\.neck = \"wscnet\""),
        (
            {"losses": [ENTROPY, ROTATION], "features": {"stored": True}},
            "rotation turns images, and stored features have none",
        ),
        (
            {"model": {**PLAIN, "neck": "wildcat"}, "training": {**TRAINING, "head_start": True}},
            "wildcat has none: set training.head_start = false",
        ),
        (
            {
                "model": {**PLAIN, "neck": "wscnet", "emotions": False, "dimensions": ["valence"]},
                "losses": [{"name": "dimensions"}],
            },
            r"makes maps of labels: set model\.emotions = true",
        ),
        ({"model": {**PLAIN, "neck": "wildcat", "wildcat": {"top": 0}}}, r"top: expected \(0, 1\], found 0"),
        (
            {"model": {**PLAIN, "neck": "islamnet", "islamnet": {"reduction": 0}}},
            "reduction: expected 1 or more",
        ),
        ({"model": {**PLAIN, "neck": "islamnet", "gram": {"maps": [1]}}}, r"set model\.islamnet instead"),
        ({"rotation": {"task": "e"}}, "'a', 'b', 'c' or 'd'"),
    ],
)
def test_mistakes_are_named_before_any_work(changes: dict[str, Any], message: str, tiny_recipe: Make) -> None:
    with pytest.raises(RecipeError, match=message):
        tiny_recipe(**{"model": PLAIN, "losses": [ENTROPY], "training": TRAINING, **changes})
