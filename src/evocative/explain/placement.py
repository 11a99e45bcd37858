"""From the network's square input back to the picture: a map that covers all of the picture."""

from dataclasses import replace

import numpy as np

from evocative.explain.emotion_map import EmotionMap
from evocative.preprocessing import Preprocessing


def over_picture(one: EmotionMap, size: tuple[int, int], preprocessing: Preprocessing) -> EmotionMap:
    """Return a map of the network's input as one of the picture that was fitted into it.

    Where the picture was squashed into a square, the map lies over it as it is. Where its middle was cut out,
    the rest, which the network has not seen, is 0; where it was padded, the padding is cut off: both at the
    input's resolution.

    Args:
        one: Of the input (S, S).
        size: Width and height of the picture.
        preprocessing: Says how it was fitted.
    """
    (width, height), side = size, preprocessing.size
    if preprocessing.fit == "squash":
        return one
    large = one.resized(side, side)
    if preprocessing.fit == "pad":
        scale = side / max(width, height)
        across, down = max(1, round(width * scale)), max(1, round(height * scale))
        left, top = (side - across) // 2, (side - down) // 2
        return replace(one, values=large[top : top + down, left : left + across])
    scale = side / min(width, height)
    canvas = np.zeros((max(side, round(height * scale)), max(side, round(width * scale))), np.float32)
    top, left = (canvas.shape[0] - side) // 2, (canvas.shape[1] - side) // 2
    canvas[top : top + side, left : left + side] = large
    return replace(one, values=canvas)
