"""Colours of emotions that stay apart under colour vision deficiency.

The eight base colours are those of Okabe & Ito (2008, "Color universal design"), except that their
black, which a plot needs for its text, is replaced by the indigo of Tol's muted scheme. An emotion keeps
its colour in every taxonomy; the children of a label are shades of its colour.
"""

from collections.abc import Sequence

ORANGE = "#E69F00"
SKY_BLUE = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
INDIGO = "#332288"
GREY = "#C2C2C2"

CYCLE = (BLUE, ORANGE, GREEN, VERMILLION, SKY_BLUE, PURPLE, YELLOW, INDIGO)
"""Colours for labels that have none of their own, in the order in which they are given out."""

COLORS = {
    "positive": BLUE,
    "negative": VERMILLION,
    "neutral": GREY,
    "others": GREY,
    "amusement": YELLOW,
    "happiness": YELLOW,
    "joy": YELLOW,
    "excitement": ORANGE,
    "anticipation": ORANGE,
    "contentment": GREEN,
    "satisfaction": GREEN,
    "trust": GREEN,
    "confusion": GREEN,
    "awe": SKY_BLUE,
    "surprise": SKY_BLUE,
    "anger": VERMILLION,
    "disgust": PURPLE,
    "love": PURPLE,
    "fear": INDIGO,
    "sadness": BLUE,
}
"""The colour of each label of the taxonomies with at most eight labels (`#RRGGBB`)."""

_LIGHTEST = 0.6
_DARKEST = 0.45


def shades(color: str, n: int) -> tuple[str, ...]:
    """Return `n` distinct shades of a colour, light to dark; for an odd `n` the middle one is the colour.

    Args:
        color: `#RRGGBB`.
        n: How many, at most 60 (beyond that neighbouring shades may be the same).

    Example:
        >>> shades("#0072B2", 3)
        ('#99C7E0', '#0072B2', '#003F62')
    """
    if n == 1:
        return (color,)
    return tuple(_shade(color, 2 * index / (n - 1) - 1) for index in range(n))


def _shade(color: str, depth: float) -> str:
    """Mix with white where `depth` is below zero, with black where it is above; `depth` in [-1, 1]."""
    channels = [int(color[start : start + 2], 16) for start in (1, 3, 5)]
    target, share = (255, -depth * _LIGHTEST) if depth < 0 else (0, depth * _DARKEST)
    mixed = [round(channel + (target - channel) * share) for channel in channels]
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def spare_colors(taken: Sequence[str], n: int) -> tuple[str, ...]:
    """Return `n` colours that are not among `taken`: first of the cycle, then shades of it.

    Args:
        taken: Colours in use.
        n: How many are needed.
    """
    used = set(taken)
    free = [color for color in CYCLE if color not in used]
    rounds = 1
    while len(free) < n:
        rounds += 2
        ladder = [shades(color, rounds) for color in CYCLE]
        candidates = [ladder[column][row] for row in range(rounds) for column in range(len(CYCLE))]
        free = list(dict.fromkeys(free + [color for color in candidates if color not in used]))
    return tuple(free[:n])
