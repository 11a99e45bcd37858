"""Placeholder tiles: many files that are nearly one picture of few colours.

A photo service that lost a picture answers with a tile, "this photo is no longer available". A crawler keeps
it as an image under every label: 1,356 of the 23,185 files of one copy of FI were such tiles.

A tile is known by what it is not: it is not one photograph's copy but many, and it has hardly any colours. So
pictures of few colours are compared as 8 × 8 colours. Those within a small mean difference of a first one and
nowhere far from it are its copies: the moon and a face in the dark differ in one place only. Sorted by
brightness, each is compared only with those about as bright: two pictures whose mean difference is at most t
differ by at most t in brightness.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from jaxtyping import Int16, Int64

from evocative.curate.findings import Action, Finding

Measured = Mapping[str, Any]
"""What was measured of an image: plain values by name, as JSON has them."""
GRID: Final = 8
"""Places a side of the picture that is compared."""
_FAR: Final = 4
"""Times the tolerance: the most that any one place may differ."""
_GREY: Final = 24
"""Levels between the channels of a background up to which it is grey."""


def find_placeholders(
    names: Sequence[str], measured: Sequence[Measured], *, plain: float, copies: int, tolerance: float
) -> list[Finding]:
    """Return a finding for each file of a tile; a grey tile's suggest to drop it, a coloured one's a look.

    Args:
        names: Paths as the table has them.
        measured: Of each, `few_colours`, `background` and `picture`; others (with an error) are passed over.
        plain: Share of few colours from which a picture is compared at all.
        copies: Files from which nearly equal pictures are a tile.
        tolerance: Mean difference, of 255, up to which two pictures are nearly equal.
    """
    rows = [row for row, what in enumerate(measured) if float(what.get("few_colours", 0.0)) >= plain]
    pictures = [np.frombuffer(bytes.fromhex(str(measured[row]["picture"])), np.uint8) for row in rows]
    if not rows:
        return []
    leader = nearly_equal(np.stack(pictures).astype(np.int16), tolerance=tolerance)
    tiles, members, counts = np.unique(leader, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    number = {int(tiles[place]): rank + 1 for rank, place in enumerate(order)}
    found = []
    for row, tile, place in zip(rows, leader, members, strict=True):
        if counts[place] >= copies:
            found.append(
                _finding(names[row], measured[row], int(counts[place]), f"tile-{number[int(tile)]:03d}")
            )
    return found


def nearly_equal(pictures: Int16[np.ndarray, "N D"], *, tolerance: float) -> Int64[np.ndarray, " N"]:
    """Return, for each picture, the first one (by brightness) that it nearly equals; often itself.

    Args:
        pictures: Levels 0 … 255.
        tolerance: Mean absolute difference up to which two are nearly equal, if no place differs by more
            than four times as much.

    Example:
        >>> nearly_equal(np.array([[0, 0], [200, 9], [1, 1]], np.int16), tolerance=2).tolist()
        [0, 1, 0]
    """
    brightness = pictures.mean(axis=1)
    order = np.argsort(brightness, kind="stable")
    leader = np.full(len(pictures), -1, dtype=np.int64)
    ends = np.searchsorted(brightness[order], brightness[order] + tolerance + 1e-9, side="right")
    for place, row in enumerate(order):
        if leader[row] >= 0:
            continue
        window = order[place : ends[place]]
        free = window[leader[window] < 0]
        apart = np.abs(pictures[free] - pictures[row])
        near = (apart.mean(axis=1) <= tolerance) & (apart.max(axis=1) <= _FAR * tolerance)
        leader[free[near]] = row
    return leader


def _finding(name: str, what: Measured, copies: int, cluster: str) -> Finding:
    """Say how many files nearly are this picture; the score falls with few copies and with many colours."""
    background = str(what["background"])
    levels = bytes.fromhex(background[1:])
    grey = max(levels) - min(levels) <= _GREY
    share = float(what["few_colours"])
    evidence = (
        f"{copies} files are nearly this picture; four colours make {share:.0%} of it, on "
        f"{'grey' if grey else 'the colour'} {background}"
    )
    action: Action = "drop" if grey else "review"
    return Finding(name, "placeholder", share * (1 - 1 / copies), evidence, action, cluster)
