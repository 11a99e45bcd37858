"""`evocative curate duplicates`: the same picture more than once."""

from typing import Annotated

import typer

from evocative.cli.curation import (
    Cache,
    CleanedFile,
    FindingsFile,
    Images,
    TableOrFolder,
    conclude,
    open_images,
    watch,
)


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
) -> None:
    """Find copies, near-duplicates, and labels that contradict each other among them."""
    from evocative.curate.duplicates import find_duplicates

    table = open_images(source, images)
    found = find_duplicates(
        table, near=near, radius=radius, threshold=threshold, mirrored=mirrored,
        rotations=(5.0,) if rotation is None else rotation, store=cache, watch=watch(len(table)),
    )  # fmt: skip
    conclude(found, table, output, cleaned)
