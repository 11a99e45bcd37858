"""`evocative explain --method style`: features, their correlations, and the machine that learns from them."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from evocative.cli import beforehand
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.data.table import Table
    from evocative.explain.style import Style, StyleTable
    from evocative.explain.style_correlations import Correlations

SHORT = (
    "brightness",
    "contrast",
    "saturation",
    "colorfulness",
    "warmth",
    "harmony",
    "balance",
    "edge_density",
)
"""Features that a table of many images shows."""
STRONGEST = 10
_FILES = ("json", "csv", "parquet")


@dataclass(frozen=True)
class Asked:
    """What is to be done; see `evocative explain --help`."""

    format: str | None
    output: Path | None
    cache: Path | None
    correlations: Path | None
    kind: str
    bootstrap: int
    svm: Path | None
    folds: Path | None
    workers: int | None


def explain_style(paths: Sequence[str], images: Path | None, asked: Asked) -> bool:
    """Measure style, write what was asked for, and return whether an image failed.

    Raises:
        DataError: There are no images, or what was asked for cannot be written.
    """
    chosen = _checked(asked)
    beforehand.output_file(asked.output)
    table = _open(paths, images, labelled=bool(asked.correlations or asked.svm))

    from evocative.cli.progress import watched
    from evocative.explain.style import style_of_table

    style = style_of_table(
        table, store=asked.cache, workers=asked.workers, watch=partial(watched, total=len(table))
    )
    if asked.output is not None:
        _write(style, asked.output, chosen)
    elif not (asked.correlations or asked.svm):
        typer.echo("\n".join(_lines(style, chosen)))
    if asked.correlations is not None:
        _correlate(style, table, asked.correlations, asked)
    if asked.svm is not None:
        _learn(style, table, asked.svm, asked.folds)
    failed = [row for row in style.rows if row.error is not None]
    if failed and (asked.output or asked.correlations or asked.svm):
        typer.echo(f"{len(failed)} of {len(table)} images could not be measured", err=True)
    return bool(failed)


def _checked(asked: Asked) -> str:
    """Settle the format, and refuse what would fail only after the work."""
    from evocative.data.storage import checked_suffix

    if asked.svm is not None:
        checked_suffix(asked.svm)
    if asked.output is None:
        if asked.format == "parquet":
            raise DataError("--format parquet needs a file to write: add --output style.parquet")
        return asked.format or "table"
    ending = asked.format or asked.output.suffix.lower().removeprefix(".")
    if ending not in _FILES:
        raise DataError(f"--output {asked.output}: style is written as {', '.join(_FILES)}, found {ending!r}")
    return ending


def _open(paths: Sequence[str], images: Path | None, *, labelled: bool) -> "Table":
    """Read the one table or labelled folder that is named, or make a table of images."""
    import pandas as pd

    from evocative.cli.evaluate import read_data
    from evocative.cli.predict import list_sources
    from evocative.data.find import Search
    from evocative.data.table import Table

    first = Path(paths[0])
    if len(paths) == 1 and (first.suffix.lower() in (".csv", ".parquet") or (labelled and first.is_dir())):
        return read_data(first, images)
    if labelled:
        raise DataError(
            "--correlations and --svm need what people said: give a table, or a folder of emotions' folders"
        )
    search = Search()
    found = list(dict.fromkeys(list_sources(paths, None, search=search)))
    if not found:
        raise DataError(f"no images in {', '.join(paths)}")
    if passed_over := search.told():
        typer.echo(passed_over, err=True)
    return Table(pd.DataFrame({"path": found}), name="images")


def _lines(style: "StyleTable", format: str) -> list[str]:
    from evocative.data.csv_file import csv_text

    if format == "json":
        return [_json(row) for row in style.rows]
    if format == "csv":
        return [csv_text(style.frame).rstrip("\n")]
    if len(style.rows) == 1 and style.rows[0].error is None:
        return _one(style.rows[0])
    width = max(len("path"), *(len(path) for path in style.paths))
    lines = ["  ".join([f"{'path':<{width}}", *(f"{name:>12}" for name in SHORT)])]
    for row in style.rows:
        told = row.error or "  ".join(f"{row.values[name]:>12.3f}" for name in SHORT)
        lines.append(f"{row.path or '':<{width}}  {told}")
    return lines


def _one(row: "Style") -> list[str]:
    """Tell one image in full, part by part."""
    from evocative.explain.style_names import FEATURES

    lines, part = [str(row.path)], ""
    for name, feature in FEATURES.items():
        if feature.part != part:
            part = feature.part
            lines += ["", part]
        lines.append(f"  {name:<20}{row.values[name]:>9.3f}  {feature.says} ({feature.unit})")
    return lines


def _json(row: "Style") -> str:
    values: dict[str, Any] = {
        name: None if math.isnan(value) else value for name, value in row.values.items()
    }
    return json.dumps({"path": row.path, "error": row.error, **values}, ensure_ascii=False)


def _write(style: "StyleTable", output: Path, format: str) -> None:
    from evocative.data.atomic import replacing
    from evocative.data.storage import write_rows
    from evocative.explain.style import LONGER_SIDE
    from evocative.explain.style_names import VERSION

    if format == "json":
        with replacing(output) as unfinished:
            unfinished.write_text("".join(f"{_json(row)}\n" for row in style.rows), encoding="utf-8")
    else:
        about = {"kind": "style", "version": VERSION, "longer_side": LONGER_SIDE}
        write_rows(style.frame, about, output)
    typer.echo(f"wrote {output}: style of {int(style.ok.sum()):,} images")


def _correlate(style: "StyleTable", table: "Table", folder: Path, asked: Asked) -> None:
    from evocative.data.atomic import make_folder
    from evocative.data.storage import write_rows
    from evocative.explain.style_correlations import correlate

    make_folder(folder)  # before the work, not after it
    found = correlate(style, table, kind=asked.kind, n_resamples=asked.bootstrap)
    write_rows(
        found.frame, {"kind": f"{found.kind} correlations", "table": table.name}, folder / "correlations.csv"
    )
    _draw(found, folder)
    for target in found.targets:
        typer.echo(f"{target} ({found.kind})")
        for name, one in found.strongest(target, STRONGEST):
            typer.echo(f"  {name:<20}{one}, q = {found.q[target, name]:.2g}")
    typer.echo(f"wrote {folder}")


def _draw(found: "Correlations", folder: Path) -> None:
    """Draw the strongest of each target, and all of them."""
    import numpy as np

    from evocative.explain.style_names import LINEAR
    from evocative.plots.correlations import plot_correlation_matrix, plot_correlations
    from evocative.plots.style import save

    for target in found.targets:
        best = found.strongest(target, 2 * STRONGEST)
        if not best:
            continue
        ends = [[getattr(one, end) for _, one in best] for end in ("value", "low", "high")]
        sure = [found.sure(target, name) for name, _ in best]
        axes = plot_correlations([name for name, _ in best], *ends, sure=sure, title=target)
        save(axes.get_figure(root=True), folder / f"{target}.png")  # type: ignore[arg-type]
    grid = [[found.found[target, name] for target in found.targets] for name in LINEAR]
    values = np.array([[one.value for one in row] for row in grid])
    every = np.array([[found.sure(target, name) for target in found.targets] for name in LINEAR])
    figure = plot_correlation_matrix(LINEAR, found.targets, values, sure=every)
    save(figure, folder / "correlations.png")


def _learn(style: "StyleTable", table: "Table", output: Path, folds: Path | None) -> None:
    """Train on folds or splits, and write the predictions of rows that were held out."""
    import numpy as np

    from evocative.data import splits
    from evocative.inference.predictions import write_predictions
    from evocative.training.style_svm import out_of_fold, train_and_predict

    if folds is None and {"train", "test"} <= set(table.splits):
        part = table.frame["split"].to_numpy(dtype=object)
        predictions = train_and_predict(style, table, train=part == "train", rows=part == "test")
    else:
        fold = splits.folds(table, k=5, seed=0) if folds is None else splits.read_folds(folds, table)
        predictions = out_of_fold(style, table, np.asarray(fold))
    write_predictions(predictions, output)
    probabilities = predictions.probabilities
    assert probabilities is not None  # noqa: S101
    scored = (predictions.labels >= 0) & predictions.ok
    right = (probabilities[scored].argmax(axis=1) == predictions.labels[scored]).mean()
    typer.echo(
        f"wrote {output}: {len(predictions):,} rows, accuracy {right:.3f}; next: evocative evaluate {output}"
    )
