"""Emotion6 of Peng et al. 2015: the owners' file as its read-me gives it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evocative.data.table import check_table
from evocative.datasets.emotion6 import EMOTION6
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]
SHARES = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
HEADER = "\t".join(["[image_filename]", "[valence]", "[arousal]", *(f"[prob. {name}]" for name in SHARES)])
FIRST = "disgust/1.jpg\t2.5\t3.8\t0.133333\t0.7\t0\t0.0666667\t0.1\t0\t0"  # the read-me's example


def write(root: Path, *lines: str, header: str = HEADER) -> Path:
    (root / "ground_truth.txt").write_text("\n".join([header, *lines, ""]))
    return root


@pytest.fixture
def copy(plant: Plant) -> Path:
    return write(
        plant(["images/disgust/1.jpg", "images/joy/2.jpg", "images/fear/3.jpg"]),
        FIRST,
        "joy/2.jpg\t9\t1\t0\t0\t0\t0.4\t0\t0\t0.6",
        "fear/3.jpg\t5\t5\t0\t0\t0.5\t0\t0.5\t0\t0",
    )


def test_keywords_are_the_labels(copy: Path) -> None:
    table = EMOTION6.read(copy)
    check_table(table)
    assert table.taxonomy == taxonomy("ekman6")
    rows = table.frame.set_index("path")
    assert list(rows["label"]) == ["disgust", "happiness", "fear"]
    assert list(rows["valence"]) == pytest.approx([-0.625, 1, 0])  # (2.5 - 5) / 4
    assert list(rows["arousal"]) == pytest.approx([-0.3, -1, 0])
    assert rows.loc["images/disgust/1.jpg", "votes_disgust"] == 0.7
    assert rows.loc["images/joy/2.jpg", "votes_happiness"] == 0.4
    assert list(rows["neutral"]) == [0, 0.6, 0]
    assert "votes_neutral" not in rows.columns


def test_or_the_largest_share_of_seven(copy: Path) -> None:
    table = EMOTION6.read(copy, labels="majority")
    check_table(table)
    assert table.taxonomy == taxonomy("caer7")
    assert list(table.frame["label"].fillna("tie")) == ["disgust", "neutral", "tie"]
    assert list(table.frame["keyword"]) == ["disgust", "joy", "fear"]
    votes = table.frame[[name for name in table.frame.columns if name.startswith("votes_")]]
    assert list(votes.sum(axis="columns")) == pytest.approx([1, 1, 1], abs=1e-5)


def test_bad_rows_are_left_out_and_named(plant: Plant) -> None:
    root = write(
        plant(["images/disgust/1.jpg", "images/joy/2.jpg"]),
        FIRST,
        FIRST,
        "calm/1.jpg\t5\t5\t0\t0\t0\t1\t0\t0\t0",
        "joy/2.jpg\t9.5\t5\t0\t0\t0\t1\t0\t0\t0",
        "joy/3.jpg\t5\t5\t0\t0\t0\t1\t0\t1\t0",
        "joy/4.jpg\t5\t5\t0\t0\t0\tx\t0\t0\t0",
        "joy/5.jpg\t5\t5\t0\t0\t0\t1\t0\t0\t0",
    )
    reading = EMOTION6.load(root)
    assert list(reading.table.frame["path"]) == ["images/disgust/1.jpg"]
    assert [(item.path, item.reason) for item in reading.left_out] == [
        ("calm/1.jpg", "its folder is none of the six keywords"),
        ("disgust/1.jpg", "it stands in the file twice"),
        ("joy/2.jpg", "valence or arousal is no number from 1 to 9"),
        ("joy/3.jpg", "its shares are no numbers from 0 that sum to 1"),
        ("joy/4.jpg", "its shares are no numbers from 0 that sum to 1"),
        ("images/joy/5.jpg", "the image is missing"),
    ]


def test_expected_counts(copy: Path) -> None:
    counts = {count.name: (count.expected, count.found) for count in EMOTION6.counts(EMOTION6.read(copy))}
    assert counts["happiness"] == (330, 1)
    assert counts["sadness"] == (330, 0)
    assert counts["images"] == (1_980, 3)
    assert sum(EMOTION6.expected.values()) == 2 * 1_980


def test_what_is_no_copy_is_refused(plant: Plant, tmp_path: Path) -> None:
    root = plant(["images/joy/1.jpg"])
    with pytest.raises(DataError, match=r"ground_truth.txt: cannot be read"):
        EMOTION6.read(root)
    with pytest.raises(DataError, match=r"unknown column '\[valence\]'"):
        EMOTION6.read(write(root, FIRST, header=HEADER.replace("[valence]", "[v]")))
    with pytest.raises(DataError, match="none of the 1 images is below"):
        EMOTION6.read(write(root, FIRST))
    with pytest.raises(DataError, match="does not exist"):
        EMOTION6.read(tmp_path / "absent")
