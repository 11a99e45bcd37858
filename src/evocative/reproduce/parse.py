"""Read a published table, and say everything that is wrong with it at once."""

import os
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from evocative.errors import RecipeError, unknown
from evocative.evaluate.parts import THETAS
from evocative.recipe import available as recipes
from evocative.recipe.toml import read_toml
from evocative.reproduce.published import FIGURES, GAZE_FIGURES, OF_A_LABEL, Column, PublishedTable, Row


def available() -> dict[str, Path]:
    """Return the tables that come with the package, by name: the dissertation's in the order of its text."""
    folder = Path(str(resources.files("evocative") / "recipes" / "tables"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"), key=lambda path: _order(path.stem))}


def load_table(source: str | os.PathLike[str]) -> PublishedTable:
    """Read a table.

    Args:
        source: The name of a table that comes with the package, or a TOML file; a recipe beside that file is
            found by its file's name.

    Raises:
        RecipeError: It cannot be read, or something in it is wrong; the message lists all of it.
    """
    path = _find(source)
    values = read_toml(path, wanted="a table's TOML file")
    values.setdefault("name", path.stem)
    return parse_table(values, folder=path.parent, where=str(path))


def parse_table(
    values: dict[str, Any], *, folder: Path | None = None, where: str = "table"
) -> PublishedTable:
    """Check plain values and make a table of them.

    Args:
        values: As TOML gives them.
        folder: What the files of recipes are relative to; the working folder where it is not given.
        where: What errors call it.

    Raises:
        RecipeError: Something is wrong; the message lists all of it.
    """
    try:
        table = TypeAdapter(PublishedTable).validate_python(values)
    except ValidationError as error:
        raise _refusal(where, [_describe(dict(mistake)) for mistake in error.errors()]) from error
    if mistakes := [*_contradictions(table)]:
        raise _refusal(where, mistakes)
    beside = folder or Path()
    rows = tuple(replace(row, recipe=_recipe(row.recipe, beside)) for row in table.rows)
    return replace(table, recipe=_recipe(table.recipe, beside), rows=rows)


def _order(name: str) -> tuple[bool, list[tuple[int, str]]]:
    """Sort 5.6 before 5.10, and what begins with a number first."""
    parts = re.findall(r"\d+|\D+", name)
    return not name[:1].isdigit(), [(int(part) if part.isdigit() else -1, part) for part in parts]


def _find(source: str | os.PathLike[str]) -> Path:
    shipped = available()
    if str(source) in shipped:
        return shipped[str(source)]
    path = Path(source)
    if path.suffix == ".toml" and path.is_file():
        return path
    raise RecipeError(f"{unknown('table', str(source), shipped)}, or a TOML file")


def _recipe(recipe: str, folder: Path) -> str:
    """Return a recipe's file where it is one, else its name."""
    beside = folder / recipe
    return str(beside) if recipe and recipe not in recipes() and beside.is_file() else recipe


def _contradictions(table: PublishedTable) -> Iterator[str]:
    if not table.rows or not table.columns:
        yield "rows and columns: at least one of each is needed"
    if table.gaze:
        for figure in table.columns:
            if figure not in GAZE_FIGURES:
                yield f"columns: {unknown('figure of maps', figure, GAZE_FIGURES)}"
    for figure in table.columns if not table.gaze else ():
        kind, slash, label = figure.partition("/")
        if figure not in FIGURES and not (slash and label and kind in OF_A_LABEL):
            known = [*FIGURES, *(f"{kind}/LABEL" for kind in OF_A_LABEL)]
            yield f"columns: {unknown('figure', figure, known)}"
    names = [row.name for row in table.rows]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        yield f"rows: a name stands twice: {', '.join(twice)}"
    for row in table.rows:
        yield from (f"rows, {row.name}: {mistake}" for mistake in _mistakes_of(table, row))


def _mistakes_of(table: PublishedTable, row: Row) -> Iterator[str]:
    for kind, values in (("paper", row.paper), ("sd", row.sd)):
        if strangers := sorted(set(values) - set(table.columns)):
            yield f"{kind}: no column is called {', '.join(strangers)}"
    if lonely := sorted(set(row.sd) - set(row.paper)):
        yield f"sd: {', '.join(lonely)} has no value in paper"
    if row.printed_only and not row.paper:
        yield "printed_only: there is nothing printed; give paper its values"
    if not table.data_of(row):
        yield "data: name the data set that it is trained on, here or for the table"
    if not table.recipe_of(row):
        yield "recipe: name one, here or for the table"
    if table.runs_of(row) < 1:
        yield "runs: expected 1 or more"
    if row.theta not in THETAS:
        yield f"theta: expected one of {', '.join(map(str, THETAS))}, found {row.theta}"
    if row.options and not row.test:
        yield "options: they go with test, the data set that is read so"


def _describe(mistake: dict[str, Any]) -> str:
    location = [str(part) for part in mistake["loc"]]
    place = ".".join(location[:-1]) or "table"
    if mistake["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        sections: dict[str, type] = {"rows": Row, "columns": Column}
        section = sections.get(location[0], PublishedTable) if len(location) > 1 else PublishedTable
        return f"{place}: {unknown('key', location[-1], [one.name for one in fields(section)])}"
    if mistake["type"] == "missing":
        return f"{'.'.join(location)}: is needed"
    return f"{'.'.join(location)}: {mistake['msg']}, found {mistake['input']!r}"


def _refusal(where: str, mistakes: list[str]) -> RecipeError:
    return RecipeError(
        "\n".join([f"{where}: {len(mistakes)} thing(s) to mend", *(f"  {m}" for m in mistakes)])
    )
