"""IESN: lists in the form that the card tells, what was meant and what was felt apart."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evocative.data.table import check_table
from evocative.datasets.iesn import IESN
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]

HEADER = "image,valence,arousal,dominance,emotion\n"
IMAGES = """Image,Valence,Arousal,Dominance,Emotion,User,Title
1.jpg,4.1956,4.4989,4.8378,fear,ann,Light in Darkness
2,9,1,5,Awe,ann,
3.jpg,5,5,5,,bob,Gone
"""
COMMENTS = """image,valence,arousal,dominance,emotion
1.jpg,7.121,4.479,6.635,awe
1.jpg,7.950,6.950,7.210,excitement
1.jpg,2.625,5.805,3.625,fear
1.jpg,3,5,5,fear
2,9,5,5,
"""  # the printed figures of Zhao et al. 2016 (AAAI), figure 1, and two more


@pytest.fixture
def copy(plant: Plant) -> Path:
    root = plant(["images/1.jpg", "images/2.jpg"])
    (root / "images.csv").write_text(IMAGES)
    return root


def test_what_was_meant(copy: Path) -> None:
    reading = IESN.load(copy)
    check_table(reading.table)
    frame = reading.table.frame
    assert reading.table.taxonomy == taxonomy("mikels8")
    assert list(frame["path"]) == ["images/1.jpg", "images/2.jpg"]
    assert list(frame["label"]) == ["fear", "awe"]
    assert list(frame["valence"]) == pytest.approx([(4.1956 - 5) / 4, 1])
    assert list(frame["arousal"]) == pytest.approx([(4.4989 - 5) / 4, -1])
    assert list(frame["group"]) == ["ann", "ann"]
    assert "comments_n" not in frame.columns
    assert [(item.path, item.reason) for item in reading.left_out] == [
        ("images/3.jpg", "the image is missing")
    ]


def test_comments_stand_beside_it(copy: Path) -> None:
    (copy / "comments.csv").write_text(COMMENTS)
    frame = IESN.read(copy).frame
    felt = (np.array([7.121, 7.95, 2.625, 3]) - 5) / 4
    assert list(frame["valence"]) == pytest.approx([(4.1956 - 5) / 4, 1])
    assert frame["comments_valence"][0] == pytest.approx(felt.mean())
    assert frame["comments_valence_sd"][0] == pytest.approx(felt.std(ddof=1))
    assert list(frame["comments_n"]) == [4, 1]
    assert list(frame["comments_label"].fillna("none")) == ["fear", "none"]


def test_or_take_its_place(copy: Path) -> None:
    (copy / "comments.csv").write_text(COMMENTS)
    table = IESN.read(copy, take="felt")
    check_table(table)
    frame = table.frame
    assert frame["valence"][0] == pytest.approx(((7.121 + 7.95 + 2.625 + 3) / 4 - 5) / 4)
    assert frame["expected_valence"][0] == pytest.approx((4.1956 - 5) / 4)
    assert np.isnan(frame["valence_sd"][1])
    assert frame["votes_fear"].tolist() == [2, 0]
    assert list(frame["label"].fillna("none")) == ["fear", "none"]
    assert list(frame["expected_label"]) == ["fear", "awe"]


def test_bad_rows_are_left_out_and_named(copy: Path) -> None:
    (copy / "images.csv").write_text(IMAGES + "4.jpg,9.5,1,1,awe,x,\n,5,5,5,awe,x,\n5.jpg,5,5,5,zest,x,\n")
    (copy / "comments.csv").write_text(COMMENTS + "1.jpg,no,1,1,awe\n")
    reading = IESN.load(copy)
    assert [(item.path, item.reason) for item in reading.left_out] == [
        ("images, row 5", "it names no image"),
        ("images, row 4", "valence, arousal or dominance is no number from 1 to 9"),
        ("images, row 6", "its emotion is none of Mikels' eight"),
        ("comments, row 6", "valence, arousal or dominance is no number from 1 to 9"),
        ("images/3.jpg", "the image is missing"),
    ]
    assert len(reading.table) == 2


def test_what_is_no_copy_is_refused(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"comments.csv: cannot be found"):
        IESN.read(copy, take="felt")
    (copy / "images.csv").rename(copy / "images.tsv")
    (copy / "images.tsv").write_text(IMAGES.replace(",", "\t"))
    assert len(IESN.read(copy)) == 2
    (copy / "images.tsv").write_text("image\tvalence\tarousal\n1\t5\t5\n")
    with pytest.raises(DataError, match="unknown column 'dominance'"):
        IESN.read(copy)
    with pytest.raises(DataError, match="does not exist"):
        IESN.read(tmp_path / "absent")


@pytest.mark.parametrize("take", ["expected", "felt"])
def test_a_column_of_emotions_may_be_empty(copy: Path, take: str) -> None:
    """Also where the only emotion that stands in it is none."""
    (copy / "images.csv").write_text(f"{HEADER}1.jpg,5,5,5,\n2.jpg,6,5,5,\n3.jpg,5,5,5,bliss\n")
    (copy / "comments.csv").write_text(f"{HEADER}1.jpg,7,5,5,\n")
    reading = IESN.load(copy, take=take)
    check_table(reading.table)
    assert reading.table.frame["label"].isna().all()
    assert list(reading.table.frame["comments_n"].fillna(0)) == [1, 0]
    assert [item.reason for item in reading.left_out] == ["its emotion is none of Mikels' eight"]
