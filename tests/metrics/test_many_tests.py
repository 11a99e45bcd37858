"""Many tests: against scipy and by hand, and what chance alone gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr

from evocative.errors import DataError
from evocative.metrics.intervals import Interval, bootstrap
from evocative.metrics.many_tests import CORRECTIONS, corrected, correlation_test, p_of_interval


def holm_by_hand(p: list[float]) -> list[float]:
    """For each p, the largest of those not above it times how many are left."""
    order = sorted(p)
    return [min(1, max(order[i] * (len(p) - i) for i in range(len(p)) if order[i] <= each)) for each in p]


def bh_by_hand(p: list[float]) -> list[float]:
    """For each p, the smallest of those not below it times the number over the rank."""
    order = sorted(p)
    return [min(1, *(order[i] * len(p) / (i + 1) for i in range(len(p)) if order[i] >= each)) for each in p]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_both_corrections_are_their_definitions(p: list[float]) -> None:
    q, holm = corrected(p), corrected(p, "holm")
    assert q.tolist() == pytest.approx(bh_by_hand(p))
    assert holm.tolist() == pytest.approx(holm_by_hand(p))
    assert (np.array(p) <= q + 1e-12).all()
    assert (q <= holm + 1e-12).all()


@pytest.mark.parametrize("method", CORRECTIONS)
def test_what_was_not_tested_does_not_count(method: str) -> None:
    found = corrected([[0.01, np.nan], [0.04, 0.5]], method)
    assert np.isnan(found[0, 1])
    assert found[~np.isnan(found)] == pytest.approx(corrected([0.01, 0.04, 0.5], method))
    assert np.isnan(corrected([np.nan], method)).all()
    assert corrected([], method).size == 0


def test_a_correlation_with_its_interval_is_scipys() -> None:
    generator = np.random.default_rng(0)
    one = generator.normal(size=30)
    other = one + generator.normal(size=30)
    expected = pearsonr(one[1:], other[1:])
    other[0] = np.nan
    found, p = correlation_test(one, other, level=0.9)
    ends = expected.confidence_interval(0.9)
    assert (found.value, found.low, found.high) == pytest.approx((expected.statistic, ends.low, ends.high))
    assert p == pytest.approx(expected.pvalue)
    assert found.n == 29


def test_few_pairs_and_equal_ones_say_nothing() -> None:
    for pairs in (([1, 2], [1, 2]), ([1, 1, 1, 1], [1, 2, 3, 4]), ([], [])):
        found, p = correlation_test(*pairs)
        assert np.isnan([found.value, found.low, found.high, p]).all()
    three, p = correlation_test([1, 2, 3], [1, 3, 2])
    assert three.value == pytest.approx(0.5)
    assert np.isnan([three.low, three.high]).all()
    assert p == pytest.approx(2 / 3)


def test_p_of_a_bootstrap_is_near_to_scipys() -> None:
    generator = np.random.default_rng(1)
    for share in (0.1, 0.2, 0.3):
        one = generator.normal(size=200)
        other = share * one + generator.normal(size=200)
        found = bootstrap(lambda a, b: float(spearmanr(a, b).statistic), one, other, n_resamples=400)
        assert p_of_interval(found) == pytest.approx(spearmanr(one, other).pvalue, rel=1, abs=0.02)


def test_p_of_an_interval_that_is_none() -> None:
    assert p_of_interval(Interval(1.0, 1.0, 1.0, 9)) == 0
    assert np.isnan(p_of_interval(Interval(0.5, 0.5, 0.5, 9)))
    assert np.isnan(p_of_interval(Interval(np.nan, np.nan, np.nan, 9)))
    assert p_of_interval(Interval(0.0, -0.2, 0.2, 9)) == 1
    ends = np.tanh(np.arctanh(0.3) + np.array([-1, 1]) * 1.959964 * 0.1)
    assert p_of_interval(Interval(0.3, ends[0], ends[1], 103)) == pytest.approx(
        0.001963, abs=1e-5
    )  # z = 3.0952


def test_mistakes_are_told() -> None:
    with pytest.raises(DataError, match="unknown method 'bonferroni'"):
        corrected([0.1], "bonferroni")
    with pytest.raises(DataError, match="lie in"):
        corrected([1.5])
