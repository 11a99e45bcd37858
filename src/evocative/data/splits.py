"""Train, validation and test, and folds: stratified, whole groups together, the same on every machine.

Rows with a label are stratified by it, others by fifths of valence. scikit-learn's splitters for groups make
equal parts only and take minutes for a hundred thousand groups; this one makes parts of any size, and is
tested against them.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64
from numpy.typing import NDArray

from evocative.data.columns import SPLITS, as_text, listing
from evocative.data.storage import read_rows, write_rows
from evocative.data.table import Table
from evocative.errors import DataError, unknown
from evocative.taxonomy.spelling import tidy

DEFAULT_FRACTIONS: Final[Mapping[str, float]] = MappingProxyType(
    {"train": 0.8, "validation": 0.05, "test": 0.15}
)
VALIDATION: Final = -1
"""The number of the fixed validation part in a file of folds: rows that no fold holds out."""
_VALENCE_BINS: Final = 5


def split(table: Table, *, fractions: Mapping[str, float] = DEFAULT_FRACTIONS, seed: int) -> Table:
    """Give every row a split; an older column `split` is replaced.

    Args:
        table: Rows with the same `group` stay together; a row without one is a group of its own.
        fractions: Share of each split; they add up to 1.
        seed: Another seed, another split.

    Raises:
        DataError: A fraction is no share, a split unknown, or there are too few groups to fill all splits.

    Example:
        >>> table = Table(pd.DataFrame({"path": [f"{n}.jpg" for n in range(10)]}))
        >>> split(table, fractions={"train": 0.7, "test": 0.3}, seed=0).splits
        {'train': 7, 'test': 3}
    """
    for name, fraction in fractions.items():
        if name not in SPLITS:
            raise DataError(unknown("split", name, SPLITS))
        if not 0 < fraction <= 1:
            raise DataError(f"the share of {name} must lie above 0 and be at most 1, not {fraction}")
    if abs(sum(fractions.values()) - 1) > 1e-6:
        raise DataError(f"the shares of the splits must add up to 1, not {sum(fractions.values()):g}")
    names = np.array(list(fractions), dtype=object)
    return table.assign(
        split=names[_assign(table, np.array(list(fractions.values()), dtype=np.float64), seed)]
    )


def sample(table: Table, rows: int, *, seed: int) -> Table:
    """Return about so many rows in their order: stratified, whole groups together; all where there are fewer.

    Args:
        table: Rows with the same `group` stay together; a row without one is a group of its own.
        rows: At least 1.
        seed: Another seed, another sample.

    Raises:
        DataError: The number is below 1, or all rows are of one group.

    Example:
        >>> table = Table(pd.DataFrame({"path": [f"{n}.jpg" for n in range(10)]}))
        >>> len(sample(table, 4, seed=0))
        4
    """
    if rows < 1:
        raise DataError(f"a sample needs at least 1 row, not {rows}")
    if len(table) <= rows:
        return table
    share = rows / len(table)
    return table.select(_assign(table, np.array([share, 1 - share], dtype=np.float64), seed) == 0)


def folds(table: Table, *, k: int, seed: int) -> Int64[np.ndarray, " N"]:
    """Return each row's fold, 0 … k-1, of about equal sizes.

    Args:
        table: Rows with the same `group` stay together; a row without one is a group of its own.
        k: How many folds, at least 2.
        seed: Another seed, another assignment.

    Raises:
        DataError: k is below 2, or there are fewer groups than folds.
    """
    if k < 2:
        raise DataError(f"cross-validation needs at least 2 folds, not {k}")
    return _assign(table, np.full(k, 1 / k), seed)


def strata(table: Table) -> Int64[np.ndarray, " N"]:
    """Return a number for each row's kind: its label, else its fifth of valence, else one for the rest."""
    kinds = table.labels
    valence = table.dimensions[:, 0]
    numeric = (kinds < 0) & ~np.isnan(valence)
    if numeric.any():
        edges = np.quantile(valence[numeric], np.arange(1, _VALENCE_BINS) / _VALENCE_BINS)
        kinds[numeric] = kinds.max() + 1 + np.searchsorted(edges, valence[numeric], side="right")
    return np.asarray(np.unique(kinds, return_inverse=True)[1], dtype=np.int64)


def groups(table: Table) -> Int64[np.ndarray, " N"]:
    """Return a number for each row's group; rows without one have a number of their own."""
    if "group" not in table.frame.columns:
        return np.arange(len(table), dtype=np.int64)
    codes = np.asarray(pd.factorize(table.frame["group"])[0], dtype=np.int64)
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    return codes


def _assign(table: Table, fractions: Float64[np.ndarray, " P"], seed: int) -> Int64[np.ndarray, " N"]:
    """Deal whole groups out to parts, the largest first, each to the part that it serves best."""
    if seed < 0:
        raise DataError(f"a seed must be at least 0, not {seed}")
    kinds, members = strata(table), groups(table)
    n_groups = int(members.max(initial=-1)) + 1
    if n_groups < len(fractions):
        raise DataError(f"{table.name}: {n_groups} groups cannot fill {len(fractions)} parts; ask for fewer")
    sizes = np.bincount(members, minlength=n_groups)
    # Uniform numbers are what numpy guarantees never to change; permutations are not
    luck = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed))).random(n_groups)
    part_of = _deal(_counts(kinds, members), np.lexsort((luck, -sizes)), fractions)
    _fill_empty(part_of, sizes, len(fractions))
    return np.asarray(part_of[members], dtype=np.int64)


