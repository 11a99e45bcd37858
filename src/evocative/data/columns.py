"""The columns that a table may have, and their types: the public contract, told in docs/table.md.

Text columns hold text or a missing value, numbers are float64 with NaN for missing. A column with any other
name passes through untouched, except that text is given pandas' nullable string type.
"""

from collections.abc import Collection, Iterable
from decimal import Decimal
from numbers import Real
from pathlib import PurePath
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evocative.errors import DataError
from evocative.taxonomy.labels import Taxonomy
from evocative.taxonomy.spelling import plain_word, tidy

AXES: Final = ("valence", "arousal", "dominance")
"""Dimensions in [-1, 1], always in this order."""
SD_COLUMNS: Final = tuple(f"{axis}_sd" for axis in AXES)
"""Standard deviations of the dimensions between raters, on the same scale."""
VOTES: Final = "votes_"
"""Start of the columns that count the raters who chose a label: `votes_awe`."""
TEXT_COLUMNS: Final = ("path", "label", "split", "group", "source")
KNOWN_COLUMNS: Final = (*TEXT_COLUMNS, *AXES, *SD_COLUMNS)
"""All but those of votes."""
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


def _word(value: object) -> str | None:
    """Return a cell as text, None where it holds something that no text stands for (a list, say)."""
    if isinstance(value, bytes | bytearray):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return None
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value) if np.ndim(value) == 0 and not isinstance(value, dict | set | frozenset) else None  # type: ignore[arg-type]


def as_text(column: "pd.Series[Any]") -> tuple["pd.Series[Any]", NDArray[np.bool_]]:
    """Return a column as nullable strings, and which of its cells are no text.

    An empty text is a missing one. Bytes are read as UTF-8, whole numbers lose their `.0`.
    """
    wrong = np.zeros(len(column), dtype=bool)
    if not is_text(column):
        words = column.astype(object).map(_word, na_action="ignore")
        wrong = (words.isna() & column.notna()).to_numpy(dtype=bool)
        column = words.where(words.notna(), None)
    column = column.astype("string")
    return column.mask(column == ""), wrong


def as_numbers(column: "pd.Series[Any]") -> tuple["pd.Series[Any]", NDArray[np.bool_]]:
    """Return a column as float64, and which of its cells are no numbers.

    `nan` in any case is a missing number. Booleans, dates and complex numbers are none.
    """
    if column.dtype.kind in "iuf":
        return column.astype("float64"), np.zeros(len(column), dtype=bool)
    cells = column.astype(object)
    words = cells.map(lambda value: value if isinstance(value, str) else _number(value), na_action="ignore")
    numbers = pd.to_numeric(words, errors="coerce").astype("float64")
    texts = words.map(lambda word: word.strip().lower() if isinstance(word, str) else "", na_action="ignore")
    bad = cells.notna() & (words.isna() | (numbers.isna() & ~texts.isin(["", "nan"])))
    return numbers, bad.to_numpy(dtype=bool)


def _number(value: object) -> object:
    """Return a cell that is no `str` as something that stands for a number, None where it cannot."""
    if isinstance(value, bytes | bytearray):
        return _word(value)
    fit = isinstance(value, Real | Decimal) and not isinstance(value, bool | np.bool_)
    return float(value) if fit else None  # type: ignore[arg-type]


def _wrong(column: "pd.Series[Any]", wrong: NDArray[np.bool_], what: str) -> list[str]:
    """Return one text that says how many cells are wrong, and which come first; none if all are right."""
    rows = np.flatnonzero(wrong)
    lines = [f"row {row + 1}: {repr(column.iloc[row])[:80]}" for row in rows[:ABBREVIATE]]
    return [f"{what} ({len(rows)}):" + listing(lines, total=len(rows))] if lines else []


