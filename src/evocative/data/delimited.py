"""Text with cells between commas, semicolons or tabs: CSV and TSV as people's programs write them.

Nothing is guessed from the file's name or the machine's language: the encoding is UTF-8, or what a byte order
mark says; the separator is the one that makes the header a table's; and quotation marks that do not come in
pairs are characters like others, if every line has as many cells as the header without them.
"""

import codecs
import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pandas as pd

from evocative.errors import DataError
from evocative.taxonomy.spelling import plain_word

ENDINGS: Final = (".csv", ".tsv", ".tab", ".txt")
SEPARATORS: Final = {",": "comma", ";": "semicolon", "\t": "tab"}
_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LINE: Final = re.compile(r"([^\r\n]*)(?:\r\n|\n|\r|$)")
_KEY: Final = re.compile(r"([a-z_]+): *(.*)")
_SEPARATOR: Final = re.compile(r'"?sep=(.)"?[;,\t]*', re.IGNORECASE)
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
_SAMPLE: Final = 50
"""Rows by which the separator is found."""

csv.field_size_limit(2**31 - 1)  # else a cell of more than 131,072 characters is an error


@dataclass(frozen=True)
class Delimited:
    """A file's cells, and what its first lines say of it."""

    frame: pd.DataFrame
    """Every cell is text; an empty one is missing."""
    separator: str = ","
    metadata: dict[str, Any] = field(default_factory=dict)
    """Values by key, of the first lines `# key: value`."""


def read_delimited(path: Path) -> Delimited:
    """Read a file of cells.

    The first lines may say `# key: value`, or `sep=;` as Excel writes it; empty lines are passed over.

    Raises:
        DataError: It is no text, or rows do not fit the header.
        OSError: It cannot be read.
    """
    text = decoded(path.read_bytes(), name=str(path))
    remarks, separator, start = _opening(text)
    text = text[start:].lstrip("\ufeff")
    separator = separator or found_separator(text)
    metadata: dict[str, Any] = {}
    for remark in remarks:
        if entry := _KEY.fullmatch(_unquoted(remark, separator)[2:].rstrip()):
            metadata[entry[1]] = _value(entry[2])
    return Delimited(parse_csv(text, name=str(path), separator=separator), separator, metadata)


