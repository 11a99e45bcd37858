"""How CPPNs are drawn, varied and crossed: the species "cppn".

Mutation is NEAT's (Stanley 2002): weights are disturbed, a connection is added, a node splits a connection, a
node's function changes (Stanley 2007), a connection goes. The printed rates are the defaults of `CPPNRates`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np
from jaxtyping import Float
from torch import Tensor

from evocative.explore.cppn import (
    ACTIVATIONS,
    CPPN,
    INPUTS,
    OUTPUTS,
    Connection,
    distance,
    predecessors,
    read_cppn,
)
from evocative.explore.program import Program, run

DECIMALS = 4
"""Of weights, so that a printed formula is exact."""


@dataclass(frozen=True)
class CPPNRates:
    """How often a child differs in what.

    Attributes:
        weight: Share of connections whose weight is disturbed.
        spread: SD of what is added to a weight.
        redrawn: Share of the disturbed weights that are drawn anew.
        initial: SD of new weights.
        largest: No weight is larger.
        add_connection: Probability of one more connection.
        add_node: Probability of one more node.
        change_function: Probability that a node's function changes.
        remove_connection: Probability of one connection less.
        growth: New networks are given 0 to so many structural mutations.
        most_nodes: Hidden nodes that a network may have.
    """

    weight: float = 0.3
    spread: float = 0.5
    redrawn: float = 0.1
    initial: float = 1.5
    largest: float = 12.0
    add_connection: float = 0.2
    add_node: float = 0.15
    change_function: float = 0.15
    remove_connection: float = 0.05
    growth: int = 10
    most_nodes: int = 40


@dataclass(frozen=True)
class CPPNs:
    """The species of CPPNs."""

    rates: CPPNRates = CPPNRates()
    kind = "cppn"

    def random(self, count: int, generator: np.random.Generator) -> list[CPPN]:
        """Return new networks: every input gives to every output with probability ½, then some growth."""
        return [self._new(generator) for _ in range(count)]

    def mutated(self, parents: Sequence[CPPN], generator: np.random.Generator) -> list[CPPN]:
        """Return one child a parent; each differs from its parent."""
        return [self._child(parent, generator) for parent in parents]

    def crossed(
        self, first: Sequence[CPPN], second: Sequence[CPPN], generator: np.random.Generator
    ) -> list[CPPN]:
        """Return one child a pair: structure of the first, weights and functions of either (Stanley 2002)."""
        return [_crossed(one, other, generator) for one, other in zip(first, second, strict=True)]

    def render(self, genomes: Sequence[CPPN], size: int) -> Float[Tensor, "N 3 S S"]:
        """Draw networks, all in one program."""
        program = Program()
        rows = [row for genome in genomes for row in genome.write(program)]
        return run(program, rows, size=size).view(len(genomes), 3, size, size)

    def read(self, values: dict[str, Any]) -> CPPN:
        """Read a network from what `to_dict` returned."""
        return read_cppn(values)

    def distance(self, first: CPPN, second: CPPN) -> float:
        """Return NEAT's distance."""
        return distance(first, second)

    def _new(self, generator: np.random.Generator) -> CPPN:
        functions = tuple((name, _function(generator)) for name in OUTPUTS)
        connections = tuple(
            Connection(source, target, self._weight(generator))
            for target in OUTPUTS
            for source in INPUTS
            if generator.random() < 0.5
        )
        network = CPPN(functions, connections)
        for _ in range(generator.integers(self.rates.growth + 1)):
            change = (add_connection, add_node, change_function)[generator.integers(3)]
            network = change(network, generator, self.rates)
        return network

    def _weight(self, generator: np.random.Generator) -> float:
        return _cut(generator.normal(0.0, self.rates.initial), self.rates)

    def _child(self, parent: CPPN, generator: np.random.Generator) -> CPPN:
        rates = self.rates
        changes: tuple[tuple[float, Change], ...] = (
            (rates.add_connection, add_connection),
            (rates.add_node, add_node),
            (rates.change_function, change_function),
            (rates.remove_connection, remove_connection),
        )
        child = parent
        while child == parent:
            for probability, change in changes:
                if generator.random() < probability:
                    child = change(child, generator, rates)
            child = disturb_weights(child, generator, rates)
        return child


Change = Callable[[CPPN, np.random.Generator, CPPNRates], CPPN]


