"""Expressions: a picture as a formula of x and y, a tree of functions (Sims 1991, 1993).

    expression = Expression(Node("sin", (Node("multiply", (Node("x"), Node("constant", numbers=(6.0,)))),)))
    expression.formula()                            # sin((x * 6))

Every node's value is grey (one number a pixel) or a colour (three); where both meet, the grey one is spread
over the channels. -1 is dark, 1 is bright, what is beyond is cut off. How trees are drawn and varied stands
in expression_variation.py.

Differs from the paper in: division, modulo and power are protected and values cut off at ±10,000, so that
none is undefined; noise is a sum of waves whose frequencies lie within an octave, so that it is band-limited
and the same at every size; no convolutions and no iterated functions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import cos, isfinite, pi, sin, sqrt
from typing import Any

import numpy as np

from evocative.errors import DataError, unknown
from evocative.explore.colors import rgb_rows
from evocative.explore.functions import LIMIT
from evocative.explore.program import ONE, RADIUS, Program, X, Y

ARITY = {
    **dict.fromkeys(("x", "y", "r", "constant", "color"), 0),
    **dict.fromkeys(("sin", "cos", "atan", "abs", "negate", "sqrt", "gaussian", "slope"), 1),
    **dict.fromkeys(
        ("add", "subtract", "multiply", "divide", "mod", "min", "max", "pow", "angle", "noise"), 2
    ),
    **dict.fromkeys(("mix", "warp", "hsv"), 3),
}
"""What there is, and how many arguments it takes."""

NUMBERS = {"constant": 1, "color": 3, "noise": 2}
"""How many numbers belong to a node; noise's are its lowest frequency (in turns a unit) and its seed."""

INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "mod": "%", "pow": "**"}

WAVES = 12
"""Waves in a noise."""

STEP = 1e-2
"""The distance over which a slope is measured; half the picture's width is 1."""


@dataclass(frozen=True)
class Node:
    """A function and its arguments."""

    op: str
    arguments: tuple["Node", ...] = ()
    numbers: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.op not in ARITY:
            raise DataError(unknown("function of an expression", self.op, ARITY))
        if len(self.arguments) != ARITY[self.op] or len(self.numbers) != NUMBERS.get(self.op, 0):
            raise DataError(
                f"{self.op} takes {ARITY[self.op]} arguments and {NUMBERS.get(self.op, 0)} numbers,"
                f" not {len(self.arguments)} and {len(self.numbers)}"
            )
        if not all(isfinite(number) and abs(number) <= LIMIT * 100 for number in self.numbers):
            raise DataError(f"{self.op}'s numbers are finite and within ±{LIMIT * 100:g}, not {self.numbers}")
        if self.op == "noise" and (self.numbers[0] <= 0 or self.numbers[1] < 0 or self.numbers[1] % 1):
            raise DataError(f"noise has a frequency above 0 and a whole seed from 0, not {self.numbers}")

    @cached_property
    def size(self) -> int:
        """How many nodes the tree has."""
        return 1 + sum(each.size for each in self.arguments)

    @cached_property
    def depth(self) -> int:
        """How many nodes the longest path has."""
        return 1 + max((each.depth for each in self.arguments), default=0)

    @cached_property
    def cost(self) -> int:
        """How many nodes are computed; a slope computes its argument three times, a noise has its waves."""
        inside = sum(each.cost for each in self.arguments)
        return {"slope": 4 + 3 * inside, "noise": 2 + WAVES + inside}.get(self.op, 1 + inside)

    def to_list(self) -> list[Any]:
        """Return `[op, argument, …, number, …]`."""
        return [self.op, *(each.to_list() for each in self.arguments), *self.numbers]

    def formula(self) -> str:
        """Return it as text."""
        numbers = [f"{number:.12g}" for number in self.numbers]
        given = [each.formula() for each in self.arguments]
        if self.op == "constant":
            return numbers[0]
        if self.op in INFIX:
            return f"({given[0]} {INFIX[self.op]} {given[1]})"
        return f"{self.op}({', '.join([*given, *numbers])})" if given or numbers else self.op


