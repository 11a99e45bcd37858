"""The columns that a table may have, and their types: the public contract, told in docs/table.md.

Text columns hold text or a missing value, numbers are float64 with NaN for missing. A column with any other
name passes through untouched, except that text is given pandas' nullable string type.
"""

from pathlib import PurePath
from typing import Any, Final

import numpy as np
import pandas as pd

from evocative.taxonomy.labels import Taxonomy

AXES: Final = ("valence", "arousal", "dominance")
"""Dimensions in [-1, 1], always in this order."""
SD_COLUMNS: Final = tuple(f"{axis}_sd" for axis in AXES)
"""Standard deviations of the dimensions between raters, on the same scale."""
VOTES: Final = "votes_"
"""Start of the columns that count the raters who chose a label: `votes_awe`."""
TEXT_COLUMNS: Final = ("path", "label", "split", "group", "source")
SPLITS: Final = ("train", "validation", "test")
SPLIT_ALIASES: Final = {
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "dev": "validation",
    "development": "validation",
    "testing": "test",
}
"""What others call the splits; adapters translate, a table itself uses `SPLITS` only."""

ABBREVIATE: Final = 20
"""How many lines of one kind of mistake a message shows."""


def vote_columns(frame: pd.DataFrame) -> list[str]:
    """Return the names of the columns that count votes, in the frame's order."""
    return [str(name) for name in frame.columns if str(name).startswith(VOTES)]


def number_columns(frame: pd.DataFrame) -> list[str]:
    """Return the names of the columns that must hold numbers, in the contract's order."""
    return [name for name in (*AXES, *SD_COLUMNS) if name in frame.columns] + vote_columns(frame)


def listing(lines: list[str], *, total: int | None = None) -> str:
    """Indent lines below a heading, at most `ABBREVIATE` of them, then '… and n more'.

    Args:
        lines: All of them, or at least the first `ABBREVIATE`.
        total: How many there are, if `lines` holds the first ones only.
    """
    shown = lines[:ABBREVIATE]
    more = (len(lines) if total is None else total) - len(shown)
    if more > 0:
        shown.append(f"… and {more} more")
    return "".join(f"\n    {line}" for line in shown)


def is_text(column: "pd.Series[Any]") -> bool:
    """Whether every value of a column that is not missing is a `str`."""
    return pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty")


def _word(value: object) -> str:
    return value.as_posix() if isinstance(value, PurePath) else str(value)


def _as_text(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column as nullable strings; an empty text is a missing one."""
    if pd.api.types.is_float_dtype(column) and bool((column.dropna() % 1 == 0).all()):
        column = column.astype("Int64")
    if not is_text(column):
        column = column.astype(object).map(_word, na_action="ignore")
    column = column.astype("string")
    return column.mask(column == "")


def _as_numbers(column: "pd.Series[Any]") -> tuple["pd.Series[Any]", str]:
    """Return a column as float64, and how many and which cells are no numbers ('' if all are)."""
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    words = column.astype("string")
    bad = numbers.isna() & words.notna() & ~words.str.lower().isin(["", "nan"])
    wrong = np.flatnonzero(bad.to_numpy(bool))
    lines = [f"row {row + 1}: {words.iloc[row]!r}" for row in wrong[:ABBREVIATE]]
    return numbers, f"({len(wrong)}):" + listing(lines, total=len(wrong)) if lines else ""


def resolved(frame: pd.DataFrame, taxonomy: Taxonomy) -> pd.DataFrame:
    """Return the frame with a taxonomy's own names for its labels: "Happy" becomes "happiness" for CAER-S.

    Labels and vote columns that the taxonomy does not know stay as they are.
    """
    if "label" in frame.columns:
        found = frame["label"].dropna().unique()
        own = {name: taxonomy.resolve(name) for name in found if name in taxonomy}
        frame = frame.assign(label=frame["label"].replace(own))
    votes = {name: name[len(VOTES) :] for name in vote_columns(frame)}
    return frame.rename(
        columns={column: VOTES + taxonomy.resolve(name) for column, name in votes.items() if name in taxonomy}
    )


def typed(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Give every column of a table its type and its place.

    Args:
        frame: Any frame with a column `path`.

    Returns:
        A new frame with a fresh index, the contract's columns first; and the mistakes found, a text each.
    """
    names = [str(name) for name in frame.columns]
    columns: dict[str, pd.Series[Any]] = {}
    problems: list[str] = []
    frame = frame.reset_index(drop=True).set_axis(names, axis="columns")
    for name in TEXT_COLUMNS:
        if name in names:
            columns[name] = _as_text(frame[name])
    for name in number_columns(frame):
        columns[name], bad = _as_numbers(frame[name])
        if bad:
            problems.append(f"column {name}: cells that are no numbers {bad}")
    for name in names:
        if name not in columns:
            columns[name] = frame[name].astype("string") if is_text(frame[name]) else frame[name]
    numeric = number_columns(frame)
    first = [name for name in ("path", "label", *numeric, "split", "group", "source") if name in columns]
    order = first + [name for name in names if name not in first]
    return pd.DataFrame({name: columns[name] for name in order}), problems
