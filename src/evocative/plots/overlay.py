"""Maps laid over the picture that they are of: one emotion each, side by side."""

from collections.abc import Mapping, Sequence
from math import ceil

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from evocative.errors import DataError
from evocative.plots.style import INK, MUTED, PAGE_WIDTH, edge_of, new_figure, styled
from evocative.plots.thumbnails import Picture, thumbnail

COLOR_MAP = "inferno"
"""Dark to bright in even steps, also in grey and under colour vision deficiency."""
_TITLE = 0.28  # inches
_FOOT = 0.2


def overlay(
    image: Picture,
    values: NDArray[np.floating],
    *,
    top: float | None = None,
    strength: float = 0.7,
    pixels: int = 640,
) -> NDArray[np.uint8]:
    """Return a picture (h, w, 3) with a map over it: grey and dark where it is 0, in colour where it is high.

    Args:
        image: Anything that `thumbnail` takes.
        values: (a, b), 0 or above, covering the whole picture; enlarged bilinearly.
        top: The value drawn brightest; by default the map's highest. The same for several maps lets them be
            compared.
        strength: How much of the map there is where it is highest, in [0, 1].
        pixels: The longer side of the result at most.

    Raises:
        DataError: This is no picture, no map, or a number is out of range.
    """
    values = np.asarray(values, np.float32)
    if values.ndim != 2 or not values.size or not np.isfinite(values).all() or values.min() < 0:
        raise DataError("an overlay needs a map (h, w) of finite values, 0 or above")
    if not 0 <= strength <= 1 or (top is not None and top < 0):
        raise DataError(
            f"an overlay's strength lies in [0, 1] and its top is 0 or above, not {strength}, {top}"
        )
    picture = thumbnail(image, pixels=pixels).astype(np.float32) / 255
    size = (picture.shape[1], picture.shape[0])
    highest = float(values.max()) if top is None else top
    share = np.clip(values / highest, 0, 1) if highest > 0 else np.zeros_like(values)
    large = np.asarray(Image.fromarray(share).resize(size, Image.Resampling.BILINEAR))[:, :, None]
    grey = 0.65 * (picture @ np.array([0.299, 0.587, 0.114], np.float32))[:, :, None]
    base = large * picture + (1 - large) * grey  # what the map does not see loses its colour
    color = mpl.colormaps[COLOR_MAP](large[:, :, 0])[:, :, :3]
    weight = strength * large**1.5
    shown: NDArray[np.uint8] = np.round(255 * ((1 - weight) * base + weight * color)).astype(np.uint8)
    return shown


@styled
def plot_emotion_maps(
    image: Picture,
    maps: Mapping[str, NDArray[np.floating]],
    *,
    notes: Mapping[str, str] | None = None,
    colors: Mapping[str, str] | None = None,
    shared: bool = False,
    columns: int | None = None,
    width: float = PAGE_WIDTH,
) -> Figure:
    """Draw a picture, and its maps over it, a panel a map.

    Args:
        image: The picture.
        maps: By name (the emotions): (h, w), 0 or above, in one unit.
        notes: By name: below the panel, as the probability.
        colors: Of the names.
        shared: All maps on one scale, so that weak ones look weak; else each is brightest at its own top,
            which is written below it as a share of the highest.
        columns: Panels a line; by default at most five.
        width: Of the figure, inches.

    Raises:
        DataError: There are no maps, no columns, or something is no map or picture.
    """
    if not maps or (columns is not None and columns < 1):
        raise DataError(f"expected one map or more and at least one column, found {len(maps)} and {columns}")
    highest = max(float(np.max(values)) for values in maps.values())
    plain = thumbnail(image, pixels=480)
    panels = {"picture": plain} | {
        name: overlay(image, values, top=highest if shared else None, pixels=480)
        for name, values in maps.items()
    }
    columns = columns or min(5, len(panels))
    side = width / columns
    tall = side * min(1.6, plain.shape[0] / plain.shape[1]) + _TITLE + _FOOT
    rows = ceil(len(panels) / columns)
    figure = new_figure(width, tall * rows)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, (name, panel) in zip(grid.flat, panels.items(), strict=False):
        axes.imshow(panel, interpolation="antialiased")
        color = (colors or {}).get(name)
        axes.set_title(name, pad=3, fontsize=7.5, color=edge_of(color) if color else INK, fontweight="bold")
        said = _said(name, maps, notes or {}, highest)
        axes.text(0.5, -0.03, said, transform=axes.transAxes, ha="center", va="top", fontsize=6, color=MUTED)
    return figure


def _said(
    name: str, maps: Mapping[str, NDArray[np.floating]], notes: Mapping[str, str], highest: float
) -> str:
    if name not in maps:
        return ""
    share = float(np.max(maps[name])) / highest if highest > 0 else 0.0
    parts: Sequence[str] = [notes[name]] if name in notes else []
    return ", ".join([*parts, f"top {share:.0%}" if share else "nothing"])
