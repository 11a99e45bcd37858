"""A run goes on, and counts as finished, with what it was given at its start alone.

    keep(folder, Given.of(parts, weights))      # written, or held against what is there

Half a run on other labels would be of neither table. Nothing is told by dates: a copy of table and images,
wherever it lies, is the same.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from jaxtyping import Bool

from evocative.data.columns import SPLITS
from evocative.errors import RecipeError
from evocative.training.given import FILE, IMAGE, Given, cell_text, read_given

SHOWN: Final = 6
"""Differences that a message tells of one run."""
_log = logging.getLogger(__name__)


def keep(folder: Path, given: Given, *, checkpoint: str = "last.ckpt", write: bool = True) -> None:
    """Write what a run is given into its folder, or refuse where it was given something else.

    Args:
        folder: The run's.
        given: What there is now.
        checkpoint: Stands in the folder of a run that has begun.
        write: Whether this process writes.

    Raises:
        RecipeError: The run in the folder was given other rows or weights; the message says which.
    """
    path = folder / FILE
    if path.exists():
        refuse_other({folder: differences(read_given(path), given)})
    elif (folder / checkpoint).exists():
        _log.warning(
            "%s: this run was begun by an earlier version, which kept no record of its rows; whether they "
            "are still the same cannot be told",
            folder,
        )
    elif write:
        given.write(path)


def refuse_other(found: Mapping[Path, Sequence[str]]) -> None:
    """Refuse runs that were given something else than there is now.

    Args:
        found: Each run's folder to how that differs, as `differences` says it.

    Raises:
        RecipeError: One of them does.
    """
    changed = {folder: lines for folder, lines in found.items() if lines}
    if not changed:
        return
    told = [
        f"{folder}: holds a run that was given something else: " + "; ".join(_first(lines))
        for folder, lines in list(changed.items())[:3]
    ]
    more = [f"and {len(changed) - 3} more folder(s)"] if len(changed) > 3 else []
    raise RecipeError(
        "\n".join(
            [*told, *more, "Give it tables, images and weights as they were, or another folder by --output"]
        )
    )


def differences(was: Given, now: Given) -> list[str]:
    """Say how two runs' rows and weights differ: how many rows, and an example; nothing where they do not."""
    found = []
    if was.taxonomy != now.taxonomy:
        found.append(f"labels: {_labels(was.taxonomy)} then, {_labels(now.taxonomy)} now")
    for part in SPLITS:
        before, after = (each.rows[each.rows["part"] == part].reset_index(drop=True) for each in (was, now))
        found += [f"{part}: {line}" for line in _rows_differ(before, after)]
    found += [
        f"weights: {name} is another file" if name in now.weights else f"weights: {name} is not asked for now"
        for name, digest in was.weights.items()
        if now.weights.get(name) != digest
    ]
    return found


def _rows_differ(was: pd.DataFrame, now: pd.DataFrame) -> Iterator[str]:
    """Say which rows of a part came, went, moved or changed."""
    before, after = list(was["path"]), list(now["path"])
    if before == after:
        yield from _cells_differ(was, now)
        return
    gone, new = Counter(before) - Counter(after), Counter(after) - Counter(before)
    if gone:
        yield f"{gone.total():,} of {len(before):,} row(s) gone, as {next(iter(gone))}"
    if new:
        yield f"{new.total():,} of {len(after):,} row(s) new, as {next(iter(new))}"
    if not gone and not new:
        first = next(
            place for place, (one, other) in enumerate(zip(before, after, strict=True)) if one != other
        )
        yield f"rows in another order, from row {first + 1} on ({before[first]} then, {after[first]} now)"
    there, here = (each.drop_duplicates("path").set_index("path", drop=False) for each in (was, now))
    common = there.index.intersection(here.index)
    yield from _cells_differ(there.loc[common], here.loc[common])


def _cells_differ(was: pd.DataFrame, now: pd.DataFrame) -> Iterator[str]:
    """Say which columns of the same rows changed."""
    for name in dict.fromkeys((*was.columns, *now.columns)):
        before, after = (_column(each, name) for each in (was, now))
        other: Bool[np.ndarray, " N"] = before != after
        if other.any():
            row = int(np.flatnonzero(other)[0])
            path, count = was["path"].iloc[row], int(other.sum())
            if name == IMAGE:
                yield f"{count:,} of {len(was):,} image(s) with another content, as {path}"
                continue
            what = f"{before[row] or 'nothing'} then, {after[row] or 'nothing'} now"
            yield f"{count:,} of {len(was):,} row(s) with another {name}, as {path}: {what}"


def _column(frame: pd.DataFrame, name: str) -> "np.ndarray":
    """Return a column's cells as texts, '' where missing."""
    if name not in frame:
        return np.full(len(frame), "", dtype=object)
    return np.array([cell_text(value) for value in frame[name]], dtype=object)


def _labels(taxonomy: Mapping[str, Any] | None) -> str:
    if taxonomy is None:
        return "none"
    return (
        f"{taxonomy.get('name')} ({', '.join(str(each.get('name')) for each in taxonomy.get('labels', []))})"
    )


def _first(lines: Sequence[str]) -> list[str]:
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], *([f"and {more} more"] if more > 0 else [])]
