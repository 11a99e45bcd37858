"""Bootstrap intervals: as wide as theory says, wider where rows belong together, narrower where paired."""

import json
from math import isnan, nan, sqrt

import numpy as np
import pytest
from scipy import stats

from evocative.errors import DataError
from evocative.metrics.calibration import calibration_metrics
from evocative.metrics.classification import classification_metrics
from evocative.metrics.clustering import adjusted_rand_index
from evocative.metrics.intervals import (
    Interval,
    bootstrap,
    bootstrap_difference,
    bootstrap_figures,
    jackknife,
    percentile_ends,
    raised_ends,
)


def _accuracy(labels: np.ndarray, predictions: np.ndarray) -> float:
    return float(np.mean(labels == predictions))


def _mean(values: np.ndarray) -> float:
    return float(values.mean())


def test_width_of_a_share_is_the_binomial_one() -> None:
    right = np.arange(1000) % 10 < 7
    interval = bootstrap(_mean, right, n_resamples=4000)
    error = sqrt(0.7 * 0.3 / 1000)
    assert interval.value == 0.7
    assert interval.low == pytest.approx(0.7 - 1.96 * error, abs=0.003)
    assert interval.high == pytest.approx(0.7 + 1.96 * error, abs=0.003)
    assert (interval.n, interval.n_groups, interval.n_resamples, interval.level) == (1000, None, 4000, 0.95)


def test_equals_scipy_on_a_mean() -> None:
    values = np.random.default_rng(0).exponential(size=200)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=9999, rng=1
    ).confidence_interval
    ours = bootstrap(_mean, values, n_resamples=9999)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_whole_groups_are_drawn() -> None:
    """Ten groups that agree within: the interval is that of ten values, not of a thousand."""
    values = np.repeat(np.arange(10) % 2, 100)
    groups = np.repeat([f"theme {place}" for place in range(10)], 100)
    shuffled = np.random.default_rng(1).permutation(1000)
    rows = bootstrap(_mean, values)
    together = bootstrap(_mean, values[shuffled], groups=groups[shuffled], n_resamples=3000)
    assert together.n_groups == 10
    assert together.high - together.low == pytest.approx(2 * 1.96 * sqrt(0.25 / 10), abs=0.05)
    assert rows.high - rows.low < 0.07
    assert "n = 1000 in 10 groups" in str(together)


def test_a_draw_of_groups_holds_each_group_whole() -> None:
    groups = np.array([3, 3, 3, 5, 5, 9])

    def check(members: np.ndarray) -> float:
        assert np.count_nonzero(members == 3) % 3 == 0
        assert np.count_nonzero(members == 5) % 2 == 0
        return float(members.size)

    interval = bootstrap(check, groups, groups=groups)
    assert (interval.low, interval.high) == pytest.approx(
        (3, 9)
    )  # from three times the least to thrice the most


def test_arrays_stay_aligned() -> None:
    labels = np.arange(50)
    interval = bootstrap(_accuracy, labels, labels)
    assert (interval.value, interval.low, interval.high) == (1, 1, 1)


def test_paired_difference_cancels_what_models_share() -> None:
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, 2000)
    first = np.where(rng.random(2000) < 0.7, labels, 1 - labels)
    second = first.copy()
    second[:40] = 1 - labels[:40]  # the same model, but wrong on forty rows
    paired = bootstrap_difference(_accuracy, labels, first, second)
    assert paired.value == pytest.approx(_accuracy(labels, first) - _accuracy(labels, second))
    assert paired.low > 0
    alone = bootstrap(_accuracy, labels, first)
    assert paired.high - paired.low < (alone.high - alone.low) / 2
    flipped = bootstrap_difference(_accuracy, labels, second, first)
    assert (flipped.low, flipped.high) == pytest.approx((-paired.high, -paired.low))


