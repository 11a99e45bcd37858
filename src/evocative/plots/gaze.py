"""Maps beside where people looked, and how well each kind of map says it."""

from collections.abc import Mapping, Sequence
from math import isfinite
from textwrap import fill
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from evocative.errors import DataError
from evocative.plots.overlay import overlay
from evocative.plots.style import INK, MUTED, PAGE_WIDTH, new_figure, styled
from evocative.plots.thumbnails import Picture, thumbnail

FIXATION = "#FFD400"


class Looked(NamedTuple):
    """A picture, where people looked, and maps of it."""

    picture: Picture
    fixations: ArrayLike
    """(k, 2): row and column from 0, of a picture of `size`."""
    size: tuple[int, int]
    """Height and width that the fixations are of."""
    maps: Mapping[str, ArrayLike]
    """(h, w) by name, 0 or above; the names of the first row head the columns."""


class Bar(NamedTuple):
    """A mean and its interval; the ends may be nan."""

    value: float
    low: float
    high: float


@styled
def plot_gaze(rows: Sequence[Looked], *, width: float = PAGE_WIDTH) -> Figure:
    """Draw pictures with people's fixations, and their maps, a row a picture and a column a map.

    Args:
        rows: One or more, all with maps of the same names; a missing map leaves its place empty.
        width: Of the figure, inches.

    Raises:
        DataError: There is nothing to draw.
    """
    if not rows:
        raise DataError("a picture of gaze needs an image or more")
    names = list(rows[0].maps)
    side = width / (1 + len(names))
    shape = thumbnail(rows[0].picture, pixels=64).shape
    figure = new_figure(width, (side * shape[0] / shape[1] + 0.06) * len(rows) + 0.25)
    grid = figure.subplots(len(rows), 1 + len(names), squeeze=False)
    for axes, title in zip(grid[0], ("fixations", *names), strict=True):
        axes.set_title(fill(title, 16), fontsize=6.5, pad=3, color=INK, loc="left")
    for line, row in zip(grid, rows, strict=True):
        for axes in line:
            axes.set_axis_off()
        _draw_fixations(line[0], row)
        for axes, name in zip(line[1:], names, strict=True):
            if name in row.maps:
                axes.imshow(overlay(row.picture, np.asarray(row.maps[name], np.float32), pixels=300))
    return figure


@styled
def plot_gaze_figures(
    figures: Mapping[str, Mapping[str, Bar]],
    *,
    lower_is_better: Sequence[str] = (),
    width: float = PAGE_WIDTH,
) -> Figure:
    """Draw how well each kind of map says where people looked: a panel a figure, a line a map.

    Args:
        figures: By map, in the order from the top: by figure.
        lower_is_better: Names of figures of which less is better; the panels say so.
        width: Of the figure, inches.

    Raises:
        DataError: No figure is defined for any map.
    """
    names = [
        name
        for name in next(iter(figures.values()), {})
        if any(isfinite(each[name].value) for each in figures.values())
    ]
    if not names:
        raise DataError("there is no figure to draw: all are undefined")
    columns = min(4, len(names))
    lines = -(-len(names) // columns)
    figure = new_figure(width, lines * (0.45 + 0.17 * len(figures)))
    grid = figure.subplots(lines, columns, squeeze=False, sharey=True)
    for axes in grid.flat[len(names) :]:
        axes.set_axis_off()
    for axes, name in zip(grid.flat, names, strict=False):
        arrow = "lower is better" if name in lower_is_better else ""
        _draw_bars(axes, {label: each[name] for label, each in figures.items()}, f"{name}  {arrow}".rstrip())
    return figure


def _draw_fixations(axes: Axes, row: Looked) -> None:
    """Draw the picture with a dot at every fixation."""
    picture = thumbnail(row.picture, pixels=300)
    axes.imshow(picture)
    places = np.asarray(row.fixations, np.float64).reshape(-1, 2)
    scale = np.array(picture.shape[:2]) / row.size
    at = (places + 0.5) * scale - 0.5
    axes.scatter(at[:, 1], at[:, 0], s=1.6, color=FIXATION, edgecolors="black", linewidths=0.2)


def _draw_bars(axes: Axes, bars: Mapping[str, Bar], title: str) -> None:
    """Draw a point and its interval a map, from the top."""
    heights = np.arange(len(bars))[::-1]
    for height, bar in zip(heights, bars.values(), strict=True):
        if not isfinite(bar.value):
            continue
        if isfinite(bar.low):
            axes.plot([bar.low, bar.high], [height, height], color=MUTED, linewidth=1)
        axes.plot(bar.value, height, "o", color=INK, markersize=2.8)
    axes.set_yticks(heights, list(bars))
    axes.set_ylim(-0.6, len(bars) - 0.4)
    axes.tick_params(axis="y", length=0)
    axes.set_title(title, fontsize=7.5)
    axes.grid(visible=True, axis="x", linewidth=0.3)
