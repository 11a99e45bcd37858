"""What of a picture's style is unusual beside others."""

from pathlib import Path

import numpy as np
import pytest

from evocative.data.storage import write_rows
from evocative.errors import DataError
from evocative.explain.style import collect
from evocative.explain.style_names import FEATURES, LINEAR, VERSION
from evocative.explain.style_reference import StyleReference, read_reference

PLACE = {name: number for number, name in enumerate(LINEAR)}


def reference(count: int = 101) -> StyleReference:
    """Every feature is 0, 1, … 100 in some order, but `grey_area`, which is 0 everywhere."""
    generator = np.random.default_rng(0)
    matrix = np.stack([generator.permutation(count).astype(float) for _ in LINEAR], axis=1)
    matrix[:, PLACE["grey_area"]] = 0
    return StyleReference("numbers", matrix)


def test_the_outer_share_of_both_ends_is_told_farthest_first() -> None:
    values = dict.fromkeys(LINEAR, 50.0) | {
        "grey_area": 0.0, "warmth": 99.5, "harmony": -200.0, "balance": 3.0, "detail": np.nan,
    }  # fmt: skip
    found = reference().extremes(values)
    assert [one.name for one in found] == ["harmony", "warmth"]
    assert found[0].below == 0
    assert found[1].below == pytest.approx(100 / 101)
    assert found[1].median == 50
    wider = reference().extremes(values, share=0.1)
    assert [one.name for one in wider] == ["harmony", "warmth", "balance"]


def test_what_nobody_else_has_comes_first() -> None:
    found = reference().extremes(dict.fromkeys(LINEAR, 50.0) | {"grey_area": 0.01, "warmth": 1000.0})
    assert [one.name for one in found] == ["grey_area", "warmth"]


def test_an_ordinary_picture_has_as_many_as_chance_would_have() -> None:
    matrix = np.random.default_rng(1).normal(size=(500, len(LINEAR)))
    known = StyleReference("normal", matrix)
    drawn = np.random.default_rng(2).normal(size=(200, len(LINEAR)))
    counts = [len(known.extremes(dict(zip(LINEAR, row, strict=True)))) for row in drawn]
    assert np.mean(counts) == pytest.approx(0.05 * len(LINEAR), rel=0.15)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_it_comes_from_a_file_of_features_and_bad_rows_are_left_out(tmp_path: Path, ending: str) -> None:
    rows = [dict.fromkeys(FEATURES, float(number)) for number in range(25)]
    style = collect([f"{n}.jpg" for n in range(26)], [*rows, {"error": "torn"}])
    path = tmp_path / f"style.{ending}"
    write_rows(style.frame, {"kind": "style", "version": VERSION}, path)
    found = read_reference(path)
    assert found.name == "style"
    assert found.matrix.shape == (25, len(LINEAR))
    write_rows(style.frame, {"kind": "style", "version": VERSION + 1}, path)
    with pytest.raises(DataError, match="measure the reference again"):
        read_reference(path)
    write_rows(style.frame.head(10), {}, path)
    with pytest.raises(DataError, match="20 pictures"):
        read_reference(path)
    write_rows(style.frame[["path"]], {}, path)
    with pytest.raises(DataError, match="lacks"):
        read_reference(path)


def test_a_share_that_is_none_is_refused() -> None:
    with pytest.raises(DataError, match="between 0 and 1"):
        reference().extremes({}, share=1.0)
