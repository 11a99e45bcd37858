"""The record that travels with weights and says how an image becomes their input.

It holds numbers only; `evocative.data.transforms` makes transforms of it. Weights without this record
give wrong answers silently, so it is part of every model folder.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from evocative.errors import ModelError, unknown

Fit = Literal["squash", "crop", "pad"]
Interpolation = Literal["bilinear", "bicubic"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Preprocessing:
    """How a decoded RGB image becomes a network's input."""

    size: int = 224
    """Height and width of the input in pixels."""
    fit: Fit = "squash"
    """`squash`: resize to size × size (the dissertation's way); `crop`: shorter side to size, centre crop;
    `pad`: longer side to size, centred on the mean colour."""
    interpolation: Interpolation = "bilinear"
    """Always anti-aliased."""
    mean: tuple[float, float, float] = IMAGENET_MEAN
    """Channel means (red, green, blue) of values in [0, 1]."""
    sd: tuple[float, float, float] = IMAGENET_SD
    """Channel standard deviations of values in [0, 1]."""

    def __post_init__(self) -> None:
        if not 8 <= self.size <= 4096:
            raise ModelError(f"preprocessing: size must be between 8 and 4096 pixels, not {self.size}")
        if self.fit not in ("squash", "crop", "pad"):
            raise ModelError("preprocessing: " + unknown("fit", self.fit, ("squash", "crop", "pad")))
        if self.interpolation not in ("bilinear", "bicubic"):
            raise ModelError(
                "preprocessing: " + unknown("interpolation", self.interpolation, ("bilinear", "bicubic"))
            )
        if len(self.mean) != 3 or len(self.sd) != 3 or min(self.sd) <= 0:
            raise ModelError("preprocessing: mean and sd take three numbers each, and every sd is above zero")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Preprocessing":
        """Read what `to_dict` wrote.

        Raises:
            ModelError: A key is unknown or a value out of range.
        """
        known = {field.name for field in fields(cls)}
        for key in values:
            if key not in known:
                raise ModelError("preprocessing: " + unknown("key", key, known))
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
        }
        return cls(**plain)