@dataclass(frozen=True)
class Expression:
    """A tree as a genome."""

    tree: Node
    kind = "expression"

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, for JSON."""
        return {"kind": self.kind, "tree": self.tree.to_list()}

    def formula(self) -> str:
        """Return it as text; + - * / % ** are the protected operations."""
        return self.tree.formula()

    def write(self, program: Program) -> tuple[int, int, int]:
        """Write it into a program; return the rows of red, green and blue, in [-1, 1] and beyond."""
        rows = _write(self.tree, program, (X, Y, RADIUS))
        return rows * 3 if len(rows) == 1 else rows  # type: ignore[return-value]


def read_expression(values: Mapping[str, Any]) -> Expression:
    """Read an expression from what `to_dict` returned.

    Raises:
        DataError: It is none.
    """
    try:
        return Expression(_read(values["tree"]))
    except (KeyError, TypeError, ValueError, IndexError, RecursionError) as error:
        raise DataError(
            f"an expression is {{'tree': [op, argument, …]}}; this cannot be read so: {error!r}"
        ) from error


def distance(first: Expression, second: Expression) -> float:
    """Return 1 - |A ∩ B| / |A ∪ B| of the multisets of subtrees: 0 for the same, 1 where none is shared."""
    one, other = (_subtrees(each.tree) for each in (first, second))
    names = one.keys() | other.keys()
    both = sum(min(one.get(name, 0), other.get(name, 0)) for name in names)
    either = sum(max(one.get(name, 0), other.get(name, 0)) for name in names)
    return 1.0 - both / either


def _subtrees(tree: Node) -> dict[Node, int]:
    found: dict[Node, int] = {}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        found[node] = found.get(node, 0) + 1
        waiting.extend(node.arguments)
    return found


def _read(values: Any) -> Node:
    op = values[0]
    count = ARITY.get(op)
    if count is None:
        raise DataError(unknown("function of an expression", str(op), ARITY))
    return Node(
        op, tuple(_read(each) for each in values[1 : 1 + count]), tuple(map(float, values[1 + count :]))
    )


Rows = tuple[int, ...]
Place = tuple[int, int, int]


def _write(node: Node, program: Program, place: Place) -> Rows:
    """Write a tree at a place (the rows of its x, y and r); return its one or three rows."""
    if node.op in _LEAVES:
        return (place[_LEAVES[node.op]],)
    if node.op in NUMBERS and not node.arguments:
        return tuple(program.constant(number) for number in node.numbers)
    if node.op in _AT_PLACES:
        return _AT_PLACES[node.op](node, program, place)
    given = [_write(each, program, place) for each in node.arguments]
    if node.op == "hsv":
        return _hsv(given, program)
    width = max(map(len, given))
    spread = [rows if len(rows) == width else rows * width for rows in given]
    return tuple(_OPERATIONS[node.op](program, *rows) for rows in zip(*spread, strict=True))


def _unary(name: str) -> Callable[..., int]:
    return lambda program, row: program.weighted(name, [row], [1.0])


def _binary(name: str) -> Callable[..., int]:
    return lambda program, first, second: program.binary(name, first, second)


def _mix(program: Program, first: int, second: int, share: int) -> int:
    """Return first where the share is -1 or less, second where it is 1 or more, between them in between."""
    part = program.weighted("unit", [share, ONE], [0.5, 0.5])
    apart = program.weighted("linear", [second, first], [1.0, -1.0])
    return program.weighted("linear", [first, program.binary("multiply", part, apart)], [1.0, 1.0])


_LEAVES = {"x": 0, "y": 1, "r": 2}

_OPERATIONS: Mapping[str, Callable[..., int]] = {
    "sin": _unary("sine"),
    "cos": _unary("cosine"),
    "atan": _unary("arctangent"),
    "abs": _unary("absolute"),
    "sqrt": _unary("root"),
    "gaussian": _unary("gaussian"),
    "negate": lambda program, row: program.weighted("linear", [row], [-1.0]),
    "add": lambda program, first, second: program.weighted("linear", [first, second], [1.0, 1.0]),
    "subtract": lambda program, first, second: program.weighted("linear", [first, second], [1.0, -1.0]),
    "multiply": _binary("multiply"),
    "divide": _binary("divide"),
    "mod": _binary("modulo"),
    "min": _binary("minimum"),
    "max": _binary("maximum"),
    "pow": _binary("power"),
    "angle": _binary("angle"),
    "mix": _mix,
}


def _grey(rows: Rows, program: Program) -> int:
    """Return one row: the mean of a colour's channels."""
    return rows[0] if len(rows) == 1 else program.weighted("linear", rows, [1 / 3] * 3)


