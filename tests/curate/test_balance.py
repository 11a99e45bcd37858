"""Stated shares, by leaving rows out and by weights: hand-worked."""

import numpy as np
import pandas as pd
import pytest

from evocative.curate.balance import undersample, weighted
from evocative.data.table import Table
from evocative.errors import DataError

TABLE = Table(
    pd.DataFrame(
        {
            "path": [f"{n}.jpg" for n in range(101)],
            "source": ["web"] * 60 + ["lab"] * 30 + ["book"] * 10 + [None],
        }
    )
)


def counts(table: Table) -> dict[str, int]:
    return {str(name): int(n) for name, n in table.frame["source"].value_counts(dropna=False).items()}


def test_equal_shares_keep_as_many_as_the_rarest_has() -> None:
    assert counts(undersample(TABLE, by="source", seed=1)) == {"web": 10, "lab": 10, "book": 10, "<NA>": 1}


def test_stated_shares_leave_out_as_few_as_possible() -> None:
    shares = {"web": 0.5, "lab": 0.25, "book": 0.25}  # book has 10 rows, so 40 in all
    assert counts(undersample(TABLE, by="source", shares=shares, seed=1)) == {
        "web": 20, "lab": 10, "book": 10, "<NA>": 1,
    }  # fmt: skip


def test_labels_not_named_share_the_rest_as_they_are() -> None:
    found = counts(undersample(TABLE, by="source", shares={"web": 0.2}, seed=1))
    assert found == {"web": 10, "lab": 30, "book": 10, "<NA>": 1}  # .2 : .6 : .2


def test_rows_are_drawn_by_seed_and_keep_their_order() -> None:
    once, again, other = (list(undersample(TABLE, by="source", seed=s).frame["path"]) for s in (1, 1, 2))
    assert once == again != other
    assert once == sorted(once, key=lambda name: int(name[:-4]))


def test_weights_have_the_stated_shares_and_the_mean_1() -> None:
    shares = {"web": 0.2, "lab": 0.2, "book": 0.6}
    frame = weighted(TABLE, by="source", shares=shares).frame
    assert frame["weight"][100] == 1
    sums = frame[:100].groupby("source")["weight"].sum()
    assert sums.to_dict() == pytest.approx({"web": 20, "lab": 20, "book": 60})
    assert frame["weight"][99] == pytest.approx(6)


def test_only_named_splits_are_balanced() -> None:
    table = TABLE.assign(split=np.where(np.arange(101) % 2 == 0, "train", "test"))
    found = undersample(table, by="source", splits=["train"], seed=0)
    assert found.splits == {"train": 16, "test": 50}  # 5 of each, and the row without a source
    assert undersample(table, by="source", seed=0).splits == {"train": 16, "test": 15}


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"wev": 0.5}, "did you mean 'web'"),
        ({"web": 1.0}, "leave a share for book, lab"),
        ({"web": 0.5, "lab": 0.2, "book": 0.2}, "add up to 0.9"),
        ({"web": -0.5}, "above 0"),
    ],
)
def test_shares_without_sense_are_refused(shares: dict[str, float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        undersample(TABLE, by="source", shares=shares)


def test_a_missing_column_or_split_is_named() -> None:
    with pytest.raises(DataError, match="unknown column 'label'"):
        weighted(TABLE)
    with pytest.raises(DataError, match="unknown split 'train'"):
        weighted(TABLE, by="source", splits=["train"])
