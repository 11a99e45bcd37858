"""Maps that know nothing of emotions: fixations blurred, centre priors, and the spectral residual.

They stand beside a model's map: what a blurred centre or plain contrast explains, no model need be thanked
for.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, uniform_filter

from evocative.errors import DataError
from evocative.metrics.map_values import as_fixations

Density = NDArray[np.float32]


def fixation_density(
    fixations: ArrayLike, height: int, width: int, *, sigma: float, repeated: bool = False
) -> Density:
    """Return fixations as a density (height, width): a Gaussian at each, nothing mirrored at the edges.

    Args:
        fixations: (k, 2), row and column from 0.
        height: pixels.
        width: pixels.
        sigma: standard deviation of the Gaussian in pixels, above 0.
        repeated: whether a pixel that was looked at twice counts twice; OSIE's owners count it once.

    Returns:
        Sums of Gaussians with peak 1; zeros without fixations.

    Differs from the owners' code of OSIE in that the Gaussian is not cut off at 3.5 sigma.

    Raises:
        DataError: A fixation lies outside, or sigma is not above 0.
    """
    places = as_fixations(fixations, (height, width), repeated=repeated)
    if sigma <= 0:
        raise DataError(f"the blur of a fixation must be above 0 pixels, found {sigma}")
    rows, columns = (
        np.exp(-((np.arange(side) - at[:, None]) ** 2) / (2 * sigma**2)).astype(np.float32)
        for side, at in ((height, places[:, 0]), (width, places[:, 1]))
    )
    found: Density = rows.T @ columns  # the Gaussian is a product of one along each side
    return found


def center_prior(height: int, width: int, *, share: float = 0.25) -> Density:
    """Return a Gaussian in the middle of the picture (height, width), as wide as the picture is; peak 1.

    Args:
        height: pixels.
        width: pixels.
        share: standard deviation as a share of each side.
    """
    down, across = (
        np.exp(-(((np.arange(side) + 0.5) / side - 0.5) ** 2) / (2 * share**2)) for side in (height, width)
    )
    return np.outer(down, across).astype(np.float32)


def elsewhere_prior(fixations: ArrayLike, height: int, width: int, *, sigma: float) -> Density:
    """Return where people looked in other pictures, as a map of this one: a centre prior learned from data.

    Args:
        fixations: (m, 2), row and column from 0, of other pictures, scaled to this one's size.
        height: pixels.
        width: pixels.
        sigma: blur in pixels.
    """
    return prior_of_counts(fixation_counts(fixations, height, width), sigma=sigma)


def fixation_counts(fixations: ArrayLike, height: int, width: int) -> Density:
    """Return how often each pixel was looked at (height, width); fixations (m, 2), row and column from 0."""
    places = as_fixations(fixations, (height, width))
    counts = np.zeros((height, width), np.float32)
    np.add.at(counts, (places[:, 0], places[:, 1]), 1)
    return counts


def prior_of_counts(counts: Density, *, sigma: float) -> Density:
    """Return `elsewhere_prior` of fixations that are counted already."""
    return np.asarray(gaussian_filter(counts, sigma, mode="constant", truncate=3.5))


def spectral_residual(image: Image.Image, *, size: int = 64, blur: float = 2.5) -> Density:
    """Return the spectral residual saliency of a picture (Hou & Zhang 2007), at a small resolution.

    What is unusual in the spectrum is what catches the eye: the log amplitude A of the grey picture's Fourier
    transform, less its mean over 3 × 3 frequencies, goes back with the phase P: |F⁻¹[exp(A − mean(A) +
    iP)]|², blurred.

    Args:
        image: RGB.
        size: width to which it is shrunk first; the height follows. The paper: 64.
        blur: standard deviation of the final Gaussian in shrunken pixels. The authors' code: 2.5 (a 10 × 10
            window; the paper prints 8).

    Returns:
        (h, w), 0 or above; a picture without any contrast gives zeros.
    """
    height = max(1, round(image.height * size / image.width))
    small = np.asarray(image.convert("L").resize((size, height), Image.Resampling.BICUBIC), np.float64)
    if small.min() == small.max():
        return np.zeros(small.shape, np.float32)
    spectrum = np.fft.fft2(small)
    log_amplitude = np.log(np.abs(spectrum) + 1e-12)
    residual = log_amplitude - uniform_filter(log_amplitude, 3, mode="nearest")
    back = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    return np.asarray(gaussian_filter(back, blur), np.float32)


def scaled(fixations: ArrayLike, size: tuple[int, int], other: tuple[int, int]) -> NDArray[np.int64]:
    """Return fixations (k, 2) of a picture of one size as those of a picture of another (height, width)."""
    places = as_fixations(fixations, size)
    if size == other:
        return places
    return np.floor((places + 0.5) * (np.array(other) / size)).astype(np.int64)
