"""k-means, ARI, NMI and ASR: hand-worked cases, references, and the edges of the definitions."""

import json
from math import isnan, nan

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from evocative.errors import DataError
from evocative.metrics.clustering import (
    adjusted_rand_index,
    asr,
    asr_threshold,
    clustering_metrics,
    kmeans,
    normalized_mutual_information,
)


def _groups(seed: int = 0, spread: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, 150)
    return labels, np.array([[0.0, 0], [4, 0], [0, 4]])[labels] + rng.normal(size=(150, 2)) * spread


def test_groups_that_stand_apart_are_found() -> None:
    labels, embedding = _groups()
    metrics = clustering_metrics(labels, embedding, n_clusters=3)
    assert (metrics.n, metrics.n_labelled, metrics.n_clusters) == (150, 150, 3)
    assert metrics.ari == 1.0
    assert metrics.nmi == pytest.approx(1.0)
    assert metrics.asr == 0.0
    assert json.loads(json.dumps(metrics.to_dict()))["ari"] == 1.0


def test_ari_of_a_hand_worked_case() -> None:
    """Parts {2 of a, 1 of b} and {1 of b, 2 of c}: Σ pairs in cells 2, rows 3, columns 6, of 15."""
    labels, clusters = [0, 0, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1]
    expected = 3 * 6 / 15
    assert adjusted_rand_index(labels, clusters) == pytest.approx((2 - expected) / ((3 + 6) / 2 - expected))


def test_nmi_is_normalised_by_the_arithmetic_mean() -> None:
    labels, clusters = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 0, 1, 1, 1])
    joint = np.histogram2d(labels, clusters, bins=(3, 2))[0] / 6
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    information = np.nansum(
        np.where(joint > 0, joint * np.log(np.maximum(joint, 1e-9) / np.outer(rows, columns)), 0)
    )
    mean_entropy = -(rows @ np.log(rows) + columns @ np.log(columns)) / 2
    assert normalized_mutual_information(labels, clusters) == pytest.approx(
        information / mean_entropy, abs=1e-12
    )


@pytest.mark.parametrize("score", [adjusted_rand_index, normalized_mutual_information])
def test_partitions_of_one_part(score) -> None:  # type: ignore[no-untyped-def]
    assert score([1, 1, 1], [0, 0, 0]) == 1.0
    assert score([0, 1, 2], [0, 0, 0]) == 0.0
    assert score([0, 1, -1], [0, 1, 0]) == 1.0  # the row without a label is left out
    assert isnan(score([-1, -1], [0, 1]))


def test_kmeans_is_reproducible_and_has_its_centres_at_the_means() -> None:
    _, embedding = _groups(spread=1.0)
    first, second = (kmeans(embedding, n_clusters=3, seed=4) for _ in range(2))
    assert (first.assignments == second.assignments).all()
    means = [embedding[first.assignments == cluster].mean(axis=0) for cluster in range(3)]
    assert first.centers == pytest.approx(np.array(means))
    own = first.centers[first.assignments]
    assert first.inertia == pytest.approx(np.square(embedding - own).sum())


def test_kmeans_of_rows_that_coincide_leaves_clusters_empty() -> None:
    clusters = kmeans(np.repeat([[0.0], [1.0]], 5, axis=0), n_clusters=4)
    assert len(set(clusters.assignments.tolist())) == 2


def test_threshold_is_the_largest_of_the_smallest_tenth() -> None:
    embedding = np.random.default_rng(1).normal(size=(50, 3))
    distances = np.sort(pdist(embedding))
    assert distances.size == 1225
    assert asr_threshold(embedding) == pytest.approx(distances[122], rel=1e-15)  # the 123rd: ⌈122.5⌉


@pytest.mark.parametrize(("n", "k"), [(2, 1), (5, 1), (6, 2), (25, 30), (21, 21)])
def test_the_rank_is_rounded_up_from_the_decimal_fraction(n: int, k: int) -> None:
    """0.1 × 300 pairs is 30, and 30 it is, though 0.1 is not a tenth in binary."""
    embedding = np.random.default_rng(2).normal(size=(n, 2))
    assert asr_threshold(embedding) == pytest.approx(np.sort(pdist(embedding))[k - 1], rel=1e-15)


def test_threshold_of_all_pairs_is_the_diameter() -> None:
    assert asr_threshold([[0.0], [1.0], [5.0]], fraction=1) == 5.0


def test_threshold_of_less_than_a_pair_is_undefined() -> None:
    assert isnan(asr_threshold(np.zeros((1, 3))))
    assert isnan(asr_threshold(np.zeros((0, 3))))


@pytest.mark.parametrize("fraction", [0, -0.1, 1.5, nan])
def test_a_fraction_out_of_range_is_refused(fraction: float) -> None:
    with pytest.raises(DataError, match="fraction"):
        asr_threshold(np.eye(3), fraction=fraction)


def test_ambiguous_is_strictly_nearer_to_more_than_one_centre() -> None:
    centers = [[0.0, 0.0], [4.0, 0.0], [100.0, 0.0]]
    embedding = [[2.0, 0.0], [1.0, 0.0], [50.0, 0.0], [2.0, 1.0]]
    assert asr(embedding, centers, threshold=2.0) == 0.0  # the first is at 2 from both: not under 2
    assert asr(embedding, centers, threshold=2.001) == 0.25
    assert asr(embedding, centers, threshold=2.3) == 0.5
    assert asr(embedding, centers, threshold=1000) == 1.0


def test_asr_of_edges() -> None:
    assert asr([[1.0]], [[1.0]], threshold=5) == 0.0  # one centre
    assert asr([[1.0]], [[1.0], [1.0]], threshold=0.0) == 0.0
    assert isnan(asr([[1.0]], [[1.0], [1.0]], threshold=nan))
    assert isnan(asr(np.zeros((0, 2)), np.zeros((3, 2)), threshold=1))
    with pytest.raises(DataError, match="found 2 and 3"):
        asr(np.zeros((4, 2)), np.zeros((3, 3)), threshold=1)


def test_metrics_use_the_pieces() -> None:
    labels, embedding = _groups(spread=1.5)
    labels[::5] = -1
    metrics = clustering_metrics(labels, embedding.astype(np.float32), n_clusters=3, seed=7, fraction=0.3)
    clusters = kmeans(embedding.astype(np.float32), n_clusters=3, seed=7)
    assert (metrics.n, metrics.n_labelled) == (150, 120)
    assert metrics.ari == adjusted_rand_index(labels, clusters.assignments)
    assert metrics.asr_threshold == asr_threshold(embedding.astype(np.float32), fraction=0.3)
    assert metrics.asr == asr(embedding.astype(np.float32), clusters.centers, threshold=metrics.asr_threshold)
    assert 0 < metrics.asr < 1


def test_fewer_rows_than_clusters_is_undefined_in_a_report_and_refused_alone() -> None:
    metrics = clustering_metrics([0, 1], np.eye(2), n_clusters=3)
    assert metrics.n == 2
    assert all(isnan(value) for value in (metrics.ari, metrics.nmi, metrics.asr, metrics.asr_threshold))
    with pytest.raises(DataError, match="from 1 to 2 clusters"):
        kmeans(np.eye(2), n_clusters=3)


def test_rows_with_an_error_must_be_left_out() -> None:
    with pytest.raises(DataError, match="1 of 3 rows"):
        clustering_metrics([0, 1, 0], [[0.0], [nan], [1.0]], n_clusters=2)
