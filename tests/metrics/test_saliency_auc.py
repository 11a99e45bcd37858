"""Areas under the curves: the worked case, the definitions written out, ties, and what must not matter."""

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from evocative.errors import DataError
from evocative.metrics.saliency_auc import auc_borji, auc_judd, auc_shuffled, exact_area

MAP = np.array(
    [[0.10, 0.22, 0.31, 0.44], [0.52, 0.95, 0.83, 0.24], [0.13, 0.71, 0.62, 0.33], [0.01, 0.27, 0.16, 0.05]]
)
FIXATIONS = [(1, 1), (1, 2), (3, 1)]


def judd_by_the_letter(values: NDArray[np.float64], fixations: set[tuple[int, int]]) -> float:
    """Thresholds from the highest fixation down, counting pixels one by one."""
    at = sorted((values[place] for place in fixations), reverse=True)
    n, k = values.size, len(at)
    curve = [(0.0, 0.0)]
    for i, threshold in enumerate(at, start=1):
        above = sum(value >= threshold for value in values.flat)
        curve.append(((above - i) / (n - k), i / k))
    curve.append((1.0, 1.0))
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(curve))


def stepped_by_the_letter(positive: list[float], negative: list[float], step: float = 0.1) -> float:
    """Thresholds at equal steps from 0 to the largest value."""
    highest, curve, i = max(positive + negative), [], 0
    while i * step <= highest + 1e-12:
        rates = [float(np.mean([v >= i * step for v in side])) for side in (negative, positive)]
        curve.append((rates[0], rates[1]))
        i += 1
    curve = [(0.0, 0.0), *curve[::-1], (1.0, 1.0)]
    return float(sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(curve)))


def drawn(seed: int, levels: int | None = None) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    values = rng.random((8, 11)) if levels is None else rng.integers(levels, size=(8, 11)) / 1.0
    return values, np.stack([rng.integers(8, size=6), rng.integers(11, size=6)], axis=1)


def test_the_worked_case() -> None:
    assert auc_judd(MAP, FIXATIONS) == pytest.approx(12 / 13, abs=1e-12)
    assert auc_borji(MAP, FIXATIONS, n_splits=20_000) == pytest.approx(0.76, abs=5e-3)


@pytest.mark.parametrize(("seed", "levels"), list(product(range(6), [None, 4])))
def test_judd_is_its_definition_with_and_without_ties(seed: int, levels: int | None) -> None:
    values, fixations = drawn(seed, levels)
    expected = judd_by_the_letter(values, {(row, column) for row, column in fixations.tolist()})
    assert auc_judd(values, fixations, ties="letter") == pytest.approx(expected, abs=1e-12)
    if levels is None:
        assert auc_judd(values, fixations) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_judd_is_the_mean_over_every_order_of_what_ties(seed: int) -> None:
    """Seven pixels of three levels, two or three fixated: all 5,040 ways of breaking ties, by the letter."""
    rng = np.random.default_rng(seed)
    values = rng.integers(3, size=(1, 7)).astype(float)
    values[0, 0] = 3.0  # not constant
    looked = [(0, int(column)) for column in rng.choice(7, 2 + seed % 2, replace=False)]
    ways = [
        judd_by_the_letter(values + np.array([order]) / 100, set(looked)) for order in permutations(range(7))
    ]
    assert auc_judd(values, looked) == pytest.approx(np.mean(ways), abs=1e-12)


def test_judd_is_what_the_benchmarks_noise_gives_on_average() -> None:
    values, fixations = drawn(3, levels=2)
    noisy = [auc_judd(values, fixations, jitter=1e-7, seed=seed) for seed in range(400)]
    error = np.std(noisy) / np.sqrt(len(noisy))
    assert auc_judd(values, fixations) == pytest.approx(np.mean(noisy), abs=4 * error)
    assert auc_judd(values, fixations, ties="letter") < np.mean(noisy) - 10 * error


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("graded", [False, True])
def test_random_maps_that_are_off_in_most_places_have_a_half(share: float, graded: bool) -> None:
    rng = np.random.default_rng(7)
    found = []
    for _ in range(60):
        on = rng.random((40, 50)) < share
        values = on * (rng.random(on.shape) if graded else 1.0)
        looked = np.stack([rng.integers(40, size=60), rng.integers(50, size=60)], axis=1)
        found.append(auc_judd(values, looked))
    assert np.mean(found) == pytest.approx(0.5 + 0.5 / 61, abs=0.015)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_ties_never_leave_the_exact_area_by_more_than_half_a_step(seed: int, levels: int) -> None:
    values, fixations = drawn(seed, levels)
    k = len({tuple(place) for place in fixations.tolist()})
    exact = auc_judd(values, fixations, ties="half")
    assert exact - 1e-12 <= auc_judd(values, fixations) <= exact + 1 / (2 * k) + 1e-12
    assert auc_judd(values, np.concatenate([fixations, fixations])) == auc_judd(values, fixations)


