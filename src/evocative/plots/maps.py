"""Maps of several models side by side, with other images laid over them.

Motiejauskas 2026, figures 5.1 to 5.3, 5.7 and 5.8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from numpy.typing import NDArray

from evocative.errors import DataError
from evocative.plots.embedding import draw_points, legend_handles
from evocative.plots.style import COLUMN_WIDTH, INK, MISSING, colors_for, edge_of, new_figure, styled
from evocative.plots.thumbnails import Picture, cropped

MOST_PICTURES = 16
"""Overlaid images above which they are drawn as rings."""
_THUMBNAIL = 0.2  # inches, at least
_LINE = 0.145  # inches, of the legend
_TITLE = 0.17


@dataclass(frozen=True, eq=False)
class Overlay:
    """Other images on a map."""

    points: NDArray[np.floating]
    """(M, 2)."""
    labels: NDArray[np.integer]
    """(M,) predicted classes, -1 for none."""
    images: Sequence[Picture] = ()
    """As many, to be shown where they are few; () for rings."""


@dataclass(frozen=True, eq=False)
class Map:
    """The map of one model's embedding."""

    points: NDArray[np.floating]
    """(N, 2)."""
    labels: NDArray[np.integer]
    """(N,) classes, -1 where missing."""
    overlay: Overlay | None = None
    how: str = ""
    """The points were found."""


@styled
def plot_maps(
    maps: Mapping[str, Map],
    *,
    names: Sequence[str],
    colors: Sequence[str] | None = None,
    heading: str | None = None,
    columns: int = 2,
    width: float = COLUMN_WIDTH,
) -> Figure:
    """Draw maps beside each other, one legend below them.

    Args:
        maps: by title.
        names: the K classes, the same for all.
        colors: of the K classes.
        heading: above the legend: what the colours stand for.
        columns: maps beside each other.
        width: of the figure, inches.

    Raises:
        DataError: there are no maps, or shapes do not match.
    """
    if not maps or columns < 1:
        raise DataError(f"expected maps and at least one column, found {len(maps)} and {columns}")
    columns = min(columns, len(maps))
    side, rows = width / columns, ceil(len(maps) / columns)
    palette = [*colors_for(names, colors), MISSING]
    handles = legend_handles(
        np.concatenate([one.labels for one in maps.values()]), names, palette, counts=False
    )
    per_line = max(1, int(width / (0.3 + 0.062 * max(len(str(one.get_label())) for one in handles))))
    titles = {title: fill(title, max(8, int(side / 0.075))) for title in maps}
    lines = max(text.count("\n") + 1 for text in titles.values())
    foot = _LINE * (ceil(len(handles) / per_line) + (heading is not None)) + 0.06
    row = side + _TITLE * lines + 0.14
    figure = new_figure(width, row * rows + foot, layout=None)
    for place, (title, one) in enumerate(maps.items()):
        x, y = side * (place % columns), row * rows + foot - row * (place // columns + 1)
        box = (x + 0.04, y + 0.14, side - 0.08, side - 0.06)
        axes = figure.add_axes(
            (box[0] / width, box[1] / (row * rows + foot), box[2] / width, box[3] / (row * rows + foot))
        )
        draw_points(axes, one.points, one.labels, palette, how=one.how)
        axes.set_title(titles[title], pad=3, fontsize=7.5)
        if one.overlay is not None:
            _draw_overlay(axes, one.overlay, palette, side)
    figure.legend(
        handles=handles, loc="lower center", ncols=per_line, handletextpad=0.1, columnspacing=0.9,
        borderpad=0, labelspacing=0.3, bbox_to_anchor=(0.5, 0.01), title=heading, alignment="left",
        title_fontproperties={"size": 7},
    )  # fmt: skip
    return figure


def _draw_overlay(axes: Axes, overlay: Overlay, palette: Sequence[str], side: float) -> None:
    """Draw the images themselves, framed in the colour of their label, or rings where they are many."""
    points, labels = overlay.points, overlay.labels
    if points.shape != (len(labels), 2) or len(overlay.images) not in (0, len(labels)):
        raise DataError(
            f"an overlay needs coordinates (M, 2), M labels and M images or none: found {points.shape}, "
            f"{labels.shape} and {len(overlay.images)}"
        )
    if overlay.images and len(labels) <= MOST_PICTURES:
        _draw_images(
            axes, overlay, [edge_of(palette[label]) for label in labels], max(_THUMBNAIL, 0.115 * side)
        )
        return
    axes.scatter(
        points[:, 0], points[:, 1], s=26, c=[palette[label] for label in labels], linewidths=1.1,
        edgecolors=INK, marker="D", zorder=5,
    )  # fmt: skip


def _draw_images(axes: Axes, overlay: Overlay, colors: Sequence[str], inches: float) -> None:
    """Draw images at their places, or beside them with a line to a dot there, so that none hides another."""
    axes.apply_aspect()
    axes.set(xlim=axes.get_xlim(), ylim=axes.get_ylim())
    pixels = inches * axes.figure.dpi
    true = axes.transAxes.inverted().transform(axes.transData.transform(overlay.points))
    size = axes.get_window_extent()
    cell = np.array([1.4 * pixels / size.width, 1.4 * pixels / size.height])  # with its frame, in shares
    placed = _apart(true.clip(cell / 2, 1 - cell / 2), cell)
    for point, place, color, image in zip(true, placed, colors, overlay.images, strict=True):
        small = cropped(image, pixels=160)
        picture = OffsetImage(small, zoom=72 * inches / max(small.shape[:2]), interpolation="antialiased")
        box = AnnotationBbox(
            picture, (point[0], point[1]), xybox=(place[0], place[1]), xycoords="axes fraction",
            boxcoords="axes fraction", pad=0.12, zorder=6,
            arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0},
            bboxprops={"edgecolor": color, "linewidth": 1.6, "facecolor": "white"},
        )  # fmt: skip
        axes.add_artist(box)
        axes.plot(*point, "o", transform=axes.transAxes, markersize=2.6, color=INK, zorder=5)


def _apart(places: NDArray[np.floating], cell: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give each cell of this size the nearest free room in [0, 1]², in turn; none: its own place."""
    low, high = cell / 2, 1 - cell / 2
    grid = np.stack(np.meshgrid(*(np.linspace(low[k], high[k], 61) for k in (0, 1))), axis=-1).reshape(-1, 2)
    found = np.empty((0, 2))
    for place in places.astype(np.float64):
        rooms = np.concatenate([place[None], grid])
        over = np.abs(rooms[:, None] - found[None]) < cell * (1 - 1e-9)  # (rooms, placed, 2)
        taken = np.any(np.all(over, axis=2), axis=1)
        away = np.where(taken, np.inf, np.linalg.norm((rooms - place) / cell, axis=1))
        found = np.concatenate([found, rooms[[away.argmin()]]])
    return found
