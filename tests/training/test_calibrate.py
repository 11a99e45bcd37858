"""Predicted SDs are scaled by the validation rows, and the folder keeps it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from evocative.data.table import Table, read_table, write_table
from evocative.errors import RecipeError
from evocative.inference.predictions import read_predictions
from evocative.inference.predictor import Predictor
from evocative.metrics.uncertainty import sd_factor
from evocative.models.store import load_model
from evocative.recipe import Recipe
from evocative.training.run import run

Make = Callable[..., Recipe]
MODEL: dict[str, Any] = {
    "backbone": "test_efficientnet", "weights": None, "emotions": False, "dimension_sd": True,
    "dimensions": ["arousal", "valence"],
}  # fmt: skip
LOSSES = [{"name": "dimensions", "kind": "nll"}]


def training(**changes: Any) -> dict[str, Any]:
    return {"epochs": 1, "batch_size": 6, "precision": "fp32", "workers": 0, "calibrate_sd": True, **changes}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty rated images; the validation rows miss some targets of arousal."""
    folder = tmp_path_factory.mktemp("rated")
    random = np.random.default_rng(0)
    for number in range(40):
        Image.fromarray(random.integers(0, 255, (36, 36, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    frame = pd.DataFrame({"path": [f"{number}.png" for number in range(40)]})
    frame["valence"], frame["arousal"] = random.uniform(-0.9, 0.9, (2, 40))
    frame["split"] = ["train"] * 20 + ["validation"] * 14 + ["test"] * 6
    frame.loc[20:22, "arousal"] = np.nan
    write_table(Table(frame, root=folder, name="rated"), folder / "rated.csv")
    return folder


@pytest.mark.parametrize("features", [{}, {"stored": True}])
def test_the_factors_are_those_of_the_validation_rows(
    features: dict[str, Any], tiny_recipe: Make, place: Path, tmp_path: Path
) -> None:
    data = {"sources": [{"path": "rated.csv"}]}
    values = {"data": data, "model": MODEL, "losses": LOSSES, "features": features}
    plain = run(
        tiny_recipe(**values, training=training(calibrate_sd=False)), data_root=place, output=tmp_path / "a"
    )
    scaled = run(tiny_recipe(**values, training=training()), data_root=place, output=tmp_path / "b")
    rows = read_table(place / "rated.csv").select("validation")
    loaded = load_model(plain.model)
    said = Predictor(loaded.model, loaded.preprocessing, precision="fp32").predict_table(rows)
    factors = [
        sd_factor(rows.frame[axis], said.frame[axis], said.frame[f"{axis}_sd"])
        for axis in ("valence", "arousal")
    ]
    kept = load_model(scaled.model).single("test").config.dimension_sd_scale
    assert kept == pytest.approx(factors, rel=1e-3)
    noted = json.loads((tmp_path / "b" / "calibration.json").read_text())
    assert (noted["valence"]["n"], noted["arousal"]["n"]) == (14, 11)
    assert not (tmp_path / "a" / "calibration.json").exists()
    assert plain.predictions is not None
    assert scaled.predictions is not None
    before, after = (read_predictions(one).frame for one in (plain.predictions, scaled.predictions))
    np.testing.assert_allclose(after["valence"], before["valence"], atol=1e-6)
    np.testing.assert_allclose(after["valence_sd"], before["valence_sd"] * factors[0], rtol=1e-3)
    np.testing.assert_allclose(after["arousal_sd"], before["arousal_sd"] * factors[1], rtol=1e-3)
    again = Predictor(load_model(scaled.model).model, loaded.preprocessing, precision="fp32").predict_table(
        read_table(place / "rated.csv").select("test")
    )
    np.testing.assert_allclose(again.frame["valence_sd"], after["valence_sd"], rtol=1e-3)


def test_what_cannot_be_calibrated_is_refused_before_any_work(
    tiny_recipe: Make, tiny_data: Path, tmp_path: Path
) -> None:
    few = tiny_recipe(model=MODEL, losses=LOSSES, training=training())
    with pytest.raises(RecipeError, match=r"needs 10 validation rows or more .* arousal: 3, valence: 3"):
        run(few, data_root=tiny_data, output=tmp_path / "few")
    unsure = tiny_recipe(
        model={**MODEL, "dimension_sd": False}, losses=[{"name": "dimensions"}], training=training()
    )
    with pytest.raises(RecipeError, match=r"set model\.dimension_sd = true"):
        run(unsure, data_root=tiny_data, output=tmp_path / "unsure")
    assert not (tmp_path / "few").exists()
