"""`evocative evaluate`: from a model, or from its predictions, to a report."""

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evocative.cli import beforehand
from evocative.cli.beforehand import EMBEDDED
from evocative.cli.loudness import quiet
from evocative.cli.options import BatchSize, Data, Device, Flip, Images, MapLabels, Precision, Workers
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.data.table import Table
    from evocative.evaluate.alignment import Aligned
    from evocative.evaluate.report import Report

ALL = "all"


@dataclass(frozen=True)
class Computing:
    """How a model predicts; see `Predictor`."""

    batch_size: int = 32
    workers: int | None = None
    precision: str = "auto"
    device: str = "auto"
    flip: bool = False


def _source(source: str) -> str:
    """Refuse what is neither predictions nor a model."""
    if is_predictions(source):
        beforehand.input_path(Path(source))
    else:
        beforehand.model(source)
    return source


def evaluate(
    source: Annotated[
        str,
        typer.Argument(
            metavar="MODEL|PREDICTIONS",
            callback=_source,
            help="A model's folder, hf-hub:org/name or 'embedded'; or predictions (.parquet, .csv).",
        ),
    ],
    *,
    data: Data = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", callback=beforehand.output_folder, help="Folder of the report.")
    ] = Path("evaluation"),
    split: Annotated[
        str | None,
        typer.Option(
            help="train, validation, test or all; else test where the data have it, and all otherwise."
        ),
    ] = None,
    bootstrap: Annotated[int, typer.Option(min=0, help="Draws for intervals; 0 for none.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of clusters, draws and pictures.")] = 0,
    map_labels: MapLabels = False,
    model: Annotated[
        str | None,
        typer.Option(
            callback=beforehand.given_model,
            help="With PREDICTIONS: the model that made them, for its class centres.",
        ),
    ] = None,
    images: Images = None,
    batch_size: BatchSize = 32,
    workers: Workers = None,
    precision: Precision = "auto",
    device: Device = "auto",
    flip: Flip = False,
) -> None:
    """Measure how well images are recognised, and write figures, pictures and a page about it.

    A model predicts first, and its predictions are kept in the output folder. Labels, groups and targets come
    from --data; predictions that carry them need none.

    Exit status: 0 all well, 1 some images failed, 2 nothing could be done as it was asked for.
    """
    table = None if data is None else read_data(data, images)
    if is_predictions(source):
        aligned = from_file(Path(source), table, split=split, mapped=map_labels)
        maker = model
    else:
        if table is None or model is not None:
            raise DataError(
                f"{source}: a model needs --data (a table or a folder of images), and no --model beside it"
            )
        computing = Computing(batch_size, workers, precision, device, flip)
        aligned = from_model(source, table, output, split=split, mapped=map_labels, computing=computing)
        maker = source
    report = _measured(aligned, output, bootstrap=bootstrap, seed=seed, model=maker)
    if report.counts.errors:
        typer.echo(f"{report.counts.errors} of {report.counts.rows} images have no answer", err=True)
        raise typer.Exit(1)


def report_on(
    predictions: Path, folder: Path, *, bootstrap: int, seed: int, model: str | Path | None = None
) -> "Report":
    """Measure a file of predictions with their labels, write the report into a folder and print its summary.

    Args:
        predictions: A file with labels, targets, or both.
        folder: Where report.json, the pictures and report.html go.
        bootstrap: Draws for intervals.
        seed: Of clusters, draws and pictures.
        model: The model that made the predictions, for its class centres.
    """
    aligned = from_file(predictions, None, split=ALL, mapped=False)
    return _measured(aligned, folder, bootstrap=bootstrap, seed=seed, model=model)


def read_data(path: Path, images: Path | None) -> "Table":
    """Read a table, or a folder with a folder an emotion."""
    from evocative.data.table import read_table
    from evocative.datasets.folder import load

    if not path.exists():
        raise DataError(f"--data {path}: there is no such file or folder")
    if not path.is_dir():
        return read_table(path, root=images)
    if images is not None:
        raise DataError(f"--images goes with a table; {path} is a folder, which holds its images")
    return load(path).table


def is_predictions(source: str) -> bool:
    """Tell predictions from a model by the ending of their name."""
    from evocative.inference.predictions import SUFFIXES

    return Path(source).suffix.lower() in SUFFIXES and not Path(source).is_dir()


def from_file(path: Path, table: "Table | None", *, split: str | None, mapped: bool) -> "Aligned":
    """Read predictions and, where there is a table, take labels, groups and targets from it."""
    from evocative.evaluate.alignment import Aligned, align
    from evocative.inference.predictions import read_predictions

    predictions = read_predictions(path)
    if table is not None:
        return align(predictions, table, split=_chosen(split, table.splits), mapped=mapped)
    there = set() if "split" not in predictions.frame else set(predictions.frame["split"].dropna())
    chosen = _chosen(split, there)
    return Aligned(predictions if chosen is None else predictions.select(chosen), split=chosen)


def from_model(
    source: str, table: "Table", output: Path, *, split: str | None, mapped: bool, computing: Computing
) -> "Aligned":
    """Let a model predict the rows of a table, and keep the predictions beside the report."""
    from evocative.cli.progress import watched
    from evocative.data.table import Table
    from evocative.evaluate.alignment import align, plan
    from evocative.inference.predictions import write_predictions

    chosen = _chosen(split, table.splits)
    rows = table if chosen is None else table.select(chosen)
    if not any(path.exists() for path in rows.paths):
        raise DataError(
            f"{table.name}: none of its {len(rows)} images is there"
            + "".join(f", as {path}" for path in rows.paths[:1])
            + "; name the folder that holds them by --images"
        )

    from evocative.inference.predictor import load

    predictor = load(None if source == EMBEDDED else source, **vars(computing))
    plan(predictor.taxonomy, rows, mapped=mapped)  # refuses labels before the work, not after
    bare = Table(rows.frame[["path"]], root=rows.root, name=rows.name)
    predictions = predictor.predict_table(bare, watch=partial(watched, total=len(rows)))
    aligned = align(predictions, table, split=chosen, mapped=mapped)
    kept = predictions if aligned.mapping else aligned.predictions
    write_predictions(kept, output / "predictions.parquet")
    return aligned


def _chosen(split: str | None, there: "Collection[str]") -> str | None:
    """Return the split to measure: what was asked for, else test where there is one; None is everything."""
    if split is None:
        return "test" if "test" in there else None
    return None if split == ALL else split


def _measured(
    aligned: "Aligned", folder: Path, *, bootstrap: int, seed: int, model: str | Path | None
) -> "Report":
    """Measure, draw, write the page, and print what came out."""
    from evocative.cli.summary import print_summary
    from evocative.evaluate.centers import learned_centers
    from evocative.evaluate.suite import evaluate as measure
    from evocative.evaluate.write import write_report
    from evocative.models.place import locate
    from evocative.report.html import write_page

    place = locate(None) if model == EMBEDDED else model
    centers = None if place is None else learned_centers(place)
    with _working("measuring"):
        report = measure(aligned, seed=seed, bootstrap=bootstrap)
    with _working("drawing"):
        report = write_report(report, aligned.predictions, folder, centers=centers)
        page = write_page(folder)
    print_summary(report)
    typer.echo(f"report: {page}")
    return report


@contextmanager
def _working(doing: str) -> Iterator[None]:
    """Say on stderr what is being done, where that is a terminal."""
    if quiet() or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(doing):
        yield
