"""Rows and what is said about them, in CSV or Parquet.

In CSV the metadata are the first lines, `# key: value` with a value in JSON or plain text; other first lines
that start with `# ` are remarks. In Parquet they are one JSON object in the schema's metadata.
"""

import csv
import json
import re
import warnings
from io import StringIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from evocative.data.atomic import replacing
from evocative.data.columns import SD_COLUMNS, TEXT_COLUMNS, is_text, number_columns
from evocative.data.csv_file import csv_text, unguarded_frame
from evocative.errors import DataError

_PARQUET_KEY: Final = b"evocative"
_LINE: Final = re.compile(r"# ?([^\r\n]*)(?:\r\n|\n|\r|$)")
_KEY: Final = re.compile(r"([a-z_]+): *(.*)")
_NUMBER: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"


def read_rows(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read a file that ends in .csv or .parquet.

    Returns:
        The rows as the file has them (a cell of CSV is missing only if it is empty), and the metadata.

    Raises:
        DataError: The ending is another one, or the file cannot be read.
    """
    suffix = checked_suffix(path)
    try:
        return _read_parquet(path) if suffix == ".parquet" else _read_csv(path)
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
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


def _read_parquet(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except pa.ArrowInvalid as error:
        raise DataError(f"{path}: is not a sound Parquet file ({error})") from error
    stored = (table.schema.metadata or {}).get(_PARQUET_KEY, b"{}")
    return table.to_pandas(), dict(json.loads(stored))


def _read_csv(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = file.read()
    metadata: dict[str, Any] = {}
    start = 0
    while text.startswith("# ", start) and (line := _LINE.match(text, start)):
        start = line.end()
        if entry := _KEY.fullmatch(line[1].rstrip()):
            metadata[entry[1]] = _value(entry[2])
    frame = unguarded_frame(parse_csv(text[start:], name=str(path)))
    stays_text = metadata.pop("text", None)
    known = {*TEXT_COLUMNS, *number_columns(frame), *SD_COLUMNS}
    for name in frame.columns:
        if name not in known:
            frame[name] = _guessed(frame[name], None if stays_text is None else name in stays_text)
    return frame, metadata


def _value(text: str) -> Any:
    """Return what JSON says, or the text itself where a person wrote it without quotes."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return text
    return value if isinstance(value, str | dict | list) else text


def parse_csv(text: str, *, name: str, separator: str = ",") -> pd.DataFrame:
    """Read rows below a header; every cell is text, an empty cell is missing.

    Args:
        text: The file's text; lines may end in any of the three ways.
        name: What errors call it.
        separator: Between cells.

    Raises:
        DataError: There is no header, a column's name stands twice, or rows are longer than the header.
    """
    header = next(csv.reader(StringIO(text, newline=""), delimiter=separator), [])
    if not any(header):
        raise DataError(f"{name}: is empty; expected a header with a column 'path', and a row for each image")
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise DataError(f"{name}: columns stand twice in the header: {', '.join(map(repr, twice))}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                StringIO(text, newline=""),
                sep=separator,
                dtype="string",
                keep_default_na=False,
                na_values=[""],
                index_col=False,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error) as error:
        raise DataError(f"{name}: rows do not fit the header ({error}); is a comma unquoted?") from error


def _guessed(column: "pd.Series[Any]", stays_text: bool | None) -> "pd.Series[Any]":
    """Give a column of texts the type that all its cells are written in.

    Args:
        column: Texts, or missing.
        stays_text: True keeps it text; False if the file says that it was none; None if it says nothing.
    """
    words = column.dropna()
    if stays_text or words.empty:
        return column
    if words.isin(["True", "False"]).all():
        return (column == "True").astype("bool" if len(words) == len(column) else "boolean")
    if stays_text is None and not words.str.fullmatch(_NUMBER).all():
        return column
    try:
        numbers = pd.to_numeric(words.astype(object))
    except ValueError:
        return column
    if len(words) == len(column):
        return numbers.astype(np.int64 if numbers.dtype.kind == "i" else numbers.dtype)
    return numbers.astype(np.float64).reindex(column.index)
