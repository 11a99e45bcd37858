"""Rows survive CSV and Parquet; a file that is no table says why."""

import string
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evocative.data.delimited import parse_csv
from evocative.data.storage import read_rows, write_rows
from evocative.errors import DataError

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
WORDS = st.text(CHARACTERS, min_size=1, max_size=12) | st.sampled_from(
    [
        "null",
        "NA",
        "None",
        "nan",
        "007",
        "1e3",
        "True",
        "#x",
        "# a: b",
        " a ",
        "a,b",
        '"',
        "a\rb",
        "a\r\nb",
        "é/ü.jpg",
    ]
)
ROWS = st.fixed_dictionaries(
    {
        "path": WORDS,
        "words": WORDS | st.none(),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "count": st.integers(-(2**60), 2**60),
        "yes": st.booleans(),
    }
)
METADATA = st.dictionaries(
    st.text(string.ascii_lowercase, min_size=1).filter(lambda key: key != "text"),
    WORDS | st.lists(WORDS) | st.dictionaries(WORDS, WORDS),
    max_size=3,
)


def frame_of(rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows).astype({"path": "string", "words": "string"})


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=5), metadata=METADATA)
def test_rows_and_metadata_survive(
    tmp_path_factory: pytest.TempPathFactory,
    suffix: str,
    rows: list[dict[str, object]],
    metadata: dict[str, object],
) -> None:
    file = tmp_path_factory.mktemp("rows") / f"table.{suffix}"
    frame = frame_of(rows)
    write_rows(frame, metadata, file)
    again, said = read_rows(file)
    pd.testing.assert_frame_equal(again.astype({"path": "string", "words": "string"}), frame)
    assert said == metadata


def write(folder: Path, text: str, *, newline: str = "") -> Path:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8", newline=newline)
    return file


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_three_line_ends_and_hand_written_metadata(tmp_path: Path, end: str) -> None:
    lines = [
        "# taxonomy: mikels8",
        "# A remark, written by hand",
        '# name: "a b"',
        "path,id",
        "a.jpg,007",
        "b.jpg,8",
    ]
    frame, metadata = read_rows(write(tmp_path, end.join(lines) + end))
    assert metadata == {"taxonomy": "mikels8", "name": "a b"}
    assert frame["path"].tolist() == ["a.jpg", "b.jpg"]
    assert frame["id"].tolist() == ["007", "8"]  # a leading zero makes identifiers of them


def test_a_header_that_starts_with_a_hash_is_no_metadata(tmp_path: Path) -> None:
    frame, metadata = read_rows(write(tmp_path, "#id,path\n1,a.jpg\n"))
    assert (list(frame.columns), metadata) == (["#id", "path"], {})


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    frame, _ = read_rows(write(tmp_path, "\ufeffpath,label\na.jpg,awe\n"))
    assert list(frame.columns) == ["path", "label"]


def test_only_empty_cells_are_missing_and_columns_get_the_type_of_all_their_cells(tmp_path: Path) -> None:
    file = write(tmp_path, "path,word,whole,part,flag\nnull,NA,1,1.5,True\nNA,,2,,False\n")
    frame, _ = read_rows(file)
    assert frame["path"].tolist() == ["null", "NA"]
    assert frame["word"].isna().tolist() == [False, True]
    assert [str(frame[name].dtype) for name in ("whole", "flag")] == ["int64", "bool"]
    assert frame["part"].iloc[0] == 1.5
    assert frame["part"].isna().iloc[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("# name: x\n", "is empty"),
        ("path,path\na,b\n", "twice.*'path'"),
        ("path,label\na,b,c\n", "do not fit the header"),
        ("path,label\na,awe\nb,c,d\n", "do not fit the header"),
    ],
)
def test_a_file_that_is_no_table_says_why(tmp_path: Path, text: str, message: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(DataError, match=message) as caught:
        read_rows(file)
    assert str(file) in str(caught.value)


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("path\nüber.jpg\n".encode("latin-1"))
    (tmp_path / "bad.parquet").write_bytes(b"no parquet")
    (tmp_path / "folder.csv").mkdir()
    for name, message in {
        "latin.csv": "not UTF-8 text",
        "bad.parquet": "Parquet",
        "folder.csv": "cannot be read",
        "absent.csv": "no such file",
        "table.xlsx": r"ends in \.csv or \.parquet, not in \.xlsx",
    }.items():
        with pytest.raises(DataError, match=message):
            read_rows(tmp_path / name)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_failed_write_leaves_the_older_file(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / "new" / f"table.{suffix}"
    write_rows(pd.DataFrame({"path": ["a"]}), {}, file)
    before = file.read_bytes()
    with pytest.raises(DataError, match="no valid Unicode"):
        write_rows(pd.DataFrame({"path": pd.Series(["\udcff"], dtype=object)}), {}, file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_other_separators() -> None:
    assert parse_csv("path\tlabel\na b\tawe\n", name="x", separator="\t")["label"].tolist() == ["awe"]
