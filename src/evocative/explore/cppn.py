"""Compositional pattern-producing networks: a picture as a network from a pixel's place to its colour.

Stanley 2007's CPPN as Nguyen 2015 uses it: x, y, the distance from the centre and a bias go in; hue,
saturation and brightness come out; every hidden and output node applies a function of its own to the
weighted sum of what it is given. Structure and weights evolve (cppn_variation.py). The picture has
no resolution: it is drawn at any size.

Nodes have names in place of NEAT's innovation numbers (Stanley 2002): a node that splits a connection is
named by a digest of that connection, so that the same innovation has the same name wherever it is made, and
genomes can be aligned without a common ledger.

Differs from the papers in: hue goes round (its value modulo 1); saturation and brightness are the absolute
output, cut off at 1; sums are cut off at ±10,000; weights have four decimals, so that the printed formula is
the picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from evocative.errors import DataError, unknown
from evocative.explore.colors import rgb_rows
from evocative.explore.functions import LIMIT
from evocative.explore.program import ONE, RADIUS, Program, X, Y

INPUTS = {"x": X, "y": Y, "r": RADIUS, "bias": ONE}
"""What goes in, and its row in a program."""

OUTPUTS = ("hue", "saturation", "brightness")

ACTIVATIONS = ("sine", "sigmoid", "gaussian", "linear", "cosine", "absolute", "square", "triangle")
"""Functions of nodes; the first four are Nguyen 2015's."""


@dataclass(frozen=True)
class Connection:
    """What one node gives to another."""

    source: str
    target: str
    weight: float
    enabled: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """Return what it connects: the innovation that it is."""
        return self.source, self.target


@dataclass(frozen=True)
class CPPN:
    """A network: the functions of its hidden and output nodes by name, and its connections.

    Raises:
        DataError: A function or a node is unknown, two connections connect the same, or there is a circle.
    """

    functions: tuple[tuple[str, str], ...]
    connections: tuple[Connection, ...]
    kind = "cppn"

    def __post_init__(self) -> None:
        _check(self)

    @cached_property
    def function_of(self) -> Mapping[str, str]:
        """The function of each hidden and output node."""
        return dict(self.functions)

    @cached_property
    def incoming(self) -> Mapping[str, tuple[Connection, ...]]:
        """What each hidden and output node is given, by enabled connections."""
        found: dict[str, list[Connection]] = {name: [] for name, _ in self.functions}
        for each in self.connections:
            if each.enabled:
                found[each.target].append(each)
        return {name: tuple(each) for name, each in found.items()}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The nodes that the outputs rest on, and the outputs, each after all that it is given."""
        return _ordered({name: [one.source for one in given] for name, given in self.incoming.items()})

    @property
    def hidden(self) -> tuple[str, ...]:
        """The names of all hidden nodes, whether anything rests on them or not."""
        return tuple(name for name, _ in self.functions if name not in OUTPUTS)

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, for JSON."""
        return {
            "kind": self.kind,
            "nodes": [list(node) for node in self.functions],
            "connections": [[c.source, c.target, c.weight, c.enabled] for c in self.connections],
        }

    def formula(self) -> str:
        """Return what it computes: an assignment a node, in order, separated by semicolons.

        Example:
            `h1 = sine(2.5*x - 0.3); hue = linear(0.5*h1); saturation = …; brightness = …`
        """
        hidden = [name for name in self.order if name not in OUTPUTS]
        shown = {name: name for name in (*INPUTS, *OUTPUTS)}
        shown |= {name: f"h{index}" for index, name in enumerate(hidden, 1)}
        return "; ".join(
            f"{shown[name]} = {self.function_of[name]}({_sum(self.incoming[name], shown)})"
            for name in (*hidden, *OUTPUTS)
        )

    def write(self, program: Program) -> tuple[int, int, int]:
        """Write it into a program; return the rows of red, green and blue."""
        rows = dict(INPUTS)
        for name in self.order:
            given = self.incoming[name]
            sources, weights = [rows[one.source] for one in given], [one.weight for one in given]
            rows[name] = program.weighted(self.function_of[name], sources or [ONE], weights or [0.0])
        magnitudes = [program.weighted("absolute", [rows[name]], [1.0]) for name in OUTPUTS[1:]]
        saturation, brightness = (program.weighted("unit", [row], [1.0]) for row in magnitudes)
        return rgb_rows(program, rows["hue"], saturation, brightness)


