"""CAER-S: the published split; groups from names that tell the video, or from the numbering."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evocative.data.splits import split
from evocative.data.table import check_table
from evocative.datasets.caer_s import CAER_S, EXPECTED
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]

FOLDERS = ("Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise")


def frames(n_train: int, n_test: int, emotion: str = "Fear") -> list[str]:
    return [f"train/{emotion}/{n:04d}.png" for n in range(1, n_train + 1)] + [
        f"test/{emotion}/{n:04d}.png" for n in range(1, n_test + 1)
    ]


def test_the_published_split(plant: Plant) -> None:
    sides = [f"{side}/{name}/0001.png" for side in ("train", "test") for name in FOLDERS]
    reading = CAER_S.load(plant([*sides, "train/Angry/0002.png", "val/Fear/0001.png"]))
    table = reading.table
    check_table(table)
    assert table.splits == {"train": 8, "validation": 1, "test": 7}
    assert table.frame["label"].value_counts().to_dict() == {
        **dict.fromkeys(taxonomy("caer7").names, 2), "anger": 3, "fear": 3
    }  # fmt: skip
    assert "group" not in table.frame.columns
    assert reading.left_out == ()


def test_strangers_and_gaps_are_told(plant: Plant) -> None:
    paths = [*frames(1, 1), "train/Joyous/1.png", "train/Joyous/2.png", "loose.png", "train/x.png"]
    told = {item.path: item.reason for item in CAER_S.load(plant(paths)).left_out}
    assert told["train/Joyous/"] == "no split and emotion of CAER-S; images in it: 2"
    assert told["./"].endswith("images in it: 1")
    assert told["train/"].endswith("images in it: 1")
    assert told["train/anger/"] == "there is no image"
    assert "train/fear/" not in told


def test_a_tenth_of_the_numbering_is_a_group_on_both_sides(plant: Plant) -> None:
    table = CAER_S.load(plant(frames(20, 10)), split="grouped").table
    check_table(table)
    groups = dict(zip(table.frame["path"], table.frame["group"], strict=True))
    assert groups["train/Fear/0001.png"] == groups["train/Fear/0002.png"] == groups["test/Fear/0001.png"]
    assert groups["train/Fear/0003.png"] == groups["test/Fear/0002.png"] == "fear 1"
    assert groups["train/Fear/0020.png"] == groups["test/Fear/0010.png"] == "fear 9"
    assert table.frame["group"].value_counts().tolist() == [3] * 10
    assert table.splits == {}
    assert table.frame["published"].value_counts().to_dict() == {"train": 20, "test": 10}
    check_table(split(table, seed=0))


def test_a_number_is_cut_by_the_last_number_though_frames_are_missing(plant: Plant) -> None:
    root = plant(frames(20, 10))
    for n in (1, 2, 3, 4, 7):
        (root / f"train/Fear/{n:04d}.png").unlink()
    table = CAER_S.load(root, split="grouped").table
    groups = dict(zip(table.frame["path"], table.frame["group"], strict=True))
    assert groups["train/Fear/0005.png"] == groups["test/Fear/0003.png"]


def test_names_that_tell_the_video_are_taken_at_their_word(plant: Plant) -> None:
    root = plant(
        ["train/Anger/0012/3.png", "train/Anger/0012/4.png", "test/Anger/0012/3.png",
         "train/Sad/0007_15.png", "train/Sad/0007_16.png", "train/Sad/0008_15.png", "train/Sad/0001.png"]
    )  # fmt: skip
    frame = CAER_S.load(root, split="grouped").table.frame
    groups = dict(zip(frame["path"], frame["group"], strict=True))
    assert groups["train/Anger/0012/3.png"] == groups["train/Anger/0012/4.png"] == "train/anger/0012"
    assert groups["test/Anger/0012/3.png"] == "test/anger/0012"  # CAER numbers its clips on each side anew
    assert groups["train/Sad/0007_15.png"] == groups["train/Sad/0007_16.png"] == "train/sadness/0007"
    assert groups["train/Sad/0008_15.png"] == "train/sadness/0008"
    assert groups["train/Sad/0001.png"] == "sadness 0"


def test_names_without_a_number_are_one_group_of_their_emotion(plant: Plant) -> None:
    table = CAER_S.load(plant(["train/Fear/x.png", "train/Fear/y.png"]), split="grouped").table
    assert table.frame["group"].tolist() == ["fear", "fear"]


def test_another_folder_is_refused(plant: Plant) -> None:
    with pytest.raises(DataError, match=r"no image below train/<emotion> or test/<emotion>; expected anger"):
        CAER_S.load(plant(["fear/0001.png"]))
    with pytest.raises(DataError, match="unknown split of caer_s 'video'"):
        CAER_S.load(plant(["fear/0001.png"]), split="video")


def test_the_published_counts_add_up() -> None:
    assert sum(EXPECTED[name] for name in taxonomy("caer7").names) == 70_000 == EXPECTED["images"]
    assert 7 * 7_001 + 7 * 2_999 == 70_000
