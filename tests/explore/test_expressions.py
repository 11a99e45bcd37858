"""Expressions: pictures against a scalar reading of the printed formula; bounds; Sims' mutations."""

import ast
import colorsys
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from evocative.errors import DataError
from evocative.explore import expression_variation as variation
from evocative.explore.expression_variation import KINDS, Expressions, drawn, nodes, replaced
from evocative.explore.expressions import (
    ARITY,
    NUMBERS,
    Expression,
    Node,
    distance,
    noise_waves,
    read_expression,
)
from evocative.explore.program import Program, run

Numbers = tuple[float, ...]
FloatArray = NDArray[np.float64]


def cut(value: float) -> float:
    return max(-1e4, min(1e4, value))


def guarded(value: float) -> float:
    return min(value, -1e-3) if value < 0 else max(value, 1e-3)


def power(base: float, exponent: float) -> float:
    try:
        return float(min(1e4, abs(base) ** exponent))
    except (OverflowError, ZeroDivisionError):
        return 1e4


def unit(value: float) -> float:
    return max(0.0, min(1.0, value))


SCALAR: Mapping[str, Callable[..., float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "atan": math.atan,
    "abs": abs,
    "sqrt": lambda a: math.sqrt(abs(a)),
    "gaussian": lambda a: math.exp(-a * a),
    "negate": operator.neg,
    "min": min,
    "max": max,
    "angle": math.atan2,
    "mix": lambda a, b, share: a + unit((share + 1) / 2) * (b - a),
}
INFIX: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: a / guarded(b),
    ast.Mod: lambda a, b: a - guarded(b) * math.floor(a / guarded(b)),
    ast.Pow: power,
}


def spread(function: Callable[..., float], *given: Numbers) -> Numbers:
    """Apply a scalar function to greys (1 number) and colours (3)."""
    width = max(map(len, given))
    full = [each if len(each) == width else each * width for each in given]
    return tuple(cut(function(*numbers)) for numbers in zip(*full, strict=True))


def grey(value: Numbers) -> float:
    return sum(value) / len(value)


class Slowly(ast.NodeVisitor):
    """A scalar reading of a printed formula at a point."""

    def __init__(self, x: float, y: float) -> None:
        self.x, self.y = x, y

    def visit_Expression(self, node: Any) -> Numbers:
        return tuple(self.visit(node.body))

    def visit_Name(self, node: Any) -> Numbers:
        return ({"x": self.x, "y": self.y, "r": min(100.0 * 100, math.hypot(self.x, self.y))}[node.id],)

    def visit_Constant(self, node: Any) -> Numbers:
        return (float(node.value),)

    def visit_UnaryOp(self, node: Any) -> Numbers:
        return (-self.visit(node.operand)[0],)

    def visit_BinOp(self, node: Any) -> Numbers:
        return spread(INFIX[type(node.op)], self.visit(node.left), self.visit(node.right))

    def visit_Call(self, node: Any) -> Numbers:
        name = node.func.id
        if name == "warp":
            x, y = (grey(self.visit(each)) for each in node.args[1:])
            return tuple(Slowly(x, y).visit(node.args[0]))
        given = [self.visit(each) for each in node.args]
        if name == "color":
            return tuple(value[0] for value in given)
        if name == "noise":
            first, second = grey(given[0]), grey(given[1])
            waves = noise_waves(given[2][0], given[3][0])
            return (sum(math.cos(a * first + b * second + c) for a, b, c in waves) / math.sqrt(len(waves)),)
        if name == "hsv":
            hue, saturation, brightness = (grey(value) / 2 + 0.5 for value in given)
            return tuple(2 * c - 1 for c in colorsys.hsv_to_rgb(hue % 1, unit(saturation), unit(brightness)))
        if name == "slope":
            here = self.visit(node.args[0])
            right, down = Slowly(self.x + 0.01, self.y), Slowly(self.x, self.y + 0.01)
            across, along = right.visit(node.args[0]), down.visit(node.args[0])
            return tuple(
                cut(math.sqrt(cut(min(1e4, ((a - h) * 100) ** 2) + min(1e4, ((b - h) * 100) ** 2))))
                for h, a, b in zip(here, across, along, strict=True)
            )
        return spread(SCALAR[name], *given)


