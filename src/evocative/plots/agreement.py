"""Predicted against true values of a dimension, with the line that fits them best."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.plots.style import FAINT, MUTED, new_axes, new_figure, styled

_BLUE, _LINE = "#0072B2", "#D55E00"
_DENSITY = LinearSegmentedColormap.from_list("evocative.dense", colormaps["Blues"](np.linspace(0.15, 1, 256)))
MANY = 2000
"""Rows above which their density is drawn instead of points."""


@styled
def plot_agreement(
    targets: ArrayLike,
    predictions: ArrayLike,
    *,
    name: str,
    title: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw predicted over true values, the diagonal where they agree, and the line that fits them best.

    A line flatter than the diagonal says that predictions keep to the middle.

    Args:
        targets: (N,) in [-1, 1], NaN where missing; those rows are left out.
        predictions: (N,) in [-1, 1], NaN where missing; those rows are left out.
        name: of the dimension.
        title: above the points.
        axes: where to draw; a new figure if None.

    Raises:
        DataError: The shapes do not match.
    """
    true, guess = np.asarray(targets, np.float64), np.asarray(predictions, np.float64)
    if true.ndim != 1 or true.shape != guess.shape:
        raise DataError(f"targets and predictions must both be (N,): found {true.shape} and {guess.shape}")
    there = np.isfinite(true) & np.isfinite(guess)
    true, guess = true[there], guess[there]
    axes = new_axes(axes, 3.1, 3.1)
    axes.axhline(0, color=FAINT, linewidth=0.6, zorder=0)
    axes.axvline(0, color=FAINT, linewidth=0.6, zorder=0)
    axes.plot([-1, 1], [-1, 1], color=MUTED, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
    _draw_rows(axes, true, guess)
    if true.size > 2 and np.ptp(true) > 0:
        slope, intercept = np.polyfit(true, guess, 1)
        ends = np.array([true.min(), true.max()])
        axes.plot(
            ends, slope * ends + intercept, color=_LINE, linewidth=1.4, zorder=4, label=f"slope {slope:.2f}"
        )
        axes.legend(loc="upper left")
    axes.set(xlim=(-1.03, 1.03), ylim=(-1.03, 1.03), aspect="equal")
    axes.set_xlabel(f"true {name}")
    axes.set_ylabel(f"predicted {name}")
    axes.text(0.98, 0.02, f"n = {true.size:,}", transform=axes.transAxes, ha="right", va="bottom", fontsize=7)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1])
    axes.set_yticks([-1, -0.5, 0, 0.5, 1])
    axes.set_title(title or "")
    return axes


@styled
def plot_agreements(targets: ArrayLike, predictions: ArrayLike, *, names: Sequence[str]) -> Figure:
    """Draw several dimensions beside each other.

    Args:
        targets: (N, D), as `plot_agreement`, a column a dimension.
        predictions: (N, D).
        names: the D dimensions.

    Raises:
        DataError: The shapes do not match.
    """
    true, guess = np.asarray(targets, np.float64), np.asarray(predictions, np.float64)
    if true.shape != guess.shape or true.ndim != 2 or true.shape[1] != len(names):
        raise DataError(
            f"expected targets and predictions (N, {len(names)}), one column each of {', '.join(names)}: "
            f"found {true.shape} and {guess.shape}"
        )
    figure = new_figure(2.6 * len(names) + 0.2, 2.75)
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for column, (name, axes) in enumerate(zip(names, panels, strict=True)):
        plot_agreement(true[:, column], guess[:, column], name=name, axes=axes)
    return figure


def _draw_rows(axes: Axes, true: NDArray[np.float64], guess: NDArray[np.float64]) -> None:
    if true.size > MANY:
        axes.hexbin(
            true,
            guess,
            gridsize=40,
            extent=(-1, 1, -1, 1),
            mincnt=1,
            bins="log",
            cmap=_DENSITY,
            linewidths=0.1,
        )
        return
    size = float(np.clip(3000 / max(true.size, 1), 3, 30))
    axes.scatter(
        true, guess, s=size, color=_BLUE, alpha=0.75 if true.size < 300 else 0.5, linewidths=0, zorder=2
    )
