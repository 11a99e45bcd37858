"""`evocative compare-pictures`: ways of making pictures, held against each other and against real images."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evocative.cli import beforehand
from evocative.cli.options import Device, Images
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.data.table import Table
    from evocative.explore.judge import Judge

FILE = "index.html"


def compare_pictures(
    tables: Annotated[
        list[Path],
        typer.Argument(
            metavar="TABLE...",
            callback=beforehand.input_paths,
            help="Tables of made pictures, or the folders that hold them.",
        ),
    ],
    *,
    model: Annotated[
        list[str] | None,
        typer.Option(
            callback=beforehand.models,
            help="Who judges: a model's folder, hf-hub:org/name or 'embedded'; NAME=MODEL names it as the "
            "tables' column model does. Repeat it to see what transfers.",
        ),
    ] = None,
    real: Annotated[
        Path | None,
        typer.Option(
            callback=beforehand.input_path, help="Table of real images with labels, which no maker was shown."
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Part of the real images: train, validation, test.")
    ] = None,
    training: Annotated[
        Path | None,
        typer.Option(
            callback=beforehand.input_path, help="Table of what generators were shown, to tell copies."
        ),
    ] = None,
    images: Images = None,
    limit: Annotated[int | None, typer.Option(min=2, help="Pictures of each way at most.")] = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", callback=beforehand.output_folder, help="Folder of the page and figures."
        ),
    ] = Path("compared"),
    style: Annotated[bool, typer.Option(help="Measure style beside real images.")] = True,
    cache: Annotated[Path | None, typer.Option(help="Folder that keeps the style of images.")] = None,
    bootstrap: Annotated[int, typer.Option(min=1, help="Draws for intervals.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of views and draws.")] = 0,
    device: Device = "auto",
) -> None:
    """Say how well pictures hit what was asked for, what survives, transfers, differs, and looks like life.

    Writes index.html, comparison.json and pictures.csv. Exit status: 0 all well, 1 some pictures could not be
    read, 2 nothing could be done as it was asked for.
    """
    from evocative.explore.achieved import Draws
    from evocative.explore.comparison import Asked, check_output, write_comparison
    from evocative.explore.comparison import compare_pictures as compare
    from evocative.explore.comparison_text import tables as told
    from evocative.explore.looked import thinned, ways_of
    from evocative.explore.made import read_made
    from evocative.report.pictures_compared import write_compared_page

    check_output(output)
    if real is None and split is not None:
        raise DataError("--split is of the real images: give them with --real, or leave it out")
    held_out = None if real is None else _part(real, images, split)
    ways = ways_of([read_made(path) for path in tables], real=held_out, limit=limit)
    shown = None if training is None else thinned(_part(training, images, None), limit)
    judges = _judges(model or ["embedded"], device)
    asked = Asked(style=style, store=cache, draws=Draws(bootstrap, seed=seed), seed=seed)
    found = compare(ways, judges, training=shown, asked=asked, watch=_watch)
    write_comparison(found, output)
    page = write_compared_page(found, ways, output / FILE, seed=seed)
    for heading, table in told(found).items():
        typer.echo(f"{heading}\n\n{table}")
    typer.echo(f"page: {page}")
    for path, error in found.errors:
        typer.echo(f"left out: {path}: {error}", err=True)
    if found.errors:
        raise typer.Exit(1)


def _part(path: Path, images: Path | None, split: str | None) -> "Table":
    from evocative.cli.evaluate import read_data

    table = read_data(path, images)
    return table if split is None else table.select(split)


def _judges(models: Sequence[str], device: str) -> list["Judge"]:
    """Load models, each under the name before `=`, or its own.

    Raises:
        DataError: Two have one name.
    """
    from evocative.explore.judge import load_judge

    found = []
    for text in models:
        name, sign, source = text.partition("=")
        source = source if sign else text
        judge = load_judge(None if source == "embedded" else source, device=device)
        judge.name = name if sign else judge.name
        found.append(judge)
    names = [judge.name for judge in found]
    if len(set(names)) < len(names):
        raise DataError(f"--model: two models are called alike ({', '.join(names)}); name them NAME=MODEL")
    return found


def _watch(items: Iterable[Any]) -> Iterator[Any]:
    from evocative.cli.progress import watched

    return watched(items, total=len(items) if isinstance(items, range) else None, noun="batches")
