"""Sample sheets: images of a data set, a row (or more) a label (Motiejauskas 2026, figures 3.3 and 3.6)."""

from collections.abc import Mapping, Sequence
from math import ceil

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from evocative.errors import DataError
from evocative.plots.style import FAINT, INK, MUTED, PAGE_WIDTH, edge_of, new_figure, styled
from evocative.plots.thumbnails import Picture, cropped

_GAP, _NAME = 0.04, 1.05  # inches: between images, and for the label's name


@styled
def plot_sheet(
    images: Mapping[str, Sequence[Picture]],
    *,
    colors: Mapping[str, str] | None = None,
    counts: Mapping[str, int] | None = None,
    columns: int = 8,
    title: str | None = None,
    width: float = PAGE_WIDTH,
) -> Figure:
    """Arrange images by label, the middle square of each.

    Args:
        images: by label, in the order in which they are to be shown; a label may have none.
        colors: by label, drawn as a strip beside its name.
        counts: by label: how many images the data set has, written below the name.
        columns: images a line; more wrap into further lines of the label.
        title: above the sheet.
        width: of the figure, inches.

    Raises:
        DataError: there are no labels, no columns, or something is no image.
    """
    if not images or columns < 1:
        raise DataError(
            f"a sheet needs one label or more and at least one column, found {len(images)} and {columns}"
        )
    lines = {name: max(1, ceil(len(pictures) / columns)) for name, pictures in images.items()}
    side = (width - _NAME) / columns
    head = 0.3 if title else 0.0
    height = side * sum(lines.values()) + head
    figure = new_figure(width, height, layout=None)
    top = height - head
    for name, pictures in images.items():
        bottom = top - lines[name] * side
        _name_row(figure, name, (colors or {}).get(name), (counts or {}).get(name), (bottom, top))
        for place, picture in enumerate(pictures):
            x, y = _NAME + side * (place % columns), top - side * (place // columns + 1)
            box = (x / width, (y + _GAP / 2) / height, (side - _GAP) / width, (side - _GAP) / height)
            axes = figure.add_axes(box)
            axes.imshow(cropped(picture, pixels=round(side * 250)), aspect="auto")
            axes.set_axis_off()
        top = bottom
    if title:
        figure.text(0.0, 1 - 0.05 / height, title, ha="left", va="top", fontsize=8.5, fontweight="bold")
    return figure


def _name_row(
    figure: Figure, name: str, color: str | None, count: int | None, span: tuple[float, float]
) -> None:
    """Write the label's name, with its colour and count, beside its images."""
    width, height = figure.get_size_inches()
    bottom, top = (edge / height for edge in span)
    inset = _GAP / 2 / height
    strip = Rectangle(
        (0, bottom + inset),
        0.07 / width,
        top - bottom - 2 * inset,
        facecolor=color or FAINT,
        edgecolor=edge_of(color or FAINT),
        linewidth=0.4,
        transform=figure.transFigure,
    )
    figure.add_artist(strip)
    middle, half_line = (bottom + top) / 2, 0.075 / height
    figure.text(0.14 / width, middle + (half_line if count is not None else 0), name, va="center", color=INK)
    if count is not None:
        figure.text(0.14 / width, middle - half_line, f"{count:,}", va="center", color=MUTED, fontsize=6.5)
