"""From sRGB to the coordinates that style is told in: HSV, CIELAB and its lightness, chroma and hue.

Profiles are not applied: pixels are taken as sRGB (IEC 61966-2-1), white is D65.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float64, UInt8
from PIL import Image

from evocative.errors import DataError

GREY_BELOW: Final = 0.1
"""HSV saturation or value below which a pixel has no hue to speak of."""
_TO_XYZ: Final = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
"""Linear sRGB to CIE XYZ, D65 (IEC 61966-2-1)."""
_WHITE: Final = _TO_XYZ.sum(axis=1)
_LEVELS: Final = np.arange(256) / 255
_LINEAR: Final = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4)
"""Of each 8-bit level, its light: the inverse of sRGB's transfer function."""


@dataclass(frozen=True, eq=False)
class Pixels:
    """An image in the coordinates that style is told in; H rows, W columns."""

    rgb: Float64[np.ndarray, "H W 3"]
    """sRGB, 0 to 255."""
    hue: Float64[np.ndarray, "H W"]
    """Of HSV, degrees from 0 (red), below 360; 0 where there is none."""
    saturation: Float64[np.ndarray, "H W"]
    """Of HSV, 0 to 1; 0 of what is nearly black (value below `GREY_BELOW`), where it is noise."""
    value: Float64[np.ndarray, "H W"]
    """Of HSV, 0 to 1."""
    lab: Float64[np.ndarray, "H W 3"]
    """CIELAB: L* from 0 to 100, a* and b*."""

    @property
    def lightness(self) -> Float64[np.ndarray, "H W"]:
        """L* / 100: 0 (black) to 1 (white), in equal steps to the eye."""
        return self.lab[..., 0] / 100

    @property
    def hue_weight(self) -> Float64[np.ndarray, "H W"]:
        """How much a pixel's hue counts: highest less lowest channel (Hanbury 2003's saturation), 0 to 1.

        0 of greys, which have no hue to speak of.
        """
        return np.where(self.saturation >= GREY_BELOW, self.saturation * self.value, 0.0)

    @property
    def chroma(self) -> Float64[np.ndarray, "H W"]:
        """C*ab: 0 (grey) to about 134 (pure blue)."""
        return np.asarray(np.hypot(self.lab[..., 1], self.lab[..., 2]))


def lab(rgb: UInt8[np.ndarray, "H W 3"]) -> Float64[np.ndarray, "H W 3"]:
    """Return CIELAB (D65) of sRGB (CIE 15:2004).

    Example:
        >>> lab(np.full((1, 1, 3), 255, np.uint8)).round(3).tolist()[0][0][0]
        100.0
    """
    xyz = _LINEAR[rgb] @ _TO_XYZ.T / _WHITE
    delta = 6 / 29
    f = np.where(xyz > delta**3, np.cbrt(xyz), xyz / (3 * delta**2) + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def hsv(rgb: UInt8[np.ndarray, "H W 3"]) -> Float64[np.ndarray, "H W 3"]:
    """Return hue in degrees from 0, below 360 (0 of greys), saturation and value in [0, 1] (Smith 1978).

    Example:
        >>> hsv(np.array([[[0, 128, 0]]], np.uint8))[0, 0].round(3).tolist()
        [120.0, 1.0, 0.502]
    """
    red, green, blue = (rgb[..., channel].astype(np.float64) for channel in range(3))
    high, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    span = high - low
    divisor = np.where(span > 0, span, 1)
    sextant = np.where(
        high == red,
        (green - blue) / divisor,
        np.where(high == green, 2 + (blue - red) / divisor, 4 + (red - green) / divisor),
    )
    hue = 60 * np.where(sextant < 0, sextant + 6, sextant)
    return np.stack([hue, span / np.where(high > 0, high, 1), high / 255], axis=-1)


def pixels_of(image: Image.Image, *, longer_side: int) -> Pixels:
    """Return an image's pixels, scaled so that measures of two images are of one scale.

    Args:
        image: RGB.
        longer_side: Pixels that the longer side gets, proportions kept (smaller images are enlarged); at
            least 32.

    Raises:
        DataError: The image would be less than 8 pixels high or wide.
    """
    scale = longer_side / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    if longer_side < 32 or min(width, height) < 8:
        raise DataError(
            f"style is measured at {longer_side} pixels, expected at least 32; an image of {image.width} × "
            f"{image.height} is then {width} × {height}, expected at least 8 a side: it is too narrow"
        )
    small = np.asarray(image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS))
    hue, saturation, value = np.moveaxis(hsv(small), -1, 0)
    return Pixels(
        rgb=small.astype(np.float64),
        hue=np.ascontiguousarray(hue),
        saturation=np.where(value >= GREY_BELOW, saturation, 0.0),
        value=np.ascontiguousarray(value),
        lab=lab(small),
    )