def _counts(kinds: Int64[np.ndarray, " N"], members: Int64[np.ndarray, " N"]) -> pd.DataFrame:
    """Return how many rows of each kind each group has: columns group, kind, rows, sorted by group."""
    pairs = pd.DataFrame({"group": members, "kind": kinds, "rows": 1})
    return pairs.groupby(["group", "kind"], as_index=False).sum()


def _deal(
    counts: pd.DataFrame, order: NDArray[Any], fractions: Float64[np.ndarray, " P"]
) -> Int64[np.ndarray, " G"]:
    """Give each group, in order, to the part where it lowers the distance to the wanted counts most.

    The distance is chi-square: squares over the wanted counts. So rare labels are stratified too, and small
    parts get their share of the large groups. The total counts as one more kind.
    """
    totals = counts.groupby("kind")["rows"].sum().to_numpy(dtype=np.float64)
    totals = np.append(totals, totals.sum())
    lacking = fractions[:, None] * totals
    ends = np.searchsorted(counts["group"].to_numpy(), np.arange(len(order) + 1))
    kinds, rows = counts["kind"].to_numpy(), counts["rows"].to_numpy(dtype=np.float64)
    part_of = np.zeros(len(order), dtype=np.int64)
    for group in order:
        inside = slice(ends[group], ends[group + 1])
        kind, n = np.append(kinds[inside], len(totals) - 1), np.append(rows[inside], rows[inside].sum())
        # (lacking - n)² - lacking², rounded: ties must not hang on the last bit, where machines differ
        cost = ((n - 2 * lacking[:, kind]) * n / totals[kind]).sum(axis=1) / fractions
        part = int(np.argmin(np.round(cost, 9)))
        lacking[part, kind] -= n
        part_of[group] = part
    return part_of


def _fill_empty(part_of: Int64[np.ndarray, " G"], sizes: NDArray[Any], n_parts: int) -> None:
    """Move the smallest group of the part with most groups to each part that got none (tiny tables only)."""
    for part in range(n_parts):
        if not (part_of == part).any():
            fullest = int(np.argmax(np.bincount(part_of, minlength=n_parts)))
            inside = np.flatnonzero(part_of == fullest)
            part_of[inside[np.argmin(sizes[inside])]] = part


def write_folds(path: str | Path, table: Table, fold: Int64[np.ndarray, " N"]) -> None:
    """Write a CSV file with the columns path and fold, so that others measure on the same folds.

    Args:
        path: The file.
        table: The rows.
        fold: A number from 0, or `VALIDATION` for a row of the fixed validation part, which stands as the
            word `validation`.

    Raises:
        DataError: The file cannot be written, or there is not one fold a row.
    """
    if fold.shape != (len(table),):
        raise DataError(f"{table.name}: {len(table)} rows need as many folds, not {fold.shape}")
    names = ["validation" if number == VALIDATION else str(number) for number in fold.tolist()]
    write_rows(pd.DataFrame({"path": table.frame["path"], "fold": names}), {"name": table.name}, Path(path))


def read_folds(path: str | Path, table: Table) -> Int64[np.ndarray, " N"]:
    """Return the fold of each row of a table, from a file that `write_folds` wrote; `VALIDATION` is -1.

    Rows of the file that the table lacks are ignored, so that a part of a data set can use its folds.

    Raises:
        DataError: The file cannot be read, repeats a path or lacks one of the table's, or a fold is no whole
            number.
    """
    frame, _ = read_rows(Path(path))
    for name in ("path", "fold"):
        if name not in frame.columns:
            raise DataError(f"{path}: " + unknown("column", name, map(str, frame.columns)))
    named, _ = as_text(frame["fold"])
    named = named.fillna("nothing").map(tidy)
    wrong = sorted(set(named[~named.str.fullmatch(r"[0-9]{1,9}|validation")]))
    if wrong:
        raise DataError(f"{path}: a fold is a whole number from 0 or the word validation:" + listing(wrong))
    frame["fold"] = named.replace("validation", str(VALIDATION)).astype(np.int64)
    frame["path"], _ = as_text(frame["path"])
    if frame["path"].duplicated().any():
        twice = sorted(frame["path"][frame["path"].duplicated()].unique())
        raise DataError(f"{path}: {len(twice)} paths have more than one fold:" + listing(twice))
    found = table.frame["path"].map(frame.set_index("path")["fold"])
    missing = list(table.frame["path"][found.isna()])
    if missing:
        raise DataError(
            f"{path}: {len(missing)} of the {len(table)} rows of {table.name} have no fold:"
            + listing(missing)
        )
    return found.to_numpy(dtype=np.int64)
