"""CPPNs: pictures against a scalar reading of the printed formula; structure stays sound."""

import ast
import colorsys
import math
from collections.abc import Sequence
from graphlib import TopologicalSorter
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from evocative.errors import DataError
from evocative.explore.cppn import CPPN, INPUTS, OUTPUTS, Connection, distance, predecessors, read_cppn
from evocative.explore.cppn_variation import CPPNRates, CPPNs, add_node, remove_connection
from evocative.explore.program import Program, run

SCALAR = {
    "linear": lambda s: s,
    "sine": math.sin,
    "cosine": math.cos,
    "sigmoid": lambda s: 2 / (1 + math.exp(-s)) - 1 if s > -700 else -1.0,
    "gaussian": lambda s: math.exp(-s * s),
    "absolute": abs,
    "square": lambda s: s * s,
    "triangle": lambda s: 1 - 2 * abs(s % 2 - 1),
}

RATES = CPPNRates()


def cut(value: float) -> float:
    return max(-1e4, min(1e4, value))


def slowly(formula: str, x: float, y: float) -> tuple[float, float, float]:
    """Evaluate a printed formula at one point, in Python's own numbers; return red, green, blue."""
    values = {"x": x, "y": y, "r": math.hypot(x, y)}
    functions = {name: (lambda s, f=f: cut(f(s))) for name, f in SCALAR.items()}
    for statement in formula.split("; "):
        name, expression = statement.split(" = ")
        tree = ast.parse(expression, mode="eval")
        values[name] = eval(compile(tree, "formula", "eval"), {**functions, **values})
    hue, saturation, brightness = (values[name] for name in OUTPUTS)
    return colorsys.hsv_to_rgb(hue % 1, min(1, abs(saturation)), min(1, abs(brightness)))


def evolved(seed: int, generations: int = 6, count: int = 6, rates: CPPNRates = RATES) -> list[CPPN]:
    species, generator = CPPNs(rates), np.random.default_rng(seed)
    networks = species.random(count, generator)
    for _ in range(generations):
        networks = species.mutated(networks, generator)
    return networks


def in_double(networks: Sequence[CPPN], size: int) -> Tensor:
    program = Program()
    rows = [row for network in networks for row in network.write(program)]
    return run(program, rows, size=size, dtype=torch.float64).view(len(networks), 3, size, size)


@pytest.mark.parametrize("seed", range(4))
def test_pictures_are_what_the_printed_formula_says(seed: int) -> None:
    networks, size = evolved(seed, generations=15), 5
    pictures = in_double(networks, size)
    places = [(2 * i + 1 - size) / size for i in range(size)]
    for network, picture in zip(networks, pictures, strict=True):
        formula = network.formula()
        wanted = [[slowly(formula, x, y) for x in places] for y in places]
        # hues of large numbers lose digits; nearly all pixels agree to 7
        close = np.isclose(picture.permute(1, 2, 0).numpy(), wanted, atol=1e-7).all(-1)
        assert close.mean() > 0.9


@pytest.mark.parametrize("seed", range(3))
def test_single_precision_draws_the_same(seed: int) -> None:
    networks = evolved(seed)
    apart = (CPPNs().render(networks, 24) - in_double(networks, 24)).abs()
    assert (apart < 1e-3).double().mean() > 0.97


def test_a_network_worked_by_hand() -> None:
    network = CPPN(
        (("hue", "linear"), ("saturation", "linear"), ("brightness", "linear"), ("a", "absolute")),
        (
            Connection("bias", "hue", 1 / 3),
            Connection("bias", "saturation", -1.0),
            Connection("x", "a", 2.0),
            Connection("a", "brightness", 0.5),
            Connection("y", "brightness", 9.0, enabled=False),
        ),
    )
    picture = CPPNs().render([network], 4)[0]
    green = torch.tensor([0.75, 0.25, 0.25, 0.75]).expand(4, 4)  # |x| at the pixels' centres
    torch.testing.assert_close(
        picture, torch.stack([torch.zeros(4, 4), green, torch.zeros(4, 4)]), atol=1e-6, rtol=0
    )
    assert network.formula() == (
        "h1 = absolute(2*x); hue = linear(0.333333333333); saturation = linear(- 1);"
        " brightness = linear(0.5*h1)"
    )


