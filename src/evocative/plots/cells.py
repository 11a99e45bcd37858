"""The valence–arousal plane in 4 × 4 cells with emotion words (Cybulski 2019, figure 1), and images on it."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.plots.style import COLUMN_WIDTH, INK, MUTED, edge_of, new_axes, new_figure, styled
from evocative.taxonomy.dimensions import Scale, scale
from evocative.taxonomy.emotion_words import CELLS

SIDE: Final = 4
"""Cells a side."""
_SHADES = LinearSegmentedColormap.from_list("evocative.cells", colormaps["Blues"](np.linspace(0, 0.55, 256)))

Words = Sequence[Sequence[Sequence[str]]]


def cell_counts(valence: ArrayLike, arousal: ArrayLike) -> NDArray[np.int64]:
    """Count images in the 4 × 4 cells.

    Args:
        valence: (N,) in [-1, 1]; NaN where missing.
        arousal: (N,), likewise. Rows where either is missing count nowhere.

    Returns:
        (4, 4): rows from high to low arousal, columns from low to high valence, as the picture is read. A
        value on a border belongs to the cell above it.

    Raises:
        DataError: The shapes do not match, or a value lies outside [-1, 1].
    """
    across, up = _points(valence, arousal)
    there = ~(np.isnan(across) | np.isnan(up))
    column, row = (
        np.clip(np.floor((axis[there] + 1) / 2 * SIDE), 0, SIDE - 1).astype(np.int64) for axis in (across, up)
    )
    counts = np.zeros((SIDE, SIDE), dtype=np.int64)
    np.add.at(counts, (SIDE - 1 - row, column), 1)
    return counts


@styled
def plot_cells(
    valence: ArrayLike,
    arousal: ArrayLike,
    *,
    words: Words | None = CELLS,
    colors: str | Sequence[str] | None = None,
    legend: Mapping[str, str] | None = None,
    on: Scale | None = None,
    title: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw images on the 4 × 4 cells: a point an image, a cell the darker the more lie in it.

    Args:
        valence: (N,) in [-1, 1]; NaN where missing. Without any, the empty plane is drawn.
        arousal: (N,), likewise.
        words: Of the cells, rows from high to low arousal; those of the document by default, None for none.
        colors: Of the points, one for all or one a point.
        legend: Names to colours.
        on: The scale on the axes; 1 to 9 as in the document by default.
        title: Above the plane.
        axes: Where to draw; a new figure if None.

    Raises:
        DataError: Shapes do not match, a value lies outside [-1, 1], or there are not 4 × 4 cells of words.
    """
    counts, (across, up) = cell_counts(valence, arousal), _points(valence, arousal)
    if words is not None and [len(row) for row in words] != [SIDE] * SIDE:
        raise DataError(f"expected words for {SIDE} × {SIDE} cells, found {[len(row) for row in words]}")
    if colors is not None and not isinstance(colors, str) and len(colors) != across.size:
        raise DataError(f"expected one colour, or one a point ({across.size}), found {len(colors)}")
    axes, on = new_axes(axes, COLUMN_WIDTH, 3.4), on or scale("1..9")
    _draw_cells(axes, counts, words, on)
    there = ~(np.isnan(across) | np.isnan(up))
    palette = np.array([colors or INK] * across.size if colors is None or isinstance(colors, str) else colors)
    _draw_points(axes, on.from_unit(across[there]), on.from_unit(up[there]), palette[there].tolist())
    for name, color in (legend or {}).items():
        axes.plot([], [], "o", color=color, markeredgecolor=edge_of(color), markersize=3.5, label=name)
    if legend:
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=4, handletextpad=0.1, columnspacing=0.9
        )
    axes.set_title(title or "")
    return axes


@styled
def plot_cells_of(
    runs: Mapping[str, tuple[ArrayLike, ArrayLike]],
    *,
    colors: Mapping[str, Sequence[str]] | None = None,
    legend: Mapping[str, str] | None = None,
    width: float | None = None,
) -> Figure:
    """Draw several models' images side by side, each on a plane of its own.

    Args:
        runs: Title to valence and arousal, (N,) each.
        colors: Title to a colour a point.
        legend: Names to colours, the same for all.
        width: Of the figure, inches; a column for each by default.
    """
    width = width or COLUMN_WIDTH * len(runs)
    figure = new_figure(width, width / len(runs) * (1.12 if legend else 1.0))
    places = figure.subplots(1, len(runs), squeeze=False)[0]
    for (title, (valence, arousal)), axes in zip(runs.items(), places, strict=True):
        some = None if colors is None else colors.get(title)
        plot_cells(valence, arousal, colors=some, legend=legend, title=title, axes=axes)
    return figure


def _points(valence: ArrayLike, arousal: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    across, up = (np.atleast_1d(np.asarray(axis, np.float64)) for axis in (valence, arousal))
    if across.ndim != 1 or across.shape != up.shape:
        raise DataError(f"valence and arousal must both be (N,): found {across.shape} and {up.shape}")
    if (np.abs(across) > 1 + 1e-6).any() or (np.abs(up) > 1 + 1e-6).any():
        raise DataError("valence and arousal must lie in [-1, 1]: convert them with taxonomy.Scale")
    return across, up


def _draw_cells(axes: Axes, counts: NDArray[np.int64], words: Words | None, on: Scale) -> None:
    total, ends = int(counts.sum()), (on.low, on.high)
    shares = counts / max(total, 1)
    axes.imshow(
        shares, cmap=_SHADES, vmin=0, vmax=max(float(shares.max()), 1e-9), extent=(*ends, *ends), zorder=0
    )
    borders = np.linspace(*ends, SIDE + 1)
    axes.set(xlim=ends, ylim=ends, xticks=borders, yticks=borders)
    axes.grid(color="white" if total else "#BBBBBB", linewidth=1.2)
    axes.set_xlabel("valence")
    axes.set_ylabel("arousal")
    size, halo = (on.high - on.low) / SIDE, [withStroke(linewidth=1.6, foreground="white")]
    for row, column in np.ndindex(SIDE, SIDE):
        x, y = on.low + size * column, on.high - size * row
        if words is not None:
            text = "\n".join(words[row][column])
            axes.text(
                x + size / 2, y - size / 2, text, ha="center", va="center", fontsize=6, color=INK,
                linespacing=1.1, path_effects=halo, zorder=4,
            )  # fmt: skip
        if total:
            share = f"{100 * shares[row, column]:.0f} %" if counts[row, column] else ""
            axes.text(
                x + 0.04 * size, y - 0.04 * size, share, va="top", fontsize=5, color=MUTED, path_effects=halo,
                zorder=4,
            )  # fmt: skip
    if total:
        axes.text(1, 1.01, f"n = {total:,}", transform=axes.transAxes, ha="right", va="bottom", fontsize=6.5)


def _draw_points(axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], colors: list[str]) -> None:
    axes.scatter(
        x, y, c=colors or None, s=float(np.clip(2000 / max(x.size, 1), 1.5, 22)), linewidths=0,
        alpha=0.85 if x.size < 300 else 0.55, zorder=3, rasterized=x.size > 1000,
    )  # fmt: skip
