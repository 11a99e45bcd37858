"""The IAPS subset: norms in two files, or a folder an emotion."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from evocative.data.table import check_table
from evocative.datasets.iaps_subset import EXPECTED, IAPS_SUBSET
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]

NEGATIVE = (
    "Picture,AngrMean,AngrSD,DisgMean,FearMean,SadnMean\n1050,2,1,3,6.5,1\n2055.1,3,1,2,3,1\n2819,1,1,1,1,6\n"
)
POSITIVE = "Picture,AmusMean,AweMean,ContMean,ExciMean\n1440.0,3,2,5,1\n"


def test_norms_and_pictures(plant: Plant) -> None:
    root = plant(["1050.jpg", "images/2055.1.jpg", "1440.jpg"])
    (root / "Mikels2005negativenorms.csv").write_text(NEGATIVE, encoding="utf-8")
    (root / "Mikels2005positivenorms.csv").write_text(POSITIVE, encoding="utf-8")
    reading = IAPS_SUBSET.load(root)
    frame = reading.table.frame
    check_table(reading.table)
    assert frame["path"].tolist() == ["1050.jpg", "images/2055.1.jpg", "1440.jpg"]
    assert frame["label"].tolist() == ["fear", pd.NA, "contentment"]
    assert frame["mean_fear"].tolist()[:2] == [6.5, 3]
    assert frame["mean_contentment"].isna().tolist() == [True, True, False]
    assert [item.path for item in reading.left_out] == ["2819.jpg"]


def test_one_file_of_norms(plant: Plant) -> None:
    root = plant(["1440.jpg"])
    (root / "Mikels2005positivenorms.csv").write_text(POSITIVE, encoding="utf-8")
    reading = IAPS_SUBSET.load(root)
    assert reading.table.frame["label"].tolist() == ["contentment"]
    assert reading.left_out[0].path == "Mikels2005negativenorms.csv"


def test_a_folder_an_emotion(plant: Plant) -> None:
    reading = IAPS_SUBSET.load(plant(["Anger/2120.jpg", "sad/2205.jpg", "neutral/7000.jpg", "x.jpg"]))
    assert reading.table.frame["label"].tolist() == ["anger", "sadness"]
    assert [item.path for item in reading.left_out] == ["neutral/7000.jpg", "x.jpg"]


def test_neither(plant: Plant) -> None:
    root = plant(["1050.jpg"])
    with pytest.raises(DataError, match=r"expected Mikels2005negativenorms\.csv and .* found neither"):
        IAPS_SUBSET.load(root)
    (root / "Mikels2005negativenorms.csv").write_text(NEGATIVE.replace("FearMean", "Fear"), encoding="utf-8")
    with pytest.raises(DataError, match="unknown column 'FearMean'; did you mean"):
        IAPS_SUBSET.load(root)


def test_the_published_counts_add_up() -> None:
    assert sum(EXPECTED[name] for name in taxonomy("mikels8").names) == EXPECTED["images"]
