"""Predictions: one row an image, with what a model says of it and, where known, what people said.

    path, error, p_<label> …, valence, arousal, dominance, embedding, label, split, group, target_valence …

The columns are told in docs/predictions.md. A foreign model is evaluated by writing this file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from os.path import normpath
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from jaxtyping import Bool, Float32, Int64

from evocative.data.atomic import replacing
from evocative.data.columns import AXES, SD_COLUMNS, listing, named, spelled
from evocative.data.storage import read_rows, write_rows
from evocative.data.table import Table
from evocative.errors import DataError, unknown
from evocative.inference.answer import Answer
from evocative.inference.check import (
    EMBEDDING,
    PROBABILITY,
    TARGETS,
    TEXTS,
    check_predictions,
    probability_columns,
    refuse,
    typed,
)
from evocative.inference.metadata import Metadata
from evocative.taxonomy.labels import Taxonomy
from evocative.taxonomy.recognise import recognise

SUFFIXES: Final = (".parquet", ".csv")


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model says of images.

    Making one gives every column its type; `check_predictions` looks for mistakes.

    Raises:
        DataError: There is no column `path`, or a cell holds something of another type.
    """

    frame: pd.DataFrame
    """One row an image, index 0 … N-1."""
    metadata: Metadata = field(default_factory=Metadata)
    name: str = "predictions"
    """What errors call it."""

    def __post_init__(self) -> None:
        if "path" not in self.frame.columns:
            raise DataError(f"{self.name}: " + unknown("column", "path", map(str, self.frame.columns)))
        frame, problems = typed(self.frame)
        refuse(self.name, problems)
        object.__setattr__(self, "frame", frame)
        if self.metadata.taxonomy is None and probability_columns(frame):
            frame, taxonomy = _named(frame, self.name)
            object.__setattr__(self, "frame", frame)
            object.__setattr__(self, "metadata", replace(self.metadata, taxonomy=taxonomy))

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def names(self) -> tuple[str, ...]:
        """The labels, in the order of the columns of `probabilities`; () without an emotion head."""
        return () if self.metadata.taxonomy is None else self.metadata.taxonomy.names

    @property
    def paths(self) -> list[str]:
        """The images, as the file names them."""
        return [str(path) for path in self.frame["path"]]

    @property
    def twice(self) -> list[str]:
        """Images that stand in more than one row, `a.jpg` and `./a.jpg` being the same."""
        names = pd.Series([normpath(path) for path in self.paths], dtype=object)
        return [str(name) for name in names[names.duplicated()].unique()]

    @property
    def ok(self) -> Bool[np.ndarray, " N"]:
        """Which rows have an answer rather than an error."""
        if "error" not in self.frame.columns:
            return np.ones(len(self), dtype=bool)
        return self.frame["error"].isna().to_numpy(bool)

    @property
    def probabilities(self) -> Float32[np.ndarray, "N K"] | None:
        """Of each label, in the order of `names`; NaN in rows with an error. None without an emotion head."""
        if not self.names:
            return None
        return self._numbers([PROBABILITY + name for name in self.names])

    @property
    def dimensions(self) -> Float32[np.ndarray, "N 3"]:
        """Predicted valence, arousal and dominance in [-1, 1], NaN where there is none."""
        return self._numbers(AXES)

    @property
    def embedding(self) -> Float32[np.ndarray, "N D"] | None:
        """The vectors that the model's heads read; rows with an error are NaN. None without embeddings."""
        if EMBEDDING not in self.frame.columns:
            return None
        vectors = [vector for vector in self.frame[EMBEDDING] if vector is not None]
        if not vectors:
            return None
        matrix = np.full((len(self), len(vectors[0])), np.nan, dtype=np.float32)
        matrix[self.frame[EMBEDDING].notna().to_numpy(bool)] = np.stack(vectors)
        return matrix

    @property
    def labels(self) -> Int64[np.ndarray, " N"]:
        """Each row's true label as its place in `names`, -1 where unknown."""
        if "label" not in self.frame.columns:
            return np.full(len(self), -1, dtype=np.int64)
        codes = self.frame["label"].map({name: code for code, name in enumerate(self.names)})
        return codes.fillna(-1).to_numpy(dtype=np.int64)

    @property
    def targets(self) -> Float32[np.ndarray, "N 3"]:
        """What people said: valence, arousal and dominance in [-1, 1], NaN where unknown."""
        return self._numbers(TARGETS)

    def _numbers(self, columns: Sequence[str]) -> Float32[np.ndarray, "N C"]:
        return self.frame.reindex(columns=list(columns)).to_numpy(dtype=np.float32)

    def select(self, rows: "str | Sequence[int] | Sequence[bool] | npt.NDArray[Any]") -> "Predictions":
        """Return some rows: a split's name, a mask of N booleans, or row numbers in the order wanted.

        Raises:
            DataError: There is no such split.
        """
        if isinstance(rows, str):
            splits = set() if "split" not in self.frame.columns else set(self.frame["split"].dropna())
            if rows not in splits:
                raise DataError(f"{self.name}: " + unknown("split", rows, splits))
            rows = (self.frame["split"] == rows).fillna(value=False).to_numpy(dtype=bool)
        places = np.asarray(rows)
        chosen = np.flatnonzero(places) if places.dtype == bool else places.astype(np.int64)
        return replace(self, frame=self.frame.iloc[chosen])

    def join(self, table: Table, *, partial: bool = False) -> "Predictions":
        """Add what people said: label, split, group and targets, from the table's row of the same image.

        Rows meet by the table's own path, or by the file that both name.

        Args:
            table: The labelled images.
            partial: Leave out predictions of images that the table lacks, and allow images without one.

        Raises:
            DataError: Images lack a row or a prediction, or the labels are not of the model's taxonomy.
        """
        places = self.places(table)
        if not partial:
            self._refuse_strangers(places, table)
        mine = self.select(places >= 0)
        theirs = table.frame.iloc[places[places >= 0]].reset_index(drop=True)
        columns: dict[str, Any] = {
            name: theirs[name] for name in ("label", "split", "group") if name in theirs
        }
        for axis, target in zip(AXES, TARGETS, strict=True):
            if axis in theirs and theirs[axis].notna().any():
                columns[target] = theirs[axis]
        if self.metadata.taxonomy is not None:
            columns |= (
                {"label": spelled(theirs["label"], self.metadata.taxonomy)} if "label" in theirs else {}
            )
        joined = replace(mine, frame=mine.frame.assign(**columns))
        if self.names and "label" in columns:
            check_predictions(joined)
        return joined

    def places(self, table: Table) -> Int64[np.ndarray, " N"]:
        """Return the table's row of each prediction, -1 where there is none.

        Rows meet by the table's own path, or by the file that both name.
        """
        by_name = {path: row for row, path in enumerate(table.frame["path"])}
        rows = [by_name.get(path, -1) for path in self.frame["path"]]
        if -1 in rows:
            by_file = {str(path.absolute()): row for row, path in enumerate(table.paths)}
            for place, path in enumerate(self.paths):
                if rows[place] < 0:
                    rows[place] = by_file.get(str(Path(path).absolute()), -1)
        return np.array(rows, dtype=np.int64).reshape(-1)

    def _refuse_strangers(self, places: Int64[np.ndarray, " N"], table: Table) -> None:
        problems = []
        strange = [self.paths[row] for row in np.flatnonzero(places < 0)]
        if strange:
            problems.append(
                f"{len(strange)} predictions are of images that {table.name} lacks:" + listing(strange)
            )
        seen = set(places.tolist())
        lacking = [str(path) for row, path in enumerate(table.frame["path"]) if row not in seen]
        if lacking:
            problems.append(f"{len(lacking)} images of {table.name} have no prediction:" + listing(lacking))
        refuse(self.name, problems)


