"""The abstract paintings: quoted names, a nameless column, votes with ties."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evocative.data.table import check_table
from evocative.datasets.abstract import ABSTRACT, EXPECTED, RATINGS
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]

HEADER = "'','Amusement','Anger','Awe','Content','Disgust','Excitement','Fear','Sad'"
ROWS = [
    "'abstract_0001.jpg',1,2,0,6,0,3,1,1",
    "'abstract_0002.jpg',4,0,0,4,0,3,1,2",
    "'abstract_0003.jpg',0,0,0,0,0,0,0,9",
    "'abstract_0004.jpg',0,9,0,0,0,0,0,0",
    "'abstract_0005.jpg',0,9,0,0,0,,0,0",
]


def publish(root: Path, header: str = HEADER) -> Path:
    (root / RATINGS).write_text("\n".join([header, *ROWS]) + "\n", encoding="utf-8")
    return root


def test_votes_ties_and_missing_images(plant: Plant) -> None:
    reading = ABSTRACT.load(publish(plant([f"abstract_000{n}.jpg" for n in (1, 2, 3, 5)])))
    table = reading.table
    check_table(table)
    assert table.frame["label"].tolist() == ["contentment", pd.NA, "sadness"]
    votes = table.votes
    assert votes is not None
    # Mikels' order: amusement, awe, contentment, excitement, anger, disgust, fear, sadness
    np.testing.assert_array_equal(votes[:2], [[1, 0, 6, 3, 2, 0, 1, 1], [4, 0, 4, 3, 0, 0, 1, 2]])
    assert [(item.path, item.reason) for item in reading.left_out] == [
        (f"{RATINGS}, row 5", "it lacks the image's name or a number of votes"),
        ("abstract_0004.jpg", "the image is missing"),
    ]


def test_ratings_that_are_none(plant: Plant) -> None:
    root = plant(["abstract_0001.jpg"])
    with pytest.raises(DataError, match=rf"{RATINGS}: cannot be read"):
        ABSTRACT.load(root)
    with pytest.raises(DataError, match=r"no column for contentment; found .*Joy"):
        ABSTRACT.load(publish(root, HEADER.replace("Content", "Joy")))
    (root / RATINGS).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        ABSTRACT.load(root)


def test_the_published_counts_are_those_without_ties() -> None:
    assert sum(EXPECTED[name] for name in taxonomy("mikels8").names) == 228 < EXPECTED["images"]
