"""The embedding as a map: UMAP to two dimensions, coloured by label (Motiejauskas 2026, figures 5.1–5.3)."""

import warnings
from collections.abc import Sequence
from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.plots.style import FAINT, MISSING, colors_for, edge_of, new_axes, styled


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
    rows = np.asarray(embedding, dtype=np.float32)
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise DataError(f"a map needs an embedding (N, D) of finite values, found shape {rows.shape}")
    if n_neighbors < 2 or len(rows) < max(4, n_neighbors + 1):
        raise DataError(
            f"a map by UMAP with n_neighbors={n_neighbors} needs n_neighbors ≥ 2 and at least "
            f"{max(4, n_neighbors + 1)} images, found {len(rows)}: add images, or take fewer neighbours"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of UMAP and what it imports; none is ours to mend
        from umap import UMAP

        reducer = UMAP(
            n_neighbors=n_neighbors,
            min_dist=min_dist,
            metric=metric,
            random_state=seed,
            n_jobs=1,
            init="spectral" if len(rows) > 10 else "random",  # the spectrum of a few rows is none
        )
        return np.asarray(reducer.fit_transform(rows), dtype=np.float32)


@styled
def plot_embedding(
    coordinates: ArrayLike,
    labels: ArrayLike,
    *,
    names: Sequence[str],
    colors: Sequence[str] | None = None,
    title: str | None = None,
    legend: bool = True,
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
        axes: where to draw; a new figure if None.

    Raises:
        DataError: shapes do not match.
    """
    points, classes = np.asarray(coordinates), np.asarray(labels)
    if points.shape != (len(classes), 2) or (
        classes.size and not -1 <= classes.min() <= classes.max() < len(names)
    ):
        raise DataError(
            f"a map needs coordinates (N, 2) and N labels from -1 to {len(names) - 1}: "
            f"found {points.shape} and {classes.shape}"
        )
    palette = [*colors_for(names, colors), MISSING]
    order = np.random.default_rng(0).permutation(len(classes))
    order = order[np.argsort(classes[order] >= 0, kind="stable")]
    axes = new_axes(axes, 3.5 + (1.25 * ceil(len(names) / 16) if legend else 0), 3.3)
    axes.scatter(
        points[order, 0],
        points[order, 1],
        c=[palette[label] for label in classes[order]],
        s=float(np.clip(4000 / max(len(classes), 1), 1.2, 22)),
        alpha=0.85 if len(classes) < 3000 else 0.65,
        linewidths=0.25 if len(classes) < 500 else 0,
        edgecolors=[edge_of(palette[label]) for label in classes[order]],
        rasterized=True,
    )
    _frame(axes, points)
    axes.set_title(title or "")
    if legend:
        _legend(axes, classes, names, palette)
    return axes


def _frame(axes: Axes, points: NDArray[np.floating]) -> None:
    """Leave out what has no meaning: ticks and units. Keep the proportions, which have some."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(FAINT)
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.05)
    axes.text(1, -0.02, f"n = {len(points):,}", transform=axes.transAxes, ha="right", va="top", fontsize=7)


def _legend(axes: Axes, classes: NDArray[np.integer], names: Sequence[str], palette: Sequence[str]) -> None:
    entries = [*enumerate(names)]
    if (classes == -1).any():
        entries.append((-1, "no label"))
    handles = [
        Line2D(
            [],
            [],
            marker="o",
            linestyle="",
            markersize=4.5,
            color=palette[place],
            markeredgecolor=edge_of(palette[place]),
            markeredgewidth=0.5,
            label=f"{name} ({np.count_nonzero(classes == place):,})",
        )
        for place, name in entries
    ]
    columns = ceil(len(handles) / 16)
    axes.legend(
        handles=handles,
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
        ncols=columns,
        handletextpad=0.2,
        borderaxespad=0.2,
    )
