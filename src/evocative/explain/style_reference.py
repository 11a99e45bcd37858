"""What of a picture's style is unusual: its features beside those of other pictures.

    reference = read_reference("style.csv")                 # as `explain --method style -o` writes it
    for one in reference.extremes(style_of("photo.jpg").values):
        print(one.name, one.value, one.below)               # warmth 0.91 0.99

A value is unusual where hardly any picture of the reference lies beyond it. With 64 features and the outer
5 % of each, an ordinary picture has about three that are, so that the number of them is told beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float64

from evocative.data.storage import read_rows
from evocative.errors import DataError
from evocative.explain.style_names import LINEAR, VERSION

FEWEST = 20
"""Pictures that a reference has at least: of fewer, no value lies in the outer 5 %."""


@dataclass(frozen=True)
class Extreme:
    """One feature of a picture that is unusual beside a reference."""

    name: str
    value: float
    below: float
    """Share of the reference's pictures below it, in [0, 1]; ties count half."""
    median: float
    """Of the reference."""


@dataclass(frozen=True, eq=False)
class StyleReference:
    """The style of many pictures, that one is held against."""

    name: str
    matrix: Float64[np.ndarray, "N F"]
    """A column each of `style_names.LINEAR`; NaN where a feature is not known."""

    def __post_init__(self) -> None:
        """Check that there is enough to compare with.

        Raises:
            DataError: There are fewer than `FEWEST` pictures, or columns are missing.
        """
        if self.matrix.ndim != 2 or self.matrix.shape[1] != len(LINEAR) or len(self.matrix) < FEWEST:
            raise DataError(
                f"{self.name}: a reference of style has {FEWEST} pictures or more, and {len(LINEAR)} "
                f"features of each; found an array of shape {self.matrix.shape}"
            )

    def extremes(self, values: Mapping[str, float], *, share: float = 0.05) -> list[Extreme]:
        """Return the features in the outer share of the reference, both ends together, farthest first.

        What is farthest is told by the distance from the median in quartile ranges; a feature that three
        quarters of the reference have alike comes first where it differs at all.

        Args:
            values: Features by name; names of `LINEAR` that are missing or NaN are left out.
            share: Of the pictures, in (0, 1).

        Raises:
            DataError: The share is none.
        """
        if not 0 < share < 1:
            raise DataError(f"the outer share of a reference lies between 0 and 1, found {share}")
        found: list[tuple[float, Extreme]] = []
        for column, name in zip(self.matrix.T, LINEAR, strict=True):
            value, known = values.get(name, np.nan), column[np.isfinite(column)]
            if not np.isfinite(value) or not known.size:
                continue
            below = float((known < value).mean() + (known == value).mean() / 2)
            if share / 2 <= below <= 1 - share / 2:
                continue
            low, median, high = np.quantile(known, (0.25, 0.5, 0.75))
            distance = abs(value - median) / (high - low) if high > low else np.inf
            found.append((distance, Extreme(name, float(value), below, float(median))))
        return [one for _, one in sorted(found, key=lambda each: -each[0])]


def read_reference(path: str | Path) -> StyleReference:
    """Read a file of style features, .csv or .parquet, as `evocative explain --method style -o` writes it.

    Raises:
        DataError: It is none, is of other formulas than these, or has too few pictures.
    """
    path = Path(path)
    frame, about = read_rows(path)
    missing = [name for name in LINEAR if name not in frame]
    if missing:
        raise DataError(
            f"{path}: no reference of style, it lacks {', '.join(missing[:3])}. Write one by "
            "evocative explain IMAGES --method style -o style.csv"
        )
    if str(about.get("version", VERSION)) != str(VERSION):
        raise DataError(
            f"{path}: features by formulas of version {about['version']}, these are version {VERSION}: "
            "measure the reference again"
        )
    numbers = frame[list(LINEAR)].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    return StyleReference(path.stem, numbers[np.isfinite(numbers).any(axis=1)])
