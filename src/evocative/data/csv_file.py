r"""CSV as every part of evocative writes it: readers get each cell back exactly, and spreadsheets run none.

    CsvWriter(file).row(["path", "valence"])       # row by row
    csv_text(frame)                                # a whole frame, or rows

A file's name may be `=cmd|' /C calc'!A1`, and a spreadsheet runs a cell that begins so. So a text gets an
apostrophe before it where it begins with `=`, `+`, `-`, `@` (also their wide forms), a tab or the end of a
line, unless it is written as a number; and so does a text that is empty, which would be missing without it.
Readers of our tables take the apostrophe away (`unguarded`). A text that has one before such a beginning gets
a second one, so that none is lost. Lone surrogates, as Python has for bytes of names that are no UTF-8, and
the zero byte, which no text file may hold, are written as `\udcff` and `\u0000`; their cell begins with `'\`.
The list is OWASP's ("CSV Injection").

Numbers are no texts: -0.5 stays as it is. Cells are quoted as RFC 4180 has it, lone carriage returns too.
The encoding is UTF-8; `for_excel` puts a byte order mark first, without which Excel reads another one.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import StringIO
from math import isnan
from typing import Any, Final, Protocol, runtime_checkable

import pandas as pd

BOM: Final = "\ufeff"
_RUN: Final = "[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]"
_GUARDED: Final = re.compile(rf"'+(?:\\|{_RUN}|\Z)")
_UNSAFE: Final = re.compile(rf"{_RUN}|\Z|{_GUARDED.pattern}")
_NUMBER: Final = re.compile(r"[+-](?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")
_ESCAPE: Final = re.compile(r"\\(\\|u[0-9a-f]{4})")
EXCEL: Final[ContextVar[bool]] = ContextVar("excel", default=False)
"""Whether files begin with a byte order mark; `for_excel` sets it for a block."""


@runtime_checkable
class Text(Protocol):
    """An open text stream, as `sys.stdout`."""

    def write(self, text: str, /) -> object:
        """Take a text."""


@contextmanager
def for_excel(wanted: bool = True) -> Iterator[None]:
    """Within the block, let every CSV file begin with a byte order mark."""
    token = EXCEL.set(wanted)
    try:
        yield
    finally:
        EXCEL.reset(token)


class CsvWriter:
    """Writes rows of cells to an open text stream."""

    def __init__(self, file: Text, *, remarks: Iterable[str] = ()) -> None:
        """Begin a file.

        Args:
            file: Where to; opened with `newline=""`.
            remarks: Lines above the header, each to begin with `# `.
        """
        if EXCEL.get():
            file.write(BOM)
        for remark in remarks:
            file.write(f"{_harmless(remark)}\n")
        self._rows = csv.writer(_UnixLines(file), lineterminator="\r\n")  # so that it quotes both line ends

    def row(self, cells: Iterable[object]) -> None:
        """Write one row; None, NaN and NA are missing."""
        self._rows.writerow([_written(cell) for cell in cells])


def csv_text(rows: "pd.DataFrame | Iterable[Iterable[object]]", *, remarks: Iterable[str] = ()) -> str:
    """Return a frame with its columns' names, or rows with the header first, as CSV; lines end in LF."""
    text = StringIO()
    writer = CsvWriter(text, remarks=remarks)
    for row in _rows_of(rows) if isinstance(rows, pd.DataFrame) else rows:
        writer.row(row)
    return text.getvalue()


def guarded(text: str) -> str:
    r"""Return a text as a cell holds it; `unguarded` gives it back.

    Example:
        >>> [guarded(text) for text in ("awe", "=1+1", "-5", "-x", "'-x", "")]
        ['awe', "'=1+1", '-5', "'-x", "''-x", "'"]
    """
    if _NO_TEXT.search(text):
        return "'\\" + _NO_TEXT.sub(lambda bad: f"\\u{ord(bad[0]):04x}", text.replace("\\", "\\\\"))
    return f"'{text}" if _UNSAFE.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(cell: str) -> str:
    """Return the text that a cell stands for.

    Example:
        >>> [unguarded(cell) for cell in ("awe", "'=1+1", "'tis", "-5", "''-x", "'")]
        ['awe', '=1+1', "'tis", '-5', "'-x", '']
    """
    if cell.startswith("'\\"):
        return _ESCAPE.sub(lambda found: "\\" if found[1] == "\\" else chr(int(found[1][1:], 16)), cell[2:])
    return cell[1:] if _GUARDED.match(cell) else cell


def unguarded_frame(frame: pd.DataFrame) -> pd.DataFrame:
    r"""Return a frame of cells as the texts that they stand for, its columns' names too.

    Lone surrogates stay written out (`\udcff`): pandas' texts hold none.
    """
    columns = {name: _unguarded_column(frame[name]) for name in frame.columns}
    return pd.DataFrame({_plain(unguarded(str(name))): column for name, column in columns.items()})


def _unguarded_column(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if not column.str.startswith("'", na=False).any():
        return column
    return column.map(lambda cell: _plain(unguarded(cell)), na_action="ignore").astype(column.dtype)


def _plain(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class _UnixLines:
    """Passes rows on with LF at their end."""

    def __init__(self, file: Text) -> None:
        self._file = file

    def write(self, row: str, /) -> object:
        return self._file.write(row.removesuffix("\r\n") + "\n")


def _rows_of(frame: pd.DataFrame) -> Iterator[Iterable[object]]:
    yield [str(name) for name in frame.columns]
    if len(frame.columns):
        yield from zip(*(frame[name].array for name in frame.columns), strict=True)


def _written(cell: Any) -> str:
    """Return a cell's text, as it stands between separators before it is quoted."""
    if isinstance(cell, str):
        return guarded(cell)
    if isinstance(cell, float):  # numpy's float64 is one, and would be written with its type
        return "" if isnan(cell) else float.__repr__(cell)
    if pd.api.types.is_scalar(cell) and pd.isna(cell):
        return ""
    return str(cell) if pd.api.types.is_number(cell) else guarded(str(cell))


def _harmless(remark: str) -> str:
    """Return a remark with nothing to run in it, should a spreadsheet cut it at its separators."""
    return re.sub(rf"(?<=[,;\t]){_RUN}", lambda found: f"\\u{ord(found[0]):04x}", remark)
