"""Rows of a Parquet file, whoever wrote it.

Columns are read by what the file's own schema says of them; what pandas wrote beside it (an index, types) is
passed over, so that a column that was an index is a column, and damaged remarks of others do no harm.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from evocative.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

KEY: Final = b"evocative"
"""Under which the schema's metadata keep ours, one JSON object."""


def read_parquet(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read rows and metadata.

    Whole numbers and booleans keep their kind where some are missing. Text that is stored as bytes without
    the mark that it is text, as some writers do, is text again if all of it is printable.

    Raises:
        DataError: The file is no sound Parquet file, a column's name stands twice, or our metadata are
            damaged.
    """
    import pyarrow as pa

    try:
        table = _read(path)
        table.validate(full=True)  # text that is no UTF-8 would be found far from here
        names = table.column_names
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise DataError(f"{path}: columns stand twice: {', '.join(map(repr, twice))}; rename one of them")
        columns = {name: _column(table.column(place)) for place, name in enumerate(names)}
    except (pa.ArrowException, ValueError, TypeError, KeyError, OverflowError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DataError(f"{path}: is not a sound Parquet file ({error})") from error
    return pd.DataFrame(columns, index=range(table.num_rows)), _metadata(path, table.schema.metadata or {})


def read_about(path: Path) -> dict[str, Any]:
    """Read our metadata alone, without the rows.

    Raises:
        DataError: The file is no sound Parquet file, or our metadata are damaged.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        schema = parquet.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path}: is not a sound Parquet file ({error})") from error
    return _metadata(path, schema.metadata or {})


def _read(path: Path) -> "pa.Table":
    from pyarrow import parquet

    if path.is_dir():  # as Spark writes a table: several files in a folder of its name
        return parquet.read_table(path)
    with path.open("rb") as file:
        return parquet.ParquetFile(file).read()


def _column(cells: "pa.ChunkedArray") -> "pd.Series[Any]":
    import pyarrow as pa

    kind = cells.type
    if pa.types.is_dictionary(kind) and _is_bytes(kind.value_type):
        cells, kind = cells.cast(kind.value_type), kind.value_type
    if _is_bytes(kind):
        return _text_of_bytes(cells)
    if cells.null_count and pa.types.is_integer(kind):
        unsigned = pa.types.is_unsigned_integer(kind)
        return pd.Series(cells.to_pylist(), dtype="UInt64" if unsigned else "Int64")
    if cells.null_count and pa.types.is_boolean(kind):
        return pd.Series(cells.to_pylist(), dtype="boolean")
    return pd.Series(cells.to_pandas())


def _is_bytes(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    tests = (
        pa.types.is_binary,
        pa.types.is_large_binary,
        pa.types.is_fixed_size_binary,
        pa.types.is_binary_view,
    )
    return any(test(kind) for test in tests)


def _text_of_bytes(cells: "pa.ChunkedArray") -> "pd.Series[Any]":
    """Return bytes as text if all of them are printable UTF-8, else as they are."""
    values = cells.to_pylist()
    try:
        texts = [None if value is None else value.decode() for value in values]
    except UnicodeDecodeError:
        return pd.Series(values, dtype=object)
    printable = all(text.isprintable() for text in texts if text)
    return pd.Series(texts, dtype="string") if printable else pd.Series(values, dtype=object)


def _metadata(path: Path, schema: dict[bytes, bytes]) -> dict[str, Any]:
    try:
        stored = json.loads(schema.get(KEY, b"{}"))
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path}: its metadata under {KEY.decode()!r} are no JSON ({error}); write the file again"
        ) from error
    if not isinstance(stored, dict):
        raise DataError(
            f"{path}: its metadata under {KEY.decode()!r} are no JSON object but {repr(stored)[:80]}; write "
            "the file again"
        )
    return stored
