"""`evocative explain`: what in a picture an answer rests on."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evocative.cli import beforehand
from evocative.cli.explain_gallery import GalleryWish, explain_gallery
from evocative.cli.explain_map import MapWish, explain_maps, open_model
from evocative.cli.explain_texture import TextureWish, explain_textures
from evocative.cli.options import Images
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.explain.targets import Score


class Method(StrEnum):
    """What is explained."""

    style = "style"
    map = "map"
    texture = "texture"
    gallery = "gallery"


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
        Method,
        typer.Option(
            help="style: colour, harmony, composition and texture as numbers; map: where emotions rest; "
            "texture: what Gram statistics keep; gallery: all of it on one page."
        ),
    ],
    format: Annotated[
        Format | None, typer.Option(help="style: else as the ending of --output says, and a table.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="style: the features' file; else stdout. map, texture: a folder. gallery: a page.",
        ),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="style: folder that keeps what was measured, by the images' content.")
    ] = None,
    correlations: Annotated[
        Path | None,
        typer.Option(
            callback=beforehand.output_folder,
            help="style: folder for correlations with what people said, as table and pictures.",
        ),
    ] = None,
    correlation: Annotated[Correlation, typer.Option(help="style: which.")] = Correlation.spearman,
    bootstrap: Annotated[int, typer.Option(min=1, help="style: draws for intervals.")] = 1000,
    svm: Annotated[
        Path | None,
        typer.Option(
            callback=beforehand.output_file,
            help="style: train an SVM on the features and write its predictions here.",
        ),
    ] = None,
    folds: Annotated[
        Path | None,
        typer.Option(help="style: file of folds for --svm; else the table's splits, else five folds."),
    ] = None,
    images: Images = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads; else one a core, up to 8.")] = None,
    model: Annotated[
        str | None,
        typer.Option(
            callback=beforehand.model,
            help="All but style: a model's folder or hf-hub:org/name; else the embedded.",
        ),
    ] = None,
    targets: Annotated[
        list[str] | None,
        typer.Option("--target", help="map: an emotion or dimension, -valence: low; repeatable. Else all."),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            callback=beforehand.map_method,
            help="map: auto, grad-cam, grad-cam++, hirescam, layercam, score-cam, own.",
        ),
    ] = "auto",
    layer: Annotated[str | None, typer.Option(help="map: a module of the network; else the last.")] = None,
    against: Annotated[
        bool, typer.Option("--against", help="map: what speaks for an emotion rather than the others.")
    ] = False,
    one_scale: Annotated[
        bool, typer.Option("--one-scale", help="map: weak maps look weak beside strong ones.")
    ] = False,
    steps: Annotated[int, typer.Option(min=1, help="texture: of L-BFGS.")] = 100,
    gram_maps: Annotated[
        list[int] | None,
        typer.Option("--gram-map", min=0, help="texture: number of a map that is matched; repeatable."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="texture: of the noise at the start.")] = 0,
    curves: Annotated[
        int, typer.Option(min=0, help="gallery: steps of deletion and insertion curves; 0 for none.")
    ] = 0,
    reference: Annotated[
        Path | None,
        typer.Option(
            callback=beforehand.input_path, help="gallery: style of other pictures, as -o writes it."
        ),
    ] = None,
) -> None:
    """Explain pictures: where emotions rest, which style they have, and what of it goes with emotions.

    Exit status: 0 all well, 1 some images failed, 2 nothing could be done as it was asked for.
    """
    if method is not Method.style:
        score: Score = "log_odds" if against else "logit"
        wish = MapWish(tuple(targets) if targets else None, by, layer, score, one_scale)
        texture = TextureWish(tuple(gram_maps) if gram_maps else None, steps, seed)
        page = GalleryWish(wish, texture, curves, reference)
        wishes: dict[Method, MapWish | TextureWish | GalleryWish] = {
            Method.map: wish, Method.texture: texture, Method.gallery: page,
        }  # fmt: skip
        _pictures(paths, model, output, wishes[method])
        return
    from evocative.cli.explain_style import Asked, explain_style

    asked = Asked(
        format=None if format is None else format.value, output=output, cache=cache,
        correlations=correlations, kind=correlation.value, bootstrap=bootstrap, svm=svm, folds=folds,
        workers=workers,
    )  # fmt: skip
    if explain_style(paths, images, asked):
        raise typer.Exit(1)


def _wanted_targets(wish: MapWish | TextureWish | GalleryWish) -> tuple[str, ...]:
    maps = wish.maps if isinstance(wish, GalleryWish) else wish
    return (maps.targets or ()) if isinstance(maps, MapWish) else ()


def _check_output(output: Path | None, wish: MapWish | TextureWish | GalleryWish) -> None:
    """Refuse a place that cannot be written to: a page for a gallery, a folder for the others."""
    if not isinstance(wish, GalleryWish):
        beforehand.output_folder(output)
        return
    beforehand.output_file(output)
    if output is not None and output.suffix.lower() not in (".html", ".htm"):
        raise DataError(f"{output}: a page ends in .html, not in {output.suffix or 'nothing'}")


def _pictures(
    paths: list[str], model: str | None, output: Path | None, wish: MapWish | TextureWish | GalleryWish
) -> None:
    """Draw maps or textures of images into a folder, or all that is known of them on a page."""
    _check_output(output, wish)
    beforehand.targets(_wanted_targets(wish), model, "--target")
    predictor, images = open_model(paths, model)
    if isinstance(wish, MapWish):
        failed = explain_maps(predictor, images, output or Path("explained-map"), wish)
    elif isinstance(wish, GalleryWish):
        page = output or Path("explained.html")
        failed = explain_gallery(predictor, images, page, wish, model=model or "embedded")
    else:
        failed = explain_textures(predictor, images, output or Path("explained-texture"), wish)
    if failed:
        raise typer.Exit(1)
