"""`evocative evaluate-gaze`: maps of models, or maps as files, held against where people looked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evocative.cli import beforehand
from evocative.cli.options import Bootstrap, Device
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.datasets.gaze import GazeImage
    from evocative.evaluate.gaze import Maker
    from evocative.evaluate.gaze_report import GazeReport
    from evocative.metrics.intervals import Interval

SHOWN = 6
"""Images in the picture of maps."""


def _models_or_maps(sources: list[str] | None) -> list[str] | None:
    """Refuse what is neither a model nor a folder of maps."""
    for source in sources or []:
        place = source.rpartition("=")[2]
        if not _holds_maps(Path(place)):
            beforehand.model(place)
    return sources


def _holds_maps(folder: Path) -> bool:
    return folder.is_dir() and not (folder / "config.json").is_file()


def evaluate_gaze(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL|MAPS]...",
            callback=_models_or_maps,
            help="A model's folder, hf-hub:org/name or 'embedded', or a folder of maps (<image>.npy, .png); "
            "NAME=SOURCE names it. None: the baselines alone.",
        ),
    ] = None,
    *,
    data: Annotated[
        Path,
        typer.Option(
            callback=beforehand.input_path,
            help="Gaze data: OSIE, MIT1003, or a folder of images with maps or fixations.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", callback=beforehand.output_folder, help="Folder of the report.")
    ] = Path("gaze"),
    method: Annotated[
        str, typer.Option(callback=beforehand.map_method, help="How a model's map is made; see explain.")
    ] = "auto",
    emotion: Annotated[
        str, typer.Option(help="Whose map: that of the predicted emotion, or a label.")
    ] = "predicted",
    sigma: Annotated[
        float | None, typer.Option(min=0.1, help="Blur of a fixation in pixels, if not the owners'.")
    ] = None,
    emd: Annotated[bool, typer.Option(help="Compute the earth mover's distance (extra gaze).")] = True,
    ceiling: Annotated[bool, typer.Option(help="Hold viewers against each other.")] = True,
    curves: Annotated[
        int, typer.Option(min=0, help="Images for deletion and insertion curves; 0 for none.")
    ] = 10,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Measure on the first images only; baselines are still made from all."),
    ] = None,
    bootstrap: Bootstrap = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of draws and splits.")] = 0,
    device: Device = "auto",
) -> None:
    """Say how well maps show where people looked, beside priors without emotion and people themselves.

    Writes report.json, images.csv, table.md and pictures. Exit status: 0 all well, 1 some images or maps
    failed, 2 nothing could be done as it was asked for.
    """
    from evocative.cli.progress import watched
    from evocative.datasets.gaze import read_gaze
    from evocative.evaluate.gaze import evaluate_gaze as measure
    from evocative.evaluate.gaze_report import GazeSettings, table, write_gaze
    from evocative.evaluate.model_maps import ModelMaps

    gaze = read_gaze(data)
    makers = _makers(sources or [], method=method, emotion=emotion, device=device)
    settings = GazeSettings(
        sigma=sigma, emd=emd, ceiling=ceiling, bootstrap=bootstrap, seed=seed, limit=limit
    )
    measured = gaze.images[:limit]
    report = measure(gaze, makers, settings, watch=partial(watched, total=len(measured)))
    findings: dict[str, Interval] = {}
    for name, maker in makers.items():
        if isinstance(maker, ModelMaps):
            said = maker.differences(draws=bootstrap, seed=seed)
            said |= maker.curves(measured[:curves], draws=bootstrap, seed=seed)
            findings |= {f"{name}: {what}": figure for what, figure in said.items()}
    report = replace(report, findings=findings)
    write_gaze(report, output)
    for each in report.left_out:  # first, since where all is left out there is nothing to draw
        typer.echo(f"left out: {each.path}: {each.reason}", err=True)
    _draw(report, measured, makers, output)
    typer.echo(f"{report.data}: {report.images} images, {report.fixations} fixations, {report.sigma_source}")
    typer.echo(table(report, intervals=False), nl=False)
    for name, figure in findings.items():
        typer.echo(f"{name}: {figure}")
    typer.echo(f"report: {output / 'report.json'}")
    if report.left_out:
        raise typer.Exit(1)


def _makers(sources: list[str], *, method: str, emotion: str, device: str) -> "Mapping[str, Maker]":
    """Return what makes the maps of each source, by its name."""
    from evocative.cli.beforehand import EMBEDDED
    from evocative.evaluate.model_maps import FolderMaps, ModelMaps
    from evocative.inference.predictor import load

    makers: dict[str, Maker] = {}
    for source in sources:
        name, _, place = source.rpartition("=")
        name = name or (place if place.startswith("hf-hub:") else Path(place).name)
        if name in makers:
            raise DataError(f"two sources are called {name!r}: name them, as first={place}")
        if _holds_maps(Path(place)):
            makers[name] = FolderMaps(Path(place))
            continue
        predictor = load(None if place == EMBEDDED else place, device=device)
        makers[name] = ModelMaps(predictor, method=method, emotion=emotion)
    return makers


def _draw(
    report: "GazeReport", images: "Sequence[GazeImage]", makers: "Mapping[str, Maker]", folder: Path
) -> None:
    """Draw the figures, and some images with their maps."""
    from evocative.data.image import decode
    from evocative.errors import EvocativeError
    from evocative.evaluate.fixation_maps import fixation_density, spectral_residual
    from evocative.evaluate.gaze_report import LOWER_IS_BETTER, RESIDUAL
    from evocative.plots.gaze import Bar, Looked, plot_gaze, plot_gaze_figures
    from evocative.plots.style import save

    bars = {
        each.name: {name: Bar(one.value, one.low, one.high) for name, one in each.figures.items()}
        for each in report.maps
    }
    save(plot_gaze_figures(bars, lower_is_better=LOWER_IS_BETTER), folder / "figures.png")
    rows = []
    for image in images[:: max(1, len(images) // SHOWN)][:SHOWN]:
        try:
            picture, size = decode(image.path), (image.height, image.width)
            density = image.given_density()
            if density is None:
                density = fixation_density(image.fixations(), *size, sigma=report.sigma)
            maps = {"density": density} | {name: maker(image) for name, maker in makers.items()}
        except EvocativeError:
            continue
        rows.append(Looked(picture, image.fixations(), size, maps | {RESIDUAL: spectral_residual(picture)}))
    if rows:
        save(plot_gaze(rows), folder / "maps.png")
