"""The embedding as a map: UMAP to two dimensions, coloured by label (Motiejauskas 2026, figures 5.1–5.3).

Of a few rows UMAP shows its own noise, and takes its time to do so: these are projected (`map_coordinates`).
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.plots.style import FAINT, MISSING, colors_for, edge_of, new_axes, styled

FEW = 100
"""Rows below which a map is the plane of the first two principal components."""


def map_coordinates(embedding: ArrayLike, *, seed: int, n_neighbors: int) -> tuple[NDArray[np.float32], str]:
    """Return two coordinates a row, shape (N, 2), and how they were found, as a picture should say.

    Args:
        embedding: (N, D), finite.
        seed: of UMAP.
        n_neighbors: of UMAP.

    Raises:
        DataError: as `umap_coordinates`; a projection needs two rows.
    """
    rows = _rows(embedding)
    if len(rows) >= FEW:
        return umap_coordinates(rows, seed=seed, n_neighbors=n_neighbors), f"UMAP, {n_neighbors} neighbours"
    points, share = pca_coordinates(rows)
    return points, f"PCA, {share:.0%} of the variance"


def pca_coordinates(embedding: ArrayLike) -> tuple[NDArray[np.float32], float]:
    """Return the first two principal components, shape (N, 2), and their share of the variance.

    Args:
        embedding: (N, D), finite; N and D at least 2.

    Raises:
        DataError: a value is not finite, or there are too few.
    """
    rows = _rows(embedding)
    if min(rows.shape) < 2:
        raise DataError(f"a projection needs two rows and two numbers a row, found shape {rows.shape}")
    centred = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(right[[0, 1], np.abs(right[:2]).argmax(axis=1)])  # the SVD leaves them open
    variance = np.sum(sizes**2)
    share = float(np.sum(sizes[:2] ** 2) / variance) if variance > 0 else 1.0
    return (left[:, :2] * sizes[:2] * signs).astype(np.float32), share


def umap_coordinates(
    embedding: ArrayLike,
    *,
    seed: int,
    n_neighbors: int = 15,
    min_dist: float = 0.1,
    metric: str = "euclidean",
) -> NDArray[np.float32]:
    """Return two coordinates a row by UMAP (McInnes 2018), shape (N, 2).

    The same rows, settings and seed give the same map on one machine; the axes have no unit and no direction.

    Args:
        embedding: (N, D), finite.
        seed: of the optimisation.
        n_neighbors: how many neighbours a row is held to; few show detail, many the whole.
        min_dist: how near to each other rows may be drawn.
        metric: how neighbours are found in the embedding.

    Raises:
        DataError: a value is not finite, or there are not more rows than neighbours (at least 4 rows).
    """
    rows = _rows(embedding)
    with _quiet():
        reducer = _reducer(rows, seed, n_neighbors=n_neighbors, min_dist=min_dist, metric=metric)
        return np.asarray(reducer.fit_transform(rows), dtype=np.float32)


def umap_overlay(
    embedding: ArrayLike, others: ArrayLike, *, seed: int, n_neighbors: int = 15
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the map of some rows, and the places on it of other rows that took no part in making it.

    Args:
        embedding: (N, D), finite: what the map is of, as `umap_coordinates`.
        others: (M, D), finite, of the same model.
        seed: of the optimisation.
        n_neighbors: as `umap_coordinates`.

    Returns:
        Coordinates (N, 2) and (M, 2). Those of `others` lie near the rows that are like them, and cannot tell
        that nothing is.

    Raises:
        DataError: as `umap_coordinates`, or the two are of different sizes.
    """
    rows, strangers = _rows(embedding), _rows(others)
    if rows.shape[1] != strangers.shape[1]:
        raise DataError(
            "an overlay needs embeddings of one model: "
            f"found {rows.shape[1]} and {strangers.shape[1]} numbers"
        )
    with _quiet():
        reducer = _reducer(rows, seed, n_neighbors=n_neighbors)
        points = np.asarray(reducer.fit_transform(rows), dtype=np.float32)
        return points, np.asarray(reducer.transform(strangers), dtype=np.float32)


def _rows(embedding: ArrayLike) -> NDArray[np.float32]:
    rows = np.asarray(embedding, dtype=np.float32)
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise DataError(f"a map needs an embedding (N, D) of finite values, found shape {rows.shape}")
    return rows


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out the warnings of UMAP and of what it imports; none is ours to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _reducer(
    rows: NDArray[np.float32],
    seed: int,
    *,
    n_neighbors: int,
    min_dist: float = 0.1,
    metric: str = "euclidean",
) -> Any:
    if n_neighbors < 2 or len(rows) < max(4, n_neighbors + 1):
        raise DataError(
            f"a map by UMAP with n_neighbors={n_neighbors} needs n_neighbors ≥ 2 and at least "
            f"{max(4, n_neighbors + 1)} images, found {len(rows)}: add images, or take fewer neighbours"
        )
    from umap import UMAP

    return UMAP(
        n_neighbors=n_neighbors,
        min_dist=min_dist,
        metric=metric,
        random_state=seed,
        n_jobs=1,
        init="spectral" if len(rows) > 10 else "random",  # the spectrum of a few rows is none
    )