def named(
    columns: Iterable[object], *, names: Collection[str] = KNOWN_COLUMNS, starts: Collection[str] = (VOTES,)
) -> dict[str, str]:
    r"""Return what columns are to be called whose names differ from known ones by blanks or case only.

    A name that stands there as it should be is left alone, and so is another one that differs by case.

    Args:
        columns: The names as they stand in a file.
        names: The known ones.
        starts: What further known ones start with.

    Returns:
        Known names by the columns' own, where they differ.

    Raises:
        DataError: Two columns differ by blanks only, or two could be the same known one.

    Example:
        >>> named([" Path", "label\u00a0", "Votes_awe", "year"])
        {' Path': 'path', 'label\xa0': 'label', 'Votes_awe': 'votes_awe'}
    """
    own = [str(column) for column in columns]
    found: dict[str, str] = {}
    for column in own:
        known = _known_name(column, names, starts)
        if known is None or known == column or (known in own and tidy(column) != known):
            continue
        twin = known if known in own else next((one for one, name in found.items() if name == known), None)
        if twin is not None:
            raise DataError(
                f"the columns {twin!r} and {column!r} both stand for {known!r}; rename one of them, or leave "
                "it out"
            )
        found[column] = known
    return found


def _known_name(column: str, names: Collection[str], starts: Collection[str]) -> str | None:
    plain = plain_word(column)
    if plain in names:
        return plain
    start = next((one for one in starts if plain.startswith(one)), None)
    return None if start is None else start + tidy(tidy(column)[len(start) :])


def label_words(frame: pd.DataFrame) -> list[str]:
    """Return every label that a typed frame names, as often as it does: in its rows, and by its votes."""
    labels = list(frame["label"].dropna()) if "label" in frame.columns else []
    return [*labels, *(name[len(VOTES) :] for name in vote_columns(frame))]


def spelled(labels: "pd.Series[Any]", taxonomy: Taxonomy) -> "pd.Series[Any]":
    """Return labels with a taxonomy's own names; those that it does not know stay as they are."""
    own = {name: taxonomy.resolve(name) for name in labels.dropna().unique() if name in taxonomy}
    return labels.replace({name: label for name, label in own.items() if name != label})


def resolved(frame: pd.DataFrame, taxonomy: Taxonomy) -> pd.DataFrame:
    """Return the frame with a taxonomy's own names for its labels: "Happy" becomes "happiness" for CAER-S.

    Labels and vote columns that the taxonomy does not know stay as they are.

    Raises:
        DataError: Two columns count the votes of one label.
    """
    if "label" in frame.columns:
        frame = frame.assign(label=spelled(frame["label"], taxonomy))
    votes = {column: column[len(VOTES) :] for column in vote_columns(frame)}
    own = {column: VOTES + taxonomy.resolve(name) for column, name in votes.items() if name in taxonomy}
    for column, name in own.items():
        twins = [other for other, same in own.items() if same == name]
        if len(twins) > 1:
            raise DataError(
                f"the columns {' and '.join(map(repr, twins))} all count votes for {column[len(VOTES) :]!r}, "
                f"which is one label of {taxonomy.name}; add them up, or leave all but one out"
            )
    return frame.rename(columns=own)


def typed(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Give every column of a table its type and its place.

    Args:
        frame: Any frame with a column `path`.

    Returns:
        A new frame with a fresh index, the contract's columns first; and the mistakes found, a text each.

    Raises:
        DataError: Two columns have one name.
    """
    names = [str(name) for name in frame.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"columns stand twice: {', '.join(map(repr, twice))}; rename them, or leave one out")
    columns: dict[str, pd.Series[Any]] = {}
    problems: list[str] = []
    frame = frame.reset_index(drop=True).set_axis(names, axis="columns")
    for name in TEXT_COLUMNS:
        if name in names:
            columns[name], wrong = as_text(frame[name])
            problems += _wrong(frame[name], wrong, f"column {name}: cells that are no text")
    for name in number_columns(frame):
        columns[name], wrong = as_numbers(frame[name])
        problems += _wrong(frame[name], wrong, f"column {name}: cells that are no numbers")
    for name in names:
        if name not in columns:
            columns[name] = frame[name].astype("string") if is_text(frame[name]) else frame[name]
    numeric = number_columns(frame)
    first = [name for name in ("path", "label", *numeric, "split", "group", "source") if name in columns]
    order = first + [name for name in names if name not in first]
    return pd.DataFrame({name: columns[name] for name in order}), problems
