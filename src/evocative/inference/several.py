"""One image or several: what was given to `Predictor.predict`."""

from collections.abc import Iterable, Mapping, Set
from os import PathLike
from typing import Any

import numpy as np
from PIL import Image

from evocative.errors import DataError


def several(source: Any) -> list[Any] | None:
    """Return the images of a list, or None where the source is one image.

    Several are: a list, a tuple, a generator or any other thing that can be iterated over in an order; an
    array (N, H, W, C), which is N images; an array or a pandas Series of names.

    Raises:
        DataError: They have no order (a set), or it is not clear what is meant (a mapping).

    Example:
        >>> several("a.jpg"), several(("a.jpg", "b.jpg"))
        (None, ['a.jpg', 'b.jpg'])
    """
    if isinstance(source, str | PathLike | bytes | bytearray | memoryview | Image.Image):
        return None
    if isinstance(source, np.ndarray):
        names = source.ndim == 1 and source.dtype.kind in "OU"
        return list(source.tolist() if names else source) if names or source.ndim == 4 else None
    if isinstance(source, Mapping | Set):
        kind = type(source).__name__
        raise DataError(
            f"a {kind} of images: its answers would have no order; give a list, as sorted(images)"
        )
    if hasattr(source, "read") or not isinstance(source, Iterable) or getattr(source, "ndim", 1) != 1:
        return None
    return list(source)
