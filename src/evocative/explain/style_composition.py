"""Composition of a picture: symmetry, balance, emphasis, rule of thirds, depth of field, directions of lines.

Sources: Arnheim 1954; Datta, Joshi, Li & Wang 2006; Achanta, Hemami, Estrada & Süsstrunk 2009; Machajdik &
Hanbury 2010; Zhao, Gao, Jiang, Yao, Chua & Sun 2014 (PAEF); Hübner & Fillinger 2016.
"""

from math import nan
from typing import Final

import numpy as np
from scipy import ndimage

from evocative.explain.color_spaces import Pixels
from evocative.explain.style_color import entropy
from evocative.explain.style_gradient import Gradient, Plane

VISIBLE: Final = 2.3
"""CIELAB distance from which a difference is seen (Mahy, Van Eycken & Oosterlinck 1994)."""
ORIENTATIONS: Final = 8
"""Bins of 22.5 degrees, the first around 0 degrees: a horizontal line."""


def composition_features(pixels: Pixels, gradient: Gradient) -> dict[str, float]:
    """Measure where things are in an image.

    Args:
        pixels: The image.
        gradient: Of its lightness.
    """
    return (
        _symmetry(pixels.lightness)
        | _balance(visual_weight(pixels))
        | _middle_cell(pixels, gradient.size)
        | _lines(gradient)
    )


def visual_weight(pixels: Pixels) -> Plane:
    """Return how much each place stands out from the ground, ≥ 0, in CIELAB; 0 of the ground itself.

    After frequency-tuned saliency (Achanta et al. 2009), the distance of the blurred image from its mean.
    Differs from the paper in: the ground is the median colour, as a mean lies between ground and figure, so
    that a large ground weighs in sum as much as what is before it; what lies nearer to it than Otsu's
    threshold is ground, and weighs nothing (they cut at twice the mean saliency, which leaves nothing of
    large figures); the blur is a Gaussian of 1 % of the longer side instead of a 5 × 5 binomial, so that it
    does not depend on the image's size. All 0 where nothing differs visibly.
    """
    ground = np.median(pixels.lab, axis=(0, 1))
    sigma = 0.01 * max(pixels.lab.shape[:2])
    blurred = ndimage.gaussian_filter(pixels.lab, sigma=(sigma, sigma, 0), mode="reflect", truncate=3)
    away = np.linalg.norm(blurred - ground, axis=-1)
    if away.max() < VISIBLE:
        return np.zeros_like(away)
    return np.where(away >= otsu(away), away, 0.0)


def otsu(values: Plane, bins: int = 256) -> float:
    """Return the threshold that parts values into two classes farthest apart (Otsu 1979).

    Where several do as well, as between two values alone, the middle one.

    Example:
        >>> round(otsu(np.array([[0.0, 0.0, 0.0, 10.0]])), 1)
        5.0
    """
    counts, edges = np.histogram(values, bins)
    middles = (edges[1:] + edges[:-1]) / 2
    below = counts.cumsum()[:-1]
    above = counts.sum() - below
    sums = (counts * middles).cumsum()
    held = (below > 0) & (above > 0)
    gap = sums[:-1] / np.maximum(below, 1) - (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    apart = np.where(held, below * above * gap**2, 0.0)
    return float(edges[1:-1][apart >= apart.max() * (1 - 1e-9)].mean())


def _symmetry(light: Plane) -> dict[str, float]:
    """Correlate lightness with its mirror images: 1 where they are the same, also of an even image."""
    centred = light - light.mean()
    power = float((centred**2).sum())
    even = power < 1e-9 * light.size
    return {
        name: 1.0 if even else float((centred * mirrored).sum() / power)
        for name, mirrored in (
            ("symmetry_left_right", centred[:, ::-1]),
            ("symmetry_top_bottom", centred[::-1]),
        )
    }


def _balance(weight: Plane) -> dict[str, float]:
    """Where the centre of the visual weight lies, and how concentrated the weight is; nan without any.

    Balance is 1 less the way from the image's middle to that centre, by half the diagonal: the deviation of
    the centre of mass (Hübner & Fillinger 2016; Arnheim 1954), here of `visual_weight` instead of darkness.
    Rule of thirds: 1 less the way from that centre to the nearest of the four power points, by the way from
    the image's middle to one of them: 1 on a power point, 0 in the middle, -1 in a corner.
    Emphasis: 1 less the entropy of the weight over 16 × 16 cells by its maximum (after PAEF's emphasis).
    """
    height, width = weight.shape
    total = weight.sum()
    if not total:
        return dict.fromkeys(("balance", "balance_x", "balance_y", "thirds", "emphasis"), nan)
    x = float(weight.sum(axis=0) @ (np.arange(width) + 0.5) / total / width) - 0.5  # -.5 left to .5 right
    y = float(weight.sum(axis=1) @ (np.arange(height) + 0.5) / total / height) - 0.5
    way = np.hypot(x * width, y * height) / (np.hypot(width, height) / 2)
    to_point = np.hypot((abs(x) - 1 / 6) * width, (abs(y) - 1 / 6) * height)
    cells = np.add.reduceat(weight, _edges(height, 16), axis=0)
    cells = np.add.reduceat(cells, _edges(width, 16), axis=1)
    return {
        "balance": 1 - float(way),
        "balance_x": 2 * x,
        "balance_y": 2 * y,
        "thirds": 1 - float(to_point / np.hypot(width / 6, height / 6)),
        "emphasis": 1 - entropy(cells) / np.log(cells.size),
    }


def _middle_cell(pixels: Pixels, size: Plane) -> dict[str, float]:
    """Compare the middle cell of a 3 × 3 grid with the whole image (Datta et al. 2006, f5 to f7, f_DOF)."""
    middle, within = (
        tuple(slice(round(side / 3), round(2 * side / 3)) for side in plane.shape)
        for plane in (pixels.lightness, size)
    )
    detail = size.sum()
    return {
        "center_brightness": float(pixels.lightness[middle].mean() - pixels.lightness.mean()),
        "center_saturation": float(pixels.saturation[middle].mean() - pixels.saturation.mean()),
        "center_detail": float(size[within].sum() / detail) if detail > 1e-9 * size.size else nan,
    }


def _lines(gradient: Gradient) -> dict[str, float]:
    """Measure which way edges run (Machajdik & Hanbury 2010: static and dynamic lines); nan without any.

    Each place counts by the part of its gradient that goes one way. Entropy by its maximum is 1 where all
    directions are alike (Redies, Brachmann & Wagemans 2017).
    """
    along = (np.degrees(np.angle(gradient.directed)) / 2 + 90) % 180  # the edge, not its normal
    step = 180 / ORIENTATIONS
    places = ((along + step / 2) // step).astype(np.int64) % ORIENTATIONS
    weights = np.abs(gradient.directed)
    energy = np.bincount(places.ravel(), weights=weights.ravel(), minlength=ORIENTATIONS)
    total = energy.sum()
    if total < 1e-9 * weights.size:
        names = ("horizontal_lines", "vertical_lines", "oblique_lines", "line_variety")
        return dict.fromkeys(names, nan)
    shares = energy / total
    return {
        "horizontal_lines": float(shares[0]),
        "vertical_lines": float(shares[4]),
        "oblique_lines": float(shares[[1, 2, 3, 5, 6, 7]].sum()),
        "line_variety": entropy(energy) / np.log(ORIENTATIONS),
    }


def _edges(length: int, parts: int) -> np.ndarray:
    """Return where equal parts of an axis begin."""
    return np.unique(np.arange(parts) * length // parts)
