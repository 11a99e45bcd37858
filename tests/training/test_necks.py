"""Whole runs with the networks of other papers: train, save, load, predict; stored features."""

from collections.abc import Callable
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
PLAIN = {"backbone": "test_efficientnet", "weights": None, "dimensions": ["valence", "arousal"]}
SAME_LAYER: dict[str, Any] = {
    **PLAIN, "neck": "motiejauskas2024", "gram": {},
    "motiejauskas2024": {"map": "blocks.2.0.conv_pwl", "modules": 2},
}  # fmt: skip
SHALLOW = {
    **PLAIN, "neck": "zhang2022", "gram": {},
    "zhang2022": {"maps": ["bn1", "blocks.1"], "widths": [4, 6], "style_width": 8},
}  # fmt: skip
STORED = {"stored": True, "map_size": 4}


@pytest.mark.parametrize("batch_norm", ["train", "folded"])
@pytest.mark.parametrize("model", [SAME_LAYER, SHALLOW])
def test_a_run_ends_with_a_model_that_predicts_as_the_run_did(
    model: dict[str, Any], batch_norm: str, tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    training = {"epochs": 1, "batch_size": 6, "precision": "fp32", "workers": 0, "batch_norm": batch_norm}
    recipe = tiny_recipe(model=model, training=training)
    finished = run(recipe, data_root=tiny_data, output=tmp_path / "run")
    assert finished.predictions is not None
    written = read_predictions(finished.predictions)
    loaded = load_model(finished.model)
    assert loaded.single("test").config.neck == model["neck"]
    assert loaded.model.config.folded == (batch_norm == "folded")
    predictor = Predictor(loaded.model, loaded.preprocessing, precision="fp32")
    again = predictor.predict_table(read_table(tiny_data / "tiny.csv").select("test"))
    assert written.probabilities is not None
    assert again.probabilities is not None
    np.testing.assert_allclose(again.probabilities, written.probabilities, atol=1e-5)


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (SAME_LAYER, {"divide_by_hw": True}),
        (SHALLOW, {"halve": False, "convolution": "beside"}),
    ],
)
def test_stored_features_give_the_answers_of_the_images(
    model: dict[str, Any], changes: dict[str, Any], tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    name = model["neck"]
    with pytest.raises(RecipeError, match=r"features\.stored: stored Gram matrices are"):
        tiny_recipe(model=model, features=STORED)
    recipe = tiny_recipe(model={**model, name: {**model[name], **changes}}, features=STORED)
    finished = run(recipe, data_root=tiny_data, output=tmp_path / "run", cache=tmp_path / "store")
    assert finished.predictions is not None
    stored = read_predictions(finished.predictions)
    loaded = load_model(finished.model)
    predictor = Predictor(loaded.model, loaded.preprocessing, precision="fp32")
    from_images = predictor.predict_table(read_table(tiny_data / "tiny.csv").select("test"))
    assert stored.probabilities is not None
    assert from_images.probabilities is not None
    np.testing.assert_allclose(stored.probabilities, from_images.probabilities, atol=3e-3)


def test_features_kept_for_one_neck_are_not_taken_for_another(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    """The same weights multiplied or added: the head start of the second finds nothing of the first's."""
    notes = []
    for fusion, store in (("multiply", "shared"), ("add", "shared"), ("add", "own")):
        model = {**SAME_LAYER, "motiejauskas2024": {**SAME_LAYER["motiejauskas2024"], "fusion": fusion}}
        recipe = tiny_recipe(model=model, training={"epochs": 0, "head_start": True, "select": "last"})
        output = tmp_path / f"{fusion}-{store}"
        finished = run(recipe, data_root=tiny_data, output=output, cache=tmp_path / store)
        head = load_model(finished.model).single("test").emotion_head
        assert head is not None
        notes.append(head.linear.weight.detach().numpy())
    np.testing.assert_array_equal(notes[1], notes[2])
    assert not np.array_equal(notes[0], notes[1])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({**SAME_LAYER, "gram": {"maps": [1]}}, r"model\.gram is of the neck motiejauskas2026"),
        ({**SAME_LAYER, "motiejauskas2024": {"modules": -1}}, "modules: expected between 0 and 30"),
        ({**SHALLOW, "zhang2022": {"dropout": 1.0}}, r"expected \[0, 1\)"),
        ({**SHALLOW, "zhang2022": {"maps": [1]}}, "widths: expected one for each of 1 maps, found 3"),
        ({**SHALLOW, "zhang2022": {"width": 3}}, "did you mean 'widths'"),
        ({"neck": "zhang2021"}, "'zhang2022', found 'zhang2021'|expected .*zhang2022"),
    ],
)
def test_mistakes_are_named_before_any_work(changes: dict[str, Any], message: str, tiny_recipe: Make) -> None:
    with pytest.raises(RecipeError, match=message):
        tiny_recipe(model={**PLAIN, **changes})
