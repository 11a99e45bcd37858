"""Each mistake of a table is found, named with its rows, and told in a few lines."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evocative.data.check import escapes, find_problems
from evocative.data.columns import typed
from evocative.taxonomy.labels import taxonomy

MIKELS = taxonomy("mikels8")


def problems(root: Path | None = None, **columns: Any) -> list[str]:
    n = max(len(column) for column in columns.values() if isinstance(column, list))
    frame, found = typed(pd.DataFrame({"path": [f"{row}.jpg" for row in range(n)], **columns}))
    assert found == []
    return find_problems(frame, taxonomy=MIKELS, root=root)


def test_a_table_with_every_column_is_sound() -> None:
    assert not problems(
        label=["awe", None],
        valence=[-1, 1],
        valence_sd=[0, 1],
        votes_awe=[0, None],
        split=["train", None],
        group=["a", "a"],
        note=["x", None],
    )


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"path": ["a", None]}, ["rows without a path (1):", "row 2"]),
        ({"path": ["a", "b/../a"]}, ["paths in more than one row (1):", "a (2 times)"]),
        (
            {"path": ["../a", "/b", "c/../../d", "C:\\e", "..f/g"]},
            ["root (4;", "../a", "/b", "c/../../d", "C:\\e"],
        ),
        (
            {"label": ["aw", "awe", "aw"]},
            ["unknown labels (1; 'mikels8'", "'aw' (2 rows, first is row 1); did you mean"],
        ),
        (
            {"arousal": [0.5, 1.5, float("-inf")]},
            ["arousal: values outside [-1, 1] (2;", "row 2 (1.jpg): 1.5", "row 3"],
        ),
        ({"valence_sd": [-0.5, 0.5]}, ["column valence_sd", "row 1 (0.jpg): -0.5"]),
        ({"votes_awe": [1, -1]}, ["column votes_awe: values below 0 (1)", "row 2 (1.jpg): -1.0"]),
        ({"votes_joy": [1, 1]}, ["vote columns of labels that 'mikels8' lacks (1):", "votes_joy"]),
        (
            {"split": ["val", "train"]},
            ["unknown splits (1; there are train, validation, test):", "did you mean 'validation'"],
        ),
        (
            {"split": ["train", "test", "train", "test"], "group": ["a", "a", "b", "c"]},
            ["groups on both sides of a split (1):", "'a': test 1, train 1"],
        ),
    ],
)
def test_one_kind_of_mistake(columns: dict[str, Any], expected: list[str]) -> None:
    found = problems(**columns)
    assert len(found) == 1
    for part in expected:
        assert part in found[0]


def test_an_empty_table_and_one_without_paths() -> None:
    assert "no rows" in find_problems(pd.DataFrame({"path": []}))[0]
    assert "label" in find_problems(pd.DataFrame({"label": ["awe"]}))[0]


def test_labels_without_a_taxonomy_name_the_closest_one() -> None:
    frame, _ = typed(
        pd.DataFrame({"path": ["a", "b", "c"], "label": ["awe", "Contentment", "joyy"], "votes_awe": 1})
    )
    found = find_problems(frame)
    assert "closest is 'mikels8', which lacks 'joyy'" in found[0]
    assert "vote columns (1) but no taxonomy" in found[1]


def test_files_are_looked_for_below_the_root(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "1.jpg").write_bytes(b"x")
    found = problems(tmp_path, path=["b/1.jpg", "b/2.jpg", "b"])
    assert len(found) == 1
    assert "(2 of 3)" in found[0]
    assert "b/2.jpg" in found[0]
    assert "write / for \\" in problems(tmp_path, path=["b\\1.jpg"])[0]
    assert "not there" in problems(tmp_path / "absent", path=["a"])[0]


def test_a_kind_of_mistake_takes_a_screen_at_most() -> None:
    found = problems(path=[f"../{row}" for row in range(5000)], valence=[2.0] * 5000)
    assert len(found) == 2
    for text in found:
        assert len(text.splitlines()) == 22
        assert text.endswith("… and 4980 more")


def test_escapes() -> None:
    assert [escapes(path) for path in ("a/../b", "./a", "...", "a/../..", "..", "D:/x")] == [False] * 3 + [
        True
    ] * 3
