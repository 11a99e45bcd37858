"""Reliability diagram: how often predictions of a confidence are right (Guo 2017, figure 1)."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from evocative.errors import DataError
from evocative.plots.style import FAINT, INK, MUTED, new_axes, styled

_BLUE, _GAP = "#0072B2", "#D55E00"


@styled
def plot_reliability(
    edges: ArrayLike,
    counts: ArrayLike,
    confidence: ArrayLike,
    accuracy: ArrayLike,
    *,
    title: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw accuracy over confidence, a bar a bin; the gap to the diagonal is what the calibration error sums.

    A bar is the darker the more rows it stands for, and tells how many.

    Args:
        edges: (B + 1,) of the bins, rising in [0, 1].
        counts: (B,) rows in each bin.
        confidence: (B,) mean highest probability of a bin's rows; NaN where it has none.
        accuracy: (B,) share of a bin's rows that are right; NaN where it has none.
        title: above the bars.
        axes: where to draw; a new figure if None.

    Raises:
        DataError: The shapes do not fit.
    """
    borders, rows = np.asarray(edges, np.float64), np.asarray(counts)
    sure, right = np.asarray(confidence, np.float64), np.asarray(accuracy, np.float64)
    if not rows.shape == sure.shape == right.shape == (borders.size - 1,):
        raise DataError(
            "a reliability diagram needs B + 1 edges and B values each: "
            f"found {borders.shape}, {rows.shape}, {sure.shape} and {right.shape}"
        )
    axes = new_axes(axes, 3.5, 3.3)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.9, linestyle=(0, (4, 2)), zorder=3)
    widths, share = np.diff(borders), rows / max(rows.max(initial=0), 1)
    for place in np.flatnonzero(rows):
        left, width = borders[place], widths[place]
        shade = 0.25 + 0.6 * float(share[place])
        axes.bar(
            left,
            right[place],
            width,
            align="edge",
            color=_BLUE,
            alpha=shade,
            edgecolor="white",
            linewidth=0.6,
        )
        axes.plot([left + width / 2] * 2, [right[place], sure[place]], color=_GAP, linewidth=1.1, zorder=4)
        axes.text(
            left + width / 2,
            0.012,
            f"{rows[place]:,}",
            rotation=90,
            ha="center",
            va="bottom",
            fontsize=5.2,
            color=INK,
        )
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xlabel("confidence (probability of the best label)")
    axes.set_ylabel("accuracy")
    axes.plot([], [], color=MUTED, linestyle=(0, (4, 2)), linewidth=0.9, label="as sure as right")
    axes.plot([], [], color=_GAP, linewidth=1.1, label="gap to the mean confidence")
    axes.legend(loc="upper left")
    axes.grid(color=FAINT, linewidth=0.4)
    axes.set_title(title or "")
    return axes
