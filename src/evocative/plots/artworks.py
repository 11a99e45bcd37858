"""Pictures with what is predicted of them: a class and its probability (Motiejauskas 2026, figure 5.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from evocative.errors import DataError
from evocative.plots.style import COLUMN_WIDTH, MISSING, MUTED, edge_of, new_figure, styled
from evocative.plots.thumbnails import Picture, thumbnail

_GAP = 0.06  # inches
_LINE = 0.125  # inches, of words above a picture
_CAPTION = 0.12  # inches, below it
_LETTER = 0.064  # inches of a bold letter at 7 points


@dataclass(frozen=True, eq=False)
class Answered:
    """A picture and its likeliest class."""

    image: Picture
    label: str
    probability: float
    """In [0, 1]."""
    caption: str = ""
    """Below the picture, in grey: its title, or its file."""


@styled
def plot_artworks(
    answered: Sequence[Answered],
    *,
    colors: Mapping[str, str] | None = None,
    columns: int | None = None,
    width: float = COLUMN_WIDTH,
) -> Figure:
    """Arrange whole pictures in a grid, class and probability above each, in the colour of the class.

    Args:
        answered: One a picture.
        colors: By class.
        columns: Pictures a line; three, or fewer where there are fewer, if None.
        width: Of the figure, inches.

    Raises:
        DataError: There are no pictures or no columns, or something is no image.
    """
    if not answered or (columns is not None and columns < 1):
        raise DataError(
            f"expected one picture or more and at least one column, found {len(answered)}, {columns}"
        )
    columns = min(columns or 3, len(answered))
    side = width / columns
    between, size = _setting(answered, side - _GAP)
    pictures = [thumbnail(one.image, pixels=round(side * 300)) for one in answered]
    tall = [min(1.0, one.shape[0] / one.shape[1]) * (side - _GAP) for one in pictures]
    rows = [range(start, min(start + columns, len(answered))) for start in range(0, len(answered), columns)]
    extra = _LINE * (2 if between == "\n" else 1) + (_CAPTION if any(one.caption for one in answered) else 0)
    heights = [max(tall[place] for place in row) + extra + 2 * _GAP for row in rows]
    figure = new_figure(width, sum(heights), layout=None)
    for line, row in enumerate(rows):
        bottom = sum(heights) - sum(heights[: line + 1]) + extra - _LINE * (1 + (between == "\n")) + _GAP
        for place in row:
            left = side * (place - row[0]) + _GAP / 2
            box = (left / width, bottom / sum(heights), (side - _GAP) / width, tall[place] / sum(heights))
            one = answered[place]
            axes = figure.add_axes(box)
            _draw(axes, pictures[place], (colors or {}).get(one.label, MISSING))
            words = f"{one.label}{between}{one.probability:.2f}"
            axes.set_title(words, fontsize=size, fontweight="bold", pad=2.5, loc="left", linespacing=1.1)
            if one.caption:
                axes.set_xlabel(_short(one.caption, side), fontsize=6, color=MUTED, labelpad=2, loc="left")
    return figure


def _setting(answered: Sequence[Answered], room: float) -> tuple[str, float]:
    """Return what stands between class and probability, and the size of letters in points."""
    label = max(len(one.label) for one in answered) * _LETTER
    whole = label + 5 * _LETTER
    if whole * 6 / 7 <= room:
        return " ", min(7.0, 7 * room / whole)
    return "\n", max(5.0, min(7.0, 7 * room / label))


def _draw(axes: Axes, pixels: NDArray[np.uint8], color: str) -> None:
    """Draw a picture in a frame of its class's colour."""
    axes.imshow(pixels, interpolation="antialiased")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=edge_of(color), linewidth=1.6)
    axes.set_anchor("SW")


def _short(caption: str, side: float) -> str:
    most = max(8, int(side / 0.055))
    return caption if len(caption) <= most else caption[: most - 1] + "…"
