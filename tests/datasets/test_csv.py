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
