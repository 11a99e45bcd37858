"""Texture and detail of a picture: edges, co-occurrences, Tamura's measures, local patterns, spectrum.

Sources: Haralick, Shanmugam & Dinstein 1973; Tamura, Mori & Yamawaki 1978; Ojala, Pietikäinen & Mäenpää 2002;
Graham & Field 2007; Braun, Amirshahi, Denzler & Redies 2013; Zhao et al. 2014 (PAEF). All of lightness L*.
What an even image has none of (a slope, a direction, a correlation) is nan.
"""

from math import nan
from typing import Final

import numpy as np
from jaxtyping import Float64
from scipy import ndimage

from evocative.explain.color_spaces import Pixels
from evocative.explain.style_color import entropy
from evocative.explain.style_gradient import Gradient, Plane

EDGE: Final = 0.05
"""Gradient of L*/100 a pixel from which a place is an edge: a step of a twentieth of black to white. Ours."""
GREYS: Final = 32
"""Levels that co-occurrences are counted with."""
_NEIGHBOURS: Final = ((0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1))
"""The circle of local binary patterns, P = 8, R = 1; corners stand for the circle (no interpolation)."""


def texture_features(pixels: Pixels, gradient: Gradient) -> dict[str, float]:
    """Measure how fine, rough, directed and regular an image is.

    Args:
        pixels: The image.
        gradient: Of its lightness.
    """
    light, size = pixels.lightness, gradient.size
    return (
        {
            "edge_density": float((size > EDGE).mean()),
            "detail": float(size.mean()),  # complexity, Braun et al. 2013, here of lightness alone
            "sharpness": float(np.log10(ndimage.laplace(light).var() + 1e-8)),  # Pech-Pacheco 2000
            "light_entropy": entropy(np.histogram(light, 64, (0, 1))[0]) / np.log(64),
        }
        | _co_occurrence(light)
        | _tamura(light, gradient)
        | {"lbp_entropy": _pattern_entropy(light), "spectral_slope": _slope(light)}
        | {"gradation": _gradation(gradient)}
    )


def co_occurrences(levels: np.ndarray, *, greys: int = GREYS) -> Float64[np.ndarray, "G G"]:
    """Return shares of neighbouring levels: distance 1, four directions together, symmetric (Haralick 1973).

    Args:
        levels: (H, W) integers from 0, below `greys`.
        greys: G.
    """
    pairs = (
        (levels[:, :-1], levels[:, 1:]),
        (levels[:-1], levels[1:]),
        (levels[:-1, :-1], levels[1:, 1:]),
        (levels[:-1, 1:], levels[1:, :-1]),
    )
    codes = np.concatenate([(first * greys + second).ravel() for first, second in pairs])
    counts = np.bincount(codes, minlength=greys**2).reshape(greys, greys).astype(np.float64)
    counts += counts.T
    return np.asarray(counts / counts.sum())


def _co_occurrence(light: Plane) -> dict[str, float]:
    """Contrast, correlation, energy (angular second moment) and homogeneity of co-occurring levels."""
    shares = co_occurrences(np.minimum((light * GREYS).astype(np.int64), GREYS - 1).clip(0))
    place = np.arange(GREYS)
    gap = place[:, None] - place
    centred = place - shares.sum(axis=0) @ place
    variance = float(shares.sum(axis=0) @ centred**2)
    return {
        "glcm_contrast": float((shares * gap**2).sum()),
        "glcm_correlation": float(centred @ shares @ centred) / variance if variance > 1e-12 else nan,
        "glcm_energy": float((shares**2).sum()),
        "glcm_homogeneity": float((shares / (1 + gap**2)).sum()),
    }


def _tamura(light: Plane, gradient: Gradient) -> dict[str, float]:
    """Coarseness, contrast and directionality of Tamura et al. 1978, as Machajdik & Hanbury 2010 use them."""
    spread = float(light.std())
    kurtosis = float(((light - light.mean()) ** 4).mean()) / spread**4 if spread > 1e-6 else 1.0
    total = float(gradient.size.sum())
    doubled = abs(gradient.directed.sum()) / total if total > 1e-9 * light.size else nan
    return {
        "coarseness": _coarseness(light),
        "tamura_contrast": spread / kurtosis**0.25,
        # Differs from the paper in: the resultant of doubled edge angles, not second moments of peaks
        "directionality": float(doubled),
    }


def _coarseness(light: Plane, most: int = 5) -> float:
    """Return the mean, in pixels, of the side 2^k (k = 0 … most) whose neighbouring windows differ most.

    Of sides that do as well, the largest. Places where no windows differ have none; nan of an even image.
    Differs from the paper in: it begins with single pixels, so that a checkerboard of these is not even.
    """
    across, down = (np.abs(np.diff(light, axis=axis)) for axis in (1, 0))
    best = np.maximum(np.pad(across, ((0, 0), (0, 1))), np.pad(down, ((0, 1), (0, 0))))
    sides = np.ones(light.shape)
    for power in range(1, most + 1):
        side = 2**power
        if 2 * side >= min(light.shape):
            break
        means = ndimage.uniform_filter(light, side, mode="reflect")
        half = side // 2
        across = np.abs(np.roll(means, -half, axis=1) - np.roll(means, half, axis=1))
        down = np.abs(np.roll(means, -half, axis=0) - np.roll(means, half, axis=0))
        across[:, :half] = across[:, -half:] = 0  # what was rolled round the border
        down[:half] = down[-half:] = 0
        differs = np.maximum(across, down)
        better = differs >= best - 1e-9
        best[better], sides[better] = differs[better], side
    differing = best > 1e-6
    return float(sides[differing].mean()) if differing.any() else nan


