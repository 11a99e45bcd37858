"""`evocative atlas`: which pictures a model finds emotional, a whole map of them."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evocative.cli import beforehand
from evocative.cli.loudness import note, quiet
from evocative.cli.options import Device

if TYPE_CHECKING:
    from evocative.explore.atlas import Progress
    from evocative.explore.atlas_folder import Atlas


class Kind(StrEnum):
    """What cells stand for."""

    emotions = "emotions"
    plane = "plane"
    probabilities = "probabilities"
    cube = "cube"


class Genome(StrEnum):
    """What draws the pictures."""

    cppn = "cppn"
    expression = "expression"
    weights = "weights"


class Emitter(StrEnum):
    """Where new genomes come from."""

    mutation = "mutation"
    random = "random"
    cma_me = "cma-me"
    gradient = "gradient"


class Fitness(StrEnum):
    """What elites compete by."""

    confidence = "confidence"
    agreement = "agreement"


class Precision(StrEnum):
    """In which numbers models compute."""

    auto = "auto"
    fp32 = "fp32"
    bf16 = "bf16"
    fp16 = "fp16"


def atlas(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL]...",
            callback=beforehand.models,
            help="A model's folder or hf-hub:org/name; several for --fitness agreement; else the embedded.",
        ),
    ] = None,
    *,
    kind: Annotated[
        Kind,
        typer.Option(
            help="emotions: emotion by confidence; plane: valence by arousal; probabilities: regions of the "
            "whole vector; cube: valence, arousal, dominance."
        ),
    ] = Kind.emotions,
    genome: Annotated[
        Genome | None,
        typer.Option(help="cppn, expression or weights; else cppn, and weights for cma-me and gradient."),
    ] = None,
    emitter: Annotated[
        Emitter, typer.Option(help="mutation (MAP-Elites), random (baseline), cma-me, gradient (CMA-MEGA).")
    ] = Emitter.mutation,
    fitness: Annotated[
        Fitness, typer.Option(help="confidence of the model; agreement of models and views of a picture.")
    ] = Fitness.confidence,
    evaluations: Annotated[int, typer.Option(min=1, help="Pictures that are judged.")] = 10_000,
    batch: Annotated[int, typer.Option(min=1, help="Pictures between two looks at the archive.")] = 64,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    size: Annotated[int, typer.Option(min=0, help="Pixels; 0: of the model's input.")] = 0,
    bins: Annotated[
        int, typer.Option(min=0, help="Bands, bins an axis, or regions; 0: 10, 20, 500, 10 by kind.")
    ] = 0,
    views: Annotated[int, typer.Option(min=1, help="agreement: views of a picture.")] = 4,
    start: Annotated[int, typer.Option(min=1, help="mutation: random genomes first.")] = 256,
    crossing: Annotated[float, typer.Option(min=0, max=1, help="mutation: share of two parents.")] = 0.2,
    searches: Annotated[int, typer.Option(min=1, help="cma-me, gradient: side by side.")] = 4,
    sigma: Annotated[
        float, typer.Option(min=0, help="cma-me, gradient: SD of the first step; 0: 0.5 and 1.")
    ] = 0.0,
    output: Annotated[
        Path, typer.Option("--output", "-o", callback=beforehand.output_folder, help="The atlas's folder.")
    ] = Path("atlas"),
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was interrupted, or search on.")
    ] = False,
    device: Device = "auto",
    precision: Annotated[Precision, typer.Option(help="Of the models.")] = Precision.auto,
) -> None:
    """Search pictures that fill a map of what a model has learnt, by quality-diversity evolution.

    Exit status: 0 all well, 2 it cannot be done as it was asked for.
    """
    from evocative.explore.atlas import make_atlas
    from evocative.explore.atlas_settings import VECTORS, AtlasSettings, unused
    from evocative.explore.judge import load_judge
    from evocative.report.atlas import write_atlas_page

    chosen = genome or (Genome.weights if emitter.value in VECTORS else Genome.cppn)
    settings = AtlasSettings(
        kind=kind.value, genome=chosen.value, emitter=emitter.value, fitness=fitness.value,
        evaluations=evaluations, batch=batch, seed=seed, size=size, bins=bins, views=views, start=start,
        crossing=crossing, searches=searches, sigma=sigma,
    )  # fmt: skip
    for name, by in unused(asdict(settings)).items():
        if getattr(settings, name) != getattr(AtlasSettings, name):
            note(f"--{name} makes no difference: {by} does not look at it")
    sources: list[str | None] = [*models] if models else [None]
    judges = [load_judge(source, device=device, precision=precision.value) for source in sources]
    with bar(evaluations) as watch:
        made = make_atlas(judges, settings, output, resume=resume, watch=watch)
    write_atlas_page(made)
    tell(made)


def tell(made: "Atlas") -> None:
    """Print what became of a run."""
    figures = {name: float(value or 0) for name, value in made.figures.items()}
    share = figures["seconds_scoring"] / max(figures["seconds"], 1e-9)
    typer.echo(
        f"{made.folder}: {len(made.elites)} of {made.num_cells} cells ({made.coverage:.1%}), "
        f"QD score {figures['qd_score']:.2f}, best {figures['best']:.3f}, {figures['evaluations']:.0f} "
        f"evaluations in {figures['seconds']:.0f} s, {share:.0%} of it for the models' answers"
    )


@contextmanager
def bar(total: int) -> "Iterator[Callable[[Progress], None]]":
    """Show on stderr how many evaluations there were, coverage and QD score, where it is a terminal."""
    if quiet() or not sys.stderr.isatty():
        yield lambda progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn()
    with Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as shown:
        task = shown.add_task("evaluations", total=total)

        def watch(progress: "Progress") -> None:
            told = f"evaluations, coverage {progress.coverage:.1%}, QD score {progress.qd_score:.2f}"
            shown.update(task, completed=progress.evaluations, description=told)

        yield watch
