"""EmoSet-118K in its owners' layout: lists, annotations with and without attributes, damaged ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evocative.data.table import check_table
from evocative.datasets.card import Count
from evocative.datasets.emoset118k import EMOSET118K, EXPECTED
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]

ATTRIBUTES = {
    "image_id": "awe_1",
    "emotion": "awe",
    "brightness": 0.7,
    "colorfulness": 0.2,
    "scene": "mountain",
    "object": ["Tree", "Alarm clock"],
}


def entry(emotion: str, number: int) -> list[str]:
    name = f"{emotion}_{number}"
    return [emotion, name, f"image/{emotion}/{name}.jpg", f"annotation/{emotion}/{name}.json"]


def write(root: Path, name: str, value: Any) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value), encoding="utf-8")


def publish(plant: Plant) -> Path:
    root = plant([f"image/awe/awe_{n}.jpg" for n in (1, 2)] + ["image/fear/fear_3.jpg"])
    write(root, "train.json", [entry("awe", 1)])
    write(root, "val.json", [entry("awe", 2), entry("awe", 9)])
    write(root, "test.json", [entry("fear", 3)])
    write(root, "annotation/awe/awe_1.json", ATTRIBUTES)
    write(root, "annotation/awe/awe_2.json", {"emotion": "awe", "facial_expression": "happy"})
    write(root, "annotation/fear/fear_3.json", {"emotion": "fear", "human_action": "archery", "object": []})
    write(
        root, "info.json", {"emotion": {"label2idx": {n: i for i, n in enumerate(taxonomy("mikels8").names)}}}
    )
    return root


def test_the_owners_split_and_attributes(plant: Plant) -> None:
    reading = EMOSET118K.load(publish(plant))
    frame = reading.table.frame
    check_table(reading.table)
    assert frame["path"].tolist() == [
        "image/awe/awe_1.jpg", "image/awe/awe_2.jpg", "image/fear/fear_3.jpg"
    ]  # fmt: skip
    assert frame["label"].tolist() == ["awe", "awe", "fear"]
    assert frame["split"].tolist() == ["train", "validation", "test"]
    assert frame["image_id"].tolist() == ["awe_1", "awe_2", "fear_3"]
    assert frame["object"].tolist() == ["Tree; Alarm clock", pd.NA, pd.NA]
    assert frame["facial_expression"].tolist() == [pd.NA, "happy", pd.NA]
    assert frame["human_action"].tolist() == [pd.NA, pd.NA, "archery"]
    assert frame["brightness"].dropna().tolist() == [0.7]
    assert frame["colorfulness"].dropna().tolist() == [0.2]
    assert [(item.path, item.reason) for item in reading.left_out] == [
        ("image/awe/awe_9.jpg", "the image is missing")
    ]
    assert EMOSET118K.counts(reading.table)[1] == Count("awe", 15_037, 2)


def test_a_damaged_annotation_costs_its_attributes_only(plant: Plant) -> None:
    root = publish(plant)
    (root / "annotation/awe/awe_1.json").write_text("{", encoding="utf-8")
    (root / "annotation/awe/awe_2.json").unlink()
    write(root, "annotation/fear/fear_3.json", ["fear"])
    reading = EMOSET118K.load(root)
    assert len(reading.table) == 3
    assert reading.table.frame["scene"].isna().all()
    told = {item.path: item.reason for item in reading.left_out}
    assert "is not sound JSON" in told["annotation/awe/awe_1.json"]
    assert "No such file" in told["annotation/awe/awe_2.json"]
    assert "no JSON object" in told["annotation/fear/fear_3.json"]
    assert "scene" not in EMOSET118K.load(root, attributes="no").table.frame.columns


def test_entries_without_an_id_and_bad_ones(plant: Plant) -> None:
    root = publish(plant)
    short = entry("fear", 3)
    del short[1]
    write(root, "test.json", [short, ["fear"], "fear", entry("joy", 1)])
    reading = EMOSET118K.load(root, attributes="no")
    assert reading.table.select("test").frame["image_id"].tolist() == ["fear_3"]
    assert [item.path for item in reading.left_out if "entry" in item.path] == [
        "test.json, entry 2", "test.json, entry 3", "test.json, entry 4"
    ]  # fmt: skip


def test_image_and_annotation_in_either_order(plant: Plant) -> None:
    root = publish(plant)
    expected = EMOSET118K.load(root).table.frame
    for name in ("train.json", "val.json", "test.json"):
        entries = json.loads((root / name).read_text(encoding="utf-8"))
        write(root, name, [[*entry[:-2], entry[-1], entry[-2]] for entry in entries])
    pd.testing.assert_frame_equal(EMOSET118K.load(root).table.frame, expected)
    write(root, "test.json", [["fear", 3, "annotation/fear/fear_3.json", "image/fear/fear_3.jpg"]])
    assert EMOSET118K.load(root).table.frame["image_id"].tolist() == ["awe_1", "awe_2", "3"]
    two = ["fear", "x", "image/fear/fear_3.jpg", "image/fear/fear_3.jpg"]
    write(root, "test.json", [two, ["fear", "x", "a.json", "b.json"], [["fear"], "x", "a.jpg", "b.json"]])
    told = [item.path for item in EMOSET118K.load(root).left_out]
    assert [path for path in told if "entry" in path] == [f"test.json, entry {n}" for n in (1, 2, 3)]


NUMBERED = {name: place for place, name in enumerate(taxonomy("mikels8").names)}


@pytest.mark.parametrize(
    "info",
    [
        {"emotion": {"label2idx": NUMBERED}},  # as the owners' loader asks for it
        {"label2idx": NUMBERED, "version": "1.0"},
        {"label2idx": {"emotion": NUMBERED, "scene": {"lake": 0}}},
        {"emotion": {name.title(): place for name, place in NUMBERED.items()}},
        {"emotion": {"idx2label": {str(place): name for name, place in NUMBERED.items()}}},
        {"emotion": list(NUMBERED)},
        {"emotion": {"label2idx": dict.fromkeys(NUMBERED, 0), "idx2label": {"0": "positive"}}},
    ],
)
def test_older_forms_of_info_are_read(plant: Plant, info: Any) -> None:
    root = publish(plant)
    write(root, "info.json", info)
    assert not [item for item in EMOSET118K.load(root).left_out if item.path == "info.json"]


def test_an_info_that_names_no_emotions_is_told(plant: Plant) -> None:
    root = publish(plant)
    for info in ({}, {"scene": {"label2idx": {"lake": 0}}, "version": "1.0"}):
        write(root, "info.json", info)
        told = [item.reason for item in EMOSET118K.load(root).left_out if item.path == "info.json"]
        assert told == ["it names no emotions; those of the lists are taken"]


def test_a_list_may_be_missing_but_not_all(plant: Plant) -> None:
    root = publish(plant)
    (root / "test.json").unlink()
    reading = EMOSET118K.load(root)
    assert reading.table.splits == {"train": 1, "validation": 1}
    assert ("test.json", "the list of the test split is missing") in [
        (item.path, item.reason) for item in reading.left_out
    ]
    for name in ("train.json", "val.json"):
        (root / name).unlink()
    with pytest.raises(DataError, match=r"expected the lists train\.json, val\.json, test\.json, found none"):
        EMOSET118K.load(root)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("train.json", "[[", r"train\.json: is not sound JSON"),
        ("train.json", '{"a": 1}', "expected a list"),
        ("info.json", '{"emotion": {"label2idx": {"joy": 0}}}', "found joy"),
        ("info.json", "[]", "found none"),
        ("info.json", '{"label2idx": {"joy": 0, "fear": 1}}', "found joy, fear"),
        ("train.json", "[" * 100_000, r"train\.json: is not sound JSON"),
    ],
)
def test_another_data_set_is_refused(plant: Plant, name: str, text: str, message: str) -> None:
    root = publish(plant)
    (root / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        EMOSET118K.load(root)


def test_lists_without_one_entry_that_can_be_read_are_refused(plant: Plant) -> None:
    root = publish(plant)
    for name in ("train.json", "val.json", "test.json"):
        write(root, name, [{"emotion": "awe", "image": "image/awe/awe_1.jpg"}])
    with pytest.raises(
        DataError, match=r"the lists hold no image of one of the eight emotions; test\.json, ent"
    ):
        EMOSET118K.load(root)


def test_an_option_that_is_none(plant: Plant) -> None:
    with pytest.raises(DataError, match="unknown value of attributes 'maybe'"):
        EMOSET118K.load(publish(plant), attributes="maybe")


def test_the_published_counts_add_up() -> None:
    assert sum(EXPECTED[name] for name in taxonomy("mikels8").names) == EXPECTED["images"] == 118_102
