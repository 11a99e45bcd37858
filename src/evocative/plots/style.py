"""One style for every picture: sizes for a paper's column, type that can be read there, careful colours.

matplotlib keeps its settings in one global place. `styled` sets ours while a function draws and puts back
what was there, so that a notebook's own style is left alone.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from evocative.errors import DataError
from evocative.outputs import replacing

COLUMN_WIDTH = 3.5  # inches, a column of a two-column paper
PAGE_WIDTH = 7.16  # inches, both columns
INK = "#222222"
MUTED = "#6E6E6E"  # of secondary text: 4.5 : 1 and more on white
FAINT = "#D9D9D9"  # of lines that only guide
MISSING = "#B3B3B3"  # of points and bars without a label

STYLE: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same picture on every machine
    "font.size": 7.5,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 7.5,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "text.color": INK,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.3,
    "patch.linewidth": 0.5,
    "figure.dpi": 200,
    "savefig.dpi": 200,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "pdf.fonttype": 42,  # letters stay letters in a PDF
    "svg.fonttype": "none",
    "svg.hashsalt": "evocative",  # the same picture gives the same file
}

Color = str | tuple[float, float, float] | tuple[float, float, float, float]
P = ParamSpec("P")
R = TypeVar("R")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Let a function draw in our style and leave matplotlib's settings as they were."""

    @wraps(draw)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(STYLE):
            return draw(*args, **kwargs)

    return in_style


@styled
def new_figure(width: float, height: float, *, layout: str | None = "compressed") -> Figure:
    """Return an empty figure of this size in inches, drawn by Agg: no window, no pyplot.

    Args:
        width: inches; `COLUMN_WIDTH` and `PAGE_WIDTH` are those of a paper.
        height: inches.
        layout: matplotlib's layout engine (this one leaves no holes beside axes of a fixed shape), or None to
            place axes by hand.
    """
    figure = Figure(figsize=(width, height), layout=layout)  # type: ignore[arg-type]
    FigureCanvasAgg(figure)
    return figure


@styled
def new_axes(axes: Axes | None, width: float, height: float) -> Axes:
    """Return these axes, or those of a new figure of this size in inches."""
    return axes if axes is not None else new_figure(width, height).add_subplot()


@styled
def save(figure: Figure, path: str | Path, *, dpi: int = 200) -> Path:
    """Write a figure; the suffix (.png, .pdf, .svg) says how. A file is whole or not there.

    Raises:
        DataError: matplotlib writes no such format, or the file cannot be written.
    """
    target = Path(path)
    kind = target.suffix.lstrip(".").lower()
    if kind not in figure.canvas.get_supported_filetypes():
        raise DataError(f"{target}: pictures are written as .png, .pdf or .svg, found {target.suffix!r}")
    dateless = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
    with replacing(target) as unfinished:
        figure.savefig(unfinished, format=kind, dpi=dpi, metadata=dateless)
    return target


def luminance(color: Color) -> float:
    """Return the relative luminance of a colour, from 0 (black) to 1 (white) (WCAG 2.1)."""
    channels = np.array(to_rgb(color), dtype=np.float64)
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def text_color_on(color: Color) -> str:
    """Return ink or white, whichever is easier to read on this colour (a contrast of at least 3 : 1)."""
    return INK if luminance(color) > 0.28 else "white"


def edge_of(color: str) -> str:
    """Return a colour for an edge or a line that must be seen on white: this one, darker where it is pale."""
    pale = luminance(color)
    if pale <= 0.35:
        return color
    red, green, blue = to_rgb(color)
    darker = (0.35 / pale) ** 0.6
    return to_hex((red * darker, green * darker, blue * darker))


def colors_for(names: Sequence[str], colors: Sequence[str] | None) -> tuple[str, ...]:
    """Return a colour a name: those that came in, or greys and blues where none did.

    Raises:
        DataError: there are not as many colours as names.
    """
    if colors is None:
        shades = mpl.colormaps["cividis"](np.linspace(0, 0.9, len(names)))
        return tuple(to_hex(shade) for shade in shades)
    if len(colors) != len(names):
        raise DataError(f"expected a colour a name, {len(names)} of them, found {len(colors)}")
    return tuple(colors)
