"""What goes into JSON comes out as plain values, and no number is lost on the way."""

import json
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evocative.plain import plain

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_json_takes_whatever_it_is(value: object) -> None:
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == plain(value)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.booleans())
def test_plain_values_stay_what_they_are(value: object) -> None:
    assert plain(value) == value
    assert type(plain(value)) is type(value)


def test_numpy_s_numbers_keep_their_kind() -> None:
    found = plain([np.int64(3), np.float32(0.5), np.bool_(True), np.float64("inf"), np.str_("a")])
    assert found == [3, 0.5, True, None, "a"]
    assert [type(each) for each in found[:3]] == [int, float, bool]


def test_keys_and_paths_become_text() -> None:
    assert plain({1: Path("a/b"), None: ()}) == {"1": str(Path("a/b")), "None": []}
