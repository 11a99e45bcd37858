"""Values that JSON has words for: no NaN, no numpy, no tuples.

json.dumps(plain(figures), allow_nan=False)
"""

from collections.abc import Mapping
from math import isfinite
from numbers import Integral, Real
from typing import Any


def plain(value: Any) -> Any:
    """Return plain values: objects, lists, text, whole numbers, floats, true, false and null.

    A number that is not finite becomes None, since JSON has no word for it; numpy's numbers become Python's;
    what is none of these, as a path, becomes its text.

    Example:
        >>> plain({"r": float("nan"), 3: (1, 2.5)})
        {'r': None, '3': [1, 2.5]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if isfinite(value) else None
    return plain(value.item()) if hasattr(value, "item") else str(value)
