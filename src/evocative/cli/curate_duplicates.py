"""`evocative curate duplicates`: the same picture more than once."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evocative.cli import beforehand
from evocative.cli.curate_network import BackboneName, Pool, Weights, open_network
from evocative.cli.curation import (
    Cache,
    CleanedFile,
    FindingsFile,
    TableOrFolder,
    conclude,
    open_images,
    watch,
)
from evocative.cli.options import BatchSize, Device, Images, Precision
from evocative.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float32

    from evocative.data.table import Table
    from evocative.models.backbone import Backbone
    from evocative.preprocessing import Preprocessing


def duplicates(
    source: TableOrFolder,
    *,
    output: FindingsFile,
    images: Images = None,
    cleaned: CleanedFile = None,
    cache: Cache = None,
    near: Annotated[
        bool, typer.Option("--near/--exact", help="Also near-duplicates, or the same content only.")
    ] = True,
    mirrored: Annotated[bool, typer.Option(help="Also mirror images.")] = True,
    rotation: Annotated[
        list[float] | None,
        typer.Option(help="Degrees by which a copy may be turned, either way; repeatable; else 5."),
    ] = None,
    radius: Annotated[
        int, typer.Option(min=0, max=15, help="Bits of 64 in which hashes of candidates may differ.")
    ] = 11,
    threshold: Annotated[
        float, typer.Option(help="Correlation that two images must reach once they are aligned.")
    ] = 0.85,
    model: Annotated[
        str | None,
        typer.Option(
            callback=beforehand.given_model,
            help="Also images with like features of a model: a folder, hf-hub:… or embedded.",
        ),
    ] = None,
    backbone: BackboneName = None,
    weights: Weights = None,
    pool: Pool = "head",
    cosine: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="From which features are alike, their mean taken off.")
    ] = 0.95,
    drop_near: Annotated[
        bool, typer.Option("--drop-near", help="Suggest to drop near copies too, all but one of each.")
    ] = False,
    features: Annotated[
        Path | None, typer.Option(help="Folder that keeps features, if it is not that of --cache.")
    ] = None,
    batch_size: BatchSize = 64,
    precision: Precision = "auto",
    device: Device = "auto",
) -> None:
    """Find copies, near-duplicates, and labels that contradict each other among them.

    With --model or --backbone also what only resembles, such as heavier crops: to be reviewed, never dropped.
    """
    from evocative.curate.duplicates import find_duplicates

    table = open_images(source, images)
    vectors = None
    if model is not None or backbone is not None:
        network, preprocessing, _ = open_network(model or "", backbone, weights=weights, pool=pool)
        vectors = _vectors(
            table, network, preprocessing, store=features or cache, batch_size=batch_size,
            precision=precision, device=device,
        )  # fmt: skip
    elif features is not None or weights is not None:
        raise DataError("--features and --weights say nothing without a network: give --model or --backbone")
    found = find_duplicates(
        table, near=near, radius=radius, threshold=threshold, mirrored=mirrored,
        rotations=(5.0,) if rotation is None else rotation, features=vectors, cosine=cosine,
        drop_near=drop_near, store=cache, watch=watch(len(table)),
    )  # fmt: skip
    conclude(found, table, output, cleaned)


def _vectors(
    table: "Table", network: "Backbone", preprocessing: "Preprocessing | None", *, store: Path | None,
    batch_size: int, precision: str, device: str,
) -> "Float32[np.ndarray, 'N D']":  # fmt: skip
    """Return what the network says of each image; zeros where it could read none."""
    from evocative.inference.features import extract

    vectors: Float32[np.ndarray, "N D"] = extract(
        network, table, preprocessing=preprocessing or network.preprocessing, store=store, maps=(),
        batch_size=batch_size, precision=precision, device=device,
        watch=watch(-(-len(table) // batch_size), noun="batches"),
    ).pooled[0]  # fmt: skip
    return vectors
