"""Every mistake of a table, at once.

Each check below takes a frame whose columns have their types (`columns.typed`) and returns one text a kind of
mistake, so that a person mends a table in one go.
"""

import os
import posixpath
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evocative.data.columns import (
    ABBREVIATE,
    AXES,
    SD_COLUMNS,
    SPLIT_ALIASES,
    SPLITS,
    VOTES,
    listing,
    vote_columns,
)
from evocative.taxonomy.labels import TAXONOMIES, Taxonomy


def find_problems(
    frame: pd.DataFrame, *, taxonomy: Taxonomy | None = None, root: Path | None = None
) -> list[str]:
    """Return one text for each kind of mistake in a table; an empty list means that it is sound.

    Args:
        frame: The rows, with the types of `columns.typed`.
        taxonomy: Whose labels the column `label` and the vote columns use.
        root: The folder that paths are relative to, to look for the files; None leaves the disk alone.
    """
    if "path" not in frame.columns:
        return [f"there is no column 'path'; the columns are: {', '.join(map(str, frame.columns)) or 'none'}"]
    if frame.empty:
        return ["there are no rows; a table has one row an image"]
    problems = [
        *_path_problems(frame["path"]),
        *_label_problems(frame, taxonomy),
        *_vote_problems(frame, taxonomy),
    ]
    for name in AXES:
        if name in frame.columns:
            problems += _outside(frame, name, -1, 1, hint="; convert them from the scale of their source")
    for name in SD_COLUMNS:
        if name in frame.columns:  # at most 1, or √2 with n - 1 and two raters
            problems += _outside(frame, name, 0, 2, hint="; a standard deviation on the scale from -1 to 1")
    problems += _split_problems(frame)
    if root is not None:
        problems += _file_problems(frame["path"], root)
    return problems


def _rows(frame: pd.DataFrame, wrong: "pd.Series[bool]", column: str) -> str:
    """Show rows as 'row 3 (a.jpg): value'; the first row below the header is row 1."""
    found = np.flatnonzero(wrong.to_numpy(bool))
    paths, values = frame["path"], frame[column]
    lines = [f"row {row + 1} ({paths.iloc[row]}): {values.iloc[row]}" for row in found[:ABBREVIATE]]
    return listing(lines, total=len(found))


