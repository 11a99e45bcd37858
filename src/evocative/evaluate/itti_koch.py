"""The saliency of Itti, Koch & Niebur 1998: what differs from its surround in light, colour or direction.

L. Itti, C. Koch, E. Niebur, *A model of saliency-based visual attention for rapid scene analysis*, IEEE
Trans. PAMI 20(11), 1254: centre (scales 2, 3, 4) less surround (3 or 4 scales coarser) of intensity, of
red-green and blue-yellow opponency, and of four orientations; each map weighed by how far its highest peak
stands above its others; all added at scale 4. It knows no emotion, and no object.

Differs from the paper in: every picture is scaled to one width, and squeezed where it would be more than
four times as high (up to 100 times are read, and would take gigabytes); scales are halved by a Gaussian and a
2 × 2 mean; opponency of centre and surround is a plain difference, where the paper prints R(c) - G(c) less
G(s) - R(s); orientations are the lengths of Gabor responses of 7 pixels' wavelength on each scale of
intensity; local maxima below a tenth of the highest are none. Winner-take-all and inhibition of return, which
make a path of the map, are left out.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, maximum_filter
from scipy.signal import fftconvolve

from evocative.metrics.map_values import resize_map

Plane = NDArray[np.float32]
_CENTERS, _DELTAS, _DEEPEST = (2, 3, 4), (3, 4), 8
_ANGLES = (0.0, 45.0, 90.0, 135.0)


def itti_koch(image: Image.Image, *, size: int = 640) -> Plane:
    """Return the saliency map of a picture, at a sixteenth of the width that it is scaled to.

    Args:
        image: RGB.
        size: Width that it is scaled to first, 256 or more; the paper: 640.

    Returns:
        (h, w), 0 or above; a picture without any contrast gives zeros.
    """
    height = min(max(256, round(image.height * size / image.width)), 4 * size)
    small = image.resize((size, height), Image.Resampling.BILINEAR)
    pixels = np.asarray(small, np.float32) / np.float32(255)
    intensity, opponents = _early(pixels)
    light = _pyramid(intensity)
    shape = light[4].shape
    of_intensity = _summed([_promoted(each) for each in _surrounds(light)], shape)
    of_color = _summed(
        [_promoted(each) for plane in opponents for each in _surrounds(_pyramid(plane))], shape
    )
    of_angle = np.zeros(shape, np.float32)
    for angle in _ANGLES:
        edges = _surrounds([_gabor(plane, angle) for plane in light])
        of_angle += _promoted(_summed([_promoted(each) for each in edges], shape))
    total = _promoted(of_intensity) + _promoted(of_color) + _promoted(of_angle)
    return np.asarray(total / 3, np.float32)


def _early(pixels: NDArray[np.float32]) -> tuple[Plane, tuple[Plane, Plane]]:
    """Return intensity, and the double opponents R - G and B - Y (2, 3)."""
    intensity = pixels.mean(axis=2)
    seen = intensity > intensity.max() / 10  # hue is not seen in the dark
    r, g, b = np.moveaxis(
        np.where(seen[:, :, None], pixels / np.maximum(intensity, 1e-6)[:, :, None], 0), 2, 0
    )
    red, green, blue = (np.maximum(x - (y + z) / 2, 0) for x, y, z in ((r, g, b), (g, r, b), (b, r, g)))
    yellow = np.maximum((r + g) / 2 - np.abs(r - g) / 2 - b, 0)
    return intensity, (red - green, blue - yellow)


def _pyramid(plane: Plane) -> list[Plane]:
    """Return scales 0 to 8, each half as large as the one before."""
    found = [np.asarray(plane, np.float32)]
    for _ in range(_DEEPEST):
        smooth = gaussian_filter(found[-1], 1.0, mode="nearest")
        half = (max(1, smooth.shape[1] // 2), max(1, smooth.shape[0] // 2))
        found.append(np.asarray(Image.fromarray(smooth).resize(half, Image.Resampling.BOX)))
    return found


def _surrounds(scales: Sequence[Plane]) -> list[Plane]:
    """Return |centre - surround| (1), six maps; the surround is enlarged to the centre's scale."""
    return [
        np.abs(scales[c] - resize_map(scales[c + d], *scales[c].shape)) for c in _CENTERS for d in _DELTAS
    ]


def _gabor(plane: Plane, angle: float, *, wavelength: float = 7.0) -> Plane:
    """Return the length of the even and odd Gabor responses: how much there is of a direction."""
    across, down = np.meshgrid(np.arange(-9, 10), np.arange(-9, 10))
    turn = np.deg2rad(angle)
    along = across * np.cos(turn) + down * np.sin(turn)
    window = np.exp(-(across**2 + down**2) / (2 * (wavelength / 3) ** 2))
    wave = np.exp(2j * np.pi * along / wavelength)
    kernel = window * (wave - (window * wave).sum() / window.sum())  # nothing where nothing changes
    padded = np.pad(plane, 9, mode="edge")
    return np.abs(fftconvolve(padded, kernel / window.sum(), mode="valid")).astype(np.float32)


def _promoted(plane: Plane) -> Plane:
    """Return N(map): stretched to [0, 1], times (1 - mean of its other local maxima)²."""
    low, high = float(plane.min()), float(plane.max())
    if high - low < 1e-6:
        return np.zeros_like(plane)
    found = (plane - low) / (high - low)
    peaks = found[(found == maximum_filter(found, 3)) & (found > 0.1)]
    others = np.sort(peaks)[:-1]
    factor = (1 - float(others.mean())) ** 2 if others.size else 1.0
    return np.asarray(found * factor, np.float32)


def _summed(planes: Sequence[Plane], shape: tuple[int, ...]) -> Plane:
    total = np.zeros(shape, np.float32)
    for plane in planes:
        small = Image.fromarray(plane).resize((shape[1], shape[0]), Image.Resampling.BILINEAR)
        total += np.asarray(small)
    return total
