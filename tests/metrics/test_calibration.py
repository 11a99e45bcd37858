"""Calibration against scikit-learn and torchmetrics, and bin by bin."""

import json
from math import isnan, log

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss
from torchmetrics.functional.classification import multiclass_calibration_error

from evocative.errors import DataError
from evocative.metrics.calibration import calibration_metrics


def _example(seed: int = 0, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(4, 0.5), n)
    return rng.integers(0, 4, n), probabilities


def test_equal_the_references() -> None:
    labels, probabilities = _example()
    ours = calibration_metrics(labels, probabilities)
    assert ours.n == 400
    assert ours.nll == pytest.approx(log_loss(labels, probabilities), abs=1e-12)
    truth = np.eye(4)[labels]
    assert ours.brier == pytest.approx(np.mean(np.sum((probabilities - truth) ** 2, axis=1)), abs=1e-12)
    theirs = multiclass_calibration_error(
        torch.tensor(probabilities), torch.tensor(labels), num_classes=4, n_bins=15, norm="l1"
    )
    assert ours.ece == pytest.approx(float(theirs), abs=1e-6)  # theirs is float32


def test_bins_are_open_below_and_closed_above() -> None:
    probabilities = [[0.6, 0.4], [0.6001, 0.3999], [0.8, 0.2], [1.0, 0.0], [0.5, 0.5]]
    bins = calibration_metrics([0, 0, 1, 0, 1], probabilities, n_bins=5).bins
    assert [one.n for one in bins] == [0, 0, 2, 2, 1]
    assert bins[2].confidence == pytest.approx(0.55)
    assert (bins[2].accuracy, bins[3].accuracy, bins[4].accuracy) == (0.5, 0.5, 1.0)
    assert isnan(bins[0].accuracy)
    assert (bins[4].low, bins[4].high) == (0.8, 1.0)


def test_ece_weighs_the_gap_of_each_bin_by_its_rows() -> None:
    probabilities = [[0.9, 0.1]] * 4 + [[0.55, 0.45]] * 6
    labels = [0, 0, 0, 1] + [0] * 6
    assert calibration_metrics(labels, probabilities).ece == pytest.approx(0.4 * 0.15 + 0.6 * 0.45)


def test_certain_and_right_costs_nothing_certain_and_wrong_is_finite() -> None:
    right = calibration_metrics([0, 1], np.eye(2))
    assert (right.ece, right.nll, right.brier) == (0, 0, 0)
    wrong = calibration_metrics([1, 0], np.eye(2))
    assert (wrong.ece, wrong.brier) == (1, 2)
    assert wrong.nll == pytest.approx(-log(np.finfo(np.float64).eps))
    single = calibration_metrics([1, 0], np.eye(2, dtype=np.float32))
    assert single.nll == pytest.approx(-log(np.finfo(np.float32).eps))


def test_rows_without_a_label_are_left_out() -> None:
    labels, probabilities = _example()
    labels[::4] = -1
    probabilities[::4] = np.nan
    kept = labels >= 0
    ours = calibration_metrics(labels, probabilities)
    assert ours.n == 300
    assert ours.figures() == calibration_metrics(labels[kept], probabilities[kept]).figures()
    assert sum(one.n for one in ours.bins) == 300


def test_without_rows_everything_is_undefined() -> None:
    metrics = calibration_metrics(np.empty(0, int), np.empty((0, 3)))
    assert metrics.n == 0
    assert all(isnan(value) for value in metrics.figures().values())


def test_dict_is_plain() -> None:
    plain = json.loads(json.dumps(calibration_metrics(*_example()).to_dict()))
    assert len(plain["bins"]) == 15
    assert plain["n"] == 400


@pytest.mark.parametrize(
    ("labels", "probabilities", "message"),
    [
        ([0, 1], [[2.0, -1.0], [0.5, 0.5]], "1 of 2 rows.*softmax"),
        ([0, 1], [[0.2, 0.2], [0.5, 0.5]], "sum to 1"),
        ([0, 2], [[0.5, 0.5], [0.5, 0.5]], "labels must be 0 to 1"),
        ([0], [[0.5, 0.5], [0.5, 0.5]], "labels 1, probabilities 2"),
        ([0, 1], [0.5, 0.5], "one column a class"),
    ],
)
def test_what_does_not_fit_is_refused(labels: list[int], probabilities: list[float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        calibration_metrics(labels, probabilities)


def test_no_bins_are_refused() -> None:
    with pytest.raises(DataError, match="at least one bin"):
        calibration_metrics([0], [[1.0]], n_bins=0)
