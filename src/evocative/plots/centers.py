"""Distances between class centres (Motiejauskas 2026, figures 5.4 and 5.5)."""

from collections.abc import Mapping, Sequence
from math import ceil

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import pdist, squareform

from evocative.errors import DataError
from evocative.plots.style import INK, new_axes, new_figure, styled, text_color_on

_LEAST = 0.27  # inches: side of a cell that a number fits into
_SCALE = LinearSegmentedColormap.from_list(
    "evocative.near", colormaps["Blues_r"](np.linspace(0.05, 0.97, 256))
)


def center_distances(centers: ArrayLike) -> NDArray[np.float64]:
    """Return the Euclidean distances (K, K) between centres (K, D): symmetric, 0 on the diagonal.

    Raises:
        DataError: the centres are not (K, D), K ≥ 2, or a value is not finite.
    """
    points = np.asarray(centers, dtype=np.float64)
    if points.ndim != 2 or len(points) < 2 or not np.isfinite(points).all():
        holes = "" if np.isfinite(points).all() else ", not all finite (a class without images?)"
        raise DataError(
            f"class centres must be finite, one a class, (K, D) with K ≥ 2: found shape {points.shape}{holes}"
        )
    return np.asarray(squareform(pdist(points)))


@styled
def plot_center_distances(
    centers: ArrayLike,
    *,
    names: Sequence[str],
    scale: tuple[float, float] | None = None,
    margin: float | None = None,
    title: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw the distances between class centres; each pair is shown once, below the diagonal.

    Args:
        centers: (K, D).
        names: the K classes.
        scale: the distances at the ends of the colour scale; those of these centres if None. Give several
            pictures of one space the same scale to compare them.
        margin: m of the contrastive-center loss: pairs nearer than this are outlined.
        title: above the matrix.
        axes: where to draw; a new figure if None.

    Raises:
        DataError: the centres are not finite (K, D), or there are not K names.
    """
    distances = center_distances(centers)
    if len(names) != len(distances):
        raise DataError(f"expected a name a centre, {len(distances)} of them, found {len(names)}")
    axes = new_axes(axes, *_size(names))
    image = _draw(axes, distances, names, Normalize(*(scale or _range(distances))), margin)
    axes.set_title(title or "")
    _colorbar(image, [axes])
    return axes


@styled
def plot_centers(
    centers: Mapping[str, ArrayLike],
    *,
    names: Sequence[str],
    common_scale: bool = False,
    margins: Mapping[str, float] | None = None,
    width: float | None = None,
) -> Figure:
    """Draw the class centres of several models beside each other.

    Args:
        centers: by title, each (K, D).
        names: the K classes.
        common_scale: one colour scale for all, so that colours can be compared. Only centres of one space
            have distances that compare: each training makes a space of its own. False: each its own scale.
        margins: by title, as `margin` of `plot_center_distances`.
        width: of the figure in inches; matrices that do not fit beside each other stand below each other.
            None: all in one row, as wide as it must be.

    Raises:
        DataError: there are no centres, or as `plot_center_distances`.
    """
    if not centers:
        raise DataError("no class centres were given: expected one set or more, by title")
    distances = {title: center_distances(points) for title, points in centers.items()}
    ends = np.array([_range(matrix) for matrix in distances.values()])
    common = (float(ends[:, 0].min()), float(ends[:, 1].max()))
    figure, every_axes = _grid(names, len(centers), width)
    for axes, (title, matrix) in zip(every_axes, distances.items(), strict=True):
        if matrix.shape[0] != len(names):
            raise DataError(f"{title}: expected {len(names)} centres, one a class, found {matrix.shape[0]}")
        scale = common if common_scale else _range(matrix)
        image = _draw(axes, matrix, names, Normalize(*scale), (margins or {}).get(title))
        axes.set_title(title)
        if not common_scale:
            _colorbar(image, [axes])
    if common_scale:
        _colorbar(image, every_axes, below=width is not None and _alone(every_axes))
    return figure


def _grid(names: Sequence[str], number: int, width: float | None) -> tuple[Figure, list[Axes]]:
    """Return a figure with axes for so many matrices: in one row, or as many in a row as the width allows."""
    one, height = _size(names)
    words = 0.062 * max(map(len, names)) + 0.15
    least = _LEAST * (len(names) - 1) + words
    columns = number if width is None else int(np.clip((width - 0.5) // least, 1, number))
    lines = ceil(number / columns)
    if width is None:
        figure = new_figure((one - 0.5) * columns + 0.5, height * lines)
    elif columns == 1:  # the scale stands below
        wide = min(width, one)
        figure = new_figure(wide, (wide + height - one + 0.85) * lines + 0.45)
    else:
        wide = min(width, (one - 0.5) * columns + 0.5)
        figure = new_figure(wide, ((wide - 0.55) / columns - words + 0.75 * words + 0.35) * lines)
    every = list(figure.subplots(lines, columns, squeeze=False).ravel())
    for spare in every[number:]:
        spare.remove()
    return figure, every[:number]


def _alone(every_axes: Sequence[Axes]) -> bool:
    """Say whether matrices stand below each other only."""
    place = every_axes[0].get_subplotspec()
    return place is not None and place.get_gridspec().ncols == 1


def _range(distances: NDArray[np.float64]) -> tuple[float, float]:
    """Return the least and the greatest distance, the diagonal left out; from 0 where all are the same."""
    pairs = distances[np.triu_indices(len(distances), 1)]
    low, high = float(pairs.min()), float(pairs.max())
    return (low, high) if high - low > 1e-6 * high else (0.0, high or 1.0)


def _size(names: Sequence[str]) -> tuple[float, float]:
    cell = 0.36 if len(names) <= 12 else 0.3
    words = 0.062 * max(map(len, names))
    side = max(cell * len(names), 1.2)
    return side + words + 1.0, side + words * 0.75 + 0.5


def _draw(
    axes: Axes, distances: NDArray[np.float64], names: Sequence[str], scale: Normalize, margin: float | None
) -> AxesImage:
    lower = np.ma.masked_where(np.triu(np.ones_like(distances, dtype=bool)), distances)[1:, :-1]
    image = axes.imshow(lower, cmap=_SCALE, norm=scale, aspect="equal", interpolation="nearest")
    decimals = 2 if distances.max() < 10 else 1 if distances.max() < 100 else 0
    for row, column in np.argwhere(~lower.mask).tolist():
        value = float(lower[row, column])
        color = text_color_on(_SCALE(float(np.clip(scale(value), 0, 1))))
        axes.text(column, row, f"{value:.{decimals}f}", ha="center", va="center", color=color, fontsize=6.5)
        if margin is not None and value < margin:
            axes.add_patch(
                Rectangle((column - 0.44, row - 0.44), 0.88, 0.88, fill=False, edgecolor=color, linewidth=1.1)
            )
    axes.set_xticks(range(len(names) - 1), names[:-1], rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names) - 1), names[1:])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if margin is not None:
        nearer = bool((lower.compressed() < margin).any())
        told = f"□ nearer than m = {margin:g}" if nearer else f"all at least m = {margin:g} apart"
        axes.set_xlabel(told, color=INK, fontsize=7)  # few cells leave no room above
    return image


def _colorbar(image: AxesImage, every_axes: list[Axes], *, below: bool = False) -> None:
    place = {"location": "bottom", "aspect": 30} if below else {"aspect": 22}
    bar = every_axes[0].figure.colorbar(image, ax=every_axes, shrink=0.8, pad=0.02, **place)
    bar.set_label("distance of centres")
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=2)
