"""`evocative study`: arms × folds × seeds of one recipe, resumable, compared in one table."""

from pathlib import Path
from typing import Annotated

import typer

from evocative.cli import beforehand
from evocative.cli.loudness import note
from evocative.cli.options import Accelerator, Bootstrap, DataRoot, Jobs, Threads, WeightsRoot


def study(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", callback=beforehand.input_path, help="A study: TOML, see docs/studies.md."
        ),
    ],
    *,
    data_root: DataRoot = Path(),
    weights_root: WeightsRoot = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            callback=beforehand.output_folder,
            help="The study's folder; studies/NAME where it is not given.",
        ),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder that keeps frozen features for all runs; else features in the study's."),
    ] = None,
    jobs: Jobs = 1,
    threads: Threads = None,
    accelerator: Accelerator = "auto",
    report_only: Annotated[
        bool, typer.Option("--report-only", help="Train nothing; compare the runs that are finished.")
    ] = False,
    bootstrap: Bootstrap = 1000,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Draw the embedding of one run of each arm.")
    ] = False,
) -> None:
    """Train every arm on every fold and seed, and compare the arms with the reference.

    Interrupted or killed, the same command goes on: finished runs stay, others resume. One failing run does
    not end the study.

    Exit status: 0 all well, 1 some runs failed or are missing, 2 nothing could be done as it was asked for.
    """
    from evocative.study.load import arm_recipe, load_study, notes
    from evocative.training.files import check_files

    plan = load_study(file)

    folder = output or Path("studies") / plan.name
    runs = len(plan.arms) * len(plan.places) * len(plan.seeds)
    note(
        f"{plan.name}: {len(plan.arms)} arms, {runs} runs in {folder}; "
        + ("reading what is finished" if report_only else "checking names, files and rows")
    )  # before torch is loaded, which takes its time
    for told in notes(plan):
        note(told)
    for name, arm in plan.arms.items() if not report_only else ():
        for candidate in range(len(arm.choices)) or (None,):
            recipe = arm_recipe(plan, name, candidate)
            check_files(recipe, data_root=data_root, weights_root=weights_root or data_root)

    from evocative.study.run import found, run_study
    from evocative.study.work import Places

    places = Places(data_root, weights_root, cache, accelerator)
    ran = (
        found(plan, folder) if report_only else run_study(plan, places, folder, workers=jobs, threads=threads)
    )
    for failure in ran.failures:
        typer.echo(failure, err=True)
    done = [job for job in ran.jobs if job.done]
    typer.echo(f"{len(done)} of {len(ran.jobs)} runs are finished: {folder}")
    if any(job.arm == plan.reference for job in done):
        from evocative.study.report import report_study

        report_study(plan, ran, folder, resamples=bootstrap, pictures=pictures)
        typer.echo((folder / "results.md").read_text(encoding="utf-8"))
    if ran.failures or len(done) < len(ran.jobs):
        raise typer.Exit(1)
