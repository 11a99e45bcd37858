"""Paper, ours and difference: units, spreads, counts, and what validation rows would choose."""

import csv
import io
from math import nan

import pytest

from evocative.evaluate.report import Figure
from evocative.metrics.significance import Sample, welch
from evocative.recipe import Source
from evocative.reproduce.datasets import Found
from evocative.reproduce.plan import Wish
from evocative.reproduce.published import Column, PublishedTable, Row
from evocative.reproduce.render import as_csv, as_markdown, as_text
from evocative.reproduce.result import Cell, Reproduced, Reproduction

ROWS = (
    Row("a", paper={"accuracy": 81.368, "eligible": 3407}, sd={"accuracy": 0.174}, runs=5, tested=3407),
    Row("b", paper={"accuracy": 81.806}, sd={"accuracy": 0.177}, runs=5),
)
TABLE = PublishedTable(
    title="T | itle",
    source="Nobody 2026",
    place="table 1",
    name="t",
    data="fi8",
    recipe="r",
    choose=True,
    columns={
        "accuracy": Column("Accuracy (%)", "percent", 3),
        "eligible": Column(unit="count", better=""),
    },
    rows=ROWS,
    oddities=("Odd.",),
)


def figure(value: float, n: int = 100) -> Figure:
    return Figure(value, value - 0.01, value + 0.01, n)


def ours(row: Row, *values: float, validation: float, n: int = 100) -> Reproduction:
    cells = {"accuracy": Cell.of([figure(value) for value in values])}
    cells["eligible"] = Cell.of([Figure(90.0, nan, nan, n)])
    parts = {"train": 800, "validation": 50, "test": 100}
    return Reproduction(row, cells, validation, parts, len(values), len(values))


def done(*rows: Reproduction, wish: Wish | None = None) -> Reproduced:
    found = {"fi8": Found("fi8", Source("fi8", "fi8"), 950, 23_308)}
    return Reproduced(TABLE, wish or Wish(), rows, {}, found)


def test_one_run_has_an_interval_and_several_an_sd_and_welchs_interval() -> None:
    one, several = done(
        ours(ROWS[0], 0.8, validation=0.7), ours(ROWS[1], 0.81, 0.82, 0.83, validation=0.6)
    ).lines()[::2]
    assert one.difference == pytest.approx(80 - 81.368)
    assert one.welch is None
    assert several.ours is not None
    assert several.ours.value == pytest.approx(82)
    assert several.ours.sd == pytest.approx(1)  # of 81, 82, 83
    expected = welch(Sample(82, 1, 3), Sample(81.806, 0.177, 5))
    assert several.welch is not None
    assert (several.welch.low, several.welch.p) == pytest.approx((expected.low, expected.p))
    text = as_text(done(ours(ROWS[0], 0.8, validation=0.7)))
    assert "81.368 ± 0.174" in text
    assert "80.000 [79.000, 81.000]" in text
    assert "−1.368" in text


def test_counts_are_subtracted_of_as_many_images_only() -> None:
    few, same = (done(ours(ROWS[0], 0.8, validation=0.7, n=n)).lines()[1] for n in (100, 3407))
    assert few.difference is None
    assert same.difference == 90 - 3407


def test_validation_rows_choose_and_the_papers_choice_stands_beside() -> None:
    result = done(ours(ROWS[0], 0.8, validation=0.75), ours(ROWS[1], 0.82, validation=0.7))
    (choice,) = result.choices()
    assert (choice.validation, choice.test, choice.paper, choice.rows) == ("a", "b", "b", 50)
    text = " ".join(as_text(result).split())
    assert "50 validation rows choose a (ours on test rows: 80.000) with accuracy 75.000 there." in text
    assert "Best on the paper's test rows: b (ours on test rows: 82.000)." in text
    assert done(ours(ROWS[0], 0.8, validation=0.75)).choices() == []


def test_a_row_that_is_not_run_stands_in_the_table_all_the_same() -> None:
    result = done(ours(ROWS[0], 0.8, validation=0.75))
    cells = next(line for line in as_markdown(result).splitlines() if line.startswith("| b |"))
    assert cells == "| b | Accuracy (%) | 81.806 ± 0.177 | – | – |"
    rows = list(csv.DictReader(io.StringIO(as_csv(result))))
    assert [row["ours"] for row in rows if row["row"] == "b"] == [""]
    assert "Odd." in as_markdown(result)


def test_marks_stand_above_and_undefined_is_said() -> None:
    row = Reproduction(ROWS[0], {"accuracy": Cell.of([figure(nan)])}, None, {}, 1, 3)
    result = done(row, wish=Wish(quick=True))
    text = as_text(result)
    assert text.index("QUICK FORM") < text.index("undefined")
    assert "a: 1 of 3 runs are there" in text
    assert not result.complete


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        (Column(), 0.4, "0.4000"),
        (Column(digits=2, unit="percent"), 90.4, "90.40"),
        (Column(unit="count"), 17716.0, "17,716"),
    ],
)
def test_values_are_shown_as_printed(column: Column, value: float, shown: str) -> None:
    assert column.shown(value) == shown


def test_a_spread_keeps_its_further_decimals() -> None:
    assert Column().shown(0.00445, spread=True) == "0.00445"
    assert Column(digits=3).shown(0.2, spread=True) == "0.200"


def test_tables_under_other_settings_stand_beside_each_other() -> None:
    plain, quick = done(), done(wish=Wish(quick=True))
    by_hand = [done(wish=Wish(settings=(("optimizer.lr", rate),))) for rate in (0.1, 0.2, 0.2)]
    three = done(wish=Wish(runs=3))
    names = [each.stem for each in (plain, quick, *by_hand, three)]
    assert names[0] == TABLE.name
    assert names[3] == names[4]  # the same settings again
    assert len(set(names)) == 5
