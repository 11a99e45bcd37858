"""Change single settings of a recipe before it is checked, by a dotted key: `--set`, and a study's arms.

override(values, "optimizer.lr", 0.01)
override(values, "losses.contrastive_center.weight", 0.5)             # of the loss of that name
override(values, "losses.contrastive_center", {"margin": 5.0})        # a loss, new or in place of the old one
"""

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import is_dataclass
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from evocative.errors import RecipeError, unknown
from evocative.recipe.settings import Recipe

_NOTHING = ("none", "null")


def override(values: dict[str, Any], key: str, value: Any, *, where: str = "--set") -> None:
    """Change one setting in plain values, in place.

    Args:
        values: As a recipe's TOML file gives them.
        key: `section.key`. In a list a part is an entry's name or its number.
        value: As TOML gives it. The word `none` stands for no value where a setting allows that, since TOML
            has none. A table given for an entry of a list by its name replaces the entry, or adds it.
        where: What errors call the place that the setting comes from.

    Raises:
        RecipeError: There is no such place.
    """
    *parents, last = key.split(".")
    if parents and parents[0] == "losses":
        values.setdefault("losses", [{"name": "cross_entropy"}])  # the default of a recipe that names none
    place: Any = values
    for number, name in enumerate(parents):
        place = _step_into(place, name, where=f"{where} {'.'.join(parents[: number + 1])}")
    if isinstance(place, list) and isinstance(value, dict):
        kept = [entry for entry in place if not (isinstance(entry, dict) and entry.get("name") == last)]
        place[:] = [*kept, {"name": last, **deepcopy(value)}]
        return
    if not isinstance(place, dict):
        raise RecipeError(f"{where} {key!r}: {'.'.join(parents)} is not a section")
    nothing = isinstance(value, str) and value.lower() in _NOTHING and NoneType in get_args(_kind(key))
    place[last] = None if nothing else deepcopy(value)


def split_assignment(text: str) -> tuple[str, Any]:
    """Read `section.key=value`, the value in TOML; a bare word is a string, or nothing if it is none.

    Raises:
        RecipeError: There is no key, or no value.
    """
    key, equals, literal = text.partition("=")
    if not equals or not key.strip():
        raise RecipeError(f"--set {text!r}: expected section.key=value, as in optimizer.lr=0.01")
    literal = literal.strip()
    try:
        return key.strip(), tomllib.loads(f"value = {literal}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), literal


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
        section = key == "losses" or any(is_dataclass(kind) for kind in _kinds(_kind(key)))
        named = key.startswith("losses.") and key.count(".") == 1
        inside = isinstance(value, dict) and section and not named
        found |= flat(value, key) if inside else {key: value}
    return found


def _step_into(place: Any, name: str, *, where: str) -> Any:
    if isinstance(place, list):
        named = {str(item.get("name")): item for item in place if isinstance(item, dict)}
        if name in named:
            return named[name]
        if name.isdigit() and int(name) < len(place):
            return place[int(name)]
        raise RecipeError(f"{where}: {unknown('entry', name, named)}, or a number below {len(place)}")
    if not isinstance(place, dict):
        raise RecipeError(f"{where}: not a section")
    return place.setdefault(name, {})


def _kind(key: str) -> Any:
    """Return the type of a setting; None where there is no such setting."""
    kind: Any = Recipe
    for name in key.split("."):
        section = next((one for one in _kinds(kind) if is_dataclass(one)), None)
        entries = [one for one in _kinds(kind) if get_origin(one) is tuple]
        if section is not None:
            kind = get_type_hints(section).get(name)
        else:
            kind = get_args(entries[0])[0] if entries else None
    return kind


def _kinds(kind: Any) -> tuple[Any, ...]:
    """Return a type, or the types of a union."""
    return get_args(kind) if NoneType in get_args(kind) else (kind,)
