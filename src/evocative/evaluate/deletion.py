"""Deletion and insertion: does a model's answer rest where its map says it does? (Petsiuk et al. 2018, RISE).

Pixels are taken out of a picture in the order of the map, the highest first, and the probability of the
emotion is
watched: the sooner it falls, the better the map knew (a small area under the curve). Insertion brings them
back into a blurred picture: the sooner the probability rises, the better (a large area). A random order and
a centre prior belong beside both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter

from evocative.errors import DataError
from evocative.metrics.intervals import Interval, bootstrap
from evocative.metrics.map_values import as_map, resize_map

Pixels = NDArray[np.uint8]
Score = Callable[[NDArray[np.uint8]], ArrayLike]
"""From pictures (n, H, W, 3) of uint8 to what the model gives the emotion (n,), a probability say."""
Blank = Literal["blur", "mean", "black"]

_AT_ONCE = 16  # pictures that are in memory together


@dataclass(frozen=True, eq=False)
class Curve:
    """What a model says while a picture is taken apart or put together."""

    share: NDArray[np.float64]  # (steps + 1,) of pixels deleted or inserted, from 0 to 1
    score: NDArray[np.float64]  # (steps + 1,) of the emotion

    @property
    def area(self) -> float:
        """The area under the curve: the mean score on the way."""
        return float(np.trapezoid(self.score, self.share))


def deletion(
    score: Score,
    image: ArrayLike,
    values: ArrayLike,
    *,
    steps: int = 25,
    blank: Blank = "mean",
    seed: int = 0,
) -> Curve:
    """Take pixels out of a picture, the highest of its map first.

    Args:
        score: what the model gives the emotion.
        image: (H, W, 3) of uint8.
        values: its map (h, w), resized to the picture.
        steps: equal shares in which pixels go.
        blank: what is left in their place: `mean`, the picture's mean colour (the paper: grey); `blur`;
        `black`.
        seed: of the order among pixels that tie.

    Raises:
        DataError: no picture, no map, or no steps.
    """
    pixels = _pixels(image, steps)
    return _curve(score, pixels, _blank(pixels, blank), values, (steps, seed))


def insertion(
    score: Score,
    image: ArrayLike,
    values: ArrayLike,
    *,
    steps: int = 25,
    blank: Blank = "blur",
    seed: int = 0,
) -> Curve:
    """Put pixels back into a blank picture, the highest of its map first.

    Args, errors: as `deletion`; the paper starts from a blurred picture.
    """
    pixels = _pixels(image, steps)
    return _curve(score, _blank(pixels, blank), pixels, values, (steps, seed))


def mean_area(curves: Sequence[Curve], *, draws: int = 1000, seed: int = 0) -> Interval:
    """Return the mean area of curves of different pictures with its bootstrap interval; pictures are drawn.

    Raises:
        DataError: there are no curves.
    """
    if not curves:
        raise DataError("the mean area needs a curve or more")
    areas = np.array([curve.area for curve in curves])
    return bootstrap(lambda drawn: float(drawn.mean()), areas, n_resamples=max(1, draws), seed=seed)


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """Return the mean of curves with the same steps.

    Raises:
        DataError: there are none, or their steps differ.
    """
    if not curves or len({curve.share.size for curve in curves}) > 1:
        raise DataError("the mean curve needs a curve or more, with the same steps")
    return Curve(curves[0].share, np.mean([curve.score for curve in curves], axis=0))


def random_order(height: int, width: int, *, grid: int = 14, seed: int = 0) -> NDArray[np.float32]:
    """Return a map of random blocks (grid, grid) for a picture: an order that knows nothing.

    Blocks, as a map of a network's last layer has them; single pixels at random would destroy a picture's
    texture at once and flatter no map.

    Args:
        height: of the picture; with the width it decides how many blocks there are across.
        width: of the picture.
        grid: blocks along the shorter side.
        seed: of the order.
    """
    scale = grid / min(height, width)
    shape = (max(1, round(height * scale)), max(1, round(width * scale)))
    return np.random.default_rng(seed).random(shape, np.float32)


def _curve(score: Score, start: Pixels, end: Pixels, values: ArrayLike, settings: tuple[int, int]) -> Curve:
    """Go from one picture to another, pixel by pixel in the order of the map."""
    steps, seed = settings
    height, width = start.shape[:2]
    heights = resize_map(as_map(values), height, width).ravel()
    shuffled = np.random.default_rng(seed).permutation(heights.size)  # decides among ties
    order = shuffled[np.argsort(-heights[shuffled], kind="stable")]
    shares = np.linspace(0, 1, steps + 1)
    picture, target = start.copy(), end.reshape(-1, 3)
    scores, waiting, done = [], [], 0
    for share in shares:
        upto = round(share * order.size)
        picture.reshape(-1, 3)[order[done:upto]] = target[order[done:upto]]
        done = upto
        waiting.append(picture.copy())
        if len(waiting) == _AT_ONCE or share == 1:
            scores.append(_scored(score, np.stack(waiting)))
            waiting = []
    return Curve(shares, np.concatenate(scores))


def _scored(score: Score, pictures: Pixels) -> NDArray[np.float64]:
    """Return what the model gives these pictures (n,)."""
    scores = np.asarray(score(pictures), np.float64)
    if scores.shape != (len(pictures),) or not np.isfinite(scores).all():
        raise DataError(
            f"the score must give {len(pictures)} finite numbers, one a picture, found shape {scores.shape}"
        )
    return scores


def _pixels(image: ArrayLike, steps: int) -> Pixels:
    pixels = np.asarray(image)
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or steps < 1:
        raise DataError(
            f"expected a picture (H, W, 3) of uint8 and a step or more, found {pixels.dtype} of shape "
            f"{pixels.shape}, {steps} steps"
        )
    return pixels


def _blank(pixels: Pixels, how: Blank) -> Pixels:
    """Return a picture with nothing to see."""
    if how == "black":
        return np.zeros_like(pixels)
    if how == "mean":
        mean = pixels.reshape(-1, 3).mean(axis=0).round().astype(np.uint8)
        return np.broadcast_to(mean, pixels.shape).copy()
    sigma = max(pixels.shape[:2]) / 20  # as wide as 11 pixels of 224, the paper's
    return np.asarray(gaussian_filter(pixels, (sigma, sigma, 0)), np.uint8)
