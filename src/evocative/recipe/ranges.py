"""Which values a setting may have: types whose ranges are read by pydantic, and told by `recipe.validation`.

    lr: Above0 = 0.02                       # a finite number above 0
    widths: tuple[Width, ...] = (64, 256)

Bounds are of `annotated_types`; that numbers are finite is `STRICT`'s.
"""

from typing import Annotated, Final

from annotated_types import Ge, Gt, Interval, MinLen
from pydantic import ConfigDict, Field

STRICT: Final = ConfigDict(extra="forbid", allow_inf_nan=False)
"""Of every section: no unknown keys, no NaN, no infinity."""

Name = Annotated[str, MinLen(1)]
Whole = Annotated[int, Ge(0)]
Count = Annotated[int, Ge(1)]
Magnitude = Annotated[int, Interval(ge=0, le=30)]
Seed = Annotated[int, Interval(ge=0, le=2**32 - 1)]
"""What numpy and torch both take."""
Side = Annotated[int, Interval(ge=8, le=4096)]
"""Pixels."""
Places = Annotated[int, Interval(ge=3, le=256)]
Width = Annotated[int, Interval(ge=1, le=16_384)]
"""Of a layer: far above any that was ever of use here, far below what ends in a machine without memory."""

From0 = Annotated[float, Ge(0)]
Above0 = Annotated[float, Gt(0)]
Share = Annotated[float, Interval(ge=0, le=1)]
BelowOne = Annotated[float, Interval(ge=0, lt=1)]
PartOfOne = Annotated[float, Interval(gt=0, le=1)]
Unbounded = Annotated[float, Gt(0), Field(allow_inf_nan=True)]
"""Above 0, or infinity."""


def told(bounds: tuple[object, ...]) -> str:
    """Say in words which numbers are allowed.

    Example:
        >>> told((Interval(gt=0, le=1),)), told((Ge(1),)), told((Gt(0),))
        ('expected (0, 1]', 'expected 1 or more', 'expected above 0')
    """
    said = [(name, getattr(bound, name, None)) for bound in bounds for name in ("ge", "gt", "le", "lt")]
    found = {name: value for name, value in said if value is not None}
    low, high = found.get("ge", found.get("gt")), found.get("le", found.get("lt"))
    if high is None:
        return f"expected {low} or more" if "ge" in found else f"expected above {low}"
    if low is None:
        return f"expected at most {high}" if "le" in found else f"expected below {high}"
    if "ge" in found and "le" in found:
        return f"expected between {low} and {high}"
    return f"expected {'[' if 'ge' in found else '('}{low}, {high}{']' if 'le' in found else ')'}"
