"""What is refused before any work: which rows choose, and which are compared."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evocative.data.splits import VALIDATION, write_folds
from evocative.data.table import Table
from evocative.datasets import dataset
from evocative.errors import RecipeError
from evocative.study.check import check
from evocative.study.jobs import arm_jobs, tuning_jobs
from evocative.study.load import load_study
from evocative.study.work import Places

RECIPE = """
[data]
split = { train = 0.5, validation = 0.5 }
[[data.sources]]
dataset = "folder"
path = "pictures"
folds = "folds.csv"
[model]
backbone = "test_efficientnet"
weights = "timm"
"""


def _table(place: Path) -> Table:
    for name in ("awe", "fear", "sadness"):
        (place / "pictures" / name).mkdir(parents=True)
        for number in range(6):
            Image.new("RGB", (8, 8)).save(place / "pictures" / name / f"{number}.png")
    return dataset("folder").read(place / "pictures")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Six rows of each emotion: two of fold 0, two of fold 1, two of the fixed validation part."""
    table = _table(tmp_path)
    write_folds(tmp_path / "folds.csv", table, np.tile([0, 0, 1, 1, VALIDATION, VALIDATION], 3))
    (tmp_path / "own.toml").write_text(RECIPE, encoding="utf-8")
    return tmp_path


def refused(place: Path, text: str) -> str:
    """Return why a study cannot be run; nothing where it can."""
    (place / "study.toml").write_text(f'recipe = "own.toml"\nseeds = [0]\n{text}', encoding="utf-8")
    study = load_study(place / "study.toml")
    jobs = [*tuning_jobs(study, place / "out"), *arm_jobs(study, place / "out", {})]
    try:
        check(study, jobs, Places(place))
    except RecipeError as error:
        return str(error)
    return ""


TUNED = 'select = {{ folds = "{how}" }}\nfolds = {folds}\narms.plain.grid = {{ optimizer.lr = [0.1, 0.2] }}\n'


def test_the_first_fold_chooses_for_all_where_its_validation_rows_are_no_test_rows(place: Path) -> None:
    assert refused(place, TUNED.format(how="first", folds=[0, 1])) == ""
    message = refused(place, TUNED.format(how="first", folds='[0, 1, "validation"]'))
    assert "6 of the 6 validation rows of fold-0 are test rows of fold-validation" in message
    assert refused(place, TUNED.format(how="each", folds='[0, 1, "validation"]')) == ""


def test_each_arm_with_data_of_its_own_is_checked(place: Path) -> None:
    other = place / "other.csv"
    text = (place / "folds.csv").read_text(encoding="utf-8").replace("validation", "2")
    other.write_text(text, encoding="utf-8")
    source = 'set = { "data.sources" = [{ dataset = "folder", path = "pictures", folds = "other.csv" }] }'
    arms = f"[arms.own]\n{source}\ngrid = {{ optimizer.lr = [0.1, 0.2] }}\n"
    message = refused(place, TUNED.format(how="first", folds=[0, 1]) + arms)
    assert "validation rows of fold-0 are test rows of fold-1" in message
    missing = 'set = { "data.sources" = [{ dataset = "folder", path = "elsewhere", folds = "folds.csv" }] }'
    arms = f"folds = [0]\n[arms.own]\n{missing}\n[arms.plain]\n"  # the last arm has what it needs
    assert "'elsewhere' is not below --data-root" in refused(place, arms)


@pytest.mark.parametrize("how", ["each", "first"])
def test_candidates_need_validation_rows(place: Path, how: str) -> None:
    text = (place / "folds.csv").read_text(encoding="utf-8").replace("validation", "2")
    (place / "folds.csv").write_text(text, encoding="utf-8")
    settings: dict[str, Any] = {"how": how, "folds": "[0]"}
    share = "set = { data.split = { train = 1.0, validation = 0.0 }, training.select = 'last' }\n"
    assert "fold-0: no row is for validation" in refused(place, share + TUNED.format(**settings))
    assert refused(place, TUNED.format(**settings)) == ""
    assert refused(place, share + "folds = [0]\narms.plain = {}\n") == ""


def test_a_comparison_needs_test_rows(place: Path) -> None:
    assert "split: no row is for test" in refused(place, "folds = []\narms.plain = {}\n")
    share = "set = { data.split = { train = 0.5, test = 0.5 } }\n"
    assert refused(place, share + "folds = []\narms.plain = {}\n") == ""
