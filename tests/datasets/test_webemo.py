"""WEBEmo: the owners' lists, and the ways in which public downloaders lay the images out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evocative.data.table import check_table
from evocative.datasets.card import IMAGES
from evocative.datasets.webemo import EIGHT, TABLE_3_3, WEBEMO
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]


def write_lists(root: Path, **rows: list[tuple[str, int | str]]) -> None:
    for split, lines in rows.items():
        text = "".join(f"https://as2.example.net/jpg/00/{name} {label}\n" for name, label in lines)
        (root / f"{split}25.txt").write_text(text)


def test_lists_and_folders_of_numbers(plant: Plant) -> None:
    root = plant(["train/5/220_F_1.jpg", "train/12/220_F_2.jpg", "test/19/220_F_3.jpg"])
    write_lists(
        root,
        train=[("220_F_1.jpg", 5), ("220_F_2.jpg", 12), ("220_F_9.jpg", 0)],
        test=[("220_F_3.jpg", 19)],
    )
    reading = WEBEMO.load(root)
    check_table(reading.table)
    rows = reading.table.frame.set_index("path")
    assert rows["label"].to_dict() == {
        "test/19/220_F_3.jpg": "sadness",
        "train/12/220_F_2.jpg": "lust",
        "train/5/220_F_1.jpg": "disgust",
    }
    assert reading.table.splits == {"train": 2, "test": 1}
    disgust = rows.loc["train/5/220_F_1.jpg"]
    assert list(disgust[["webemo2", "webemo7", "webemo8", "webemo25"]]) == [
        "negative", "anger", "disgust", "disgust",
    ]  # fmt: skip
    assert [(item.path, item.reason) for item in reading.left_out] == [
        ("220_F_9.jpg", "the image is missing (affection, train)")
    ]


@pytest.mark.parametrize(
    ("level", "labels"),
    [("2", {"positive", "negative"}), ("7", {"confusion", "love"}), ("8", {"sadness", "happiness"})],
)
def test_every_level_can_be_the_label(plant: Plant, level: str, labels: set[str]) -> None:
    root = plant(["train/confusion/a.jpg", "train/lust/b.jpg"])
    table = WEBEMO.read(root, level=level)
    assert table.taxonomy == taxonomy(f"webemo{level}")
    assert set(table.frame["label"]) == labels
    assert list(table.frame["webemo25"]) == ["confusion", "lust"]


def test_lists_are_believed_rather_than_folders(plant: Plant) -> None:
    # A public downloader saves by the label's last digit: 15 lands in folder 5
    root = plant(["images/train25/5/x.jpg", "images/train25/5/y.jpg", "train/z.jpg", "test/7_w.jpg"])
    write_lists(root, train=[("x.jpg", 15), ("y.jpg", 5), ("z.jpg", 24)], test=[("w.jpg", 7)])
    rows = WEBEMO.read(root).frame.set_index("path")["label"]
    assert rows["images/train25/5/x.jpg"] == "optimism"
    assert rows["images/train25/5/y.jpg"] == "disgust"
    assert rows["train/z.jpg"] == "zest"
    assert rows["test/7_w.jpg"] == "envy"


def test_a_picture_under_two_labels_is_one_group(plant: Plant) -> None:
    root = plant(["train/10/p.jpg", "train/14/p.jpg", "train/14/q.jpg"])
    write_lists(root, train=[("p.jpg", 10), ("p.jpg", 14), ("q.jpg", 14)], test=[("q.jpg", 3)])
    reading = WEBEMO.load(root)
    rows = reading.table.frame.set_index("path")
    assert rows["group"].to_dict()["train/10/p.jpg"] == rows["group"].to_dict()["train/14/p.jpg"] == "p"
    assert rows["group"].isna()["train/14/q.jpg"]
    assert [item.reason for item in reading.left_out] == [
        "the image is under another label already (contentment, test)"
    ]


def test_a_picture_that_is_tested_is_not_trained_on(plant: Plant) -> None:
    root = plant(["train/10/p.jpg", "train/11/r.jpg", "test/14/14_p.jpg"])
    write_lists(root, train=[("p.jpg", 10), ("r.jpg", 11)], test=[("p.jpg", 14)])
    reading = WEBEMO.load(root)
    check_table(reading.table)
    assert list(reading.table.frame["path"]) == ["test/14/14_p.jpg", "train/11/r.jpg"]
    assert [(item.path, item.reason) for item in reading.left_out] == [
        ("train/10/p.jpg", "the same picture is tested")
    ]
    table = WEBEMO.read(root, split="none")
    assert len(table) == 3
    assert "split" not in table.frame.columns
    assert table.frame["group"].value_counts().to_dict() == {"p": 2}


def test_folders_alone_by_name_in_any_depth(plant: Plant) -> None:
    root = plant(
        [
            "train/joy/cheerfullness/1_a.jpg",
            "validation/irritabilty/b.jpg",
            "test/sadness/neglect/c.jpg",
            "odd/d.jpg",
            "25/e.jpg",
        ]
    )
    reading = WEBEMO.load(root)
    assert reading.table.frame.set_index("split")["label"].to_dict() == {
        "train": "cheerfulness",
        "validation": "irritability",
        "test": "neglect",
    }
    assert [(item.path, item.reason) for item in reading.left_out] == [
        ("25/", "no label of WEBEmo; images in it: 1"),
        ("odd/", "no label of WEBEmo; images in it: 1"),
    ]


def test_one_list_and_bad_lines(plant: Plant) -> None:
    root = plant(["a.jpg", "b.jpg"])
    write_lists(root, test=[("a.jpg", 0), ("b.jpg", 25), ("b.jpg", "sad")])
    reading = WEBEMO.load(root)
    assert len(reading.table) == 1
    told = {item.path: item.reason for item in reading.left_out}
    assert set(told) == {"test25.txt, line 2", "test25.txt, line 3", "train25.txt"}
    assert "the list is missing" in told["train25.txt"]


def test_what_is_no_copy_is_refused(plant: Plant, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none of the 1 images has a label of WEBEmo; expected train25\.txt"):
        WEBEMO.read(plant(["cats/a.jpg"]))
    root = plant(["cats/a.jpg"])
    (root / "train25.txt").write_text("nothing\n")
    with pytest.raises(DataError, match="no line holds an address and a label from 0 to 24"):
        WEBEMO.read(root)
    (root / "train25.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="cannot be read as text"):
        WEBEMO.read(root)
    with pytest.raises(DataError, match="does not exist"):
        WEBEMO.read(tmp_path / "absent")


def test_our_eight_take_every_fine_class_once_and_keep_sentiments() -> None:
    fine = [name for words in EIGHT.values() for name in words.split()]
    assert sorted(fine) == sorted(taxonomy("webemo25").names)
    for label, words in EIGHT.items():
        for name in words.split():
            assert taxonomy("webemo25").sentiment(name) == taxonomy("webemo8").sentiment(label)


def test_table_3_3_is_three_short_of_its_classes(plant: Plant) -> None:
    assert sum(TABLE_3_3.values()) - TABLE_3_3[IMAGES] == 220_857
    counts = {count.name: count for count in WEBEMO.counts(WEBEMO.read(plant(["7/a.jpg"]), level="8"))}
    assert counts["anger"].missing == 25_226
    assert counts[IMAGES].expected == 220_854


def test_the_fine_level_expects_the_owners_number(plant: Plant) -> None:
    counts = WEBEMO.counts(WEBEMO.read(plant(["7/a.jpg"])))
    assert (counts[-1].expected, counts[-1].found) == (267_441, 1)
    assert len(counts) == 26
