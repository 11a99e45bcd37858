"""`evocative curate labels`: labels that out-of-fold predictions contradict."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evocative.cli import beforehand
from evocative.cli.curate_network import BackboneName, Pool, Weights, open_network
from evocative.cli.curation import (
    Cache,
    CleanedFile,
    FindingsFile,
    TableOrFolder,
    conclude,
    open_findings,
    open_images,
    watch,
)
from evocative.cli.options import BatchSize, Device, Images, Precision
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.curate.findings import Findings
    from evocative.data.table import Table
    from evocative.models.backbone import Backbone
    from evocative.preprocessing import Preprocessing


class Choose(StrEnum):
    """Which labels are findings."""

    noise_rate = "noise_rate"
    by_class = "class"
    both = "both"
    off_diagonal = "off_diagonal"


class Score(StrEnum):
    """How findings are scored."""

    normalized_margin = "normalized_margin"
    self_confidence = "self_confidence"


class Act(StrEnum):
    """What findings suggest."""

    review = "review"
    relabel = "relabel"
    drop = "drop"


def labels(
    source: TableOrFolder,
    *,
    output: FindingsFile,
    images: Images = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            callback=beforehand.input_path,
            help="Out-of-fold predictions of a cross-validation (.parquet, .csv); needs no images.",
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            callback=beforehand.model,
            help="Whose features are learnt from: a folder, hf-hub:org/name or embedded.",
        ),
    ] = "embedded",
    backbone: BackboneName = None,
    weights: Weights = None,
    pool: Pool = "head",
    findings: Annotated[
        list[Path] | None,
        typer.Option(
            "--findings", "-f", help="Findings of duplicates: copies are never on both sides; repeatable."
        ),
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Of the linear head's cross-validation.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Of the folds.")] = 0,
    choose: Annotated[Choose, typer.Option(help="Which labels are findings.")] = Choose.noise_rate,
    score: Annotated[Score, typer.Option(help="How they are scored.")] = Score.self_confidence,
    action: Annotated[Act, typer.Option(help="What they suggest.")] = Act.review,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many, the most suspicious.")] = None,
    cleaned: CleanedFile = None,
    cache: Cache = None,
    batch_size: BatchSize = 64,
    workers: Annotated[int, typer.Option(min=0, help="Processes that decode.")] = 0,
    precision: Precision = "auto",
    device: Device = "auto",
) -> None:
    """Find labels that are likely wrong (confident learning, Northcutt et al. 2021).

    Each image is answered by a model that has not learnt from it: by predictions of a cross-validation, or by
    linear heads that this command trains, in folds, on the features of a network. That network must not have
    learnt the table's labels either.
    """
    if findings and predictions is not None:
        raise DataError(
            "--findings keep copies together in the folds that this command makes; predictions of a "
            "cross-validation have had theirs. Give one of --findings and --predictions"
        )
    table = open_images(source, images)
    settings: dict[str, Any] = {
        "choose": choose.value, "score": score.value, "action": action.value, "limit": limit,
    }  # fmt: skip
    if predictions is not None:
        from evocative.inference.predictions import read_predictions

        settings["predictions"] = read_predictions(predictions)
    else:
        network, preprocessing = _network(table, model, backbone, weights=weights, pool=pool)
        learnt = 0 if backbone is not None else _learnt(table, model)
        settings |= {
            "backbone": network, "preprocessing": preprocessing, "folds": folds, "seed": seed, "store": cache,
            "duplicates": open_findings(findings) if findings else None,
            "batch_size": batch_size, "workers": workers, "precision": precision, "device": device,
            "watch": watch(-(-int((table.labels >= 0).sum()) // batch_size), noun="batches"),
        }  # fmt: skip

    from evocative.curate.labels import find_labels

    found = find_labels(table, **settings)
    if predictions is None and learnt:
        found = replace(found, settings={**found.settings, "trained_on": learnt})
    _tell(found)
    conclude(found, table, output, cleaned)


def _network(
    table: "Table", model: str, backbone: str | None, *, weights: str | None, pool: str
) -> "tuple[Backbone, Preprocessing | None]":
    """Return the network whose features are used, and say aloud where it knows the table's labels."""
    network, preprocessing, config = open_network(model, backbone, weights=weights, pool=pool)

    from evocative.curate.labels import trained_on

    if learnt := trained_on(config, table):
        typer.echo(
            f"warning: the {model} model was trained on {', '.join(learnt)}: it has learnt these labels, "
            "wrong ones too, and finds few of them. Give another --model, a --backbone with pretrained "
            "--weights, or --predictions of a cross-validation",
            err=True,
        )
    return network, preprocessing


def _learnt(table: "Table", model: str) -> int:
    """Count the labelled images that a model was trained on, by their files, and say so aloud."""
    from evocative.inference.trained_on import images_trained_on
    from evocative.models.place import EMBEDDED

    labelled = table.select(table.labels >= 0)
    known = images_trained_on(EMBEDDED if model == "embedded" else model, labelled.paths)
    if learnt := int(known.to_numpy(dtype=bool, na_value=False).sum()):
        typer.echo(
            f"warning: the {model} model was trained on {learnt:,} of {len(labelled):,} labelled images (the "
            "same files; copies that were resized or saved anew are not recognised): it repeats their "
            "labels, wrong ones too",
            err=True,
        )
    return learnt


def _tell(found: "Findings") -> None:
    """Say how many rows were looked at and how far the answers are to be trusted."""
    about = found.settings
    typer.echo(
        f"{about['rows']:,} labels checked, {about['left_out']:,} rows left out; out-of-fold accuracy "
        f"{about['accuracy']:.3f}; estimated share of wrong labels {about['noise']:.3f}"
    )
    if left := about["not_judged"]:
        named = ", ".join(f"{label} ({rows:,} rows)" for label, rows in left.items())
        typer.echo(
            f"not judged, and taken to be right: {named}; these are too few, or their answers say no more of "
            "the label than its share of all rows does"
        )