def _hsv(given: list[Rows], program: Program) -> Rows:
    """Return a colour from hue, saturation, brightness; -1 to 1: once round, none to full, dark to bright."""
    half = [program.weighted("linear", [_grey(rows, program), ONE], [0.5, 0.5]) for rows in given]
    saturation, brightness = (program.weighted("unit", [row], [1.0]) for row in half[1:])
    channels = rgb_rows(program, half[0], saturation, brightness)
    return tuple(program.weighted("linear", [row, ONE], [2.0, -1.0]) for row in channels)


def _moved(program: Program, first: int, second: int) -> Place:
    """Return a place with other rows for x and y, and the radius there."""
    squares = [program.weighted("square", [row], [1.0]) for row in (first, second)]
    total = program.weighted("linear", squares, [1.0, 1.0])
    return first, second, program.weighted("root", [total], [1.0])


def _warp(node: Node, program: Program, place: Place) -> Rows:
    """Return the first argument's value where the second and third, as x and y, say (Sims' warp)."""
    first, second = (_grey(_write(each, program, place), program) for each in node.arguments[1:])
    return _write(node.arguments[0], program, _moved(program, first, second))


def _slope(node: Node, program: Program, place: Place) -> Rows:
    """Return how steep the argument is: the root of its squared differences to the right and down."""
    argument = node.arguments[0]
    right = program.weighted("linear", [place[0], ONE], [1.0, STEP])
    down = program.weighted("linear", [place[1], ONE], [1.0, STEP])
    here = _write(argument, program, place)
    found = []
    for there in (_moved(program, right, place[1]), _moved(program, place[0], down)):
        rows = zip(_write(argument, program, there), here, strict=True)
        found.append([program.weighted("square", pair, [1 / STEP, -1 / STEP]) for pair in rows])
    totals = [program.weighted("linear", pair, [1.0, 1.0]) for pair in zip(*found, strict=True)]
    return tuple(program.weighted("root", [row], [1.0]) for row in totals)


def _noise(node: Node, program: Program, place: Place) -> Rows:
    """Return a sum of waves along the two arguments; its variance over the plane is ½."""
    first, second = (_grey(_write(each, program, place), program) for each in node.arguments)
    rows = [program.weighted("cosine", [first, second, ONE], wave) for wave in noise_waves(*node.numbers)]
    return (program.weighted("linear", rows, [sqrt(1 / WAVES)] * WAVES),)


_AT_PLACES: Mapping[str, Callable[[Node, Program, Place], Rows]] = {
    "warp": _warp,
    "slope": _slope,
    "noise": _noise,
}


@lru_cache(maxsize=4096)
def noise_waves(frequency: float, seed: float) -> tuple[tuple[float, float, float], ...]:
    """Return a noise's waves: each one's radians a unit of the two arguments, and its phase.

    Directions and phases are uniform, frequencies log-uniform from `frequency` to twice that.
    """
    draws = np.random.Generator(np.random.PCG64(int(seed))).random((WAVES, 3)).tolist()
    found = []
    for octave, direction, phase in draws:
        radians, angle = 2 * pi * frequency * 2**octave, 2 * pi * direction
        found.append((radians * cos(angle), radians * sin(angle), 2 * pi * phase))
    return tuple(found)
