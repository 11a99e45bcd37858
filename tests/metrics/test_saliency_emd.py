"""The earth mover's distance: the worked case, hand-worked moves, and linear programming beside it."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from evocative.errors import DataError

pytest.importorskip("ot", reason="needs the extra gaze", exc_type=ImportError)

from evocative.metrics.saliency_emd import emd

MAP = np.array(
    [[0.10, 0.22, 0.31, 0.44], [0.52, 0.95, 0.83, 0.24], [0.13, 0.71, 0.62, 0.33], [0.01, 0.27, 0.16, 0.05]]
)
DENSITY = [[0, 1, 1, 0], [1, 6, 4, 1], [0, 3, 2, 1], [0, 1, 0, 0]]


def by_linear_programming(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Least work over all plans whose rows sum to one map and whose columns sum to the other."""
    supply, demand = one.ravel() / one.sum(), other.ravel() / other.sum()
    cells = np.indices(one.shape).reshape(2, -1).T
    costs = np.linalg.norm(cells[:, None] - cells[None], axis=-1)
    n = len(cells)
    rows = np.kron(np.eye(n), np.ones(n))
    columns = np.kron(np.ones(n), np.eye(n))
    found = linprog(costs.ravel(), A_eq=np.vstack([rows, columns]), b_eq=np.concatenate([supply, demand]))
    return float(np.asarray(found.fun))


def test_the_worked_case() -> None:
    assert emd(MAP, DENSITY, shrink=1) == pytest.approx(0.31753, abs=5e-6)


def test_it_is_the_least_work() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.random((4, 5)), rng.random((4, 5))
    assert emd(one, other, shrink=1) == pytest.approx(by_linear_programming(one, other), abs=1e-6)


def test_all_mass_moved_three_down_and_four_across() -> None:
    start, end = np.zeros((6, 6)), np.zeros((6, 6))
    start[1, 1], end[4, 5] = 2, 7
    assert emd(start, end, shrink=1) == pytest.approx(5)
    assert emd(start, start, shrink=1) == pytest.approx(0, abs=1e-9)
    assert emd(end, start, shrink=1) == emd(start, end, shrink=1)


def test_sides_are_shrunk() -> None:
    left, right = np.zeros((64, 128)), np.zeros((64, 128))
    left[:, :32], right[:, 96:] = 1, 1
    assert emd(left, right) == pytest.approx(3 - 2 / 7, abs=0.6)  # edges blur by the triangle
    assert emd(left, right, shrink=16) == pytest.approx(2 * emd(left, right), rel=0.1)


def test_what_does_not_fit() -> None:
    assert np.isnan(emd(np.zeros((4, 4)), np.ones((4, 4))))
    with pytest.raises(DataError, match="one size"):
        emd(np.ones((4, 4)), np.ones((4, 5)))
    with pytest.raises(DataError, match="0 or above"):
        emd(-np.ones((4, 4)), np.ones((4, 4)))
    with pytest.raises(DataError, match="shrink by more than 1"):
        emd(np.ones((100, 100)), np.ones((100, 100)), shrink=1)
