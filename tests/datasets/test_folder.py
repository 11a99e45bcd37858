"""A folder an emotion becomes a table, whatever else lies there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evocative.data.table import check_table
from evocative.datasets.card import LeftOut
from evocative.datasets.folder import load
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]


def test_folders_are_labels_and_their_names_choose_the_taxonomy(plant: Plant) -> None:
    root = plant(["Sadness/b.jpg", "Sadness/deep/er/a, #1.JPG", "awe/ä c.png", "amusement/.hidden.jpg"])
    (root / "awe" / "notes.txt").write_text("no image")
    reading = load(root)
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
    mixed = load(plant(["train/c.jpg"])).table  # beside a.jpg and b.jpg, so "train" is a class
    assert mixed.frame["label"].tolist()[2:] == ["train"]


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
