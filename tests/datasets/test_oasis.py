"""OASIS as published: odd line ends, a nameless column, a theme with a trailing blank, a scale of 1 to 7."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evocative.data.splits import split
from evocative.data.table import check_table
from evocative.datasets.oasis import OASIS
from evocative.errors import DataError

Plant = Callable[[list[str]], Path]

HEADER = ",Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,Arousal_SD,Arousal_N"
ROWS = [
    "I1,Acorns 1,Object,Pixabay,4,0.9,102,1,1.6,101",
    "I2,Acorns 12,Object,Pixabay,7,3,102,2.5,1.5,101",
    "I3,Crosswalk 1 ,Scenery,Flickr/X,1,0,102,7,1.5,101",
    'I4,Lake 1,Scenery,"Pixabay, cut",5.5,1,102,4,1.5,101',
]


def publish(root: Path, rows: list[str] = ROWS, *, header: str = HEADER) -> Path:
    (root / "OASIS.csv").write_bytes("\r".join([header, *rows]).encode())
    return root


def test_the_file_is_read_as_it_is(plant: Plant) -> None:
    root = publish(plant([f"images/{name}.jpg" for name in ("Acorns 1", "Acorns 12", "Crosswalk 1")]))
    reading = OASIS.load(root)
    frame = reading.table.frame
    assert frame["path"].tolist() == ["images/Acorns 1.jpg", "images/Acorns 12.jpg", "images/Crosswalk 1.jpg"]
    assert frame["group"].tolist() == ["Acorns", "Acorns", "Crosswalk"]
    np.testing.assert_allclose(frame["valence"], [0, 1, -1])
    np.testing.assert_allclose(frame["arousal"], [-1, -0.5, 1])
    np.testing.assert_allclose(frame["valence_sd"], [0.3, 1, 0])
    assert frame["source"].tolist() == ["Pixabay", "Pixabay", "Flickr/X"]
    assert frame["category"].tolist() == ["Object", "Object", "Scenery"]
    assert frame["valence_n"].tolist() == [102] * 3
    assert [(item.path, item.reason) for item in reading.left_out] == [
        ("images/Lake 1.jpg", "the image is missing")
    ]
    check_table(reading.table)


def test_an_image_may_end_in_the_blank_too(plant: Plant) -> None:
    root = publish(plant(["images/Crosswalk 1 .jpg"]), ROWS[2:3])
    assert OASIS.read(root).frame["path"].tolist() == ["images/Crosswalk 1 .jpg"]


@pytest.mark.parametrize(
    ("rows", "header", "message"),
    [
        (ROWS, HEADER.replace("Valence_mean", "Valence"), "unknown column 'Valence_mean'; did you mean"),
        (
            ["I1,Acorns 1,Object,Pixabay,high,0.9,102,1,1.6,101"],
            HEADER,
            "Valence_mean must hold numbers; 1 do not",
        ),
        (ROWS[3:], HEADER, "none of the 1 images"),
        (["I1,Acorns 1,Object,Pixabay,8,0.9,102,1,1.6,101"], HEADER, "outside the scale 1 to 7"),
    ],
)
def test_a_copy_that_is_none(plant: Plant, rows: list[str], header: str, message: str) -> None:
    root = publish(plant(["images/Acorns 1.jpg"]), rows, header=header)
    with pytest.raises(DataError, match=message):
        OASIS.read(root)


def test_a_copy_without_ratings(plant: Plant) -> None:
    with pytest.raises(DataError, match=r"OASIS\.csv: cannot be read"):
        OASIS.read(plant(["images/Acorns 1.jpg"]))


def test_the_real_images(shared_data: Path) -> None:
    reading = OASIS.load(shared_data / "oasis")
    table = reading.table
    check_table(table)
    assert (len(table), reading.left_out) == (617, ())
    assert table.frame["group"].nunique() == 172
    assert table.frame["path"].str.contains("Crosswalk 1.jpg", regex=False).sum() == 1
    np.testing.assert_allclose(table.frame["valence"].iloc[0], (4.68627451 - 4) / 3)
    assert [count.missing for count in OASIS.counts(table)] == [283]
    check_table(split(table, seed=0), files=False)
