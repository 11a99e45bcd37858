"""Maps against fixations: the worked case, naive formulas, and what must not matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import pearsonr

from evocative.errors import DataError
from evocative.metrics.map_values import as_fixations, min_max, resize_map
from evocative.metrics.saliency import cc, kl, nss, saliency_metrics, sim

MAP = np.array(
    [[0.10, 0.22, 0.31, 0.44], [0.52, 0.95, 0.83, 0.24], [0.13, 0.71, 0.62, 0.33], [0.01, 0.27, 0.16, 0.05]]
)
FIXATIONS = [(1, 1), (1, 2), (3, 1)]
DENSITY = [[0, 1, 1, 0], [1, 6, 4, 1], [0, 3, 2, 1], [0, 1, 0, 0]]


def drawn(
    seed: int, shape: tuple[int, int] = (9, 12)
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return a map, seven fixations and a density."""
    rng = np.random.default_rng(seed)
    fixations = np.stack([rng.integers(side, size=7) for side in shape], axis=1)
    return rng.random(shape), fixations, rng.random(shape) + 0.01


def test_the_worked_case_to_six_digits() -> None:
    assert cc(MAP, DENSITY) == pytest.approx(0.901660, abs=5e-7)
    assert sim(MAP, DENSITY) == pytest.approx(0.789579, abs=5e-7)
    assert kl(MAP, DENSITY) == pytest.approx(0.214392, abs=5e-7)
    assert nss(MAP, FIXATIONS) == pytest.approx(1.107692, abs=5e-7)
    assert nss(MAP, FIXATIONS, ddof=0) == pytest.approx(1.144019, abs=5e-7)