def decoded(data: bytes, *, name: str) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 or UTF-32 with a byte order mark.

    Raises:
        DataError: It is none, as text in Windows-1252 is none: letters would be guessed.
    """
    encoding = next((known for mark, known in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        found = f"byte {error.start}: 0x{data[error.start]:02X}"
        kind = "UTF-8" if encoding == "utf-8" else encoding.upper().removesuffix("-SIG")
        hint = "; save it as UTF-8 (in Excel: CSV UTF-8)"
        raise DataError(f"{name}: is not {kind} text ({found}){hint}") from error
    if "\0" in text:
        hint = "is it UTF-16 without a byte order mark? save it as UTF-8"
        raise DataError(
            f"{name}: holds a zero byte (character {text.index(chr(0)) + 1}), which no text has; {hint}"
        )
    return text


def parse_csv(text: str, *, name: str, separator: str = ",") -> pd.DataFrame:
    """Read rows below a header; every cell is text, an empty cell is missing.

    Args:
        text: The file's text; lines may end in any of the three ways.
        name: What errors call it.
        separator: Between cells.

    Raises:
        DataError: There is no header, a column's name stands twice, rows are longer than the header, or a
            quotation mark opens a cell that it does not close.
    """
    rows = _rows(text, separator, name)
    while rows and not any(rows[-1]):
        rows.pop()  # spreadsheets pad a table with rows of separators
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise DataError(f"{name}: is empty; expected a header with a column 'path', and a row for each image")
    header, *body = rows
    width = len(header)
    for number, row in enumerate(body, start=1):
        if len(row) > width and any(row[width:]):
            raise DataError(
                f"{name}: rows do not fit the header (row {number} has {len(row)} cells, the header "
                f"{width}); is a {SEPARATORS.get(separator, 'separator')} unquoted?"
            )
    twice = sorted(cell for cell, count in Counter(header).items() if cell.strip() and count > 1)
    if twice:
        raise DataError(f"{name}: columns stand twice in the header: {', '.join(map(repr, twice))}")
    columns = {}
    for place, cell in enumerate(header):
        cells = [row[place] or None if place < len(row) else None for row in body]
        if cell.strip():
            columns[cell] = pd.array(cells, dtype="string")
        elif any(cells):
            columns[_unnamed(place, header)] = pd.array(cells, dtype="string")
    return pd.DataFrame(columns)


def _unnamed(place: int, header: list[str]) -> str:
    """Return what a column without a name is called: as pandas does, which others rely on."""
    name = f"Unnamed: {place}"
    while name in header:
        name += "."
    return name


def found_separator(text: str) -> str:
    """Return what stands between a file's cells: comma, semicolon or tab.

    That is the one by which the header has a cell `path`, or else by which the first rows have as many cells
    as the header, or else by which the header has most.
    """

    def fit(separator: str) -> tuple[bool, bool, int, bool]:
        rows = list(islice(_lines(text, separator, quoted=separator != "\t"), _SAMPLE))
        header = rows[0] if rows else []
        even = len(header) > 1 and all(len(row) == len(header) for row in rows)
        rare = separator == "\t" and len(header) > 1  # a tab is seldom part of a cell
        return "path" in map(plain_word, header), even, len(header), rare

    return max(SEPARATORS, key=fit)


def _opening(text: str) -> tuple[list[str], str | None, int]:
    """Return the remarks above the header, the separator if a line names it, and where the header begins."""
    remarks, separator, start = list[str](), None, 0
    while start < len(text) and (line := _LINE.match(text, start)):
        said = line[1].lstrip("\ufeff")
        if match := _SEPARATOR.fullmatch(said):
            separator = match[1]
        elif said.startswith(("# ", '"# ')):
            remarks.append(said)
        elif said.strip(",; \t"):
            break
        start = line.end()
    return remarks, separator, start


def _unquoted(remark: str, separator: str) -> str:
    """Return a remark as it was before a spreadsheet quoted it and filled the line with separators."""
    if not remark.startswith('"'):
        return remark.rstrip(separator)
    cells = next(csv.reader([remark], delimiter=separator))
    while cells and not cells[-1]:
        cells.pop()
    return ",".join(cells)


def _value(text: str) -> Any:
    """Return what JSON says, or the text itself where a person wrote it without quotes."""
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text
    return value if isinstance(value, str | dict | list) else text


def _lines(text: str, separator: str, *, quoted: bool) -> Iterator[list[str]]:
    """Yield the cells of each line that is not empty; with `quoted`, a cell may hold several lines."""
    lines = StringIO(text, newline="")
    reader = (
        csv.reader(lines, delimiter=separator)
        if quoted
        else csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
    )
    return (row for row in reader if row)


def _rows(text: str, separator: str, name: str) -> list[list[str]]:
    """Return the header's cells and each row's.

    In files between tabs, lines decide first: programs that write them seldom quote, and a title that begins
    with a quotation mark would swallow the lines up to the next one.
    """
    if separator == "\t" and (rows := _even_lines(text, separator)):
        return rows
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return [row for row in reader if row]
    except csv.Error as error:
        if rows := _even_lines(text, separator):
            return rows
        raise DataError(
            f"{name}: rows do not fit the header (line {reader.line_num}: a quotation mark opens a cell and "
            "does not close it before the next separator); write a quotation mark inside a quoted cell twice"
        ) from error


def _even_lines(text: str, separator: str) -> list[list[str]] | None:
    """Return the cells of each line if all lines have as many as the first; else None.

    Quotation marks around cells are taken off if every cell that begins with one is quoted soundly.
    """
    rows = list(_lines(text, separator, quoted=False))
    if any(len(row) != len(rows[0]) for row in rows):
        return None
    marked = [cell for row in rows for cell in row if cell.startswith('"')]
    if not all(_QUOTED.fullmatch(cell) for cell in marked):
        return rows
    return [[cell[1:-1].replace('""', '"') if cell.startswith('"') else cell for cell in row] for row in rows]
