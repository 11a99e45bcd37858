"""Foreign files: other names, scales, separators and splits."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evocative.data.table import Table, check_table, write_table
from evocative.datasets.csv import load
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]


@pytest.fixture
def root(plant: Plant) -> Path:
    return plant(["a.jpg", "b.jpg", "sub/c d.jpg"])


def write(root: Path, text: str, name: str = "ratings.csv") -> Path:
    file = root / name
    file.write_text(text, encoding="utf-8")
    return file


def test_columns_scale_and_splits_are_translated(root: Path) -> None:
    file = write(
        root,
        "image,emo,v,v_sd,set,n_awe,path,year\n"
        "a.jpg,Awe,1,2,training,3,old,1999\n"
        "sub/c d.jpg,fear,9,0,Val,0,old,2001\n"
        "lost.jpg,awe,5,1,test,1,old,2002\n",
    )
    columns = {
        "path": "image",
        "label": "emo",
        "valence": "v",
        "valence_sd": "v_sd",
        "split": "set",
        "votes_awe": "n_awe",
    }
    reading = load(file, columns=columns, scale="1..9", taxonomy="mikels8")
    table = reading.table
    check_table(table)
    assert table.taxonomy == taxonomy("mikels8")
    assert table.labels.tolist() == [1, 6]
    np.testing.assert_array_equal(table.dimensions[:, 0], [-1, 1])
    assert table.frame["valence_sd"].tolist() == [0.5, 0]
    assert table.splits == {"train": 1, "validation": 1}
    assert table.votes is not None
    assert table.votes[:, 1].tolist() == [3, 0]
    assert table.frame["year"].tolist() == [1999, 2001]
    assert set(columns.values()).isdisjoint(table.frame.columns)
    assert [item.path for item in reading.left_out] == ["lost.jpg"]
    assert table.root == root


@pytest.mark.parametrize(
    ("name", "separator"), [("r.csv", ";"), ("r.tsv", "\t"), ("r.txt", "\t"), ("r.csv", ",")]
)
def test_separators(root: Path, name: str, separator: str) -> None:
    file = write(
        root, separator.join(["path", "label"]) + "\n" + separator.join(["sub/c d.jpg", "awe"]) + "\n", name
    )
    assert load(file).table.frame["label"].tolist() == ["awe"]


def test_parquet_and_images_elsewhere(root: Path, tmp_path: Path) -> None:
    write_table(Table(pd.DataFrame({"path": ["b.jpg"], "arousal": [0.25]})), tmp_path / "t.parquet")
    table = load(tmp_path / "t.parquet", images=root).table
    assert table.paths == [root / "b.jpg"]
    assert table.taxonomy is None


def test_own_labels_make_a_taxonomy_of_their_own(root: Path) -> None:
    table = load(write(root, "path,label\na.jpg,tender\nb.jpg,awe\n")).table
    assert table.taxonomy is not None
    assert (table.taxonomy.name, table.taxonomy.names) == ("ratings", ("awe", "tender"))


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("file,label\na.jpg,awe\n", {}, r"no column 'path'; say which one.* of file, label"),
        ("path\na.jpg\n", {"columns": {"label": "emotion"}}, "unknown column 'emotion'"),
        (
            "path,x\na.jpg,1\n",
            {"columns": {"lable": "x"}},
            "unknown column of a table 'lable'; did you mean 'label'",
        ),
        ("path,valence\na.jpg,5\n", {}, "outside the scale -1 to 1"),
        ("path,valence\na.jpg,high\n", {}, "cells that are no numbers"),
        ("path\nlost.jpg\n", {}, "none of the 1 images"),
        ("path\na.jpg\n", {"scale": "1-9"}, "unknown scale '1-9'"),
        ("path\na.jpg\n", {"taxonomy": "mikels"}, "did you mean 'mikels8'"),
    ],
)
def test_what_cannot_be_is_refused(root: Path, text: str, options: dict[str, object], message: str) -> None:
    file = write(root, text)
    with pytest.raises(DataError, match=message):
        load(file, **options)  # type: ignore[arg-type]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for name in ("a.csv", "a.tsv"):
        with pytest.raises(DataError, match=name):
            load(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        "path;valence;votes_awe;year\na.jpg;0,5;1.234;1999\nb.jpg;-0,25;12;2001\n",  # Excel in German
        "sep=;\r\nPath; Valence ;Votes_awe;year\r\na.jpg;0,5;1\u202f234;1999\r\nb.jpg;-0,25;12;2001\r\n",
        "\ufeffpath\tvalence\tvotes_awe\tyear\na.jpg\t0,5\t1.234\t1999\nb.jpg\t-0,25\t12\t2001\n",
        'path,valence,votes_awe,year\na.jpg,"0,5","1.234",1999\nb.jpg,"-0,25",12,2001\n',
    ],
)
def test_decimal_commas(root: Path, text: str) -> None:
    frame = load(write(root, text)).table.frame
    assert frame["valence"].tolist() == [0.5, -0.25]
    assert frame["votes_awe"].tolist() == [1234, 12]
    assert frame["year"].tolist() == [1999, 2001]


def test_columns_are_found_by_names_that_differ_by_blanks_and_case(root: Path) -> None:
    file = write(root, " Image\u00a0;Emotion;V_Mean\na.jpg;awe;1,5\nb.jpg;n. a.;9\n")
    columns = {"path": "image", "label": "emotion", "valence": "v_mean"}
    table = load(file, columns=columns, scale="1..9").table
    assert table.frame["valence"].tolist() == [-0.875, 1]
    with pytest.raises(DataError, match="unknown column 'imag'"):
        load(file, columns={"path": "imag"})


def test_the_taxonomy_that_a_file_names_is_kept_to(root: Path) -> None:
    for text, names in {
        "# taxonomy: mikels8\npath,label\na.jpg,Awe\n": taxonomy("mikels8").names,
        "# taxonomy: own\npath,label\na.jpg,Awe\n": ("Awe",),
    }.items():
        reading = load(write(root, text))
        assert reading.table.taxonomy is not None
        assert (reading.table.taxonomy.names, reading.hints) == (names, ())
    hints = load(write(root, "path,label\na.jpg,Awe\n")).hints
    assert "mikels8 comes near" in hints[0]


def test_votes_tell_the_labels_as_well(root: Path) -> None:
    votes = ",".join(f"votes_{name}" for name in taxonomy("mikels8").names)
    table = load(write(root, f"path,label,{votes}\na.jpg,awe,0,5,0,0,0,0,0,0\n")).table
    assert table.taxonomy == taxonomy("mikels8")
    for named in (None, "plutchik8"):
        file = write(root, "path,label,votes_joy,votes_Joy \na.jpg,joy,1,2\n")
        with pytest.raises(DataError, match=r"'votes_joy' and 'votes_Joy' all count votes for 'joy'"):
            load(file, taxonomy=named)
    with pytest.raises(DataError, match="all count votes for 'Happy', which is one label of ekman6"):
        load(write(root, "path,votes_Happy,votes_joy\na.jpg,1,2\n"), taxonomy="ekman6")


def test_a_name_that_is_too_long_is_a_missing_image(root: Path) -> None:
    reading = load(write(root, f"path\na.jpg\n{'x' * 5000}.jpg\n"))
    assert [len(item.path) for item in reading.left_out] == [5004]
