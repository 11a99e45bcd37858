"""The jobs of a study: a run of an arm (or of one of its candidates), fold and seed, in its own folder.

    runs/plain/fold-0_seed-1/                   an arm without candidates
    runs/center/candidate-2/fold-0_seed-1/      its second candidate

The run of a candidate that is chosen is the arm's run for that fold and seed: nothing is trained twice.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isfinite, nan
from pathlib import Path
from typing import Any

from evocative.errors import RecipeError, reading
from evocative.recipe import Recipe
from evocative.study.load import arm_recipe
from evocative.study.settings import Study
from evocative.training.folder import changed_settings

BROKEN = "broken.txt"
"""Stands in the folder of a run whose training broke, and says how."""
Choice = Mapping[str, int]
"""Fold (as `Job.place` writes it) to the number of the chosen candidate, from 0."""


@dataclass(frozen=True)
class Job:
    """One run."""

    arm: str
    candidate: int | None
    """From 0; None for an arm without candidates."""
    fold: int | str | None
    seed: int
    recipe: Recipe
    folder: Path

    def __str__(self) -> str:
        candidate = "" if self.candidate is None else f" candidate {self.candidate + 1}"
        return f"{self.arm}{candidate} {self.place} seed {self.seed}"

    @property
    def place(self) -> str:
        """The fold in words."""
        return place_of(self.fold)

    @property
    def predictions(self) -> Path:
        """What the run says of its test rows."""
        return self.folder / "predictions.parquet"

    @property
    def done(self) -> bool:
        """Whether the run is finished; whether its recipe is still this one, `changed` says."""
        return self.predictions.is_file() and (self.folder / "validation.json").is_file()

    @property
    def through(self) -> bool:
        """Whether nothing more is to be had of a candidate's run: it is done, or its training broke."""
        return self.done or (self.folder / BROKEN).is_file()

    def changed(self) -> list[str]:
        """Name the settings in which the run in the folder, if there is one, is another."""
        path = self.folder / "recipe.json"
        return changed_settings(path, self.recipe) if path.exists() else []

    def validation(self, figure: str) -> float:
        """Return a figure of the run's validation rows; NaN where the run broke or the figure is not finite.

        Raises:
            RecipeError: The run has no such figure.
        """
        found = self._kept().get("figures")
        if found is None:
            return nan
        if figure not in found:
            raise RecipeError(
                f"{self}: select.figure = {figure!r}, but validation gives {sorted(found) or 'nothing'}: "
                "choose one of these, or give data.split a share of validation rows"
            )
        return nan if found[figure] is None else float(found[figure])

    def rows(self) -> dict[str, int]:
        """Return how many rows were for train, validation and test; nothing where the run does not say."""
        return {part: int(count or 0) for part, count in self._kept().get("rows", {}).items()}

    def _kept(self) -> dict[str, Any]:
        path = self.folder / "validation.json"
        if not path.is_file():
            return {}
        with reading(path, RecipeError, "remove the run's folder, and the study trains it anew"):
            kept = json.loads(path.read_text(encoding="utf-8"))
            return {
                section: _numbers(kept[section])
                for section in ("figures", "rows")
                if kept.get(section) is not None
            }


def _numbers(values: Any) -> dict[str, Any]:
    """Return named numbers, None where one is undefined; raise anything where they are none."""
    return {str(name): value if value is None else float(value) for name, value in values.items()}


def place_of(fold: int | str | None) -> str:
    """Return how folders and files call a fold.

    Example:
        >>> place_of(3), place_of("validation"), place_of(None)
        ('fold-3', 'fold-validation', 'split')
    """
    return "split" if fold is None else f"fold-{fold}"


def tuning_jobs(study: Study, output: Path) -> list[Job]:
    """Return the runs that candidates are compared by, of all arms, each with the selection's seed."""
    places = study.places if study.select.folds == "each" else study.places[:1]
    return [
        make_job(study, output, arm=name, candidate=candidate, fold=fold, seed=study.select.seed)
        for fold in places
        for name, arm in study.arms.items()
        for candidate in range(len(arm.choices))
    ]


def arm_jobs(study: Study, output: Path, choices: Mapping[str, Choice]) -> list[Job]:
    """Return the runs that the results rest on; an arm whose candidate is not chosen yet has none.

    Args:
        study: The settings.
        output: The study's folder.
        choices: The chosen candidates of each arm that has any.
    """
    return [
        make_job(study, output, arm=name, candidate=candidate, fold=fold, seed=seed)
        for seed in study.seeds
        for fold in study.places
        for name, arm in study.arms.items()
        if (candidate := choices.get(name, {}).get(place_of(fold))) is not None or not arm.choices
    ]


def make_job(study: Study, output: Path, *, arm: str, candidate: int | None, fold: Any, seed: int) -> Job:
    """Return one run with its recipe and folder."""
    recipe = arm_recipe(study, arm, candidate)
    recipe = replace(recipe, seed=seed, data=replace(recipe.data, fold=fold))
    folder = output / "runs" / arm
    folder = folder if candidate is None else folder / f"candidate-{candidate + 1}"
    return Job(arm, candidate, fold, seed, recipe, folder / f"{place_of(fold)}_seed-{seed}")


def choose(study: Study, jobs: list[Job]) -> dict[str, Choice]:
    """Choose each arm's best candidate on validation rows, for each fold; of equal ones the first.

    A candidate without a finite figure (its training broke) is never chosen.

    Args:
        study: The settings.
        jobs: `tuning_jobs`, of the arms that are through with theirs.

    Raises:
        RecipeError: A run lacks the figure, or no candidate of an arm has a finite one.
    """
    found: dict[str, Choice] = {}
    for arm in dict.fromkeys(job.arm for job in jobs):
        by_place = {
            place: _best(study, [job for job in jobs if job.arm == arm and job.place == place])
            for place in dict.fromkeys(job.place for job in jobs)
        }
        if study.select.folds == "first":
            (best,) = by_place.values()
            by_place = {place_of(fold): best for fold in study.places}
        found[arm] = by_place
    return found


def _best(study: Study, jobs: list[Job]) -> int:
    """Return the number of the best of some candidates."""
    figure = study.select.figure
    values = {job.candidate: job.validation(figure) for job in jobs if job.candidate is not None}
    finite = {number: value for number, value in values.items() if isfinite(value)}
    if not finite:
        raise RecipeError(
            f"{jobs[0].arm}, {jobs[0].place}: the training of every candidate broke; see job.log"
        )
    return (min if figure == "loss" else max)(finite, key=lambda number: finite[number])


def refuse_changed(jobs: list[Job]) -> None:
    """Refuse folders that hold runs of other recipes, all at once.

    Raises:
        RecipeError: There are such folders.
    """
    lines = list(_changed(jobs))
    if lines:
        shown = [*lines[:5], *([f"  and {len(lines) - 5} more"] if len(lines) > 5 else [])]
        raise RecipeError(
            "\n".join(
                [
                    f"{len(lines)} folder(s) hold runs of another recipe. Take another --output, remove "
                    "them, or give the study its former settings:",
                    *shown,
                ]
            )
        )


def _changed(jobs: list[Job]) -> Iterator[str]:
    for job in jobs:
        if names := job.changed():
            yield f"  {job.folder}: {', '.join(names)}"
