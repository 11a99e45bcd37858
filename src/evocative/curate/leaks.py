"""Leaks: copies of a picture on both sides of a split; and splits that have none.

    leaks = find_leaks(table, duplicates)                   # what an existing split leaks
    safe = split_safely(table, duplicates, seed=0)          # a split that keeps copies together

Copies are what findings call a cluster. Pictures that share a `group` (a video, a theme, an author) are kept
together as well, and whatever is tied by either: if a and b are copies, and b and c of one video, all three
stay together.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pandas as pd
from jaxtyping import Int64

from evocative.curate.findings import Action, Finding, Findings, collect
from evocative.data.columns import SPLITS
from evocative.data.splits import DEFAULT_FRACTIONS, folds, groups, split
from evocative.data.table import Table
from evocative.errors import DataError

SHOWN: Final = 3
"""How many images across the split an evidence names."""
LEAK: Final = "leak"
GROUP_LEAK: Final = "group_leak"


def find_leaks(table: Table, duplicates: Findings | None = None) -> Findings:
    """Report every cluster of copies, and every group, that has rows in more than one split.

    Of copies across a split, those that only help to train are suggested to go: training rows with a copy in
    validation or test, validation rows with one in test. What is tested on stays as it was published.
    Whole groups on both sides are for a person to judge.

    Args:
        table: Rows with a split; others are passed over.
        duplicates: Findings with clusters. None: groups only.

    Returns:
        Kinds `leak` (score: that of the copy, the highest where there are several) and `group_leak`.

    Raises:
        DataError: The table has no split, or there is neither a cluster nor a group to look at.
    """
    if not table.splits:
        raise DataError(
            f"{table.name}: has no split that could leak; split it first (evocative curate split)"
        )
    clusters = _clusters(table, duplicates)
    grouped = "group" in table.frame.columns and bool(table.frame["group"].notna().any())
    if duplicates is None and not grouped:
        raise DataError(
            f"{table.name}: a leak needs copies or groups; give findings of duplicates, or a column 'group'"
        )
    found = list(_crossing(table, clusters, kind=LEAK))
    if grouped:
        scores = pd.Series(1.0, index=table.frame.index)
        rows = pd.DataFrame({"row": table.frame.index, "cluster": table.frame["group"], "score": scores})
        found += _crossing(table, rows.dropna(subset=["cluster"]), kind=GROUP_LEAK)
    settings = {"clusters": int(clusters["cluster"].nunique()), "grouped": grouped}
    return collect(found, table=table, kind="leaks", settings=settings)


def crossings(table: Table, leaks: Findings) -> dict[str, int]:
    """Return how many clusters and groups lie across which splits: {"train | test": 12, …}."""
    frame = leaks.frame.merge(table.frame[["path", "split"]], on="path")
    where = [
        " | ".join(name for name in SPLITS if name in set(rows["split"]))
        for _, rows in frame.groupby(["kind", "cluster"])
    ]
    return {str(name): int(count) for name, count in pd.Series(where, dtype="string").value_counts().items()}


def tied(table: Table, duplicates: Findings | None) -> Table:
    """Return the table with groups that hold copies as well; rows alone keep a group of none.

    A group that is larger than before is named after its first image.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    clusters = _clusters(table, duplicates)
    old = groups(table)
    codes = pd.factorize(clusters["cluster"])[0] + old.max(initial=-1) + 1
    rows = np.concatenate([np.arange(len(table)), clusters["row"].to_numpy(dtype=np.int64)])
    nodes = len(table) + np.concatenate([old, codes])  # rows, then groups and clusters
    size = int(nodes.max(initial=0)) + 1
    ties = coo_array((np.ones(len(rows), dtype=np.int8), (rows, nodes)), shape=(size, size))
    part = pd.Series(connected_components(ties, directed=False)[1][: len(table)])
    alone = part.groupby(part).transform("size") == 1
    mixed = pd.Series(old).groupby(part).transform("nunique") > 1
    first = table.frame["path"].groupby(part.to_numpy()).transform("first")
    named = table.frame.get("group", pd.Series(pd.NA, index=table.frame.index, dtype="string"))
    return table.assign(group=named.mask(mixed & ~alone, "copies of " + first))


def split_safely(
    table: Table,
    duplicates: Findings | None = None,
    *,
    fractions: Mapping[str, float] = DEFAULT_FRACTIONS,
    seed: int,
) -> Table:
    """Split a table, stratified, so that neither copies nor groups lie on both sides.

    Args, errors: as `data.splits.split`; `duplicates` are findings with clusters.

    Returns:
        The table with `split`, and with `group` where pictures had to stay together.
    """
    return split(tied(table, duplicates), fractions=fractions, seed=seed)


def folds_safely(
    table: Table, duplicates: Findings | None = None, *, k: int, seed: int
) -> Int64[np.ndarray, " N"]:
    """Return each row's fold, 0 … k-1; neither copies nor groups lie in two folds.

    Args, errors: as `data.splits.folds`; `duplicates` are findings with clusters.
    """
    return folds(tied(table, duplicates), k=k, seed=seed)


def _clusters(table: Table, duplicates: Findings | None) -> pd.DataFrame:
    """Return the rows of the table that are in a cluster: columns row, cluster, score; once each."""
    if duplicates is None:
        return pd.DataFrame({"row": [], "cluster": [], "score": []}).astype({"row": np.int64})
    where = pd.Series(table.frame.index, index=table.frame["path"])
    found = duplicates.frame.dropna(subset=["cluster"])
    found = found.assign(row=found["path"].map(where)).dropna(subset=["row"]).astype({"row": np.int64})
    return found.groupby(["row", "cluster"])[["score"]].max().reset_index()


def _crossing(table: Table, members: pd.DataFrame, *, kind: str) -> Iterator[Finding]:
    """Yield a finding for each row of a cluster that lies across a split."""
    frame = {name: table.frame[name].fillna("").tolist() for name in ("path", "split")}
    for name, rows in members.groupby("cluster", sort=True):
        there = [(int(row), str(frame["split"][row])) for row in rows["row"] if frame["split"][row] in SPLITS]
        parts = {part for _, part in there}
        if len(parts) < 2:
            continue
        last = max(parts, key=SPLITS.index)
        scores = dict(zip(rows["row"], rows["score"], strict=True))
        score = max(float(scores[row]) for row, _ in there)
        for row, part in there:
            others = [f"{frame['path'][other]} ({where})" for other, where in there if where != part]
            more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
            what = "copies of it are" if kind == LEAK else f"its group {name} is also"
            evidence = f"in {part}; {what} in other splits: {', '.join(others[:SHOWN])}{more}"
            if kind == GROUP_LEAK:
                yield Finding(str(frame["path"][row]), kind, score, evidence, "review", str(name))
            else:
                action: Action = "keep" if part == last else "drop"
                yield Finding(str(frame["path"][row]), kind, score, evidence, action, str(name))
