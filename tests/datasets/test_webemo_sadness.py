"""WEBEmo sadness: the filter, the two classes, the draw, and what a copy may lack."""

from pathlib import Path

import pandas as pd
import pytest

from evocative.data.table import Table, check_table, read_table, write_table
from evocative.datasets.card import IMAGES
from evocative.datasets.sadness import draw, sadness_labels
from evocative.datasets.webemo import WEBEMO
from evocative.datasets.webemo_sadness import FRACTIONS, NUMBERS, WEBEMO_SADNESS
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

OTHERS, SAD = 60, 40


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of WEBEmo with 60 images of rage and 40 of neglect, and one that is listed under both."""
    root = tmp_path / "webemo"
    for folder, number in (("train/rage", OTHERS), ("train/neglect", SAD)):
        (root / folder).mkdir(parents=True)
        for n in range(number):
            (root / folder / f"{folder[6]}{n}.jpg").touch()
    for folder in ("train/rage", "train/neglect"):
        (root / folder / "both.jpg").touch()
    return root


def with_text(root: Path, file: Path, *, text: object) -> Path:
    """Write a table of WEBEmo with what was found of text; `text` may be one value for all rows."""
    write_table(WEBEMO.read(root, split="none").assign(text=text), file)
    return file


def test_a_table_with_findings(copy: Path, tmp_path: Path) -> None:
    table = WEBEMO.read(copy, split="none")
    text = [path.endswith("7.jpg") for path in table.frame["path"]]  # 6 of 60 and 4 of 40
    file = with_text(copy, tmp_path / "webemo.parquet", text=text)
    reading = WEBEMO_SADNESS.load(file)
    two = reading.table
    check_table(two)
    assert two.taxonomy == taxonomy("sadness2")
    assert not any(path.endswith("7.jpg") for path in two.frame["path"])
    assert not any(path.endswith("both.jpg") for path in two.frame["path"])
    # 54 and 36 are left; 33,015 to 28,059 is 42.36 to 36
    assert two.frame["label"].value_counts().to_dict() == {"others": 42, "sadness": 36}
    assert set(two.frame["webemo25"]) == {"rage", "neglect"}
    assert two.splits == {"train": 62, "validation": 8, "test": 8}
    again = WEBEMO_SADNESS.read(file)
    assert again.frame.equals(two.frame)
    other = WEBEMO_SADNESS.read(file, seed=1)
    assert set(other.frame["path"]) != set(two.frame["path"])


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_folder_and_findings_beside_it(copy: Path, tmp_path: Path, suffix: str) -> None:
    paths = [path for path in WEBEMO.read(copy).frame["path"] if not path.endswith("0.jpg")]
    found = pd.DataFrame({"path": paths, "score": [0.9 if path.endswith("1.jpg") else 0.2 for path in paths]})
    write_table(Table(found), tmp_path / f"found.{suffix}")
    reading = WEBEMO_SADNESS.load(copy, findings=tmp_path / f"found.{suffix}", text="score")
    write_table(Table(found), copy / f"text.{suffix}")
    inside = WEBEMO_SADNESS.read(copy, text="score")
    assert inside.frame.equals(reading.table.frame)
    kept = reading.table.frame["path"]
    assert not kept.str.contains("[01].jpg$").any()
    assert sum(item.reason == "nobody looked whether it holds text" for item in reading.left_out) == 10


def test_without_a_filter_and_with_repeats(copy: Path) -> None:
    once = WEBEMO_SADNESS.read(copy, text="none")
    assert once.frame["label"].value_counts().to_dict() == {"others": 47, "sadness": 40}
    kept = WEBEMO_SADNESS.read(copy, text="none", repeats="keep")
    assert kept.frame["label"].value_counts()["sadness"] == 41
    check_table(kept, files=False)


@pytest.mark.parametrize(
    ("family", "sad"), [("six", {"neglect", "sadness"}), ("seven", {"neglect", "sadness", "confusion"}),
                        ("one", {"sadness"})]
)  # fmt: skip
def test_families_of_sadness(tmp_path: Path, family: str, sad: set[str]) -> None:
    for name in ("neglect", "sadness", "confusion", "zest"):
        for n in range(20 if name == "zest" else 5):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / f"{name}{n}.jpg").touch()
    frame = WEBEMO_SADNESS.read(tmp_path, text="none", family=family).frame
    assert set(frame["webemo25"][frame["label"] == "sadness"]) == sad


@pytest.mark.parametrize("words", [["true", "false"], ["1", "0"], ["text", "others"], ["0.5", "0.49"]])
def test_findings_are_said_in_many_ways(copy: Path, tmp_path: Path, words: list[str]) -> None:
    table = WEBEMO.read(copy, split="none")
    text = [words[0] if "/r" in path and path.endswith("3.jpg") else words[1] for path in table.frame["path"]]
    file = with_text(copy, tmp_path / "webemo.csv", text=text)
    frame = WEBEMO_SADNESS.read(file).frame
    assert not frame["path"].str.contains(r"/r\d*3.jpg$").any()
    assert len(frame) == 87  # 54 of rage are left, of which 47 go with 40


def test_mistakes_are_named(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"unknown column 'text'.*skip the filter by text=none"):
        WEBEMO_SADNESS.read(copy)
    with pytest.raises(DataError, match="102 cells do not, the first in row 1: 'maybe'"):
        WEBEMO_SADNESS.read(with_text(copy, tmp_path / "a.parquet", text="maybe"))
    with pytest.raises(DataError, match="102 cells do not"):
        WEBEMO_SADNESS.read(with_text(copy, tmp_path / "b.parquet", text=87.5))
    with pytest.raises(DataError, match="there is no image of others"):
        WEBEMO_SADNESS.read(with_text(copy, tmp_path / "c.parquet", text=True))
    write_table(Table(pd.DataFrame({"path": ["x.jpg"], "text": [False]})), tmp_path / "d.parquet")
    with pytest.raises(DataError, match="none of WEBEmo's 102 images has a finding"):
        WEBEMO_SADNESS.read(copy, findings=tmp_path / "d.parquet")
    with pytest.raises(DataError, match=r"unknown column 'webemo25'.*prepare webemo"):
        WEBEMO_SADNESS.read(tmp_path / "d.parquet")


def test_the_printed_numbers_add_up_only_with_the_missing_image() -> None:
    assert NUMBERS == {"others": 26_445 + 2 * (3_284 + 1), "sadness": 22_413 + 2 * 2_823}
    assert sum(NUMBERS.values()) == WEBEMO_SADNESS.expected[IMAGES] == 61_074
    assert round(NUMBERS["sadness"] / 61_074, 2) == 0.46
    assert sum(FRACTIONS.values()) == pytest.approx(1)


def test_a_draw_does_not_hang_on_the_rows_order() -> None:
    frame = pd.DataFrame({"path": [f"{n}.jpg" for n in range(30)], "label": ["anger", "awe", "fear"] * 10})
    table = Table(frame, taxonomy=taxonomy("mikels8"))
    drawn = draw(table, {"anger": 3, "awe": 5}, seed=4)
    assert drawn.frame["label"].value_counts().to_dict() == {"awe": 5, "anger": 3}
    backwards = draw(table.select(list(range(29, -1, -1))), {"anger": 3, "awe": 5}, seed=4)
    assert set(backwards.frame["path"]) == set(drawn.frame["path"])
    assert sadness_labels(drawn).frame["label"].unique().tolist() == ["others"]


def test_a_prepared_table_is_read_with_its_root(copy: Path, tmp_path: Path) -> None:
    file = with_text(copy, tmp_path / "webemo.parquet", text=False)
    write_table(WEBEMO_SADNESS.read(file), tmp_path / "two.parquet")
    two = read_table(tmp_path / "two.parquet")
    assert two.root == copy
    check_table(two)
