"""Tables: what they hold, that they survive files, and how they are joined."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evocative.data.table import Table, check_table, concatenate, read_table, write_table
from evocative.errors import DataError
from evocative.taxonomy.labels import Taxonomy, taxonomy

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
WORDS = st.text(CHARACTERS, min_size=1, max_size=10) | st.sampled_from(
    ["null", "NA", "a, b.jpg", "#1.jpg", "ä b"]
)
UNIT = st.floats(-1, 1) | st.none()


LABELS = st.sampled_from(
    [taxonomy("mikels8"), Taxonomy.custom("my, own", ["joy", "d'être", "#3", "a,b", "null"])]
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "path": WORDS,
            "label": st.integers(0, 4) | st.none(),
            "valence": UNIT,
            "arousal_sd": st.floats(0, 1) | st.none(),
            "votes_": st.integers(0, 9) | st.none(),
            "group": WORDS | st.none(),
            "comment": WORDS | st.none(),
            "number": st.integers(-9, 9),
        }
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@settings(max_examples=40, deadline=None)
@given(rows=ROWS, labels=LABELS, name=WORDS)
def test_a_table_survives_its_file(
    tmp_path_factory: pytest.TempPathFactory,
    suffix: str,
    rows: list[dict[str, Any]],
    labels: Taxonomy,
    name: str,
) -> None:
    frame = pd.DataFrame(rows).rename(columns={"votes_": f"votes_{labels.names[3]}"})
    frame["label"] = [None if row["label"] is None else labels.names[row["label"]] for row in rows]
    table = Table(frame, taxonomy=labels, root=Path("/pictures"), name=name)
    file = tmp_path_factory.mktemp("tables") / f"any.{suffix}"
    write_table(table, file)
    again = read_table(file, check=False)
    pd.testing.assert_frame_equal(again.frame, table.frame)
    assert (again.taxonomy, again.root, again.name) == (table.taxonomy, table.root, table.name)


def sound(**columns: object) -> Table:
    return Table(
        pd.DataFrame({"path": ["a.jpg", "b/c.jpg", "d.jpg"], "label": ["fear", None, "awe"], **columns}),
        taxonomy=taxonomy("mikels8"),
        root=Path("/pictures"),
        name="sound",
    )


def test_labels_dimensions_votes_and_paths_by_hand() -> None:
    table = sound(arousal=[0.5, None, -1], votes_fear=[3, None, 0], votes_awe=[None, None, 4])
    assert table.labels.tolist() == [6, -1, 1]
    assert table.labels.dtype == np.int64
    np.testing.assert_array_equal(
        table.dimensions,
        np.array([[np.nan, 0.5, np.nan], [np.nan] * 3, [np.nan, -1, np.nan]], dtype=np.float32),
    )
    votes = table.votes
    assert votes is not None
    np.testing.assert_array_equal(votes[0], [0, 0, 0, 0, 0, 0, 3, 0])
    np.testing.assert_array_equal(votes[1], [np.nan] * 8)
    np.testing.assert_array_equal(votes[2], [0, 4, 0, 0, 0, 0, 0, 0])
    assert table.paths == [Path("/pictures/a.jpg"), Path("/pictures/b/c.jpg"), Path("/pictures/d.jpg")]
    assert sound().votes is None
    assert np.isnan(sound().dimensions).all()


def test_columns_have_their_order_and_types_whatever_came_in() -> None:
    frame = pd.DataFrame(
        {"extra": [1, 2], "group": [1.0, None], "valence": ["0.5", ""], "path": [Path("a") / "b.jpg", "c"]},
        index=[5, 3],
    )
    table = Table(frame)
    assert list(table.frame.columns) == ["path", "valence", "group", "extra"]
    assert table.frame.index.tolist() == [0, 1]
    assert table.frame["path"].tolist() == ["a/b.jpg", "c"]
    assert table.frame["group"].iloc[0] == "1"
    assert table.frame["group"].isna().iloc[1]
    assert table.frame["valence"].iloc[0] == 0.5
    assert np.isnan(table.frame["valence"].iloc[1])
    assert frame["path"].iloc[0] == Path("a/b.jpg")  # what was passed in is left alone


def test_cells_that_are_no_numbers_are_named() -> None:
    with pytest.raises(DataError, match=r"column valence: cells that are no numbers \(1\)") as caught:
        sound(valence=["0.1", "high", None])
    assert "row 2: 'high'" in str(caught.value)


def test_labels_get_their_taxonomy_s_spelling() -> None:
    frame = pd.DataFrame({"path": ["a", "b"], "label": ["Happy", "ANGER "], "votes_Happy": [1, 2]})
    table = Table(frame, taxonomy=taxonomy("caer7"))
    assert table.frame["label"].tolist() == ["happiness", "anger"]
    assert table.votes is not None
    assert table.votes[:, taxonomy("caer7").index("happiness")].tolist() == [1, 2]


def test_labels_without_a_place_are_refused() -> None:
    table = Table(pd.DataFrame({"path": ["a"], "label": ["amusment"]}), taxonomy=taxonomy("mikels8"))
    with pytest.raises(DataError, match="did you mean 'amusement'"):
        _ = table.labels
    with pytest.raises(DataError, match="no taxonomy"):
        _ = Table(table.frame).labels


def test_select_by_split_mask_and_number() -> None:
    table = sound(split=["train", "test", None])
    assert table.splits == {"train": 1, "test": 1}
    assert table.select("test").frame["path"].tolist() == ["b/c.jpg"]
    assert table.select(np.array([True, False, True])).frame["path"].tolist() == ["a.jpg", "d.jpg"]
    assert table.select([2, 0]).frame["path"].tolist() == ["d.jpg", "a.jpg"]
    assert len(table.select(np.zeros(3, dtype=bool))) == 0
    with pytest.raises(DataError, match=r"unknown split 'validation'.*test, train"):
        table.select("validation")
    with pytest.raises(DataError, match="split the table first"):
        sound().select("train")
    with pytest.raises(DataError, match="3 values, one a row"):
        table.select([True, False])


def test_assign_keeps_the_rest() -> None:
    table = sound().assign(split="test", group=["x", "y", None])
    assert table.splits == {"test": 3}
    assert (table.taxonomy, table.name) == (taxonomy("mikels8"), "sound")


def test_the_root_is_relative_below_the_file_absolute_elsewhere_and_optional(tmp_path: Path) -> None:
    below = Table(pd.DataFrame({"path": ["a.jpg"]}), root=tmp_path / "data" / "images")
    write_table(below, tmp_path / "data" / "t.csv")
    (tmp_path / "data").rename(tmp_path / "moved")
    assert read_table(tmp_path / "moved" / "t.csv").root == tmp_path / "moved" / "images"
    write_table(below, tmp_path / "out" / "t.csv")
    assert read_table(tmp_path / "out" / "t.csv").root == tmp_path / "data" / "images"
    write_table(below, tmp_path / "out" / "t.csv", keep_root=False)
    assert "root" not in (tmp_path / "out" / "t.csv").read_text()
    assert read_table(tmp_path / "out" / "t.csv").root == tmp_path / "out"
    assert read_table(tmp_path / "out" / "t.csv", root=tmp_path).paths == [tmp_path / "a.jpg"]


def test_a_foreign_csv_needs_a_column_of_paths_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "foreign.csv"
    file.write_text("path,label\na.jpg,Fear\nb.jpg,awe\n")
    table = read_table(file)
    assert (table.name, table.root) == ("foreign", tmp_path)
    assert table.taxonomy is not None
    assert (table.taxonomy.name, table.taxonomy.names) == ("foreign", ("Fear", "awe"))  # their own words
    assert read_table(file, taxonomy=taxonomy("mikels8")).labels.tolist() == [6, 1]
    assert read_table(file, taxonomy="mikels8").labels.tolist() == [6, 1]
    file.write_text("paths,label\na.jpg,fear\n")
    with pytest.raises(DataError, match=r"unknown column 'path'; did you mean 'paths'"):
        read_table(file)


def test_reading_names_every_mistake_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(
        "# taxonomy: mikels8\npath,label,valence,arousal,split\n../a,awe,2,,val\nb,aw,,low,train\n"
    )
    with pytest.raises(DataError) as caught:
        read_table(file)
    message = str(caught.value)
    assert "5 problems" in message
    for part in (
        "../a",
        "did you mean 'awe'",
        "row 1 (../a): 2.0",
        "row 2: 'low'",
        "did you mean 'validation'",
    ):
        assert part in message


def test_a_taxonomy_that_nobody_knows_is_named_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("# taxonomy: mikels9\npath\na\n")
    with pytest.raises(DataError, match=r"t\.csv: unknown taxonomy 'mikels9'; did you mean 'mikels8'"):
        read_table(file)


def test_joined_tables_find_their_images_and_keep_their_columns() -> None:
    one = sound(valence=[0.5, 0, None])
    two = Table(
        pd.DataFrame({"path": ["e.jpg"], "source": ["web"], "year": [1999]}),
        root=Path("/pictures/two"),
        name="two",
    )
    both = concatenate([one, two, one])
    assert both.root == Path("/pictures")
    assert both.paths == [*one.paths, *two.paths, *one.paths]
    assert both.labels.tolist() == [6, -1, 1, -1, 6, -1, 1]
    assert both.frame["source"].tolist() == ["sound"] * 3 + ["web"] + ["sound"] * 3
    assert both.name == "sound+two"
    np.testing.assert_array_equal(both.dimensions[:3], one.dimensions)
    empty = one.select(np.zeros(3, dtype=bool))
    pd.testing.assert_frame_equal(concatenate([empty, one]).frame, concatenate([one]).frame)
    assert len(concatenate([empty, empty])) == 0


def test_tables_of_different_taxonomies_are_not_joined() -> None:
    with pytest.raises(DataError, match=r"sound: mikels8, other: ekman6"):
        concatenate(
            [sound(), Table(pd.DataFrame({"path": ["a"]}), taxonomy=taxonomy("ekman6"), name="other")]
        )
    with pytest.raises(DataError, match="at least one"):
        concatenate([])


def test_a_table_costs_no_torch() -> None:
    modules = "evocative.data.table, evocative.data.splits, evocative.datasets.catalogue"
    code = f"import sys, {modules}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_sound_table_passes_and_missing_files_do_not(tmp_path: Path) -> None:
    table = Table(pd.DataFrame({"path": ["a.jpg"]}), root=tmp_path)
    check_table(table, files=False)
    with pytest.raises(DataError, match="files missing"):
        check_table(table)
    (tmp_path / "a.jpg").write_bytes(b"x")
    check_table(table)


@pytest.mark.parametrize(
    "header", [" path,label ", "Path,LABEL", "path\u00a0,\u200blabel", "\ufeff\ufeffpath,Label\ufeff"]
)
def test_names_that_differ_by_blanks_and_case_are_the_columns(tmp_path: Path, header: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(f"# taxonomy: mikels8\n{header}\na.jpg,awe\n", encoding="utf-8")
    assert read_table(file).labels.tolist() == [1]


def test_two_columns_that_could_be_the_same_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    for header in ("path,label,label ", "path,Label,LABEL"):
        file.write_text(f"{header}\na.jpg,awe,fear\n")
        with pytest.raises(DataError, match="both stand for 'label'; rename one of them"):
            read_table(file)
    file.write_text("path,label,Label\na.jpg,awe,Freude\n")
    assert read_table(file).frame[["label", "Label"]].iloc[0].tolist() == ["awe", "Freude"]


def test_labels_are_their_own_words_unless_they_are_exactly_known_ones(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "mine.csv"
    words = ["joy", "neutral", "anger", "fear", "sadness"]
    file.write_text("path,label\n" + "".join(f"{word}.jpg,{word}\n" for word in words))
    table = read_table(file)
    assert table.taxonomy is not None
    assert (table.taxonomy.name, table.taxonomy.names) == ("mine", tuple(sorted(words)))
    assert "caer7 comes near" in caplog.text
    caplog.clear()
    assert read_table(file, taxonomy="own").taxonomy == table.taxonomy
    assert read_table(file, taxonomy="caer7").taxonomy == taxonomy("caer7")
    assert caplog.text == ""
    file.write_text("path,label\na,awe\nb,fear\nc,contentmnt\n")
    with pytest.raises(DataError, match=r"'contentmnt'; did you mean 'contentment'\?"):
        read_table(file)
    file.write_text("# taxonomy: own\npath,label\na,awe\nb,fear\nc,contentmnt\n")
    assert read_table(file).labels.tolist() == [0, 2, 1]


def test_a_part_of_the_data_that_lacks_a_class_is_joined(tmp_path: Path) -> None:
    tables = []
    for name, words in {"train": ["joy", "calm", "rage"], "val": ["Calm", "rage"]}.items():
        file = tmp_path / f"{name}.csv"
        file.write_text("path,label\n" + "".join(f"{name}{word}.jpg,{word}\n" for word in words))
        tables.append(read_table(file))
    both = concatenate(tables[::-1])
    assert both.taxonomy == tables[0].taxonomy
    assert both.frame["label"].tolist() == ["calm", "rage", "joy", "calm", "rage"]
    (tmp_path / "other.csv").write_text("path,label\na.jpg,hope\n")
    with pytest.raises(DataError, match="train: train, other: other"):
        concatenate([tables[0], read_table(tmp_path / "other.csv")])


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["9007199254740993", "", "9007199254740992"], "Int64"),
        (["18446744073709551615", "", "0"], "UInt64"),
        (["9007199254740993", "1.5", ""], "string"),  # as numbers two of them could become one
        (["99999999999999999999999", "1", ""], "string"),
        (["007", "7", ""], "string"),
        (["1.5", "2", ""], "float64"),
        (["TRUE", "false", ""], "boolean"),
        (["null", "NA", ""], "string"),
        (["9" * 5000, "1", ""], "string"),
    ],
)
def test_no_cell_loses_a_digit(tmp_path: Path, cells: list[str], kind: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text("path,id\n" + "".join(f"{row}.jpg,{cell}\n" for row, cell in enumerate(cells)))
    column = read_table(file).frame["id"]
    assert str(column.dtype) == kind
    if kind in ("Int64", "UInt64", "string"):
        assert ["" if pd.isna(cell) else str(cell) for cell in column] == cells
    write_table(read_table(file), tmp_path / "again.csv")
    pd.testing.assert_series_equal(read_table(tmp_path / "again.csv").frame["id"], column)


@pytest.mark.parametrize(
    "column",
    [
        [True, None],
        pd.Series(pd.to_datetime(["2020-01-01", "2021-01-01"])),
        [1j, 2],
        [[1], [2]],
        ["1_0", "0x1"],
    ],
)
def test_what_is_no_number_is_no_rating(column: Any) -> None:
    with pytest.raises(DataError, match="column valence: cells that are no numbers"):
        Table(pd.DataFrame({"path": ["a", "b"], "valence": column}))


def test_cells_that_no_text_stands_for_and_columns_that_stand_twice_are_refused() -> None:
    for label in ([["awe"], ["fear"]], [{"a": 1}, None], [b"\xff", None]):
        with pytest.raises(DataError, match="column label: cells that are no text"):
            Table(pd.DataFrame({"path": ["a", "b"], "label": label}))
    with pytest.raises(DataError, match="columns stand twice: 'x'"):
        Table(pd.DataFrame([["a", 1, 2]], columns=["path", "x", "x"]))
    assert Table(pd.DataFrame({"path": ["a"], "label": [1e20]})).frame["label"].tolist() == [str(10**20)]
