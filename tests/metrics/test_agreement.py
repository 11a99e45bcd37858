"""ARI and NMI with intervals: leave-one-out against its definition, chance as chance, the truth held."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evocative.errors import DataError
from evocative.metrics.agreement import agreement_intervals
from evocative.metrics.clustering import adjusted_rand_index, normalized_mutual_information
from evocative.metrics.intervals import jackknife


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(4, 40), units=st.integers(2, 40), k=st.integers(2, 5))
def test_intervals_are_those_of_leaving_each_unit_out(seed: int, rows: int, units: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    labels, clusters = rng.integers(k, size=rows), rng.integers(k, size=rows)
    groups = rng.integers(units, size=rows)
    found = agreement_intervals(labels, clusters, groups=groups)
    for name, metric, least in (
        ("ari", adjusted_rand_index, -0.5),
        ("nmi", normalized_mutual_information, 0),
    ):
        one = found[name]
        if len(np.unique(labels)) < 2:
            assert isnan(one.value)
            continue
        assert one.value == metric(labels, clusters)
        kept = [groups != group for group in np.unique(groups)]
        if len(kept) < 2:
            assert isnan(one.low)
            continue
        without = np.array([metric(labels[some], clusters[some]) for some in kept])
        expected = jackknife(one.value, without, least=least, most=1.0)
        assert (one.low, one.high) == pytest.approx(expected, abs=1e-9)
        assert one.low <= one.value <= one.high
        assert (one.n, one.n_groups) == (rows, len(kept))


@pytest.mark.parametrize("rows", [140, 500, 2256])
def test_chance_is_not_called_better_than_chance(rows: int) -> None:
    """A percentile bootstrap put ARI of random labels at -.003 [.030, .318], and never held 0."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = agreement_intervals(rng.integers(8, size=rows), rng.integers(8, size=rows))
        for one in found.values():
            assert one.low <= one.value <= one.high
        assert found["ari"].low <= 0 <= found["ari"].high
        assert found["nmi"].low == 0


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Eight labels that the clusters know in three quarters of the rows: ARI is (3/4)²."""
    held = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        labels = rng.integers(8, size=400)
        clusters = np.where(rng.random(400) < 0.75, labels, rng.integers(8, size=400))
        one = agreement_intervals(labels, clusters)["ari"]
        held += one.low <= 0.5625 <= one.high
    assert 88 <= held <= 100


def test_whole_groups_are_left_out() -> None:
    """Thirty copies of the same forty rows say no more than forty rows."""
    rng = np.random.default_rng(1)
    labels = rng.integers(4, size=40)
    clusters = np.where(rng.random(40) < 0.8, labels, rng.integers(4, size=40))
    many = [np.tile(one, 30) for one in (labels, clusters, np.arange(40))]
    alone, together = (
        agreement_intervals(*many[:2])["ari"],
        agreement_intervals(*many[:2], groups=many[2])["ari"],
    )
    assert together.value == alone.value
    assert together.n_groups == 40
    assert together.high - together.low > 4 * (alone.high - alone.low)


def test_rows_without_a_label_are_left_out_and_one_class_tells_nothing() -> None:
    labels, clusters = np.array([0, 0, 1, 1, -1]), np.array([1, 1, 0, 0, 3])
    found = agreement_intervals(labels, clusters)
    assert (found["ari"].value, found["nmi"].value, found["ari"].n) == (1.0, 1.0, 4)
    assert (found["ari"].low, found["ari"].high) == (1.0, 1.0)
    assert isnan(agreement_intervals([0, 0, -1], [0, 1, 1])["ari"].value)
    with pytest.raises(DataError, match="labels 2, clusters 3"):
        agreement_intervals([0, 1], [0, 1, 1])
