"""How expressions are drawn, varied and crossed: the species "expression".

A mutation visits the nodes of a tree; each is changed with a probability that makes one change in the mean,
whatever the tree's size, by one of the kinds that Sims 1991 lists (section 4.2): see KINDS.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float
from torch import Tensor

from evocative.explore.expressions import ARITY, NUMBERS, Expression, Node, distance, read_expression
from evocative.explore.program import ONE, Program, run

DECIMALS = 4
"""Of constants, so that a printed formula is exact."""

SHARES = {
    "hsv": 3.0,
    "mix": 2.0,
    "noise": 2.0,
    "warp": 2.0,
    "divide": 0.5,
    "pow": 0.5,
    "mod": 0.5,
    "angle": 0.5,
}
"""How often a function is drawn beside the others, where not once: colours and shapes more."""

FUNCTIONS = tuple(op for op, count in ARITY.items() if count)
_CHANCES = np.cumsum([SHARES.get(op, 1.0) for op in FUNCTIONS])

PLACES = ("x", "y", "r")

TRIES = 20
"""A child that is too large or its parent's twin is drawn again so many times."""


@dataclass(frozen=True)
class Expressions:
    """The species of expressions.

    Attributes:
        depth: Levels that a tree may have.
        cost: Nodes that a tree may compute (a slope computes its argument three times).
        new_depth: Levels of new trees and of new branches at most.
        changes: Nodes that a mutation changes in the mean.
    """

    depth: int = 10
    cost: int = 150
    new_depth: int = 6
    changes: float = 1.0
    kind = "expression"

    def random(self, count: int, generator: np.random.Generator) -> list[Expression]:
        """Return new trees of 3 to `new_depth` levels that are not of one colour throughout."""
        return [Expression(self._drawn(generator)) for _ in range(count)]

    def mutated(self, parents: Sequence[Expression], generator: np.random.Generator) -> list[Expression]:
        """Return one child a parent; each differs from its parent."""
        return [self._child(parent, generator) for parent in parents]

    def crossed(
        self, first: Sequence[Expression], second: Sequence[Expression], generator: np.random.Generator
    ) -> list[Expression]:
        """Return one child a pair: the first with a branch of the second in place of one of its own."""
        return [
            self._crossed(one.tree, other.tree, generator) for one, other in zip(first, second, strict=True)
        ]

    def render(self, genomes: Sequence[Expression], size: int) -> Float[Tensor, "N 3 S S"]:
        """Draw expressions, all in one program."""
        program = Program()
        values = [row for genome in genomes for row in genome.write(program)]
        rows = [program.weighted("unit", [row, ONE], [0.5, 0.5]) for row in values]
        return run(program, rows, size=size).view(len(genomes), 3, size, size)

    def read(self, values: dict[str, Any]) -> Expression:
        """Read an expression from what `to_dict` returned."""
        return read_expression(values)

    def distance(self, first: Expression, second: Expression) -> float:
        """Return the share of subtrees that are not shared."""
        return distance(first, second)

    def fits(self, tree: Node) -> bool:
        """Return whether a tree is small enough."""
        return tree.depth <= self.depth and tree.cost <= self.cost

    def _drawn(self, generator: np.random.Generator) -> Node:
        while True:
            tree = drawn(generator, int(generator.integers(3, self.new_depth + 1)), full=True)
            if self.fits(tree) and tree.depth >= 3 and any(node.op in PLACES for node in nodes(tree)):
                return tree

    def _child(self, parent: Expression, generator: np.random.Generator) -> Expression:
        for _ in range(TRIES):
            tree = _visited(parent.tree, parent.tree, generator, self.changes / parent.tree.size)
            if tree != parent.tree and self.fits(tree):
                return Expression(tree)
        while True:
            tree = self._drawn(generator)
            if tree != parent.tree:
                return Expression(tree)

    def _crossed(self, first: Node, second: Node, generator: np.random.Generator) -> Expression:
        for _ in range(TRIES):
            index = int(generator.integers(first.size))
            tree = replaced(first, index, _chosen(second, generator))
            if self.fits(tree):
                return Expression(tree)
        return Expression(first)


def drawn(generator: np.random.Generator, depth: int, *, full: bool = False) -> Node:
    """Draw a tree of at most `depth` levels; with `full`, its root is a function."""
    if depth <= 1 or (not full and generator.random() < 0.25):
        return _leaf(generator)
    op = _function(generator)
    arguments = tuple(drawn(generator, depth - 1) for _ in range(ARITY[op]))
    return Node(op, arguments, _numbers(op, generator))


def nodes(tree: Node) -> list[Node]:
    """Return a tree's nodes, each before its arguments."""
    return [tree] + [node for each in tree.arguments for node in nodes(each)]


