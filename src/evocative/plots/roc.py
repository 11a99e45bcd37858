"""ROC curves: each class of a model against all others, and several models in one picture."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import auc, roc_curve

from evocative.errors import DataError
from evocative.plots.style import COLUMN_WIDTH, FAINT, MUTED, colors_for, edge_of, new_axes, styled

_MODELS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours of models (Okabe & Ito 2008)."""
_DASHES = ("solid", (0, (4, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5)))


@styled
def plot_roc(
    labels: ArrayLike,
    scores: ArrayLike,
    *,
    names: Sequence[str],
    colors: Sequence[str] | None = None,
    title: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw the true positive rate over the false positive rate of each class against all others.

    The legend gives the area under each curve and how many rows the class has. A class without rows, or with
    all of them, has no curve and says so. Lines differ in dashes as well as in colour.

    Args:
        labels: (N,) class indices, -1 where missing; those rows are left out.
        scores: (N, K), finite, higher meaning likelier.
        names: the K classes.
        colors: of the K classes.
        title: above the curves.
        axes: where to draw; a new figure if None.

    Raises:
        DataError: shapes do not match, or a score is not finite.
    """
    classes, table = np.asarray(labels), np.asarray(scores)
    if table.shape != (len(classes), len(names)) or not np.isfinite(table[classes >= 0]).all():
        raise DataError(
            f"ROC curves need N labels and finite scores (N, {len(names)}): "
            f"found {classes.shape} and {table.shape}"
        )
    table, classes = table[classes >= 0], classes[classes >= 0]
    axes = new_axes(axes, 4.9, 3.1)
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9, zorder=1)
    for place, (name, color) in enumerate(zip(names, colors_for(names, colors), strict=True)):
        style = {"color": edge_of(color), "linestyle": _DASHES[place % len(_DASHES)], "linewidth": 1.1}
        _draw_curve(axes, classes == place, table[:, place], name, style)
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    axes.set_xlabel("false positive rate")
    axes.set_ylabel("true positive rate")
    axes.set_title(title or "")
    heading = f"class: area (images of {len(classes):,})"
    legend = axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=2.4, title=heading)
    legend.get_title().set(color=MUTED, fontsize=7)
    return axes


@styled
def plot_rocs(
    models: Mapping[str, tuple[ArrayLike, ArrayLike]],
    *,
    label: str | None = None,
    title: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw the curves of several models, or of one on several data sets, with their areas.

    Args:
        models: By title, (N,) labels with -1 where missing, and scores: (N,) of the one class that is looked
            for, labels being 0 and 1, or (N, K) of all classes. Of K classes the curve is the mean of their
            curves at each false positive rate, and the area the mean of their areas.
        label: What the class is called that is looked for.
        title: Above the curves.
        axes: Where to draw; a new figure of a column's width if None.

    Raises:
        DataError: There are no models, shapes do not match, or a score is not finite.
    """
    if not models:
        raise DataError("ROC curves need a model at least, found none")
    axes = new_axes(axes, COLUMN_WIDTH, COLUMN_WIDTH + 0.14 * len(models) + 0.02)
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9, zorder=1)
    for place, (name, (labels, scores)) in enumerate(models.items()):
        false, true, area, n = _mean_curve(np.asarray(labels), np.asarray(scores), name)
        color, dash = _MODELS[place % len(_MODELS)], _DASHES[place % len(_DASHES)]
        told = f"{name}: {area:.3f} (n = {n:,})" if np.isfinite(area) else f"{name}: undefined (n = {n:,})"
        axes.plot(false, true, label=told, color=color, linestyle=dash, linewidth=1.3)
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    axes.set_xlabel("false positive rate")
    axes.set_ylabel("true positive rate")
    axes.set_title(title or "")
    heading = f"area under the curve of {label}" if label else "area under the curve, mean of all classes"
    legend = axes.legend(
        loc="upper left", bbox_to_anchor=(-0.02, -0.13), handlelength=2.4, title=heading, alignment="left"
    )
    legend.get_title().set(color=MUTED, fontsize=7)
    return axes


def _mean_curve(
    classes: NDArray[Any], scores: NDArray[Any], name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], float, int]:
    """Return false and true positive rates, the area, and how many rows there are."""
    known = classes >= 0
    table = np.stack([1 - scores, scores], axis=1) if scores.ndim == 1 else scores
    if classes.ndim != 1 or len(table) != len(classes) or not np.isfinite(table[known]).all():
        raise DataError(
            f"{name}: ROC curves need N labels and N finite scores, found {classes.shape}, {scores.shape}"
        )
    columns = (1,) if scores.ndim == 1 else range(table.shape[1])
    counts = {k: np.count_nonzero(classes[known] == k) for k in columns}
    curves = [
        roc_curve(classes[known] == k, table[known, k], drop_intermediate=False)[:2]
        for k in columns
        if 0 < counts[k] < known.sum()
    ]
    n = int(known.sum())
    if not curves:
        return np.zeros(0), np.zeros(0), float("nan"), n
    area = float(np.mean([auc(false, true) for false, true in curves]))
    if len(curves) == 1:
        return curves[0][0], curves[0][1], area, n
    grid = np.linspace(0, 1, 1001)
    mean = np.mean([np.interp(grid, false, true) for false, true in curves], axis=0)
    return np.concatenate([[0.0], grid]), np.concatenate([[0.0], mean]), area, n


def _draw_curve(axes: Axes, belongs: NDArray[np.bool_], scores: NDArray[Any], name: str, style: Any) -> None:
    n = int(np.count_nonzero(belongs))
    if n in (0, belongs.size):
        axes.plot([], [], label=f"{name}: undefined ({n:,})", **style)
        return
    false, true, _ = roc_curve(belongs, scores)
    axes.plot(false, true, label=f"{name}: {auc(false, true):.3f} ({n:,})", **style)
