"""`evocative atlas-compare` and `atlas-page`: several atlases beside each other, and the page of one."""

from pathlib import Path
from typing import Annotated

import typer

from evocative.cli import beforehand


def atlas_compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...", help="Folders of `evocative atlas`; NAME=RUN names the arm that a run is of."
        ),
    ],
    *,
    at: Annotated[
        int | None, typer.Option(min=1, help="To compare at, in evaluations; else what all have reached.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="The arm to compare others with; else the random one, if there is one.")
    ] = None,
    level: Annotated[float, typer.Option(help="Of the intervals.")] = 0.95,
    style: Annotated[str, typer.Option("--format", help="text, markdown or json, on stdout.")] = "text",
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output", "-o", callback=beforehand.output_files,
            help="Also write curves (.png, .pdf, .svg) or the table (.txt, .md, .json); repeatable.",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Compare atlases at as many evaluations: coverage, QD score and best fitness, mean ± SD over seeds.

    Runs whose settings differ only in the seed are one arm:

    evocative atlas-compare atlas/random-* atlas/mutation-* -o curves.png
    """
    from evocative.explore.atlas_comparison import compare_atlases
    from evocative.explore.atlas_folder import read_atlas
    from evocative.explore.atlas_tables import render, write_comparison

    folders, names = zip(*map(_named, runs), strict=True)
    compared = compare_atlases(
        [read_atlas(folder) for folder in folders],
        names=_names(names), at=at, against=against, level=level,
    )  # fmt: skip
    told = render(compared, style)
    for path in output or []:
        write_comparison(compared, path)
    typer.echo(told, nl=False)


def atlas_page(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...", callback=beforehand.input_paths, help="Folders of `evocative atlas`."
        ),
    ],
    *,
    per_label: Annotated[int, typer.Option(min=1, help="Pictures of each emotion that are shown large.")] = 6,
) -> None:
    """Write an atlas's page anew: mosaic.png, curves.png and index.html in its folder."""
    from evocative.report.atlas import write_atlas_page

    for folder in folders:
        typer.echo(f"wrote {write_atlas_page(folder, per_label=per_label)}")


def _named(run: str) -> tuple[str, str | None]:
    """Split NAME=RUN; a folder that is called so is meant as it is."""
    name, sign, folder = run.partition("=")
    return (folder, name) if sign and name and not Path(run).exists() else (run, None)


def _names(names: tuple[str | None, ...]) -> list[str] | None:
    """Return a name a run, or None where no run is named.

    Raises:
        DataError: Some are named and some are not.
    """
    from evocative.errors import DataError

    given = [name for name in names if name is not None]
    if given and len(given) < len(names):
        raise DataError("name every run as NAME=RUN, or none: found both")
    return given or None