@styled
def plot_embedding(
    coordinates: ArrayLike,
    labels: ArrayLike,
    *,
    names: Sequence[str],
    colors: Sequence[str] | None = None,
    title: str | None = None,
    legend: bool = True,
    how: str = "",
    axes: Axes | None = None,
) -> Axes:
    """Draw rows as points of a plane, coloured by label.

    Points are drawn in an order that does not depend on the label, so that no class covers another; those
    without a label lie below. The legend tells how many of each there are.

    Args:
        coordinates: (N, 2).
        labels: (N,) class indices, -1 where missing.
        names: the K classes.
        colors: of the K classes.
        title: above the map.
        legend: whether to name the classes beside it.
        how: the coordinates were found, written below the map.
        axes: where to draw; a new figure if None.

    Raises:
        DataError: shapes do not match.
    """
    points, classes = np.asarray(coordinates), np.asarray(labels)
    palette = [*colors_for(names, colors), MISSING]
    axes = new_axes(axes, 3.5 + (1.25 * ceil(len(names) / 16) if legend else 0), 3.3)
    draw_points(axes, points, classes, palette, how=how)
    axes.set_title(title or "")
    if legend:
        _legend(axes, classes, names, palette)
    return axes


def draw_points(
    axes: Axes,
    points: NDArray[np.floating],
    classes: NDArray[np.integer],
    palette: Sequence[str],
    *,
    how: str = "",
) -> None:
    """Draw points (N, 2) in the colours of their classes (N,); the palette's last colour is of -1.

    Below them stands how many they are, and how they were found.

    Raises:
        DataError: shapes do not match.
    """
    if points.shape != (len(classes), 2) or (
        classes.size and not -1 <= classes.min() <= classes.max() < len(palette) - 1
    ):
        raise DataError(
            f"a map needs coordinates (N, 2) and N labels from -1 to {len(palette) - 2}: "
            f"found {points.shape} and {classes.shape}"
        )
    order = np.random.default_rng(0).permutation(len(classes))
    order = order[np.argsort(classes[order] >= 0, kind="stable")]
    inches = axes.get_window_extent().width / axes.figure.dpi
    axes.scatter(
        points[order, 0],
        points[order, 1],
        c=[palette[label] for label in classes[order]],
        s=float(np.clip(4000 / max(len(classes), 1), 1.2, 22)) * float(np.clip(inches / 3, 0.55, 1)),
        alpha=0.85 if len(classes) < 3000 else 0.65,
        linewidths=0.25 if len(classes) < 500 else 0,
        edgecolors=[edge_of(palette[label]) for label in classes[order]],
        rasterized=True,
    )
    _frame(axes, points, how)


def _frame(axes: Axes, points: NDArray[np.floating], how: str) -> None:
    """Leave out what has no meaning: ticks and units. Keep the proportions, which have some."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(FAINT)
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.05)
    axes.text(0, -0.02, how, transform=axes.transAxes, ha="left", va="top", fontsize=7)
    axes.text(1, -0.02, f"n = {len(points):,}", transform=axes.transAxes, ha="right", va="top", fontsize=7)


def _legend(axes: Axes, classes: NDArray[np.integer], names: Sequence[str], palette: Sequence[str]) -> None:
    handles = legend_handles(classes, names, palette)
    axes.legend(
        handles=handles,
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
        ncols=ceil(len(handles) / 16),
        handletextpad=0.2,
        borderaxespad=0.2,
    )


def legend_handles(
    classes: NDArray[np.integer], names: Sequence[str], palette: Sequence[str], *, counts: bool = True
) -> list[Line2D]:
    """Return a legend's entries: a dot a class, and how many points it has where that is wanted."""
    entries = [*enumerate(names)]
    if (classes == -1).any():
        entries.append((-1, "no label"))
    return [
        Line2D(
            [],
            [],
            marker="o",
            linestyle="",
            markersize=4.5,
            color=palette[place],
            markeredgecolor=edge_of(palette[place]),
            markeredgewidth=0.5,
            label=f"{name} ({np.count_nonzero(classes == place):,})" if counts else name,
        )
        for place, name in entries
    ]