@pytest.mark.parametrize(("seed", "levels"), list(product(range(4), [None, 3])))
def test_half_a_tie_is_the_area_that_scikit_learn_has(seed: int, levels: int | None) -> None:
    values, fixations = drawn(seed, levels)
    there = np.zeros(values.shape, bool)
    there[fixations[:, 0], fixations[:, 1]] = True
    expected = roc_auc_score(there.ravel(), values.ravel())
    exact = auc_judd(values, fixations, ties="half")
    assert exact == pytest.approx(expected, abs=1e-12)
    if levels is None:  # half a step between the two: see the docstring
        k, lowest = there.sum(), values[there].min()
        last = ((values >= lowest).sum() - k) / (values.size - k)
        assert auc_judd(values, fixations) == pytest.approx(exact + last / (2 * k))


@pytest.mark.parametrize("seed", range(4))
def test_steps_are_their_definition(seed: int) -> None:
    values, fixations = drawn(seed)
    values = (values - values.min()) / (values.max() - values.min())
    at = [values[place] for place in {(row, column) for row, column in fixations.tolist()}]
    draws = np.random.default_rng(5).integers(values.size, size=(3, len(at)))
    expected = np.mean([stepped_by_the_letter(at, values.ravel()[draw].tolist()) for draw in draws])
    assert auc_borji(values, fixations, n_splits=3, seed=5) == pytest.approx(expected, abs=1e-12)


def test_shuffled_with_as_many_others_is_one_curve() -> None:
    values, fixations = drawn(1)
    others = [(0, 0), (7, 10), (3, 3)]
    values = (values - values.min()) / (values.max() - values.min())
    at = [values[place] for place in {(row, column) for row, column in fixations.tolist()}]
    expected = stepped_by_the_letter(at, [values[place] for place in others])
    assert auc_shuffled(values, fixations, others, n_splits=4) == pytest.approx(expected, abs=1e-12)
    assert auc_shuffled(values, fixations, others, step=None) == pytest.approx(
        exact_area(at, [values[place] for place in others])
    )


def test_a_centre_prior_gains_nothing_from_shuffled_others() -> None:
    rows, columns = np.indices((60, 80))
    centre = np.exp(-((rows - 29.5) ** 2 + (columns - 39.5) ** 2) / 400)
    rng = np.random.default_rng(0)
    looked = np.clip(rng.normal([29.5, 39.5], 14, size=(1200, 2)).round(), 0, [59, 79]).astype(int)
    assert auc_borji(centre, looked[:200]) > 0.7
    assert auc_shuffled(centre, looked[:200], looked[200:]) == pytest.approx(0.5, abs=0.03)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 20), st.floats(-2, 2))
def test_order_is_all_that_judd_sees(seed: int, scale: float, offset: float) -> None:
    values, fixations = drawn(seed)
    before = auc_judd(values, fixations)
    assert auc_judd(np.exp(values) ** 3, fixations) == pytest.approx(before, abs=1e-12)
    assert auc_judd(values, fixations[::-1]) == before
    assert 1 - auc_judd(-values, fixations, ties="half") == pytest.approx(
        auc_judd(values, fixations, ties="half")
    )
    moved = scale * values + offset
    assert auc_borji(moved, fixations) == pytest.approx(auc_borji(values, fixations), abs=0.02)
    assert auc_borji(moved, fixations, step=None) == pytest.approx(auc_borji(values, fixations, step=None))


def test_a_map_without_order() -> None:
    flat, fixations = np.full((8, 11), 0.7), [(1, 1), (2, 5), (7, 3)]
    for level in (0.0, 0.7, -3.0):
        assert auc_judd(np.full((8, 11), level), fixations) == 0.5
    assert auc_judd(flat, fixations, ties="half") == 0.5
    assert auc_judd(flat, fixations, ties="letter") < 0.16  # what the benchmark's noise is there for
    assert auc_borji(flat, fixations) == 0.5
    assert auc_shuffled(flat, fixations, [(0, 0), (4, 4)]) == 0.5
    assert abs(np.mean([auc_judd(flat, fixations, jitter=1e-7, seed=s) for s in range(60)]) - 0.55) < 0.1


def test_small_steps_approach_the_exact_area() -> None:
    values, fixations = drawn(2)
    many = auc_borji(values, fixations, step=1e-3, n_splits=4000)
    assert many == pytest.approx(auc_borji(values, fixations, step=None), abs=0.01)


def test_no_fixations_and_nothing_but_fixations() -> None:
    values, fixations = drawn(0)
    everywhere = list(product(range(8), range(11)))
    assert np.isnan([auc_judd(values, []), auc_borji(values, []), auc_judd(values, everywhere)]).all()
    assert np.isnan([auc_shuffled(values, [], fixations), auc_shuffled(values, fixations, [])]).all()
    with pytest.raises(DataError, match="unknown way to treat ties"):
        auc_judd(values, fixations, ties="matlab")
    with pytest.raises(DataError, match="step"):
        auc_borji(values, fixations, step=0)