@pytest.mark.parametrize("seed", range(5))
def test_every_figure_is_its_formula(seed: int) -> None:
    values, fixations, density = drawn(seed)
    share, truth = values / values.sum(), density / density.sum()
    assert cc(values, density) == pytest.approx(pearsonr(values.ravel(), density.ravel()).statistic)
    assert sim(values, density, stretch=False) == pytest.approx(sum(map(min, share.flat, truth.flat)))
    stretched = [(each - each.min()) / (each.max() - each.min()) for each in (values, density)]
    expected = sum(map(min, *((each / each.sum()).flat for each in stretched)))
    assert sim(values, density) == pytest.approx(expected)
    eps = 2.2204e-16
    assert kl(values, density) == pytest.approx(
        sum(g * np.log(eps + g / (s + eps)) for g, s in zip(truth.flat, share.flat, strict=True))
    )
    at = [values[row, column] for row, column in {tuple(place) for place in fixations.tolist()}]
    assert nss(values, fixations) == pytest.approx((np.mean(at) - values.mean()) / values.std(ddof=1))
    at = [values[row, column] for row, column in fixations.tolist()]
    assert nss(values, fixations, ddof=0, repeated=True) == pytest.approx(
        (np.mean(at) - values.mean()) / values.std()
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 50), st.floats(-3, 3))
def test_scale_and_offset_do_not_matter_where_they_must_not(seed: int, scale: float, offset: float) -> None:
    values, fixations, density = drawn(seed)
    other = scale * values + offset
    assert cc(other, density) == pytest.approx(cc(values, density), abs=1e-9)
    assert sim(other, density) == pytest.approx(sim(values, density), abs=1e-9)
    assert nss(other, fixations) == pytest.approx(nss(values, fixations), abs=1e-9)
    assert kl(scale * values, density) == pytest.approx(kl(values, density), abs=1e-9)
    assert kl(values, scale * density) == pytest.approx(kl(values, density), abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_a_picture_may_be_mirrored_and_turned(seed: int) -> None:
    values, fixations, density = drawn(seed)
    mirrored = fixations * [1, -1] + [0, values.shape[1] - 1]
    turned = fixations[:, ::-1]
    before = (cc(values, density), sim(values, density), kl(values, density), nss(values, fixations))
    for v, d, f in ((values[:, ::-1], density[:, ::-1], mirrored), (values.T, density.T, turned)):
        assert (cc(v, d), sim(v, d), kl(v, d), nss(v, f)) == pytest.approx(before)


def test_the_best_and_the_worst_there_is() -> None:
    values, _, _ = drawn(0)
    assert (cc(values, values), sim(values, values)) == pytest.approx((1, 1))
    assert kl(values, values) == pytest.approx(0, abs=1e-12)
    left, right = np.zeros((2, 2)), np.zeros((2, 2))
    left[:, 0], right[:, 1] = 1, 1
    assert cc(left, right) == pytest.approx(-1)
    assert sim(left, right) == 0
    assert kl(left, right) == pytest.approx(np.log(0.5 / 2.2204e-16))  # about 35: misses are what it punishes
    assert kl(left, right, eps=1e-3) == pytest.approx(np.log(1e-3 + 0.5 / 1e-3))


def test_what_is_undefined_is_nan() -> None:
    flat, (values, _, density) = np.full((9, 12), 0.3), drawn(0)
    assert np.isnan([cc(flat, density), cc(density, flat), sim(flat, density), nss(flat, [(0, 0)])]).all()
    assert np.isnan([nss(values, []), kl(0 * flat, density), kl(values, 0 * flat)]).all()
    assert 0 < sim(flat, density, stretch=False) < 1


def test_all_figures_at_once() -> None:
    values, fixations, density = drawn(3)
    metrics = saliency_metrics(values, fixations, density, others=[(0, 0), (4, 4)], with_emd=False)
    assert metrics.n_fixations == 7
    figures = metrics.figures()
    assert list(figures) == ["auc", "auc_judd", "auc_borji", "auc_shuffled", "nss", "cc", "sim", "kl", "emd"]
    assert np.isnan(figures.pop("emd"))
    assert np.isfinite(list(figures.values())).all()
    assert np.isnan(saliency_metrics(values, fixations, density, with_emd=False).auc_shuffled)


@pytest.mark.parametrize("level", [0.0, 0.3, -2.0])
def test_a_constant_map_has_chance_or_nothing(level: float) -> None:
    values, fixations, density = drawn(4)
    found = saliency_metrics(
        np.full(values.shape, level), fixations, density, others=[(0, 0), (4, 4)], with_emd=level <= 0
    )
    assert (found.auc, found.auc_judd, found.auc_borji, found.auc_shuffled) == (0.5, 0.5, 0.5, 0.5)
    assert np.isnan([found.nss, found.cc, found.sim]).all()
    if level <= 0:  # no shares of nothing, and none below it
        assert np.isnan([found.kl, found.emd]).all()
    else:
        assert found.kl == pytest.approx(float(np.log(density.size) + _entropy(density)))


def _entropy(density: NDArray[np.float64]) -> float:
    """Return sum of G ln G."""
    truth = density / density.sum()
    return float((truth * np.log(truth)).sum())


def test_values_below_zero_keep_their_order_and_have_no_shares() -> None:
    values, fixations, density = drawn(5)
    plain = saliency_metrics(values, fixations, density, with_emd=False)
    moved = saliency_metrics(values - 0.5, fixations, density)
    assert np.isnan([moved.kl, moved.emd]).all()
    for name in ("auc", "auc_judd", "auc_borji", "nss", "cc", "sim"):
        assert getattr(moved, name) == pytest.approx(getattr(plain, name), abs=1e-9)


def test_nobody_looked_and_everybody_looked_twice() -> None:
    values, fixations, density = drawn(6)
    nobody = saliency_metrics(values, [], density, others=fixations, with_emd=False)
    assert nobody.n_fixations == 0
    assert np.isnan([nobody.auc, nobody.auc_judd, nobody.auc_borji, nobody.auc_shuffled, nobody.nss]).all()
    assert np.isfinite([nobody.cc, nobody.sim, nobody.kl]).all()
    once, twice = (
        saliency_metrics(values, each, density, others=[(0, 0)], with_emd=False)
        for each in (np.unique(fixations, axis=0), np.concatenate([fixations, fixations]))
    )
    assert once.figures() == pytest.approx(twice.figures(), nan_ok=True)


def test_what_does_not_fit_is_refused() -> None:
    values, _, density = drawn(0)
    with pytest.raises(DataError, match="must be the same"):
        cc(values, density[1:])
    with pytest.raises(DataError, match="0 or above"):
        kl(-values, density)
    with pytest.raises(DataError, match="0 or above"):
        sim(values, -density, stretch=False)
    with pytest.raises(DataError, match="eps must be above 0"):
        kl(values, density, eps=0)
    with pytest.raises(DataError, match="row 9, column 0"):
        nss(values, [(9, 0)])
    with pytest.raises(DataError, match="whole numbers"):
        nss(values, [(1.5, 2.0)])
    with pytest.raises(DataError, match="finite"):
        nss(np.full((2, 2), np.nan), [(0, 0)])


def test_fixations_that_repeat() -> None:
    places = [(1, 2), (0, 3), (1, 2)]
    assert as_fixations(places, (2, 4)).tolist() == [[1, 2], [0, 3], [1, 2]]
    assert as_fixations(places, (2, 4), repeated=False).tolist() == [[0, 3], [1, 2]]


def test_sizes_and_stretching() -> None:
    values = np.random.default_rng(0).random((5, 7))
    assert resize_map(values, 5, 7) == pytest.approx(values)
    assert resize_map(np.full((3, 3), 0.25), 11, 2) == pytest.approx(0.25)
    assert resize_map(values, 10, 14).mean() == pytest.approx(values.mean(), rel=0.05)
    assert min_max([[2, 4], [6, 4]]).tolist() == [[0, 0.5], [1, 0.5]]
    with pytest.raises(DataError, match="shape"):
        resize_map(values[0], 2, 2)
