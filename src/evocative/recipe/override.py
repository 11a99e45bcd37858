"""Change single settings of a recipe before it is checked, by a dotted key: `--set`, and a study's arms.

override(values, "optimizer.lr", 0.01)
override(values, "losses.contrastive_center.weight", 0.5)             # of the loss of that name
override(values, "losses.contrastive_center", {"margin": 5.0})        # a loss, new or in place of the old one
override(values, "data.sources.0.path", "fi8")                        # of the first entry
"""

import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import is_dataclass
from typing import Any, Final, get_args

from evocative.errors import RecipeError, unknown
from evocative.recipe.settings import LossConfig, Recipe
from evocative.recipe.validation import is_optional, kind_at, kinds

_NOTHING: Final = ("none", "null")
_BARE: Final = {"true": True, "false": False}
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
"""As people write numbers, and TOML does not: .5, 5., 007."""


def override(values: dict[str, Any], key: str, value: Any, *, where: str = "--set") -> None:
    """Change one setting in plain values, in place.

    Args:
        values: As a recipe's TOML file gives them.
        key: `section.key`. In a list a part is an entry's name or its number.
        value: As TOML gives it. The word `none` stands for no value where a setting allows that, since TOML
            has none. A table given for an entry of a list by its name replaces the entry, or adds it; one
            given for its number replaces it.
        where: What errors call the place that the setting comes from.

    Raises:
        RecipeError: There is no such place; the message says what to write.
    """
    *parents, last = key.split(".")
    if parents and parents[0] == "losses":
        values.setdefault("losses", [{"name": "cross_entropy"}])  # the default of a recipe that names none
    place: Any = values
    for number, name in enumerate(parents):
        place = _step_into(place, name, value, key=(parents[: number + 1], key), where=where)
    if isinstance(place, list):
        _set_entry(place, parents, last, value, where=where)
        return
    if not isinstance(place, dict):
        raise RecipeError(f"{where} {key}: {'.'.join(parents)} is not a section, but {place!r:.60}")
    nothing = isinstance(value, str) and value.lower() in _NOTHING and is_optional(_kind(key))
    place[last] = None if nothing else deepcopy(value)


def split_assignment(text: str) -> tuple[str, Any]:
    """Read `section.key=value`, the value in TOML; a bare word is a string, or nothing if it is none.

    Numbers may also be written as `.5`, and truth as `True`.

    Raises:
        RecipeError: There is no key, or no value.

    Example:
        >>> split_assignment("optimizer.lr=.5"), split_assignment("model.gram.maps=[1, 2]")
        (('optimizer.lr', 0.5), ('model.gram.maps', [1, 2]))
    """
    key, equals, literal = text.partition("=")
    key, literal = key.strip(), literal.strip()
    if not equals or not key or not all(part.strip() for part in key.split(".")):
        raise RecipeError(f"--set {text!r}: expected section.key=value, as in optimizer.lr=0.01")
    return key, _value(literal)


def _value(literal: str) -> Any:
    try:
        values = tomllib.loads(f"value = {literal}")
    except (tomllib.TOMLDecodeError, RecursionError):
        values = {}
    if list(values) == ["value"]:
        return values["value"]
    if literal.lower() in _BARE:
        return _BARE[literal.lower()]
    if _NUMBER.fullmatch(literal):
        return int(literal) if literal.lstrip("+-").isdecimal() else float(literal)
    return literal


def flat(settings: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return settings by dotted keys, whether they were written so or as tables in tables.

    A table that is itself the value of a setting (`data.split`, `model.backbone_args`, a loss) stays whole.

    Example:
        >>> flat({"optimizer": {"lr": 0.1}, "data.split": {"train": 1.0}})
        {'optimizer.lr': 0.1, 'data.split': {'train': 1.0}}
    """
    found: dict[str, Any] = {}
    for name, value in settings.items():
        key = f"{above}.{name}" if above else name
        section = key == "losses" or any(is_dataclass(kind) for kind in kinds(_kind(key)))
        named = key.startswith("losses.") and key.count(".") == 1
        inside = isinstance(value, dict) and section and not named
        found |= flat(value, key) if inside else {key: value}
    return found


def _set_entry(place: list[Any], parents: list[str], last: str, value: Any, *, where: str) -> None:
    """Replace an entry of a list by its number, or one by its name, or add it."""
    listed, key = ".".join(parents), ".".join([*parents, last])
    if last.isdecimal():
        if int(last) >= len(place):
            raise RecipeError(
                f"{where} {key}: {listed} has {_counted(place)}; give the whole list to add one"
            )
        place[int(last)] = deepcopy(value)
    elif listed != "losses":
        raise RecipeError(f"{where} {key}: expected an entry's number, as in {listed}.0")
    elif not isinstance(value, dict):
        raise RecipeError(
            f"{where} {key}: expected a table of the term's settings, as in {key}={{ weight = 1.0 }}, found "
            f"{value!r:.60}"
        )
    else:
        _check_term(last, where=f"{where} {key}")
        entry = {"name": last, **deepcopy(value)}
        old = [number for number, each in enumerate(place) if _name(each) == last]
        place[:] = [each for number, each in enumerate(place) if number not in old]
        place.append(entry)


def _step_into(place: Any, name: str, value: Any, *, key: tuple[list[str], str], where: str) -> Any:
    """Return what a part of a key leads to; sections that are not there are made."""
    passed, whole = ".".join(key[0]), key[1]
    if isinstance(place, list):
        named = {_name(item): item for item in place if isinstance(item, dict)}
        if name in named and passed.startswith("losses."):
            return named[name]
        if name.isdecimal() and int(name) < len(place):
            return place[int(name)]
        if passed.startswith("losses.") and not name.isdecimal():
            _check_term(name, where=f"{where} {passed}")
            inside = whole.removeprefix(f"{passed}.")
            raise RecipeError(
                f"{where} {whole}: this recipe has no term {name}; it has {', '.join(map(str, named))}. To "
                f"add it write {passed}={{ {inside} = {_toml(value)} }}"
            )
        raise RecipeError(
            f"{where} {passed}: {passed.removesuffix('.' + name)} has {_counted(place)}, and a key leads to "
            "one by its number"
        )
    if not isinstance(place, dict):
        raise RecipeError(f"{where} {passed}: not a section, but {place!r:.60}")
    return place.setdefault(name, {})


def _check_term(name: str, *, where: str) -> None:
    known = get_args(kind_at(LossConfig, ["name"]))
    if name not in known:
        raise RecipeError(f"{where}: {unknown('entry', name, known)}")


def _name(entry: Any) -> str:
    """Return the name of a loss, which is the default's where it has none."""
    return str(entry.get("name", LossConfig.name)) if isinstance(entry, dict) else ""


def _counted(place: list[Any]) -> str:
    return "no entry" if not place else "1 entry, 0" if len(place) == 1 else f"entries 0 to {len(place) - 1}"


def _toml(value: Any) -> str:
    """Write a value as TOML has it, as far as an example needs it."""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int | float | list) else f'"{value}"'


def _kind(key: str) -> Any:
    """Return the type of a setting; None where there is no such setting."""
    return kind_at(Recipe, key.split("."))
