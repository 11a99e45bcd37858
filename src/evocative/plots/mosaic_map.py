"""Pictures of an archive without axes: strips by the strongest emotion, and a map between the emotions.

plot_strips({"awe": [(0.93, picture), (0.41, picture)]})
plot_emotion_map(probabilities, pictures, labels)
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.plots.mosaic import plot_mosaic
from evocative.plots.style import FAINT, PAGE_WIDTH, edge_of, new_axes, styled
from evocative.plots.thumbnails import Picture, cropped

SIDE: Final = 0.05
"""Of a picture on the map, as a share of its width."""
_REACH: Final = 1.4  # of the map from its middle, names included


@styled
def plot_strips(
    strips: Mapping[str, Sequence[tuple[float, Picture | None]]],
    *,
    colors: Mapping[str, str] | None = None,
    columns: int = 20,
    title: str | None = None,
    width: float = PAGE_WIDTH,
) -> Figure:
    """Draw a strip for each emotion that is the strongest somewhere: the surest pictures first.

    Args:
        strips: Emotion to (its probability, picture); the picture is None where it is not shown.
        colors: By emotion.
        columns: Pictures a line; more wrap.
        title: Above.
        width: Of the figure, inches.

    Raises:
        DataError: There are no emotions, or no columns.
    """
    if columns < 1 or not strips:
        raise DataError(
            f"strips need an emotion or more and at least one column, found {len(strips)}, {columns}"
        )
    pictures: dict[tuple[int, int], Picture | None] = {}
    names: list[str] = []
    shades: list[str] = []
    for name, found in strips.items():
        ordered = sorted(found, key=lambda one: -one[0])
        for place, (_, picture) in enumerate(ordered):
            pictures[len(names) + place // columns, place % columns] = picture
        lines = max(1, -(-len(ordered) // columns))
        names += [f"{name} ({len(ordered)})"] + [""] * (lines - 1)
        shades += [(colors or {}).get(name, FAINT)] * lines
    return plot_mosaic(
        pictures, (len(names), columns), rows=names, colors=shades, pale=False, title=title, width=width
    )


def between_emotions(probabilities: ArrayLike) -> NDArray[np.float64]:
    """Return where distributions lie between emotions set around a circle: RadViz (Hoffman et al. 1997).

    Emotion k of K stands at the angle 90° - 360° k / K; a distribution lies at the mean of these places,
    weighed by its probabilities. What is far out is sure; what is in the middle is unsure, or torn between
    emotions that stand opposite.

    Args:
        probabilities: (N, K), K ≥ 2, rows that sum to 1.

    Returns:
        (N, 2) in the unit circle.

    Example:
        >>> between_emotions([[1.0, 0, 0, 0], [0.5, 0, 0.5, 0]]).round(6).tolist()
        [[0.0, 1.0], [0.0, 0.0]]
    """
    weights = np.asarray(probabilities, dtype=np.float64)
    angles = np.pi / 2 - 2 * np.pi * np.arange(weights.shape[1]) / weights.shape[1]
    return np.asarray(weights @ np.stack([np.cos(angles), np.sin(angles)], axis=1))


@styled
def plot_emotion_map(
    probabilities: ArrayLike,
    pictures: Sequence[Picture | None],
    labels: Sequence[str],
    *,
    colors: Mapping[str, str] | None = None,
    title: str | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw pictures between the emotions (`between_emotions`), each where there is room, the surest first.

    What finds no room is a dot in its strongest emotion's colour.

    Args:
        probabilities: (N, K).
        pictures: N of them; None where one is not shown.
        labels: K names, around the circle.
        colors: By label.
        title: Above.
        axes: Where to draw; a new figure if None.

    Raises:
        DataError: Lengths differ.
    """
    chances = np.asarray(probabilities, dtype=np.float64).reshape(-1, len(labels))
    if len(chances) != len(pictures):
        raise DataError(f"expected a picture, or None, a row: found {len(pictures)} for {len(chances)} rows")
    axes = new_axes(axes, PAGE_WIDTH * 0.8, PAGE_WIDTH * 0.8)
    corners, places = between_emotions(np.eye(len(labels))), between_emotions(chances)
    axes.fill(*corners.T, facecolor="none", edgecolor=FAINT, linewidth=0.8, zorder=1)
    for label, (x, y) in zip(labels, corners, strict=True):
        ha = "center" if abs(x) < 0.2 else "left" if x > 0 else "right"
        axes.text(
            1.13 * x, 1.13 * y, label, ha=ha, va="center", color=edge_of((colors or {}).get(label, "#222222"))
        )
    shown = _spaced(
        places, np.argsort(-chances.max(axis=1), kind="stable"), [one is None for one in pictures]
    )
    shades = [(colors or {}).get(labels[k], FAINT) for k in chances.argmax(axis=1)]
    axes.scatter(places[:, 0], places[:, 1], c=shades or None, s=7, linewidths=0, zorder=2)
    across = axes.figure.get_figure(root=True).get_size_inches()[0] * 200 * SIDE
    for row in shown:
        small = cropped(pictures[row], pixels=round(across))  # type: ignore[arg-type]
        image = OffsetImage(small, zoom=across / small.shape[1] * 72 / 200)
        axes.add_artist(AnnotationBbox(image, places[row], frameon=True, pad=0.06, zorder=3,
                                       bboxprops={"edgecolor": shades[row], "linewidth": 0.8}))  # fmt: skip
    axes.set(xlim=(-_REACH, _REACH), ylim=(-1.22, 1.22), aspect="equal")
    axes.set_axis_off()
    axes.set_title(title or "")
    return axes


def _spaced(places: NDArray[np.float64], order: NDArray[np.int64], hidden: Sequence[bool]) -> list[int]:
    """Return rows whose pictures do not overlap, taken greedily in this order."""
    room = 2 * _REACH * SIDE * 1.12
    kept: list[int] = []
    for row in order.tolist():
        apart = [np.abs(places[row] - places[other]).max() >= room for other in kept]
        if not hidden[row] and all(apart):
            kept.append(row)
    return kept
