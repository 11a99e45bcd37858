"""The settings of a study: which arms are compared, on which folds and seeds, and how each arm is tuned."""

import json
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any, Literal

from evocative.recipe.override import flat
from evocative.recipe.ranges import STRICT

SelectionFigure = Literal["loss", "accuracy", "macro_f1", "valence_r", "arousal_r", "dominance_r"]
"""Figures that a run has on its validation rows."""


@dataclass(frozen=True)
class Arm:
    """One way of training."""

    __pydantic_config__ = STRICT

    title: str | None = None
    """How tables call it; None: by its name."""
    set: dict[str, Any] = field(default_factory=dict)
    """Settings of the recipe that this arm changes."""
    candidates: tuple[dict[str, Any], ...] = ()
    """Settings beyond those, of which the best on validation rows is chosen."""
    grid: dict[str, Any] = field(default_factory=dict)
    """The same as lists: every combination is a candidate."""

    @property
    def choices(self) -> tuple[dict[str, Any], ...]:
        """The candidates, those of the grid in its order with its last setting changing fastest."""
        if not self.grid:
            return self.candidates
        lists = flat(self.grid)
        return tuple(dict(zip(lists, values, strict=True)) for values in product(*lists.values()))


@dataclass(frozen=True)
class Selection:
    """How the best candidate of an arm is found: on the run's validation rows only."""

    __pydantic_config__ = STRICT

    figure: SelectionFigure = "macro_f1"
    """What is compared; of `loss` the lowest is best, of all others the highest."""
    seed: int = 0
    """Of the candidates' runs."""
    folds: Literal["each", "first"] = "each"
    """`each`: every fold chooses for itself, with that fold held out. `first`: the first fold chooses for
    all, which is as honest only where the validation rows are the same for every fold."""
    allow_untuned: bool = False
    """Whether arms with candidates may stand beside arms without any."""


@dataclass(frozen=True)
class Study:
    """Arms × folds × seeds of one recipe."""

    __pydantic_config__ = STRICT

    recipe: str
    """The name of a recipe that comes with the package, or a TOML file relative to the study's."""
    arms: dict[str, Arm]
    name: str = "study"
    title: str | None = None
    """Above the table; None: the name."""
    folds: tuple[int | Literal["validation"], ...] = (0, 1, 2, 3, 4)
    """Values of `data.fold`; none: the recipe's own split."""
    seeds: tuple[int, ...] = (0, 1, 2)
    reference: str = "plain"
    """The arm that the others are compared with."""
    set: dict[str, Any] = field(default_factory=dict)
    """Settings of the recipe that every arm changes."""
    select: Selection = field(default_factory=Selection)
    keep_models: bool = False
    """Keep the weights of every run. Without it they go when a run is finished; its predictions stay."""

    @property
    def places(self) -> tuple[int | Literal["validation"] | None, ...]:
        """The folds; one None where the recipe's own split is used."""
        return self.folds or (None,)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain
