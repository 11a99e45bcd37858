"""The shares of processes, merged, are the rows of one process."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evocative.errors import DataError
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions
from evocative.inference.shares import merge
from evocative.taxonomy.labels import TAXONOMIES


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 9), processes=st.integers(1, 4))
def test_shares_of_a_distributed_sampler(rows: int, processes: int) -> None:
    """Each process takes every so-manyth row, and the first rows again where they do not come out even."""
    paths = [f"{row}.jpg" for row in range(rows)]
    whole = Predictions(pd.DataFrame({"path": paths, "valence": np.linspace(-1, 1, rows)}))
    filled = -(-rows // processes) * processes
    order = np.resize(np.arange(rows), filled)
    shares = [whole.select(order[rank::processes]) for rank in range(processes)]
    pd.testing.assert_frame_equal(merge(shares, paths).frame, whole.frame)


def make(rows: int, **columns: Any) -> Predictions:
    """Return predictions of an emotion, embeddings beside."""
    share = np.linspace(0.1, 0.9, rows)
    frame = pd.DataFrame(
        {"path": [f"{row:04}.jpg" for row in range(rows)], "p_positive": share, "p_negative": 1 - share,
         "embedding": list(np.eye(rows, 4, dtype=np.float32)), **columns}
    )  # fmt: skip
    return Predictions(frame, metadata=Metadata(taxonomy=TAXONOMIES["sentiment2"], model="a"))


def test_everything_a_row_holds_comes_along() -> None:
    whole = make(7, error=[None, "broken"] + [None] * 5, group=["a"] * 7)
    merged = merge([whole.select([1, 3, 5]), whole.select([]), whole.select([0, 2, 4, 6])], whole.paths)
    pd.testing.assert_frame_equal(merged.frame, whole.frame)
    assert merged.metadata == whole.metadata


def test_mistakes_are_named() -> None:
    whole = make(3)
    with pytest.raises(DataError, match="at least one"):
        merge([], [])
    with pytest.raises(DataError, match=r"1 images have no prediction in any share:\n    0001\.jpg"):
        merge([whole.select([0]), whole.select([2])], whole.paths)
    with pytest.raises(DataError, match=r"not asked for:\n    0002\.jpg"):
        merge([whole], whole.paths[:2])
    other = Predictions(
        whole.frame, metadata=Metadata(taxonomy=whole.metadata.taxonomy, model="b"), name="rank 1"
    )
    with pytest.raises(DataError, match="rank 1 has other metadata"):
        merge([whole, other], whole.paths)
