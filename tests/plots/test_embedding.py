"""The map of the embedding: the same each time, every row on it, no class hidden below another."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from evocative.errors import DataError
from evocative.plots.embedding import (
    FEW,
    map_coordinates,
    pca_coordinates,
    plot_embedding,
    umap_coordinates,
)
from evocative.plots.style import MISSING

Check = Callable[[Figure | Axes], list[str]]

NAMES, COLORS = ("awe", "fear"), ("#56B4E9", "#332288")


def test_the_same_seed_gives_the_same_map_and_groups_stay_together() -> None:
    rng = np.random.default_rng(0)
    embedding = np.repeat([[0.0] * 8, [9.0] * 8], 30, axis=0) + rng.normal(size=(60, 8))
    first, again = (umap_coordinates(embedding, seed=3) for _ in range(2))
    assert first.shape == (60, 2)
    assert (first == again).all()
    centers = first[:30].mean(axis=0), first[30:].mean(axis=0)
    spread = max(first[:30].std(), first[30:].std())
    assert np.linalg.norm(centers[0] - centers[1]) > 2 * spread


@pytest.mark.parametrize(("n_rows", "n_neighbors"), [(4, 3), (11, 10), (16, 15)])
def test_few_images_have_a_map(n_rows: int, n_neighbors: int) -> None:
    embedding = np.random.default_rng(1).normal(size=(n_rows, 5))
    assert np.isfinite(umap_coordinates(embedding, seed=0, n_neighbors=n_neighbors)).all()


def test_rows_that_coincide_have_a_map() -> None:
    assert np.isfinite(umap_coordinates(np.zeros((20, 4)), seed=0)).all()


@pytest.mark.parametrize(
    ("embedding", "n_neighbors", "message"),
    [
        (np.zeros((15, 3)), 15, "at least 16 images, found 15: add images, or take fewer neighbours"),
        (np.zeros((3, 3)), 2, "at least 4 images"),
        (np.zeros((30, 3)), 1, "n_neighbors ≥ 2"),
        (np.full((30, 3), np.nan), 15, "finite"),
        (np.zeros(30), 15, "found shape"),
    ],
)
def test_what_has_no_map_is_refused(embedding: np.ndarray, n_neighbors: int, message: str) -> None:
    with pytest.raises(DataError, match=message):
        umap_coordinates(embedding, seed=0, n_neighbors=n_neighbors)


def test_points_have_the_colour_of_their_label_and_rows_without_lie_below(drawn: Check) -> None:
    rng = np.random.default_rng(2)
    coordinates, labels = rng.normal(size=(90, 2)), rng.integers(-1, 2, 90)
    axes = plot_embedding(coordinates, labels, names=NAMES, colors=COLORS, title="β = 0.5")
    points = axes.collections[0]
    assert len(points.get_offsets()) == 90  # type: ignore[arg-type]
    palette = {0: COLORS[0], 1: COLORS[1], -1: MISSING}
    of_place = {
        tuple(place): palette[label]
        for place, label in zip(coordinates.tolist(), labels.tolist(), strict=True)
    }
    colors = points.get_facecolors()  # type: ignore[attr-defined]
    for place, color in zip(points.get_offsets().tolist(), colors, strict=True):  # type: ignore[union-attr]
        assert tuple(color[:3]) == pytest.approx(to_rgba(of_place[tuple(place)])[:3])
    n_missing = int((labels == -1).sum())
    assert {tuple(color[:3]) for color in colors[:n_missing]} == {to_rgba(MISSING)[:3]}
    switches = np.count_nonzero(np.any(np.diff(colors[n_missing:, :3], axis=0) != 0, axis=1))
    assert switches > 10  # the classes are mixed
    counts = {f"awe ({(labels == 0).sum()})", f"fear ({(labels == 1).sum()})", f"no label ({n_missing})"}
    assert counts | {"n = 90", "β = 0.5"} <= set(drawn(axes))


@pytest.mark.parametrize("n_classes", [2, 25])
def test_the_legend_fits(n_classes: int, drawn: Check) -> None:
    coordinates = np.random.default_rng(3).normal(size=(n_classes * 3, 2))
    names = [f"disappointment {place}" for place in range(n_classes)]
    axes = plot_embedding(coordinates, np.arange(n_classes * 3) % n_classes, names=names)
    assert "disappointment 1 (3)" in drawn(axes)


@pytest.mark.parametrize(
    ("coordinates", "labels"), [(np.zeros((3, 3)), [0, 0, 0]), (np.zeros((3, 2)), [0, 2, 0])]
)
def test_what_does_not_fit_is_refused(coordinates: np.ndarray, labels: list[int]) -> None:
    with pytest.raises(DataError, match="labels from -1 to 1"):
        plot_embedding(coordinates, labels, names=NAMES)


def test_principal_components_are_those_of_scikit_learn() -> None:
    from sklearn.decomposition import PCA

    rows = np.random.default_rng(0).normal(size=(30, 6)) @ np.diag([5, 3, 1, 1, 0.5, 0.1])
    points, share = pca_coordinates(rows)
    reference = PCA(2).fit(rows.astype(np.float32).astype(float))
    expected = reference.transform(rows.astype(np.float32).astype(float))
    signs = np.sign((points * expected).sum(axis=0))
    np.testing.assert_allclose(points, expected * signs, atol=1e-4)
    assert share == pytest.approx(reference.explained_variance_ratio_.sum(), abs=1e-6)
    mirrored, _ = pca_coordinates(rows[::-1])
    np.testing.assert_allclose(mirrored[::-1], points, atol=1e-4)  # an order of rows is no direction
    np.testing.assert_array_equal(pca_coordinates(np.ones((3, 4)))[0], np.zeros((3, 2)))
    with pytest.raises(DataError, match="two rows"):
        pca_coordinates(np.ones((1, 4)))


def test_few_rows_are_projected_and_many_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    from evocative.plots import embedding as module

    monkeypatch.setattr(module, "umap_coordinates", lambda rows, **_: np.zeros((len(rows), 2), np.float32))
    rows = np.random.default_rng(0).normal(size=(FEW, 2))
    assert map_coordinates(rows, seed=0, n_neighbors=15)[1] == "UMAP, 15 neighbours"
    points, how = map_coordinates(rows[:-1], seed=0, n_neighbors=15)
    assert how == "PCA, 100% of the variance"
    axes = plot_embedding(points, np.zeros(FEW - 1, int), names=["awe"], how=how)
    assert how in {text.get_text() for text in axes.texts}
