"""Findings: files that come back as they were, and tables without what should go."""

from pathlib import Path

import pandas as pd
import pytest

from evocative.curate.findings import (
    Finding,
    Findings,
    cleaned,
    collect,
    merge,
    read_findings,
    write_findings,
)
from evocative.data.table import Table
from evocative.errors import DataError

TABLE = Table(pd.DataFrame({"path": ["a.jpg", "b.jpg", "c.jpg"]}), name="three")
ROWS = [
    Finding("a.jpg", "blank", 0.97, "one colour, #808080", "drop"),
    Finding("b.jpg", "near_duplicate", 0.5, "12", "review", "c0001"),
    Finding("b.jpg", "text", 0.25, 'says "no, thanks"', "keep"),
]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_file_comes_back_as_it_was(tmp_path: Path, suffix: str) -> None:
    found = collect(ROWS, table=TABLE, kind="corrupt", settings={"colors": 8, "limits": [1, 2.5]})
    write_findings(found, tmp_path / f"f{suffix}")
    back = read_findings(tmp_path / f"f{suffix}")
    pd.testing.assert_frame_equal(back.frame, found.frame)
    assert (back.table, back.kind, back.settings, back.version) == (
        "three",
        "corrupt",
        {"colors": 8, "limits": [1, 2.5]},
        "1",
    )


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_nothing_found_is_a_file_too(tmp_path: Path, suffix: str) -> None:
    found = collect([], table=TABLE, kind="text")
    write_findings(found, tmp_path / f"f{suffix}")
    back = read_findings(tmp_path / f"f{suffix}")
    assert len(back) == 0
    assert len(cleaned(TABLE, back)) == 3
    assert len(merge(back, collect(ROWS, table=TABLE, kind="corrupt"))) == 3


def test_only_rows_that_should_go_are_left_out() -> None:
    kept = cleaned(TABLE, collect(ROWS, table=TABLE, kind="corrupt"))
    assert list(kept.frame["path"]) == ["b.jpg", "c.jpg"]


def test_findings_of_another_table_are_refused() -> None:
    other = Table(pd.DataFrame({"path": ["images/a.jpg"]}), name="other")
    with pytest.raises(DataError, match=r"none of its images.*a\.jpg"):
        cleaned(other, collect(ROWS, table=TABLE, kind="corrupt"))


def test_what_is_said_twice_is_kept_once() -> None:
    first, second = (collect(ROWS[:n], table=TABLE, kind=k) for n, k in ((2, "corrupt"), (3, "text")))
    both = merge(first, second)
    assert len(both) == 3
    assert both.kind == "corrupt+text"
    assert both.settings == {"corrupt": {}, "text": {}}


@pytest.mark.parametrize(("column", "value"), [("score", 1.5), ("score", None), ("action", "remove")])
def test_what_a_column_cannot_hold_is_refused(column: str, value: object) -> None:
    frame = collect(ROWS, table=TABLE, kind="text").frame.astype(object)
    frame[column] = [*frame[column][:2], value]
    with pytest.raises(DataError, match=r"score is a number|unknown action 'remove'"):
        Findings(frame)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="evidence"):
        Findings(pd.DataFrame({"path": ["a"], "kind": ["x"], "score": [1.0]}))