def read_cppn(values: Mapping[str, Any]) -> CPPN:
    """Read a network from what `to_dict` returned.

    Raises:
        DataError: It is none.
    """
    try:
        functions = tuple((str(name), str(function)) for name, function in values["nodes"])
        connections = tuple(
            Connection(str(source), str(target), float(weight), bool(enabled))
            for source, target, weight, enabled in values["connections"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            "a CPPN is {'nodes': [[name, function], …], 'connections': [[source, target, weight, on], …]};"
            f" this cannot be read so: {error!r}"
        ) from error
    return CPPN(functions, connections)


def distance(first: CPPN, second: CPPN, *, structure: float = 1.0, weights: float = 0.4) -> float:
    """Return NEAT's distance of two networks (Stanley 2002, eq. 1): δ = c1 E/N + c2 D/N + c3 W.

    Connections that only one has (excess E and disjoint D, which names cannot tell apart: c1 = c2 as in the
    paper) count `structure` over the larger number of connections N; W is the mean difference of weights that
    both have. Nodes that both have with different functions are counted with the connections' structure.
    """
    one, other = ({c.key: c.weight for c in each.connections} for each in (first, second))
    shared = one.keys() & other.keys()
    functions = sum(
        first.function_of[name] != second.function_of[name]
        for name in first.function_of.keys() & second.function_of.keys()
    )
    apart = len(one.keys() ^ other.keys()) + functions
    drift = sum(abs(one[key] - other[key]) for key in shared) / max(1, len(shared))
    return structure * apart / max(1, len(one), len(other)) + weights * drift


def _sum(given: Sequence[Connection], shown: Mapping[str, str]) -> str:
    """Write a weighted sum: `2.5*x - 0.3*h1 + 1.2`."""
    parts = [
        (one.weight, f"{abs(one.weight):.12g}" + ("" if one.source == "bias" else f"*{shown[one.source]}"))
        for one in given
    ]
    text = " ".join(f"{'-' if weight < 0 else '+'} {part}" for weight, part in parts)
    return text.removeprefix("+ ") or "0"


def _ordered(sources: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the outputs and what they rest on, sources first."""
    needed, waiting = dict.fromkeys(OUTPUTS), list(OUTPUTS)
    while waiting:
        for source in sources[waiting.pop()]:
            if source not in needed and source not in INPUTS:
                needed[source] = None
                waiting.append(source)
    graph = {name: [each for each in sources[name] if each not in INPUTS] for name in needed}
    return tuple(TopologicalSorter(graph).static_order())


def _check(network: CPPN) -> None:
    nodes = [name for name, _ in network.functions]
    for name, function in network.functions:
        if function not in ACTIVATIONS:
            raise DataError(f"node {name!r}: " + unknown("function of a CPPN", function, ACTIVATIONS))
    if len(set(nodes)) < len(nodes) or not set(OUTPUTS) <= set(nodes) or set(nodes) & INPUTS.keys():
        raise DataError(
            f"a CPPN has nodes {', '.join(OUTPUTS)} and others than its inputs, each once: {nodes}"
        )
    for one in network.connections:
        if one.source not in {*nodes, *INPUTS} or one.target not in nodes or one.source in OUTPUTS:
            raise DataError(f"a CPPN's connection goes from an input or hidden node to a node: {one}")
        if not abs(one.weight) <= LIMIT:
            raise DataError(f"a CPPN's weight is a number within ±{LIMIT:g}: {one}")
    if len({one.key for one in network.connections}) < len(network.connections):
        raise DataError("a CPPN connects two nodes at most once; here two connections go the same way")
    try:
        TopologicalSorter(predecessors(network.connections)).prepare()
    except CycleError as error:
        raise DataError(f"a CPPN's connections run in a circle: {' → '.join(error.args[1])}") from error


def predecessors(connections: Sequence[Connection]) -> dict[str, list[str]]:
    """Return what each node is given, by enabled and disabled connections alike."""
    found: dict[str, list[str]] = {}
    for one in connections:
        found.setdefault(one.target, []).append(one.source)
    return found
