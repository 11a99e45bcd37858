"""What ratings allow at best."""

from math import isnan, sqrt

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.metrics.ceiling import rating_ceiling
from evocative.metrics.dimensional import ccc, pearson_r, rmse


def test_by_hand() -> None:
    # Var = 1 (over N - 1), SE² = 4 / 20 = 0.2
    found = rating_ceiling([-1.0, 0.0, 1.0], [2.0, 2.0, 2.0], [20, 20, 20])
    assert found.reliability == pytest.approx(0.8)
    assert found.r == pytest.approx(sqrt(0.8))
    assert found.ccc == pytest.approx(1.6 / 1.8)
    assert found.standard_error == found.rmse == pytest.approx(sqrt(0.2))
    assert found.n == 3


def test_the_true_means_reach_it_and_no_more() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(0, 0.4, 20_000)
    sd, n = 0.5 + 0.5 * rng.random(true.size), rng.integers(3, 9, true.size)
    observed = true + rng.normal(0, sd / np.sqrt(n))
    found = rating_ceiling(observed, sd, n)
    assert found.reliability == pytest.approx(true.var() / observed.var(), abs=0.02)
    assert found.r == pytest.approx(pearson_r(observed, true), abs=0.01)
    assert found.ccc == pytest.approx(ccc(observed, true), abs=0.01)
    assert found.rmse == pytest.approx(rmse(observed, true), abs=0.01)
    spread = true / sqrt(found.reliability)  # a model more spread than the truth shows √ρ, no more
    assert ccc(observed, spread) == pytest.approx(found.r, abs=0.01)
    assert ccc(observed, 1.5 * spread) < found.r


def test_edges() -> None:
    assert rating_ceiling([0.1, 0.2], [0.0, 0.0], 5).r == 1
    noise = rating_ceiling([0.0, 0.1], [1.0, 1.0], 2)
    assert noise.reliability < 0
    assert noise.r == noise.ccc == 0
    assert isnan(rating_ceiling([0.1], [0.2], 5).r)
    assert isnan(rating_ceiling([0.1, 0.1], [0.2, 0.2], 5).r)
    some = rating_ceiling([0.1, np.nan, 0.4], [0.1, 0.1, 0.1], [5, 5, 5])
    assert some == rating_ceiling([0.1, 0.4], [0.1, 0.1], 5)
    with pytest.raises(DataError, match="raters"):
        rating_ceiling([0.1, 0.4], [0.1, 0.1], 0)
    with pytest.raises(DataError, match="rows"):
        rating_ceiling([0.1, 0.4], [0.1], 5)
