"""Are two small grey images the same picture, but for a small shift, turn, scale, light and contrast?

One is warped onto the other by an affine map, which is found by inverse compositional Gauss-Newton steps
(Baker & Matthews 2004, section 3.2), both normalised to mean 0 and SD 1; how well they then agree is their
correlation: that of the grey values or that of their detail (what is left when a blurred image is taken off),
whichever is lower. Two sunsets can be warped so that their light and dark agree; their detail does not.
"""

from typing import Any

import numpy as np
from jaxtyping import Float32, Float64
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

RADIUS = 0.9
"""Of the circle that is compared, of half the frame: a turned image's empty corners lie outside."""
MOST = 0.25
"""Any number of the map may move by so much from where it began; beyond it, it has lost its way."""
STEPS = 15
_BLUR = 0.7
_DETAIL = 2.0
"""SD, in pixels, of the blur that is taken off."""


def turned(degrees: float, aspect: float) -> Float64[np.ndarray, "2 3"]:
    """Return where a picture's points go when it is turned: a map of coordinates from -1 to 1, y downwards.

    Args:
        degrees: Counterclockwise, as Pillow turns.
        aspect: The picture's width by its height.
    """
    angle = np.deg2rad(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, sine / aspect, 0.0], [-sine * aspect, cosine, 0.0]])


def warp(
    images: Float32[np.ndarray, "B h w"], maps: Float64[np.ndarray, "B 2 3"], points: NDArray[np.float64]
) -> Float32[np.ndarray, "B P"]:
    """Read images at mapped points (P, 2), x and y from -1 to 1, bilinearly; beyond the edge, the edge."""
    height, width = images.shape[1:]
    x, y = np.moveaxis(points @ maps[:, :, :2].transpose(0, 2, 1) + maps[:, None, :, 2], 2, 0)
    x = np.clip((x + 1) * width / 2 - 0.5, 0, width - 1.001)
    y = np.clip((y + 1) * height / 2 - 0.5, 0, height - 1.001)
    left, top = x.astype(np.int64), y.astype(np.int64)
    right, down = (x - left).astype(np.float32), (y - top).astype(np.float32)
    flat = images.reshape(len(images), -1)
    place = top * width + left
    upper, lower = (
        np.take_along_axis(flat, place + row, 1) * (1 - right)
        + np.take_along_axis(flat, place + row + 1, 1) * right
        for row in (0, width)
    )
    found: Float32[np.ndarray, "B P"] = upper * (1 - down) + lower * down
    return found


def agreement(
    fixed: NDArray[Any], moving: NDArray[Any], starts: Float64[np.ndarray, "B 2 3"], *, chunk: int = 512
) -> tuple[Float64[np.ndarray, " B"], Float64[np.ndarray, "B 2 3"]]:
    """Return how well pairs of images agree once one is warped onto the other.

    Args:
        fixed: (B, h, w) grey.
        moving: (B, h, w) grey.
        starts: Where the search begins: maps from points of `fixed` to points of `moving`.
        chunk: Pairs at once.

    Returns:
        The correlation in [-1, 1], 0 where the search lost its way; and the maps that were found.
    """
    scores, maps = np.zeros(len(fixed)), np.array(starts, dtype=np.float64)
    for start in range(0, len(fixed), chunk):
        part = slice(start, start + chunk)
        blurred = [
            gaussian_filter(side[part].astype(np.float32), (0, _BLUR, _BLUR)) for side in (fixed, moving)
        ]
        scores[part], maps[part] = _align(blurred[0], blurred[1], maps[part])
    return scores, maps


def _grid(side: int) -> Float64[np.ndarray, "P 2"]:
    line = np.linspace(-RADIUS, RADIUS, side)
    points = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    inside: NDArray[np.float64] = points[np.hypot(*points.T) <= RADIUS]
    return inside


def _normal(values: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = values - values.mean(axis=1, keepdims=True)
    scaled: NDArray[np.float32] = centred / np.maximum(centred.std(axis=1, keepdims=True), 1e-3)
    return scaled


def _align(
    fixed: NDArray[np.float32], moving: NDArray[np.float32], starts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Warp a batch; blurred images (B, h, w)."""
    points = _grid(16)
    still: NDArray[np.float64] = np.tile(np.eye(2, 3), (len(fixed), 1, 1))
    target = _normal(warp(fixed, still, points))
    step = np.float32(2.0 / fixed.shape[2])
    spread = np.maximum(warp(fixed, still, points).std(axis=1, keepdims=True), 1e-3)
    down, across = (
        warp(np.asarray(np.gradient(fixed, axis=axis) / step, np.float32), still, points) / spread
        for axis in (1, 2)
    )
    x, y = points.T
    columns = (across * x, across * y, across, down * x, down * y, down)
    steepest = np.stack(columns, axis=2).astype(np.float64)  # (B, P, 6): gradient times the map's Jacobian
    steepest -= steepest.mean(axis=1, keepdims=True)
    hessian = steepest.transpose(0, 2, 1) @ steepest + 1e-3 * len(points) * np.eye(6)
    maps = starts.copy()
    for _ in range(STEPS):
        errors = (_normal(warp(moving, maps, points)) - target).astype(np.float64)
        change = np.linalg.solve(hessian, steepest.transpose(0, 2, 1) @ errors[:, :, None])[:, :, 0]
        maps = _compose(maps, np.asarray(change, np.float64).reshape(-1, 2, 3))
    lost = (np.abs(maps - starts) > MOST).any(axis=(1, 2))
    maps[lost] = starts[lost]
    fine = _grid(28)
    agreed = np.ones(len(maps))
    for taken in (0.0, 1.0):
        here, there = (
            side - taken * gaussian_filter(side, (0, _DETAIL, _DETAIL)) for side in (fixed, moving)
        )
        found = (_normal(warp(there, maps, fine)) * _normal(warp(here, still, fine))).mean(axis=1)
        agreed = np.minimum(agreed, found)
    return np.where(lost, 0.0, np.clip(agreed, -1, 1)), maps


def _compose(maps: NDArray[np.float64], change: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each map after the inverse of a small change of the points."""
    last = np.broadcast_to(np.array([[[0.0, 0.0, 1.0]]]), (len(maps), 1, 3))
    whole = np.concatenate([maps, last], axis=1)
    moved = np.concatenate([np.clip(change, -0.2, 0.2) + np.eye(2, 3), last], axis=1)
    composed: NDArray[np.float64] = (whole @ np.linalg.inv(moved))[:, :2]
    return composed
