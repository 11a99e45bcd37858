"""What can be known to be wrong with a study before any work: names, files, folders, rows."""

import json
from dataclasses import replace
from typing import Any

from evocative.errors import RecipeError
from evocative.recipe import Recipe
from evocative.study.jobs import Job, place_of, refuse_changed
from evocative.study.rows import refuse_changed_rows
from evocative.study.settings import Study
from evocative.study.work import Places
from evocative.training.idle import idle_on_rows
from evocative.training.sources import Parts, gather

_CHECKED = ("model", "data", "losses", "features", "optimizer", "training")
"""Sections that a recipe's own check reads."""


def check(study: Study, jobs: list[Job], places: Places) -> None:
    """Say what is wrong before any work.

    Args:
        study: The settings.
        jobs: Of every arm and candidate at least one.
        places: Where data and weights are.

    Raises:
        RecipeError: Folders hold runs of other recipes or that were given other rows, files or names are not
            there, a place has no test rows or none to choose by, or those that choose for all are test rows
            of some place.
        DataError: A table has mistakes.
    """
    from evocative.training.run import check as check_recipe

    refuse_changed(jobs)
    for recipe in {_key(job.recipe, *_CHECKED): job.recipe for job in jobs}.values():
        check_recipe(recipe, data_root=places.data_root, weights_root=places.weights_root or places.data_root)
    split = [replace(job.recipe, data=replace(job.recipe.data, fold=None)) for job in jobs]
    tuned = {_key(one, "data") for one, job in zip(split, jobs, strict=True) if job.candidate is not None}
    for key in dict.fromkeys(_key(one, "data") for one in split):
        recipes = [one for one in split if _key(one, "data") == key]
        _check_rows(study, recipes, places, tuned=key in tuned)
    refuse_changed_rows(jobs, places)


def _key(recipe: Recipe, *sections: str) -> str:
    content = recipe.to_dict()
    return json.dumps([content[section] for section in sections])


def _check_rows(study: Study, recipes: list[Recipe], places: Places, *, tuned: bool) -> None:
    """Check the rows of every place for recipes of one `data`; with `tuned` those to choose by, too."""
    config = recipes[0].data
    parts = {fold: gather(replace(config, fold=fold), places.data_root) for fold in study.places}
    for fold, part in parts.items():
        if len(part.test) == 0:
            raise RecipeError(
                f"{place_of(fold)}: no row is for test, and a study compares what is said of test rows. Give "
                "the study folds, or data.split a share of test"
            )
        idle = dict.fromkeys(line for recipe in recipes for line in idle_on_rows(recipe, part.train))
        if idle:
            lines = [f"  {line}" for line in idle]
            raise RecipeError("\n".join([f"{place_of(fold)}: {len(lines)} term(s) cannot act", *lines]))
    choosing = study.places if study.select.folds == "each" else study.places[:1]
    for fold in choosing if tuned else ():
        if len(parts[fold].validation) == 0:
            raise RecipeError(
                f"{place_of(fold)}: no row is for validation, so no candidate can be chosen. Give data.split "
                "a share of validation, or mark a fixed validation part in the folds"
            )
    if tuned and study.select.folds == "first":
        _refuse_seen(study, parts)


def _refuse_seen(study: Study, parts: dict[Any, Parts]) -> None:
    """Refuse that the first fold chooses for all where its validation rows are test rows of any fold."""
    validation = set(parts[study.places[0]].validation.frame["path"])
    for fold, part in parts.items():
        if seen := len(validation.intersection(part.test.frame["path"])):
            raise RecipeError(
                f'select.folds = "first", but {seen:,} of the {len(validation):,} validation rows of '
                f"{place_of(study.places[0])} are test rows of {place_of(fold)}: the choice would have seen "
                'them. Set select.folds = "each", mark a fixed validation part in the folds, or leave '
                "this fold out"
            )
