"""Where on a map something was bright: the parts of an image that are worth another look, enlarged.

windows = bright_windows(brightness, least=1e-5, margin=16, size=image.size)
for window in windows: image.crop(window)
"""

import numpy as np
from jaxtyping import Float32
from scipy import ndimage

Window = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the image, the last two not included: what PIL's crop takes."""


def bright_windows(
    brightness: Float32[np.ndarray, "h w"], *, least: float, margin: int, size: tuple[int, int]
) -> list[Window]:
    """Return windows that hold every bright place of a map and what lies around it.

    Places whose surroundings touch share a window. Where the windows together would be larger than the one
    window around them all, that one is returned.

    Args:
        brightness: (h, w), of any range, over the whole image.
        least: From which a place is bright; included.
        margin: Pixels of the map to each side of a bright place that belong to it.
        size: Width and height of the image in pixels.

    Returns:
        Windows within the image, none of them empty; no windows where nothing is bright.

    Example:
        >>> spot = np.zeros((10, 20), np.float32)
        ... spot[4, 5] = 1
        >>> bright_windows(spot, least=0.5, margin=1, size=(40, 20))
        [(8, 6, 14, 12)]
    """
    around = ndimage.maximum_filter(brightness, 2 * margin + 1, mode="constant", cval=-np.inf) >= least
    labels, _ = ndimage.label(around)
    high, wide = brightness.shape
    width, height = size
    windows = [
        (
            columns.start * width // wide,
            rows.start * height // high,
            min(width, -(-columns.stop * width // wide)),
            min(height, -(-rows.stop * height // high)),
        )
        for rows, columns in ndimage.find_objects(labels)
    ]
    if not windows:
        return []
    edges = np.array(windows)
    whole = (*edges[:, :2].min(axis=0).tolist(), *edges[:, 2:].max(axis=0).tolist())
    return windows if sum(map(area, windows)) < area(whole) else [whole]


def area(window: Window) -> int:
    """Return a window's area in pixels."""
    left, top, right, bottom = window
    return (right - left) * (bottom - top)
