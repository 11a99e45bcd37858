"""What a detector says of an image, and what counts as a detector."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True)
class Look:
    """What a detector says of one image.

    Example:
        >>> Look(0.93, "SALE").score
        0.93
    """

    score: float | None
    """How surely the image shows what is looked for, from 0 to 1, .5 being the detector's own threshold;
    None where the image cannot be read."""
    evidence: str = ""
    """What was seen, in words; or why there is no image."""
    area: float | None = None
    """Share of the image that shows it, from 0 to 1; None where the detector does not say where it is."""

    def __post_init__(self) -> None:
        for name, share in (("score", self.score), ("area", self.area)):
            if share is not None and not 0 <= share <= 1:
                raise ValueError(f"a look's {name} is from 0 to 1, not {share}")


@runtime_checkable
class Detector(Protocol):
    """What says whether images show something."""

    @property
    def about(self) -> Mapping[str, Any]:
        """Everything that its looks depend on but the image, in plain values."""

    def look(self, paths: Sequence[Path]) -> Iterator[Look]:
        """Look at images, in their order; one that cannot be read gets a look without a score."""


def plain(look: Look) -> dict[str, Any]:
    """Return a look in plain values, as a store keeps it."""
    return asdict(look)


def look_of(values: Mapping[str, Any]) -> Look:
    """Return the look that plain values are of.

    Raises:
        ValueError, TypeError: They are of none.

    Example:
        >>> look_of(plain(Look(0.93, "SALE"))) == Look(0.93, "SALE")
        True
    """
    return Look(**values)
