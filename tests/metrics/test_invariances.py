"""What must not matter does not: the order of rows, the order and names of classes, rows that say nothing."""

from collections.abc import Callable

import numpy as np
import pytest

from evocative.metrics.calibration import calibration_metrics
from evocative.metrics.classification import classification_metrics
from evocative.metrics.clustering import (
    adjusted_rand_index,
    asr,
    asr_threshold,
    kmeans,
    normalized_mutual_information,
)
from evocative.metrics.dimensional import dimension_metrics
from evocative.metrics.sentiment import top2_cross_sentiment

NAMES = ("amusement", "awe", "contentment", "anger", "fear", "sadness")
SENTIMENTS = dict(zip(NAMES, ["positive"] * 3 + ["negative"] * 3, strict=True))


class Rows:
    """What was measured of 240 images of 6 classes, some labels and dimensions missing."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        labels = rng.choice(6, 240, p=[0.3, 0.25, 0.2, 0.1, 0.1, 0.05])
        logits = rng.normal(size=(240, 6))
        logits[np.arange(240), labels] += 1.5
        self.names: tuple[str, ...] = NAMES
        self.labels = np.where(rng.random(240) < 0.1, -1, labels)
        self.probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        self.embedding = rng.normal(size=(6, 10))[labels] * 0.5 + rng.normal(size=(240, 10))
        self.centers = kmeans(self.embedding, n_clusters=6).centers
        self.clusters = kmeans(self.embedding, n_clusters=6).assignments
        self.targets = rng.uniform(-1, 1, (240, 3))
        self.predictions = np.clip(self.targets + rng.normal(size=(240, 3)) * 0.5, -1, 1)
        self.targets[rng.random((240, 3)) < 0.2] = np.nan

    def permuted(self, order: np.ndarray) -> "Rows":
        other = Rows.__new__(Rows)
        other.names, other.centers = self.names, self.centers
        for name in ("labels", "probabilities", "embedding", "clusters", "targets", "predictions"):
            setattr(other, name, getattr(self, name)[order])
        return other

    def relabelled(self, order: np.ndarray) -> "Rows":
        """Return the same with the classes (and centres) in another order."""
        other = self.permuted(np.arange(240))
        other.names = tuple(self.names[place] for place in order)
        other.probabilities = self.probabilities[:, order]
        place_of = np.argsort(order)
        other.labels = np.where(self.labels >= 0, place_of[self.labels], -1)
        other.clusters, other.centers = place_of[self.clusters], self.centers[order]
        return other


def _measure(rows: Rows) -> dict[str, float]:
    threshold = asr_threshold(rows.embedding)
    figures = {
        "asr": asr(rows.embedding, rows.centers, threshold=threshold),
        "asr, wide": asr(rows.embedding, rows.centers, threshold=threshold * 1.2),
        "asr threshold": threshold,
        "ari": adjusted_rand_index(rows.labels, rows.clusters),
        "nmi": normalized_mutual_information(rows.labels, rows.clusters),
    }
    figures |= classification_metrics(rows.labels, rows.probabilities, names=rows.names).figures()
    figures |= calibration_metrics(rows.labels, rows.probabilities).figures()
    for theta in (0.0, 0.3):
        cross = top2_cross_sentiment(rows.probabilities, names=rows.names, sentiments=SENTIMENTS, theta=theta)
        figures |= {f"{name} at {theta}": value for name, value in cross.to_dict().items()}
    for one in dimension_metrics(rows.targets, rows.predictions):
        figures |= {f"{one.name} {name}": value for name, value in one.figures().items()}
    return figures


def _assert_same(first: dict[str, float], second: dict[str, float]) -> None:
    assert first.keys() == second.keys()
    assert not any(np.isnan(value) for value in first.values())  # nothing is compared with nothing
    assert second == pytest.approx(first, abs=1e-12)


def _shuffle(rows: Rows) -> Rows:
    return rows.permuted(np.random.default_rng(1).permutation(240))


def _reverse_classes(rows: Rows) -> Rows:
    return rows.relabelled(np.arange(6)[::-1])


def _mix_classes(rows: Rows) -> Rows:
    return rows.relabelled(np.array([2, 5, 0, 3, 1, 4]))


def _turn_and_move(rows: Rows) -> Rows:
    other = rows.permuted(np.arange(240))
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(10, 10))).Q
    other.embedding, other.centers = rows.embedding @ turn + 3, rows.centers @ turn + 3
    return other


def _hide_what_does_not_count(rows: Rows) -> Rows:
    other = rows.permuted(np.arange(240))
    other.predictions = np.where(np.isnan(rows.targets), np.nan, rows.predictions)
    return other


@pytest.mark.parametrize(
    "change", [_shuffle, _reverse_classes, _mix_classes, _turn_and_move, _hide_what_does_not_count]
)
def test_no_figure_changes(change: Callable[[Rows], Rows]) -> None:
    rows = Rows()
    _assert_same(_measure(rows), _measure(change(rows)))


def test_each_row_twice_changes_no_mean_and_doubles_every_count() -> None:
    rows = Rows()
    once, twice = _measure(rows), _measure(rows.permuted(np.repeat(np.arange(240), 2)))
    counts = {name for name in once if " at " in name and not name.startswith(("rate", "theta"))}
    assert counts
    for name in counts:
        assert twice[name] == 2 * once[name], name
    same = set(once) - counts - {"asr threshold", "asr", "asr, wide", "ari"}  # whose pairs are other pairs
    assert {name: twice[name] for name in same} == pytest.approx(
        {name: once[name] for name in same}, abs=1e-12
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_lower_precision_comes_close(dtype: type[np.floating]) -> None:
    rows, low = Rows(), Rows()
    for name in ("probabilities", "embedding", "centers", "targets", "predictions"):
        setattr(low, name, getattr(low, name).astype(dtype))
    tolerance = 50 * float(np.finfo(dtype).eps)
    first, second = _measure(rows), _measure(low)
    smooth = [name for name in first if " at " not in name and "asr" not in name and "/" not in name]
    for name in set(smooth) - {"ece", "accuracy", "macro_precision", "macro_recall", "macro_f1"}:
        assert second[name] == pytest.approx(first[name], abs=tolerance), name


def test_perfect_predictions_are_perfect() -> None:
    rows = Rows()
    rows.labels = np.arange(240) % 6
    rows.probabilities, rows.clusters = np.eye(6)[rows.labels], rows.labels
    rows.predictions = np.nan_to_num(rows.targets)
    figures = _measure(rows)
    for name, value in figures.items():
        if name.startswith(("accuracy", "macro", "precision/", "recall/", "f1/", "roc_auc/", "ari", "nmi")):
            assert value == pytest.approx(1), name
        if name.endswith(("pearson_r", "spearman_rho", "ccc")):
            assert value == pytest.approx(1), name
        if name.endswith(("mae", "rmse", "ece", "nll", "brier")):
            assert value == pytest.approx(0), name