def assert_sound(network: CPPN) -> None:
    nodes = [name for name, _ in network.functions]
    assert len(nodes) == len(set(nodes))
    assert set(OUTPUTS) <= set(nodes)
    assert {end for one in network.connections for end in one.key} <= {*nodes, *INPUTS}
    assert len({one.key for one in network.connections}) == len(network.connections)
    order = list(TopologicalSorter(predecessors(network.connections)).static_order())
    assert all(order.index(one.source) < order.index(one.target) for one in network.connections)
    computed = list(network.order)
    for name in computed:
        given = [one.source for one in network.incoming[name] if one.source not in INPUTS]
        assert all(computed.index(source) < computed.index(name) for source in given)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), generations=st.integers(0, 25))
def test_evolved_networks_are_sound_and_finite(seed: int, generations: int) -> None:
    rates = CPPNRates(add_node=0.5, add_connection=0.6, remove_connection=0.3, spread=3.0)
    networks = evolved(seed, generations, 2, rates)
    networks += CPPNs(rates).crossed(networks, networks[::-1], np.random.default_rng(seed))
    for network in networks:
        assert_sound(network)
    pictures = CPPNs().render(networks, 6)
    assert torch.isfinite(pictures).all()
    assert pictures.min() >= 0
    assert pictures.max() <= 1


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_largest_weights_stay_finite(seed: int) -> None:
    generator = np.random.default_rng(seed)
    network = evolved(seed, 20, 1, CPPNRates(add_node=0.6, add_connection=0.6))[0]
    huge = tuple(
        Connection(one.source, one.target, float(generator.choice([-1e4, 1e4])))
        for one in network.connections
    )
    assert torch.isfinite(CPPNs().render([CPPN(network.functions, huge)], 5)).all()


def test_a_node_that_splits_a_connection_has_its_name_everywhere() -> None:
    generator, rates = np.random.default_rng(0), CPPNRates()
    functions = tuple((name, "linear") for name in OUTPUTS)
    network = CPPN(functions, (Connection("x", "hue", 2.5),))
    one, other = add_node(network, generator, rates), add_node(network, generator, rates)
    assert one.hidden == other.hidden
    name = one.hidden[0]
    assert one.connections == (
        Connection("x", "hue", 2.5, enabled=False),
        Connection("x", name, 1.0),
        Connection(name, "hue", 2.5),
    )
    assert set(add_node(one, generator, rates).hidden) > {name}


def test_a_removed_connection_takes_dead_nodes_along() -> None:
    functions = (*((name, "linear") for name in OUTPUTS), ("a", "sine"), ("b", "sine"))
    chain = (Connection("x", "a", 1.0), Connection("a", "b", 1.0), Connection("b", "hue", 1.0))
    for seed in range(5):
        left = remove_connection(CPPN(functions, chain), np.random.default_rng(seed), CPPNRates())
        assert left.hidden == ()
        assert left.connections == ()


def test_networks_do_not_outgrow_their_bound() -> None:
    rates = CPPNRates(add_node=1.0, most_nodes=5)
    assert max(len(network.hidden) for network in evolved(0, 15, 4, rates)) == 5


def test_distance_by_hand() -> None:
    functions = tuple((name, "linear") for name in OUTPUTS)
    one = CPPN(functions, (Connection("x", "hue", 1.0), Connection("y", "hue", 2.0)))
    other = CPPN(
        functions,
        (Connection("x", "hue", 1.5), Connection("r", "hue", 2.0), Connection("r", "saturation", 1)),
    )
    assert distance(one, other) == pytest.approx(3 / 3 + 0.4 * 0.5)
    assert distance(one, other, structure=0.5, weights=1.0) == pytest.approx(0.5 + 0.5)


@pytest.mark.parametrize(
    ("nodes", "connections", "message"),
    [
        ([["hue", "linear"]], [], "has nodes hue, saturation, brightness"),
        ([[name, "sin"] for name in OUTPUTS], [], "unknown function of a CPPN 'sin'"),
        (
            [[name, "sine"] for name in OUTPUTS],
            [["x", "a", 1, True]],
            "from an input or hidden node to a node",
        ),
        (
            [[name, "sine"] for name in OUTPUTS],
            [["x", "hue", 1, True], ["x", "hue", 2, True]],
            "at most once",
        ),
        ([[name, "sine"] for name in OUTPUTS], [["x", "hue", float("nan"), True]], "number within"),
        (
            [[name, "sine"] for name in (*OUTPUTS, "a", "b")],
            [["a", "b", 1, True], ["b", "a", 1, False]],
            "in a circle",
        ),
    ],
)
def test_unsound_networks_are_refused(nodes: list[Any], connections: list[Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_cppn({"nodes": nodes, "connections": connections})
