"""Sizes that a picture may have: what is larger is a bomb, what is smaller or narrower shows nothing."""

from evocative.errors import DataError

MAX_PIXELS = 200_000_000
"""Above it a picture counts as a decompression bomb."""
MIN_SIDE = 8
"""Pixels of the shorter side below which there is no picture to judge (tracking pixels, placeholders)."""
MAX_ASPECT = 100
"""Longer side by shorter side above which there is no picture to judge (rules, gradients, cut-off files)."""


def check_size(width: int, height: int, *, max_pixels: int = MAX_PIXELS) -> None:
    """Refuse a picture that is too large to decode or too small or narrow to judge.

    Raises:
        DataError: More than `max_pixels`, a side below `MIN_SIDE`, or an aspect ratio above `MAX_ASPECT`.
    """
    size = f"{width} × {height} pixels"
    if width * height > max_pixels:
        raise DataError(
            f"{size} are more than the limit of {max_pixels:,} (a decompression bomb?); "
            "make it smaller, or raise max_pixels if you trust it"
        )
    if min(width, height) < MIN_SIDE:
        raise DataError(
            f"{size}: every side must have at least {MIN_SIDE}; leave it out or find the original"
        )
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise DataError(f"{size}: longer than {MAX_ASPECT} to 1; cut it into pieces or leave it out")
