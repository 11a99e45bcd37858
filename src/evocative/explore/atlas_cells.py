"""The cells of an atlas: the axes of its archive, and the columns of its files.

Cells are numbered as numpy numbers the cells of an array (C order): the last axis runs fastest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.data.columns import AXES
from evocative.errors import DataError
from evocative.recipe.ranges import STRICT

KINDS: Final = ("emotions", "plane", "probabilities", "cube")
"""What cells stand for: emotion × confidence; valence × arousal; regions of all probabilities; the cube."""
CURVE_COLUMNS: Final = {
    "evaluations": "int64",
    **dict.fromkeys(("coverage", "qd_score", "best", "seconds", "seconds_scoring"), "float64"),
}
"""Columns of curve.parquet and their types."""


@dataclass(frozen=True)
class Axis:
    """One axis of an archive: named cells, or bins of a number.

    Raises:
        DataError: It has neither or both, or its edges do not rise.
    """

    __pydantic_config__ = STRICT

    name: str
    """`emotion`, `band`, `valence` …: the column of elites is `cell_<name>`."""
    edges: tuple[float, ...] = ()
    """n + 1 rising edges of n bins; a value on an edge belongs to the bin above it."""
    labels: tuple[str, ...] = ()
    """Names of cells that are no numbers."""

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in zip(self.edges, self.edges[1:], strict=False))
        one = (len(self.edges) > 1 and rising and not self.labels) or (bool(self.labels) and not self.edges)
        if not one:
            raise DataError(
                f"axis {self.name}: expected two or more rising edges, or labels; "
                f"found edges {list(self.edges)} and labels {list(self.labels)}"
            )

    def __len__(self) -> int:
        return len(self.labels) or len(self.edges) - 1

    def told(self, place: int) -> str:
        """Say what a cell of this axis holds: its label, or from where to where it reaches."""
        return self.labels[place] if self.labels else f"{self.edges[place]:g} to {self.edges[place + 1]:g}"


def elite_columns(dims: Sequence[Axis], labels: Sequence[str]) -> dict[str, str]:
    """Return the columns of elites.parquet and their pandas types, in order.

    cell: its number. cell_<axis>: the bin's number, or the label of a named cell. fitness. p_<label>,
    valence, arousal, dominance: what the model says (NaN where it does not). genome: JSON. formula: the
    same for readers. evaluation: which one found it, from 1. parent: the cell of its parent when
    it was made, -1 without one. picture: file relative to the folder, missing where none was saved.

    Example:
        >>> columns = elite_columns([Axis("emotion", labels=("awe",)), Axis("band", edges=(0, 1))], ["awe"])
        >>> list(columns)[:5], columns["cell_emotion"]
        (['cell', 'cell_emotion', 'cell_band', 'fitness', 'p_awe'], 'string')
    """
    return {
        "cell": "int64",
        **{f"cell_{axis.name}": "string" if axis.labels else "int64" for axis in dims},
        "fitness": "float64",
        **{f"p_{label}": "float64" for label in labels},
        **dict.fromkeys(AXES, "float64"),
        **dict.fromkeys(("genome", "formula"), "string"),
        **dict.fromkeys(("evaluation", "parent"), "int64"),
        "picture": "string",
    }


def cell_columns(dims: Sequence[Axis], cells: ArrayLike) -> dict[str, NDArray[Any]]:
    """Return the columns `cell_<axis>` of cells' numbers.

    Example:
        >>> dims = [Axis("emotion", labels=("awe", "fear")), Axis("band", edges=(0, 0.5, 1))]
        >>> {name: column.tolist() for name, column in cell_columns(dims, [0, 3]).items()}
        {'cell_emotion': ['awe', 'fear'], 'cell_band': [0, 1]}
    """
    if not dims:
        return {}
    places = np.unravel_index(np.asarray(cells, dtype=np.int64), tuple(map(len, dims)))
    return {
        f"cell_{axis.name}": np.array(axis.labels, dtype=object)[place] if axis.labels else place
        for axis, place in zip(dims, places, strict=True)
    }
