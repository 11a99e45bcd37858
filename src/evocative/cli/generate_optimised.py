"""`evocative generate --method optimised|latent`: pictures by gradients, or found in a generator's space."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from evocative.cli.generate import Asked, refuse
from evocative.errors import RecipeError

if TYPE_CHECKING:
    from torch import Tensor

    from evocative.explore.judge import Judge
    from evocative.generate.goals import Goal

NEAR = 30.0
"""Weight of the nearness to a photograph where no setting says another."""
SLOW = 0.02
"""Learning rate from a photograph where no setting says another."""


def optimised(asked: Asked) -> int:
    """Optimise pictures, from noise or from a photograph, and write them as a made table."""
    from evocative.generate.optimised import OptimiseSettings, optimise
    from evocative.generate.paint import goals_of, photographs, read_settings

    refuse(asked, "data_root", "generator", "resume")
    gentle = {} if asked.photograph is None else {"near": NEAR, "learning_rate": SLOW}
    settings = read_settings(OptimiseSettings, asked.recipe, asked.settings, **gentle)
    judges = _judges(asked)
    goals = goals_of(asked.target, judges, count=asked.pictures)
    starts = None
    if asked.photograph is not None:
        starts = photographs(asked.photograph, judges[0], len(goals), size=settings.size)
    with _Bar(len(goals) * settings.steps) as told:
        made = optimise(judges, goals, settings=settings, starts=starts, seed=asked.seed, told=told)
    return _write(asked, judges, goals, made.pictures, made.begun)


def latent(asked: Asked) -> int:
    """Search a trained generator's latent space, and write what was found as a made table."""
    from evocative.generate.generator_store import load_generator
    from evocative.generate.latent_search import LatentSettings, search_latents
    from evocative.generate.paint import goals_of, read_settings

    refuse(asked, "data_root", "photograph", "resume")
    if asked.generator is None:
        raise RecipeError("--method latent needs --generator: the folder of a trained generator")
    settings = read_settings(LatentSettings, asked.recipe, asked.settings)
    generator, judges = load_generator(asked.generator), _judges(asked)
    goals = goals_of(asked.target, judges, count=asked.pictures)
    with _Bar(len(goals) * settings.steps) as told:
        found = search_latents(generator, judges, goals, settings=settings, seed=asked.seed, told=told)
    return _write(asked, judges, goals, found.pictures, found.begun)


def _judges(asked: Asked) -> "list[Judge]":
    from evocative.explore.judge import load_judge

    return [load_judge(source, device=asked.device) for source in (asked.model, *asked.also)]


def _write(
    asked: Asked, judges: "list[Judge]", goals: "list[Goal]", pictures: "Tensor", begun: "Tensor"
) -> int:
    from evocative.explore.made import write_made
    from evocative.generate.paint import rows_of

    rows = rows_of(goals, pictures, begun, judges, source=asked.method, seed=asked.seed)
    table = write_made(asked.output, pictures, rows, taxonomy=judges[0].taxonomy)
    for target, some in rows.groupby("target", sort=False):
        before, after = some["found_before"].mean(), some["found"].mean()
        typer.echo(f"{target!s:<20}{before:.3f} -> {after:.3f}")
    typer.echo(f"{len(rows)} pictures, found {rows['found'].mean():.3f} on average: {table}")
    return 0


class _Bar:
    """A progress bar that is told how many steps of pictures were taken."""

    def __init__(self, total: int) -> None:
        self._total = total

    def __enter__(self) -> Callable[[int], None]:
        from itertools import repeat

        from evocative.cli.progress import watched

        self._steps = watched(repeat(None, self._total), total=self._total, noun="steps of pictures")
        return self._tell

    def _tell(self, count: int) -> None:
        for _ in range(count):
            next(self._steps, None)

    def __exit__(self, *_: object) -> None:
        next(self._steps, None)
        self._steps.close()  # type: ignore[attr-defined]  # a generator
