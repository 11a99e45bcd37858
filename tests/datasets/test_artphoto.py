"""ArtPhoto: the emotion is the first part of the name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evocative.data.table import check_table
from evocative.datasets.artphoto import ARTPHOTO, EXPECTED
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]


def test_names_tell_the_emotion(plant: Plant) -> None:
    reading = ARTPHOTO.load(
        plant(["sad_0012.jpg", "Awe_1.jpg", "sub/contentment_x_2.jpg", "cat_3.jpg", "fearful.jpg"])
    )
    check_table(reading.table)
    assert dict(zip(reading.table.frame["path"], reading.table.frame["label"], strict=True)) == {
        "sad_0012.jpg": "sadness",
        "Awe_1.jpg": "awe",
        "sub/contentment_x_2.jpg": "contentment",
        "fearful.jpg": "fear",
    }
    assert [(item.path, item.reason) for item in reading.left_out] == [
        ("cat_3.jpg", "its name begins with no emotion of ArtPhoto")
    ]


def test_other_names_are_refused(plant: Plant) -> None:
    with pytest.raises(DataError, match=r"as in sad_0001\.jpg; expected amusement"):
        ARTPHOTO.load(plant(["awe/0001.jpg"]))
    with pytest.raises(DataError, match="does not exist"):
        ARTPHOTO.load(Path("nowhere"))


def test_the_published_counts_add_up() -> None:
    assert sum(EXPECTED[name] for name in taxonomy("mikels8").names) == EXPECTED["images"]
