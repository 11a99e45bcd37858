"""`evocative evaluate`: from a model, or from its predictions, to a report."""

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
    from evocative.inference.predictor import Predictor

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
    unseen: Annotated[
        bool, typer.Option("--unseen", help="Leave out images that the model was trained on.")
    ] = False,
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
        aligned = from_file(Path(source), table, split=split, mapped=map_labels, model=model)
        maker = model
    else:
        if table is None or model is not None:
            raise DataError(
                f"{source}: a model needs --data (a table or a folder of images), and no --model beside it"
            )
        computing = Computing(batch_size, workers, precision, device, flip)
        aligned = from_model(source, table, output, split=split, mapped=map_labels, computing=computing)
        maker = source
    report = _measured(aligned, output, bootstrap=bootstrap, seed=seed, model=maker, unseen=unseen)
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


def from_file(
    path: Path, table: "Table | None", *, split: str | None, mapped: bool, model: str | None = None
) -> "Aligned":
    """Read predictions and, where there is a table, take labels, groups and targets from it.

    Whether the model has learnt from an image is as the file says, or as the model's folder does.
    """
    from evocative.evaluate.alignment import Aligned, align
    from evocative.inference.check import TRAINED_ON
    from evocative.inference.predictions import read_predictions
    from evocative.inference.trained_on import images_trained_on, marked

    predictions = read_predictions(path)
    if table is not None and model is not None and TRAINED_ON not in predictions.frame:
        rows = [table.paths[row] if row >= 0 else Path() for row in predictions.places(table)]
        predictions = marked(predictions, images_trained_on(_place(model), rows))
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
    from evocative.evaluate.alignment import align, has_targets, plan
    from evocative.inference.predictions import write_predictions
    from evocative.inference.trained_on import images_trained_on, marked

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
    way = plan(predictor.taxonomy, rows, mapped=mapped)  # refuses labels before the work, not after
    if not has_targets(way, predictor.dimensions, rows):
        told = _no_targets(predictor, rows, chosen)
        if predictor.taxonomy is None:
            raise DataError(told)
        typer.echo(f"{told}. Only what needs no target is measured: top-2 cross-sentiment and ASR", err=True)
    bare = Table(rows.frame[["path"]], root=rows.root, name=rows.name)
    predictions = predictor.predict_table(bare, watch=partial(watched, total=len(rows)))
    predictions = marked(predictions, images_trained_on(_place(source), rows.paths))
    aligned = align(predictions, table, split=chosen, mapped=mapped)
    kept = predictions if aligned.mapping else aligned.predictions
    write_predictions(kept, output / "predictions.parquet")
    return aligned


def _no_targets(predictor: "Predictor", rows: "Table", split: str | None) -> str:
    """Say that nothing could be measured, what the model answers, and what the data have."""
    from evocative.data.columns import AXES

    answers = [] if predictor.taxonomy is None else [f"labels of {predictor.taxonomy.name}"]
    answers += list(predictor.dimensions)
    there = [name for name in ("label", *AXES) if name in rows.frame and rows.frame[name].notna().any()]
    which = "" if split is None else f"{split} "
    return (
        f"--data {rows.name}: none of its {len(rows)} {which}rows has a target that the model's answers can "
        f"be held against. The model answers {' and '.join(answers)}; the data have "
        f"{', '.join(there) or 'images alone'}. Give a table that has the like (docs/table.md); answers "
        "without figures come from evocative predict"
    )


def _chosen(split: str | None, there: "Collection[str]") -> str | None:
    """Return the split to measure: what was asked for, else test where there is one; None is everything."""
    if split is None:
        return "test" if "test" in there else None
    return None if split == ALL else split


def _place(model: str | Path) -> str | Path:
    """Return a model's folder, or its name on the hub."""
    from evocative.models.place import EMBEDDED as EMBEDDED_FOLDER

    return EMBEDDED_FOLDER if model == EMBEDDED else model


def _measured(
    aligned: "Aligned", folder: Path, *, bootstrap: int, seed: int, model: str | Path | None,
    unseen: bool = False,
) -> "Report":  # fmt: skip
    """Measure, draw, write the page, and print what came out."""
    from evocative.cli.summary import print_summary
    from evocative.evaluate.centers import learned_centers
    from evocative.evaluate.suite import evaluate as measure
    from evocative.evaluate.trained_on import without_learnt
    from evocative.evaluate.write import write_report
    from evocative.report.html import write_page

    centers = None if model is None else learned_centers(_place(model))
    with _working("measuring"):
        rest = without_learnt(aligned) if unseen else aligned
        report = measure(rest, seed=seed, bootstrap=bootstrap)
        if report.trained_on and unseen:
            left_out = len(aligned.predictions) - len(rest.predictions)
            report = replace(report, trained_on=replace(report.trained_on, left_out=left_out))
    with _working("drawing"):
        report = write_report(report, rest.predictions, folder, centers=centers)
        page = write_page(folder)
    print_summary(report)
    if (known := report.trained_on) and (known.images or known.left_out):
        typer.echo(str(known), err=True)
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
