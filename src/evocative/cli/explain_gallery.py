"""`explain --method gallery`: maps, curves, textures and style of pictures on one page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from evocative.cli.explain_map import MapWish
from evocative.cli.explain_texture import TextureWish
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.evaluate.explained import Explained, Wish
    from evocative.inference.predictor import Predictor


@dataclass(frozen=True)
class GalleryWish:
    """What is on the page."""

    maps: MapWish
    textures: TextureWish
    """Made only where maps are named."""
    curve_steps: int = 0
    reference: Path | None = None
    """Style of other pictures."""


def explain_gallery(
    predictor: "Predictor", images: Sequence[str], page: Path, wish: GalleryWish, *, model: str
) -> int:
    """Write the page; return how many pictures failed, which are told of on stderr and left out.

    Raises:
        DataError: The reference is none, or every picture failed.
        ModelError: There is no such target, method, layer, score or map.
    """
    from evocative.evaluate.explained import Wish
    from evocative.explain.methods import resolve_method
    from evocative.explain.style_reference import read_reference
    from evocative.report.explained import write_explained_page

    reference = None if wish.reference is None else read_reference(wish.reference)
    maps, textures = wish.maps, wish.textures
    asked = Wish(
        targets=maps.targets, method=maps.method, layer=maps.layer, score=maps.score,
        curve_steps=wish.curve_steps, textures=textures.maps or (), texture_steps=textures.steps,
        seed=textures.seed, reference=reference,
    )  # fmt: skip
    about = {"model": model, "method": resolve_method(predictor.network, maps.method), "score": maps.score}
    if maps.layer is not None:
        about["layer"] = maps.layer
    if reference is not None:
        about["reference"] = f"{reference.name}, {len(reference.matrix):,} pictures"
    known = predictor.taxonomy
    colors = {} if known is None else dict(zip(known.names, known.colors, strict=True))
    failed: list[str] = []
    shown = write_explained_page(
        _each(predictor, images, asked, failed), page, about=about, colors=colors, shared=maps.shared
    )
    typer.echo(f"wrote {page}: {shown} pictures")
    return len(failed)


def _each(
    predictor: "Predictor", images: Sequence[str], wish: "Wish", failed: list[str]
) -> "Iterator[Explained]":
    """Yield what is found of each picture; those that cannot be read are told of and noted."""
    from evocative.cli.progress import watched
    from evocative.evaluate.explained import explained

    for path in watched(images, total=len(images), noun="pictures"):
        try:
            yield explained(predictor, path, wish)
        except DataError as error:
            typer.echo(str(error), err=True)
            failed.append(path)
