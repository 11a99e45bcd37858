"""Maps of several models: what is drawn where, and images laid over them."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.offsetbox import AnnotationBbox

from evocative.errors import DataError
from evocative.plots.embedding import umap_coordinates, umap_overlay
from evocative.plots.maps import MOST_PICTURES, Map, Overlay, _apart, plot_maps

Check = Callable[..., list[str]]
NAMES = ("awe", "fear", "contentment")


def some(seed: int = 0, overlay: Overlay | None = None, n: int = 60) -> Map:
    rng = np.random.default_rng(seed)
    return Map(rng.normal(size=(n, 2)), rng.integers(-1, 3, size=n), overlay)


def test_one_legend_for_all(drawn: Check) -> None:
    figure = plot_maps({"(a) plain": some(), "(b) with the loss": some(1), "(c)": some(2, n=30)}, names=NAMES)
    said = drawn(figure)
    for text in (*NAMES, "no label", "(a) plain", "(b) with the loss", "n = 30"):
        assert said.count(text) == 1
    assert said.count("n = 60") == 2
    assert figure.get_figwidth() == pytest.approx(3.5)


def test_images_lie_over_the_map_or_rings_where_they_are_many(drawn: Check, photograph: np.ndarray) -> None:
    points = np.zeros((3, 2))  # all at one place: they are moved apart
    few = Overlay(points, np.array([0, 1, 2]), [photograph] * 3)
    figure = plot_maps({"a": some(overlay=few)}, names=NAMES)
    drawn(figure)
    boxes = [artist for artist in figure.axes[0].artists if isinstance(artist, AnnotationBbox)]
    extents = [box.patch.get_window_extent() for box in boxes]  # the frames
    assert len(boxes) == 3
    assert extents[0].width > 20
    assert not any(a.overlaps(b) for k, a in enumerate(extents) for b in extents[k + 1 :])
    m = MOST_PICTURES + 1
    many = Overlay(np.zeros((m, 2)), np.zeros(m, dtype=int), [photograph] * m)
    axes = plot_maps({"a": some(overlay=many)}, names=NAMES).axes[0]
    assert [len(np.asarray(one.get_offsets())) for one in axes.collections] == [60, m]


def test_cells_are_moved_apart_and_stay_inside() -> None:
    cell = np.array([0.2, 0.1])
    found = _apart(np.full((8, 2), 0.95).clip(cell / 2, 1 - cell / 2), cell)
    gaps = np.abs(found[:, None] - found[None]) / cell
    apart = gaps.max(axis=2) >= 1 - 1e-6
    assert apart[~np.eye(8, dtype=bool)].all()
    assert (found >= cell / 2 - 1e-9).all()
    assert (found <= 1 - cell / 2 + 1e-9).all()
    lonely = np.array([[0.3, 0.3], [0.7, 0.7]])
    np.testing.assert_array_equal(_apart(lonely, cell), lonely)
    crowd = np.full((80, 2), 0.5)  # there is room for 50
    assert np.isfinite(_apart(crowd, cell)).all()


def test_an_overlay_finds_its_like() -> None:
    rng = np.random.default_rng(0)
    blobs = np.repeat(np.array([[0.0] * 6, [9.0] * 6]), 30, axis=0) + rng.normal(size=(60, 6))
    others = np.array([[0.2] * 6, [8.8] * 6])
    points, places = umap_overlay(blobs, others, seed=1, n_neighbors=8)
    np.testing.assert_array_equal(points, umap_coordinates(blobs, seed=1, n_neighbors=8))
    middles = np.array([points[:30].mean(0), points[30:].mean(0)])
    nearest = np.linalg.norm(places[:, None] - middles[None], axis=2).argmin(axis=1)
    assert nearest.tolist() == [0, 1]
    with pytest.raises(DataError, match="of one model"):
        umap_overlay(blobs, np.zeros((2, 5)), seed=0)


def test_refusals(photograph: np.ndarray) -> None:
    with pytest.raises(DataError, match="expected maps"):
        plot_maps({}, names=NAMES)
    with pytest.raises(DataError, match="coordinates"):
        plot_maps({"a": Map(np.zeros((3, 2)), np.array([0, 1, 3]))}, names=NAMES)
    with pytest.raises(DataError, match="overlay"):
        plot_maps(
            {"a": some(overlay=Overlay(np.zeros((2, 2)), np.zeros(2, dtype=int), [photograph]))}, names=NAMES
        )
