"""Heads that learn from stored features: the same answers as from images, by the same loop."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from evocative.data.table import read_table
from evocative.inference.predictions import read_predictions
from evocative.inference.predictor import Predictor
from evocative.models.store import load_model
from evocative.recipe import Recipe
from evocative.training.run import Finished, run

Make = Callable[..., Recipe]
STORED = {"stored": True, "views": 2, "map_size": 4}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def finished(
    tiny_recipe: Make, tiny_data: Path, store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Finished:
    folder = tmp_path_factory.mktemp("stored") / "run"
    recipe = tiny_recipe(features=STORED)
    return run(recipe, data_root=tiny_data, output=folder, cache=store)


def test_answers_from_stored_features_are_those_from_the_images(finished: Finished, tiny_data: Path) -> None:
    """Though maps are kept smaller, only the rounding to float16 differs: the saved model averages alike."""
    assert finished.predictions is not None
    stored = read_predictions(finished.predictions)
    loaded = load_model(finished.model)
    predictor = Predictor(loaded.model, loaded.preprocessing, precision="fp32")
    from_images = predictor.predict_table(read_table(tiny_data / "tiny.csv").select("test"))
    assert stored.paths == from_images.paths
    assert stored.probabilities is not None
    assert from_images.probabilities is not None
    np.testing.assert_allclose(stored.probabilities, from_images.probabilities, atol=2e-3)
    np.testing.assert_allclose(stored.dimensions, from_images.dimensions, atol=2e-3)
    np.testing.assert_array_equal(stored.labels, from_images.labels)


def test_the_backbone_stays_and_the_rest_learns(
    finished: Finished, tiny_recipe: Make, tiny_data: Path, tmp_path: Path, store: Path
) -> None:
    before = run(
        tiny_recipe(features=STORED, training={"epochs": 0, "select": "last"}),
        data_root=tiny_data, output=tmp_path / "before", cache=store,
    )  # fmt: skip
    first, last = (load_model(each.model).model.state_dict() for each in (before, finished))
    moved = {name for name in first if not torch.equal(first[name], last[name])}
    assert not any(name.startswith("backbone.") for name in moved)
    assert {"emotion_head.linear.weight", "gram_modules.0.dense.weight", "class_centers"} <= moved


@pytest.mark.usefixtures("finished")
def test_a_second_run_computes_nothing(
    tiny_recipe: Make, tiny_data: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the backbone ran again")

    monkeypatch.setattr("evocative.inference.features._look", refuse)
    recipe = tiny_recipe(features=STORED, optimizer={"lr": 0.01})
    again = run(recipe, data_root=tiny_data, output=tmp_path / "again", cache=store)
    assert again.predictions is not None


def test_a_head_start_reads_stored_features(
    tiny_recipe: Make, tiny_data: Path, store: Path, tmp_path: Path
) -> None:
    recipe = tiny_recipe(
        features={"stored": True}, losses=[{"name": "cross_entropy"}, {"name": "dimensions"}],
        training={"epochs": 0, "head_start": True, "select": "last"},
    )  # fmt: skip
    done = run(recipe, data_root=tiny_data, output=tmp_path / "run", cache=store)
    assert done.predictions is not None
    predictions = read_predictions(done.predictions)
    assert predictions.probabilities is not None
    assert (predictions.probabilities.argmax(1) == predictions.labels).mean() > 0.8
    assert "logistic_c" in json.loads((tmp_path / "run" / "head_start.json").read_text())
