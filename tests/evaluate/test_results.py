"""A comparison on disk."""

import json
from dataclasses import replace
from math import nan
from pathlib import Path

import pandas as pd
import pytest

from evocative.evaluate.compare import Compared, Comparison
from evocative.evaluate.embeddings import plot_embeddings
from evocative.evaluate.paired import Estimate
from evocative.evaluate.results import About, markdown, write_results

EXPECTED = """\
# Centres

|  | accuracy | ASR ↓ |
| --- | --- | --- |
| *plain (6 runs), reference* | .512 ± .004 | .300 |
| With centres (6 runs) | .520 ± .001 | – |

## Difference from plain

|  | accuracy | ASR ↓ |
| --- | --- | --- |
| With centres | **+.008** [+.002, +.014] | – |

- Mean ± standard deviation over seeds; n = 110 images for accuracy, ASR. ↓: lower is better.
- Over folds: accuracy of the test rows of all folds together; ASR measured in each run, then averaged.
- 95 % intervals of accuracy: paired bootstrap over 110 images.
- **Bold**: the interval does not hold 0. Intervals are not corrected for how many there are.
- A note.
"""


@pytest.fixture
def comparison() -> Comparison:
    difference = Estimate(0.008, 0.002, 0.014, 6, "paired bootstrap over 110 images")
    rows = (
        Compared("plain", "accuracy", Estimate(0.512, 0.45, 0.55, 6, "bootstrap"), 0.004, 110, None),
        Compared("plain", "asr", Estimate(0.3, nan, nan, 6, ""), nan, 110, None),
        Compared("center", "accuracy", Estimate(0.52, 0.46, 0.56, 6, "bootstrap"), 0.001, 110, difference),
    )
    return Comparison("plain", rows, 0.95, 1000, 0, None)


def test_the_page_that_people_read(comparison: Comparison) -> None:
    about = About(title="Centres", titles={"center": "With centres"}, notes=["A note."])
    assert markdown(comparison, about) == EXPECTED


def test_an_interval_that_holds_0_is_not_bold(comparison: Comparison) -> None:
    unsure = Estimate(-0.008, -0.014, 0.002, 6, "paired bootstrap over 110 images")
    rows = (*comparison.rows[:2], replace(comparison.rows[2], difference=unsure))
    assert "| center | −.008 [−.014, +.002] |" in markdown(replace(comparison, rows=rows))


def test_one_seed_is_not_called_a_mean_over_folds(comparison: Comparison) -> None:
    rows = tuple(replace(row, sd_seeds=nan) for row in comparison.rows if row.figure == "accuracy")
    text = markdown(replace(comparison, rows=rows))
    assert "- One seed; n = 110 images for accuracy.\n- Over folds: accuracy of the test rows of all" in text
    rows = tuple(replace(row, figure="ari") for row in rows)
    text = markdown(replace(comparison, rows=rows))
    assert "- Over folds: ARI measured in each run, then averaged.\n" in text


def test_files_for_programs(comparison: Comparison, tmp_path: Path) -> None:
    write_results(comparison, tmp_path, About(details={"study": {"name": "x"}}))
    content = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert content["study"] == {"name": "x"}
    assert content["figures"][1]["mean"]["low"] is None
    assert content["figures"][2]["difference"]["low"] == 0.002
    table = pd.read_csv(tmp_path / "results.csv")
    row = table[(table["arm"] == "center") & (table["figure"] == "accuracy")].iloc[0]
    assert (row["value"], row["difference_high"], row["n"]) == (0.52, 0.014, 110)


def test_embeddings_of_arms_that_have_one_are_drawn(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    figure = plot_embeddings({"Plain": make(40), "Other": make(40, seed=1), "None": make(40, embedding=None)})
    assert figure is not None
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Plain", "Other"]
    assert plot_embeddings({"None": make(40, embedding=None)}) is None
