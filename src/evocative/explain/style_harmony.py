"""Harmony of hues: how near the colours of a picture lie to a harmonic template.

Cohen-Or, Sorkine, Gal, Leyvand & Xu 2006 (Color Harmonization), with the templates of Matsuda 1995 as
Tokumaru, Muranaka & Imanishi 2002 print them. A template is one or two sectors of the hue wheel, at any
rotation; (N), the template of greys, holds no hue and is left out.
"""

from functools import cache
from math import nan
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
    """Measure harmony: how much of the distance that hues of all kinds have from a template is not there.

    The distance of a pixel is the arc from its hue to the nearest border of a sector, 0 within one; d is its
    mean at the best rotation, weighted by `hue_weight` (their eq. 1 and 2, divided by the sum of weights, and
    with highest less lowest channel for HSV's saturation). Templates differ in width: of hues spread evenly
    over the wheel, d is e = 10 degrees from the widest and 81 from a single sector. The nearness to a
    template is 1 - d/e, and harmony is that to the nearest: 1 where a template holds all hues, 0 where they
    are spread evenly. As the mean of d over all rotations is e whatever the hues, it is never below 0. nan
    without colour.
    """
    weight = pixels.hue_weight
    places = np.minimum((pixels.hue / STEP).astype(np.int64), _BINS - 1)
    histogram = np.bincount(places.ravel(), weights=weight.ravel(), minlength=_BINS)
    total = histogram.sum()
    if not total:
        return {"harmony": nan, "one_hue": nan}
    arcs = _distances()
    nearness = 1 - (arcs @ histogram / total).min(axis=1) / arcs.mean(axis=(1, 2))
    return {
        "harmony": float(nearness.max().clip(0, 1)),
        "one_hue": float(nearness[0].clip(0, 1)),  # template i alone: all colours of one hue
    }


@cache
def _distances() -> Float64[np.ndarray, "T R B"]:
    """Return the arc of each bin's middle from each template at each rotation."""
    hue = (np.arange(_BINS) + 0.5) * STEP
    templates = []
    for sectors in TEMPLATES.values():
        rows = []
        for rotation in np.arange(_BINS) * STEP + STEP / 2:
            away = [np.maximum(_arc(hue, rotation + centre) - width / 2, 0) for centre, width in sectors]
            rows.append(np.minimum.reduce(away))
        templates.append(np.stack(rows))
    return np.stack(templates)


def _arc(first: Float64[np.ndarray, " B"], second: float) -> Float64[np.ndarray, " B"]:
    """Return the shorter arc between hues, 0 to 180 degrees."""
    gap = np.abs(first - second) % 360
    return np.asarray(np.minimum(gap, 360 - gap))
