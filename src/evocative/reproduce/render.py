"""A reproduced table as text, CSV and Markdown: paper, ours and difference, a line a figure."""

from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from textwrap import fill
from typing import Final

from evocative.data.csv_file import csv_text
from evocative.reproduce.published import Column
from evocative.reproduce.result import Cell, Choice, Line, Reproduced

WIDTH: Final = 110
HEADINGS: Final = {
    "data": "Data found",
    "missing": "Missing",
    "failed": "Failed",
    "reading": "Read where the paper is silent",
    "odd": "Odd in the paper",
}
NONE: Final = "–"
FIELDS: Final = (
    "table", "row", "data", "test", "figure", "unit", "paper", "paper_sd", "paper_runs", "ours", "ours_sd",
    "ours_low", "ours_high", "ours_runs", "images", "difference", "difference_low", "difference_high", "p",
    "validation_accuracy", "quick", "backbone",
)  # fmt: skip


def as_text(done: Reproduced) -> str:
    """Return lines for a terminal."""
    lines = [*_heading(done), ""]
    lines += [fill(mark, WIDTH) for mark in done.marks] + ([""] if done.marks else [])
    lines += _aligned([("row", "figure", "paper", "ours", "difference"), *_cells(done)])
    if choices := _told_choices(done):
        lines += [
            "",
            "Chosen on validation rows",
            *(fill(line, WIDTH, subsequent_indent="  ") for line in choices),
        ]
    for kind, told in _notes(done):
        lines += ["", kind]
        lines += [
            fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
            for line in told
        ]
    return "\n".join(lines)


def as_markdown(done: Reproduced) -> str:
    """Return a page in Markdown."""
    title, *about = _heading(done)
    lines = [f"# {title}", "", *about, ""]
    for mark in done.marks:
        lines += [f"> **{mark}**", ""]
    lines += ["| row | figure | paper | ours | difference |", "|---|---|---:|---:|---:|"]
    lines += ["| " + " | ".join(word.replace("|", "\\|") for word in cells) + " |" for cells in _cells(done)]
    if choices := _told_choices(done):
        lines += ["", "## Chosen on validation rows", "", *(f"- {line}" for line in choices)]
    for kind, told in _notes(done):
        lines += ["", f"## {kind}", "", *(f"- {' '.join(line.split())}" for line in told)]
    return "\n".join(lines) + "\n"


def as_csv(done: Reproduced) -> str:
    """Return a line a figure, with all that is known of it; numbers in the unit of the column."""
    lines = [_fields(done, line) for line in done.lines()]
    return csv_text([FIELDS, *([line.get(name) for name in FIELDS] for line in lines)])


FORMATS: Final[dict[str, Callable[[Reproduced], str]]] = {
    "text": as_text, "csv": as_csv, "markdown": as_markdown,
}  # fmt: skip


def _heading(done: Reproduced) -> list[str]:
    table = done.table
    title = f"Table {table.name}: {table.title}"
    if done.wish.quick:
        title += " [QUICK]"
    return [title, f"{table.source}, {table.place}"]


def _cells(done: Reproduced) -> list[tuple[str, str, str, str, str]]:
    """Return the words of every line; a row's name stands at its first figure only."""
    found, before = [], None
    for line in done.lines():
        column = done.table.columns[line.column]
        name = "" if line.row == before else line.row
        before = line.row
        found.append(
            (
                name,
                column.title or line.column,
                _paper(line, column),
                _ours(line.ours, column),
                _apart(line, column),
            )
        )
    return found


def _paper(line: Line, column: Column) -> str:
    if line.paper is None:
        return NONE
    sd = "" if line.paper_sd is None else f" ± {column.shown(line.paper_sd, spread=True)}"
    return column.shown(line.paper) + sd


def _ours(cell: Cell | None, column: Column) -> str:
    if cell is None:
        return NONE
    if not isfinite(cell.value):
        return "undefined"
    value = column.shown(cell.value)
    if isfinite(cell.sd):
        return f"{value} ± {column.shown(cell.sd)} ({cell.runs} runs)"
    if isfinite(cell.low) and isfinite(cell.high):
        return f"{value} [{column.shown(cell.low)}, {column.shown(cell.high)}]"
    return value


