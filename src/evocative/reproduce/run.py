"""Train what a table lacks, let its networks answer for other data sets, and measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from evocative.errors import DataError, EvocativeError
from evocative.evaluate.rows import Draws
from evocative.reproduce.datasets import Found, find_datasets
from evocative.reproduce.elsewhere import Elsewhere
from evocative.reproduce.gaze import Gaze, find_gaze, lacking
from evocative.reproduce.measured import CROSS, figure_name, measure
from evocative.reproduce.plan import Planned, Wish, plan_all, studies
from evocative.reproduce.published import PublishedTable
from evocative.reproduce.result import Cell, Reproduced, Reproduction
from evocative.study.check import check
from evocative.study.jobs import Job, arm_jobs
from evocative.study.run import found as found_runs
from evocative.study.run import run_study
from evocative.study.settings import Study
from evocative.study.work import Places

FEATURES = "features"
"""Keeps frozen features where no cache is given."""


@dataclass(frozen=True)
class Computing:
    """How a table is computed."""

    workers: int = 1
    threads: int | None = None
    report_only: bool = False
    """Train nothing; take what is there."""
    bootstrap: int = 1000
    """Draws for intervals."""
    gaze: Gaze | None = None
    """What maps are held against; found below the data root where a table wants it."""


@dataclass
class _Gathered:
    """What is there after training."""

    jobs: dict[tuple[str, str], dict[Path, Job]] = field(default_factory=dict)
    """Runs by their folder, by data set and arm."""
    failures: list[str] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    """Why rows are not there, by name."""


def reproduce(
    table: PublishedTable, wish: Wish, places: Places, output: Path, *, computing: Computing | None = None
) -> Reproduced:
    """Run the part of a table whose data are there, and go on with what was interrupted.

    Args:
        table: As published.
        wish: What is asked for beyond it.
        places: Where data and weights are.
        output: A folder that all tables share: what one has trained, another one uses.
        computing: Processes, threads, draws.

    Raises:
        DataError: Not one row's data are there; the message says how to obtain them.
        RecipeError: Not one row can run as it is asked for.
    """
    computing = computing or Computing()
    found = find_datasets(table.datasets, places.data_root)
    planned, why = plan_all(table, found, wish)
    place, without = find_gaze(table, places.data_root), lacking(table, places.data_root)
    gaze = None
    if place is not None:
        gaze = Gaze(place, places, tuple(table.columns), bootstrap=computing.bootstrap, quick=wish.quick)
    why |= {one.row.name: reason for one in planned for reason in without}
    if not planned or without:
        raise DataError(_nothing(table, found, why))
    gathered = _train(planned, places, output, computing)
    elsewhere = Elsewhere(found, places, quick=wish.quick)
    rows = [_row(one, gathered, elsewhere, table, replace(computing, gaze=gaze)) for one in planned]
    beside = [] if gaze is None else gaze.baselines(table.columns)
    return Reproduced(
        table=table,
        wish=wish,
        rows=(*(row for row in rows if row is not None), *beside),
        missing=why | gathered.why,
        found=found,
        failures=tuple(gathered.failures),
        planned=len(planned),
    )


def _train(planned: Sequence[Planned], places: Places, output: Path, computing: Computing) -> _Gathered:
    """Check every study before any work, and run those that can; others leave their rows out."""
    gathered, ready = _Gathered(), []
    refused: EvocativeError | None = None
    for data, study in studies(planned):
        try:
            if not computing.report_only:
                check(study, arm_jobs(study, output / data, {}), places)
            ready.append(study)
        except EvocativeError as error:
            refused = error
            names = [one.row.name for one in planned if one.data == data and one.arm in study.arms]
            gathered.why |= dict.fromkeys(names, str(error))
    if refused is not None and not ready:
        raise refused
    for study in ready:
        _run(study, places, output / study.name, computing, gathered)
    return gathered


def _run(study: Study, places: Places, folder: Path, computing: Computing, gathered: _Gathered) -> None:
    places = replace(places, cache=places.cache or folder / FEATURES)
    if computing.report_only:
        ran = found_runs(study, folder)
    else:
        ran = run_study(study, places, folder, workers=computing.workers, threads=computing.threads)
    gathered.failures += ran.failures
    for job in ran.jobs:
        gathered.jobs.setdefault((study.name, job.arm), {})[job.folder] = job
        if job.done:  # the model stays, to be tested on other data; checkpoints have served
            for checkpoint in job.folder.glob("*.ckpt"):
                checkpoint.unlink()


def _row(
    one: Planned, gathered: _Gathered, elsewhere: Elsewhere, table: PublishedTable, computing: Computing
) -> Reproduction | None:
    """Measure a row's finished runs; None where there is none."""
    jobs = [job for job in gathered.jobs.get((one.data, one.arm), {}).values() if job.done]
    jobs = sorted(jobs, key=lambda job: job.seed)[: one.runs]
    if not jobs:
        reason = "not trained" if computing.report_only else "its training failed"
        gathered.why.setdefault(one.row.name, reason)
        return None
    try:
        labelled = any(column not in CROSS for column in table.columns)
        cells = _cells(one, jobs, elsewhere, computing, labelled=labelled)
    except EvocativeError as error:
        gathered.failures.append(f"{one.row.name}: {error}")
        return None
    validation = [job.validation("accuracy") for job in jobs if job.rows().get("validation")]
    named = {column: figure_name(column, one.row) for column in table.columns}
    return Reproduction(
        row=one.row,
        cells={column: cells[name] for column, name in named.items() if name in cells},
        validation=sum(validation) / len(validation) if validation else None,
        rows=jobs[0].rows(),
        runs=len(jobs),
        wanted=one.runs,
    )


def _cells(
    one: Planned, jobs: Sequence[Job], elsewhere: Elsewhere, computing: Computing, *, labelled: bool
) -> dict[str, Cell]:
    """Return every figure of some runs, or those that need no labels of another data set.

    Raises:
        EvocativeError: The labels of another data set cannot be compared, or a network is gone.
    """
    draws = Draws(resamples=computing.bootstrap)
    if computing.gaze is not None:
        runs = [computing.gaze.figures(job) for job in jobs]
    elif one.row.test:
        tested = elsewhere.rows(one.row) if labelled else None
        runs = [measure(elsewhere.predict(job, one.row), tested=tested, draws=draws) for job in jobs]
    else:
        runs = [measure(job.predictions, draws=draws) for job in jobs]
    names = dict.fromkeys(name for run in runs for name in run)
    return {name: Cell.of([run[name] for run in runs if name in run]) for name in names}


def _nothing(table: PublishedTable, found: Mapping[str, Found], why: Mapping[str, str]) -> str:
    """Say why not one row can run, and how to obtain what is missing."""
    lines = [f"table {table.name}: no row can run"]
    lines += [f"  {reason}" for reason in dict.fromkeys(why.values())]
    lines += [f"  how to obtain {one.obtain}" for one in found.values() if one.source is None]
    return "\n".join(lines)
