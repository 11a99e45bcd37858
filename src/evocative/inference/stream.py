"""Answers written as they come: JSON lines and CSV by the row, Parquet by the row group.

However many there are, memory holds one row group. A file appears under its name when it is complete.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import numpy.typing as npt
import pandas as pd

from evocative.data.atomic import replacing
from evocative.data.columns import AXES, SD_COLUMNS
from evocative.data.csv_file import CsvWriter
from evocative.errors import DataError, unknown
from evocative.inference.answer import Answer
from evocative.inference.check import EMBEDDING, PROBABILITY
from evocative.inference.metadata import Metadata

FORMATS: Final = {
    "json": (".json", ".jsonl", ".ndjson"),
    "csv": (".csv",),
    "parquet": (".parquet",),
}
"""What answers can be written as, and the endings of files that mean it."""
ROWS_PER_GROUP: Final = 4096


@runtime_checkable
class Text(Protocol):
    """An open text stream, as `sys.stdout`."""

    def write(self, text: str, /) -> object:
        """Take a text."""

    def flush(self) -> object:
        """Pass on what was taken."""


@dataclass
class Written:
    """How many answers went by, and how many of them carry an error."""

    rows: int = 0
    failed: int = 0

    def count(self, answers: Iterable[Answer]) -> Iterator[Answer]:
        """Pass answers on, counting them."""
        for answer in answers:
            self.rows += 1
            self.failed += not answer.ok
            yield answer


def format_of(path: Path) -> str:
    """Return the format that a file's ending means.

    Raises:
        DataError: It means none.
    """
    for name, suffixes in FORMATS.items():
        if path.suffix.lower() in suffixes:
            return name
    known = ", ".join(suffix for suffixes in FORMATS.values() for suffix in suffixes)
    raise DataError(f"{path}: expected a file that ends in one of {known}; or say which format is meant")


def write_answers(
    answers: Iterable[Answer],
    target: Path | Text,
    *,
    metadata: Metadata,
    format: str | None = None,
    embedding: bool = True,
) -> Written:
    """Write answers while they come.

    Args:
        answers: Any number, consumed once.
        target: A file, which is written whole or not at all, or an open text stream (not for Parquet).
        metadata: Of the model: it says which columns there are.
        format: `json`, `csv` or `parquet`; by default what the file's ending means.
        embedding: Keep embeddings, in Parquet.

    Returns:
        How many rows were written, and how many of them carry an error.

    Raises:
        DataError: The format is unknown or does not suit the target, or the file cannot be written.
    """
    if format is None and not isinstance(target, Path):
        raise DataError(f"a stream has no ending: name a format of {', '.join(FORMATS)}")
    chosen = format_of(target) if format is None and isinstance(target, Path) else str(format)
    if chosen not in FORMATS:
        raise DataError(unknown("format", chosen, FORMATS))
    written = Written()
    counted = written.count(answers)
    if chosen == "parquet":
        if not isinstance(target, Path):
            raise DataError("Parquet goes to a file, not to a stream: name one (--output answers.parquet)")
        with replacing(target) as unfinished:
            _write_parquet(
                counted, unfinished, metadata if embedding else replace(metadata, embedding_size=None)
            )
        return written
    write = _write_json if chosen == "json" else _write_csv
    if isinstance(target, Path):
        with replacing(target) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
            write(counted, file, metadata)
    else:
        write(counted, target, metadata)
    return written


def valid(text: str) -> str:
    """Return a text that is valid UTF-8: bytes of a file's name that are not are written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _write_json(answers: Iterable[Answer], file: Text, metadata: Metadata) -> None:
    for answer in answers:
        file.write(valid(json.dumps(answer.to_dict(), ensure_ascii=False)) + "\n")
        file.flush()


def _write_csv(answers: Iterable[Answer], file: Text, metadata: Metadata) -> None:
    """Write one row an image: what a spreadsheet wants to see, which `read_predictions` takes as well."""
    labels = () if metadata.taxonomy is None else metadata.taxonomy.names
    probabilities = [PROBABILITY + label for label in labels]
    writer = CsvWriter(file)
    spreads = SD_COLUMNS if metadata.dimension_sd else ()
    writer.row(["path", "emotion", "probability", "sentiment", *probabilities, *AXES, *spreads, "error"])
    for answer in answers:
        row = answer.to_dict()
        each = row["probabilities"] or dict.fromkeys(labels)
        first = [row[name] for name in ("path", "emotion", "probability", "sentiment")]
        known = row.get("dimension_sd") or {}
        said = [known.get(axis) for axis, _ in zip(AXES, spreads, strict=False)]
        writer.row([*first, *each.values(), *(row[axis] for axis in AXES), *said, row["error"]])
        file.flush()


def _write_parquet(answers: Iterable[Answer], path: Path, metadata: Metadata) -> None:
    from pyarrow import parquet

    schema = arrow_schema(metadata)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while rows := list(islice(answers, ROWS_PER_GROUP)):
            writer.write_table(_arrow_rows(rows, schema))


def arrow_schema(metadata: Metadata) -> Any:
    """Return the Arrow schema of predictions, with the metadata in it."""
    import pyarrow as pa

    names = () if metadata.taxonomy is None else metadata.taxonomy.names
    fields = [("path", pa.string()), ("error", pa.string())]
    fields += [(name, pa.float32()) for name in (*(PROBABILITY + name for name in names), *AXES)]
    fields += [(name, pa.float32()) for name in SD_COLUMNS if metadata.dimension_sd]
    if metadata.embedding_size is not None:
        fields.append((EMBEDDING, pa.list_(pa.float32(), metadata.embedding_size)))
    return pa.schema(fields, metadata={"evocative": json.dumps(metadata.to_dict())})


def arrow_table(frame: pd.DataFrame, schema: Any) -> Any:
    """Return rows of `Predictions` in Arrow: the schema's columns, null where absent, then further ones."""
    import pyarrow as pa

    columns = {}
    for field in schema:
        values = frame[field.name] if field.name in frame else [None] * len(frame)
        columns[field.name] = pa.array(values, type=field.type, from_pandas=True)
    for name in frame.columns:
        if name not in columns:
            columns[name] = pa.array(frame[name], from_pandas=True)
    return pa.table(columns).replace_schema_metadata(schema.metadata)


def _arrow_rows(answers: Sequence[Answer], schema: Any) -> Any:
    import pyarrow as pa

    columns: dict[str, list[Any] | npt.NDArray[Any]] = {}
    for field in schema:
        name = field.name
        if name.startswith(PROBABILITY):
            label = name[len(PROBABILITY) :]
            columns[name] = [(answer.probabilities or {}).get(label) for answer in answers]
        elif name in SD_COLUMNS:
            axis = AXES[SD_COLUMNS.index(name)]
            columns[name] = [(answer.dimension_sd or {}).get(axis) for answer in answers]
        else:
            columns[name] = [getattr(answer, name) for answer in answers]
    columns["path"] = [valid(answer.path or "") for answer in answers]
    columns["error"] = [None if answer.error is None else valid(answer.error) for answer in answers]
    return pa.table([pa.array(columns[field.name], type=field.type) for field in schema], schema=schema)
