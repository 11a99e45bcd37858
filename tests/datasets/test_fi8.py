"""FI-8: a folder an emotion, counted against the publication."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evocative.data.table import check_table
from evocative.datasets.card import Count
from evocative.datasets.fi8 import EXPECTED, FI8
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

Plant = Callable[[list[str]], Path]


def test_a_copy_with_strangers_and_a_gap(plant: Plant) -> None:
    emotions = [name for name in taxonomy("mikels8").names if name != "fear"]
    root = plant(
        [f"{name}/{name}_0001.jpg" for name in emotions] + ["Awe/awe_2.jpg", "others/x.jpg", "y.jpg"]
    )
    reading = FI8.load(root)
    assert reading.table.taxonomy == taxonomy("mikels8")
    assert len(reading.table) == 8
    assert reading.table.frame["label"].value_counts()["awe"] == 2
    told = {item.path: item.reason for item in reading.left_out}
    assert set(told) == {"others/", "./", "fear/"}
    assert told["others/"] == "no emotion of FI-8; images in it: 1"
    check_table(reading.table)
    counts = {count.name: count for count in FI8.counts(reading.table)}
    assert counts["fear"] == Count("fear", 1_032, 0)
    assert counts["awe"].missing == 3_149
    assert list(counts) == [*taxonomy("mikels8").names, "images"]


def test_a_folder_of_something_else_is_refused(plant: Plant) -> None:
    with pytest.raises(DataError, match="no image in a folder of FI-8's emotions; expected amusement, awe"):
        FI8.read(plant(["cats/a.jpg"]))


def test_the_published_counts_add_up() -> None:
    assert sum(EXPECTED[name] for name in taxonomy("mikels8").names) == EXPECTED["images"]


def test_the_real_images(shared_data: Path) -> None:
    table = FI8.read(shared_data / "fi8-original-size")
    check_table(table)
    assert len(table) == 64
    assert set(table.frame["label"]) == set(taxonomy("mikels8").names)
