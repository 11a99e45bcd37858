"""A folder an emotion becomes a table, whatever else lies there."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from evocative.data.table import check_table
from evocative.datasets.card import LeftOut
from evocative.datasets.folder import load
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]


def test_folders_are_labels(plant: Plant) -> None:
    root = plant(["Sadness/b.jpg", "Sadness/deep/er/a, #1.JPG", "awe/ä c.png", "amusement/.hidden.jpg"])
    (root / "awe" / "notes.txt").write_text("no image")
    reading = load(root, taxonomy="mikels8")
    frame = reading.table.frame
    assert frame["path"].tolist() == ["Sadness/b.jpg", "Sadness/deep/er/a, #1.JPG", "awe/ä c.png"]
    assert frame["label"].tolist() == ["sadness", "sadness", "awe"]
    assert reading.table.taxonomy == taxonomy("mikels8")
    assert (reading.table.name, reading.table.root) == ("copy", root)
    assert reading.left_out == (LeftOut(str(root), "2 files passed over: 1 .txt, 1 hidden"),)
    check_table(reading.table)


def test_own_classes_make_a_taxonomy_of_their_own(plant: Plant) -> None:
    table = load(plant(["dogs/a.jpg", "cats/b.jpg", "Fear/c.jpg"])).table
    assert table.taxonomy is not None
    assert table.taxonomy.names == ("Fear", "cats", "dogs")
    assert table.taxonomy.sentiment("fear") == "negative"
    assert table.labels.tolist() == [0, 1, 2]


def test_a_named_taxonomy_is_kept_to(plant: Plant) -> None:
    root = plant(["happy/a.jpg", "sad/b.jpg"])
    table = load(root, taxonomy="ekman6").table
    assert table.taxonomy == taxonomy("ekman6")
    assert table.frame["label"].tolist() == ["happiness", "sadness"]
    with pytest.raises(DataError, match="unknown emotion of the taxonomy 'mikels8' 'happy'"):
        load(root, taxonomy="mikels8")


def test_splits_on_top(plant: Plant) -> None:
    root = plant(["train/awe/a.jpg", "val/awe/b.jpg", "test/fear/x/c.jpg", "test/d.jpg"])
    table = load(root).table
    found = dict(zip(table.frame["path"], table.frame["split"], strict=True))
    assert found == {
        "train/awe/a.jpg": "train",
        "val/awe/b.jpg": "validation",
        "test/fear/x/c.jpg": "test",
        "test/d.jpg": "test",
    }
    assert table.frame["label"].isna().tolist() == [path == "test/d.jpg" for path in table.frame["path"]]


def test_images_without_a_folder_have_no_label(plant: Plant) -> None:
    table = load(plant(["a.jpg", "b.jpg"])).table
    assert table.labels.tolist() == [-1, -1]
    assert table.taxonomy is None
    mixed = load(plant(["joy/c.jpg"])).table  # beside a.jpg and b.jpg
    assert mixed.frame["label"].tolist() == [pd.NA, pd.NA, "joy"]


def test_names_that_are_no_unicode_are_left_out_and_told(plant: Plant) -> None:
    root = plant(["awe/a.jpg"])
    try:
        (root / "awe" / "b\udcff.jpg").write_bytes(b"")
    except OSError:
        pytest.skip("this file system takes no such names")
    reading = load(root)
    assert len(reading.table) == 1
    assert "no valid Unicode" in reading.left_out[0].reason


def test_what_is_no_folder_of_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty" / "awe").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    for name, message in {"empty": "no image in it", "file": "is a file", "absent": "does not exist"}.items():
        with pytest.raises(DataError, match=message):
            load(tmp_path / name)


FIVE = ["anger", "fear", "joy", "neutral", "sadness"]


def test_a_person_s_own_words_stay_theirs_unless_another_taxonomy_is_named(plant: Plant) -> None:
    root = plant([f"{name}/a.jpg" for name in FIVE])
    reading = load(root)
    assert reading.table.taxonomy is not None
    assert (reading.table.taxonomy.name, reading.table.taxonomy.names) == ("copy", tuple(FIVE))
    assert len(reading.hints) == 1
    assert (
        "caer7 comes near (joy would be happiness; nothing is labelled disgust, surprise)" in reading.hints[0]
    )
    assert load(root, taxonomy="own").hints == ()
    named = load(root, taxonomy="caer7").table
    assert (named.taxonomy, named.frame["label"].iloc[2]) == (taxonomy("caer7"), "happiness")


def test_exactly_a_published_taxonomy_s_folders_are_read_as_it(plant: Plant) -> None:
    root = plant([f"{name.title()}/a.jpg" for name in taxonomy("mikels8").names])
    reading = load(root)
    assert (reading.table.taxonomy, reading.hints) == (taxonomy("mikels8"), ())
    assert sorted(reading.table.frame["label"]) == sorted(taxonomy("mikels8").names)


def test_folders_that_differ_by_case_are_one_class(plant: Plant) -> None:
    table = load(plant(["Calm/a.jpg", "calm/b.jpg", "calm /c.jpg", "wild/d.jpg"])).table
    assert table.frame["label"].tolist() == ["calm", "calm", "calm", "wild"]


@pytest.mark.parametrize("beside", [["cover.jpg"], ["cover.jpg", "docs/x.jpg", "docs/y.jpg"]])
def test_what_lies_beside_splits_makes_no_classes_of_them(plant: Plant, beside: list[str]) -> None:
    reading = load(plant(["Train/awe/a.jpg", "VAL/awe/b.jpg", "test/fear/c.jpg", *beside]))
    frame = reading.table.frame
    assert frame["split"].dropna().tolist() == ["train", "validation", "test"] or set(
        frame["split"].dropna()
    ) == {"train", "validation", "test"}
    assert set(frame["label"].dropna()) == {"awe", "fear"}
    assert frame.set_index("path").loc["cover.jpg", ["split", "label"]].isna().all()
    told = [(item.path, item.reason.rpartition("; ")[2]) for item in reading.left_out]
    assert told == ([("docs/", "images in it: 2")] if len(beside) > 1 else [])


def test_one_folder_called_like_a_split_among_emotions_is_a_class(plant: Plant) -> None:
    table = load(plant(["test/a.jpg", "awe/b.jpg", "fear/c.jpg"])).table
    assert "split" not in table.frame
    assert table.frame["label"].tolist() == ["awe", "fear", "test"]


def test_folders_that_systems_make_are_no_classes(plant: Plant) -> None:
    strange = ["@eaDir", "__MACOSX", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found"]
    hidden = [".ipynb_checkpoints/x.jpg", ".Trash-1000/files/x.jpg", "awe/.thumbnails/x.jpg"]
    root = plant(
        [
            "awe/a.jpg",
            "fear/b.jpg",
            *hidden,
            *(f"{name}/awe/x.jpg" for name in strange),
            "awe/@eaDir/a.jpg/T_M.jpg",
        ]
    )
    (root / "awe" / "Thumbs.db").write_bytes(b"x")
    (root / "fear" / "desktop.ini").write_bytes(b"x")
    reading = load(root)
    assert reading.table.frame["path"].tolist() == ["awe/a.jpg", "fear/b.jpg"]
    told = "2 files passed over: 2 system files; 10 folders passed over: 7 system folders, 3 hidden"
    assert reading.left_out == (LeftOut(str(root), told),)


def test_a_root_one_level_too_high_is_told(plant: Plant) -> None:
    reading = load(plant(["images/awe/a.jpg", "images/fear/b.jpg"]))
    assert "all images have the one label 'images'" in reading.hints[-1]
    assert "awe, fear" in reading.hints[-1]
