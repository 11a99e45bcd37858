"""Dimensions in depth."""

import json
from collections.abc import Callable
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evocative.errors import DataError
from evocative.evaluate.dimension_suite import measure_dimensions, render_dimensions, write_dimensions
from evocative.evaluate.rated import rated
from evocative.evaluate.rows import Draws
from evocative.inference.predictions import Predictions
from evocative.metrics.uncertainty import uncertainty_metrics

Make = Callable[..., Predictions]
FEW = Draws(20)


def test_by_hand(make: Make) -> None:
    truth, said = np.array([0.0, 0.5, -0.5, 0.2, 0.4, 0.6]), np.array([0.1, 0.5, -0.1, 0.0, 0.3, 0.9])
    columns = {"target_valence": truth, "valence": said, "arousal": None, "kind": list("aaabbb") * 1}
    files = [make(6, labels=None, complexity=[1, 2, 3, 4, 5, 6], **columns)]
    images = rated(files)
    (found,) = measure_dimensions(images, by="kind", against=["complexity"], draws=Draws(0))
    errors = said - truth
    assert found.name == "valence"
    assert found.figures["mae"].value == pytest.approx(np.abs(errors).mean(), abs=1e-6)
    assert found.figures["pearson_r"].value == pytest.approx(np.corrcoef(truth, said)[0, 1], abs=1e-6)
    assert found.categories == {}  # three rows are too few
    assert not found.ceiling
    assert not found.uncertainty
    block = found.against["complexity"]
    assert block["mae_low"].value == pytest.approx(np.abs(errors[:2]).mean(), abs=1e-6)
    assert block["mae_high"].value == pytest.approx(np.abs(errors[4:]).mean(), abs=1e-6)


def test_categories_tell_a_bias(make: Make) -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(-0.5, 0.5, 60)
    kind = np.array(["high", "low"] * 30)
    said = truth + np.where(kind == "high", 0.2, -0.1)
    found = measure_dimensions(
        rated([make(60, labels=None, target_valence=truth, valence=said, kind=kind)]), by="kind", draws=FEW
    )
    blocks = found[0].categories
    assert blocks["high"]["bias"].value == pytest.approx(0.2, abs=1e-6)
    assert blocks["low"]["bias"].value == pytest.approx(-0.1, abs=1e-6)
    assert blocks["high"]["r"].value == pytest.approx(1)
    assert blocks["low"]["mae"].n == 30
    assert [one.name for one in found] == ["valence", "arousal"]


def test_a_predicted_sd_is_judged(make: Make) -> None:
    rng = np.random.default_rng(1)
    sd = rng.uniform(0.1, 0.4, 80)
    images = rated([make(80, labels=None, valence_sd=sd)])
    valence, arousal = measure_dimensions(images, draws=FEW)
    expected = uncertainty_metrics(images.rows.targets[:, 0], images.rows.dimensions[:, 0], sd).figures()
    assert {name: figure.value for name, figure in valence.uncertainty.items()} == pytest.approx(expected)
    assert valence.sd_from == "the model"
    assert len(valence.pit) == 80
    assert not arousal.uncertainty


def test_the_sd_of_other_folds_never_sees_its_own(make: Make) -> None:
    whole = make(40, labels=None)
    files = [whole.select(range(10)), whole.select(range(10, 40))]
    found = measure_dimensions(rated(files), residual_sd=True, draws=Draws(0))[0]
    errors = (whole.dimensions - whole.targets)[:, 0].astype(float)
    sd = np.where(np.arange(40) < 10, sqrt(np.mean(errors[10:] ** 2)), sqrt(np.mean(errors[:10] ** 2)))
    assert found.uncertainty["sharpness"].value == pytest.approx(sqrt(np.mean(sd**2)), abs=1e-6)
    assert "spread_r" not in found.uncertainty
    with pytest.raises(DataError, match="two or more"):
        measure_dimensions(rated([whole]), residual_sd=True)


def test_n_is_of_the_images_that_a_figure_rests_on(make: Make) -> None:
    """Where few images have a predicted SD, raters' SD or a column's number, the figures say so."""
    few = np.where(np.arange(12) < 4, 0.2, np.nan)
    images = rated([make(12, labels=None, valence_sd=few)])
    found = measure_dimensions(images, draws=FEW)[0]
    assert {one.n for one in found.uncertainty.values()} == {4}
    assert found.figures["mae"].n == 12
    raters = pd.DataFrame({"path": images.frame["path"], "valence_sd": few, "valence_n": 10})
    ceiling = measure_dimensions(rated([make(12, labels=None)]).with_columns(raters), draws=FEW)[0].ceiling
    assert {one.n for one in ceiling.values()} == {4}


def test_a_column_that_no_rated_image_has_is_told_as_missing(make: Make) -> None:
    truth, column = np.full(12, np.nan), np.full(12, np.nan)
    truth[:6], column[6:] = np.linspace(-1, 1, 6), np.arange(6)
    images = rated([make(12, labels=None, target_valence=truth, complexity=column)])
    valence, arousal = measure_dimensions(images, against=["complexity"], draws=FEW)
    assert [one.n for one in valence.against["complexity"].values()] == [0, 0, 0]
    assert arousal.against["complexity"]["rho"].n == 6
    assert "| complexity | 0 |" in render_dimensions([valence])


def test_the_sd_of_other_folds_needs_targets_there(make: Make) -> None:
    truth = np.where(np.arange(12) < 6, np.nan, np.linspace(-1, 1, 12))
    whole = make(12, labels=None, target_valence=truth)
    files = [whole.select(range(6)), whole.select(range(6, 12))]
    assert not measure_dimensions(rated(files), residual_sd=True, draws=FEW)[0].uncertainty


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(DataError, match="cannot be written"):
        write_dimensions([], tmp_path / "taken")


def test_written_as_strict_json_and_read_as_tables(make: Make, tmp_path: Path) -> None:
    whole = make(40, labels=None, edges=np.arange(40.0))
    files = [whole.select(range(20)), whole.select(range(20, 40))]
    found = measure_dimensions(rated(files), residual_sd=True, against=["edges"], draws=FEW)
    written = write_dimensions(found, tmp_path / "out")
    assert [path.name for path in written] == ["dimensions.json", "dimensions.md", "pit.png"]
    read = json.loads(written[0].read_text())
    assert read[0]["figures"]["ccc"]["n"] == 40
    assert read[1]["against"]["edges"]["rho"]["value"] == pytest.approx(
        found[1].against["edges"]["rho"].value
    )
    assert "| errors against | n | rho |" in render_dimensions(found)