def from_answers(
    answers: Iterable[Answer], *, metadata: Metadata, paths: Sequence[str] | None = None
) -> Predictions:
    """Collect answers.

    Args:
        answers: One an image.
        metadata: Of the model that gave them; columns are made for its taxonomy even if all images failed.
        paths: How the images are to be named; by default as the answers name them.
    """
    rows = list(answers)
    columns: dict[str, Any] = {
        "path": list(paths) if paths is not None else [answer.path for answer in rows],
        "error": [answer.error for answer in rows],
    }
    for name in () if metadata.taxonomy is None else metadata.taxonomy.names:
        columns[PROBABILITY + name] = [(answer.probabilities or {}).get(name, np.nan) for answer in rows]
    for axis in AXES:
        values = [getattr(answer, axis) for answer in rows]
        columns[axis] = [np.nan if value is None else value for value in values]
    if any(answer.dimension_sd is not None for answer in rows):
        for axis, name in zip(AXES, SD_COLUMNS, strict=True):
            columns[name] = [(answer.dimension_sd or {}).get(axis, np.nan) for answer in rows]
    if metadata.embedding_size is not None:
        columns[EMBEDDING] = pd.Series([answer.embedding for answer in rows], dtype=object)
    return Predictions(pd.DataFrame(columns), metadata=metadata)


