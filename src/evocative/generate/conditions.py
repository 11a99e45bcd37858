"""What is asked of a generator: an emotion, a place in valence, arousal and dominance, or both.

    conditions = Conditions(labels=("awe", "fear"), dimensions=("valence",))
    conditions.of(label="awe")                  # tensor([1., 0., 0., 0.])
    conditions.of(valence=-0.5)                 # tensor([0., 0., -0.5, 1.])

A vector holds a one-hot label, then the dimensions' values, then 1 for each dimension that is asked for. What
is not asked for is 0, so that rows with a label only, with dimensions only and with both learn together.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from numpy.typing import NDArray
from torch import Tensor

from evocative.data.columns import AXES
from evocative.data.table import Table
from evocative.errors import DataError, ModelError, unknown
from evocative.recipe.ranges import STRICT


@dataclass(frozen=True)
class Conditions:
    """The labels and dimensions that a generator understands.

    Raises:
        ModelError: There is neither, a name stands twice, or a dimension is none of valence, arousal and
            dominance.
    """

    __pydantic_config__ = STRICT

    labels: tuple[str, ...] = ()
    """Emotions, in the order of the vector."""
    dimensions: tuple[str, ...] = ()
    """Of valence, arousal and dominance."""

    def __post_init__(self) -> None:
        for axis in self.dimensions:
            if axis not in AXES:
                raise ModelError("conditions: " + unknown("dimension", axis, AXES))
        names = (*self.labels, *self.dimensions)
        if not names or len(set(names)) < len(names):
            raise ModelError(
                f"conditions: expected labels or dimensions, each name once, found {list(names)}"
            )

    @property
    def size(self) -> int:
        """Numbers in a vector."""
        return len(self.labels) + 2 * len(self.dimensions)

    def of(self, *, label: str | None = None, **dimensions: float) -> Float[Tensor, " C"]:
        """Return the vector that asks for a label, for values of dimensions, or for both.

        Args:
            label: An emotion.
            **dimensions: `valence=0.5`: values in [-1, 1].

        Raises:
            DataError: Nothing is asked for, a name is unknown, or a value is out of range.
        """
        if label is None and not dimensions:
            raise DataError("a condition asks for a label, for dimensions, or for both; found neither")
        if label is not None and label not in self.labels:
            raise DataError(unknown("label", label, self.labels))
        vad = np.full((1, 3), np.nan)
        for axis, value in dimensions.items():
            if axis not in self.dimensions:
                raise DataError(unknown("dimension", axis, self.dimensions))
            if not -1 <= value <= 1:
                raise DataError(f"{axis}: expected a value in [-1, 1], found {value}")
            vad[0, AXES.index(axis)] = value
        code = -1 if label is None else self.labels.index(label)
        return self.encoded(np.array([code]), vad)[0]

    def encoded(self, labels: NDArray[np.int64], vad: NDArray[np.floating[Any]]) -> Float[Tensor, "N C"]:
        """Return the vectors of rows.

        Args:
            labels: (N,) places in `labels`, -1 where a row has none.
            vad: (N, 3) valence, arousal, dominance in [-1, 1], NaN where a row has none.
        """
        one_hot = np.zeros((len(labels), len(self.labels)))
        known = np.flatnonzero(labels >= 0)
        one_hot[known, labels[known]] = 1.0
        values = vad[:, [AXES.index(axis) for axis in self.dimensions]]
        asked = ~np.isnan(values)
        parts = np.concatenate([one_hot, np.where(asked, values, 0.0), asked], axis=1)
        return torch.tensor(parts, dtype=torch.float32)

    def label_of(self, conditions: Float[Tensor, "N C"]) -> Int64[Tensor, " N"]:
        """Return which label each vector asks for, -1 where it asks for none."""
        if not self.labels:
            return torch.full((len(conditions),), -1, dtype=torch.int64, device=conditions.device)
        most, place = conditions[:, : len(self.labels)].max(dim=1)
        return torch.where(most > 0, place, -1)

    def dimensions_of(self, conditions: Float[Tensor, "N C"]) -> Float[Tensor, "N D"]:
        """Return the values that each vector asks for, NaN where it asks for none."""
        start, middle = len(self.labels), len(self.labels) + len(self.dimensions)
        values, asked = conditions[:, start:middle], conditions[:, middle:]
        return torch.where(asked > 0, values, torch.nan)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Conditions":
        """Read what `to_dict` wrote."""
        return cls(tuple(values["labels"]), tuple(values["dimensions"]))


def conditions_of_table(table: Table) -> tuple[Conditions, Float[Tensor, "N C"]]:
    """Return what a table's columns allow to ask for, and each row's vector.

    A label that no row has and a dimension that no row has are left out.

    Raises:
        DataError: A row has neither label nor dimension.
    """
    codes, vad = table.labels, table.dimensions
    names = () if table.taxonomy is None else table.taxonomy.names
    present = np.unique(codes[codes >= 0])
    place = np.full(len(names) + 1, -1, dtype=np.int64)
    place[present] = np.arange(len(present))
    without = np.flatnonzero((codes < 0) & np.isnan(vad).all(axis=1))
    if without.size:
        raise DataError(
            f"{table.name}: {without.size} row(s) have neither label nor valence, arousal or dominance "
            f"(first: {table.frame['path'].iloc[int(without[0])]}); leave them out"
        )
    axes = tuple(axis for axis, column in zip(AXES, vad.T, strict=True) if not np.isnan(column).all())
    conditions = Conditions(tuple(names[code] for code in present), axes)
    return conditions, conditions.encoded(place[codes], vad)
