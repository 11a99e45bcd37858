"""Which row is for what: folds, splits, shares and repeats."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from evocative.data.splits import VALIDATION, write_folds
from evocative.data.table import Table, read_table, write_table
from evocative.errors import DataError, RecipeError
from evocative.recipe import DataConfig, Source, parse
from evocative.taxonomy.labels import TAXONOMIES
from evocative.training.sources import Parts, gather

ROWS = 40


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """one.csv with labels and folds, two.csv with valence and a split of its own."""
    for name, column in (
        ("one", {"label": ["awe", "fear"] * 20}),
        ("two", {"valence": np.linspace(-1, 1, ROWS)}),
    ):
        (tmp_path / name).mkdir()
        frame = pd.DataFrame({"path": [f"{name}/{number}.jpg" for number in range(ROWS)], **column})
        for path in frame["path"]:
            (tmp_path / path).touch()
        if name == "two":
            frame["split"] = ["train"] * 30 + ["validation"] * 5 + ["test"] * 5
        taxonomy = TAXONOMIES["mikels8"] if name == "one" else None
        table = Table(frame, taxonomy=taxonomy, root=tmp_path, name=name)
        write_table(table, tmp_path / f"{name}.csv")
        if name == "one":
            write_folds(tmp_path / "folds.csv", table, np.arange(ROWS, dtype=np.int64) % 4)
    return tmp_path


def sizes(parts: Parts) -> tuple[int, int, int]:
    return len(parts.train), len(parts.validation), len(parts.test)


def test_shares_split_rows_that_have_no_split(place: Path) -> None:
    config = DataConfig(
        sources=(Source(path="one.csv"),), split={"train": 0.5, "validation": 0.25, "test": 0.25}
    )
    parts = gather(config, place)
    assert sizes(parts) == (20, 10, 10)
    names = [set(part.frame["path"]) for part in (parts.train, parts.validation, parts.test)]
    assert len(set.union(*names)) == ROWS


def test_a_tables_own_split_is_kept(place: Path) -> None:
    assert sizes(gather(DataConfig(sources=(Source(path="two.csv"),)), place)) == (30, 5, 5)


def test_a_held_out_fold_is_the_test_set_and_nothing_else(place: Path) -> None:
    source = Source(path="one.csv", folds="folds.csv")
    parts = gather(DataConfig(sources=(source,), fold=1, split={"train": 1.0}), place)
    assert sizes(parts) == (30, 0, 10)
    assert [int(Path(path).stem) % 4 for path in parts.test.frame["path"]] == [1] * 10
    assert all(int(Path(path).stem) % 4 != 1 for path in parts.train.frame["path"])


def test_validation_comes_out_of_the_other_folds(place: Path) -> None:
    source = Source(path="one.csv", folds="folds.csv")
    parts = gather(DataConfig(sources=(source,), fold=0, split={"train": 0.9, "validation": 0.1}), place)
    assert sizes(parts) == (27, 3, 10)


@pytest.fixture
def marked(place: Path) -> Path:
    """The same with every fifth row of one.csv marked as validation."""
    table = read_table(place / "one.csv", taxonomy=TAXONOMIES["mikels8"])
    number = np.arange(ROWS, dtype=np.int64) % 5
    write_folds(place / "marked.csv", table, np.where(number == 4, VALIDATION, number))
    return place


@pytest.mark.parametrize(
    ("fold", "expected"), [(2, ({0, 1, 3}, {4}, {2})), ("validation", ({0, 1, 2, 3}, set(), {4}))]
)
def test_a_fixed_validation_part_is_in_no_fold(
    marked: Path, fold: int | Literal["validation"], expected: tuple[set[int], set[int], set[int]]
) -> None:
    source = Source(path="one.csv", folds="marked.csv")
    parts = gather(DataConfig(sources=(source,), fold=fold, split={"train": 1.0}), marked)
    found = [
        {int(Path(path).stem) % 5 for path in part.frame["path"]}
        for part in (parts.train, parts.validation, parts.test)
    ]
    assert found == list(expected)


def test_a_validation_part_that_no_file_marks_is_refused(place: Path) -> None:
    config = DataConfig(sources=(Source(path="one.csv", folds="folds.csv"),), fold="validation")
    with pytest.raises(RecipeError, match="no file of folds marks"):
        gather(config, place)


def test_repeat_multiplies_training_rows_only(place: Path) -> None:
    config = DataConfig(
        sources=(Source(path="one.csv"), Source(path="two.csv", repeat=3)), split={"train": 1.0}
    )
    parts = gather(config, place)
    assert sizes(parts) == (ROWS + 3 * 30, 5, 5)
    assert parts.train.taxonomy == TAXONOMIES["mikels8"]
    assert (parts.train.labels >= 0).sum() == ROWS
    assert np.isfinite(parts.train.dimensions[:, 0]).sum() == 90


@pytest.mark.parametrize(
    ("config", "error", "expected"),
    [
        (DataConfig(), RecipeError, "at least one source"),
        (DataConfig(sources=(Source(path="gone.csv"),)), DataError, "no such file or folder"),
        (DataConfig(sources=(Source(path="one.csv", folds="folds.csv"),), fold=7), RecipeError, "found 7"),
        (DataConfig(sources=(Source(path="one.csv"),), split={"test": 1.0}), RecipeError, "no row is left"),
    ],
)
def test_mistakes_say_what_to_do(
    place: Path, config: DataConfig, error: type[Exception], expected: str
) -> None:
    with pytest.raises(error, match=expected):
        gather(config, place)


def test_missing_images_are_named_before_training(place: Path) -> None:
    (place / "one" / "3.jpg").unlink()
    with pytest.raises(DataError, match=r"one/3\.jpg"):
        gather(DataConfig(sources=(Source(path="one.csv"),)), place)


def test_a_limit_draws_a_sample_by_label_that_another_seed_changes(place: Path) -> None:
    def limited(seed: int) -> Parts:
        return gather(
            DataConfig(
                sources=(Source(path="one.csv"),), split={"train": 0.5, "validation": 0.25, "test": 0.25},
                limit={"train": 8, "test": 4}, split_seed=seed,
            ),
            place,
        )  # fmt: skip

    first, again, other = limited(0), limited(0), limited(1)
    assert sizes(first) == (8, 10, 4)
    assert np.bincount(first.train.labels[first.train.labels >= 0]).max() == 4
    assert first.train.frame.equals(again.train.frame)
    assert set(first.train.frame["path"]) != set(other.train.frame["path"])
    whole = gather(DataConfig(sources=(Source(path="two.csv"),), limit={"test": 99}), place)
    assert sizes(whole) == (30, 5, 5)


def test_a_limit_of_an_unknown_part_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"data.limit: unknown part\(s\) \['val'\]"):
        parse({"data": {"limit": {"val": 3}}})


def test_a_source_that_lacks_a_class_is_read_in_the_labels_of_the_others(tmp_path: Path) -> None:
    for name, part, words in (
        ("all", "train", ["joy", "calm", "rage"]),
        ("few", "validation", ["Calm", "rage"]),
    ):
        rows = [f"{name}/{word}.jpg,{word},{part}" for word in words]
        (tmp_path / f"{name}.csv").write_text("\n".join(["path,label,split", *rows]), encoding="utf-8")
        (tmp_path / name).mkdir()
        for word in words:
            (tmp_path / name / f"{word}.jpg").touch()
    sources = (Source(path="all.csv"), Source(path="few.csv"))
    for taxonomy in (None, "own"):
        parts = gather(DataConfig(sources=sources, taxonomy=taxonomy), tmp_path)
        assert parts.train.taxonomy is not None
        assert parts.train.taxonomy.names == ("calm", "joy", "rage")
        assert parts.validation.taxonomy == parts.train.taxonomy
        assert parts.validation.frame["label"].tolist() == ["calm", "rage"]


def test_a_recipe_names_the_labels_of_a_folder(tmp_path: Path) -> None:
    for name in ("awe", "fear"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(20):
            (tmp_path / "photos" / name / f"{number}.jpg").touch()
    source = Source(dataset="folder", path="photos")
    for taxonomy, names in ((None, ("awe", "fear")), ("mikels8", TAXONOMIES["mikels8"].names)):
        found = gather(DataConfig(sources=(source,), taxonomy=taxonomy), tmp_path).train.taxonomy
        assert found is not None
        assert found.names == names
