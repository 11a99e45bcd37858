"""Predictions as a picture: a row an image, its probabilities and its place in the valence–arousal plane."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isnan, nan

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from evocative.errors import DataError
from evocative.plots.circumplex import draw_plane
from evocative.plots.style import FAINT, INK, MUTED, colors_for, edge_of, new_figure, styled
from evocative.plots.thumbnails import Picture, thumbnail

_ROW, _PAD = 1.5, 0.14  # inches: height of a row, space around its parts
_IMAGE, _BARS, _PLANE = 1.9, 2.5, 1.36  # inches: widths of the parts
_NAMES, _VALUES = 0.9, 0.38  # inches of the bars' width that names and numbers take
_MOST_BARS = 8


@dataclass(frozen=True, eq=False)
class Prediction:
    """What is predicted of one image, as the panel shows it."""

    image: Picture  # PIL image or array
    caption: str = ""  # for example the file's name
    probabilities: Sequence[float] | None = None  # (K,), None where the model has no emotions
    valence: float = nan  # in [-1, 1], nan where the model has none
    arousal: float = nan
    label: str | None = None  # the true label, where known


@styled
def plot_predictions(
    predictions: Sequence[Prediction],
    *,
    names: Sequence[str] = (),
    colors: Sequence[str] | None = None,
    title: str | None = None,
    columns: int | None = None,
) -> Figure:
    """Draw a panel: each image, bars of its probabilities, and its place in the valence–arousal plane.

    With more than eight emotions the eight likeliest are shown, likeliest first; otherwise all, in their
    order. The plane (or the bars) is left out where no image has it.

    Args:
        predictions: one an image; made for 1 to 20.
        names: the K emotions.
        colors: of the K emotions.
        title: above the panel.
        columns: rows of images stand in so many columns; one up to five images, two beyond, if None.

    Raises:
        DataError: there are no predictions, or a probability a name is not given.
    """
    if not predictions:
        raise DataError("a panel needs at least one prediction: found none")
    for place, one in enumerate(predictions):
        if one.probabilities is not None and len(one.probabilities) != len(names):
            raise DataError(
                f"prediction {place} ({one.caption or 'no caption'}) must have {len(names)} probabilities, "
                f"one a name: found {len(one.probabilities)}"
            )
    parts = _parts(predictions)
    columns = columns or (1 if len(predictions) <= 5 else 2)
    n_lines = ceil(len(predictions) / columns)
    head = 0.34 if title else 0.04
    cell = sum(parts.values()) + _PAD * (len(parts) + 1)
    figure = new_figure(cell * columns, _ROW * n_lines + head + 0.05, layout=None)
    palette = dict(zip(names, colors_for(names, colors), strict=True))
    for place, one in enumerate(predictions):
        left, top = cell * (place // n_lines), head + _ROW * (place % n_lines)
        if place % n_lines:
            _rule(figure, left + _PAD, top, cell - 2 * _PAD)
        _draw_row(figure, one, palette, (left, top), parts)
    if title:
        x, y = _PAD / figure.get_figwidth(), 1 - 0.1 / figure.get_figheight()
        figure.text(x, y, title, va="top", fontsize=9, fontweight="bold")
    return figure


def _parts(predictions: Sequence[Prediction]) -> dict[str, float]:
    """Return the parts that a row has, and how wide they are in inches."""
    parts = {"image": _IMAGE}
    if any(one.probabilities is not None for one in predictions):
        parts["bars"] = _BARS
    if any(not (isnan(one.valence) or isnan(one.arousal)) for one in predictions):
        parts["plane"] = _PLANE
    return parts


def _draw_row(
    figure: Figure,
    one: Prediction,
    palette: dict[str, str],
    corner: tuple[float, float],
    parts: dict[str, float],
) -> None:
    left, top = corner
    for part, width in parts.items():
        left += _PAD
        if part == "image":
            _draw_image(figure, one, (left, top + _PAD * 0.6, width, _ROW - _PAD))
        elif part == "bars" and one.probabilities is not None:
            _draw_bars(figure, one.probabilities, palette, (left, top + _PAD * 0.6, width, _ROW - _PAD))
        elif part == "plane" and not (isnan(one.valence) or isnan(one.arousal)):
            color = "#0072B2"
            if one.probabilities is not None:
                color = list(palette.values())[int(np.argmax(one.probabilities))]
            _draw_plane(figure, one, color, (left, top + _PAD * 0.6, width, _ROW - _PAD))
        left += width


def _axes_at(figure: Figure, box: tuple[float, float, float, float]) -> Axes:
    """Return axes at (left, top, width, height) in inches from the upper left corner."""
    width, height = figure.get_size_inches()
    left, top, w, h = box
    return figure.add_axes((left / width, 1 - (top + h) / height, w / width, h / height))


def _draw_image(figure: Figure, one: Prediction, box: tuple[float, float, float, float]) -> None:
    left, top, width, height = box
    words = [_short(one.caption)] if one.caption else []
    words += [f"label: {one.label}"] if one.label else []
    line = 0.125
    axes = _axes_at(figure, (left, top, width, height - line * len(words) - 0.02))
    axes.imshow(thumbnail(one.image, pixels=500), interpolation="antialiased")
    axes.set_axis_off()
    axes.set_anchor("S")
    size = figure.get_size_inches()
    for place, text in enumerate(words):
        down = top + height - line * (len(words) - place)
        x, y = (left + width / 2) / size[0], 1 - down / size[1]
        figure.text(x, y, text, ha="center", va="top", fontsize=6.3, color=MUTED)


def _short(text: str, most: int = 38) -> str:
    """Cut the middle out of a long name; its beginning and its end tell files apart."""
    return text if len(text) <= most else f"{text[: most // 2 - 1]}…{text[-(most // 2) :]}"


def _draw_bars(
    figure: Figure,
    probabilities: Sequence[float],
    palette: dict[str, str],
    box: tuple[float, float, float, float],
) -> None:
    left, top, width, height = box
    axes = _axes_at(figure, (left + _NAMES, top, width - _NAMES - _VALUES, height))
    shown = _shown(probabilities, list(palette))
    best = int(np.argmax(probabilities))
    slots = max(len(shown), 5)
    start = (slots - len(shown)) / 2
    for slot, place in enumerate(shown):
        y, name, share = start + slot, list(palette)[place], float(probabilities[place])
        weight = "bold" if place == best else "normal"
        color = palette[name]
        axes.barh(y, 1, height=0.62, color="#F2F2F2", linewidth=0)
        axes.barh(y, share, height=0.62, color=color, edgecolor=edge_of(color), linewidth=0.5)
        axes.text(-0.03, y, name, ha="right", va="center", fontsize=7, fontweight=weight)
        number = f"{100 * share:.0f} %" if share >= 0.005 else "<1 %"
        axes.text(1.03, y, number, ha="left", va="center", fontsize=6.8, fontweight=weight, color=INK)
    axes.set(xlim=(0, 1), ylim=(slots - 0.5, -0.5))
    axes.set_axis_off()


def _shown(probabilities: Sequence[float], names: Sequence[str]) -> list[int]:
    """Return which emotions are shown: all in their order or, of many, the likeliest first."""
    if len(names) <= _MOST_BARS:
        return list(range(len(names)))
    return [int(place) for place in np.argsort(-np.asarray(probabilities), kind="stable")[:_MOST_BARS]]


def _draw_plane(figure: Figure, one: Prediction, color: str, box: tuple[float, float, float, float]) -> None:
    left, top, width, height = box
    axes = _axes_at(figure, (left, top, width, height))
    draw_plane(axes, quadrants=True, fontsize=5.6)
    axes.set(xlim=(-1.2, 1.2), ylim=(-1.45, 1.22))
    axes.plot(
        one.valence,
        one.arousal,
        "o",
        color=color,
        markeredgecolor=edge_of(color),
        markersize=6,
        markeredgewidth=0.8,
        zorder=5,
    )
    axes.text(-1.06, 0, "arousal", fontsize=5.6, color=MUTED, ha="right", va="center", rotation=90)
    axes.text(0, -1.06, "valence", fontsize=5.6, color=MUTED, ha="center", va="top")
    valence, arousal = (round(value, 2) + 0.0 for value in (one.valence, one.arousal))  # no -0.00
    numbers = f"valence {valence:+.2f}   arousal {arousal:+.2f}".replace("-", "−")
    axes.text(0, -1.27, numbers, fontsize=6, ha="center", va="top")


def _rule(figure: Figure, left: float, top: float, width: float) -> None:
    """Draw a thin line between two rows."""
    size = figure.get_size_inches()
    y = 1 - top / size[1]
    figure.add_artist(Line2D([left / size[0], (left + width) / size[0]], [y, y], color=FAINT, linewidth=0.6))
