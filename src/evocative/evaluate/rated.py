"""Rated: predictions of dimensions beside what raters said, pooled over folds; columns of their table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os.path import normpath
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64

from evocative.data.columns import AXES
from evocative.data.table import Table
from evocative.errors import DataError, unknown
from evocative.evaluate.rows import Rows
from evocative.evaluate.suite import checked
from evocative.inference.check import TARGETS
from evocative.inference.predictions import Predictions


@dataclass(frozen=True, eq=False)
class Rated:
    """Images that were answered, each once, with their ratings."""

    rows: Rows
    part: Int64[np.ndarray, " N"]
    """Which of the files a row comes from (a fold)."""
    frame: pd.DataFrame
    """The predictions' own columns."""
    table: pd.DataFrame
    """The table's row of each image; no columns without a table."""

    def __len__(self) -> int:
        return len(self.part)

    def column(self, name: str) -> "pd.Series[Any]":
        """Return a column of the table, or of the predictions.

        Raises:
            DataError: Neither has it.
        """
        for frame in (self.table, self.frame):
            if name in frame.columns:
                return frame[name].reset_index(drop=True)
        raise DataError(unknown("column", name, [*self.table.columns, *self.frame.columns]))

    def numbers(self, name: str) -> Float64[np.ndarray, " N"]:
        """Return a column of numbers, NaN where missing.

        Raises:
            DataError: There is none, or it holds no number.
        """
        found = pd.to_numeric(self.column(name), errors="coerce").to_numpy(np.float64, na_value=np.nan)
        if not np.isfinite(found).any():
            raise DataError(f"column {name}: expected numbers, found none")
        return found

    def with_columns(self, frame: pd.DataFrame, name: str = "columns") -> "Rated":
        """Add the columns of another file with one row an image, as `path` names it in the table.

        Raises:
            DataError: It has no column `path`, names an image twice, or none of these.
        """
        if "path" not in frame.columns:
            raise DataError(f"{name}: " + unknown("column", "path", map(str, frame.columns)))
        paths = (self.table if "path" in self.table else self.frame)["path"].astype(str)
        others = frame.assign(path=frame["path"].astype(str)).set_index("path")
        if others.index.has_duplicates or not paths.isin(others.index).any():
            raise DataError(
                f"{name}: expected one row for each image, as {paths.iloc[0]!r}; found "
                f"{len(others)} rows as {others.index[0] if len(others) else 'nothing'!r}, "
                f"{int(others.index.duplicated().sum())} of them repeated"
            )
        added = others.drop(columns=[c for c in others if c in self.table.columns]).reindex(paths)
        return replace(self, table=pd.concat([self.table, added.reset_index(drop=True)], axis=1))

    def optional(self, frame: pd.DataFrame, name: str) -> Float64[np.ndarray, " N"] | None:
        """Return a column of numbers of one of the two frames; None where it is not there or empty."""
        if name not in frame.columns:
            return None
        found = pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64, na_value=np.nan)
        return found if np.isfinite(found).any() else None


def rated(files: Sequence[Predictions], table: Table | None = None) -> Rated:
    """Bring the predictions of one model, in one file or in one a fold, and their ratings together.

    Args:
        files: Rows with an error are left out.
        table: What raters said; its columns take the place of targets, labels and groups in the files.
            Images that it lacks are left out. None: the files hold them.

    Raises:
        DataError: An image has two predictions, none is in the table, its labels are not the
            model's, the files' labels differ, or there is neither a target nor a label.
    """
    if not files:
        raise DataError("expected predictions, found none")
    _of_one_model(files)
    part = np.concatenate([np.full(len(file), k, dtype=np.int64) for k, file in enumerate(files)])
    frame = pd.concat([file.frame for file in files], ignore_index=True)
    pooled = Predictions(frame, metadata=files[0].metadata, name=files[0].name)
    kept = pooled.ok.copy()
    theirs = pd.DataFrame(index=frame.index)
    if table is not None:
        places = pooled.places(table)
        kept = kept & (places >= 0)
        theirs = table.frame.iloc[np.maximum(places, 0)].reset_index(drop=True)
        known = {name: theirs[axis] for axis, name in zip(AXES, TARGETS, strict=True) if axis in theirs}
        known |= {name: theirs[name] for name in ("group", "label") if name in theirs}
        pooled = Predictions(pooled.frame.assign(**known), metadata=pooled.metadata, name=pooled.name)
        pooled = checked(pooled) if "label" in known else pooled
    keys = pd.Series(pooled.paths if table is None else theirs["path"].astype(str))[kept].map(normpath)
    _refuse(pooled, keys, table)
    chosen = np.flatnonzero(kept)
    good = pooled.select(chosen)
    return Rated(Rows.of(good), part[chosen], good.frame, theirs.iloc[chosen].reset_index(drop=True))


def _of_one_model(files: Sequence[Predictions]) -> None:
    """Refuse files that predict different labels: pooled, one's probabilities would be read as another's."""
    first = files[0].metadata.taxonomy
    for file in files[1:]:
        other = file.metadata.taxonomy
        if other != first:
            names = ["no labels" if one is None else one.name for one in (first, other)]
            raise DataError(
                f"{file.name}: expected predictions of {names[0]}, as in {files[0].name}, found {names[1]}: "
                "these are not files of one model; measure them apart"
            )


def _refuse(pooled: Predictions, keys: "pd.Series[str]", table: Table | None) -> None:
    if not len(keys):
        where = "has an answer" if table is None else f"is in {table.name}"
        raise DataError(f"{pooled.name}: none of its {len(pooled)} images {where}")
    twice = keys[keys.duplicated()]
    if len(twice):
        raise DataError(
            f"{pooled.name}: {len(twice)} images are predicted twice, for example {twice.iloc[0]}"
        )
    if not np.isfinite(pooled.targets).any() and not (pooled.labels >= 0).any():
        raise DataError(f"{pooled.name}: no target of valence, arousal or dominance is known; give a table")
