"""ROC curves, each class against all others."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import auc, roc_curve

from evocative.errors import DataError
from evocative.plots.style import FAINT, MUTED, colors_for, edge_of, new_axes, styled

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


def _draw_curve(axes: Axes, belongs: NDArray[np.bool_], scores: NDArray[Any], name: str, style: Any) -> None:
    n = int(np.count_nonzero(belongs))
    if n in (0, belongs.size):
        axes.plot([], [], label=f"{name}: undefined ({n:,})", **style)
        return
    false, true, _ = roc_curve(belongs, scores)
    axes.plot(false, true, label=f"{name}: {auc(false, true):.3f} ({n:,})", **style)
