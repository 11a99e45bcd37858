"""Run what a study lacks: candidates first, then every arm, fold and seed."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

from evocative.data.alone import alone
from evocative.data.atomic import replacing
from evocative.errors import RecipeError
from evocative.study.check import check
from evocative.study.crew import crew
from evocative.study.jobs import Choice, Job, arm_jobs, choose, refuse_changed, tuning_jobs
from evocative.study.measured import is_measured
from evocative.study.progress import StudyProgress
from evocative.study.rows import refuse_changed_rows, refuse_unlike_rows
from evocative.study.settings import Study
from evocative.study.work import LOG, Outcome, Places

SELECTION = "selection.json"
FEATURES = "features"
"""Keeps frozen features where no cache is given."""


@dataclass(frozen=True)
class Ran:
    """What a study has."""

    jobs: list[Job]
    """Those that the results rest on, finished or not."""
    choices: dict[str, Choice]
    """The chosen candidates of each arm that has any and is through with them."""
    failures: list[str]
    """What failed or is missing, a line each."""


def run_study(
    study: Study, places: Places, output: Path, *, workers: int = 1, threads: int | None = None
) -> Ran:
    """Run every job that is not finished yet, and go on with those that were interrupted.

    Args:
        study: The settings.
        places: Where data and weights are; without a cache, features are kept in the study's folder.
        output: The study's folder.
        workers: Processes; with one, jobs run in this process.
        threads: Of each process; None: the machine's cores shared among several processes, and torch's own
            choice for one.

    Raises:
        RecipeError: As `evocative.study.check.check` says, before any work; or a folder's run was given other
            rows or weights.
        DataError: A table has mistakes, or another process is at work in the folder.
    """
    tuning = tuning_jobs(study, output)
    check(study, [*tuning, *arm_jobs(study, output, {})], places)
    places = replace(places, cache=places.cache or output / FEATURES)
    failures: list[str] = []
    with alone(output), crew(workers, threads, places, keep_models=study.keep_models) as do:
        failures += _carry_out(
            [job for job in tuning if not job.through], partial(do, measured=False), "candidates",
            workers=workers,
        )  # fmt: skip
        ran = found(study, output)
        refuse_changed_rows((job for job in ran.jobs if job.candidate is not None), places)
        missing = [job for job in ran.jobs if not (job.done and is_measured(job))]
        failures += _carry_out(missing, partial(do, measured=True), "runs", workers=workers)
    return Ran(ran.jobs, ran.choices, [*failures, *ran.failures])


def found(study: Study, output: Path) -> Ran:
    """Choose candidates where all of an arm are through, and return what a study has; nothing is run.

    What was chosen, and why, is kept as selection.json.

    Raises:
        RecipeError: A folder holds a run of another recipe, or runs of one fold were given different rows.
    """
    tuning = tuning_jobs(study, output)
    refuse_changed(tuning)
    choices: dict[str, Choice] = {}
    failures = []
    for arm in dict.fromkeys(job.arm for job in tuning):
        mine = [job for job in tuning if job.arm == arm]
        missing = sum(not job.through for job in mine)
        if missing:
            failures.append(f"{arm}: nothing is chosen, since {missing} run(s) of its candidates are missing")
            continue
        try:
            choices |= choose(study, mine)
        except RecipeError as error:
            failures.append(str(error))
    if tuning:
        _write_selection(study, output, tuning, choices)
    jobs = arm_jobs(study, output, choices)
    refuse_changed(jobs)
    refuse_unlike_rows([*tuning, *jobs])
    return Ran(jobs, choices, failures)


def _carry_out(
    jobs: list[Job], do: Callable[[list[Job]], Iterator[Outcome]], noun: str, *, workers: int
) -> list[str]:
    """Do jobs, tell of each, and return a line each that failed."""
    failures = []
    with StudyProgress(noun, total=len(jobs)) as progress:
        progress.begin(workers=workers)
        for outcome in do(jobs):
            progress.tell(outcome)
            if outcome.error is not None:
                failures.append(f"{outcome.job}: {outcome.error} ({outcome.job.folder / LOG})")
    return failures


def _write_selection(study: Study, output: Path, tuning: list[Job], choices: dict[str, Choice]) -> None:
    """Keep every candidate's settings and figures, and which was chosen."""
    content: dict[str, Any] = {}
    for name, arm in study.arms.items():
        candidates = [
            {
                "set": settings,
                study.select.figure: {
                    job.place: _figure(job, study.select.figure)
                    for job in tuning
                    if job.arm == name and job.candidate == number and job.through
                },
            }
            for number, settings in enumerate(arm.choices)
        ]
        if candidates:
            numbers = {place: number + 1 for place, number in choices.get(name, {}).items()}
            content[name] = {"chosen": numbers, "candidates": candidates}
    with replacing(output / SELECTION) as file:
        file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _figure(job: Job, figure: str) -> float | None:
    try:
        value = job.validation(figure)
    except RecipeError:
        return None
    return value if isfinite(value) else None