def test_paired_predictions_may_be_probabilities() -> None:
    rng = np.random.default_rng(3)
    labels, first, second = rng.integers(0, 3, 100), rng.random((100, 3)), rng.random((100, 3))

    def area(labels: np.ndarray, scores: np.ndarray) -> float:
        return classification_metrics(labels, scores, names="abc").macro_roc_auc

    interval = bootstrap_difference(area, labels, first, second, groups=np.arange(100) // 4, n_resamples=50)
    assert interval.low < interval.value < interval.high
    assert interval.n_groups == 25


def test_figures_share_their_draws() -> None:
    values = np.random.default_rng(4).normal(size=100)
    both = bootstrap_figures(lambda x: {"mean": x.mean(), "twice": 2 * x.mean()}, values, seed=5)
    assert both["twice"].low == pytest.approx(2 * both["mean"].low)
    assert both["mean"] == bootstrap(_mean, values, seed=5)


def test_same_seed_same_interval() -> None:
    values = np.random.default_rng(6).normal(size=60)
    assert bootstrap(_mean, values, seed=1) == bootstrap(_mean, values, seed=1)
    assert bootstrap(_mean, values, seed=1) != bootstrap(_mean, values, seed=2)


def test_draws_where_the_figure_is_undefined_are_left_out_and_counted() -> None:
    values = np.array([1.0, nan, nan])

    def mean_defined(x: np.ndarray) -> float:
        there = x[~np.isnan(x)]
        return float(there.mean()) if there.size else nan

    interval = bootstrap(mean_defined, values, n_resamples=2000)
    assert (interval.low, interval.high) == (1, 1)
    assert interval.n_resamples == pytest.approx(2000 * (1 - (2 / 3) ** 3), rel=0.05)


def test_undefined_figures_have_no_interval() -> None:
    never = bootstrap(lambda x: nan, np.arange(10))
    assert isnan(never.value)
    assert isnan(never.low)
    assert never.n_resamples == 0


def test_one_row_or_one_group_has_no_interval() -> None:
    alone = bootstrap(_mean, np.array([3.0]))
    assert alone.value == 3
    assert isnan(alone.low)
    together = bootstrap(_mean, np.arange(5), groups=np.zeros(5))
    assert (together.value, together.n_groups) == (2, 1)
    assert isnan(together.high)


def test_where_draws_lie_beside_the_figure_there_is_no_interval() -> None:
    """Agreement of clusters goes by rows that stand twice: its draws are no draws of it."""
    rng = np.random.default_rng(0)
    found = bootstrap(
        adjusted_rand_index, rng.integers(8, size=140), rng.integers(8, size=140), n_resamples=60
    )
    assert isnan(found.low)
    assert isnan(found.high)
    assert found.value == pytest.approx(0, abs=0.02)
    assert found.n_resamples == 60
    assert percentile_ends(2.0, np.linspace(0, 1, 100), 0.95) == pytest.approx((nan, nan), nan_ok=True)


def test_rounding_does_not_put_a_figure_outside_its_draws() -> None:
    draws = np.full(100, 0.3 - 1e-16)
    assert percentile_ends(0.1 + 0.2, draws, 0.95)[1] == 0.1 + 0.2


def test_a_figure_that_noise_can_only_raise() -> None:
    """Draws of .08 to .16 around .12 for a value of .1: b = .02, 2 · .1 − .16 − √2 · .02 = .0117 to .16."""
    draws = np.linspace(0.08, 0.16, 101)
    low, high = raised_ends(0.1, draws, 1 - 1e-12)
    assert (low, high) == pytest.approx((0.2 - 0.16 - sqrt(2) * 0.02, 0.16))
    assert raised_ends(0.01, draws, 0.95)[0] == 0  # never below 0
    assert raised_ends(0.5, draws, 0.95) == (0.5, 0.5)  # never beside the figure
    assert isnan(raised_ends(nan, draws, 0.95)[0])


def test_the_calibration_error_of_a_calibrated_model_reaches_down_to_none() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(6):
        p = rng.uniform(0.5, 1, size=500)
        shares = np.stack([p, 1 - p], axis=1)
        labels = (rng.random(500) > p).astype(np.int64)

        def ece(labels: np.ndarray, shares: np.ndarray) -> dict[str, float]:
            return {"ece": calibration_metrics(labels, shares).ece}

        found = bootstrap_figures(ece, labels, shares, n_resamples=60, raised=("ece",))["ece"]
        assert found.low <= found.value <= found.high
        held += found.low < 0.005
    assert held >= 5  # the percentiles' low end stood above .02 in all


def test_a_jackknife_takes_bias_off_and_holds_the_figure() -> None:
    """Of the variance over N, biased by (N − 1)/N, the variance over N − 1 stands in the middle."""
    values = np.array([1.0, 2.0, 4.0, 7.0, 11.0, 16.0])
    without = np.array([np.delete(values, place).var() for place in range(6)])
    low, high = jackknife(values.var(), without)
    assert (low + high) / 2 == pytest.approx(values.var(ddof=1))
    assert jackknife(0.5, np.array([0.1, 0.1]), level=0.5)[1] >= 0.5
    assert jackknife(0.9, np.array([0.5, 1.0]), least=0, most=1.0) == (0.0, 1.0)
    assert all(
        isnan(end) for end in (*jackknife(1.0, np.array([1.0])), *jackknife(1.0, np.array([1.0, nan])))
    )


def test_an_interval_reads_well_and_is_plain() -> None:
    interval = Interval(0.7188, 0.7041, 0.7339, 3407)
    assert str(interval) == "0.719 [0.704, 0.734], n = 3407"
    assert json.loads(json.dumps(interval.to_dict()))["high"] == 0.7339


@pytest.mark.parametrize(
    ("arrays", "settings", "message"),
    [
        ([np.arange(3), np.arange(4)], {}, "array 0 3, array 1 4"),
        ([np.arange(3)], {"groups": np.arange(2)}, "arrays 3, groups 2"),
        ([np.arange(3)], {"n_resamples": 0}, "n_resamples=0"),
        ([np.arange(3)], {"level": 95}, "level=95"),
        ([], {}, "found 0 arrays"),
    ],
)
def test_what_does_not_fit_is_refused(
    arrays: list[np.ndarray], settings: dict[str, object], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        bootstrap(_mean, *arrays, **settings)  # type: ignore[arg-type]
