"""Balance: rows left out, or weighted, until the labels have stated shares.

    undersample(table, shares={"positive": 0.5, "negative": 0.5}, seed=0)
    weighted(table)                       # a column `weight`: each label counts as much as any other

Undersampling throws images away, weighting lets rare ones speak louder; neither makes new ones. A test part
is better left as it is: name the splits that are to be balanced.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64
from numpy.typing import NDArray

from evocative.data.columns import SPLITS
from evocative.data.table import Table
from evocative.errors import DataError, unknown

WEIGHT = "weight"
"""The column that `weighted` adds."""


def undersample(
    table: Table,
    *,
    shares: Mapping[str, float] | None = None,
    by: str = "label",
    splits: Sequence[str] | None = None,
    seed: int = 0,
) -> Table:
    """Leave out as few rows as possible, drawn at random, so that the labels have the stated shares.

    Args:
        table: Rows without a value of the column stay.
        shares: Of each label, above 0; they add up to 1, or to less if labels are not named: these then share
            the rest in the proportion they have. None: equal shares.
        by: Column whose values are balanced.
        splits: Only these are balanced, each by itself, and all other rows stay. None: each split by itself,
            or the whole table where it has none.
        seed: Another seed, other rows.

    Returns:
        The rows that stay, in their order. Each share is met as closely as whole rows allow.

    Raises:
        DataError: A column, label or split is unknown, or the shares are none.

    Example:
        >>> table = Table(pd.DataFrame({"path": list("abcdef"), "source": ["web"] * 4 + ["lab"] * 2}))
        >>> len(undersample(table, by="source", seed=0))
        4
    """
    kept = np.ones(len(table), dtype=bool)
    for part in _parts(table, splits):
        values = _values(table, by, part)
        rows, wanted = _targets(table, values, by, shares)
        luck = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed))).random(len(table))
        size = min(rows[name] / wanted[name] for name in rows)
        for name in rows:
            places = np.flatnonzero((values == name).to_numpy(dtype=bool, na_value=False))
            order = places[np.argsort(luck[places], kind="stable")]
            kept[order[max(1, round(size * wanted[name] + 1e-9)) :]] = False
    return table.select(kept)


def weighted(
    table: Table,
    *,
    shares: Mapping[str, float] | None = None,
    by: str = "label",
    splits: Sequence[str] | None = None,
) -> Table:
    """Return the table with a column `weight`, w = share · N / n, by which the labels have the stated shares.

    The weights of the rows that are balanced have the mean 1; other rows have the weight 1.

    Args, errors: as `undersample`.
    """
    weights: Float64[np.ndarray, " N"] = np.ones(len(table))
    for part in _parts(table, splits):
        values = _values(table, by, part)
        rows, wanted = _targets(table, values, by, shares)
        total = sum(rows.values())
        for name, count in rows.items():
            weights[(values == name).to_numpy(dtype=bool, na_value=False)] = wanted[name] * total / count
    return table.assign(**{WEIGHT: weights})


def _parts(table: Table, splits: Sequence[str] | None) -> list[Bool[np.ndarray, " N"]]:
    """Return the rows that are balanced together, a mask for each part."""
    if splits is None and not table.splits:
        return [np.ones(len(table), dtype=bool)]
    for name in splits or ():
        if name not in table.splits:
            raise DataError(f"{table.name}: " + unknown("split", name, table.splits or SPLITS))
    return [
        (table.frame["split"] == name).fillna(value=False).to_numpy(dtype=bool)
        for name in splits or table.splits
    ]


def _values(table: Table, by: str, part: NDArray[np.bool_]) -> "pd.Series[str]":
    """Return the column as text, missing outside the part."""
    if by not in table.frame.columns:
        raise DataError(f"{table.name}: " + unknown("column", by, map(str, table.frame.columns)))
    return table.frame[by].astype("string").where(pd.Series(part))


def _targets(
    table: Table, values: "pd.Series[str]", by: str, shares: Mapping[str, float] | None
) -> tuple[dict[str, int], dict[str, float]]:
    """Return how many rows each label has, and the share that it is to have."""
    rows = {str(name): int(count) for name, count in values.value_counts().sort_index().items()}
    if not rows:
        raise DataError(f"{table.name}: no row has a value of {by}; there is nothing to balance")
    if shares is None:
        return rows, dict.fromkeys(rows, 1 / len(rows))
    for name, share in shares.items():
        if name not in rows:
            raise DataError(f"{table.name}: " + unknown(by, name, rows))
        if not 0 < share <= 1:
            raise DataError(f"the share of {name} must lie above 0 and be at most 1, not {share:g}")
    others = {name: count for name, count in rows.items() if name not in shares}
    left = 1 - sum(shares.values())
    if left < -1e-6 or (others and left < 1e-6) or (not others and left > 1e-6):
        named = f", and leave a share for {', '.join(others)}" if others else ""
        raise DataError(f"the shares must add up to 1{named}; they add up to {sum(shares.values()):g}")
    rest = sum(others.values())
    return rows, dict(shares) | {name: left * count / rest for name, count in others.items()}
