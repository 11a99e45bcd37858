"""Probability integral transform: whether predicted standard deviations are right (Gneiting et al. 2007)."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from evocative.errors import DataError
from evocative.plots.style import COLUMN_WIDTH, MUTED, new_axes, new_figure, styled

BINS = 10


@styled
def plot_pit(
    values: ArrayLike, *, bins: int = BINS, title: str | None = None, axes: Axes | None = None
) -> Axes:
    """Draw the histogram of PIT values; calibrated predictions fill all bins alike.

    The band holds 95 % of the bins of a uniform sample of this size (normal approximation).

    Args:
        values: (N,) in [0, 1]: the predicted probability of a target no larger than the true one.
        bins: How many.
        title: Above the bars.
        axes: Where to draw; a new figure if None.

    Raises:
        DataError: There are no values, or some lie outside [0, 1].
    """
    shares = np.asarray(values, dtype=np.float64)
    if shares.ndim != 1 or not shares.size or not ((shares >= 0) & (shares <= 1)).all():
        raise DataError(f"PIT values must be (N,) in [0, 1], one or more; found the shape {shares.shape}")
    axes = new_axes(axes, COLUMN_WIDTH, 2.4)
    counts, edges = np.histogram(shares, bins=bins, range=(0, 1))
    expected = 1 / bins
    half = 1.96 * np.sqrt(expected * (1 - expected) / shares.size)
    axes.axhspan(100 * (expected - half), 100 * (expected + half), color="#E9E9E9", linewidth=0, zorder=0)
    axes.bar(edges[:-1], 100 * counts / shares.size, 1 / bins, align="edge", color="#0072B2", alpha=0.75,
             edgecolor="white", linewidth=0.6)  # fmt: skip
    axes.axhline(100 * expected, color=MUTED, linewidth=0.9, linestyle=(0, (4, 2)))
    axes.set(xlim=(0, 1), ylim=(0, None), xlabel="predicted probability of a lower value", ylabel="images, %")
    axes.set_title(title or "")
    axes.text(
        1, 1.01, f"n = {shares.size:,}", transform=axes.transAxes, ha="right", va="bottom", fontsize=6.5
    )
    return axes


def plot_pits(values: Mapping[str, ArrayLike], *, bins: int = BINS) -> Figure:
    """Draw one histogram a dimension, side by side."""
    figure = new_figure(COLUMN_WIDTH * max(len(values), 1) * 0.8, 2.4)
    for (name, some), axes in zip(
        values.items(), figure.subplots(1, len(values), squeeze=False)[0], strict=True
    ):
        plot_pit(some, bins=bins, title=name, axes=axes)
    return figure
