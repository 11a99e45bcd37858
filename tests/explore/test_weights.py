"""CPPNs of fixed shape: pictures against loops, gradients against finite differences, formula."""

import ast
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
import torch

from evocative.errors import DataError, RecipeError
from evocative.explore.weights import FIRST_GAIN, LAST_GAIN, FixedCPPN, Weights, WeightVectors

SCALAR: Mapping[str, Callable[[float], float]] = {
    "sine": math.sin,
    "cosine": math.cos,
    "gaussian": lambda s: math.exp(-s * s),
    "sigmoid": lambda s: 2 / (1 + math.exp(-s)) - 1,
    "linear": lambda s: s,
    "logistic": lambda s: 1 / (1 + math.exp(-s)),
}


def looped(network: FixedCPPN, weights: Sequence[float], x: float, y: float) -> list[float]:
    """Compute one pixel with plain loops; a layer's units are divided among the functions in turn."""
    values, position = [x, y, math.hypot(x, y)], 0
    share, rest = divmod(network.width, len(network.functions))
    names = [name for i, name in enumerate(network.functions) for _ in range(share + (i < rest))]
    for layer in range(network.layers + 1):
        last = layer == network.layers
        gain = LAST_GAIN if last else FIRST_GAIN if layer == 0 else 1.0
        inputs, found = [*values, 1.0], []
        for unit in range(3 if last else network.width):
            row = weights[position : position + len(inputs)]
            position += len(inputs)
            total = sum(w * v for w, v in zip(row, inputs, strict=True)) * gain / math.sqrt(len(inputs))
            found.append(SCALAR["logistic" if last else names[unit]](total))
        values = found
    assert position == len(weights) == network.num_weights
    return values


NETWORKS = [FixedCPPN(), FixedCPPN(1, 5), FixedCPPN(3, 4, ("sine", "cosine", "gaussian"))]


@pytest.mark.parametrize("network", NETWORKS)
def test_pictures_are_what_loops_say(network: FixedCPPN) -> None:
    size, weights = 3, torch.randn(2, network.num_weights, dtype=torch.float64)
    pictures = network.render(weights, size)
    places = [(2 * i + 1 - size) / size for i in range(size)]
    for row, picture in zip(weights.tolist(), pictures, strict=True):
        wanted = [[looped(network, row, x, y) for x in places] for y in places]
        np.testing.assert_allclose(picture.permute(1, 2, 0), wanted, atol=1e-12)


def test_gradients_are_those_of_finite_differences() -> None:
    network = FixedCPPN(2, 4)
    weights = torch.randn(2, network.num_weights, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda w: network.render(w, 3), (weights,))


def test_the_formula_draws_the_picture() -> None:
    network = FixedCPPN(2, 5)
    genome = WeightVectors(network).random(1, np.random.default_rng(0))[0]
    picture = WeightVectors(network).render([genome], 5)[0]
    for i, j in ((0, 0), (1, 3), (4, 2)):
        x, y = (2 * j - 4) / 5, (2 * i - 4) / 5
        values = {"x": x, "y": y, "r": math.hypot(x, y)}
        for statement in genome.formula().split("; "):
            name, expression = statement.split(" = ")
            values[name] = eval(
                compile(ast.parse(expression, mode="eval"), "f", "eval"), {**SCALAR, **values}
            )
        wanted = [values[name] for name in ("red", "green", "blue")]
        np.testing.assert_allclose(picture[:, i, j], wanted, atol=0.01)  # four digits are printed


def test_rows_of_numbers_and_genomes_are_the_same() -> None:
    species = WeightVectors(FixedCPPN(1, 4))
    values = np.random.default_rng(0).standard_normal((6, species.network.num_weights))
    np.testing.assert_array_equal(species.values(species.genomes(values)), values)
    pictures = species.render(species.genomes(values), 8)
    torch.testing.assert_close(pictures, species.network.render(torch.tensor(values).float(), 8))


def test_a_mutation_adds_gaussian_noise_to_all() -> None:
    species = WeightVectors(spread=0.3)
    parents = species.random(40, np.random.default_rng(0))
    children = species.mutated(parents, np.random.default_rng(1))
    apart = species.values(children) - species.values(parents)
    assert apart.std() == pytest.approx(0.3, rel=0.05)
    assert (apart != 0).all()


def test_crossed_vectors_lie_on_the_parents_line() -> None:
    species = WeightVectors(FixedCPPN(1, 4))
    first, second = (species.random(20, np.random.default_rng(seed)) for seed in (0, 1))
    children = species.values(species.crossed(first, second, np.random.default_rng(2)))
    steps = (children - species.values(first)) / (species.values(second) - species.values(first))
    np.testing.assert_allclose(steps, np.broadcast_to(steps[:, :1], steps.shape), atol=1e-9)
    assert steps.min() >= -0.25
    assert steps.max() <= 1.25


def test_unsound_shapes_and_vectors_are_refused() -> None:
    with pytest.raises(
        RecipeError, match=r"unknown function of a CPPN of fixed shape 'sin'; did you mean 'sine'"
    ):
        FixedCPPN(functions=("sin",))
    with pytest.raises(RecipeError, match="1 layer or more"):
        FixedCPPN(layers=0)
    with pytest.raises(RecipeError, match="as many units"):
        FixedCPPN(width=3)
    with pytest.raises(DataError, match="243 finite weights"):
        Weights(FixedCPPN(), (0.0,))
    with pytest.raises(DataError, match="finite"):
        Weights(FixedCPPN(1, 4), (float("nan"),) * FixedCPPN(1, 4).num_weights)
