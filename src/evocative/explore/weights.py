"""A CPPN of fixed shape as a vector of weights: for optimisers that want vectors, and for gradients.

    network = FixedCPPN(layers=2, width=12)
    network.render(weights, size=224)               # (N, P) -> (N, 3, 224, 224), differentiable

Layers are fully connected; a layer's units have the functions in turn, so that each layer has all of them. A
unit's sum is divided by the square root of the number of its sources: weights of size 1 suit every layer. The
outputs are red, green and blue through a logistic function, not HSV as in cppn.py: it is smooth, and no unit's
gradient ends where saturation is cut off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from evocative.errors import DataError
from evocative.explore.program import coordinates

SMOOTH = ("sine", "gaussian", "sigmoid", "linear")
"""Nguyen 2015's functions, in the order in which units take turns."""

FUNCTIONS = {
    "sine": torch.sin,
    "gaussian": lambda sums: torch.exp(-sums.square()),
    "sigmoid": torch.tanh,
    "linear": lambda sums: sums,
    "cosine": torch.cos,
}

GAIN = 4.0
"""Weights of size 1 count so much at the inputs: a sine turns once or twice across the picture."""


@dataclass(frozen=True)
class FixedCPPN:
    """A CPPN whose shape stays.

    Attributes:
        layers: Hidden layers.
        width: Units of each.
        functions: Names in FUNCTIONS; unit j has number j modulo their number.
    """

    layers: int = 2
    width: int = 12
    functions: tuple[str, ...] = SMOOTH

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Rows (units) and columns (sources: the layer before and a bias) of each layer's weights."""
        return [(self.width, 4), *[(self.width, self.width + 1)] * (self.layers - 1), (3, self.width + 1)]

    @property
    def num_weights(self) -> int:
        """How many numbers a picture is."""
        return sum(rows * columns for rows, columns in self.shapes)

    def split(self, weights: Float[Tensor, "N P"]) -> list[Float[Tensor, "N U C"]]:
        """Return each layer's weights."""
        sizes = [rows * columns for rows, columns in self.shapes]
        parts = torch.split(weights, sizes, dim=1)
        return [part.view(len(weights), *shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def render(self, weights: Float[Tensor, "N P"], size: int) -> Float[Tensor, "N 3 S S"]:
        """Draw a picture a row of weights, with gradients to the weights."""
        places = coordinates(size, weights.dtype).to(weights.device)
        radius = places.square().sum(0, keepdim=True).sqrt()
        one = torch.ones_like(radius)
        values = torch.cat([places, radius]).expand(len(weights), 3, -1)
        *hidden, last = self.split(weights)
        for index, layer in enumerate(hidden):
            gain = GAIN if index == 0 else 1.0
            values = self._units(_sums(layer, values, one) * gain)
        return torch.sigmoid(_sums(last, values, one) * 2.0).view(len(weights), 3, size, size)

    def _units(self, sums: Float[Tensor, "N U Q"]) -> Float[Tensor, "N U Q"]:
        found = torch.empty_like(sums)
        count = len(self.functions)
        for index, name in enumerate(self.functions):
            found[:, index::count] = FUNCTIONS[name](sums[:, index::count])
        return found


def _sums(layer: Tensor, values: Tensor, one: Tensor) -> Tensor:
    """Return weighted sums with bias, over the square root of the number of sources."""
    inputs = torch.cat([values, one.expand(len(values), 1, -1)], dim=1)
    return torch.bmm(layer, inputs) / sqrt(layer.shape[2])


@dataclass(frozen=True)
class Weights:
    """A genome that is a vector."""

    network: FixedCPPN
    values: tuple[float, ...]
    kind = "weights"

    def __post_init__(self) -> None:
        if len(self.values) != self.network.num_weights:
            raise DataError(f"this network has {self.network.num_weights} weights, not {len(self.values)}")

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, for JSON."""
        shape = {"layers": self.network.layers, "width": self.network.width}
        return {
            "kind": self.kind,
            **shape,
            "functions": list(self.network.functions),
            "values": list(self.values),
        }

    def formula(self) -> str:
        """Return what it computes."""
        return f"{self.network}"


@dataclass(frozen=True)
class WeightVectors:
    """The species of weight vectors of one network.

    Attributes:
        network: Whose weights.
        spread: SD of what a mutation adds to every weight.
    """

    network: FixedCPPN = field(default_factory=FixedCPPN)
    spread: float = 0.2
    kind = "weights"

    def random(self, count: int, generator: np.random.Generator) -> list[Weights]:
        """Return vectors of standard normal numbers."""
        return self.genomes(generator.standard_normal((count, self.network.num_weights)))

    def mutated(self, parents: Sequence[Weights], generator: np.random.Generator) -> list[Weights]:
        """Return parents with Gaussian noise added."""
        values = self.values(parents)
        return self.genomes(values + self.spread * generator.standard_normal(values.shape))

    def crossed(
        self, first: Sequence[Weights], second: Sequence[Weights], generator: np.random.Generator
    ) -> list[Weights]:
        """Return points between two parents (and a little beyond): Vassiliades 2018's line operator."""
        one, other = self.values(first), self.values(second)
        return self.genomes(one + generator.uniform(-0.25, 1.25, (len(one), 1)) * (other - one))

    def render(self, genomes: Sequence[Weights], size: int) -> Float[Tensor, "N 3 S S"]:
        """Draw genomes."""
        with torch.no_grad():
            return self.network.render(torch.tensor(self.values(genomes), dtype=torch.float32), size)

    def read(self, values: Mapping[str, Any]) -> Weights:
        """Read a vector from what `to_dict` returned."""
        network = FixedCPPN(values["layers"], values["width"], tuple(values["functions"]))
        return Weights(network, tuple(map(float, values["values"])))

    def distance(self, first: Weights, second: Weights) -> float:
        """Return the root mean square difference of weights."""
        return float(np.sqrt(np.mean(np.subtract(first.values, second.values) ** 2)))

    def genomes(self, values: Float[np.ndarray, "N P"]) -> list[Weights]:
        """Return rows of numbers as genomes."""
        return [Weights(self.network, tuple(row)) for row in values.tolist()]

    def values(self, genomes: Sequence[Weights]) -> Float[np.ndarray, "N P"]:
        """Return genomes as rows of numbers."""
        return np.array([genome.values for genome in genomes]).reshape(len(genomes), self.network.num_weights)
