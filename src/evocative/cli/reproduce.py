"""`evocative reproduce`: the papers' tables, published and ours side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evocative.cli import beforehand
from evocative.cli.options import Accelerator, Bootstrap, Jobs, Threads
from evocative.errors import RecipeError

if TYPE_CHECKING:
    from evocative.reproduce.plan import Wish
    from evocative.reproduce.result import Reproduced

ENDINGS = {"text": "txt", "csv": "csv", "markdown": "md"}


def reproduce(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="TABLE...", help="Names of tables (see --list), or files of yours."),
    ] = None,
    *,
    listing: Annotated[
        bool, typer.Option("--list", help="Say which tables can run on the data found.")
    ] = False,
    data_root: Annotated[
        Path,
        typer.Option(
            callback=beforehand.input_path,
            help="Folder that holds each data set by its name, as fi8/ or fi8.csv.",
        ),
    ] = Path(),
    weights_root: Annotated[
        Path | None,
        typer.Option(
            callback=beforehand.input_path,
            help="Folder that files of weights are relative to; else the data's.",
        ),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            callback=beforehand.output_folder,
            help="Folder of all runs and tables; what is there is used.",
        ),
    ] = Path("reproduced"),
    quick: Annotated[
        bool, typer.Option("--quick", help="A fraction of rows and epochs, small images: shows that it runs.")
    ] = False,
    backbone: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=FILE]",
            help="Another network in every row; or settings, as tf_efficientnet_b0.features.",
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of every recipe; repeatable."),
    ] = None,
    runs: Annotated[int | None, typer.Option(min=1, help="Runs of each row; else as published.")] = None,
    shown: Annotated[str, typer.Option("--format", help="text, csv or markdown.")] = "text",
    jobs: Jobs = 1,
    threads: Threads = None,
    accelerator: Accelerator = "auto",
    report_only: Annotated[
        bool, typer.Option("--report-only", help="Train nothing; print what is there.")
    ] = False,
    bootstrap: Bootstrap = 1000,
) -> None:
    """Train the networks of published tables, and print paper, ours and difference.

    What is trained is not trained again; interrupted, the same command goes on. A table whose data are there
    in part runs that part.

    Exit status: 0 all well, 1 some runs failed or are missing, 2 nothing could be done as it was asked for.
    """
    if listing:
        _list(data_root)
        return
    from evocative.reproduce.parse import load_table

    if shown not in ENDINGS:
        raise RecipeError(f"--format {shown}: expected one of {', '.join(ENDINGS)}")
    if not names:
        raise RecipeError("name a table, as  evocative reproduce 5.6; --list shows all of them")
    tables = [load_table(name) for name in names]

    from evocative.reproduce.run import Computing
    from evocative.reproduce.run import reproduce as run
    from evocative.study.work import Places

    places = Places(data_root, weights_root, None, accelerator)
    computing = Computing(jobs, threads, report_only, bootstrap)
    complete = True
    for table in tables:
        for wish in _wishes(backbone, assignments, quick=quick, runs=runs):
            done = run(table, wish, places, output, computing=computing)
            _keep(done, output, shown)
            complete = complete and done.complete
    if not complete:
        raise typer.Exit(1)


def _wishes(
    backbones: list[str] | None, assignments: list[str] | None, *, quick: bool, runs: int | None
) -> "list[Wish]":
    from evocative.recipe.override import split_assignment
    from evocative.reproduce.backbones import find_backbone
    from evocative.reproduce.plan import Wish

    settings = tuple(split_assignment(text) for text in assignments or [])
    chosen = [find_backbone(name) for name in backbones] if backbones else [None]
    return [Wish(quick, one, settings, runs) for one in chosen]


def _keep(done: "Reproduced", output: Path, shown: str) -> None:
    """Write the table in every format, and print it in one."""
    from evocative.data.atomic import replacing
    from evocative.reproduce.render import FORMATS

    for name, write in FORMATS.items():
        with replacing(output / "tables" / f"{done.stem}.{ENDINGS[name]}") as file:
            file.write_text(write(done).rstrip("\n") + "\n", encoding="utf-8")
    typer.echo(FORMATS[shown](done).rstrip("\n"))
    if shown != "csv":
        typer.echo("")


def _list(data_root: Path) -> None:
    from evocative.reproduce.listing import as_lines, list_tables

    for line in as_lines(*list_tables(data_root)):
        typer.echo(line)
