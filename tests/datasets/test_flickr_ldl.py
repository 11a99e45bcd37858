"""Flickr_LDL and Twitter_LDL: lists with a header that names the emotions; columns by name only."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evocative.data.table import check_table
from evocative.datasets.flickr_ldl import FLICKR_LDL
from evocative.datasets.twitter_ldl import TWITTER_LDL
from evocative.errors import DataError

Plant = Callable[[list[str]], Path]

HEADER = "images-name Amusement Awe Contentment Excitement Anger Disgust Fear Sadness"


def test_lists_of_both_parts(plant: Plant) -> None:
    root = plant([f"images/{n}.jpg" for n in (1, 2, 3)])
    train = [
        HEADER,
        "1.jpg 5 1 0 0 2 0 1 2",
        "2.jpg 4 4 0 0 0 0 1 2",
        "9.jpg 0 0 0 0 0 0 0 11 ",
        "4.jpg 0 0 0 0 0 0 0 0",
    ]
    (root / "train_ground_truth.txt").write_text("\r\n".join(train), encoding="utf-8")
    (root / "test_ground_truth.txt").write_text(f"{HEADER}\n3.jpg 0 0 0 0 0 0 0 11\n", encoding="utf-8")
    reading = FLICKR_LDL.load(root)
    table = reading.table
    check_table(table)
    assert table.frame["path"].tolist() == ["images/1.jpg", "images/2.jpg", "images/3.jpg"]
    assert table.frame["label"].tolist() == ["amusement", pd.NA, "sadness"]
    assert table.frame["split"].tolist() == ["train", "train", "test"]
    votes = table.votes
    assert votes is not None
    np.testing.assert_array_equal(votes[0], [5, 1, 0, 0, 2, 0, 1, 2])
    np.testing.assert_array_equal(votes.sum(axis=1), 11)
    assert [(item.path, item.reason) for item in reading.left_out] == [
        ("train_ground_truth.txt, row 4", "it lacks the image's name or its votes"),
        ("images/9.jpg", "the image is missing"),
    ]


def test_an_image_of_both_parts_is_tested_and_not_trained_on(plant: Plant) -> None:
    root = plant([f"images/{n}.jpg" for n in (1, 2)])
    rows = [HEADER, "1.jpg 5 1 0 0 2 0 1 2", "2.jpg 0 0 0 0 0 0 0 11"]
    (root / "train.txt").write_text("\n".join(rows), encoding="utf-8")
    (root / "test.txt").write_text(f"{HEADER}\nimages/1.jpg 5 1 0 0 2 0 1 2\n", encoding="utf-8")
    reading = FLICKR_LDL.load(root)
    frame = reading.table.frame.set_index("path")
    assert frame["split"].to_dict() == {"images/1.jpg": "test", "images/2.jpg": "train"}
    assert [(item.path, item.reason) for item in reading.left_out] == [
        ("images/1.jpg", "the same image is tested")
    ]


def test_columns_are_taken_by_name(plant: Plant) -> None:
    root = plant(["a.jpg"])
    names = "image,anger,amusement,awe,contentment,disgust,excitement,fear,sad"
    (root / "twitterldl_config.csv").write_text(f"{names}\na.jpg,1,0,0,0,0,0,0,7\n", encoding="utf-8")
    table = TWITTER_LDL.read(root)
    assert table.name == "twitter_ldl"
    assert "split" not in table.frame.columns
    assert table.frame["votes_anger"].tolist() == [1]
    assert table.frame["votes_sadness"].tolist() == [7]
    assert table.frame["label"].tolist() == ["sadness"]


def test_a_header_without_names_is_refused(plant: Plant) -> None:
    root = plant(["images/1.jpg"])
    (root / "train.txt").write_text("image 0 1 2 3 4 5 6 7\n1.jpg 1 0 0 0 0 0 0 7\n", encoding="utf-8")
    with pytest.raises(
        DataError, match="must name the image and the eight emotions; it lacks amusement, awe"
    ):
        FLICKR_LDL.load(root)


def test_the_matrix_alone_is_refused_with_a_way_out(plant: Plant) -> None:
    root = plant(["images/1.jpg"])
    with pytest.raises(DataError, match=r"expected a list of votes .* found none\.$"):
        FLICKR_LDL.load(root)
    (root / "flickrldl_config.mat").write_bytes(b"MATLAB")
    with pytest.raises(
        DataError, match=r"does not say which row is which emotion: write a table .* as flickrldl_config\.csv"
    ):
        FLICKR_LDL.load(root)


def test_a_list_that_is_no_text(plant: Plant) -> None:
    root = plant(["images/1.jpg"])
    (root / "train.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="cannot be read as UTF-8 text"):
        TWITTER_LDL.load(root)
