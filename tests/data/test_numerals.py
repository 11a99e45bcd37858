"""Numbers as spreadsheets in several languages write them, worked by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evocative.data.numerals import plain_numbers


def read(*columns: list[str], separator: str = ";") -> tuple[list[list[str]], list[str]]:
    frame = pd.DataFrame({f"n{place}": pd.array(each, dtype="string") for place, each in enumerate(columns)})
    frame, problems = plain_numbers(frame, numbers=list(frame.columns), others=[], separator=separator)
    return [frame[name].tolist() for name in frame.columns], problems


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["0,5", "-0,25", "1"], ["0.5", "-0.25", "1"]),
        (["1.234,5", "12.345.678,9"], ["1234.5", "12345678.9"]),  # German
        (["1\u202f234,5", "2 000,25"], ["1234.5", "2000.25"]),  # French
        (["1'234.5", "2’000.25"], ["1234.5", "2000.25"]),  # Swiss
        (["1,234.5", "1,234"], ["1234.5", "1234"]),  # English
        (["\u22120,5", "+1,5e-3", ",5", "5,"], ["-0.5", "+1.5e-3", ".5", "5."]),
        (["0,125", "1,234"], ["0.125", "1.234"]),  # the first tells how the second is meant
        (["1.234.567"], ["1234567"]),
        (["0.5", "1e-3", "12"], ["0.5", "1e-3", "12"]),
        (["0,5", "n/a", "nan"], ["0.5", "n/a", "nan"]),  # what is no number is told later
    ],
)
def test_one_column(written: list[str], meant: list[str]) -> None:
    assert read(written) == ([meant], [])
    assert read(written, separator="\t") == ([meant], [])


def test_the_rest_of_the_file_tells_how_thousands_are_meant() -> None:
    assert read(["0,5", "0,25"], ["1.234", "12"]) == ([["0.5", "0.25"], ["1234", "12"]], [])
    assert read(["0.5", "0.25"], ["1,234", "12"]) == ([["0.5", "0.25"], ["1234", "12"]], [])
    assert read(["5,123"]) == ([["5.123"]], [])  # between semicolons, commas are decimal marks
    assert read(["5.123"]) == ([["5.123"]], [])


@pytest.mark.parametrize("columns", [(["0,5", "0.5"],), (["1,234", "1.234"],), (["0,5"], ["0.5"], ["1,234"])])
def test_what_can_be_read_in_two_ways_is_refused(columns: tuple[list[str], ...]) -> None:
    _, problems = read(*columns)
    assert len(problems) == 1
    assert problems[0].startswith(f"column n{len(columns) - 1}: ")
    assert read(["1,234"], separator=",")[1]


def test_further_columns_change_only_where_all_is_numbers_with_decimal_commas() -> None:
    frame = pd.DataFrame(
        {
            "v": ["0,5", "1"],
            "year": ["1999", "2001"],
            "share": ["0,1", "2"],
            "note": ["1,5", "b"],
            "zip": ["007", "1"],
        },
        dtype="string",
    )
    found, problems = plain_numbers(
        frame, numbers=["v"], others=["year", "share", "note", "zip"], separator=";"
    )
    assert problems == []
    assert found.to_dict("list") == frame.to_dict("list") | {"v": ["0.5", "1"], "share": ["0.1", "2"]}


def in_german(number: float) -> str:
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=6))
def test_any_numbers_in_german_and_english(numbers: list[float]) -> None:
    for written in ([in_german(number) for number in numbers], [f"{number:,.2f}" for number in numbers]):
        found, problems = read(written)
        assert problems == []
        np.testing.assert_allclose([float(word) for word in found[0]], numbers, atol=0.00501)
