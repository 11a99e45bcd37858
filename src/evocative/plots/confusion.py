"""Confusion matrices: how often each label (row) is predicted as each class (column)."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.plots.style import FAINT, MUTED, edge_of, new_axes, new_figure, styled, text_color_on

_BLUES = LinearSegmentedColormap.from_list("evocative.blues", colormaps["Blues"](np.linspace(0.0, 0.95, 256)))


@styled
def plot_confusion(
    matrix: ArrayLike,
    *,
    names: Sequence[str],
    normalize: bool = False,
    colors: Sequence[str] | None = None,
    title: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw a confusion matrix with its numbers.

    Args:
        matrix: (K, K) counts, labels in rows, predictions in columns.
        names: the K classes.
        normalize: show each cell as a share of its row, in per cent, instead of the count. A label that does
            not occur has no shares: its row shows dashes.
        colors: of the classes, drawn beside their names.
        title: above the matrix.
        axes: where to draw; a new figure if None.

    Raises:
        DataError: the matrix is not (K, K) of counts.
    """
    counts = _counts(matrix, len(names))
    axes = new_axes(axes, *_size(names))
    support = counts.sum(axis=1)
    with np.errstate(invalid="ignore"):
        shares = counts / support[:, None]
    shown = shares if normalize else counts / max(counts.max(initial=0), 1)
    image = np.where(np.isnan(shown), 0.0, shown)
    axes.imshow(image, cmap=_BLUES, vmin=0, vmax=1, aspect="equal", interpolation="nearest")
    _write_cells(axes, counts, shares if normalize else None, image)
    _name_axes(axes, names, support, colors)
    if title:
        axes.set_title(title)
    return axes


@styled
def plot_confusions(
    matrix: ArrayLike,
    *,
    names: Sequence[str],
    colors: Sequence[str] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw a confusion matrix twice: its counts and, beside them (below, if large), the shares of each row.

    Args, errors: as `plot_confusion`.
    """
    width, height = _size(names)
    beside = len(names) <= 12
    figure = new_figure(2 * width, height) if beside else new_figure(width, 2 * height)
    axes = figure.subplots(1, 2) if beside else figure.subplots(2, 1)
    total = int(_counts(matrix, len(names)).sum())
    prefix = f"{title}: " if title else ""
    plot_confusion(matrix, names=names, colors=colors, axes=axes[0], title=f"{prefix}images (n = {total:,})")
    plot_confusion(matrix, names=names, colors=colors, axes=axes[1], normalize=True, title="% of each label")
    return figure


def _counts(matrix: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    counts = np.asarray(matrix)
    if (
        counts.shape != (n_classes, n_classes)
        or not np.issubdtype(counts.dtype, np.integer)
        or (counts < 0).any()
    ):
        raise DataError(
            f"a confusion matrix of {n_classes} classes must be ({n_classes}, {n_classes}) counts, "
            f"found shape {counts.shape} of {counts.dtype}"
        )
    return counts.astype(np.int64)


def _size(names: Sequence[str]) -> tuple[float, float]:
    """Return width and height in inches that leave every cell its number."""
    cell = 0.36 if len(names) <= 12 else 0.3
    words = 0.062 * max(map(len, names))
    side = max(cell * len(names), 1.0)
    return side + words + 0.8, side + words * 0.75 + 0.75


def _write_cells(
    axes: Axes, counts: NDArray[np.int64], shares: NDArray[np.float64] | None, image: NDArray[np.float64]
) -> None:
    for row, column in np.ndindex(*counts.shape):
        if shares is None:
            text = f"{counts[row, column]:,}"
        else:
            share = shares[row, column]
            text = "–" if np.isnan(share) else f"{100 * share:.0f}"
        nothing = counts[row, column] == 0
        axes.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=6.8 if len(text) <= 4 else 5.6,
            color="#A6A6A6" if nothing else text_color_on(_BLUES(float(image[row, column]))),
            fontweight="bold" if row == column and not nothing else "normal",
        )


def _name_axes(
    axes: Axes, names: Sequence[str], support: NDArray[np.int64], colors: Sequence[str] | None
) -> None:
    places = range(len(names))
    axes.set_xticks(places, names, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(places, [f"{name} ({n:,})" for name, n in zip(names, support, strict=True)])
    axes.tick_params(length=0, pad=7 if colors else 3)
    axes.set_xlabel("predicted")
    axes.set_ylabel("label (images)")
    axes.spines[:].set_visible(False)
    axes.set_xticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.2)
    axes.tick_params(which="minor", length=0)
    axes.add_patch(
        Rectangle((-0.5, -0.5), len(names), len(names), fill=False, edgecolor=FAINT, linewidth=0.6)
    )
    for place, color in zip(places, colors or (), strict=False):
        for x, y in ((-0.5 - 0.13, place), (place, len(names) - 0.5 + 0.13)):
            axes.plot(
                x,
                y,
                "s",
                color=color,
                markeredgecolor=edge_of(color),
                markeredgewidth=0.4,
                markersize=3.6,
                clip_on=False,
            )
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.yaxis.label.set_color(MUTED)
    axes.xaxis.label.set_color(MUTED)
