"""Table: one row an image, with what people said about it. The columns are told in docs/table.md.

A table is a CSV file whose first lines may say what it is about, or a Parquet file that keeps the same in its
metadata:

    # name: oasis
    # root: images
    # taxonomy: mikels8
    path,label,valence,arousal,split,group
    Acorns 1.jpg,,0.2287581699,-0.551155511,train,Acorns
"""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from jaxtyping import Float32, Float64, Int64
from numpy.typing import NDArray

from evocative.data.check import find_problems
from evocative.data.columns import (
    AXES,
    SPLITS,
    VOTES,
    label_words,
    listing,
    resolved,
    typed,
    vote_columns,
)
from evocative.data.storage import read_rows, write_rows
from evocative.errors import DataError, unknown
from evocative.taxonomy.labels import TAXONOMIES, Taxonomy
from evocative.taxonomy.labels import taxonomy as find_taxonomy
from evocative.taxonomy.recognise import OWN, is_own, taxonomy_of
from evocative.taxonomy.spelling import plain_word

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Table:
    """Labelled images: rows, the taxonomy of their labels, and the folder of their files.

    Making one gives every column its type and place and every label its taxonomy's spelling; `check_table`
    looks for mistakes.

    Raises:
        DataError: There is no column `path`, or a cell that must be a number is none.
    """

    frame: pd.DataFrame
    """One row an image, index 0 … N-1."""
    taxonomy: Taxonomy | None = None
    """Whose labels the rows have; None where no row has one."""
    root: Path = field(default_factory=Path)
    """The folder that the column `path` is relative to."""
    name: str = "table"

    def __post_init__(self) -> None:
        if "path" not in self.frame.columns:
            raise DataError(f"{self.name}: " + unknown("column", "path", map(str, self.frame.columns)))
        try:
            frame, problems = typed(self.frame)
            _refuse(self.name, problems)
            frame = frame if self.taxonomy is None else resolved(frame, self.taxonomy)
        except DataError as error:
            raise error if str(error).startswith(self.name) else DataError(f"{self.name}: {error}") from error
        object.__setattr__(self, "frame", frame)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def paths(self) -> list[Path]:
        """The files, root included."""
        return [self.root / path for path in self.frame["path"]]

    @property
    def labels(self) -> Int64[np.ndarray, " N"]:
        """Each row's place in the taxonomy, -1 where it has no label.

        Raises:
            DataError: A label is not in the taxonomy, or there are labels and no taxonomy.
        """
        if "label" not in self.frame.columns or self.frame["label"].isna().all():
            return np.full(len(self), -1, dtype=np.int64)
        names = () if self.taxonomy is None else self.taxonomy.names
        unfit = self.frame.loc[~self.frame["label"].isin(names) & self.frame["label"].notna()]
        if len(unfit):
            _refuse(self.name, find_problems(unfit[["path", "label"]], taxonomy=self.taxonomy))
        codes = self.frame["label"].map({name: code for code, name in enumerate(names)})
        return codes.fillna(-1).to_numpy(dtype=np.int64)

    @property
    def dimensions(self) -> Float32[np.ndarray, "N 3"]:
        """Valence, arousal and dominance in [-1, 1], NaN where missing."""
        return self.frame.reindex(columns=list(AXES)).to_numpy(dtype=np.float32)

    @property
    def votes(self) -> Float64[np.ndarray, "N K"] | None:
        """How many raters chose each label, NaN where a row has no votes; None without vote columns."""
        names = vote_columns(self.frame)
        if not names or self.taxonomy is None:
            return None
        wanted = [VOTES + label for label in self.taxonomy.names]
        counts = self.frame.reindex(columns=wanted).fillna(0.0).to_numpy(dtype=np.float64, copy=True)
        counts[self.frame[names].isna().all(axis="columns").to_numpy(dtype=bool)] = np.nan
        return counts

    @property
    def splits(self) -> dict[str, int]:
        """How many rows each split has, in the order train, validation, test; empty without splits."""
        if "split" not in self.frame.columns:
            return {}
        counts = self.frame["split"].value_counts()
        return {name: int(counts[name]) for name in SPLITS if name in counts}

    def select(self, rows: "str | Sequence[int] | Sequence[bool] | NDArray[Any]") -> "Table":
        """Return the table of some rows.

        Args:
            rows: A split's name, a mask of N booleans, or row numbers in the order wanted.

        Raises:
            DataError: The table has no such split.

        Example:
            >>> table = Table(pd.DataFrame({"path": ["a.jpg", "b.jpg"], "split": ["train", "test"]}))
            >>> len(table.select("test"))
            1
        """
        if isinstance(rows, str):
            if rows not in self.splits:
                hint = "" if self.splits else "; split the table first (evocative prepare --split)"
                raise DataError(f"{self.name}: " + unknown("split", rows, self.splits) + hint)
            rows = (self.frame["split"] == rows).fillna(value=False).to_numpy(dtype=bool)
        places = np.asarray(rows)
        if places.dtype == bool:
            if places.shape != (len(self),):
                raise DataError(
                    f"{self.name}: a mask needs {len(self)} values, one a row, not {places.shape}"
                )
            places = np.flatnonzero(places)
        return replace(self, frame=self.frame.iloc[places.astype(np.int64)])

    def assign(self, **columns: Any) -> "Table":
        """Return the table with columns added or replaced.

        Args:
            **columns: One value for all rows, or N values, by column name.
        """
        return replace(self, frame=self.frame.assign(**columns))


