"""Colour of a picture: brightness, saturation, hue, warmth, colourfulness, and what they are said to evoke.

Sources: Valdez & Mehrabian 1994; Ou, Luo, Woodcock & Wright 2004; Hasler & Süsstrunk 2003; Ke, Tang & Jing
2006; Machajdik & Hanbury 2010 (which of them to use for emotion). Names and units stand in `style_names`.
"""

from math import nan
from typing import Final

import numpy as np
from jaxtyping import Num

from evocative.explain.color_spaces import GREY_BELOW, Pixels

HUES: Final = {
    "red": 345, "orange": 15, "yellow": 45, "green": 70, "cyan": 165, "blue": 195, "purple": 255, "pink": 290,
}  # fmt: skip
"""Names of hues and where their sectors of HSV begin, in degrees; each ends where the next begins. Ours."""
CANCELLED: Final = 0.05
"""Length of the mean of hues (1: all alike) below which they cancel, so that no hue is their mean. Ours."""
_STARTS: Final = np.array([*(start for name, start in HUES.items() if name != "red"), 345])


def color_features(pixels: Pixels) -> dict[str, float]:
    """Measure the colours of an image, wherever they are.

    Args:
        pixels: Of any size.

    Returns:
        By the names in `style_names.FEATURES`.
    """
    return (
        _light(pixels)
        | _saturation(pixels)
        | _hue(pixels)
        | _color_emotion(pixels)
        | _areas(pixels)
        | _variety(pixels)
    )


def _light(pixels: Pixels) -> dict[str, float]:
    light = pixels.lightness
    low, high = np.quantile(light, [0.05, 0.95])
    return {
        "brightness": float(light.mean()),
        "contrast": float(light.std()),  # RMS contrast, Peli 1990
        "tonal_range": float(high - low),
        "dark_area": float((light < 0.25).mean()),
        "light_area": float((light > 0.75).mean()),
    }


def _saturation(pixels: Pixels) -> dict[str, float]:
    """Saturation, and Valdez & Mehrabian 1994's regressions on brightness and saturation, both in [0, 1].

    Dominance falls with brightness; some who reprint it dropped the minus. Differs from the paper in: L* and
    HSV saturation for Munsell's value and chroma.
    """
    saturation, light = float(pixels.saturation.mean()), float(pixels.lightness.mean())
    return {
        "saturation": saturation,
        "saturation_sd": float(pixels.saturation.std()),
        "chroma": float(pixels.chroma.mean()),
        "vm_pleasure": 0.69 * light + 0.22 * saturation,
        "vm_arousal": -0.31 * light + 0.60 * saturation,
        "vm_dominance": -0.76 * light + 0.32 * saturation,
    }


def _hue(pixels: Pixels) -> dict[str, float]:
    """Circular mean of hue, each pixel weighted by its saturation (Hanbury 2003).

    All nan of a grey image. The mean itself is nan also where hues cancel, as opposite ones do; its parts and
    its spread, 1 less its length, tell of these.
    """
    angle, weight = np.radians(pixels.hue), pixels.hue_weight
    total = float(weight.sum())
    if not total:
        return dict.fromkeys(("hue", "hue_cos", "hue_sin", "hue_spread"), nan)
    cos, sin = float((weight * np.cos(angle)).sum() / total), float((weight * np.sin(angle)).sum() / total)
    length = float(np.hypot(cos, sin))
    return {
        "hue": float(np.degrees(np.arctan2(sin, cos)) % 360) if length >= CANCELLED else nan,
        "hue_cos": cos,
        "hue_sin": sin,
        "hue_spread": max(0.0, 1 - length),  # circular variance
    }


def _color_emotion(pixels: Pixels) -> dict[str, float]:
    """Activity, temperature and weight of single colours (Ou et al. 2004, part I), averaged over pixels."""
    light, chroma = pixels.lab[..., 0], pixels.chroma
    angle = np.arctan2(pixels.lab[..., 2], pixels.lab[..., 1])
    warmth = -0.5 + 0.02 * chroma**1.07 * np.cos(angle - np.radians(50))
    activity = -1.1 + 0.03 * np.sqrt(chroma**2 + ((light - 50) / 1.5) ** 2)
    return {
        "warmth": float(warmth.mean()),
        "warm_cool_contrast": float(warmth.std()),  # one of Itten's contrasts
        "activity": float(activity.mean()),
        "weight": float((-2.1 + 0.05 * (100 - light)).mean()),
    }


def _areas(pixels: Pixels) -> dict[str, float]:
    """Shares of the image that each hue, greys, and warm hues (red, orange, yellow) take."""
    colored = pixels.saturation >= GREY_BELOW
    sectors = np.searchsorted(_STARTS, pixels.hue[colored], side="right") % len(HUES)  # red is 0 and 8
    shares = np.bincount(sectors, minlength=len(HUES)) / pixels.hue.size
    areas = {f"{name}_area": float(share) for name, share in zip(HUES, shares, strict=True)}
    return areas | {
        "grey_area": float((~colored).mean()),
        "warm_area": float(shares[:3].sum()),
    }


def _variety(pixels: Pixels) -> dict[str, float]:
    rgb = pixels.rgb
    red_green = rgb[..., 0] - rgb[..., 1]  # Hasler & Süsstrunk 2003, rg and yb
    yellow_blue = (rgb[..., 0] + rgb[..., 1]) / 2 - rgb[..., 2]
    spread = np.hypot(red_green.std(), yellow_blue.std())
    mean = np.hypot(red_green.mean(), yellow_blue.mean())
    eighths = rgb.astype(np.uint8).astype(np.int64) >> 5
    codes = (eighths[..., 0] << 6) + (eighths[..., 1] << 3) + eighths[..., 2]
    return {
        "colorfulness": float(spread + 0.3 * mean),
        "color_variety": entropy(np.bincount(codes.ravel(), minlength=512)) / np.log(512),
        "hue_count": _hue_count(pixels),
    }


def _hue_count(pixels: Pixels) -> float:
    """Count the hues, of 20, of more than 5 % of the commonest one's pixels (Ke, Tang & Jing 2006).

    Differs from the paper in: values above .95 count, too. The limit is to keep white out, which a saturation
    above .2 does, and took every pure bright colour with it. The first hue is around 0 degrees, not above it,
    so that a red that wavers is one hue.
    """
    good = (pixels.saturation > 0.2) & (pixels.value > 0.15)
    places = ((pixels.hue[good] + 9) // 18).astype(np.int64) % 20
    counts = np.bincount(places, minlength=20)
    return float((counts > 0.05 * counts.max()).sum())


def entropy(counts: Num[np.ndarray, "..."]) -> float:
    """Return the Shannon entropy, in nats, of a histogram of any shape; 0 of an empty one."""
    total = counts.sum()
    shares = counts[counts > 0] / total if total else np.ones(1)
    return float(-(shares * np.log(shares)).sum()) + 0.0
