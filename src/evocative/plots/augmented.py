"""Augmentation sheets: a few images, and what training makes of them (Motiejauskas et al. 2024, figure 4)."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from evocative.errors import DataError
from evocative.plots.style import COLUMN_WIDTH, INK, new_figure, styled
from evocative.plots.thumbnails import Picture, cropped

_GAP, _HEAD, _APART = 0.03, 0.19, 0.06  # inches: between images, of the words above, after the first column


@styled
def plot_augmented(
    rows: Sequence[Sequence[Picture]],
    *,
    heads: Sequence[str],
    width: float = COLUMN_WIDTH,
) -> Figure:
    """Arrange images and their random versions, a row an image, the image itself first.

    Args:
        rows: Of each image, itself and its versions.
        heads: A word above each column.
        width: Of the figure, inches.

    Raises:
        DataError: There are no rows, rows are not as long as the words are many, or something is no image.
    """
    if not rows or any(len(row) != len(heads) for row in rows) or not heads:
        raise DataError(f"expected rows of {len(heads)} images, found lengths {[len(row) for row in rows]}")
    side = (width - _APART) / len(heads)
    height = side * len(rows) + _HEAD
    figure = new_figure(width, height, layout=None)
    for line, row in enumerate(rows):
        for place, picture in enumerate(row):
            x = side * place + (_APART if place else 0)
            y = height - _HEAD - side * (line + 1)
            box = (
                (x + _GAP / 2) / width,
                (y + _GAP / 2) / height,
                (side - _GAP) / width,
                (side - _GAP) / height,
            )
            axes = figure.add_axes(box)
            axes.imshow(cropped(picture, pixels=round(side * 300)), aspect="auto")
            axes.set_axis_off()
    for place, head in enumerate(heads):
        x = (side * (place + 0.5) + (_APART if place else 0)) / width
        weight = "bold" if place == 0 else "normal"
        figure.text(
            x, 1 - 0.03 / height, head, ha="center", va="top", fontsize=7, color=INK, fontweight=weight
        )
    return figure