def _refuse(name: str, problems: list[str]) -> None:
    """Raise all problems at once, if there are any."""
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise DataError(f"{name}: {count}" + "".join(f"\n  - {problem}" for problem in problems))


def check_table(table: Table, *, files: bool = True) -> None:
    """Look for every mistake in a table.

    Looks for missing, repeated and escaping paths, unknown labels and splits, values outside [-1, 1],
    negative votes, groups on both sides of a split and, with `files`, images that are not on the disk.

    Raises:
        DataError: The table has mistakes; the message lists all kinds, and the first 20 of each kind.
    """
    _refuse(
        table.name,
        find_problems(table.frame, taxonomy=table.taxonomy, root=table.root if files else None),
    )


def read_table(
    path: str | Path,
    *,
    root: str | Path | None = None,
    taxonomy: Taxonomy | str | None = None,
    check: bool = True,
) -> Table:
    """Read a table from CSV or Parquet.

    Only an empty cell is a missing one: "null", "NA" and "None" are words. A further column becomes one of
    numbers if every cell is written as one and the file does not say that the column is text.

    Args:
        path: A file that ends in .csv or .parquet.
        root: The folder that paths are relative to; by default the one that the file names, or else the
            file's own.
        taxonomy: Whose labels these are, or its name, or `own` for the file's own words; by default what the
            file names, or else the published taxonomy that has exactly these labels, or else one of the
            file's own words.
        check: Look for mistakes in the rows. The images themselves are looked for by `check_table` only.

    Raises:
        DataError: The file cannot be read, or has mistakes; all of them are listed.
    """
    path = Path(path)
    frame, metadata = read_rows(path)
    if "path" not in frame.columns:
        raise DataError(f"{path}: " + unknown("column", "path", map(str, frame.columns)))
    said = {key: _stated_text(path, metadata, key) for key in ("root", "name")}
    chosen = taxonomy or stated_taxonomy(path, metadata)
    try:
        frame, problems = typed(frame)
        labels, misspelt = _labels(path, frame, chosen)
        if labels is not None:
            frame = resolved(frame, labels)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    problems += [*misspelt, *find_problems(frame, taxonomy=labels)] if check else []
    _refuse(str(path), problems)
    folder = path.parent / (said["root"] or ".") if root is None else Path(root)
    absolute = Path(os.path.abspath(folder))  # noqa: PTH100 (links stay)
    return Table(frame, taxonomy=labels, root=absolute, name=said["name"] or path.stem)


def _labels(
    path: Path, frame: pd.DataFrame, chosen: Taxonomy | str | None
) -> tuple[Taxonomy | None, list[str]]:
    """Return whose labels a file has, and a text about those that are probably misspelt."""
    words = label_words(frame)
    if not words:
        named = find_taxonomy(chosen) if isinstance(chosen, str) and chosen != OWN else chosen
        return named if isinstance(named, Taxonomy) else None, []
    text = path.suffix.lower() != ".parquet"
    how = "a first line  # taxonomy: {}" if text else "evocative prepare csv … --taxonomy {}"
    found = taxonomy_of(words, name=path.stem, chosen=chosen, how=how)
    if found.misspelt:
        lines = [f"{word!r}; did you mean {label!r}?" for word, label in found.misspelt.items()]
        what = f"labels that look misspelt ({len(lines)}; to keep them as they are: {how.format(OWN)})"
        return found.taxonomy, [f"{what}:" + listing(lines)]
    if found.hint:
        _LOG.warning("%s: %s", path, found.hint)
    return found.taxonomy, []


