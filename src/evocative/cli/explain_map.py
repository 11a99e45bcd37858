"""Maps as files: `explain --method map` draws all emotions', `predict --maps` the predicted one's."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from evocative.cli import beforehand
from evocative.cli.loudness import note
from evocative.errors import DataError, ModelError

if TYPE_CHECKING:
    from evocative.explain.targets import Score
    from evocative.inference.answer import Answer
    from evocative.inference.predictor import Predictor

LONGEST = 1024
"""Pixels of the longer side of maps and overlays."""
_DRAWN, _LIST = ("maps", "overlays"), "maps.csv"
"""What `write_maps` makes in a folder."""


@dataclass(frozen=True)
class MapWish:
    """Which maps are asked for."""

    targets: tuple[str, ...] | None = None
    """Emotions and dimensions; None: all emotions."""
    method: str = "auto"
    layer: str | None = None
    score: "Score" = "logit"
    shared: bool = False
    """All maps of a picture on one scale."""


def explain_maps(predictor: "Predictor", images: Iterable[str], folder: Path, wish: MapWish) -> int:
    """Draw each picture beside its maps, `NAME.png` in a folder; return how many pictures failed.

    A picture that cannot be read is told of on stderr, and the others are done all the same.

    Raises:
        DataError: The folder cannot be made.
        ModelError: There is no such target, method, layer or score.
    """
    from evocative.data.atomic import make_folder
    from evocative.data.image import decode
    from evocative.plots.overlay import plot_emotion_maps
    from evocative.plots.style import save

    names, failed = Names(), 0
    make_folder(folder)
    known = predictor.taxonomy
    colors = {} if known is None else dict(zip(known.names, known.colors, strict=True))
    for path in images:
        try:
            answer = predictor.predict(path)
            maps = predictor.maps(path, targets=wish.targets, method=wish.method, layer=wish.layer,
                                  score=wish.score)  # fmt: skip
            figure = plot_emotion_maps(
                decode(path, at_least=480), {str(one.label): one.values for one in maps},
                notes=_notes(answer), colors=colors, shared=wish.shared,
            )  # fmt: skip
        except DataError as error:
            typer.echo(f"{path}: {error}", err=True)
            failed += 1
            continue
        target = save(figure, folder / f"{names.of(path)}.png")
        typer.echo(f"{target}: {answer.emotion or ''}".rstrip(": "))
    return failed


def open_model(paths: Sequence[str], model: str | None) -> "tuple[Predictor, list[str]]":
    """Load the model, in float32, and return the images that the arguments name.

    Raises:
        DataError: They name no image.
        ModelError: There is no such model.
    """
    from evocative.data.find import Search

    beforehand.pictures(paths)
    search = Search()
    images = [str(path) for path in search.images(paths)]
    if not images:
        raise DataError("there is nothing to explain: expected images, or folders with images in them")
    if passed_over := search.told():
        note(passed_over)

    from evocative.inference.predictor import load

    return load(model, precision="fp32", workers=1, batch_size=1), images


def map_folders(folder: Path, paths: Iterable[str]) -> tuple[Path, ...]:
    """Return the folders that `write_maps` draws into, which are not to be searched for pictures.

    Raises:
        DataError: They lie in a folder that is searched, and hold pictures that no earlier call drew.
    """
    from evocative.data.find import find_images

    drawn = tuple(folder / name for name in _DRAWN)
    top = Path(os.path.realpath(folder))
    if not (folder / _LIST).exists() and any(
        top.is_relative_to(os.path.realpath(path)) for path in paths if Path(path).is_dir()
    ):
        for picture in find_images(one for one in drawn if one.is_dir()):
            raise DataError(
                f"{picture}: is an input of this call, and --maps draws into its folder; name another folder"
            )
    return drawn


def write_maps(answers: "Iterable[Answer]", folder: Path) -> "Iterator[Answer]":
    """Write each answer's map as it passes: `maps/NAME.png`, `overlays/NAME.jpg`, and a line of `maps.csv`.

    The map is the predicted emotion's, or the first dimension's: grey, 0 to 255, the picture's size up to
    LONGEST pixels. Answers with an error pass as they are.

    Raises:
        DataError: The folder cannot be written to.
    """
    from evocative.data.csv_file import CsvWriter
    from evocative.outputs import make_folder, replacing

    for name in _DRAWN:
        make_folder(folder / name)
    names = Names()
    with (
        replacing(folder / _LIST) as unfinished,
        unfinished.open("w", newline="", encoding="utf-8") as file,
    ):
        lines = CsvWriter(file)
        lines.row(["path", "target", "method", "map", "overlay", "highest"])
        for answer in answers:
            if answer.ok and answer.path is not None:
                try:
                    lines.row(_written(answer, answer.path, folder, names.of(answer.path)))
                except DataError as error:  # it was there a moment ago
                    typer.echo(f"no map of {answer.path}: {error}", err=True)
            yield answer


class Names:
    """File names for pictures: their own, with a number where another has it already."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def of(self, path: str | Path) -> str:
        """Return a name without ending, another for each call."""
        stem = Path(path).stem or "image"
        name, number = stem, self._taken.get(stem, 1)
        while name in self._taken:
            number += 1
            name = f"{stem}-{number}"
        self._taken[stem] = number  # where to go on: folders may hold a million pictures of one name
        self._taken.setdefault(name, 1)
        return name


def _written(answer: "Answer", path: str, folder: Path, name: str) -> list[str]:
    """Write the map of one answer and its overlay; return its line of maps.csv."""
    import numpy as np
    from PIL import Image

    from evocative.data.atomic import replacing
    from evocative.data.image import decode
    from evocative.plots.overlay import overlay

    found = answer.map(answer.emotion or _dimension(answer))
    image = decode(path, at_least=LONGEST)
    image.thumbnail((LONGEST, LONGEST))
    grey = np.round(255 * found.resized(image.height, image.width, stretch=True)).astype(np.uint8)
    with replacing(folder / "maps" / f"{name}.png") as unfinished:
        Image.fromarray(grey).save(unfinished, format="PNG")
    with replacing(folder / "overlays" / f"{name}.jpg") as unfinished:
        Image.fromarray(overlay(image, found.values, pixels=LONGEST)).save(unfinished, "JPEG", quality=88)
    highest = f"{found.values.max():.6g}"
    return [path, str(found.label), found.method, f"maps/{name}.png", f"overlays/{name}.jpg", highest]


def _notes(answer: "Answer") -> dict[str, str]:
    return {label: f"p = {p:.2f}" for label, p in (answer.probabilities or {}).items()}


def _dimension(answer: "Answer") -> str:
    for name in ("valence", "arousal", "dominance"):
        if getattr(answer, name) is not None:
            return name
    raise ModelError("the model says nothing that a map could be of")