def disturb_weights(network: CPPN, generator: np.random.Generator, rates: CPPNRates) -> CPPN:
    """Add Gaussian noise to some weights; draw a few anew."""
    found = []
    for one in network.connections:
        chance, redrawn, noise = generator.random(), generator.random(), generator.standard_normal()
        if chance < rates.weight:
            value = noise * rates.initial if redrawn < rates.redrawn else one.weight + noise * rates.spread
            one = replace(one, weight=_cut(value, rates))  # noqa: PLW2901
        found.append(one)
    return replace(network, connections=tuple(found))


def add_connection(network: CPPN, generator: np.random.Generator, rates: CPPNRates) -> CPPN:
    """Connect two nodes that are not connected, so that no circle arises; or enable what is disabled."""
    sources, targets = [*INPUTS, *network.hidden], [name for name, _ in network.functions]
    enabled = {one.key for one in network.connections if one.enabled}
    source = sources[generator.integers(len(sources))]
    target = targets[generator.integers(len(targets))]
    weight = _cut(generator.normal(0.0, rates.initial), rates)
    if (source, target) in enabled or target in _behind(network, source):
        return network
    kept = tuple(one for one in network.connections if one.key != (source, target))
    return replace(network, connections=(*kept, Connection(source, target, weight)))


def add_node(network: CPPN, generator: np.random.Generator, rates: CPPNRates) -> CPPN:
    """Split a connection: it is disabled, a new node takes its place; weights 1 in and the old one out."""
    enabled = [one for one in network.connections if one.enabled]
    function = _function(generator)
    if not enabled or len(network.hidden) >= rates.most_nodes:
        return network
    split = enabled[generator.integers(len(enabled))]
    name = _name(split, {each for each, _ in network.functions})
    kept = tuple(replace(one, enabled=False) if one is split else one for one in network.connections)
    new = (Connection(split.source, name, 1.0), Connection(name, split.target, split.weight))
    return CPPN((*network.functions, (name, function)), (*kept, *new))


def change_function(network: CPPN, generator: np.random.Generator, rates: CPPNRates) -> CPPN:
    """Give a node another function."""
    index = int(generator.integers(len(network.functions)))
    name, old = network.functions[index]
    others = [each for each in ACTIVATIONS if each != old]
    functions = list(network.functions)
    functions[index] = name, others[generator.integers(len(others))]
    return replace(network, functions=tuple(functions))


def remove_connection(network: CPPN, generator: np.random.Generator, rates: CPPNRates) -> CPPN:
    """Take a connection away, and hidden nodes that nothing is given to or that give nothing."""
    if len(network.connections) < 2:
        return network
    index = int(generator.integers(len(network.connections)))
    connections = network.connections[:index] + network.connections[index + 1 :]
    while True:
        giving, given = {one.source for one in connections}, {one.target for one in connections}
        alive = {name for name in network.hidden if name in giving and name in given} | {*INPUTS, *OUTPUTS}
        kept = tuple(one for one in connections if one.source in alive and one.target in alive)
        if len(kept) == len(connections):
            return CPPN(tuple(node for node in network.functions if node[0] in alive), kept)
        connections = kept


def _crossed(first: CPPN, second: CPPN, generator: np.random.Generator) -> CPPN:
    weights = {one.key: one.weight for one in second.connections}
    functions = second.function_of
    return CPPN(
        tuple(
            (name, functions.get(name, own) if generator.random() < 0.5 else own)
            for name, own in first.functions
        ),
        tuple(
            replace(one, weight=weights.get(one.key, one.weight)) if generator.random() < 0.5 else one
            for one in first.connections
        ),
    )


def _behind(network: CPPN, node: str) -> set[str]:
    """Return the node and all that it rests on, by any connection."""
    sources = predecessors(network.connections)
    found, waiting = {node}, [node]
    while waiting:
        for source in sources.get(waiting.pop(), []):
            if source not in found:
                found.add(source)
                waiting.append(source)
    return found


def _name(split: Connection, taken: set[str]) -> str:
    """Return a name that the same innovation has everywhere; split again, it is another."""
    count = 0
    while True:
        name = blake2b(f"{split.source}>{split.target}#{count}".encode(), digest_size=6).hexdigest()
        if name not in taken:
            return name
        count += 1


def _function(generator: np.random.Generator) -> str:
    return ACTIVATIONS[generator.integers(len(ACTIVATIONS))]


def _cut(weight: float, rates: CPPNRates) -> float:
    return round(float(np.clip(weight, -rates.largest, rates.largest)), DECIMALS)
