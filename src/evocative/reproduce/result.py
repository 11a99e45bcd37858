"""Published and own figures side by side, and which row validation data would choose."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Literal

from evocative.evaluate.report import Figure
from evocative.metrics.significance import Sample, Welch, welch
from evocative.reproduce.datasets import Found
from evocative.reproduce.plan import Wish
from evocative.reproduce.published import PublishedTable, Row
from evocative.reproduce.quick import TOLD


@dataclass(frozen=True)
class Cell:
    """A figure of ours: of one run with its interval, or the mean of several with their SD."""

    value: float
    """A fraction, or a count."""
    sd: float
    """Between runs; NaN with one."""
    low: float
    """Of the 95 % interval over images; NaN with several runs, and for counts."""
    high: float
    runs: int
    n: int
    """Images."""

    @classmethod
    def of(cls, figures: Sequence[Figure]) -> "Cell":
        """Take one run's figure, or the mean and SD of several."""
        if len(figures) == 1:
            (one,) = figures
            return cls(one.value, nan, one.low, one.high, 1, one.n)
        sample = Sample.of([one.value for one in figures])
        return cls(sample.mean, sample.sd, nan, nan, sample.n, max(one.n for one in figures))


@dataclass(frozen=True)
class Reproduction:
    """A row of ours."""

    row: Row
    cells: Mapping[str, Cell]
    """By column."""
    validation: float | None
    """Mean accuracy on validation rows; None without any."""
    rows: Mapping[str, int]
    """How many rows were for train, validation and test."""
    runs: int
    wanted: int
    trained: bool = True
    """False: it stands beside the table's rows, as a centre prior beside maps."""


@dataclass(frozen=True)
class Line:
    """A figure of a row: published, ours, and their difference, all in the unit of the column."""

    row: str
    column: str
    paper: float | None
    paper_sd: float | None
    paper_runs: int
    ours: Cell | None
    """In the unit of the column."""
    difference: float | None
    """Ours less the paper's. None where either is missing, and of counts of different numbers of images."""
    welch: Welch | None
    """Of the difference, where both sides have a standard deviation."""


@dataclass(frozen=True)
class Choice:
    """Of the rows of one data set: which has the best accuracy on validation rows, and which on test rows."""

    data: str
    validation: str
    """Name of the row."""
    validation_accuracy: float
    test: str | None
    """Ours, best on test rows."""
    paper: str | None
    """The paper's, best on test rows."""
    rows: int
    """Validation rows."""


