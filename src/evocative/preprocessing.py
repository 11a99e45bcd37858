"""The record that travels with weights and says how an image becomes their input.

It holds numbers only; `evocative.data.transforms` makes transforms of it. Weights without this record
give wrong answers silently, so it is part of every model folder.
"""

from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Annotated, Any, Literal, get_args

from annotated_types import Interval

from evocative.errors import ModelError, unknown

Fit = Literal["squash", "crop", "pad"]
Interpolation = Literal["bilinear", "bicubic"]
Value = Annotated[float, Interval(ge=0, le=1)]
Spread = Annotated[float, Interval(gt=0, le=1)]
Mean = tuple[Value, Value, Value]
"""Red, green, blue, of values in [0, 1]."""
Sd = tuple[Spread, Spread, Spread]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Preprocessing:
    """How a decoded RGB image becomes a network's input.

    Raises:
        ModelError: A value is of another type or out of its range; all mistakes are named at once.
    """

    __pydantic_config__ = {"extra": "forbid", "allow_inf_nan": False}  # noqa: RUF012 (as pydantic wants it)

    size: Annotated[int, Interval(ge=8, le=4096)] = 224
    """Height and width of the input in pixels."""
    fit: Fit = "squash"
    """`squash`: resize to size × size (the dissertation's way); `crop`: shorter side to size, centre crop;
    `pad`: longer side to size, centred on the mean colour."""
    interpolation: Interpolation = "bilinear"
    """Always anti-aliased."""
    mean: Mean = IMAGENET_MEAN
    """Channel means (red, green, blue) of values in [0, 1]."""
    sd: Sd = IMAGENET_SD
    """Channel standard deviations of values in [0, 1]."""

    def __post_init__(self) -> None:
        mistakes = []
        if not _is_number(self.size) or self.size % 1 or not 8 <= self.size <= 4096:
            mistakes.append(f"size must be between 8 and 4096 pixels, not {self.size!r}")
        for name, known in (("fit", get_args(Fit)), ("interpolation", get_args(Interpolation))):
            if getattr(self, name) not in known:
                mistakes.append(unknown(name, str(getattr(self, name)), known))
        mistakes += _colors(self.mean, self.sd)
        if mistakes:
            raise ModelError("preprocessing: " + "; ".join(mistakes))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Preprocessing":
        """Read what `to_dict` wrote.

        Raises:
            ModelError: A key is unknown or missing, or a value out of range.
        """
        known = [field.name for field in fields(cls)]
        mistakes = [unknown("key", str(key), known) for key in values if key not in known]
        mistakes += [f"{name} is missing" for name in known if name not in values]
        if mistakes:
            raise ModelError("preprocessing: " + "; ".join(mistakes))
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
        }
        return cls(**plain)


def _colors(mean: object, sd: object) -> list[str]:
    """Say what is wrong with three means and three SDs of values in [0, 1]."""
    mistakes = []
    for name, values, above in (("mean", mean, False), ("sd", sd, True)):
        three = values if isinstance(values, tuple) and len(values) == 3 else ()
        sound = [each for each in three if _is_number(each) and 0 <= each <= 1 and (each > 0 or not above)]
        if len(sound) < 3:
            wanted = "above 0 and at most 1" if above else "in [0, 1]"
            mistakes.append(
                f"{name} must be three numbers {wanted} (of pixels in [0, 1], not 0 to 255), not {values!r}"
            )
    return mistakes


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
