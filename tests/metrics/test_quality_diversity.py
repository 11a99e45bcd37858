"""Coverage, QD score and archive profile against counting by hand, and against ribs where it is installed."""

from math import isnan, nan

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from evocative.errors import DataError
from evocative.metrics.quality_diversity import (
    archive_profile,
    at_evaluations,
    over_seeds,
    quality_diversity,
)


def test_figures_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(0)
    grid = {cell: float(rng.normal()) for cell in rng.choice(50, 17, replace=False).tolist()}
    found = quality_diversity(list(grid.values()), cells=50, offset=-4.0)
    total = 0.0
    for cell in range(50):
        total += grid[cell] + 4.0 if cell in grid else 0.0
    assert found.qd_score == pytest.approx(total)
    assert found.normalised == pytest.approx(total / 50)
    assert (found.n, found.coverage) == (17, 17 / 50)
    assert (found.best, found.median) == (max(grid.values()), sorted(grid.values())[8])
    assert found.mean == pytest.approx(total / 17 - 4)


def test_an_empty_archive_scores_nothing() -> None:
    found = quality_diversity([], cells=3)
    assert (found.coverage, found.qd_score, found.normalised) == (0, 0, 0)
    assert all(map(isnan, (found.mean, found.median, found.best)))
    assert archive_profile([], [0.0, 1.0], cells=3).tolist() == [0, 0]


def test_ribs_says_the_same() -> None:
    archives = pytest.importorskip("ribs.archives")
    archive = archives.GridArchive(solution_dim=1, dims=[5, 4], ranges=[(0, 1), (0, 1)], qd_score_offset=-2.0)
    rng = np.random.default_rng(1)
    archive.add(rng.normal(size=(9, 1)), rng.uniform(-2, 2, 9), rng.uniform(size=(9, 2)))
    elites = np.asarray(archive.data("objective"), dtype=np.float64)
    found = quality_diversity(elites, cells=20, offset=-2.0)
    assert found.coverage == pytest.approx(archive.stats.coverage)
    assert found.qd_score == pytest.approx(archive.stats.qd_score)
    assert found.normalised == pytest.approx(archive.stats.norm_qd_score)
    assert found.mean == pytest.approx(archive.stats.obj_mean)


def test_a_profile_counts_cells_and_its_area_is_the_score() -> None:
    fitness = np.random.default_rng(2).uniform(size=30)
    thresholds = np.concatenate([fitness[:5], [0.0, 0.5, 1.0]])
    counted = [sum(value >= threshold for value in fitness) / 40 for threshold in thresholds]
    assert archive_profile(fitness, thresholds, cells=40).tolist() == counted
    fine = (np.arange(20000) + 0.5) / 20000
    area = archive_profile(fitness, fine, cells=40).mean()
    assert area == pytest.approx(quality_diversity(fitness, cells=40).normalised, abs=1e-4)


@pytest.mark.parametrize(
    ("fitness", "cells", "offset", "told"),
    [
        ([1.0, 2.0], 1, 0.0, "one elite a cell"),
        ([nan], 3, 0.0, "finite"),
        ([0.1], 3, 0.2, "offset no higher"),
        ([[0.1]], 3, 0.0, "finite number an elite"),
    ],
)
def test_what_is_no_archive_is_refused(fitness: list[float], cells: int, offset: float, told: str) -> None:
    with pytest.raises(DataError, match=told):
        quality_diversity(fitness, cells=cells, offset=offset)


def test_a_run_is_read_off_at_its_last_record() -> None:
    steps, values = [10, 20, 40], [1.0, 2.0, 3.0]
    for at in range(50):
        before = [value for step, value in zip(steps, values, strict=True) if step <= at]
        wanted = before[-1] if before and at <= 40 else nan
        (found,) = at_evaluations(steps, values, at)
        assert found == wanted or (isnan(found) and isnan(wanted))
    assert np.isnan(at_evaluations([], [], [1.0])).all()
    with pytest.raises(DataError, match="must rise"):
        at_evaluations([10, 10], [1.0, 2.0], 10)


def test_the_interval_over_seeds_is_students() -> None:
    values = [0.51, 0.47, 0.56, 0.50]
    found, interval = over_seeds(values, level=0.9), ttest_1samp(values, 0).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert (found.mean, found.sd, found.n) == pytest.approx((np.mean(values), np.std(values, ddof=1), 4))
    alone = over_seeds([0.4, nan])
    assert (alone.mean, alone.n) == (0.4, 1)
    assert isnan(alone.sd)
    assert isnan(alone.low)
    assert str(alone) == "0.400"
    with pytest.raises(DataError, match="level"):
        over_seeds([1.0], level=1.0)
