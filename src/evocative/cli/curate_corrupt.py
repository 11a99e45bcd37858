"""`evocative curate corrupt`: images that nobody can judge."""

from typing import Annotated

import typer

from evocative.cli.curation import (
    Cache,
    CleanedFile,
    FindingsFile,
    TableOrFolder,
    conclude,
    open_images,
    watch,
)
from evocative.cli.options import Images, Workers


def corrupt(
    source: TableOrFolder,
    *,
    output: FindingsFile,
    images: Images = None,
    cleaned: CleanedFile = None,
    cache: Cache = None,
    workers: Workers = None,
    min_side: Annotated[int, typer.Option(min=1, help="Pixels below which a side is extreme.")] = 64,
    max_megapixels: Annotated[float, typer.Option(min=0.0, help="Above it a size is extreme.")] = 60.0,
    max_aspect: Annotated[float, typer.Option(min=1.0, help="Above it proportions are extreme.")] = 4.0,
    copies: Annotated[
        int, typer.Option(min=2, help="Files that are nearly one plain picture, from which it is a tile.")
    ] = 5,
) -> None:
    """Find unreadable files, pictures of one colour, placeholder tiles, absurd sizes and proportions."""
    from evocative.curate.corrupt import CorruptSettings, find_corrupt

    settings = CorruptSettings(
        min_side=min_side, max_megapixels=max_megapixels, max_aspect=max_aspect, copies=copies
    )
    table = open_images(source, images)
    found = find_corrupt(table, settings=settings, store=cache, workers=workers, watch=watch(len(table)))
    conclude(found, table, output, cleaned)
