"""`evocative curate text`: images that show text."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evocative.cli import beforehand
from evocative.cli.curation import Cache, CleanedFile, FindingsFile, TableOrFolder
from evocative.cli.options import Images

if TYPE_CHECKING:
    from evocative.curate.text import TextDetector


def text(
    source: TableOrFolder,
    *,
    output: FindingsFile,
    model: Annotated[
        str | None,
        typer.Option(
            callback=beforehand.given_model,
            help="A model trained on text against others (folder or hf-hub:…); else text is read.",
        ),
    ] = None,
    label: Annotated[str, typer.Option(help="What the model calls images with text.")] = "text",
    drop: Annotated[float, typer.Option(min=0, max=1, help="Score from which on a row should go.")] = 0.5,
    area: Annotated[
        float, typer.Option(min=0, max=1, help="And share of the image that words must take; not of a model.")
    ] = 0.1,
    review: Annotated[
        float, typer.Option(min=0, max=1, help="Score from which on a person should look.")
    ] = 0.25,
    table: Annotated[
        Path | None,
        typer.Option(
            "--table",
            callback=beforehand.output_file,
            help="Also write path, text, area and evidence of all images (webemo_sadness).",
        ),
    ] = None,
    cleaned: CleanedFile = None,
    images: Images = None,
    cache: Cache = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads that the text reader computes with.")] = 1,
) -> None:
    """Find the images that show text."""
    from evocative.cli.curation import conclude, open_images, watch
    from evocative.curate.text import find_text, text_table
    from evocative.data.table import write_table

    rows = open_images(source, images)
    if model is not None:
        beforehand.targets([label], model, "--label")
    detector = _detector(model, label, threads)
    looked = text_table(rows, detector=detector, store=cache, watch=watch(len(rows)))
    found = find_text(rows, detector=detector, looked=looked, drop=drop, area=area, review=review)
    conclude(found, rows, output, cleaned)
    if table is not None:
        write_table(looked, table)
        typer.echo(f"wrote {table}: how surely each of {len(rows):,} images shows text")


def _detector(model: str | None, label: str, threads: int) -> "TextDetector":
    if model is not None:
        from evocative.curate.text import ClassifierDetector

        return ClassifierDetector(model, label=label)
    from evocative.curate.ocr import OcrDetector

    return OcrDetector(threads=threads)
