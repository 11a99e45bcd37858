"""UnBiasedEmo and Emotion-6 of the same owners: six emotions in folders, or sadness against others."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evocative.data.table import check_table
from evocative.datasets.card import IMAGES
from evocative.datasets.emotion6_sadness import EMOTION6_SADNESS
from evocative.datasets.unbiasedemo import UNBIASEDEMO
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]
SIX = ("anger", "fear", "joy", "love", "sadness", "surprise")


def test_objects_stand_in_a_column(plant: Plant) -> None:
    root = plant([f"images/{name}/cat/1.jpg" for name in SIX] + ["images/joy/dog/1.jpg", "images/calm/x.jpg"])
    reading = UNBIASEDEMO.load(root)
    check_table(reading.table)
    assert reading.table.taxonomy == taxonomy("parrott6")
    rows = reading.table.frame.set_index("path")
    assert list(rows.loc["images/joy/dog/1.jpg", ["label", "object"]]) == ["joy", "dog"]
    assert len(rows) == 7
    assert [(item.path, item.reason) for item in reading.left_out] == [
        ("images/calm/", "no emotion of unbiasedemo; images in it: 1")
    ]
    assert UNBIASEDEMO.counts(reading.table)[-1].missing == 3_045 - 7


def test_other_copies_begin_with_the_emotions_or_with_splits(plant: Plant) -> None:
    assert UNBIASEDEMO.read(plant(["love/a.jpg"])).frame["object"].isna().all()
    frame = UNBIASEDEMO.read(plant(["train/Anger/b.jpg", "test/fear/c.jpg", "val/joy/d.jpg"])).frame
    assert frame.set_index("label")["split"].dropna().to_dict() == {
        "anger": "train",
        "fear": "test",
        "joy": "validation",
    }


def test_sadness_against_others(plant: Plant) -> None:
    root = plant([f"images/{name}/cat/{n}.jpg" for name in SIX for n in range(2)])
    table = UNBIASEDEMO.read(root, labels="sadness")
    assert table.taxonomy == taxonomy("sadness2")
    assert table.frame["label"].value_counts().to_dict() == {"others": 10, "sadness": 2}
    assert set(table.frame["emotion"]) == set(SIX)
    counts = {count.name: count.expected for count in UNBIASEDEMO.counts(table)}
    assert counts == {"others": None, "sadness": None, IMAGES: 3_045}  # of all, nothing is known by class
    drawn = UNBIASEDEMO.read(root, labels="sadness", size="printed", seed=3)
    # Two of sadness are fewer than 353: others keep their proportion, 467 / 353 * 2 = 2.6
    assert drawn.frame["label"].value_counts().to_dict() == {"others": 3, "sadness": 2}
    counts = {count.name: count.expected for count in UNBIASEDEMO.counts(drawn)}
    assert counts == {"others": 467, "sadness": 353, IMAGES: 820}
    with pytest.raises(DataError, match="a seed must be at least 0, not -1"):
        UNBIASEDEMO.read(root, labels="sadness", size="printed", seed=-1)


def test_the_printed_draw_of_a_large_copy(tmp_path: Path) -> None:
    for name in SIX:
        (tmp_path / "images" / name / "cat").mkdir(parents=True)
        for n in range(490 if name == "sadness" else 180):
            (tmp_path / "images" / name / "cat" / f"{n}.jpg").touch()
    draws = [UNBIASEDEMO.read(tmp_path, labels="sadness", size="printed", seed=seed) for seed in (0, 0, 1)]
    for table in draws:
        assert table.frame["label"].value_counts().to_dict() == {"others": 467, "sadness": 353}
    assert draws[0].frame.equals(draws[1].frame)
    assert set(draws[0].frame["path"]) != set(draws[2].frame["path"])
    six = EMOTION6_SADNESS.read(tmp_path, size="printed")
    assert six.frame["label"].value_counts().to_dict() == {"others": 888, "sadness": 484}
    assert [count.missing for count in EMOTION6_SADNESS.counts(six)] == [0, 0, 0]


def test_emotion_6_has_two_more_levels_and_its_owners_spelling(plant: Plant) -> None:
    root = plant(["images/anger/digust/contempt/1.jpg", "images/sadness/neglect/neglect/287.jpg"])
    reading = EMOTION6_SADNESS.load(root)
    check_table(reading.table)
    rows = reading.table.frame.set_index("path")
    columns = ["label", "emotion", "emotion_group", "emotion_word"]
    assert list(rows.loc["images/anger/digust/contempt/1.jpg", columns]) == [
        "others", "anger", "digust", "contempt",
    ]  # fmt: skip
    assert [item.path for item in reading.left_out] == ["love/", "joy/", "surprise/", "fear/"]
    assert [count.expected for count in EMOTION6_SADNESS.counts(reading.table)] == [None, None, 8_350]
    six = EMOTION6_SADNESS.read(root, labels="six")
    assert list(six.frame["label"]) == ["anger", "sadness"]
    assert EMOTION6_SADNESS.counts(six)[-1].expected == 8_350


def test_what_cannot_be_is_refused(plant: Plant) -> None:
    with pytest.raises(DataError, match="no image in a folder of unbiasedemo's emotions; expected love, joy"):
        UNBIASEDEMO.read(plant(["images/disgust/cat/1.jpg"]))
    root = plant(["images/anger/cat/1.jpg"])
    with pytest.raises(DataError, match="size=printed needs labels=sadness"):
        UNBIASEDEMO.read(root, size="printed")
    with pytest.raises(DataError, match="there is no image of sadness; cannot draw 353"):
        UNBIASEDEMO.read(root, labels="sadness", size="printed")
