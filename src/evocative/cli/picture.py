"""`evocative picture`: pictures for papers of runs, images, data sets and recipes."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evocative.cli import beforehand
from evocative.cli.options import Images
from evocative.errors import DataError, reading

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from evocative.evaluate.sources import Member
    from evocative.inference.predictions import Predictions
    from evocative.inference.predictor import Predictor

INCH = 25.4
"""Millimetres."""


class Kind(StrEnum):
    """What is drawn."""

    UMAP = "umap"
    CENTERS = "centers"
    ROC = "roc"
    ARTWORKS = "artworks"
    SAMPLES = "samples"
    AUGMENTATION = "augmentation"
    CIRCUMPLEX = "circumplex"


class By(StrEnum):
    """What colours stand for."""

    TRUE = "true"
    PREDICTED = "predicted"


@dataclass(frozen=True)
class Wanted:
    """The options of the command line."""

    sources: tuple[str, ...]
    images: tuple[Path, ...]
    data: Path | None
    root: Path | None
    split: str | None
    mapped: bool
    by: By
    label: str | None
    columns: int | None
    n: int
    settings: tuple[str, ...]
    seed: int
    width: float | None
    """Inches."""


def picture(
    kind: Annotated[Kind, typer.Argument(help="What to draw.")],
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="umap, centers, roc, circumplex: run folders or predictions, NAME=RUN for a title. "
            "artworks: a run or model. samples: a table or folder. augmentation: a recipe or run.",
        ),
    ],
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", callback=beforehand.output_file, help="The file: .png, .pdf or .svg."),
    ],
    images: Annotated[
        list[Path] | None,
        typer.Option(
            "--image",
            "-i",
            help="artworks, augmentation; umap lays them over: an image or folder, repeatable.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            callback=beforehand.input_path, help="Labels for predictions without any: a table or folder."
        ),
    ] = None,
    root: Images = None,
    split: Annotated[str | None, typer.Option(help="train, validation, test or all.")] = None,
    map_labels: Annotated[
        bool, typer.Option("--map", help="Read labels of another taxonomy by the published mapping.")
    ] = False,
    by: Annotated[
        By, typer.Option(help="umap, circumplex: colours of true or of predicted labels.")
    ] = By.TRUE,
    label: Annotated[str | None, typer.Option(help="roc: the label that is looked for; else all.")] = None,
    columns: Annotated[int | None, typer.Option(min=1, help="artworks: images a line.")] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="samples: images a label; augmentation: versions.")] = 5,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="augmentation: change a setting.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn at random.")] = 0,
    width: Annotated[
        float | None, typer.Option(min=30, help="Millimetres: 85 is a column, 180 a page. Else what fits.")
    ] = None,
) -> None:
    """Draw a picture for a paper: of runs, of images and what a model says, of data, or of a recipe.

    evocative picture umap plain=runs/a center=runs/b -o maps.pdf
    """
    from evocative.plots.style import save

    wanted = Wanted(
        tuple(sources), _found(images or []), data, root, split, map_labels, by, label, columns, n,
        tuple(settings or ()), seed, None if width is None else width / INCH,
    )  # fmt: skip
    save(_DRAWN[kind](wanted), output)
    typer.echo(f"wrote {output}")


def _found(images: list[Path]) -> tuple[Path, ...]:
    from evocative.data.find import Search

    search = Search()
    found = tuple(search.images(images))
    if passed_over := search.told():
        typer.echo(passed_over, err=True)
    return found


def _umap(wanted: Wanted) -> "Figure":
    from evocative.evaluate.gallery import umap

    members = _members(wanted)
    models = {title: _model_in(title, one) for title, one in members.items()} if wanted.images else {}
    return umap(
        _read(members, wanted), by=wanted.by.value, images=wanted.images, seed=wanted.seed,
        width=wanted.width,
        predictors={title: _predictor(str(path)) for title, path in models.items()},
    )  # fmt: skip


def _centers(wanted: Wanted) -> "Figure":
    from evocative.evaluate.gallery import centers

    members = _members(wanted)
    models = {
        title: one.folder / "model" for title, one in members.items() if (one.folder / "model").is_dir()
    }
    margins = {title: m for title, one in members.items() if (m := _margin(one)) is not None}
    return centers(_read(members, wanted), models, margins=margins, width=wanted.width)


def _roc(wanted: Wanted) -> "Figure":
    from evocative.evaluate.gallery import roc

    return roc(_read(_members(wanted), wanted), label=wanted.label)


def _circumplex(wanted: Wanted) -> "Figure":
    from evocative.evaluate.gallery import circumplex

    return circumplex(_read(_members(wanted), wanted), by=wanted.by.value, width=wanted.width)


def _artworks(wanted: Wanted) -> "Figure":
    source = _one(wanted)
    models = [*Path(source).glob("model"), *Path(source).glob("*/model")]  # a run, or a folder of one run
    model = beforehand.model(str(models[0]) if len(models) == 1 else source)

    from evocative.evaluate.gallery import artworks

    predictor = _predictor(str(model))
    return artworks(predictor, _some(wanted), columns=wanted.columns, **_width(wanted))


def _samples(wanted: Wanted) -> "Figure":
    from evocative.cli.evaluate import read_data
    from evocative.evaluate.gallery import samples

    table = read_data(Path(_one(wanted)), wanted.root)
    table = table if wanted.split in (None, "all") else table.select(wanted.split)
    return samples(table, per_label=wanted.n, seed=wanted.seed, **_width(wanted))


def _augmentation(wanted: Wanted) -> "Figure":
    import json

    from evocative.evaluate.gallery import augmentation
    from evocative.recipe import load, parse

    source = _one(wanted)
    kept = Path(source) / "recipe.json"
    if kept.is_file():
        if wanted.settings:
            raise DataError("--set goes with a recipe; a run's settings are what they were")
        with reading(kept, DataError, "name a recipe in its place"):
            values = json.loads(kept.read_text(encoding="utf-8"))
        recipe = parse(values, where=str(kept))
    else:
        recipe = load(source, wanted.settings)
    return augmentation(recipe, _some(wanted), versions=wanted.n, **_width(wanted))


_DRAWN: dict[Kind, Callable[[Wanted], "Figure"]] = {
    Kind.UMAP: _umap, Kind.CENTERS: _centers, Kind.ROC: _roc, Kind.ARTWORKS: _artworks,
    Kind.SAMPLES: _samples, Kind.AUGMENTATION: _augmentation, Kind.CIRCUMPLEX: _circumplex,
}  # fmt: skip


def _width(wanted: Wanted) -> dict[str, Any]:
    return {} if wanted.width is None else {"width": wanted.width}


def _one(wanted: Wanted) -> str:
    if len(wanted.sources) != 1:
        raise DataError(f"this picture takes one source, found {len(wanted.sources)}; give images by --image")
    return wanted.sources[0]


def _some(wanted: Wanted) -> tuple[Path, ...]:
    if not wanted.images:
        raise DataError("this picture needs images: name them, or a folder of them, by --image")
    return wanted.images


def _members(wanted: Wanted) -> "dict[str, Member]":
    """Return the runs by title: as the command line names them, or by their recipe or file."""
    from evocative.evaluate.sources import read_source

    members = [one for text in wanted.sources for one in read_source(text)]
    found: dict[str, Member] = {}
    for one in members:
        title = one.name or (one.folder.name if one.recipe is not None else one.predictions.stem)
        if title in found:
            raise DataError(f"two runs are called {title}: give titles, as plain={one.predictions}")
        found[title] = one
    return found


def _read(members: "dict[str, Member]", wanted: Wanted) -> "dict[str, Predictions]":
    from evocative.cli.evaluate import from_file, read_data

    table = None if wanted.data is None else read_data(wanted.data, wanted.root)
    return {
        title: from_file(one.predictions, table, split=wanted.split, mapped=wanted.mapped).predictions
        for title, one in members.items()
    }


def _model_in(title: str, one: "Member") -> Path:
    folder = one.folder / "model"
    if not folder.is_dir():
        raise DataError(f"{title}: images are placed by the run's model, and {folder} is not there")
    return folder


def _predictor(source: str) -> "Predictor":
    from evocative.cli.beforehand import EMBEDDED
    from evocative.inference.predictor import load

    return load(None if source == EMBEDDED else source)


def _margin(one: "Member") -> float | None:
    """Return m of the contrastive-center loss, if the recipe has one."""
    losses = (one.recipe or {}).get("losses", [])
    found = [loss for loss in losses if loss.get("name") == "contrastive_center" and loss.get("weight")]
    return float(found[0]["margin"]) if found else None