def write_table(table: Table, path: str | Path, *, keep_root: bool = True) -> None:
    """Write a table as CSV or Parquet, whole or not at all.

    Args:
        table: What to write; it is not checked.
        path: A file that ends in .csv or .parquet; missing folders are made.
        keep_root: Write the folder of the images down: relative if it lies below the file's folder, absolute
            otherwise. Without it the reader takes the file's own folder, or is told one.

    Raises:
        DataError: The ending is another one, the file cannot be written, or a text is no valid Unicode.
    """
    path = Path(path)
    metadata: dict[str, Any] = {"name": table.name}
    if keep_root:
        metadata["root"] = _portable_root(table.root, path.parent)
    if table.taxonomy is not None:
        known = TAXONOMIES.get(table.taxonomy.name) == table.taxonomy
        metadata["taxonomy"] = table.taxonomy.name if known else table.taxonomy.to_dict()
    write_rows(table.frame, metadata, path)


def concatenate(tables: Sequence[Table]) -> Table:
    """Join tables of one taxonomy; paths become relative to the folder that all roots share.

    A table of a person's own words is read in another's taxonomy if that has all of them, as where a part of
    the data lacks a class. A row without `source` gets its table's name there. Groups keep their names, so
    that tables of the same pictures share them. A table that is given twice counts twice.

    Raises:
        DataError: There is no table, the taxonomies differ, or the roots share no folder.
    """
    if not tables:
        raise DataError("joining tables needs at least one")
    taxonomy = _shared_taxonomy(tables)
    roots = [os.path.abspath(table.root) for table in tables]  # noqa: PTH100 (links stay)
    try:
        root = Path(os.path.commonpath(roots))
    except ValueError as error:
        raise DataError(f"the roots of the tables share no folder: {', '.join(roots)}") from error
    frames = []
    for table, folder in zip(tables, roots, strict=True):
        below = Path(folder).relative_to(root)
        paths = [(below / path).as_posix() for path in table.frame["path"]]
        source = table.frame.get("source", pd.Series(pd.NA, index=table.frame.index, dtype="string"))
        frames.append(table.frame.assign(path=paths, source=source.fillna(table.name)))
    return Table(
        pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True),
        taxonomy=taxonomy,
        root=root,
        name="+".join(dict.fromkeys(table.name for table in tables)),
    )


def _shared_taxonomy(tables: Sequence[Table]) -> Taxonomy | None:
    """Return the taxonomy that all tables can be read in, None where none has labels."""
    different = list(dict.fromkeys(table.taxonomy for table in tables if table.taxonomy is not None))
    if not different:
        return None
    largest = max(different, key=len)
    words = {plain_word(name) for name in largest.names}
    for other in different:
        if other != largest and not (is_own(other) and words.issuperset(map(plain_word, other.names))):
            names = ", ".join(f"{table.name}: {table.taxonomy.name}" for table in tables if table.taxonomy)
            raise DataError(
                f"tables of different taxonomies cannot be joined ({names}); map one to the other first"
            )
    return largest


def _portable_root(root: Path, folder: Path) -> str:
    absolute, start = Path(os.path.abspath(root)), Path(os.path.abspath(folder))  # noqa: PTH100 (links stay)
    return (absolute.relative_to(start) if absolute.is_relative_to(start) else absolute).as_posix()


def _stated_text(path: Path, metadata: Mapping[str, Any], key: str) -> str | None:
    value = metadata.get(key)
    if value is None or isinstance(value, str):
        return value
    raise DataError(f"{path}: what it says of itself: {key} must be text, not {value!r:.80}")


def stated_taxonomy(path: Path, metadata: Mapping[str, Any]) -> Taxonomy | str | None:
    """Return the taxonomy that a file names, `own` where it keeps its own words, None where it says nothing.

    Raises:
        DataError: There is no such taxonomy.
    """
    stored = metadata.get("taxonomy")
    if stored is None or stored == OWN:
        return OWN if stored else None
    try:
        return Taxonomy.from_dict(stored) if isinstance(stored, dict) else find_taxonomy(str(stored))
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