def in_double(trees: Sequence[Node], size: int) -> Tensor:
    program = Program()
    rows = [row for tree in trees for row in Expression(tree).write(program)]
    return run(program, rows, size=size, dtype=torch.float64).view(len(trees), 3, size, size)


def agreement(trees: Sequence[Node], size: int = 5) -> FloatArray:
    """Return the share of pixels at which pictures and slow readings agree, tree by tree."""
    places, shares = [(2 * i + 1 - size) / size for i in range(size)], []
    for tree, picture in zip(trees, in_double(trees, size), strict=True):
        parsed = ast.parse(tree.formula(), mode="eval")
        wanted = np.array(
            [[[cut(each) for each in Slowly(x, y).visit(parsed)] for x in places] for y in places]
        )
        found = picture.permute(1, 2, 0).numpy()
        shares.append(np.isclose(found, np.broadcast_to(wanted, found.shape), rtol=1e-6, atol=1e-7).mean())
    return np.array(shares)


A, B, C = Node("x"), Node("noise", (Node("x"), Node("y")), (1.5, 7.0)), Node("color", (), (0.2, -0.6, 0.9))


@pytest.mark.parametrize("op", [op for op, count in ARITY.items() if count and op != "noise"])
def test_every_function_alone(op: str) -> None:
    options = [(B, C, A), (C, A, B), (A, B, C), (Node("constant", (), (0.0,)), A, B)]
    trees = [Node(op, arguments[: ARITY[op]]) for arguments in options]
    assert agreement(trees).min() == 1.0


@pytest.mark.parametrize("seed", range(4))
def test_random_trees_are_what_the_printed_formula_says(seed: int) -> None:
    generator = np.random.default_rng(seed)
    species = Expressions()
    trees = [each.tree for each in species.mutated(species.random(30, generator), generator)]
    shares = agreement(trees)
    # jumps (mod, divisions near 0) of huge numbers may fall on the other side
    assert shares.mean() > 0.97
    assert (shares == 1).mean() > 0.8


def test_a_picture_worked_by_hand() -> None:
    tree = Node("add", (Node("x"), Node("color", (), (0.0, 1.0, -1.0))))
    picture = Expressions().render([Expression(tree)], 2)[0]
    wanted = torch.tensor([[0.25, 0.75], [0.75, 1.0], [0.0, 0.25]])  # (x + c + 1) / 2 at x = -½, ½, cut off
    torch.testing.assert_close(picture, wanted[:, None, :].expand(3, 2, 2))
    assert tree.formula() == "(x + color(0, 1, -1))"


def any_tree(draw_depth: int, seed: int) -> Node:
    """A tree with wild numbers, deeper than evolution draws them."""
    generator = np.random.default_rng(seed)

    def wild(node: Node) -> Node:
        arguments = tuple(wild(each) for each in node.arguments)
        numbers = node.numbers
        if node.op in ("constant", "color"):
            numbers = tuple(
                float(n) for n in generator.choice([0.0, -1e6, 1e6, 1e-4, -1.0, 3.5], len(numbers))
            )
        return Node(node.op, arguments, numbers)

    return wild(drawn(generator, draw_depth, full=True))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), depth=st.integers(2, 6))
def test_no_tree_is_undefined_anywhere(seed: int, depth: int) -> None:
    tree = any_tree(depth, seed)
    if tree.cost > 2000:
        return
    pictures = Expressions().render([Expression(tree)], 7)
    assert torch.isfinite(pictures).all()
    assert pictures.min() >= 0
    assert pictures.max() <= 1


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_evolved_trees_stay_within_bounds(seed: int) -> None:
    species, generator = Expressions(depth=6, cost=40, new_depth=4), np.random.default_rng(seed)
    parents = species.random(4, generator)
    for _ in range(6):
        children = species.mutated(parents, generator)
        children += species.crossed(parents, children, generator)
        assert all(child.tree.depth <= 6 and child.tree.cost <= 40 for child in children)
        parents = children[:4]
    assert all(read_expression(each.to_dict()) == each for each in parents)


