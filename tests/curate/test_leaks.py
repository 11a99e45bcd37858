"""Copies across a split: each planted one is found, and no new split has any."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from evocative.curate.findings import Finding, Findings, cleaned, collect
from evocative.curate.leaks import crossings, find_leaks, folds_safely, split_safely, tied
from evocative.data.table import Table, check_table
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy


def made(rows: int = 300, *, seed: int = 0) -> Table:
    random = np.random.default_rng(seed)
    names = np.array(taxonomy("mikels8").names)
    frame = pd.DataFrame(
        {
            "path": [f"{n:04d}.jpg" for n in range(rows)],
            "label": names[random.integers(0, 8, rows)],
            "split": random.choice(["train", "validation", "test"], rows, p=[0.7, 0.1, 0.2]),
        }
    )
    return Table(frame, taxonomy=taxonomy("mikels8"), name="made")


def clustered(table: Table, pairs: Sequence[tuple[int, ...]]) -> Findings:
    found = [
        Finding(f"{row:04d}.jpg", "near_duplicate", 0.9, "near", "review", f"d-{number}")
        for number, rows in enumerate(pairs)
        for row in rows
    ]
    return collect(found, table=table, kind="duplicates")


def test_every_planted_copy_across_a_split_is_found() -> None:
    table = made()
    split = table.frame["split"]
    train, test = (np.flatnonzero(split == name) for name in ("train", "test"))
    across = [(int(a), int(b)) for a, b in zip(train[:20], test[:20], strict=True)]
    within = [(int(a), int(b)) for a, b in zip(train[20:30], train[30:40], strict=True)]
    leaks = find_leaks(table, clustered(table, across + within))
    assert set(leaks.frame["path"]) == {f"{row:04d}.jpg" for pair in across for row in pair}
    assert crossings(table, leaks) == {"train | test": 20}
    assert leaks.dropped == {f"{row:04d}.jpg" for row, _ in across}
    assert len(find_leaks(cleaned(table, leaks), clustered(table, across + within))) == 0
    evidence = leaks.frame.set_index("path")["evidence"][f"{across[0][0]:04d}.jpg"]
    assert evidence == f"in train; copies of it are in other splits: {across[0][1]:04d}.jpg (test)"


def test_groups_across_a_split_are_for_a_person() -> None:
    table = made(4).assign(split=["train", "test", "train", None], group=["v1", "v1", "v2", "v1"])
    leaks = find_leaks(table)
    assert leaks.frame[["path", "kind", "action", "cluster"]].to_numpy().tolist() == [
        ["0000.jpg", "group_leak", "review", "v1"],
        ["0001.jpg", "group_leak", "review", "v1"],
    ]


def test_ties_pass_on_from_copies_to_groups() -> None:
    table = made(7).assign(group=[None, None, "v1", "v1", "v2", None, None])
    joined = tied(table, clustered(table, [(1, 2), (3, 0), (5, 6)]))
    assert joined.frame["group"].fillna("").tolist() == [
        *["copies of 0000.jpg"] * 4,
        "v2",
        *["copies of 0005.jpg"] * 2,
    ]
    untied = tied(table, None)
    assert untied.frame["group"].fillna("").tolist() == ["", "", "v1", "v1", "v2", "", ""]


def test_a_safe_split_has_no_leak_and_is_stratified() -> None:
    table = made(2000)
    random = np.random.default_rng(1)
    rows = random.permutation(2000)
    found = clustered(table, [tuple(rows[n : n + 3].tolist()) for n in range(0, 600, 3)])
    safe = split_safely(table, found, seed=4)
    check_table(safe, files=False)
    assert len(find_leaks(safe, found)) == 0
    assert safe.frame["split"].equals(split_safely(table, found, seed=4).frame["split"])
    assert not safe.frame["split"].equals(split_safely(table, found, seed=5).frame["split"])
    shares = pd.crosstab(safe.frame["label"], safe.frame["split"], normalize="index")
    assert np.allclose(shares["train"], 0.8, atol=0.02)
    assert len(find_leaks(table, found)) > 0  # the split it had did leak


def test_safe_folds_keep_copies_together() -> None:
    table = made(200)
    found = clustered(table, [(n, n + 100) for n in range(50)])
    fold = folds_safely(table, found, k=5, seed=0)
    assert (fold[:50] == fold[100:150]).all()
    assert set(fold.tolist()) == set(range(5))


def test_nothing_to_look_at_is_said() -> None:
    table = made(5)
    with pytest.raises(DataError, match="copies or groups"):
        find_leaks(table)
    with pytest.raises(DataError, match="no split that could leak"):
        find_leaks(Table(table.frame.drop(columns="split"), taxonomy=table.taxonomy))
