"""Predicted standard deviations."""

from math import isnan

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from evocative.errors import DataError
from evocative.metrics.uncertainty import pit_values, sd_factor, uncertainty_metrics


def test_against_scipy_and_the_definitions() -> None:
    rng = np.random.default_rng(0)
    y, mean, sd = rng.normal(size=12), rng.normal(size=12), rng.uniform(0.2, 1, 12)
    found = uncertainty_metrics(y, mean, sd)
    assert found.nll == pytest.approx(-np.mean(norm.logpdf(y, mean, sd)))
    loop = [
        quad(lambda x, m, s: norm.cdf(x, m, s) ** 2, -20, one, args=(m, s))[0]
        + quad(lambda x, m, s: (1 - norm.cdf(x, m, s)) ** 2, one, 20, args=(m, s))[0]
        for one, m, s in zip(y, mean, sd, strict=True)
    ]
    assert found.crps == pytest.approx(np.mean(loop), rel=1e-5)
    inside = [np.mean((norm.ppf(0.1, mean, sd) <= y) & (y <= norm.ppf(0.9, mean, sd)))]
    assert dict(found.coverage)[0.8] == pytest.approx(inside[0])
    np.testing.assert_allclose(pit_values(y, mean, sd), norm.cdf(y, mean, sd))


def test_true_sds_are_calibrated_and_others_are_not() -> None:
    rng = np.random.default_rng(1)
    sd = rng.uniform(0.1, 0.6, 40_000)
    y = rng.normal(0, sd)
    right, wide, flat = (
        uncertainty_metrics(y, np.zeros_like(y), s) for s in (sd, 2 * sd, np.full_like(sd, 0.35))
    )
    for level, share in right.coverage:
        assert share == pytest.approx(level, abs=0.01)
    assert all(share > level + 0.04 for level, share in wide.coverage)
    assert right.nll < min(wide.nll, flat.nll)
    assert right.crps < min(wide.crps, flat.crps)
    assert right.sharpness == pytest.approx(right.rmse, rel=0.02)
    assert right.spread_r > 0.3
    assert isnan(flat.spread_r)


def test_missing_rows_and_mistakes() -> None:
    whole = uncertainty_metrics([0.1, 0.5], [0.2, 0.3], [0.1, 0.2])
    assert uncertainty_metrics([0.1, np.nan, 0.5], [0.2, 0.1, 0.3], [0.1, 0.1, 0.2]) == whole
    none = uncertainty_metrics([], [], [])
    assert none.n == 0
    assert isnan(none.nll)
    with pytest.raises(DataError, match="> 0"):
        uncertainty_metrics([0.1], [0.1], [0.0])
    with pytest.raises(DataError, match="levels"):
        uncertainty_metrics([0.1], [0.1], [0.1], levels=(95,))


def test_the_factor_is_that_of_the_largest_likelihood() -> None:
    random = np.random.default_rng(3)
    means, sds = random.normal(size=300), random.uniform(0.05, 0.4, 300)
    targets = means + 2.5 * sds * random.standard_normal(300)
    targets[::50] = np.nan
    factor = sd_factor(targets, means, sds)
    grid = np.linspace(1.5, 4.0, 2501)
    best = grid[np.argmin([uncertainty_metrics(targets, means, sds * one).nll for one in grid])]
    assert factor == pytest.approx(best, abs=1e-3)
    assert sd_factor(targets, means, sds * factor) == pytest.approx(1)
    assert sd_factor(targets, means, sds / 7) == pytest.approx(7 * factor)


def test_without_rows_or_errors_nothing_is_scaled() -> None:
    assert sd_factor([np.nan], [0.1], [0.2]) == 1
    assert sd_factor([0.1], [0.1], [0.2]) == 1
