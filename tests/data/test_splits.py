"""Splits and folds: exact shares, strata and groups kept, the same on every machine."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from evocative.data.check import find_problems
from evocative.data.splits import VALIDATION, folds, groups, read_folds, split, strata, write_folds
from evocative.data.table import Table, read_table, write_table
from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy

MIKELS = taxonomy("mikels8")
SHARES = np.array([0.21, 0.13, 0.23, 0.13, 0.05, 0.07, 0.05, 0.13])


def labelled(n: int, *, n_groups: int | None = None, seed: int = 0) -> Table:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"path": [f"{row}.jpg" for row in range(n)], "label": rng.choice(MIKELS.names, n, p=SHARES)}
    )
    if n_groups is not None:
        frame["group"] = (rng.pareto(1.2, n) * n_groups / 8).astype(int) % n_groups
    return Table(frame, taxonomy=MIKELS)


def rated(n: int, *, n_groups: int | None = None) -> Table:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"path": [f"{row}.jpg" for row in range(n)], "valence": rng.uniform(-1, 1, n)})
    if n_groups is not None:
        frame["group"] = rng.integers(0, n_groups, n)
    return Table(frame)


def test_shares_are_exact_within_every_label() -> None:
    table = split(labelled(2000), seed=3)
    assert table.splits == {"train": 1600, "validation": 100, "test": 300}
    counts = pd.crosstab(table.frame["label"], table.frame["split"])
    wanted = counts.sum(axis=1).to_numpy()[:, None] * np.array([0.15, 0.8, 0.05])
    assert np.abs(counts.to_numpy() - wanted).max() <= 1.5


def test_whole_groups_stay_together_and_shares_nearly_hold() -> None:
    table = split(labelled(3000, n_groups=300), seed=0)
    assert not find_problems(table.frame, taxonomy=MIKELS)  # no leak among other things
    assert [round(count / 3000, 2) for count in table.splits.values()] == [0.80, 0.05, 0.15]


def test_valence_is_stratified_where_there_are_no_labels() -> None:
    table = split(rated(1000), fractions={"train": 0.7, "test": 0.3}, seed=0)
    means = table.frame.groupby("split")["valence"].mean()
    counts = pd.crosstab(strata(table), table.frame["split"])
    assert table.splits == {"train": 700, "test": 300}
    assert (counts["test"] == 60).all()
    assert abs(means["train"] - means["test"]) < 0.05


@pytest.mark.parametrize("k", [3, 10])
def test_folds_are_as_even_as_scikit_learn_s(k: int) -> None:
    table = labelled(1000)
    labels = table.labels
    theirs = StratifiedKFold(k, shuffle=True, random_state=0).split(labels, labels)
    expected = sorted(np.bincount(labels[test], minlength=8).tolist() for _, test in theirs)
    ours = folds(table, k=k, seed=0)
    found = sorted(np.bincount(labels[ours == fold], minlength=8).tolist() for fold in range(k))
    assert np.bincount(ours).max() - np.bincount(ours).min() <= 1
    np.testing.assert_allclose(found, expected, atol=1)


def test_grouped_folds_are_at_least_as_even_as_scikit_learn_s() -> None:
    table = labelled(2000, n_groups=150)
    labels, members = table.labels, groups(table)

    def unevenness(fold_of: np.ndarray) -> float:
        counts = np.array([np.bincount(labels[fold_of == fold], minlength=8) for fold in range(5)])
        wanted = counts.sum(axis=0) / 5
        return float(((counts - wanted) ** 2 / wanted).sum())

    theirs = np.zeros(len(table), dtype=int)
    for fold, (_, test) in enumerate(StratifiedGroupKFold(5).split(labels, labels, members)):
        theirs[test] = fold
    ours = folds(table, k=5, seed=0)
    assert all(len(np.unique(ours[members == group])) == 1 for group in np.unique(members))
    assert unevenness(ours) <= unevenness(theirs)


def test_small_parts_get_their_share_of_the_large_groups() -> None:
    sizes = np.repeat([40, 10, 1], [20, 40, 400])
    frame = pd.DataFrame(
        {"group": np.repeat(np.arange(len(sizes)), sizes), "path": [str(n) for n in range(sizes.sum())]}
    )
    table = split(Table(frame), fractions={"train": 0.75, "test": 0.25}, seed=0)
    test = table.select("test").frame["group"].astype(int)
    assert table.splits == {"train": 1200, "test": 400}
    assert 3 <= (test.value_counts() == 40).sum() <= 7


def test_the_assignment_never_changes() -> None:
    """Recorded once: a committed table must mean the same rows on every machine and with every version."""
    table = Table(
        pd.DataFrame({"path": [str(n) for n in range(12)], "label": ["awe", "fear"] * 6}), taxonomy=MIKELS
    )
    assert folds(table, k=3, seed=0).tolist() == [0, 2, 2, 1, 2, 0, 1, 1, 0, 2, 1, 0]
    n = np.arange(3000)
    frame = pd.DataFrame(
        {"path": n.astype(str), "label": np.array(MIKELS.names)[n * n % 8], "group": n * n % 601}
    )
    found = folds(Table(frame, taxonomy=MIKELS), k=5, seed=0).astype("<i8").tobytes()
    assert hashlib.sha256(found).hexdigest().startswith("04940807c7ccdba4")
    assert not np.array_equal(folds(table, k=3, seed=0), folds(table, k=3, seed=1))
    assert split(table, seed=5).frame["split"].tolist() == split(table, seed=5).frame["split"].tolist()


@settings(max_examples=50, deadline=None)
@given(
    members=st.lists(st.integers(0, 8) | st.none(), min_size=3, max_size=40),
    weights=st.tuples(*[st.integers(1, 20)] * 3),
    seed=st.integers(0, 1000),
)
def test_any_table_is_split_without_a_leak(
    members: list[int | None], weights: tuple[int, ...], seed: int
) -> None:
    frame = pd.DataFrame(
        {"path": [str(n) for n in range(len(members))], "group": pd.array(members, dtype="Int64")}
    )
    table = Table(frame)
    fractions = dict(
        zip(("train", "validation", "test"), (weight / sum(weights) for weight in weights), strict=True)
    )
    if len(np.unique(groups(table))) < 3:
        with pytest.raises(DataError, match="cannot fill 3 parts"):
            split(table, fractions=fractions, seed=seed)
        return
    done = split(table, fractions=fractions, seed=seed)
    assert not find_problems(done.frame)
    assert len(done.splits) == 3
    assert sum(done.splits.values()) == len(table)


def test_rows_without_a_group_are_groups_of_their_own() -> None:
    table = Table(pd.DataFrame({"path": ["a", "b", "c", "d"], "group": ["x", None, "x", None]}))
    assert groups(table).tolist() == [0, 1, 0, 2]
    assert groups(Table(pd.DataFrame({"path": ["a", "b"]}))).tolist() == [0, 1]


def test_labels_come_before_valence_in_a_mixed_table() -> None:
    frame = pd.DataFrame(
        {
            "path": [str(n) for n in range(8)],
            "label": ["awe", "fear", *[None] * 6],
            "valence": [0.9, None, -1, -0.5, 0, 0.5, 1, None],
        }
    )
    found = strata(Table(frame, taxonomy=MIKELS)).tolist()
    assert len(set(found[:2])) == 2
    assert len(set(found[2:7])) == 5
    assert not set(found[:2]) & set(found[2:7])
    assert found[7] not in found[:7]


def test_what_cannot_be_is_refused() -> None:
    table = labelled(20)
    for fractions, message in [
        ({"train": 0.5, "tset": 0.5}, "did you mean 'test'"),
        ({"train": 0.5, "test": 0.4}, "add up to 1, not 0.9"),
        ({"train": 1.5, "test": -0.5}, "train must lie above 0 and be at most 1, not 1.5"),
    ]:
        with pytest.raises(DataError, match=message):
            split(table, fractions=fractions, seed=0)
    for k, message in [(1, "at least 2 folds"), (21, "20 groups cannot fill 21 parts")]:
        with pytest.raises(DataError, match=message):
            folds(table, k=k, seed=0)
    with pytest.raises(DataError, match="seed"):
        folds(table, k=2, seed=-1)


def test_folds_survive_their_file_in_any_order(tmp_path: Path) -> None:
    table = labelled(50)
    assignment = folds(table, k=6, seed=0)
    assignment[assignment == 5] = VALIDATION
    write_folds(tmp_path / "folds.csv", table, assignment)
    turned = np.arange(50)[::-1]
    np.testing.assert_array_equal(read_folds(tmp_path / "folds.csv", table), assignment)
    part = table.select(turned[:20])
    np.testing.assert_array_equal(read_folds(tmp_path / "folds.csv", part), assignment[turned[:20]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,fold\n0.jpg,0\n", "2 of the 3 rows of table have no fold"),
        ("path,fold\n0.jpg,0\n1.jpg,1\n1.jpg,0\n2.jpg,0\n", r"more than one fold:\s+1\.jpg"),
        ("path,fold\n0.jpg,a\n1.jpg,1\n2.jpg,0\n", r"(?s)whole number.*validation:\s+a"),
        ("path,fold\n0.jpg,-1\n1.jpg,1\n2.jpg,0\n", "whole number"),
        ("path,fold\n0.jpg,0.5\n1.jpg,1\n2.jpg,0\n", "whole number"),
        ("path,folds\n0.jpg,0\n", "did you mean 'folds'"),
    ],
)
def test_a_file_of_folds_that_does_not_fit(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "folds.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_folds(tmp_path / "folds.csv", labelled(3))


def test_a_split_table_survives_its_file(tmp_path: Path) -> None:
    table = split(labelled(40), seed=0)
    write_table(table, tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").splits == table.splits
