"""Diversity against loops and hand-worked cases."""

import tracemalloc
from itertools import combinations

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.metrics.diversity import (
    copying,
    cosines,
    diversity,
    mean_cosine_distance,
    mean_of_pairs,
    nearest,
    vendi_score,
)


def rows(count: int, width: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, width))


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.sqrt(one @ one) / np.sqrt(other @ other))


def test_mean_distance_is_that_of_a_loop_over_pairs() -> None:
    points = rows(9, 4)
    naive = np.mean([1 - cosine(a, b) for a, b in combinations(points, 2)])
    assert mean_cosine_distance(points) == pytest.approx(naive)
    assert np.isnan(mean_cosine_distance(points[:1]))
    assert mean_of_pairs([[9, 1, 2], [1, 9, 6], [2, 6, 9]]) == 3


def test_memory_does_not_grow_with_the_square_of_the_rows() -> None:
    points = rows(6000, 3)
    whole = 8 * len(points) ** 2  # bytes of one matrix of all distances
    tracemalloc.start()
    diversity(points)
    nearest(points, points, same=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.75 * whole


def test_nearest_rows_are_the_same_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    points = rows(11, 4)
    wanted = nearest(points, points, same=True), nearest(points[:5], points[5:])
    monkeypatch.setattr("evocative.metrics.diversity._AT_ONCE", 3)
    found = nearest(points, points, same=True), nearest(points[:5], points[5:])
    for (places, far), (wanted_places, wanted_far) in zip(found, wanted, strict=True):
        assert np.array_equal(places, wanted_places)
        np.testing.assert_allclose(far, wanted_far)
    naive = np.array([[1 - cosine(a, b) for b in points] for a in points]) + 9 * np.eye(11)
    assert np.array_equal(found[0][0], naive.argmin(axis=1))


@pytest.mark.parametrize("width", [3, 30])
def test_vendi_is_the_exponential_of_the_kernels_entropy(width: int) -> None:
    points = rows(12, width)
    kernel = np.array([[cosine(a, b) for b in points] for a in points]) / 12
    values = np.linalg.eigvals(kernel).real
    values = values[values > 1e-12]
    assert vendi_score(points) == pytest.approx(np.exp(-np.sum(values * np.log(values))))


def test_vendi_counts_what_differs() -> None:
    assert vendi_score(np.eye(5)) == pytest.approx(5)
    assert vendi_score(np.ones((5, 3))) == pytest.approx(1)
    assert vendi_score(np.repeat(np.eye(3), 4, axis=0) * 7) == pytest.approx(3)
    assert vendi_score([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]) == pytest.approx(3)
    # two alike, one apart: eigenvalues 2/3, 1/3
    wanted = np.exp(-(2 / 3 * np.log(2 / 3) + 1 / 3 * np.log(1 / 3)))
    assert vendi_score([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]) == pytest.approx(wanted)


def test_equal_n_averages_over_draws_and_does_not_depend_on_how_many_there_are() -> None:
    kinds = np.eye(4)
    few, many = np.repeat(kinds, 5, axis=0), np.repeat(kinds, 50, axis=0)
    assert diversity(few).vendi == pytest.approx(diversity(many).vendi)
    one, other = diversity(few, n=4, draws=300), diversity(many, n=4, draws=300)
    assert (one.n, one.available, other.available) == (4, 20, 200)
    # distinct kinds among 4 draws: with replacement 4 (1 - (3/4)^4) = 2.73, without a little more
    assert 2.3 < other.vendi < one.vendi < 3.4
    assert other.distance == pytest.approx(1 - 49 / 199, abs=0.03)
    assert diversity(few, n=4) == diversity(few, n=4)
    with pytest.raises(DataError, match="at 21 rows"):
        diversity(few, n=21)


def test_nearest_is_that_of_a_loop() -> None:
    one, other = rows(5, 3), rows(8, 3, seed=1)
    places, far = nearest(one, other)
    for row, (place, distance) in enumerate(zip(places, far, strict=True)):
        naive = [1 - cosine(one[row], b) for b in other]
        assert place == np.argmin(naive)
        assert distance == pytest.approx(min(naive))
    places, far = nearest(other, other, same=True)
    assert (places != np.arange(8)).all()
    assert (far > 0).all()
    with pytest.raises(DataError, match="another one"):
        nearest(one[:1], one[:1], same=True)
    with pytest.raises(DataError, match="one width"):
        cosines(one, rows(2, 4))


def test_copies_are_nearer_to_the_training() -> None:
    shown, held_out = rows(40, 6), rows(90, 6, seed=1)
    assert copying(shown[:20] * 3, shown[:90], held_out).mean() == 1
    assert copying(held_out[:20], held_out, shown).mean() > 0.6  # its own draw of 40 holds some of the 20
    fresh = copying(rows(400, 6, seed=2), shown, held_out)
    assert 0.4 < fresh.mean() < 0.6
    assert copying(shown[:3], shown, shown).tolist() == [0.5, 0.5, 0.5]
