"""A study's finished runs are of the rows that there are now; those that are compared, of the same ones."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from evocative.data.table import Table, write_table
from evocative.errors import RecipeError
from evocative.inference.predictions import Predictions, write_predictions
from evocative.study import rows
from evocative.study.check import check
from evocative.study.jobs import Job, arm_jobs
from evocative.study.load import load_study
from evocative.study.measured import is_measured, measure
from evocative.study.rows import refuse_unlike_rows
from evocative.study.run import found
from evocative.study.settings import Study
from evocative.study.work import Places
from evocative.taxonomy.labels import taxonomy
from evocative.training.given import FILE, Given
from evocative.training.sources import gather

RECIPE = """
name = "tiny"
[[data.sources]]
path = "rows.csv"
[model]
backbone = "test_efficientnet"
weights = "timm"
"""
STUDY = """
recipe = "tiny.toml"
seeds = [0, 1]
folds = []
[arms.plain]
[arms.center]
set = { "optimizer.lr" = 0.5 }
"""


def write_rows(place: Path, labels: list[str]) -> None:
    for number in range(6):
        Image.new("RGB", (8, 8), (40 * number, 0, 0)).save(place / f"{number}.png")
    frame = pd.DataFrame({"path": [f"{number}.png" for number in range(6)], "label": labels,
                          "split": ["train"] * 3 + ["validation", "test", "test"]})  # fmt: skip
    write_table(Table(frame, taxonomy=taxonomy("mikels8"), root=place, name="rows"), place / "rows.csv")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    write_rows(tmp_path, ["awe", "fear", "anger"] * 2)
    (tmp_path / "tiny.toml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    return load_study(tmp_path / "study.toml")


def finish(job: Job, place: Path) -> None:
    """Leave what a run leaves."""
    job.folder.mkdir(parents=True)
    (job.folder / "recipe.json").write_text(json.dumps(job.recipe.to_dict()), encoding="utf-8")
    (job.folder / "validation.json").write_text('{"figures": {}}', encoding="utf-8")
    job.predictions.touch()
    Given.of(gather(job.recipe.data, place)).write(job.folder / FILE)


def test_a_finished_run_of_another_table_is_refused_before_any_work(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = arm_jobs(study, tmp_path / "out", {})
    places = Places(data_root=tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(rows, "gather", None)
        rows.refuse_changed_rows(jobs, places)  # no run says anything, so that nothing is read
    for job in jobs[:2]:
        finish(job, tmp_path)
    check(study, jobs, places)
    write_rows(tmp_path, ["fear", "awe", "anger"] * 2)
    with pytest.raises(
        RecipeError, match=r"given something else: train: 2 of 3 row\(s\) with another label"
    ) as told:
        check(study, jobs, places)
    assert str(jobs[0].folder) in str(told.value)
    assert "test: 1 of 2 row(s) with another label, as 4.png: fear then, awe now" in str(told.value)


def test_each_image_is_read_once(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs, asked = arm_jobs(study, tmp_path / "out", {}), []
    for job in jobs:
        finish(job, tmp_path)

    def noted(paths: Any) -> list[str | None]:
        asked.extend(paths)
        return [None] * len(paths)

    monkeypatch.setattr(rows, "content_digests", noted)
    with pytest.raises(RecipeError, match="image"):
        rows.refuse_changed_rows(jobs, Places(data_root=tmp_path))
    assert len(asked) == 6


def test_runs_of_different_rows_are_not_compared_even_without_the_data(study: Study, tmp_path: Path) -> None:
    jobs = arm_jobs(study, tmp_path / "out", {})
    finish(jobs[0], tmp_path)
    write_rows(tmp_path, ["awe", "awe", "anger"] * 2)
    finish(jobs[1], tmp_path)
    (tmp_path / "rows.csv").unlink()
    with pytest.raises(
        RecipeError, match=r"were given different rows.*train: 1 of 3 row\(s\) with another label"
    ):
        found(study, tmp_path / "out")
    refuse_unlike_rows(jobs[1:])


def test_figures_are_kept_of_the_very_predictions_whatever_their_date(study: Study, tmp_path: Path) -> None:
    job = arm_jobs(study, tmp_path / "out", {})[0]
    finish(job, tmp_path)
    dice = np.random.default_rng(0)

    def predict(spread: float) -> None:
        labels = ["awe", "fear"] * 20
        centers = np.where(np.array(labels) == "awe", 3.0, -3.0)[:, None]
        frame = pd.DataFrame(
            {"path": [f"{n}.png" for n in range(40)], "label": labels, "p_awe": 0.5, "p_fear": 0.5}
        )
        frame["embedding"] = list((centers + spread * dice.normal(size=(40, 4))).astype(np.float32))
        write_predictions(Predictions(frame), job.predictions)

    predict(0.1)
    first = measure(job)
    assert is_measured(job)
    assert first is not None
    assert measure(job) == first
    predict(50.0)
    os.utime(job.predictions, (0, 0))
    assert not is_measured(job)
    second = measure(job)
    assert second is not None
    assert second.ari < 0.5 < first.ari