def read_predictions(path: str | Path) -> Predictions:
    """Read and check predictions, ours or a foreign model's.

    A file that names no taxonomy gets the published one that has exactly its labels, or one of its own.

    Args:
        path: A file that ends in .parquet, or in .csv (which has no embeddings).

    Raises:
        DataError: The file cannot be read, or has mistakes; all of them are listed.
    """
    path = Path(path)
    frame, values = read_rows(path, rename=partial(_known, path=path))
    if "path" not in frame.columns or not (probability_columns(frame) or set(AXES) & set(frame.columns)):
        found = ", ".join(map(str, frame.columns)) or "none"
        raise DataError(
            f"{path}: these are no predictions: expected a column path, and columns p_<label> or valence and "
            f"arousal; found {found}. docs/predictions.md tells the format"
        )
    if values.get("kind", "predictions") != "predictions":
        raise DataError(f"{path}: holds {values['kind']}, expected predictions")
    try:
        predictions = Predictions(frame, metadata=Metadata.from_dict(values), name=str(path))
    except DataError as error:
        raise error if str(error).startswith(str(path)) else DataError(f"{path}: {error}") from error
    check_predictions(predictions)
    return predictions


def write_predictions(predictions: Predictions, path: str | Path) -> None:
    """Write predictions, whole or not at all.

    Args:
        predictions: What to write; it is not checked.
        path: A file that ends in .parquet, or in .csv, which leaves the embeddings out.

    Raises:
        DataError: The ending is another one, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(f"{path}: predictions end in .parquet or .csv, not in {path.suffix or 'nothing'}")
    if path.suffix.lower() == ".csv":
        plain = predictions.frame.drop(columns=EMBEDDING, errors="ignore")
        said = replace(predictions.metadata, embedding_size=None).to_dict()
        write_rows(plain, {key: value for key, value in said.items() if value is not None}, path)
        return
    from pyarrow import parquet

    from evocative.inference.stream import arrow_schema, arrow_table

    with replacing(path) as unfinished:
        embedding = predictions.embedding
        size = None if embedding is None else embedding.shape[1]
        schema = arrow_schema(replace(predictions.metadata, embedding_size=size))
        parquet.write_table(arrow_table(predictions.frame, schema), unfinished, compression="zstd")


def _known(frame: pd.DataFrame, *, path: Path) -> pd.DataFrame:
    """Give columns the names that theirs differ from by blanks or case only."""
    names = (*TEXTS, *AXES, *SD_COLUMNS, *TARGETS, EMBEDDING)
    try:
        return frame.rename(columns=named(frame.columns, names=names, starts=(PROBABILITY,)))
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _named(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, Taxonomy]:
    """Find the taxonomy of a file that names none, and give its columns that taxonomy's spelling."""
    labels = [column[len(PROBABILITY) :] for column in probability_columns(frame)]
    known = recognise(labels)
    if known is None:
        return frame, Taxonomy.custom(Path(name).stem, labels)
    spelled = {PROBABILITY + label: PROBABILITY + known.resolve(label) for label in labels}
    return frame.rename(columns=spelled), known
