"""`evocative explain`: what in a picture an answer rests on."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Method(StrEnum):
    """What is explained."""

    style = "style"


class Correlation(StrEnum):
    """How features and ratings are correlated."""

    spearman = "spearman"
    pearson = "pearson"


class Format(StrEnum):
    """How features are written."""

    table = "table"
    json = "json"
    csv = "csv"
    parquet = "parquet"


def explain(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Images and folders; or one table (.csv, .parquet)."),
    ],
    *,
    method: Annotated[
        Method, typer.Option(help="style: colour, harmony, composition and texture as numbers.")
    ],
    format: Annotated[
        Format | None, typer.Option(help="style: else as the ending of --output says, and a table.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="style: the features' file; else stdout.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="style: folder that keeps what was measured, by the images' content.")
    ] = None,
    correlations: Annotated[
        Path | None,
        typer.Option(help="style: folder for correlations with what people said, as table and pictures."),
    ] = None,
    correlation: Annotated[Correlation, typer.Option(help="style: which.")] = Correlation.spearman,
    bootstrap: Annotated[int, typer.Option(min=1, help="style: draws for intervals.")] = 1000,
    svm: Annotated[
        Path | None,
        typer.Option(help="style: train an SVM on the features and write its predictions here."),
    ] = None,
    folds: Annotated[
        Path | None,
        typer.Option(help="style: file of folds for --svm; else the table's splits, else five folds."),
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder that the table's paths are relative to, if it is another one.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads; else one a core, up to 8.")] = None,
) -> None:
    """Explain pictures: which style they have, and what of it goes with emotions.

    Exit status: 0 all well, 1 some images failed, 2 nothing could be done as it was asked for.
    """
    from evocative.cli.explain_style import Asked, explain_style

    asked = Asked(
        format=None if format is None else format.value, output=output, cache=cache,
        correlations=correlations, kind=correlation.value, bootstrap=bootstrap, svm=svm, folds=folds,
        workers=workers,
    )  # fmt: skip
    if explain_style(paths, images, asked):
        raise typer.Exit(1)