def _rows_of(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def escapes(path: str) -> bool:
    """Whether a relative path is absolute after all, or leads out of its root."""
    clean = posixpath.normpath(path)
    return posixpath.isabs(path) or clean == ".." or clean.startswith("../") or path[1:3] in (":\\", ":/")


def _path_problems(paths: "pd.Series[Any]") -> list[str]:
    problems: list[str] = []
    empty = [f"row {row + 1}" for row in np.flatnonzero(paths.isna().to_numpy(bool))]
    if empty:
        problems.append(f"rows without a path ({len(empty)}):" + listing(empty))
    present = paths.dropna()
    outside = [path for path in present if escapes(path)]
    if outside:
        problems.append(
            f"paths that lead out of the root ({len(outside)}; make them relative, or name another root):"
            + listing(outside)
        )
    counts = present.map(posixpath.normpath).value_counts()
    twice = [f"{path} ({count} times)" for path, count in counts[counts > 1].sort_index().items()]
    if twice:
        problems.append(f"paths in more than one row ({len(twice)}):" + listing(twice))
    return problems


def _closest(names: Iterable[str]) -> str:
    """Say which known taxonomy has most of these names, and which names it lacks."""
    wanted = set(names)
    best = max(TAXONOMIES.values(), key=lambda known: sum(name in known for name in wanted))
    lacking = sorted(repr(name) for name in wanted if name not in best)
    if len(lacking) == len(wanted):
        return ""
    lacks = ", ".join(lacking[:5])
    return f" (closest is {best.name!r}, which lacks {lacks})" if lacks else f" (they fit {best.name!r})"


def _label_problems(frame: pd.DataFrame, taxonomy: Taxonomy | None) -> list[str]:
    if "label" not in frame.columns or frame["label"].isna().all():
        return []
    counts = frame["label"].value_counts().sort_index()
    if taxonomy is None:
        return [
            f"labels ({len(counts)}) but no taxonomy{_closest(counts.index)}; name one, by option or by a "
            "first line like  # taxonomy: mikels8  in the CSV. The labels:" + listing(list(counts.index))
        ]
    unknown = counts[~counts.index.isin(taxonomy.names)]
    lines = []
    for name, count in unknown.head(ABBREVIATE).items():
        first = int(np.flatnonzero((frame["label"] == name).fillna(value=False).to_numpy(bool))[0])
        close = get_close_matches(str(name), taxonomy.names, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        lines.append(f"{str(name)!r} ({_rows_of(count)}, first is row {first + 1}){hint}")
    known = f"{taxonomy.name!r} has {', '.join(taxonomy.names)}"
    return (
        [f"unknown labels ({len(unknown)}; {known}):" + listing(lines, total=len(unknown))] if lines else []
    )


def _vote_problems(frame: pd.DataFrame, taxonomy: Taxonomy | None) -> list[str]:
    names = vote_columns(frame)
    problems: list[str] = []
    if names and taxonomy is None:
        problems.append(f"vote columns ({len(names)}) but no taxonomy; name one:" + listing(names))
    foreign = [name for name in names if taxonomy is not None and name[len(VOTES) :] not in taxonomy.names]
    if taxonomy is not None and foreign:
        problems.append(
            f"vote columns of labels that {taxonomy.name!r} lacks ({len(foreign)}):" + listing(foreign)
        )
    for name in names:
        problems += _outside(frame, name, 0, sys.float_info.max, hint="")
    return problems


def _outside(frame: pd.DataFrame, name: str, low: float, high: float, *, hint: str) -> list[str]:
    """Name the rows in which a column leaves [low, high]; missing values do not."""
    wrong = (frame[name] < low) | (frame[name] > high)
    if not wrong.any():
        return []
    limits = f"values below {low}" if high == sys.float_info.max else f"values outside [{low}, {high}]"
    return [f"column {name}: {limits} ({int(wrong.sum())}{hint}):" + _rows(frame, wrong, name)]


def _split_problems(frame: pd.DataFrame) -> list[str]:
    if "split" not in frame.columns:
        return []
    problems: list[str] = []
    counts = frame["split"].value_counts().sort_index()
    lines = []
    for name, count in counts.items():
        if name not in SPLITS:
            meant = SPLIT_ALIASES.get(str(name).lower(), str(name).lower())
            hint = f"; did you mean {meant!r}?" if meant in SPLITS else ""
            lines.append(f"{str(name)!r} ({_rows_of(count)}){hint}")
    if lines:
        problems.append(f"unknown splits ({len(lines)}; there are {', '.join(SPLITS)}):" + listing(lines))
    return problems + (_leaks(frame) if "group" in frame.columns else [])


def _leaks(frame: pd.DataFrame) -> list[str]:
    """Name the groups with rows in more than one split, and how many in each."""
    counts = frame.groupby(["group", "split"]).size()
    sides = counts.groupby(level="group").size()
    leaking = sides[sides > 1].index
    lines = []
    for group in leaking[:ABBREVIATE]:
        shares = ", ".join(f"{split} {count}" for split, count in counts.loc[group].items())
        lines.append(f"{str(group)!r}: {shares}")
    if not lines:
        return []
    return [f"groups on both sides of a split ({len(leaking)}):" + listing(lines, total=len(leaking))]


def _file_problems(paths: "pd.Series[Any]", root: Path) -> list[str]:
    if not root.is_dir():
        return [f"the folder of images is not there: {root} (name another root)"]
    missing = [path for path in paths.dropna() if not os.path.isfile(root / path)]  # noqa: PTH113 (twice as fast)
    if not missing:
        return []
    slashes = any("\\" in path and (root / path.replace("\\", "/")).is_file() for path in missing)
    hint = "; write / for \\ in paths" if slashes else ""
    return [f"files missing below {root} ({len(missing)} of {len(paths)}{hint}):" + listing(missing)]
