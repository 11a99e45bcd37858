"""Genomes: descriptions of pictures that can be drawn at any size, varied, saved and printed as formulas.

species = make_species("cppn")
generator = np.random.default_rng(0)
parents = species.random(64, generator)
children = species.mutated(parents, generator)
pictures = species.render(children, size=224)           # (64, 3, 224, 224), float32 in [0, 1]
read_genome(json.loads(json.dumps(children[0].to_dict()))) == children[0]

cppn           networks whose structure and weights evolve (cppn.py, cppn_variation.py)
expression     trees of functions (expressions.py, expression_variation.py)
weights        the weights of a network of fixed shape (weights.py)
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
from jaxtyping import Float
from torch import Tensor

from evocative.errors import DataError, RecipeError, unknown
from evocative.explore.cppn_variation import CPPNs
from evocative.explore.expression_variation import Expressions
from evocative.explore.weights import WeightVectors


@runtime_checkable
class Genome(Protocol):
    """What a picture is drawn from; it does not change."""

    @property
    def kind(self) -> str:
        """Return the species' name."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain lists and numbers, for JSON, with its `kind`."""

    def formula(self) -> str:
        """Return it as text for people."""


G = TypeVar("G", bound=Genome)


@runtime_checkable
class Species(Protocol[G]):
    """How genomes of one kind are made, varied and drawn."""

    @property
    def kind(self) -> str:
        """Return the name in SPECIES."""

    def random(self, count: int, generator: np.random.Generator) -> list[G]:
        """Return new genomes."""

    def mutated(self, parents: Sequence[G], generator: np.random.Generator) -> list[G]:
        """Return one child a parent."""

    def crossed(self, first: Sequence[G], second: Sequence[G], generator: np.random.Generator) -> list[G]:
        """Return one child a pair of parents."""

    def render(self, genomes: Sequence[G], size: int) -> Float[Tensor, "N 3 S S"]:
        """Return pictures: float32 RGB in [0, 1]."""

    def read(self, values: dict[str, Any]) -> G:
        """Return the genome that `to_dict` described."""

    def distance(self, first: G, second: G) -> float:
        """Return how much two genomes differ: 0 for equal ones."""


SPECIES: Mapping[str, Callable[..., Species[Any]]] = {
    "cppn": CPPNs,
    "expression": Expressions,
    "weights": WeightVectors,
}
"""By kind: what makes a species; keyword arguments are its settings."""


def make_species(kind: str, **settings: Any) -> Species[Any]:
    """Return a species by name.

    Raises:
        RecipeError: There is none of this name.
    """
    if kind not in SPECIES:
        raise RecipeError(unknown("kind of genome", kind, SPECIES))
    return SPECIES[kind](**settings)


def read_genome(values: dict[str, Any]) -> Any:
    """Return the genome that a dictionary of `to_dict` describes.

    Raises:
        DataError: It describes none.
    """
    kind = str(values.get("kind"))
    if kind not in SPECIES:
        raise DataError(unknown("kind of genome", kind, SPECIES))
    return SPECIES[kind]().read(values)


def distance(first: Genome, second: Genome) -> float:
    """Return how much two genomes of one kind differ; each kind has its own measure.

    Raises:
        DataError: They are of different kinds.
    """
    if first.kind != second.kind:
        raise DataError(f"genomes of one kind have a distance; these are a {first.kind} and a {second.kind}")
    return SPECIES[first.kind]().distance(first, second)
