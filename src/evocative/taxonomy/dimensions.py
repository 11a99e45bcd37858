"""Dimensions of emotion: the spaces that they span, and the scales on which people rate them.

Inside the package every dimension runs from -1 to 1. A source's scale is named at the door:

    scale("1..7").to_unit(ratings)        # OASIS
    scale("1..9").sd_to_unit(deviations)  # self-assessment manikins, the word norms of Warriner et al. 2013
"""

from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError, unknown

Numbers = ArrayLike | float | int
"""A number or anything that numpy makes an array of (a checker at run time does not see the first in it)."""


@dataclass(frozen=True)
class Scale:
    """A rating scale with two ends, and its conversion to and from [-1, 1].

    The conversion is linear, so a mean converts like a rating, and a standard deviation by the slope alone.
    Missing values (NaN) stay missing. Numbers give numbers, everything else gives float64 arrays.

    Example:
        >>> scale("1..7").to_unit(4.0), scale("1..7").to_unit(7.0), scale("1..9").sd_to_unit(2.0)
        (0.0, 1.0, 0.5)
    """

    low: float
    """The rating at the low end (unpleasant, calm, controlled)."""
    high: float
    """The rating at the high end (pleasant, excited, in control)."""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.low) and np.isfinite(self.high) and self.low < self.high):
            raise DataError(
                f"a scale runs from a lower to a higher number, not from {self.low} to {self.high}"
            )

    def check(self, ratings: Numbers, *, what: str = "ratings") -> None:
        """Refuse ratings that cannot be on this scale; missing ones pass.

        Args:
            ratings: Any shape.
            what: Their name, for the message.

        Raises:
            DataError: Some lie outside by more than rounding; it says how many, and the worst.
        """
        values = np.atleast_1d(np.asarray(ratings, dtype=np.float64))
        slack = 1e-6 * (self.high - self.low)
        outside = values[(values < self.low - slack) | (values > self.high + slack)]
        if outside.size:
            worst = outside[np.argmax(np.abs(outside - (self.low + self.high) / 2))]
            raise DataError(
                f"{what}: {outside.size} of {values.size} lie outside the scale {self.low:g} to "
                f"{self.high:g} (for example {worst:g}): name the scale on which they were given"
            )

    @overload
    def to_unit(self, ratings: float) -> float: ...
    @overload
    def to_unit(self, ratings: ArrayLike) -> NDArray[np.float64]: ...
    def to_unit(self, ratings: Numbers) -> float | NDArray[np.float64]:
        """Convert ratings or their means to [-1, 1]; shape kept, range not checked (see `check`)."""
        return _number((np.asarray(ratings, dtype=np.float64) - self.low) / self._slope - 1)

    @overload
    def from_unit(self, values: float) -> float: ...
    @overload
    def from_unit(self, values: ArrayLike) -> NDArray[np.float64]: ...
    def from_unit(self, values: Numbers) -> float | NDArray[np.float64]:
        """Convert values in [-1, 1] to this scale; shape kept."""
        return _number((np.asarray(values, dtype=np.float64) + 1) * self._slope + self.low)

    @overload
    def sd_to_unit(self, deviations: float) -> float: ...
    @overload
    def sd_to_unit(self, deviations: ArrayLike) -> NDArray[np.float64]: ...
    def sd_to_unit(self, deviations: Numbers) -> float | NDArray[np.float64]:
        """Convert standard deviations of ratings to those of values in [-1, 1]; shape kept."""
        return _number(np.asarray(deviations, dtype=np.float64) / self._slope)

    @overload
    def sd_from_unit(self, deviations: float) -> float: ...
    @overload
    def sd_from_unit(self, deviations: ArrayLike) -> NDArray[np.float64]: ...
    def sd_from_unit(self, deviations: Numbers) -> float | NDArray[np.float64]:
        """Convert standard deviations of values in [-1, 1] to those on this scale; shape kept."""
        return _number(np.asarray(deviations, dtype=np.float64) * self._slope)

    @property
    def _slope(self) -> float:
        """Steps of this scale to one unit."""
        return (self.high - self.low) / 2


def _number(values: NDArray[np.float64] | np.float64) -> float | NDArray[np.float64]:
    """Give a number back where a number came in."""
    return values if isinstance(values, np.ndarray) and values.ndim else float(values)


SCALES: dict[str, Scale] = {
    "-1..1": Scale(-1.0, 1.0),
    "0..1": Scale(0.0, 1.0),
    "1..7": Scale(1.0, 7.0),
    "1..9": Scale(1.0, 9.0),
}
"""The scales of the published data sets by name."""


def scale(name: str) -> Scale:
    """Return a scale by its name: one of `SCALES`, or any other as `low..high` (`0..100`).

    Raises:
        DataError: The name is neither.
    """
    if name in SCALES:
        return SCALES[name]
    low, dots, high = name.partition("..")
    try:
        ends = float(low), float(high)
    except ValueError:
        ends = None
    if not dots or ends is None:
        raise DataError(unknown("scale", name, SCALES) + ", or any other as low..high")
    return Scale(*ends)


@dataclass(frozen=True)
class Axis:
    """One dimension of a space, with the words for its two ends."""

    name: str
    low: str
    """What -1 means."""
    high: str
    """What 1 means."""


@dataclass(frozen=True)
class Space:
    """Dimensions that together say how something feels."""

    name: str
    axes: tuple[Axis, ...]
    source: str

    @property
    def names(self) -> tuple[str, ...]:
        """The axes' names, in order: the names of a table's columns."""
        return tuple(axis.name for axis in self.axes)

    def axis(self, name: str) -> Axis:
        """Return an axis by its name.

        Raises:
            DataError: The space has none of that name.
        """
        for axis in self.axes:
            if axis.name == name:
                return axis
        raise DataError(unknown(f"dimension of the space {self.name!r}", name, self.names))


VALENCE = Axis("valence", "unpleasant", "pleasant")
AROUSAL = Axis("arousal", "calm", "excited")
DOMINANCE = Axis("dominance", "controlled", "in control")

VA = Space("VA", (VALENCE, AROUSAL), "Russell 1980, A circumplex model of affect, JPSP 39(6)")
VAD = Space(
    "VAD",
    (VALENCE, AROUSAL, DOMINANCE),
    "Russell & Mehrabian 1977, Evidence for a three-factor theory of emotions, J. Res. Personality 11(3)",
)
ATW = Space(
    "ATW",
    (
        Axis("activity", "passive", "active"),
        Axis("temperature", "cool", "warm"),
        Axis("weight", "light", "heavy"),
    ),
    "activity, temperature and weight, as in table 2.1 of Motiejauskas 2026; the colour emotions of Ou et "
    "al. 2004, A study of colour emotion and colour preference, Color Research & Application 29(3)",
)

SPACES: dict[str, Space] = {"VA": VA, "VAD": VAD, "ATW": ATW}
"""The spaces of table 2.1 by name."""
