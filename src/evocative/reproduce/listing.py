"""Which tables can run on the data found, and how to obtain what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Literal

from evocative.recipe import available as recipes
from evocative.reproduce.datasets import Found, find_datasets
from evocative.reproduce.gaze import lacking
from evocative.reproduce.parse import available, load_table
from evocative.reproduce.published import PublishedTable, Row

State = Literal["runnable", "in part", "data missing"]
WIDTH = 110


@dataclass(frozen=True)
class Listed:
    """A table, and how much of it can run."""

    table: PublishedTable
    state: State
    runnable: int
    """Rows."""
    reasons: tuple[str, ...]
    """Why not all of it can run."""


def list_tables(data_root: Path) -> tuple[list[Listed], dict[str, Found]]:
    """Look at every table that comes with the package, and at every data set that one of them needs."""
    tables = [load_table(name) for name in available()]
    found = find_datasets(dict.fromkeys(name for table in tables for name in table.datasets), data_root)
    return [listed(table, found, lacking(table, data_root)) for table in tables], found


def listed(table: PublishedTable, found: Mapping[str, Found], without: Sequence[str] = ()) -> Listed:
    """Say how much of a table can run; a copy of a data set that lacks images counts as a part of it.

    Args:
        table: As published.
        found: The data sets below the data root.
        without: What all its rows lack beside them.
    """
    ours = [row for row in table.rows if not row.printed_only]
    runnable = [row for row in ours if not without and not _reasons(table, row, found)]
    reasons = dict.fromkeys(without) | dict.fromkeys(
        reason for row in ours for reason in _reasons(table, row, found)
    )
    parts = [one.told for name in table.datasets if (one := found[name]).usable and not one.whole]
    state: State = "runnable" if len(runnable) == len(ours) and not parts else "in part"
    return Listed(table, state if runnable else "data missing", len(runnable), (*parts, *reasons))


def _reasons(table: PublishedTable, row: Row, found: Mapping[str, Found]) -> list[str]:
    needed = dict.fromkeys([table.data_of(row), *([row.test] if row.test else [])])
    missing = [found[name].told for name in needed if not found[name].usable]
    recipe = table.recipe_of(row)
    absent = recipe not in recipes() and not Path(recipe).is_file()
    return [*missing, *([f"this version has no recipe {recipe}"] if absent else [])]


def as_lines(tables: Iterable[Listed], found: Mapping[str, Found]) -> list[str]:
    """Return lines for a terminal: the tables, then how to obtain what is missing."""
    some = list(tables)
    width = max((len(one.table.name) for one in some), default=0)
    lines = []
    for one in some:
        lines.append(f"{one.table.name:<{width}}  {one.state:<12}  {one.table.title}")
        if one.reasons:
            ours = sum(not row.printed_only for row in one.table.rows)
            of = f"{one.runnable} of {ours} rows can run; " if one.runnable else ""
            told = of + "; ".join(one.reasons)
            lines.append(fill(told, WIDTH, initial_indent="    ", subsequent_indent="    "))
    if missing := [one for one in found.values() if not one.whole]:
        lines += ["", "How to obtain what is missing, below the data root:"]
        lines += [fill(one.obtain, WIDTH, initial_indent="  ", subsequent_indent="    ") for one in missing]
    return lines
