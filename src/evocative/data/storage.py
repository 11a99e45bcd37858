"""Rows and what is said about them, in CSV or Parquet.

In CSV the metadata are the first lines, `# key: value` with a value in JSON or plain text; other first lines
that start with `# ` are remarks. In Parquet they are one JSON object in the schema's metadata.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from evocative.data.atomic import replacing
from evocative.data.columns import TEXT_COLUMNS, is_text, named, number_columns
from evocative.data.csv_file import csv_text, unguarded_frame
from evocative.data.delimited import ENDINGS, read_delimited
from evocative.data.numerals import plain_numbers
from evocative.data.parquet_rows import KEY as _PARQUET_KEY
from evocative.data.parquet_rows import read_parquet
from evocative.errors import DataError

_WHOLE: Final = r"-?(?:0|[1-9][0-9]*)"
_EXACT_DIGITS: Final = 15
"""Digits that any number can have and be a float64 to the last one."""
_NUMBER: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"


def read_rows(
    path: Path, *, rename: Callable[[pd.DataFrame], pd.DataFrame] | None = None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read a file that ends in .csv (.tsv, .tab, .txt) or .parquet.

    Text may have its cells between commas, semicolons or tabs, and numbers with decimal commas. Columns whose
    names differ from a table's by blanks or case only get the table's.

    Args:
        path: The file.
        rename: From the columns' own names to a table's, before anything is taken for a number.

    Returns:
        The rows as the file has them (a cell of CSV is missing only if it is empty), and the metadata.

    Raises:
        DataError: The ending is another one, the file cannot be read, or its numbers could mean two things.
    """
    rename = rename or (lambda frame: frame)
    try:
        if path.suffix.lower() == ".parquet":
            frame, metadata = read_parquet(path)
            return _known(rename(frame), path), metadata
        return _read_csv(path, rename)
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error


def write_rows(frame: pd.DataFrame, metadata: dict[str, Any], path: Path) -> None:
    """Write a file that ends in .csv or .parquet, whole or not at all.

    Args:
        frame: What to write; its index is not kept.
        metadata: Values that JSON can hold, by a name of small letters.
        path: Where to; missing folders are made.

    Raises:
        DataError: The ending is another one, the file cannot be written, or a text is no valid Unicode.
    """
    write = _write_parquet if checked_suffix(path) == ".parquet" else _write_csv
    with replacing(path) as unfinished:
        try:
            write(frame, metadata, unfinished)
        except UnicodeEncodeError as error:
            raise DataError(f"{path}: {error.object!r} is no valid Unicode; rename it") from error


def checked_suffix(path: Path) -> str:
    """Return what a table's file ends in, .csv or .parquet.

    Raises:
        DataError: It ends in something else.
    """
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".parquet"):
        raise DataError(f"{path}: a table ends in .csv or .parquet, not in {suffix or 'nothing'}")
    return suffix


def _write_csv(frame: pd.DataFrame, metadata: dict[str, Any], path: Path) -> None:
    """Write metadata lines and rows; further columns of text are named, so that '007' comes back as text."""
    texts = [name for name in frame.columns if is_text(frame[name])]
    for name in texts:
        "".join(frame[name].dropna()).encode()  # refused here: it would come back as another text
    text = [name for name in texts if name not in TEXT_COLUMNS]
    said = {**metadata, "text": text} if text else metadata
    remarks = [f"# {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in said.items()]
    path.write_bytes(csv_text(frame, remarks=remarks).encode())


def _write_parquet(frame: pd.DataFrame, metadata: dict[str, Any], path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.Table.from_pandas(frame, preserve_index=False)
    stored = {**(table.schema.metadata or {}), _PARQUET_KEY: json.dumps(metadata).encode()}
    parquet.write_table(table.replace_schema_metadata(stored), path)


def _read_csv(
    path: Path, rename: Callable[[pd.DataFrame], pd.DataFrame]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    if path.suffix.lower() not in ENDINGS:
        checked_suffix(path)
    read = read_delimited(path)
    frame, metadata = _known(rename(unguarded_frame(read.frame)), path), dict(read.metadata)
    stays_text = metadata.pop("text", None)
    known = {*TEXT_COLUMNS, *number_columns(frame)}
    others = [name for name in frame.columns if name not in known]
    frame, problems = plain_numbers(
        frame,
        numbers=number_columns(frame),
        others=[] if read.separator == "," else [name for name in others if name not in (stays_text or ())],
        separator=read.separator,
    )
    if problems:
        raise DataError(f"{path}: " + "\n".join(problems))
    for name in others:
        frame[name] = _guessed(frame[name], None if stays_text is None else name in stays_text)
    return frame, metadata


def _known(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the frame with a table's names for columns that differ from them by blanks or case only."""
    try:
        return frame.rename(columns=named(frame.columns))
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _guessed(column: "pd.Series[Any]", stays_text: bool | None) -> "pd.Series[Any]":
    """Give a column of texts the type that all its cells are written in.

    Args:
        column: Texts, or missing.
        stays_text: True keeps it text; False if the file says that it was none; None if it says nothing.
    """
    words = column.dropna()
    if stays_text or words.empty:
        return column
    if words.str.lower().isin(["true", "false"]).all():
        return (column.str.lower() == "true").astype("bool" if len(words) == len(column) else "boolean")
    whole = words.str.fullmatch(_WHOLE).to_numpy(dtype=bool)
    if whole.all():
        return _integers(column, list(words))
    # Among fractions long whole numbers would be rounded, and two names become one
    long = any(len(word) > _EXACT_DIGITS for word in words[whole])
    if long or (stays_text is None and not words.str.fullmatch(_NUMBER).all()):
        return column
    try:
        return pd.to_numeric(words.astype(object)).astype(np.float64).reindex(column.index)
    except ValueError:
        return column


def _integers(column: "pd.Series[Any]", words: Sequence[str]) -> "pd.Series[Any]":
    """Return whole numbers to the last digit, as nullable ones where some are missing; else the texts."""
    if max(map(len, words)) > len("-9223372036854775808"):
        return column
    least, most = min(map(int, words)), max(map(int, words))
    kind = "int64" if least >= -(2**63) and most < 2**63 else "uint64"
    if kind == "uint64" and not 0 <= least <= most < 2**64:
        return column
    if len(words) == len(column):
        return pd.Series(np.array(list(map(int, words)), dtype=kind), index=column.index)
    cells = [None if cell is pd.NA else int(cell) for cell in column]
    return pd.Series(cells, index=column.index, dtype="Int64" if kind == "int64" else "UInt64")