@dataclass(frozen=True)
class Reproduced:
    """A table, published and ours."""

    table: PublishedTable
    wish: Wish
    rows: tuple[Reproduction, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    """Why a row of ours is not there, by its name."""
    found: Mapping[str, Found] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    planned: int = 0
    """Rows whose data are there."""

    @property
    def stem(self) -> str:
        """What files of this table are called: the table, and what was wished for.

        Settings made by hand are a digest: tables under other settings stand beside each other.
        """
        words = [self.table.name, *(["quick"] if self.wish.quick else [])]
        if self.wish.backbone is not None:
            words.append(self.wish.backbone.name.replace("/", "."))
        if self.wish.settings:
            words.append("set-" + hashlib.sha256(repr(self.wish.settings).encode()).hexdigest()[:8])
        if self.wish.runs is not None:
            words.append(f"runs-{self.wish.runs}")
        return "_".join(words)

    @property
    def complete(self) -> bool:
        """Whether every row whose data are there has all its runs."""
        trained = [one for one in self.rows if one.trained]
        through = len(trained) >= self.planned and all(one.runs == one.wanted for one in trained)
        return through and not self.failures

    def lines(self) -> list[Line]:
        """Return every figure of every row: the published rows in their order, then ours that have none."""
        ours = {one.row.name: one for one in self.rows}
        names = {row.name: row for row in self.table.rows} | {name: one.row for name, one in ours.items()}
        return [
            self._line(row, column, ours.get(name))
            for name, row in names.items()
            for column in self.table.columns
            if column in row.paper or (name in ours and column in ours[name].cells)
        ]

    def _line(self, row: Row, column: str, ours: Reproduction | None) -> Line:
        settings = self.table.columns[column]
        paper, sd, runs = row.paper.get(column), row.sd.get(column), self.table.runs_of(row)
        cell = None if ours is None else scaled(ours.cells.get(column), settings.factor)
        there = paper is not None and cell is not None and isfinite(cell.value)
        if there and settings.unit == "count" and not column.startswith("support/"):
            there = cell is not None and cell.n == row.tested
        found = None
        if there and sd is not None and cell is not None and cell.runs > 1 and paper is not None:
            found = welch(Sample(cell.value, cell.sd, cell.runs), Sample(paper, sd, runs))
        difference = cell.value - paper if there and cell is not None and paper is not None else None
        return Line(row.name, column, paper, sd, runs, cell, difference, found)

    def choices(self) -> list[Choice]:
        """Return what validation rows would choose, for each data set with two candidates or more."""
        if not self.table.choose or "accuracy" not in self.table.columns:
            return []
        chosen = [
            self._choice(data) for data in dict.fromkeys(self.table.data_of(row) for row in self.table.rows)
        ]
        return [one for one in chosen if one is not None]

    def _choice(self, data: str) -> Choice | None:
        rows = [one for one in self.rows if self.table.data_of(one.row) == data and not one.row.fixed]
        with_validation = {one.row.name: one.validation for one in rows if one.validation is not None}
        if len(with_validation) < 2:
            return None
        best = _best(with_validation)
        tested = {one.row.name: one.cells["accuracy"].value for one in rows if "accuracy" in one.cells}
        printed = {
            row.name: row.paper["accuracy"]
            for row in self.table.rows
            if self.table.data_of(row) == data and "accuracy" in row.paper and not row.fixed
        }
        counted = next(one.rows.get("validation", 0) for one in rows if one.row.name == best)
        return Choice(
            data=data,
            validation=best,
            validation_accuracy=with_validation[best],
            test=_best(tested) if tested else None,
            paper=_best(printed) if printed else None,
            rows=counted,
        )

    @property
    def marks(self) -> list[str]:
        """What must stand above the table: that it is not the paper's experiment."""
        return [*([TOLD] if self.wish.quick else []), *self.wish.told]

    @property
    def notes(self) -> list[tuple[Literal["data", "missing", "failed", "reading", "odd", "interval"], str]]:
        """What stands below the table, by kind."""
        data = [one.told for one in self.found.values() if one.usable]
        return [
            *(("data", one + self._split(one)) for one in data),
            *(("data", line) for line in self._other_sizes()),
            *(("missing", f"{name}: {reason}") for name, reason in self.missing.items()),
            *(("missing", one.obtain) for one in self.found.values() if not one.usable),
            *(
                ("missing", f"{one.row.name}: {one.runs} of {one.wanted} runs are there")
                for one in self.rows
                if one.runs < one.wanted
            ),
            *(("failed", line) for line in self.failures),
            *(("reading", line) for line in self.table.readings),
            *(("odd", line) for line in self.table.oddities),
        ]

    def _other_sizes(self) -> list[str]:
        """Say where another data set has not as many images as the paper tests on."""
        found = []
        for one in self.rows:
            images = max((cell.n for cell in one.cells.values()), default=0)
            if one.row.test and one.row.tested not in (None, images):
                found.append(f"{one.row.name}: {images:,} images tested, {one.row.tested:,} in the paper")
        return found

    def _split(self, told: str) -> str:
        """Say how many rows each part has."""
        name = told.partition(":")[0]
        rows = next((one.rows for one in self.rows if self.table.data_of(one.row) == name), None)
        if not rows:
            return ""
        return "; " + ", ".join(f"{part} {count:,}" for part, count in rows.items())


def scaled(cell: Cell | None, factor: float) -> Cell | None:
    """Return a cell in the unit of its column."""
    if cell is None:
        return None
    return Cell(
        cell.value * factor, cell.sd * factor, cell.low * factor, cell.high * factor, cell.runs, cell.n
    )


def _best(values: Mapping[str, float]) -> str:
    return max(values, key=lambda name: values[name])
