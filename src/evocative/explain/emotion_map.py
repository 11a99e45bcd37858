"""Where in a picture an emotion rests: what every maker of maps gives, and every reader of maps takes.

    answer = maps(images)                       # MapFunction: (B, 3, H, W) -> (B, K, h, w)
    awe = EmotionMap(answer[0, 2].numpy(), label="awe", method="grad-cam")
    awe.resized(600, 800)                       # for an overlay, or to be held against fixations

Maps are kept as they were made: at the resolution of the layer, in its own units, so that maps of one picture
can be compared across emotions. Stretching to [0, 1] is for pictures, and only where asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from evocative.errors import DataError
from evocative.metrics.map_values import as_map, min_max, resize_map

MapFunction = Callable[[Float[Tensor, "B 3 H W"]], Float[Tensor, "B K h w"]]
"""Normalised images in, one map a label out (K = 1: one map for all labels); finite, 0 or above, without
gradient, on the images' device."""


@dataclass(frozen=True, eq=False)
class EmotionMap:
    """One map of one picture.

    Raises:
        DataError: The values are no map: another shape, not finite, or below 0.
    """

    values: NDArray[np.float32]  # (h, w), 0 or above, in the method's own units, at the map's own resolution
    label: str | None = None  # the emotion that it speaks for; None: it is the same for all
    method: str = ""  # "grad-cam", "islamnet", "centre prior", …

    def __post_init__(self) -> None:
        """Check the values and keep them as float32 that nobody else writes into."""
        what = f"the map of {self.method or 'an unnamed method'}"
        values = np.array(as_map(self.values, what=what), dtype=np.float32)
        if values.min() < 0:
            raise DataError(f"{what} must be 0 or above, found {values.min():.3g}: cut negative values off")
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    def resized(self, height: int, width: int, *, stretch: bool = False) -> NDArray[np.float32]:
        """Return the map at another size (height, width), by bilinear interpolation.

        Args:
            height: pixels, 1 or more.
            width: pixels, 1 or more.
            stretch: whether the result is stretched to [0, 1] (a constant map becomes zeros); for pictures.

        Example:
            >>> EmotionMap(np.array([[0.0, 2.0]], np.float32)).resized(1, 4).tolist()
            [[0.0, 0.5, 1.5, 2.0]]
        """
        values = resize_map(self.values, height, width)
        return min_max(values).astype(np.float32) if stretch else values