def replaced(tree: Node, index: int, new: Node) -> Node:
    """Return a tree in which the node at a place of `nodes` is another."""
    if index == 0:
        return new
    index -= 1
    arguments = list(tree.arguments)
    for place, each in enumerate(arguments):
        if index < each.size:
            arguments[place] = replaced(each, index, new)
            break
        index -= each.size
    return replace(tree, arguments=tuple(arguments))


def _new(node: Node, root: Node, generator: np.random.Generator) -> Node:
    """A node becomes a new random expression."""
    return drawn(generator, 3)


def _adjusted(node: Node, root: Node, generator: np.random.Generator) -> Node:
    """A number is disturbed, or all three of a colour; a noise's frequency, or its seed."""
    if node.op == "noise":
        frequency, seed = node.numbers
        if generator.random() < 0.5:
            return replace(node, numbers=(_frequency(frequency * 2 ** generator.normal(0, 0.5)), seed))
        return replace(node, numbers=(frequency, _seed(generator)))
    noise = generator.normal(0, 0.5, len(node.numbers))
    return replace(
        node, numbers=tuple(_number(old + add) for old, add in zip(node.numbers, noise, strict=True))
    )


def _renamed(node: Node, root: Node, generator: np.random.Generator) -> Node:
    """A function becomes another; arguments are kept, or drawn where it takes more."""
    op = _function(generator)
    kept = node.arguments[: ARITY[op]]
    added = tuple(drawn(generator, 2) for _ in range(ARITY[op] - len(kept)))
    return Node(op, (*kept, *added), _numbers(op, generator))


def _wrapped(node: Node, root: Node, generator: np.random.Generator) -> Node:
    """A node becomes an argument of a new function, whose other arguments are drawn."""
    op = _function(generator)
    arguments = [drawn(generator, 2) for _ in range(ARITY[op])]
    arguments[generator.integers(len(arguments))] = node
    return Node(op, tuple(arguments), _numbers(op, generator))


def _unwrapped(node: Node, root: Node, generator: np.random.Generator) -> Node:
    """An argument jumps out and takes its function's place."""
    return node.arguments[generator.integers(len(node.arguments))] if node.arguments else node


def _copied(node: Node, root: Node, generator: np.random.Generator) -> Node:
    """A node becomes a copy of another of the parent's nodes."""
    return _chosen(root, generator)


KINDS: Mapping[str, tuple[float, Callable[[Node, Node, np.random.Generator], Node]]] = {
    "new": (1.0, _new),
    "adjusted": (2.0, _adjusted),
    "renamed": (1.0, _renamed),
    "wrapped": (1.0, _wrapped),
    "unwrapped": (1.0, _unwrapped),
    "copied": (1.0, _copied),
}
"""How nodes change, and how often each kind is chosen beside the others where it can be done."""


def _visited(node: Node, root: Node, generator: np.random.Generator, probability: float) -> Node:
    """Return a tree some of whose nodes are changed; nothing below a changed node is visited."""
    if generator.random() < probability:
        return _changed(node, root, generator)
    arguments = tuple(_visited(each, root, generator, probability) for each in node.arguments)
    return replace(node, arguments=arguments)


def _changed(node: Node, root: Node, generator: np.random.Generator) -> Node:
    possible = {
        "adjusted": bool(node.numbers),
        "unwrapped": bool(node.arguments),
        "renamed": bool(node.arguments),
    }
    names = [name for name in KINDS if possible.get(name, True)]
    shares = np.array([KINDS[name][0] for name in names])
    return KINDS[names[generator.choice(len(names), p=shares / shares.sum())]][1](node, root, generator)


def _chosen(tree: Node, generator: np.random.Generator) -> Node:
    return nodes(tree)[generator.integers(tree.size)]


def _function(generator: np.random.Generator) -> str:
    return FUNCTIONS[int(np.searchsorted(_CHANCES, generator.random() * _CHANCES[-1], side="right"))]


def _leaf(generator: np.random.Generator) -> Node:
    op = ("x", "y", "r", "constant", "color")[generator.choice(5, p=(0.3, 0.3, 0.1, 0.15, 0.15))]
    return Node(op, (), _numbers(op, generator))


def _numbers(op: str, generator: np.random.Generator) -> tuple[float, ...]:
    if op == "noise":
        return _frequency(2 ** generator.uniform(-1.0, 3.0)), _seed(generator)
    spread = 1.0 if op == "color" else 2.0
    return tuple(_number(generator.uniform(-spread, spread)) for _ in range(NUMBERS.get(op, 0)))


def _number(value: float) -> float:
    return round(float(np.clip(value, -100.0, 100.0)), DECIMALS)


def _frequency(value: float) -> float:
    return round(float(np.clip(value, 0.1, 32.0)), DECIMALS)


def _seed(generator: np.random.Generator) -> float:
    return float(generator.integers(100_000))
