"""The k-th smallest pairwise distance is the one that pdist finds, whatever the points look like."""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from evocative.errors import DataError
from evocative.metrics import pairwise
from evocative.metrics.pairwise import kth_smallest_distance

Points = NDArray[np.float64]
N_ROWS, N_COLUMNS = 700, 12  # more rows than a tile is high


def _reference(points: NDArray[np.floating], k: int) -> float:
    """Return the same by keeping every distance, summed over the columns in order."""
    rows = points.astype(np.float64)
    squares = np.zeros(len(rows) * (len(rows) - 1) // 2)
    i, j = np.triu_indices(len(rows), 1)
    for column in rows.T:
        squares += (column[i] - column[j]) ** 2
    return float(np.sqrt(np.partition(squares, k - 1)[k - 1]))


def _gaussian(rng: np.random.Generator) -> Points:
    return rng.normal(size=(N_ROWS, N_COLUMNS))


CASES: dict[str, Callable[[np.random.Generator], Points]] = {
    "gaussian": _gaussian,
    "far from the origin": lambda rng: _gaussian(rng) + 1e6,
    "one far row": lambda rng: np.vstack([_gaussian(rng), np.full((1, N_COLUMNS), 1e7)]),
    "norms over 16 orders": lambda rng: _gaussian(rng) * 10 ** rng.uniform(-8, 8, (N_ROWS, 1)),
    "tight groups far apart": lambda rng: (
        _gaussian(rng) * 1e-5 + rng.normal(size=(2, N_COLUMNS))[rng.integers(0, 2, N_ROWS)]
    ),
    "groups tighter than float64 products see": lambda rng: (
        _gaussian(rng) * 1e-11 + rng.normal(size=(2, N_COLUMNS))[rng.integers(0, 2, N_ROWS)]
    ),
    "integers: many ties": lambda rng: rng.integers(0, 2, (N_ROWS, N_COLUMNS)).astype(float),
    "one-hot: two values": lambda rng: np.eye(N_COLUMNS)[rng.integers(0, N_COLUMNS, N_ROWS)],
    "mostly the same row": lambda rng: np.where(rng.random((N_ROWS, 1)) < 0.9, 0.3, _gaussian(rng)),
    "one column": lambda rng: rng.normal(size=(N_ROWS, 1)),
    "equidistant numbers": lambda rng: np.arange(N_ROWS, dtype=float)[:, None],
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("share", ["first", "tenth", "half", "last"])
def test_equals_the_order_statistic_of_all_distances(case: str, share: str) -> None:
    points = CASES[case](np.random.default_rng(3))
    n_pairs = len(points) * (len(points) - 1) // 2
    k = {"first": 1, "tenth": -(-n_pairs // 10), "half": n_pairs // 2, "last": n_pairs}[share]
    assert kth_smallest_distance(points, k) == _reference(points, k)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_agrees_with_scipy(dtype: type[np.floating]) -> None:
    points = np.random.default_rng(0).normal(size=(600, 20)).astype(dtype)
    distances = np.sort(pdist(points.astype(np.float64)))
    for k in (1, 2, 17970, distances.size):
        assert kth_smallest_distance(points, k) == pytest.approx(distances[k - 1], rel=1e-15)


def test_every_rank_of_a_few_points() -> None:
    points = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0], [6.0, 8.0], [0.0, 1.0]])
    pairs = [sqrt(sum((a - b) ** 2)) for a, b in combinations(points, 2)]
    assert [kth_smallest_distance(points, k) for k in range(1, 11)] == sorted(pairs)


def test_the_seed_never_changes_the_result() -> None:
    points = _gaussian(np.random.default_rng(5))
    assert len({kth_smallest_distance(points, 24465, seed=seed) for seed in range(5)}) == 1


@pytest.mark.parametrize("factor", [2.0**600, 2.0**-600])
def test_squares_may_be_beyond_float64(factor: float) -> None:
    points = _gaussian(np.random.default_rng(6))
    assert kth_smallest_distance(points * factor, 24465) == kth_smallest_distance(points, 24465) * factor


def test_a_bracket_that_misses_is_widened(monkeypatch: pytest.MonkeyPatch) -> None:
    points = _gaussian(np.random.default_rng(7))
    widths: list[float] = []

    def misleading(sample: Points, fraction: float, width: float) -> tuple[float, float]:
        widths.append(width)
        top = float(sample[-1])
        return (
            (top * 2, top * 3) if len(widths) == 1 else (0.0, top / 1e6) if len(widths) == 2 else (0.0, top)
        )

    monkeypatch.setattr(pairwise, "_bracket", misleading)
    assert kth_smallest_distance(points, 24465) == _reference(points, 24465)
    assert widths == [5.0, 20.0, 80.0]


def test_ties_are_merged_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairwise, "_KEEP", 1000)
    points = np.random.default_rng(8).integers(0, 3, (N_ROWS, 4)).astype(float)
    for k in (1, 24465, 122_325, 244_650):
        assert kth_smallest_distance(points, k) == _reference(points, k)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_columns", [1, 7, 136, 1024])
def test_no_product_errs_by_more_than_the_margin(dtype: type[np.floating], n_columns: int) -> None:
    rng = np.random.default_rng(9)
    rows, centred = pairwise._by_norm(
        rng.normal(size=(60, n_columns)) * 10 ** rng.uniform(-3, 0, (60, 1)) + 0.3
    )
    fast = pairwise._FastRows.of(centred, dtype)
    products = fast.left @ fast.right.T
    for i in range(0, 60, 7):
        for j in range(i + 1, 60, 5):
            true = sum(
                (Fraction(float(a)) - Fraction(float(b))) ** 2 for a, b in zip(rows[i], rows[j], strict=True)
            )
            error = abs(Fraction(float(products[i, j])) * Fraction(4) ** fast.scale - true)
            assert error <= Fraction(fast.margin(i, j)) * Fraction(4) ** fast.scale


def test_points_that_are_all_the_same_are_at_distance_zero() -> None:
    assert kth_smallest_distance(np.full((2000, 8), 0.1), 1000) == 0.0


@pytest.mark.parametrize("k", [0, 7, -1])
def test_a_rank_that_does_not_exist_is_refused(k: int) -> None:
    with pytest.raises(DataError, match="4 rows have 6 pairs"):
        kth_smallest_distance(np.eye(4), k)


def test_one_row_has_no_pairs() -> None:
    with pytest.raises(DataError, match=r"N ≥ 2, found shape \(1, 3\)"):
        kth_smallest_distance(np.zeros((1, 3)), 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_named(bad: float) -> None:
    points = np.zeros((5, 2))
    points[3, 1] = bad
    with pytest.raises(DataError, match=r"1 of 5 rows.*row 3"):
        kth_smallest_distance(points, 1)
