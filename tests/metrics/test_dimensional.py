"""Errors and correlations of dimensions, against scipy, scikit-learn and torchmetrics."""

from math import isnan, nan

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn import metrics as sk
from torchmetrics.functional import concordance_corrcoef

from evocative.errors import DataError
from evocative.metrics.dimensional import ccc, dimension_metrics, mae, pearson_r, rmse, spearman_rho


def _example(seed: int = 0, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    targets = rng.uniform(-1, 1, n)
    return targets, np.clip(0.6 * targets + 0.2 + rng.normal(size=n) * 0.3, -1, 1)


def test_equal_the_references() -> None:
    targets, predictions = _example()
    assert mae(targets, predictions) == pytest.approx(sk.mean_absolute_error(targets, predictions), abs=1e-12)
    assert rmse(targets, predictions) == pytest.approx(
        sk.root_mean_squared_error(targets, predictions), abs=1e-12
    )
    assert pearson_r(targets, predictions) == pytest.approx(
        stats.pearsonr(targets, predictions).statistic, abs=1e-12
    )
    rounded = np.round(predictions, 1)  # with ties
    assert spearman_rho(targets, rounded) == pytest.approx(
        stats.spearmanr(targets, rounded).statistic, abs=1e-12
    )


def test_ccc_is_lins_over_n() -> None:
    """Torchmetrics divides variances and covariance by N - 1, Lin (1989) by N: they meet as N grows."""
    targets, predictions = _example(n=50)
    gap = targets.mean() - predictions.mean()
    cov = np.cov(targets, predictions, bias=True)
    assert ccc(targets, predictions) == pytest.approx(
        2 * cov[0, 1] / (cov[0, 0] + cov[1, 1] + gap**2), abs=1e-12
    )
    long = np.tile(targets, 20_000), np.tile(predictions, 20_000)
    theirs = concordance_corrcoef(torch.tensor(long[1]), torch.tensor(long[0]))
    assert ccc(*long) == pytest.approx(float(theirs), abs=1e-5)


def test_ccc_of_a_hand_worked_case() -> None:
    assert ccc([1, 2, 3], [2, 3, 4]) == pytest.approx(2 * (2 / 3) / (2 / 3 + 2 / 3 + 1))


def test_ccc_is_never_beyond_r_and_equals_one_only_for_equal_values() -> None:
    targets, predictions = _example(3)
    assert abs(ccc(targets, predictions)) <= abs(pearson_r(targets, predictions))
    assert ccc(targets, targets) == pytest.approx(1)
    assert ccc(targets, 0.5 * targets) < 1
    assert pearson_r(targets, 0.5 * targets) == pytest.approx(1)


def test_rows_where_either_side_is_missing_are_left_out() -> None:
    targets, predictions = _example()
    gaps_t, gaps_p = targets.copy(), predictions.copy()
    gaps_t[::7], gaps_p[::5] = nan, nan
    kept = ~(np.isnan(gaps_t) | np.isnan(gaps_p))
    for metric in (mae, rmse, pearson_r, spearman_rho, ccc):
        assert metric(gaps_t, gaps_p) == metric(targets[kept], predictions[kept])


@pytest.mark.parametrize("constant", [0.1, -0.7, 1 / 3])
def test_a_constant_has_no_correlation(constant: float) -> None:
    targets = np.linspace(-1, 1, 7)
    flat = np.full(7, constant)  # whose computed variance is not 0
    assert isnan(pearson_r(targets, flat))
    assert isnan(pearson_r(flat, targets))
    assert isnan(spearman_rho(targets, flat))
    assert ccc(targets, flat) == 0.0
    assert isnan(ccc(flat, flat))
    assert ccc(flat, flat + 1) == 0.0


@pytest.mark.parametrize("metric", [mae, rmse, pearson_r, spearman_rho, ccc])
def test_without_rows_everything_is_undefined(metric) -> None:  # type: ignore[no-untyped-def]
    assert isnan(metric([], []))
    assert isnan(metric([nan, 0.5], [0.5, nan]))


def test_one_row_has_an_error_but_no_correlation() -> None:
    assert mae([0.5], [0.25]) == 0.25
    assert isnan(pearson_r([0.5], [0.25]))


def test_each_dimension_has_its_own_rows() -> None:
    targets = np.array([[0.1, nan, 0.3], [0.5, 0.2, nan], [-0.4, 0.8, nan]], np.float32)
    predictions = np.array([[0.2, 0.0, 0.1], [0.4, 0.1, 0.0], [-0.2, 0.5, 0.0]], np.float32)
    valence, arousal, dominance = dimension_metrics(targets, predictions)
    assert [one.n for one in (valence, arousal, dominance)] == [3, 2, 1]
    assert arousal.mae == pytest.approx(0.2)
    assert valence.figures() == {
        "mae": mae(targets[:, 0], predictions[:, 0]),
        "rmse": rmse(targets[:, 0], predictions[:, 0]),
        "pearson_r": pearson_r(targets[:, 0], predictions[:, 0]),
        "spearman_rho": spearman_rho(targets[:, 0], predictions[:, 0]),
        "ccc": ccc(targets[:, 0], predictions[:, 0]),
    }
    assert dominance.to_dict()["name"] == "dominance"


def test_a_dimension_that_is_not_predicted_is_undefined() -> None:
    valence, arousal = dimension_metrics([[0.1, 0.2]] * 3, [[0.2, nan]] * 3, names=["valence", "arousal"])
    assert (valence.n, arousal.n) == (3, 0)
    assert isnan(arousal.mae)


@pytest.mark.parametrize(
    ("targets", "predictions", "message"),
    [
        (np.zeros((3, 2)), np.zeros((3, 3)), r"found \(3, 2\) and \(3, 3\)"),
        (np.zeros((3, 2)), np.zeros((3, 2)), r"both be \(N, 3\)"),
        (np.full((3, 3), np.inf), np.zeros((3, 3)), "infinite"),
    ],
)
def test_what_does_not_fit_is_refused(targets: np.ndarray, predictions: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message):
        dimension_metrics(targets, predictions)
    with pytest.raises(DataError):
        mae(targets, predictions)
