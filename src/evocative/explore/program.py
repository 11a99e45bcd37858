"""A batch of formulas as one program of rows, so that many pictures are drawn by few calls.

A row is one number a pixel: a coordinate, a function of a weighted sum of earlier rows, or a function of two
of them. Formulas are written into a program one after another; a row that is there already is not written
twice, so what parents, children and siblings have in common is computed once. `run` works level by level:
all rows of a level, of all genomes, by one weighted sum and one call a function, block of pixels by block of
pixels, so that what a level reads is still near.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import embedding_bag

from evocative.explore.functions import BINARY, UNARY

X, Y, RADIUS, ONE = range(4)
"""The rows that every program begins with."""

BLOCK_ELEMENTS = 2**21
"""Numbers that a block of pixels may hold in all rows."""

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
    levels: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    _known: dict[Row, int] = field(default_factory=dict)

    def weighted(self, function: str, sources: Sequence[int], weights: Sequence[float]) -> int:
        """Return the row of a function (a name in UNARY) of a weighted sum of rows."""
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
            self.levels.append(1 + max((self.levels[source] for source in row[1]), default=0))
        return found


def coordinates(size: int, dtype: torch.dtype = torch.float32) -> Float[Tensor, "2 P"]:
    """Return x and y of the centres of a picture's pixels, row by row.

    Both go from -1 to 1, x to the right, y downwards. A pixel's centre has the same numbers, to the bit, at
    every size that has a pixel there (each third pixel of a picture three times as large).
    """
    steps = torch.arange(1 - size, size, 2, dtype=dtype) / size
    return torch.stack([steps.repeat(size), steps.repeat_interleave(size)])


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
    plan = _Plan.of(program)
    places = coordinates(size, dtype)
    pixels = places.shape[1]
    block = max(256, min(pixels, BLOCK_ELEMENTS // len(program.rows)))
    wanted = plan.places[torch.tensor(outputs)]
    result = torch.empty(len(outputs), pixels, dtype=dtype)
    memory = torch.empty(len(program.rows), block, dtype=dtype)
    with torch.no_grad():
        for start in range(0, pixels, block):
            part = places[:, start : start + block]
            values = (
                memory[:, : part.shape[1]]
                if part.shape[1] == block
                else memory.new_empty(len(program.rows), part.shape[1])
            )
            plan.compute(part, values)
            result[:, start : start + block] = values[wanted]
    return result.view(len(outputs), size, size)


@dataclass(frozen=True)
class _Sums:
    """Neighbouring rows that are functions of weighted sums, sorted by function."""

    start: int
    sources: Int[Tensor, " C"]
    weights: Tensor
    offsets: Int[Tensor, " N"]
    functions: tuple[tuple[str, int, int], ...]

    def compute(self, values: Tensor) -> None:
        sums = embedding_bag(
            self.sources,
            values,
            self.offsets,
            mode="sum",
            per_sample_weights=self.weights.to(values.dtype),
        )
        for name, first, last in self.functions:
            values[self.start + first : self.start + last] = UNARY[name](sums[first:last])


@dataclass(frozen=True)
class _Pairs:
    """Neighbouring rows that are one function of two rows each."""

    start: int
    function: str
    first: Int[Tensor, " N"]
    second: Int[Tensor, " N"]

    def compute(self, values: Tensor) -> None:
        found = BINARY[self.function](values[self.first], values[self.second])
        values[self.start : self.start + len(self.first)] = found


@dataclass(frozen=True)
class _Plan:
    """A program's rows in the order in which they are computed: by level, then by function."""

    steps: tuple[_Sums | _Pairs, ...]
    places: Int[Tensor, " R"]

    def compute(self, part: Tensor, values: Tensor) -> None:
        """Fill the values of all rows at some pixels."""
        values[X], values[Y], values[ONE] = part[0], part[1], 1.0
        values[RADIUS] = (part[0].square() + part[1].square()).sqrt_()
        for step in self.steps:
            step.compute(values)

    @classmethod
    def of(cls, program: Program) -> "_Plan":
        rows, levels = program.rows, program.levels
        order = [X, Y, RADIUS, ONE] + sorted(
            range(4, len(rows)), key=lambda row: (levels[row], rows[row][0] in BINARY, rows[row][0])
        )
        places = torch.empty(len(rows), dtype=torch.int64)
        places[torch.tensor(order)] = torch.arange(len(rows))
        place = places.tolist()
        steps: list[_Sums | _Pairs] = []
        start = 4
        while start < len(order):
            stop = _end(program, order, start)
            steps.append(_step([rows[row] for row in order[start:stop]], start, place))
            start = stop
        return cls(tuple(steps), places)


def _end(program: Program, order: Sequence[int], start: int) -> int:
    """Return where the rows that are computed together with the one at `start` end."""

    def together(row: int) -> tuple[int, str]:
        name = program.rows[row][0]
        return program.levels[row], name if name in BINARY else ""

    stop = start
    while stop < len(order) and together(order[stop]) == together(order[start]):
        stop += 1
    return stop


def _step(rows: Sequence[Row], start: int, place: Sequence[int]) -> _Sums | _Pairs:
    if rows[0][0] in BINARY:
        first, second = (torch.tensor([place[row[1][side]] for row in rows]) for side in (0, 1))
        return _Pairs(start, rows[0][0], first, second)
    sources = [place[source] for row in rows for source in row[1]]
    weights = [weight for row in rows for weight in row[2]]
    offsets, functions = [], []
    total = 0
    for index, row in enumerate(rows):
        offsets.append(total)
        total += len(row[1])
        if functions and functions[-1][0] == row[0]:
            functions[-1] = (row[0], functions[-1][1], index + 1)
        else:
            functions.append((row[0], index, index + 1))
    return _Sums(
        start,
        torch.tensor(sources, dtype=torch.int64),
        torch.tensor(weights, dtype=torch.float64),
        torch.tensor(offsets, dtype=torch.int64),
        tuple(functions),
    )
