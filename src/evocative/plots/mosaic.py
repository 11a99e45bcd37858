"""Pictures laid in the cells of an archive: a grid with names, the valence–arousal plane, a cube in slices.

    plot_mosaic({(0, 3): picture}, (8, 10), rows=emotions, columns=bands)
    plot_plane_mosaic({(4, 7): picture}, edges, edges)         # (bin of valence, bin of arousal)

A cell that is occupied but whose picture was not given (None) is grey, an empty one is pale.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from PIL import Image

from evocative.errors import DataError
from evocative.plots.circumplex import QUADRANTS
from evocative.plots.style import COLUMN_WIDTH, INK, MUTED, PAGE_WIDTH, edge_of, new_axes, new_figure, styled
from evocative.plots.thumbnails import Picture, cropped

PIXELS: Final = 64
"""Of a picture's side in a mosaic, at most."""
_MOST: Final = 4096
"""Pixels of a mosaic's longer side."""
_EMPTY, _UNSEEN, _GAP = 238, 176, 255  # grey levels

Pictures = Mapping[tuple[int, int], Picture | None]


def tiles(
    pictures: Pictures, shape: tuple[int, int], *, pixels: int = PIXELS, pale: bool = True
) -> NDArray[np.uint8]:
    """Return one image of all cells with a thin gap between them.

    Args:
        pictures: By (row, column) from the top left; the middle square of each is shown.
        shape: Rows and columns.
        pixels: Of a cell's side, gap included.
        pale: Draw empty cells; else they are white.

    Returns:
        (rows · pixels, columns · pixels, 3).

    Raises:
        DataError: A cell lies outside the shape, or something is no image.
    """
    rows, columns = shape
    gap = max(1, pixels // 24)
    whole = np.full((rows, pixels, columns, pixels, 3), _GAP, dtype=np.uint8)
    whole[:, gap:, :, gap:] = _EMPTY if pale else _GAP
    for (row, column), picture in pictures.items():
        if not (0 <= row < rows and 0 <= column < columns):
            raise DataError(f"a mosaic of {rows} × {columns} cells has no cell ({row}, {column})")
        whole[row, gap:, column, gap:] = _UNSEEN if picture is None else _square(picture, pixels - gap)
    return whole.reshape(rows * pixels, columns * pixels, 3)


@styled
def plot_mosaic(
    pictures: Pictures,
    shape: tuple[int, int],
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    colors: Sequence[str] | None = None,
    pale: bool = True,
    xlabel: str = "",
    title: str | None = None,
    width: float = PAGE_WIDTH,
) -> Figure:
    """Draw cells with names: a row an emotion, a column a band of confidence.

    Args:
        pictures: By (row, column) from the top left; None where a cell is occupied and not shown.
        shape: Rows and columns.
        rows: Names of the rows.
        columns: Names of the columns; where there are many, only some are written.
        colors: Of the rows, drawn as a strip beside their names.
        pale: Draw empty cells.
        xlabel: What columns are.
        title: Above.
        width: Of the figure, inches.

    Raises:
        DataError: There are not as many names or colours as rows or columns, or a cell lies outside.
    """
    _check_names(shape, rows, columns, colors)
    side = (width - 1.1) / shape[1]
    figure = new_figure(width, side * shape[0] + 0.35 + (0.25 if title else 0))
    axes = figure.add_subplot()
    whole = tiles(pictures, shape, pixels=_pixels(shape), pale=pale)
    axes.imshow(whole, extent=(0, shape[1], shape[0], 0))
    _name(axes, rows, columns)
    for row, color in enumerate(colors or ()):
        axes.add_patch(Rectangle((-0.11, row + 0.06), 0.08, 0.88, facecolor=color, edgecolor=edge_of(color),
                                 linewidth=0.4, clip_on=False))  # fmt: skip
    axes.set_xlabel(xlabel)
    axes.set_title(title or "")
    return figure


@styled
def plot_plane_mosaic(
    pictures: Pictures,
    valence: Sequence[float],
    arousal: Sequence[float],
    *,
    title: str | None = None,
    axes: Axes | None = None,
    words: bool = True,
) -> Axes:
    """Draw the cells of the valence–arousal plane at their places, calm below, pleasant to the right.

    Args:
        pictures: By (bin of valence, bin of arousal), each from the lowest; None where a cell is occupied and
            not shown.
        valence: Edges of the bins, rising.
        arousal: Likewise.
        title: Above.
        axes: Where to draw; a new figure if None.
        words: Write a word at each corner.

    Raises:
        DataError: A cell lies outside, or something is no image.
    """
    across, up = len(valence) - 1, len(arousal) - 1
    turned = {(up - 1 - high, right): picture for (right, high), picture in pictures.items()}
    axes = new_axes(axes, COLUMN_WIDTH * 1.5, COLUMN_WIDTH * 1.5 * up / across)
    x, y = (valence[0], valence[-1]), (arousal[0], arousal[-1])
    axes.imshow(tiles(turned, (up, across), pixels=_pixels((up, across))), extent=(*x, *y), aspect="auto")
    axes.set_box_aspect(up / across)
    for draw, at, span in ((axes.axvline, 0.0, x), (axes.axhline, 0.0, y)):
        if span[0] < at < span[1]:
            draw(at, color=INK, linewidth=0.5, alpha=0.5)
    axes.set(xlim=x, ylim=y, xlabel="valence", ylabel="arousal")
    for word, (right, high) in QUADRANTS.items() if words else ():
        axes.annotate(
            word, ((right + 1) / 2, (high + 1) / 2), (0, 3 if high > 0 else -17), xycoords="axes fraction",
            textcoords="offset points", ha="right" if right > 0 else "left",
            va="bottom" if high > 0 else "top", color=MUTED, fontsize=6.5,
        )  # fmt: skip
    axes.set_title(title or "", pad=14 if words else 6)
    return axes


@styled
def plot_cube_mosaic(
    slices: Mapping[str, Pictures],
    valence: Sequence[float],
    arousal: Sequence[float],
    *,
    width: float = PAGE_WIDTH,
    columns: int = 3,
) -> Figure:
    """Draw a cube as slices: a valence–arousal plane for each bin of dominance.

    Args:
        slices: What a slice holds ("dominance -1 to -0.6") to its pictures, as in `plot_plane_mosaic`.
        valence: Edges of the bins, rising.
        arousal: Likewise.
        width: Of the figure, inches.
        columns: Slices a line.

    Raises:
        DataError: There is no slice, or a cell lies outside.
    """
    if not slices or columns < 1:
        raise DataError(f"a cube needs one slice or more and at least one column, found {len(slices)}")
    columns = min(columns, len(slices))
    lines = -(-len(slices) // columns)
    side = width / columns
    figure = new_figure(width, lines * (side * (len(arousal) - 1) / (len(valence) - 1) + 0.15))
    planes = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes in planes[len(slices) :]:
        axes.set_axis_off()
    for axes, (name, pictures) in zip(planes, slices.items(), strict=False):
        plot_plane_mosaic(pictures, valence, arousal, title=name, axes=axes, words=False)
        axes.label_outer()
    return figure


def _square(picture: Picture, side: int) -> NDArray[np.uint8]:
    small = cropped(picture, pixels=side)
    if small.shape[:2] == (side, side):
        return small
    return np.asarray(Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC))


def _pixels(shape: tuple[int, int]) -> int:
    """Return a cell's side that keeps a mosaic of many cells drawable."""
    return max(4, min(PIXELS, _MOST // max(shape)))


def _check_names(
    shape: tuple[int, int],
    rows: Sequence[str] | None,
    columns: Sequence[str] | None,
    colors: Sequence[str] | None,
) -> None:
    if min(shape) < 1:
        raise DataError(f"a mosaic needs one row and column or more, found {shape[0]} × {shape[1]}")
    for what, given, wanted in (
        ("rows", rows, shape[0]),
        ("columns", columns, shape[1]),
        ("colors", colors, shape[0]),
    ):
        if given is not None and len(given) != wanted:
            raise DataError(f"{what}: expected one for each of {wanted}, found {len(given)}")


def _name(axes: Axes, rows: Sequence[str] | None, columns: Sequence[str] | None) -> None:
    """Write names beside and below the cells."""
    every = max(1, -(-len(columns or ()) // 16))
    places = range(0, len(columns or ()), every)
    axes.set_xticks([place + 0.5 for place in places], [(columns or ())[place] for place in places])
    axes.set_yticks([row + 0.5 for row in range(len(rows or ()))], rows or [])
    axes.tick_params(length=0, pad=3)
    axes.tick_params(axis="y", pad=9)
    axes.spines[:].set_visible(False)
