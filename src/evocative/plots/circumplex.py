"""The valence–arousal plane: the circumplex of affect (Russell 1980), with points or their density."""

from collections.abc import Sequence
from math import cos, pi, sin

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Circle
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.plots.style import FAINT, MISSING, MUTED, edge_of, new_axes, styled

WORDS = {
    "delighted": 24.9,
    "excited": 48.6,
    "astonished": 69.8,
    "angry": 99.0,
    "afraid": 116.0,
    "distressed": 138.0,
    "miserable": 188.7,
    "sad": 207.5,
    "bored": 242.0,
    "tired": 267.7,
    "calm": 316.2,
    "serene": 328.6,
}
"""Words and their angle on the circle, in degrees from pleasant towards aroused (Russell 1980, figure 2)."""

QUADRANTS = {"excited": (1, 1), "distressed": (-1, 1), "sad": (-1, -1), "calm": (1, -1)}
"""A word for each quadrant: (sign of valence, sign of arousal)."""

_OUTSIDE = 1.06
"""Where words begin: beyond the square in which all points lie."""
_DENSITY = LinearSegmentedColormap.from_list(
    "evocative.density", colormaps["Blues"](np.linspace(0.15, 1, 256))
)


@styled
def plot_circumplex(
    valence: ArrayLike,
    arousal: ArrayLike,
    *,
    colors: str | Sequence[str] | None = None,
    density: bool = False,
    words: bool = True,
    title: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw points in the valence–arousal plane.

    Args:
        valence: (N,) in [-1, 1], from unpleasant to pleasant; NaN where missing.
        arousal: (N,) in [-1, 1], from calm to aroused; NaN where missing. Rows where either is missing are
            left out; the corner tells how many are shown.
        colors: of the points, one for all or one a point (for example that of its emotion).
        density: draw how many points lie where (hexagons, logarithmic) instead of the points.
        words: write Russell's words around the circle.
        title: above the plane.
        axes: where to draw; a new figure if None.

    Raises:
        DataError: shapes do not match, a value lies outside [-1, 1], or there is not a colour a point.
    """
    across, up = (np.atleast_1d(np.asarray(axis, np.float64)) for axis in (valence, arousal))
    if across.ndim != 1 or across.shape != up.shape:
        raise DataError(f"valence and arousal must both be (N,): found {across.shape} and {up.shape}")
    if (np.abs(across) > 1 + 1e-6).any() or (np.abs(up) > 1 + 1e-6).any():
        raise DataError("valence and arousal must lie in [-1, 1]: convert them with taxonomy.Scale")
    there = ~(np.isnan(across) | np.isnan(up))
    palette = _palette(colors, across.size)
    axes = new_axes(axes, 4.1 if density else 3.5, 3.2)
    draw_plane(axes, words=WORDS if words else None)
    if density:
        _draw_density(axes, across[there], up[there])
    else:
        _draw_points(axes, across[there], up[there], [palette[place] for place in np.flatnonzero(there)])
    right, below = (1.58, -1.2) if words else (1.06, -1.08)
    axes.text(right, below, f"n = {np.count_nonzero(there):,}", ha="right", va="top", fontsize=7)
    axes.set_title(title or "")
    return axes


def draw_plane(
    axes: Axes, *, words: dict[str, float] | None = None, quadrants: bool = False, fontsize: float = 6.5
) -> None:
    """Draw the empty plane: the circle, the axes with what their ends mean, and words on the way.

    Args:
        axes: where.
        words: angles of words that are written around the circle.
        quadrants: whether to write a word at each corner (for small planes).
        fontsize: of the words.
    """
    axes.add_patch(Circle((0, 0), 1, fill=False, edgecolor=FAINT, linewidth=0.8, zorder=1))
    axes.plot([-1, 1], [0, 0], color=FAINT, linewidth=0.8, zorder=1)
    axes.plot([0, 0], [-1, 1], color=FAINT, linewidth=0.8, zorder=1)
    for word, angle in (words or {}).items():
        _write(axes, word, angle * pi / 180, fontsize)
    if quadrants:
        for word, (x, y) in QUADRANTS.items():
            axes.text(
                x, _OUTSIDE * y, word, color=MUTED, fontsize=fontsize,
                ha="right" if x > 0 else "left", va="bottom" if y > 0 else "top",
            )  # fmt: skip
    axes.set_xlim(-1.06, 1.06)
    axes.set_ylim(-1.06, 1.06)
    axes.set_aspect("equal")
    axes.set_axis_off()
    if words is not None:
        _name_ends(axes)


def _write(axes: Axes, word: str, angle: float, fontsize: float) -> None:
    """Mark a word's place on the circle, and write it in that direction outside of the square of points."""
    x, y = cos(angle), sin(angle)
    reach = max(abs(x), abs(y))
    on_side = abs(x) == reach
    axes.plot(x, y, ".", color=MISSING, markersize=2.5, zorder=1)
    axes.plot([x, x / reach], [y, y / reach], color=FAINT, linewidth=0.5, zorder=1)
    axes.text(
        _OUTSIDE * x / reach,
        _OUTSIDE * y / reach,
        word,
        color=MUTED,
        fontsize=fontsize,
        ha=("left" if x > 0 else "right") if on_side else "center",
        va="center" if on_side else ("bottom" if y > 0 else "top"),
        zorder=4,
    )


def _name_ends(axes: Axes) -> None:
    """Say what the ends of the axes mean, around the plane."""
    axes.set_xlim(-1.6, 1.6)
    axes.set_ylim(-1.35, 1.35)
    ends = {
        (0, 1.21, "center", "bottom"): "high arousal",
        (0, -1.21, "center", "top"): "low arousal",
        (_OUTSIDE, 0, "left", "center"): "pleasant",
        (-_OUTSIDE, 0, "right", "center"): "unpleasant",
    }
    for (x, y, ha, va), text in ends.items():
        axes.text(x, y, text, ha=ha, va=va, fontsize=7)


def _palette(colors: str | Sequence[str] | None, n: int) -> list[str]:
    if colors is None or isinstance(colors, str):
        return [colors or "#0072B2"] * n
    if len(colors) != n:
        raise DataError(f"expected one colour, or one a point ({n}), found {len(colors)}")
    return list(colors)


def _draw_points(axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], colors: list[str]) -> None:
    axes.scatter(
        x,
        y,
        c=colors or None,
        edgecolors=[edge_of(color) for color in colors] or None,
        s=float(np.clip(3000 / max(x.size, 1), 3, 42)),
        alpha=0.9 if x.size < 300 else 0.6,
        linewidths=0.5 if x.size < 300 else 0,
        zorder=3,
        rasterized=x.size > 1000,
    )


def _draw_density(axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    if not x.size:
        return
    cells = axes.hexbin(
        x,
        y,
        gridsize=24,
        extent=(-1, 1, -1, 1),
        mincnt=1,
        bins="log",
        cmap=_DENSITY,
        linewidths=0.2,
        zorder=2,
    )
    bar = axes.figure.colorbar(cells, ax=axes, shrink=0.5, aspect=18, pad=0.01)
    bar.set_label("images")
    bar.outline.set_visible(False)
    bar.ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    bar.ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    bar.ax.yaxis.set_minor_locator(NullLocator())
