"""How lightness changes from pixel to pixel: by how much, and which way.

Each 2 × 2 cell of pixels is a plane of slope g and a saddle s, half of what its diagonals differ by. The mean
of its two squared steps across, and that of the two down, add up to |g|² + 2s²: a change counts also where it
goes up and down from one pixel to the next. Operators that look across a pixel (Sobel's, central differences)
see nothing of a checkerboard of single pixels, and such as look along diagonals (Roberts') see nothing
either.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex128, Float64

Plane = Float64[np.ndarray, "H W"]


@dataclass(frozen=True, eq=False)
class Gradient:
    """Changes of a plane of H × W pixels; G = H - 1, V = W - 1."""

    right: Float64[np.ndarray, "H V"]
    """Each pixel's right neighbour less the pixel."""
    down: Float64[np.ndarray, "G W"]
    """The same downwards."""
    size: Float64[np.ndarray, "G V"]
    """Of each cell, ≥ 0, a pixel: root of its mean squared step across plus that down."""
    directed: Complex128[np.ndarray, "G V"]
    """At twice the angle of the slope, as an edge has no sign; as long as the part of the size that goes one
    way: the size in a slope, 0 in a saddle."""


def gradient_of(light: Plane) -> Gradient:
    """Measure the changes of a plane.

    Example:
        >>> found = gradient_of(np.array([[0.0, 1.0], [1.0, 0.0]]))  # a checkerboard
        >>> round(float(found.size[0, 0]), 3), abs(found.directed[0, 0])
        (1.414, 0.0)
    """
    right, down = np.diff(light, axis=1), np.diff(light, axis=0)
    across, along = (right[:-1] + right[1:]) / 2, (down[:, :-1] + down[:, 1:]) / 2  # the slope g
    saddle = (right[1:] - right[:-1]) ** 2 / 2
    size = np.sqrt(across**2 + along**2 + saddle)
    directed = (across + 1j * along) ** 2 / np.where(size > 0, size, 1)
    return Gradient(right, down, size, directed)
