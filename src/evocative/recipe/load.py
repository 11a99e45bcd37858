"""Read a recipe, and say everything that is wrong with it at once."""

import os
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from evocative.errors import RecipeError, unknown
from evocative.recipe.contradictions import contradictions
from evocative.recipe.override import flat, override, split_assignment
from evocative.recipe.settings import Recipe
from evocative.recipe.toml import read_toml
from evocative.recipe.validation import validated


def available() -> dict[str, Path]:
    """Return the recipes that come with the package, by name."""
    folder = Path(str(resources.files("evocative") / "recipes"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load(
    source: str | os.PathLike[str], overrides: Iterable[str] = (), *,
    settings: Iterable[tuple[str, Any]] = (), where: str = "settings",
) -> Recipe:  # fmt: skip
    """Read a recipe.

    Args:
        source: A TOML file, or the name of a recipe that comes with the package.
        overrides: `section.key=value`, the value in TOML (a bare word is a string). A loss is addressed by
            its name: `losses.contrastive_center.weight=0.5`, and added by a table:
            `losses.contrastive_center={ weight = 0.5 }`. A section's table changes the keys that it names.
        settings: The same as pairs of a dotted key and a value (`flat` makes them of tables); applied first.
        where: What errors call the place that `settings` come from.

    Raises:
        RecipeError: It cannot be read, or settings are wrong; the message lists all of them.
    """
    path = _find(source)
    values = read_toml(path, wanted="a recipe's name or TOML file")
    mistakes = _changed(values, settings, where)
    mistakes += _changed(values, map(split_assignment, overrides), "--set")
    if mistakes:
        raise RecipeError("\n".join(mistakes))
    values.setdefault("name", path.stem)
    return parse(values, where=str(path))


def _changed(values: dict[str, Any], settings: Iterable[tuple[str, Any]], where: str) -> list[str]:
    """Change settings in place, a table key by key; say which have no place."""
    mistakes = []
    for setting in settings:
        for key, value in flat(dict([setting])).items():
            try:
                override(values, key, value, where=where)
            except RecipeError as error:
                mistakes.append(str(error))
    return mistakes


def parse(values: dict[str, Any], *, where: str = "recipe") -> Recipe:
    """Check plain values and make a Recipe of them.

    Raises:
        RecipeError: Settings are wrong; the message lists all of them.
    """
    recipe, mistakes = validated(Recipe, values)
    if recipe is not None:
        mistakes = contradictions(recipe)
        if not mistakes:
            return recipe
    lines = [f"  {mistake}" for mistake in mistakes]
    raise RecipeError("\n".join([f"{where}: {len(lines)} setting(s) to mend", *lines]))


def _find(source: str | os.PathLike[str]) -> Path:
    path = Path(source)
    if path.is_file():
        return path
    recipes = available()
    if str(source) in recipes:
        return recipes[str(source)]
    raise RecipeError(
        f"{unknown('recipe', str(source), recipes)}. Give one of these names or the path of a TOML file."
    )
