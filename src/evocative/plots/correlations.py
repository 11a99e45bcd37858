"""Correlations as pictures: the strongest with their intervals, and a matrix of all."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from evocative.errors import DataError
from evocative.plots.style import COLUMN_WIDTH, INK, MUTED, new_axes, new_figure, styled, text_color_on

_POSITIVE, _NEGATIVE = "#B2182B", "#2166AC"  # the ends of RdBu_r, seen apart by every eye


@styled
def plot_correlations(
    names: Sequence[str],
    values: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    sure: ArrayLike | None = None,
    title: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw correlations as points with their intervals, the first on top.

    Args:
        names: of the K features.
        values: (K,) in [-1, 1].
        low: (K,), lower ends of the intervals.
        high: (K,), upper ends.
        sure: (K,), which are left beside all that were looked at; the others are hollow. All are if None.
        title: above.
        axes: where to draw; a new figure if None.

    Raises:
        DataError: there are no features, or not as many numbers as names.
    """
    columns = [np.asarray(column, dtype=np.float64) for column in (values, low, high)]
    if not names or any(column.shape != (len(names),) for column in columns):
        shapes = ", ".join(str(column.shape) for column in columns)
        raise DataError(f"expected a value, a low and a high end a name ({len(names)} names), found {shapes}")
    axes = new_axes(axes, COLUMN_WIDTH, 0.5 + 0.17 * len(names))
    axes.axvline(0, color=MUTED, linewidth=0.6, zorder=0)
    filled = np.ones(len(names), dtype=bool) if sure is None else np.asarray(sure, dtype=bool)
    for row, (value, least, most) in enumerate(zip(*columns, strict=True)):
        color = _POSITIVE if value > 0 else _NEGATIVE
        axes.plot([least, most], [row, row], color=color, linewidth=1.4, alpha=0.55, solid_capstyle="butt")
        face = color if filled[row] else "white"
        axes.plot(value, row, "o", color=color, markerfacecolor=face, markersize=3.6)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.set(
        ylim=(len(names) - 0.4, -0.6), xlabel="correlation, 95 % interval" if title is None else "correlation"
    )
    axes.grid(axis="x", color="#EEEEEE", linewidth=0.5)
    axes.spines["left"].set_visible(False)
    axes.set_title(title or "")
    return axes


@styled
def plot_correlation_matrix(
    features: Sequence[str],
    targets: Sequence[str],
    values: ArrayLike,
    *,
    sure: ArrayLike | None = None,
    title: str | None = None,
) -> Figure:
    """Draw the correlations of features (rows) with targets (columns) as colours and numbers.

    Args:
        features: F names.
        targets: T names.
        values: (F, T) in [-1, 1]; NaN is left white.
        sure: (F, T), which are sure; only their numbers are shown. All are if None.
        title: above.

    Raises:
        DataError: the matrix is not (F, T).
    """
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.shape != (len(features), len(targets)) or not matrix.size:
        raise DataError(
            f"expected correlations ({len(features)} features, {len(targets)} targets), found {matrix.shape}"
        )
    shown = np.ones(matrix.shape, dtype=bool) if sure is None else np.asarray(sure, dtype=bool)
    words = 0.062 * max(map(len, features))
    figure = new_figure(words + 0.36 * len(targets) + 0.7, 0.165 * len(features) + 1.1)
    axes = figure.add_subplot()
    reach = max(0.1, float(np.nanmax(np.abs(matrix), initial=0)))
    scale = colormaps["RdBu_r"]
    image = axes.imshow(matrix, cmap=scale, vmin=-reach, vmax=reach, aspect="auto", interpolation="nearest")
    for row, column in np.argwhere(shown & ~np.isnan(matrix)).tolist():
        value = float(matrix[row, column])
        color = text_color_on(scale((value / reach + 1) / 2))
        text = f"{value:+.2f}".replace("0.", ".").replace("-", "−")
        axes.text(column, row, text, ha="center", va="center", fontsize=5.2, color=color)
    axes.set_xticks(range(len(targets)), targets, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(features)), features, color=INK)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=axes, fraction=0.05, pad=0.03, aspect=40)
    bar.outline.set_visible(False)
    axes.set_title(title or "")
    return figure
