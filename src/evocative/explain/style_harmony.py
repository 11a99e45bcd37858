"""Harmony of hues: how far the colours of a picture lie from the nearest harmonic template.

Cohen-Or, Sorkine, Gal, Leyvand & Xu 2006 (Color Harmonization), with the templates of Matsuda 1995 as
Tokumaru, Muranaka & Imanishi 2002 print them. A template is one or two sectors of the hue wheel, at any
rotation; (N), the template of greys, holds no hue and is left out.
"""

from functools import cache
from typing import Final

import numpy as np
from jaxtyping import Float64

from evocative.explain.color_spaces import Pixels

TEMPLATES: Final = {
    "i": ((0.0, 18.0),),
    "V": ((0.0, 93.6),),
    "L": ((0.0, 18.0), (90.0, 79.2)),
    "I": ((0.0, 18.0), (180.0, 18.0)),
    "T": ((0.0, 180.0),),
    "Y": ((0.0, 93.6), (180.0, 18.0)),
    "X": ((0.0, 93.6), (180.0, 93.6)),
}
"""Of each template, its sectors: centre and width in degrees."""
STEP: Final = 5
"""Degrees of a bin of hue, and between rotations tried. Differs from the paper in: it minimises by Brent."""
_BINS: Final = 360 // STEP


def harmony_features(pixels: Pixels) -> dict[str, float]:
    """Measure harmony: 1 - d / 90, d the distance in degrees to the nearest template.

    The distance of a pixel is the arc from its hue to the nearest border of a sector, 0 within one; d is its
    mean, weighted by saturation (their eq. 1 and 2, divided by the sum of weights). The largest template
    leaves no hue more than 90 degrees away, so harmony lies in [0, 1]; it is 1 without any colour.
    """
    places = np.minimum((pixels.hue / STEP).astype(np.int64), _BINS - 1)
    histogram = np.bincount(places.ravel(), weights=pixels.saturation.ravel(), minlength=_BINS)
    total = histogram.sum()
    if total < 1e-9 * pixels.hue.size:
        return {"harmony": 1.0, "one_hue": 1.0}
    distances = _distances() @ histogram / total
    return {
        "harmony": 1 - float(distances.min()) / 90,
        "one_hue": 1 - float(distances[:_BINS].min()) / 180,  # template i alone: all colours of one hue
    }


@cache
def _distances() -> Float64[np.ndarray, "TR B"]:
    """Return the arc of each bin's middle from each template at each rotation, template by template."""
    hue = (np.arange(_BINS) + 0.5) * STEP
    rows = []
    for sectors in TEMPLATES.values():
        for rotation in np.arange(_BINS) * STEP + STEP / 2:
            away = [np.maximum(_arc(hue, rotation + centre) - width / 2, 0) for centre, width in sectors]
            rows.append(np.minimum.reduce(away))
    return np.stack(rows)


def _arc(first: Float64[np.ndarray, " B"], second: float) -> Float64[np.ndarray, " B"]:
    """Return the shorter arc between hues, 0 to 180 degrees."""
    gap = np.abs(first - second) % 360
    return np.asarray(np.minimum(gap, 360 - gap))