def _pattern_entropy(light: Plane) -> float:
    """Return the entropy of rotation-invariant uniform patterns, P = 8, R = 1, by its maximum (Ojala)."""
    middle = light[1:-1, 1:-1]
    height, width = light.shape
    bits = [
        light[1 + down : height - 1 + down, 1 + right : width - 1 + right] >= middle
        for down, right in _NEIGHBOURS
    ]
    circle = np.stack(bits).astype(np.int8)
    changes = np.abs(np.diff(circle, axis=0, append=circle[:1])).sum(axis=0)
    codes = np.where(changes <= 2, circle.sum(axis=0), 9)
    return float(entropy(np.bincount(codes.ravel(), minlength=10)) / np.log(10))


def _slope(light: Plane) -> float:
    """Return the slope of log power over log frequency, radially averaged (Graham & Field 2007).

    Between 1/16 and 1/3 of the sampling frequency, under a Hann window; natural scenes and paintings are near
    -2, finer pictures above, softer ones below. Bins with less than a millionth of the highest one's power
    are left out; nan with fewer than three, as in checkerboards, and where all of them hold a millionth or
    less.
    """
    height, width = light.shape
    window = np.outer(np.hanning(height), np.hanning(width))
    power = np.abs(np.fft.rfft2((light - light.mean()) * window)) ** 2
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    edges = np.geomspace(1 / 16, 1 / 3, 13)
    bins = np.searchsorted(edges, radius.ravel())
    counts = np.bincount(bins, minlength=14)[1:13]
    sums = np.bincount(bins, weights=power.ravel(), minlength=14)[1:13]
    held = (counts > 0) & (sums > 1e-6 * sums.max())
    if held.sum() < 3 or sums.sum() <= 1e-6 * power.sum():
        return nan
    middle = np.sqrt(edges[1:] * edges[:-1])[held]
    return float(np.polyfit(np.log(middle), np.log(sums[held] / counts[held]), 1)[0])


def _gradation(gradient: Gradient, sigma: float = 3.0) -> float:
    """Return how much of the local change goes one way: 1 in a smooth gradient, near 0 in a fine texture.

    Inherent over total variation in a Gaussian window (Xu, Yan, Xia & Jia 2012, L / D; PAEF's gradation);
    places weigh as their total variation. nan of an even image.
    """
    steps = (gradient.right, gradient.down)
    inherent = sum(float(np.abs(ndimage.gaussian_filter(part, sigma, truncate=3)).sum()) for part in steps)
    total = sum(float(ndimage.gaussian_filter(np.abs(part), sigma, truncate=3).sum()) for part in steps)
    return inherent / total if total > 1e-6 * gradient.size.size else nan


def gradient_statistics(pixels: Pixels) -> dict[str, float]:
    """Measure how colour gradients are spread: mean, SD, and how far from a normal curve.

    Ross, Ralph & Zong 2006 (after Ralph: in fine art they tend towards a normal distribution): stimulus S is
    the gradient of R, G and B, in units of d = 0.1 % of half the diagonal; response R = ln(S / S0), S0 = 2;
    mean and variance are weighted by R; the deviation is 1000 Σ p ln(p / q) over bins of SD / 100, q the
    normal curve. Differs from the paper in: S² is of the four sides of a square of pixels, not of its two
    diagonals, which is the same on any slope, and sees checkerboards of single pixels; bins of SD / 10, as
    images are small here; responses at or below 0 (no visible change) are left out. nan without any visible
    change, the deviation also where all responses are equal.
    """
    rgb = pixels.rgb
    step = 0.001 * np.hypot(*rgb.shape[:2]) / 2
    across, down = ((np.diff(rgb, axis=axis) ** 2).sum(axis=-1) for axis in (1, 0))
    stimulus = np.sqrt(across[:-1] + across[1:] + down[:, :-1] + down[:, 1:]) / step
    response = np.log(stimulus[stimulus > 2] / 2)
    total = float(response.sum())
    if total <= 0:
        return dict.fromkeys(("gradient_mean", "gradient_sd", "gradient_deviation"), nan)
    mean = float((response**2).sum()) / total
    spread = float(np.sqrt((response * (response - mean) ** 2).sum() / total))
    return {
        "gradient_mean": mean,
        "gradient_sd": spread,
        "gradient_deviation": _deviation(response, mean, spread),
    }


def _deviation(response: Float64[np.ndarray, " M"], mean: float, spread: float) -> float:
    """Return 1000 Σ p ln(p / q) of the responses' histogram, each response weighted by itself."""
    from scipy.stats import norm

    if spread < 1e-9:
        return nan
    edges = np.arange(mean - 6 * spread, mean + 6 * spread + spread / 20, spread / 10)
    seen = np.histogram(response, edges, weights=response)[0]
    expected = np.diff(norm.cdf(edges, mean, spread))
    share = seen / seen.sum()
    held = share > 0
    return float(1000 * (share[held] * np.log(share[held] / expected[held])).sum())
