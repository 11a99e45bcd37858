"""Numbers as people's spreadsheets write them: 1.234,5 in German, 1 234,5 in French, 1,234.5 in English.

Whether a comma is the decimal mark is read off the cells, never off the machine's own language. `0,5` and
`1.234,5` can mean one thing only and so decide for their column; `1,234` alone could be either, so it is read
as the rest of the file writes its numbers, and refused where the file does not tell.
"""

import re
from collections.abc import Collection
from typing import Any, Final

import pandas as pd

from evocative.data.columns import listing

_SIGN: Final = r"[+-]?"
_POWER: Final = r"(?:[eE][+-]?[0-9]+)?"
_BLANKS: Final = re.compile("(?<=[0-9])['’ \u00a0\u202f\u2009](?=[0-9]{3}(?![0-9]))")
"""What sets groups of three digits apart and never is a decimal mark."""
_FOREIGN: Final = re.compile("[,'’\u00a0\u202f\u2009\u2212]|[0-9] [0-9]|\\.[0-9]{3}\\.")
"""What no plain number has."""


def _marked(mark: str, other: str) -> "re.Pattern[str]":
    """Return what only a number with this decimal mark looks like; the other mark may group digits."""
    mark, other = re.escape(mark), re.escape(other)
    simple = rf"(?![1-9][0-9]{{0,2}}{mark}[0-9]{{3}}(?![0-9]))(?:[0-9]+{mark}[0-9]*|{mark}[0-9]+)"
    grouped = (
        rf"[1-9][0-9]{{0,2}}(?:{other}[0-9]{{3}})+{mark}[0-9]+|[1-9][0-9]{{0,2}}(?:{other}[0-9]{{3}}){{2,}}"
    )
    return re.compile(rf"{_SIGN}(?:{simple}|{grouped}){_POWER}")


_SURE: Final = {",": _marked(",", "."), ".": _marked(".", ",")}
_EITHER: Final = re.compile(rf"{_SIGN}[1-9][0-9]{{0,2}}([.,])[0-9]{{3}}{_POWER}")
_WHOLE: Final = re.compile(rf"{_SIGN}[0-9]+{_POWER}")


def plain_numbers(
    frame: pd.DataFrame, *, numbers: Collection[str], others: Collection[str], separator: str
) -> tuple[pd.DataFrame, list[str]]:
    """Rewrite the numbers of a text file with points as decimal marks and nothing between their digits.

    Args:
        frame: Every cell text, or missing.
        numbers: Columns that must hold numbers: each number in them is rewritten, other cells stay.
        others: Columns that may: rewritten only if all cells are numbers and the file's decimal mark is a
            comma.
        separator: Between the file's cells; where it is a semicolon, commas are decimal marks rather.

    Returns:
        The frame, and one text for each column whose numbers can be read in two ways.
    """
    if not any(frame[name].str.contains(_FOREIGN).any() for name in (*numbers, *others)):
        return frame, []
    columns = {name: _tidied(frame[name]) for name in (*numbers, *others)}
    columns = {name: column for name, column in columns.items() if name in numbers or _all_numbers(column)}
    found = {name: _marks(column) for name, column in columns.items()}
    overall = set().union(*(sure for sure, _ in found.values()))
    problems: list[str] = []
    for name, column in columns.items():
        sure, either = found[name]
        mark = _decided(sure, either, overall, separator)
        if name in numbers and mark is None:
            problems.append(f"column {name}: {_doubt(column, sure)}")
        elif name in numbers or (mark == "," and "," in sure | either and overall <= {","}):
            pointed = column.map(lambda word, to=mark: _pointed(word, to), na_action="ignore")
            frame = frame.assign(**{name: pointed.astype("string")})
    return frame, problems


def _tidied(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return cells without blanks around them and between groups of digits, and with a plain minus."""
    return column.str.strip().str.replace("\u2212", "-", regex=False).str.replace(_BLANKS, "", regex=True)


def _all_numbers(column: "pd.Series[Any]") -> bool:
    words = column.dropna().unique()
    return len(words) > 0 and all(_is_number(word) for word in words)


def _is_number(word: str) -> bool:
    return any(kind.fullmatch(word) for kind in (_WHOLE, _SURE[","], _SURE["."], _EITHER))


def _marks(column: "pd.Series[Any]") -> tuple[set[str], set[str]]:
    """Return the decimal marks that some cell is sure of, and those of cells that can be read either way."""
    words = column.dropna().unique()
    sure = {mark for mark, kind in _SURE.items() if any(kind.fullmatch(word) for word in words)}
    return sure, {match[1] for word in words if (match := _EITHER.fullmatch(word))}


def _decided(sure: set[str], either: set[str], overall: set[str], separator: str) -> str | None:
    """Return a column's decimal mark, None where it cannot be known."""
    for marks in (sure, overall):
        if len(marks) == 1:
            return next(iter(marks))
        if marks and (either or marks is sure):
            return None
    if either == {","}:
        return "," if separator == ";" else None
    return "." if either <= {"."} else None


def _pointed(word: str, mark: str) -> str:
    """Return a number with a point as its decimal mark; what is no number stays."""
    return word.replace("," if mark == "." else ".", "").replace(mark, ".") if _is_number(word) else word


def _doubt(column: "pd.Series[Any]", sure: set[str]) -> str:
    """Say why a column's decimal mark cannot be known, with the first cell of each kind."""
    first: dict[str, str] = {}
    for row, word in enumerate(column, start=1):
        if isinstance(word, str) and any(kind.fullmatch(word) for kind in (*_SURE.values(), _EITHER)):
            first.setdefault("".join(char for char in word if char in ",."), f"row {row}: {word!r}")
    both = len(sure) > 1
    what = "points and commas are both decimal marks" if both else "its commas could be decimal marks or not"
    return f"{what}; write 0.5 and 1234 everywhere, or 0,5:" + listing(list(first.values()))