def test_every_kind_of_mutation_does_what_it_says() -> None:
    generator = np.random.default_rng(0)
    root = Node("max", (Node("sin", (A,)), Node("add", (C, Node("constant", (), (0.5,))))))
    for _ in range(40):
        wrapped = KINDS["wrapped"][1](root, root, generator)
        assert root in wrapped.arguments
        assert KINDS["unwrapped"][1](root, root, generator) in root.arguments
        assert KINDS["copied"][1](A, root, generator) in nodes(root)
        renamed = KINDS["renamed"][1](root, root, generator)
        kept = min(2, ARITY[renamed.op])
        assert renamed.arguments[:kept] == root.arguments[:kept]
        adjusted = KINDS["adjusted"][1](C, root, generator)
        assert adjusted.op == "color"
        assert all(new != old for new, old in zip(adjusted.numbers, C.numbers, strict=True))
        noise = KINDS["adjusted"][1](B, root, generator)
        assert noise.arguments == B.arguments
        assert sum(new != old for new, old in zip(noise.numbers, B.numbers, strict=True)) == 1
        assert KINDS["new"][1](root, root, generator).depth <= 3


def test_a_mutation_changes_about_one_node(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []

    def changed(node: Node, *others: object) -> Node:
        counted.append(node)
        return node

    monkeypatch.setattr(variation, "_changed", changed)
    generator = np.random.default_rng(0)
    tree = Expressions().random(1, generator)[0].tree
    flat = Node("mix", (A, C, Node("y")))
    for _ in range(2000):
        variation._visited(flat, flat, generator, 1 / flat.size)
    # a changed root hides its three arguments: (1/4) + (3/4)·3·(1/4) changes in the mean
    assert len(counted) / 2000 == pytest.approx(0.25 + 0.75 * 0.75, abs=0.06)
    assert tree.size == len(nodes(tree))


def test_a_node_is_replaced_where_it_stands() -> None:
    tree = Node("mix", (Node("sin", (A,)), C, Node("add", (A, B))))
    new = Node("y")
    for index, old in enumerate(nodes(tree)):
        found = replaced(tree, index, new)
        assert nodes(found)[index] == new
        assert found.size == tree.size - old.size + 1


def test_noise_keeps_to_its_band_and_to_its_seed() -> None:
    waves = np.array(noise_waves(2.0, 5.0))
    frequencies = np.hypot(waves[:, 0], waves[:, 1]) / (2 * np.pi)
    assert frequencies.min() >= 2
    assert frequencies.max() <= 4
    assert noise_waves(2.0, 5.0) == noise_waves(2.0, 5.0)
    assert noise_waves(2.0, 5.0) != noise_waves(2.0, 6.0)
    tree = Node("noise", (Node("x"), Node("y")), (2.0, 5.0))
    picture = in_double([tree], 128)[0, 0].numpy()
    power_of = np.abs(np.fft.fft2(picture * np.outer(np.hanning(128), np.hanning(128)))) ** 2
    steps = np.fft.fftfreq(128, 2 / 128)  # turns a unit; the picture is 2 units wide
    radius = np.hypot(*np.meshgrid(steps, steps))
    assert power_of[(radius > 0.5) & (radius < 5.5)].sum() / power_of.sum() > 0.97
    assert picture.var() == pytest.approx(0.5, abs=0.25)


def test_distance_by_hand() -> None:
    one = Expression(Node("add", (A, A)))  # subtrees: add, x, x
    other = Expression(Node("add", (A, C)))  # add', x, colour
    assert distance(one, other) == pytest.approx(1 - 1 / 5)
    assert distance(one, one) == 0


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (["sine", ["x"]], "unknown function of an expression 'sine'; did you mean"),
        (["add", ["x"]], "add takes 2 arguments"),
        (["constant", float("nan")], "finite"),
        (["noise", ["x"], ["y"], 1.0, 0.5], "whole seed"),
        (["add", ["x"], 3], "cannot be read so"),
        ([], "cannot be read so"),
    ],
)
def test_what_is_no_tree_is_refused(tree: list[Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_expression({"tree": tree})


def test_every_function_can_be_drawn() -> None:
    generator = np.random.default_rng(0)
    found = {node.op for _ in range(300) for node in nodes(drawn(generator, 4))}
    assert found == set(ARITY)
    assert set(NUMBERS) <= found
