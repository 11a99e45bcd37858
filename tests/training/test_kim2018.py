"""Whole runs of the network that joins deep with hand-made features."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evocative.data.table import read_table
from evocative.errors import RecipeError
from evocative.inference.predictions import read_predictions
from evocative.inference.predictor import Predictor
from evocative.models.store import load_model
from evocative.recipe import Recipe
from evocative.training.run import run

Make = Callable[..., Recipe]
MODEL: dict[str, Any] = {
    "backbone": "test_efficientnet", "weights": None, "emotions": False, "dimensions": ["valence", "arousal"],
    "neck": "kim2018", "kim2018": {"widths": [16, 8], "dropout": 0.1}, "pool": "last_map", "gram": {},
}  # fmt: skip
SHARED: dict[str, Any] = {
    "losses": [{"name": "dimensions"}],
    "training": {"epochs": 1, "batch_size": 6, "precision": "fp32", "workers": 0},
}


@pytest.mark.parametrize("features", [{}, {"stored": True, "views": 2}])
def test_a_run_ends_with_a_folder_that_predicts_as_the_run_did(
    features: dict[str, Any], tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    how = {"size": 48, "fit": "squash", "mean": [0.5, 0.5, 0.5], "sd": [0.5, 0.5, 0.5]}
    recipe = tiny_recipe(model=MODEL, features=features, preprocessing=how, **SHARED)
    finished = run(recipe, data_root=tiny_data, output=tmp_path / "run", cache=tmp_path / "store")
    assert finished.predictions is not None
    written = read_predictions(finished.predictions)
    loaded = load_model(finished.model)
    assert loaded.single("test").config.kim2018.mean == (0.5, 0.5, 0.5)
    again = Predictor(loaded.model, loaded.preprocessing, precision="fp32").predict_table(
        read_table(tiny_data / "tiny.csv").select("test")
    )
    assert np.isfinite(written.dimensions[:, :2]).all()
    np.testing.assert_allclose(again.dimensions[:, :2], written.dimensions[:, :2], atol=1e-4)


def test_it_can_be_gone_on_from(tiny_recipe: Make, tiny_data: Path, tmp_path: Path) -> None:
    how = {"size": 48, "fit": "squash", "mean": [0.4, 0.5, 0.6], "sd": [0.5, 0.5, 0.5]}
    first = run(
        tiny_recipe(model=MODEL, preprocessing=how, **SHARED), data_root=tiny_data, output=tmp_path / "one"
    )
    on = tiny_recipe(model={**MODEL, "weights": "one/model"}, features={"stored": True}, **SHARED)
    on = replace(on, preprocessing=None)  # then it is that of the model
    second = run(on, data_root=tiny_data, weights_root=tmp_path, output=tmp_path / "two")
    configs = [load_model(one.model).single("test").config.kim2018 for one in (first, second)]
    assert configs[0] == configs[1]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"widths": []}, "widths: expected at least one hidden layer"),
        ({"places": 2}, "places: expected between 3 and 256, found 2"),
        ({"dropout": 1.0}, r"model\.kim2018\.dropout: expected \[0, 1\)"),
        ({"low_level": ["colour"]}, "'color', 'lbp' or 'gist'"),
        ({"width": [3]}, "did you mean 'widths'"),
    ],
)
def test_mistakes_are_named_before_any_work(
    settings: dict[str, Any], message: str, tiny_recipe: Make
) -> None:
    with pytest.raises(RecipeError, match=message):
        tiny_recipe(model={**MODEL, "kim2018": settings}, **SHARED)
