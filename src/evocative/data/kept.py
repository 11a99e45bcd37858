"""Figures that are kept beside what they are of: read where they are sound, else computed anew."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from evocative.errors import CacheWarning, DataError, reading

T = TypeVar("T")


def kept(path: Path, read: Callable[[Any], T]) -> T | None:
    """Return what a JSON file keeps; None where there is none.

    Args:
        path: The file. One that is damaged is told of in a warning, and is as if it were not there.
        read: Makes the thing of JSON's values; may raise anything.
    """
    if not path.is_file():
        return None
    try:
        with reading(path, DataError, "what it held is computed anew"):
            return read(json.loads(path.read_text(encoding="utf-8")))
    except DataError as error:
        warnings.warn(str(error), CacheWarning, stacklevel=2)
        return None