def _apart(line: Line, column: Column) -> str:
    if line.difference is None:
        return NONE
    signed = ("+" if line.difference >= 0 else "−") + column.shown(abs(line.difference))
    if line.welch is None or not isfinite(line.welch.low):
        return signed
    low, high = (
        (f"{value:+.{column.digits}f}").replace("-", "−") for value in (line.welch.low, line.welch.high)
    )
    return f"{signed} [{low}, {high}]"


def _told_choices(done: Reproduced) -> list[str]:
    """Say what validation rows would choose, beside what the paper chose on test rows."""
    return [_told_choice(done, one) for one in done.choices()]


def _told_choice(done: Reproduced, one: Choice) -> str:
    column = done.table.columns["accuracy"]
    own = {
        row.row.name: row.cells["accuracy"].value * column.factor
        for row in done.rows
        if "accuracy" in row.cells
    }

    def tested(name: str) -> str:
        return (
            f"{name} (ours on test rows: {column.shown(own[name])})"
            if name in own
            else f"{name} (ours: not run)"
        )

    told = (
        f"{one.data}: {one.rows:,} validation rows choose {tested(one.validation)} with accuracy "
        f"{column.shown(one.validation_accuracy * column.factor)} there."
    )
    if one.paper is not None:
        told += f" Best on the paper's test rows: {tested(one.paper)}."
    if one.test is not None:
        told += f" Best on our test rows: {tested(one.test)}."
    return told


def _notes(done: Reproduced) -> Iterable[tuple[str, list[str]]]:
    notes = done.notes
    for kind, heading in HEADINGS.items():
        if told := [line for of, line in notes if of == kind]:
            yield heading, told
    yield (
        "How to read it",
        [
            "Difference is ours less the paper's. Ours of one run has its 95 % interval by bootstrap over "
            "images; of several runs mean ± SD. Behind a difference stands Welch's 95 % interval where both "
            "sides have an SD. Counts of different numbers of images are not subtracted."
        ],
    )


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for number, row in enumerate(rows):
        words = [
            f"{word:<{w}}" if place < 2 else f"{word:>{w}}"
            for place, (word, w) in enumerate(zip(row, widths, strict=True))
        ]
        if number > 1 and row[0] and len(rows) > 2 and rows[number - 1][0] == "":
            lines.append("")
        lines.append("  ".join(words).rstrip())
        if number == 0:
            lines.append("  ".join("-" * width for width in widths))
    return lines


def _fields(done: Reproduced, line: Line) -> dict[str, object]:
    ours = next((one for one in done.rows if one.row.name == line.row), None)
    row = ours.row if ours else next(row for row in done.table.rows if row.name == line.row)
    numbers = _numbers(line) | {"validation_accuracy": ours.validation if ours else None}
    backbone = done.wish.backbone
    return {name: _plain(value) for name, value in numbers.items()} | {
        "table": done.table.name,
        "row": line.row,
        "data": done.table.data_of(row),
        "test": row.test,
        "figure": line.column,
        "unit": done.table.columns[line.column].unit,
        "paper_runs": None if line.paper is None else line.paper_runs,
        "ours_runs": line.ours.runs if line.ours else None,
        "images": line.ours.n if line.ours else None,
        "quick": str(done.wish.quick).lower(),
        "backbone": backbone.name if backbone and ours else None,
    }


def _numbers(line: Line) -> dict[str, float | None]:
    cell, found = line.ours, line.welch
    return {
        "paper": line.paper,
        "paper_sd": line.paper_sd,
        "ours": cell.value if cell else None,
        "ours_sd": cell.sd if cell else None,
        "ours_low": cell.low if cell else None,
        "ours_high": cell.high if cell else None,
        "difference": line.difference,
        "difference_low": found.low if found else None,
        "difference_high": found.high if found else None,
        "p": found.p if found else None,
    }


def _plain(value: float | None) -> str | None:
    return None if value is None or not isfinite(value) else f"{value:.10g}"
