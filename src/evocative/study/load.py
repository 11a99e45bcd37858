"""Read a study, and say everything that is wrong with it at once."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from evocative.errors import RecipeError, unknown
from evocative.recipe import Recipe, available
from evocative.recipe import load as load_recipe
from evocative.recipe.override import flat
from evocative.recipe.toml import read_toml
from evocative.recipe.validation import validated
from evocative.study.settings import Study

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+=-]*")
_OURS = {"seed": "seeds", "data.fold": "folds", "name": "name"}
"""Settings that a study gives to its runs itself, and by which of its own."""


def load_study(source: str | os.PathLike[str]) -> Study:
    """Read a study and try every recipe that it makes.

    Args:
        source: A TOML file.

    Raises:
        RecipeError: It cannot be read, or settings are wrong; the message lists all of them.
    """
    path = Path(source)
    values = read_toml(path, wanted="a study's TOML file")
    values.setdefault("name", path.stem)
    return parse_study(values, folder=path.parent, where=str(path))


def parse_study(values: dict[str, Any], *, folder: Path | None = None, where: str = "study") -> Study:
    """Check plain values and make a Study of them.

    Args:
        values: As TOML gives them.
        folder: What the recipe's path is relative to; the working folder where it is not given.
        where: What errors call it.

    Raises:
        RecipeError: Settings are wrong; the message lists all of them.
    """
    study, wrong = validated(Study, values, root="study")
    if study is None:
        raise _refusal(where, wrong)
    study = replace(study, recipe=_recipe_path(study.recipe, folder or Path()))
    if mistakes := [*_contradictions(study)] or [*_recipe_mistakes(study)]:
        raise _refusal(where, mistakes)
    return study


def arm_recipe(study: Study, arm: str, candidate: int | None = None) -> Recipe:
    """Return the recipe of an arm, without fold and seed, of one of its candidates.

    Raises:
        RecipeError: A setting is wrong.
    """
    chosen = study.arms[arm]
    extra = {} if candidate is None else chosen.choices[candidate]
    settings = [pair for table in (study.set, chosen.set, extra) for pair in flat(table).items()]
    where = f"arms.{arm}" if candidate is None else f"arms.{arm}, candidate {candidate + 1}"
    recipe = load_recipe(study.recipe, settings=settings, where=where)
    return replace(recipe, name=f"{study.name}-{arm}")


def notes(study: Study) -> list[str]:
    """Say what a reader of the results should know of how the arms were tuned."""
    counts = {name: len(arm.choices) for name, arm in study.arms.items()}
    if len(set(counts.values())) < 2:
        return []
    told = ", ".join(f"{name} {count}" for name, count in counts.items())
    return [f"The arms had different numbers of candidates to choose from: {told}."]


def _recipe_path(recipe: str, folder: Path) -> str:
    """Return a recipe's file where it is one, else the name as it is."""
    beside = folder / recipe
    return str(beside) if beside.is_file() and recipe not in available() else recipe


def _contradictions(study: Study) -> Iterator[str]:
    """Say what no single setting shows."""
    for name in study.arms:
        if not _NAME.fullmatch(name):
            yield f"arms.{name}: a name is made of letters, digits, . _ + = and - (it names a folder)"
    if study.reference not in study.arms:
        yield f"reference: {unknown('arm', study.reference, study.arms)}"
    for kind, values in (("folds", study.folds), ("seeds", study.seeds)):
        if len(set(values)) != len(values):
            yield f"{kind}: a value stands twice in {list(values)}"
    if not study.seeds or min(study.seeds) < 0 or study.select.seed < 0:
        yield "seeds: expected one or more, each 0 or above"
    yield from _tuning(study)
    for place, settings in _settings(study):
        for key in sorted(set(flat(settings)) & set(_OURS)):
            yield f"{place}: {key} comes from the study's {_OURS[key]}"


def _tuning(study: Study) -> Iterator[str]:
    for name, arm in study.arms.items():
        if arm.candidates and arm.grid:
            yield f"arms.{name}: give candidates or a grid, not both"
        for key, values in flat(arm.grid).items():
            if not isinstance(values, list) or not values:
                yield f"arms.{name}.grid.{key}: expected a list of values, found {values!r}"
                return
    tuned = [name for name, arm in study.arms.items() if arm.choices]
    bare = [name for name in study.arms if name not in tuned]
    if tuned and bare and not study.select.allow_untuned:
        yield (
            f"arms.{', '.join(bare)}: no candidates beside arms that choose ({', '.join(tuned)}): give every "
            "arm as many, or set select.allow_untuned = true"
        )


def _settings(study: Study) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every table of settings with its place."""
    yield "set", study.set
    for name, arm in study.arms.items():
        yield f"arms.{name}.set", arm.set
        yield f"arms.{name}.grid", arm.grid
        for number, candidate in enumerate(arm.candidates):
            yield f"arms.{name}.candidates.{number}", candidate


def _recipe_mistakes(study: Study) -> Iterator[str]:
    """Make every recipe, and say what each of them lacks."""
    said = set()
    for name, arm in study.arms.items():
        for candidate in range(len(arm.choices)) if arm.choices else (None,):
            try:
                recipe = arm_recipe(study, name, candidate)
            except RecipeError as error:
                lines = str(error).splitlines()
                told = [line.strip() for line in lines[1:]] or lines
                place = f"arms.{name}" if candidate is None else f"arms.{name}, candidate {candidate + 1}"
                mistakes = [line if line.startswith(place) else f"{place}: {line}" for line in told]
            else:
                mistakes = [*_without_folds(study, recipe), *_without_predictions(name, recipe)]
            yield from (line for line in mistakes if line not in said)
            said |= set(mistakes)


def _without_folds(study: Study, recipe: Recipe) -> list[str]:
    if study.folds and not any(source.folds for source in recipe.data.sources):
        return ["folds: no source of the recipe names its folds; give data.sources, or folds = []"]
    return []


def _without_predictions(arm: str, recipe: Recipe) -> list[str]:
    if recipe.evaluation.run:
        return []
    return [f"arms.{arm}: evaluation.run: found false, but a study compares predictions; leave it true"]


def _refusal(where: str, mistakes: list[str]) -> RecipeError:
    return RecipeError(
        "\n".join([f"{where}: {len(mistakes)} setting(s) to mend", *(f"  {m}" for m in mistakes)])
    )
