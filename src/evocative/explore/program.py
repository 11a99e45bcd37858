"""A batch of formulas as one program of rows, so that many pictures are drawn with little work around them.

A row is one number a pixel: a coordinate, a function of a weighted sum of earlier rows, or a function of two
of them. Formulas are written into a program one after another; a row that is there already is not written
twice, so what parents, children and siblings have in common is computed once.

`run` computes row by row, each for a band of the picture at once. Rows that depend on x alone, on y alone or
on neither are held as a line, a column or a number and spread where they meet others. A row is dropped after
its last use, so that what is at work stays in the processor's cache. (Computing one level of all genomes at a
time, with gathered operands, was tried: at 224 pixels it is half as fast on one thread, because copying costs
more than the calls that it saves.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from evocative.explore.functions import BINARY, UNARY

X, Y, RADIUS, ONE = range(4)
"""The rows that every program begins with."""

BAND = 2**16
"""Pixels that are computed at once, about: 256 kB a row."""

Row = tuple[str, tuple[int, ...], tuple[float, ...]]


@dataclass
class Program:
    """Rows in the order in which they were written; each reads earlier ones only.

    Example:
        >>> program = Program()
        >>> wave = program.weighted("sine", [X, ONE], [3.0, 0.5])  # sin(3 x + 0.5)
        >>> run(program, [wave], size=2).shape
        torch.Size([1, 2, 2])
    """

    rows: list[Row] = field(default_factory=lambda: [(name, (), ()) for name in ("x", "y", "r", "one")])
    _known: dict[Row, int] = field(default_factory=dict)

    def weighted(self, function: str, sources: Sequence[int], weights: Sequence[float]) -> int:
        """Return the row of a function (a name in UNARY) of a weighted sum of rows, one at least."""
        return self._row((function, tuple(sources), tuple(weights)))

    def binary(self, function: str, first: int, second: int) -> int:
        """Return the row of a function (a name in BINARY) of two rows."""
        return self._row((function, (first, second), ()))

    def constant(self, value: float) -> int:
        """Return the row that has one value everywhere."""
        return self.weighted("linear", [ONE], [value])

    def _row(self, row: Row) -> int:
        found = self._known.get(row)
        if found is None:
            found = self._known[row] = len(self.rows)
            self.rows.append(row)
        return found


def coordinates(size: int, dtype: torch.dtype = torch.float32) -> Float[Tensor, " S"]:
    """Return where the centres of a line of pixels are, from -1 to 1.

    x grows to the right, y downwards. A pixel's centre has the same number, to the bit, at every size that
    has a pixel there (each third pixel of a picture three times as large).
    """
    return torch.arange(1 - size, size, 2, dtype=dtype) / size


def run(
    program: Program, outputs: Sequence[int], *, size: int, dtype: torch.dtype = torch.float32
) -> Float[Tensor, "R S S"]:
    """Compute rows of a program at every pixel.

    Args:
        program: What to compute.
        outputs: The rows to return.
        size: Height and width of the pictures in pixels.
        dtype: Of the numbers.
    """
    line = coordinates(size, dtype)
    steps = _scheduled(program, outputs)
    result = torch.empty(len(outputs), size, size, dtype=dtype)
    height = max(1, BAND // size)
    with torch.no_grad():
        for top in range(0, size, height):
            x, y = line.view(1, size), line[top : top + height].view(-1, 1)
            start = {
                X: x,
                Y: y,
                RADIUS: (x.square() + y.square()).sqrt_(),
                ONE: torch.ones(1, 1, dtype=dtype),
            }
            _compute(program, steps, start, result[:, top : top + height])
    return result


@dataclass(frozen=True)
class _Step:
    """A row to compute, where it is to be returned, and what is not needed after it."""

    row: int
    outputs: tuple[int, ...]
    done: tuple[int, ...]


def _scheduled(program: Program, outputs: Sequence[int]) -> list[_Step]:
    """Return the rows that outputs rest on, in order."""
    places: dict[int, list[int]] = {}
    for place, row in enumerate(outputs):
        places.setdefault(row, []).append(place)
    seen, steps = set[int](), []
    for row in range(len(program.rows) - 1, -1, -1):
        if row in places or row in seen:
            last = {source for source in (row, *program.rows[row][1]) if source not in seen}
            steps.append(_Step(row, tuple(places.get(row, ())), tuple(last)))
            seen |= last
    return steps[::-1]


def _compute(
    program: Program, steps: Sequence[_Step], start: dict[int, Tensor], result: Float[Tensor, "R H W"]
) -> None:
    values = dict(start)
    for step in steps:
        name, sources, weights = program.rows[step.row]
        if weights:
            values[step.row] = UNARY[name](_sum([values[source] for source in sources], weights))
        elif sources:
            values[step.row] = BINARY[name](values[sources[0]], values[sources[1]])
        for place in step.outputs:
            result[place] = values[step.row]
        for row in step.done:
            del values[row]


def _sum(parts: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """Return a weighted sum of numbers, lines, columns and bands: the smallest that holds all."""
    total = parts[0] * weights[0]
    for part, weight in zip(parts[1:], weights[1:], strict=True):
        if part.shape[0] <= total.shape[0] and part.shape[1] <= total.shape[1]:
            total.add_(part, alpha=weight)
        else:
            total = torch.add(total, part, alpha=weight)
    return total
