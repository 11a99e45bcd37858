"""CSV comes back exactly, and no spreadsheet finds anything to run in it."""

import csv
import os
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evocative.data.csv_file import BOM, CsvWriter, csv_text, for_excel, guarded, unguarded
from evocative.data.storage import read_rows, write_rows
from evocative.errors import DataError

NASTY = "'\"=+-@\t\r\n\\,; #ua0\0\udcff\ud800\uff1d\ufeffé."
TEXTS = st.text(alphabet=NASTY, max_size=6) | st.text(max_size=8)
RUNS = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What a cell that a spreadsheet computes begins with (OWASP)."""


def cells(text: str) -> list[list[str]]:
    """Read CSV by Python's own reader alone."""
    return list(csv.reader(StringIO(text, newline=""), strict=True))


@given(TEXTS)
def test_each_text_comes_back_and_no_two_are_written_alike(text: str) -> None:
    cell = guarded(text)
    assert unguarded(cell) == text
    assert cell  # an empty cell is a missing one
    cell.encode()
    assert "\0" not in cell
    assert not RUNS.match(cell) or float(cell) is not None


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=cmd|' /C calc'!A1", "'=cmd|' /C calc'!A1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("-2+3", "'-2+3"),
        ("-2", "-2"),
        ("+.5e-3", "+.5e-3"),
        ("", "'"),
        ("'", "''"),
        ("'=", "''="),
        ("'tis", "'tis"),
        ("a=b", "a=b"),
        ("b\udcff\\", "'\\b\\udcff\\\\"),
        ("'\\", "''\\"),
        ("\\", "\\"),
    ],
)
def test_cells_worked_by_hand(text: str, cell: str) -> None:
    assert (guarded(text), unguarded(cell)) == (cell, text)


@given(st.lists(st.lists(TEXTS | st.none(), min_size=2, max_size=2), max_size=4))
def test_python_s_reader_gives_rows_back(rows: list[list[str | None]]) -> None:
    text = csv_text([["path", "=head"], *rows])
    found = [[unguarded(cell) if cell else None for cell in row] for row in cells(text)]
    assert found == [["path", "=head"], *rows]


@given(
    st.lists(
        st.tuples(*[st.text(alphabet=NASTY.translate({0xDCFF: None, 0xD800: None}), max_size=5)] * 2),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_our_tables_give_texts_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    frame = pd.DataFrame([*rows, ("last.jpg", pd.NA)], columns=["path", "=words"], dtype="string")
    file = tmp_path_factory.getbasetemp() / "exact.csv"
    write_rows(frame, {"name": "a,=b;-c"}, file)
    again, said = read_rows(file)
    pd.testing.assert_frame_equal(again.astype("string"), frame)
    assert said == {"name": "a,=b;-c"}
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert not re.search("[,;\t]" + RUNS.pattern, first)


def test_numbers_stay_numbers() -> None:
    frame = pd.DataFrame(
        {
            "whole": [-1, 2],
            "part": [-0.1, np.nan],
            "short": np.array([-0.1, 1 / 3], np.float32),
            "some": pd.array([-5, None], dtype="Int64"),
            "flag": [True, False],
            "object": [-1.5, None],
        }
    )
    text = csv_text(frame)
    assert cells(text)[1:] == [
        ["-1", "-0.1", "-0.1", "-5", "True", "-1.5"],
        ["2", "", "0.33333334", "", "False", ""],
    ]
    assert text == frame.to_csv(index=False, lineterminator="\n")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_refuses_a_text_that_would_come_back_as_another(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(DataError, match="no valid Unicode"):
        write_rows(pd.DataFrame({"path": ["b\udcff"]}, dtype=object), {}, tmp_path / f"t.{suffix}")


def test_a_byte_order_mark_stands_first_where_it_is_asked_for(tmp_path: Path) -> None:
    frame = pd.DataFrame({"path": ["é.jpg"], "word": ["=ü"]}, dtype="string")
    with for_excel():
        write_rows(frame, {"name": "x"}, tmp_path / "a.csv")
    write_rows(frame, {"name": "x"}, tmp_path / "b.csv")
    marked, plain = ((tmp_path / name).read_bytes() for name in ("a.csv", "b.csv"))
    assert marked == BOM.encode() + plain
    for name in ("a.csv", "b.csv"):
        again, said = read_rows(tmp_path / name)
        assert (again["path"].tolist(), again["word"].tolist(), said) == (["é.jpg"], ["=ü"], {"name": "x"})


def test_rows_are_passed_on_one_by_one() -> None:
    class Slow(StringIO):
        def write(self, text: str, /) -> int:
            assert text.endswith("\n")
            assert not text.endswith("\r\n")
            return super().write(text)

    file = Slow()
    writer = CsvWriter(file)
    writer.row(["a\r\n", os.sep])
    assert file.getvalue() == '"a\r\n",/\n'
