"""A CPPN of fixed shape as a vector of weights: for optimisers that want vectors, and for gradients.

    network = FixedCPPN(layers=2, width=12)
    network.render(weights, size=224)               # (N, P) -> (N, 3, 224, 224), differentiable

Layers are fully connected; each is divided into equal parts that have the functions in turn. A unit's sum is
divided by the square root of the number of its sources, so that weights of size 1 suit every layer. The
outputs are red, green and blue through a logistic function, not HSV as in cppn.py: that is smooth, and no
gradient ends where saturation is cut off.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from evocative.errors import DataError, RecipeError, unknown
from evocative.explore.program import coordinates

SMOOTH = ("sine", "gaussian", "sigmoid", "linear")
"""Nguyen 2015's functions."""

FUNCTIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "sine": torch.sin,
    "gaussian": lambda sums: torch.exp(-sums.square()),
    "sigmoid": lambda sums: torch.tanh(0.5 * sums),
    "linear": lambda sums: sums,
    "cosine": torch.cos,
}

FIRST_GAIN = 6.0
"""Of the first layer's sums: with weights of size 1 a sine turns about once across the picture."""

LAST_GAIN = 1.5
"""Of the last layer's sums: with weights of size 1 colours come near to dark and full."""

AT_ONCE = 2
"""Genomes that are drawn together: few, so that their layers stay in the processor's cache."""


@dataclass(frozen=True)
class FixedCPPN:
    """A CPPN whose shape stays.

    Attributes:
        layers: Hidden layers.
        width: Units of each.
        functions: Names in FUNCTIONS; a layer's units are divided among them.
    """

    layers: int = 2
    width: int = 12
    functions: tuple[str, ...] = SMOOTH

    def __post_init__(self) -> None:
        for name in self.functions:
            if name not in FUNCTIONS:
                raise RecipeError(unknown("function of a CPPN of fixed shape", name, FUNCTIONS))
        if self.layers < 1 or not 1 <= len(self.functions) <= self.width:
            raise RecipeError(
                "a CPPN of fixed shape has 1 layer or more, a function or more, and as many units a layer as"
                f" functions or more; not {self.layers} layers of {self.width} units and {self.functions}"
            )

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

    def scaled(self, weights: Float[Tensor, "N P"]) -> list[Float[Tensor, "N U C"]]:
        """Return each layer's weights times its gain, over the square root of the number of its sources."""
        gains = [FIRST_GAIN, *[1.0] * (self.layers - 1), LAST_GAIN]
        return [
            layer * (gain / sqrt(layer.shape[2]))
            for layer, gain in zip(self.split(weights), gains, strict=True)
        ]

    def function_of_units(self) -> list[str]:
        """Return the names of a hidden layer's functions, unit by unit."""
        parts = np.array_split(np.arange(self.width), len(self.functions))
        return [name for name, part in zip(self.functions, parts, strict=True) for _ in part]

    def render(self, weights: Float[Tensor, "N P"], size: int) -> Float[Tensor, "N 3 S S"]:
        """Draw a picture a row of weights, with gradients to the weights."""
        line = coordinates(size, weights.dtype).to(weights.device)
        y, x = (part.reshape(-1) for part in torch.meshgrid(line, line, indexing="ij"))
        values = torch.stack([x, y, (x.square() + y.square()).sqrt()]).expand(len(weights), -1, -1)
        for index, scaled in enumerate(self.scaled(weights)):
            sums = torch.baddbmm(scaled[:, :, -1:], scaled[:, :, :-1], values)
            values = self._units(sums) if index < self.layers else torch.sigmoid(sums)
        return values.view(len(weights), 3, size, size)

    def _units(self, sums: Float[Tensor, "N U Q"]) -> Float[Tensor, "N U Q"]:
        parts = torch.tensor_split(sums, len(self.functions), dim=1)
        return torch.cat(
            [FUNCTIONS[name](part) for name, part in zip(self.functions, parts, strict=True)], dim=1
        )


@dataclass(frozen=True)
class Weights:
    """A genome that is a vector."""

    network: FixedCPPN
    values: tuple[float, ...]
    kind = "weights"

    def __post_init__(self) -> None:
        if len(self.values) != self.network.num_weights or not np.isfinite(self.values).all():
            raise DataError(
                f"this network has {self.network.num_weights} finite weights; these are {len(self.values)}"
            )

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
        """Return what it computes: an assignment a unit, separated by semicolons; numbers to 4 digits.

        Units are named by layer and number (`u2_5`); `logistic(s)` is 1/(1 + exp(-s)), `sigmoid(s)` twice
        that less 1.
        """
        sources, statements = ["x", "y", "r"], []
        layers = self.network.scaled(torch.tensor([self.values], dtype=torch.float64))
        for number, layer in enumerate(layers, 1):
            names = [f"u{number}_{unit}" for unit in range(1, len(layer[0]) + 1)]
            functions = self.network.function_of_units()
            if number == len(layers):
                names, functions = ["red", "green", "blue"], ["logistic"] * 3
            for name, function, row in zip(names, functions, layer[0].tolist(), strict=True):
                statements.append(f"{name} = {function}({_written(row, sources)})")
            sources = names
        return "; ".join(statements)


def _written(weights: Sequence[float], sources: Sequence[str]) -> str:
    """Write a weighted sum and its bias, the last weight: `1.5*x - 2*y + 0.3`."""
    factors = [*(f"*{source}" for source in sources), ""]
    terms = [
        f"{'-' if weight < 0 else '+'} {abs(weight):.4g}{factor}"
        for weight, factor in zip(weights, factors, strict=True)
    ]
    return " ".join(terms).removeprefix("+ ")


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
        """Return points on two parents' line, a quarter beyond each: extended line recombination.

        Source: Mühlenbein and Schlierkamp-Voosen 1993, with d = 0.25.
        """
        one, other = self.values(first), self.values(second)
        return self.genomes(one + generator.uniform(-0.25, 1.25, (len(one), 1)) * (other - one))

    def render(self, genomes: Sequence[Weights], size: int) -> Float[Tensor, "N 3 S S"]:
        """Draw genomes."""
        values = torch.tensor(self.values(genomes), dtype=torch.float32)
        with torch.no_grad():
            parts = [self.network.render(part, size) for part in torch.split(values, AT_ONCE)]
        return torch.cat(parts)

    def read(self, values: Mapping[str, Any]) -> Weights:
        """Read a vector from what `to_dict` returned.

        Raises:
            DataError: It is none.
        """
        try:
            network = FixedCPPN(int(values["layers"]), int(values["width"]), tuple(values["functions"]))
            return Weights(network, tuple(map(float, values["values"])))
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                "a weight vector is {'layers': …, 'width': …, 'functions': […], 'values': […]};"
                f" this cannot be read so: {error!r}"
            ) from error

    def distance(self, first: Weights, second: Weights) -> float:
        """Return the root mean square difference of weights."""
        return float(np.sqrt(np.mean(np.subtract(first.values, second.values) ** 2)))

    def genomes(self, values: Float[np.ndarray, "N P"]) -> list[Weights]:
        """Return rows of numbers as genomes."""
        return [Weights(self.network, tuple(row)) for row in values.tolist()]

    def values(self, genomes: Sequence[Weights]) -> Float[np.ndarray, "N P"]:
        """Return genomes as rows of numbers."""
        return np.array([genome.values for genome in genomes]).reshape(len(genomes), self.network.num_weights)
