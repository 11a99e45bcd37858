"""Composition of a picture: symmetry, balance, emphasis, rule of thirds, depth of field, directions of lines.

Sources: Arnheim 1954; Datta, Joshi, Li & Wang 2006; Achanta, Hemami, Estrada & Süsstrunk 2009; Machajdik &
Hanbury 2010; Zhao, Gao, Jiang, Yao, Chua & Sun 2014 (PAEF); Hübner & Fillinger 2016.
"""

from typing import Final

import numpy as np
from jaxtyping import Float64
from scipy import ndimage

from evocative.explain.color_spaces import Pixels
from evocative.explain.style_color import entropy

Plane = Float64[np.ndarray, "H W"]
ORIENTATIONS: Final = 8
"""Bins of 22.5 degrees, the first around 0 degrees: a horizontal line."""


def composition_features(pixels: Pixels, gradient: tuple[Plane, Plane]) -> dict[str, float]:
    """Measure where things are in an image.

    Args:
        pixels: The image.
        gradient: Derivatives of lightness to the right and downwards, as `gradient_of` gives them.
    """
    size = np.hypot(*gradient)
    weight = visual_weight(pixels)
    return _symmetry(pixels.lightness) | _balance(weight) | _thirds(pixels, size) | _lines(gradient, size)


def gradient_of(light: Plane) -> tuple[Plane, Plane]:
    """Return derivatives to the right and downwards, a pixel: Sobel's kernels / 8, borders mirrored."""
    right, down = ndimage.sobel(light, axis=1, mode="reflect"), ndimage.sobel(light, axis=0, mode="reflect")
    return right / 8, down / 8


def visual_weight(pixels: Pixels) -> Plane:
    """Return how much each place stands out, ≥ 0: its distance in CIELAB from the image's mean.

    Frequency-tuned saliency (Achanta et al. 2009), blurred by a Gaussian of 1 % of the longer side instead of
    their 5 × 5 binomial, so that it does not depend on the image's size.
    """
    mean = pixels.lab.mean(axis=(0, 1))
    sigma = 0.01 * max(pixels.lab.shape[:2])
    blurred = ndimage.gaussian_filter(pixels.lab, sigma=(sigma, sigma, 0), mode="reflect", truncate=3)
    return np.asarray(np.linalg.norm(blurred - mean, axis=-1))


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
    """Where the centre of the visual weight lies, and how concentrated the weight is.

    Balance is 1 less the way from the image's middle to that centre, by half the diagonal: the deviation of
    the centre of mass (Hübner & Fillinger 2016; Arnheim 1954), here of `visual_weight` instead of darkness.
    Rule of thirds: 1 less the way from that centre to the nearest of the four power points, by the way from
    the image's middle to one of them: 1 on a power point, 0 in the middle, below it outside.
    Emphasis: 1 less the entropy of the weight over 16 × 16 cells by its maximum (after PAEF's emphasis).
    """
    height, width = weight.shape
    total = weight.sum()
    if total < 1e-6 * weight.size:
        return {"balance": 1.0, "balance_x": 0.0, "balance_y": 0.0, "thirds": 0.0, "emphasis": 0.0}
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


def _thirds(pixels: Pixels, size: Plane) -> dict[str, float]:
    """Compare the middle cell of a 3 × 3 grid with the whole image (Datta et al. 2006, f5 to f7, f_DOF)."""
    middle = tuple(slice(round(side / 3), round(2 * side / 3)) for side in size.shape)
    detail = size.sum()
    return {
        "center_brightness": float(pixels.lightness[middle].mean() - pixels.lightness.mean()),
        "center_saturation": float(pixels.saturation[middle].mean() - pixels.saturation.mean()),
        "center_detail": float(size[middle].sum() / detail) if detail > 1e-9 * size.size else 1 / 9,
    }


def _lines(gradient: tuple[Plane, Plane], size: Plane) -> dict[str, float]:
    """Measure which way edges run (Machajdik & Hanbury 2010: static and dynamic lines).

    Each pixel counts by its gradient. Entropy by its maximum is 1 where all directions are alike (Redies,
    Brachmann & Wagemans 2017).
    """
    along = (np.degrees(np.arctan2(gradient[1], gradient[0])) + 90) % 180  # the edge, not its normal
    step = 180 / ORIENTATIONS
    places = ((along + step / 2) // step).astype(np.int64) % ORIENTATIONS
    energy = np.bincount(places.ravel(), weights=size.ravel(), minlength=ORIENTATIONS)
    total = energy.sum()
    if total < 1e-9 * size.size:
        return {"horizontal_lines": 0.0, "vertical_lines": 0.0, "oblique_lines": 0.0, "line_variety": 0.0}
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
