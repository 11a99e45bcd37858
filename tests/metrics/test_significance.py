"""Welch's and McNemar's tests against scipy, published numbers, and tables worked by hand."""

from math import isnan

import numpy as np
import pytest
from scipy.stats import binomtest, ttest_ind

from evocative.errors import DataError
from evocative.metrics.significance import Sample, mcnemar, welch


@pytest.mark.parametrize("seed", range(5))
def test_welch_is_scipys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(0.8, 0.01, 5), rng.normal(0.79, 0.05, 3)
    theirs = ttest_ind(first, second, equal_var=False)
    interval = theirs.confidence_interval(0.9)
    for ours in (
        welch(first.tolist(), second.tolist(), level=0.9),
        welch(Sample.of(first.tolist()), Sample.of(second.tolist()), level=0.9),
    ):
        assert ours.p == pytest.approx(theirs.pvalue, rel=1e-12)
        assert (ours.t, ours.df) == pytest.approx((theirs.statistic, theirs.df), rel=1e-12)
        assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high), rel=1e-10)


def test_welch_of_a_published_table() -> None:
    # Table 3 of the 2024 paper, five runs each: three modules, and the baseline
    found = welch(Sample(81.806, 0.177, 5), Sample(81.368, 0.174, 5))
    assert (round(found.low, 3), round(found.high, 3)) == (0.182, 0.694)
    # 4 (.031329 + .030276)² / (.031329² + .030276²) = 4 · .00379518 / .00189814
    assert found.df == pytest.approx(7.99766, abs=1e-4)


def test_sides_swapped_change_the_sign_only() -> None:
    one, two = Sample(3.0, 1.0, 4), Sample(1.0, 2.0, 7)
    there, back = welch(one, two), welch(two, one)
    assert (there.difference, there.low, there.high) == (-back.difference, -back.high, -back.low)
    assert (there.p, there.df) == (back.p, back.df)


@pytest.mark.parametrize(
    ("first", "second"), [([1.0], [2.0, 3.0]), ([1.0, 1.0], [2.0, 2.0]), ([np.nan, 1.0], [2.0, 3.0])]
)
def test_what_does_not_vary_is_no_test(first: list[float], second: list[float]) -> None:
    found = welch(first, second)
    assert found.difference == pytest.approx(1.0 - np.mean(second))
    assert all(isnan(value) for value in (found.low, found.high, found.p, found.t, found.df))


def test_tiny_spreads_stay_a_test() -> None:
    small, large = (welch(Sample(s, s, 5), Sample(0.0, 2 * s, 4)) for s in (1e-170, 1.0))
    assert (small.p, small.df, small.t) == pytest.approx((large.p, large.df, large.t))


def test_equal_runs_do_not_vary() -> None:
    assert Sample.of([0.1, 0.1, 0.1]) == Sample(0.1, 0.0, 3)
    assert isnan(welch([0.1] * 3, [0.7] * 6).p)


def test_refusals() -> None:
    with pytest.raises(DataError, match="level"):
        welch([1.0, 2.0], [1.0, 3.0], level=95)
    with pytest.raises(DataError, match="standard deviation"):
        Sample(0.8, -0.1, 5)
    with pytest.raises(DataError):
        mcnemar([True, False], [True])


@pytest.mark.parametrize(("b", "c"), [(8, 2), (2, 8), (0, 5), (30, 12), (7, 7), (1, 0), (0, 0)])
def test_mcnemar_is_a_fair_coin(b: int, c: int) -> None:
    first = [True] * b + [False] * c + [True] * 40 + [False] * 9
    second = [False] * b + [True] * c + [True] * 40 + [False] * 9
    found = mcnemar(first, second)
    assert (found.both, found.only_first, found.only_second, found.neither) == (40, b, c, 9)
    assert found.n == b + c + 49
    assert found.p == pytest.approx(binomtest(b, b + c, 0.5).pvalue if b + c else 1.0)
    shares = [_choose(b + c, k) / 2 ** (b + c) for k in range(b + c + 1)]
    further = sum(share for share in shares if share < shares[b] * (1 - 1e-9))
    same = sum(share for share in shares if share == pytest.approx(shares[b]))
    assert found.mid_p == pytest.approx(1.0 if b == c else further + same / 2)


def _choose(n: int, k: int) -> float:
    return float(np.prod([(n - i) / (i + 1) for i in range(k)]))


def test_mcnemar_by_hand() -> None:
    # b = 30, c = 12: (18 - 1)² / 42 = 6.880952; P(X² > 6.880952) with one degree of freedom is 0.008712
    found = mcnemar([True] * 30 + [False] * 12, [False] * 30 + [True] * 12)
    assert found.chi2 == pytest.approx(6.8809524)
    assert found.chi2_p == pytest.approx(0.0087127, abs=1e-6)
    assert found.p == pytest.approx(0.0079157, abs=1e-5)
