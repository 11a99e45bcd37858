"""From plain values to frozen dataclasses, strictly, with every mistake in words at once.

Types are taken at their word, as TOML and JSON know them: "3" is no number, true is no 1, 3.0 is no whole
number. Ranges stand at the settings (`recipe.ranges`). Recipes, studies, generators' recipes and models'
folders are all read through here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from evocative.errors import EvocativeError, unknown
from evocative.recipe.ranges import told

T = TypeVar("T")
_RANGES = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
_MISSING = ("missing", "missing_argument")
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")


def validated(kind: type[T], values: object, *, root: str = "recipe") -> tuple[T | None, list[str]]:
    """Make a frozen dataclass of plain values, or say what is wrong with them.

    Args:
        kind: A dataclass whose fields bear their ranges.
        values: As TOML or JSON give them.
        root: What messages call the whole where a mistake is not inside a section.

    Returns:
        The dataclass and no mistakes, or None and a line for each mistake: place, expected, found.
    """
    try:
        # as JSON, since only there pydantic takes lists for tuples and tables for dataclasses strictly
        return _adapter(kind).validate_json(  # type: ignore[arg-type]  # a class is hashable
            json.dumps(values, default=str), strict=True
        ), []
    except ValidationError as error:
        lines = [_described(kind, values, dict(mistake), root) for mistake in error.errors(include_url=False)]
        return None, list(dict.fromkeys(_merged(lines)))
    except EvocativeError as error:  # a dataclass's own checks
        return None, [str(error)]
    except (TypeError, ValueError, RecursionError) as error:
        return None, [f"{root}: cannot be read ({type(error).__name__}: {error})"]


@cache
def _adapter(kind: type) -> Any:
    return TypeAdapter(kind)


def kind_at(kind: Any, keys: Sequence[str]) -> Any:
    """Return the type of a setting, with its bounds; None where there is no such setting.

    Example:
        >>> from evocative.recipe.settings import Recipe
        >>> kind_at(Recipe, ["optimizer", "nesterov"]), kind_at(Recipe, ["optimizer", "speed"])
        (<class 'bool'>, None)
    """
    for key in keys:
        section = next((one for one in kinds(kind) if is_dataclass(one)), None)
        entries = [one for one in kinds(kind) if get_origin(one) is tuple]
        if isinstance(section, type):
            kind = _hints(section).get(key)
        elif entries:
            inner = get_args(entries[0])
            place = int(key) if key.isdigit() and inner[-1] is not Ellipsis else 0
            kind = inner[place] if place < len(inner) else None
        else:
            kind = next((get_args(one)[1] for one in kinds(kind) if get_origin(one) is dict), None)
    return kind


def kinds(kind: Any) -> tuple[Any, ...]:
    """Return a type, or the types of a union."""
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


@cache
def _hints(section: type) -> dict[str, Any]:
    return get_type_hints(section, include_extras=True)


def _described(kind: type, values: object, mistake: dict[str, Any], root: str) -> tuple[str, str, str]:
    """Return place, what is wrong there, and what was found."""
    absent = mistake["type"] in _MISSING
    place = _place(values, [str(part) for part in mistake["loc"]], absent=absent)
    name, found = ".".join(place) or root, _shown(mistake["input"])
    if mistake["type"] in _UNKNOWN:
        section = kind_at(kind, place[:-1])
        known = [each.name for each in fields(section)] if is_dataclass(section) else []
        return ".".join(place[:-1]) or root, unknown("key", place[-1], known), ""
    if absent:
        return name, f"the field {place[-1]!r} is missing", ""
    if mistake["type"] in _RANGES:
        wanted = kind_at(kind, place)
        return name, told(_bounds(wanted)) + (" or none" if is_optional(wanted) else ""), found
    if mistake["type"] == "literal_error":
        return name, f"expected {mistake['ctx']['expected']}", found
    return name, str(mistake["msg"]).replace("Input should be", "expected"), found


def _place(values: object, location: list[str], *, absent: bool) -> list[str]:
    """Leave the names of unions' members out of a place, which are no keys of what was given."""
    place: list[str] = []
    for number, part in enumerate(location):
        if isinstance(values, Mapping) and (part in values or (absent and number == len(location) - 1)):
            values = values.get(part)
            place.append(part)
        elif isinstance(values, list | tuple) and part.isdigit():
            values = values[int(part)] if int(part) < len(values) else None
            place.append(_entry(values, part) if place == ["losses"] else part)
    return place


def _entry(loss: object, number: str) -> str:
    """Return how settings call a loss: by its name, else by its number."""
    name = loss.get("name") if isinstance(loss, Mapping) else None
    return name if isinstance(name, str) else number


def _bounds(kind: Any) -> tuple[object, ...]:
    """Return the bounds of a number's type, of the member of a union that has any."""
    return next((one.__metadata__ for one in kinds(kind) if get_origin(one) is Annotated), ())


def _merged(mistakes: list[tuple[str, str, str]]) -> Iterator[str]:
    """Say what the members of a union each expected in one line."""
    by_place: dict[tuple[str, str], list[str]] = {}
    for place, wrong, found in mistakes:
        by_place.setdefault((place, found or wrong), []).append(wrong)
    for (place, found), all_wrong in by_place.items():
        what = ", or ".join(dict.fromkeys(all_wrong))
        yield f"{place}: {what}" + (f", found {found}" if found != what else "")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def is_optional(kind: Any) -> bool:
    """Say whether a setting may be left without a value."""
    return NoneType in kinds(kind)
