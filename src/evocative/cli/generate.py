"""`evocative generate`: pictures that a model should find emotional, made in one of several ways."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Final

import typer

from evocative.cli import beforehand
from evocative.cli.options import DataRoot, Device
from evocative.errors import RecipeError


@dataclass(frozen=True)
class Asked:
    """What `evocative generate` was asked for; every method reads its part."""

    model: str | None
    """Who judges; None: the embedded model."""
    method: str
    output: Path
    recipe: str | None = None
    settings: tuple[str, ...] = ()
    data_root: Path = Path()
    generator: Path | None = None
    """Folder of a trained generator."""
    photograph: Path | None = None
    pictures: int = 4
    """For each emotion or place."""
    seed: int = 0
    resume: bool = False
    device: str = "auto"
    target: tuple[str, ...] = ()
    """Of pictures that are made one by one; (): every emotion."""
    also: tuple[str, ...] = ()
    """Further models that must agree."""


METHODS: Final = {
    "gan": "generate_network:by_gan",
    "prior-free": "generate_network:prior_free",
    "optimised": "generate_optimised:optimised",
    "latent": "generate_optimised:latent",
}
"""Each way of making pictures, and the function (of a file beside this one) that takes what was `Asked`; it
returns the exit status."""

Method = Enum("Method", {name: name for name in METHODS}, type=str)  # type: ignore[misc]


def generate(
    model: Annotated[
        str | None,
        typer.Argument(
            callback=beforehand.model,
            help="Who judges: a model's folder or hf-hub:org/name; else the embedded one.",
        ),
    ] = None,
    *,
    method: Annotated[
        Method,
        typer.Option(
            help="gan: from the pictures of a table. prior-free: a network that only answers to the model. "
            "optimised: picture by picture, by gradients. latent: a search through a trained generator."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            callback=beforehand.output_folder,
            help="The folder for pictures.csv, pictures/ and what was learnt.",
        ),
    ],
    recipe: Annotated[
        str | None, typer.Option(help="Settings: a TOML file, or a name that comes along; else the method's.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Change a setting; may be given often."),
    ] = None,
    data_root: DataRoot = Path(),
    generator: Annotated[
        Path | None,
        typer.Option(
            callback=beforehand.input_path,
            help="Folder of a trained generator: gan, prior-free: train nothing; latent: needed.",
        ),
    ] = None,
    photograph: Annotated[
        Path | None,
        typer.Option(
            callback=beforehand.input_path, help="optimised: begin with this picture, and stay near it."
        ),
    ] = None,
    pictures: Annotated[int, typer.Option(min=1, help="Pictures for each emotion or place.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Of the pictures; networks have one in their recipe.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the training in that folder.")] = False,
    device: Device = "auto",
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GOAL",
            help="optimised, latent: awe; arousal (high); -arousal (low); valence=0.5,arousal=-0.3; else "
            "every emotion. May be given often.",
        ),
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL",
            callback=beforehand.further_models,
            help="optimised, latent: a further model to convince; often.",
        ),
    ] = None,
) -> None:
    """Make pictures for emotions or for places in valence and arousal, and write them as a table.

    OUTPUT/pictures.csv says of each what was asked for and what the model finds; `evocative predict`,
    `evaluate` and `compare-pictures` take it as any table.

    Exit status: 0 all well, 1 some pictures failed, 2 a usage error.
    """
    asked = Asked(
        model, method.value, output, recipe=recipe, settings=tuple(settings or ()), data_root=data_root,
        generator=generator, photograph=photograph, pictures=pictures, seed=seed, resume=resume,
        device=device, target=tuple(target or ()), also=tuple(also or ()),
    )  # fmt: skip
    named = [place.partition("=")[0].strip() for goal in asked.target for place in goal.split(",")]
    beforehand.targets(named, model, "--target")
    if status := _way(asked.method)(asked):
        raise typer.Exit(status)


def refuse(asked: Asked, *names: str) -> None:
    """Refuse options that a method does not have.

    Raises:
        RecipeError: One of them was given; the message names it.
    """
    untouched = Asked(None, asked.method, asked.output)
    for name in names:
        if getattr(asked, name) != getattr(untouched, name):
            option = "set" if name == "settings" else name.replace("_", "-")
            raise RecipeError(f"--{option} is not for --method {asked.method}; leave it out")


def _way(method: str) -> Callable[[Asked], int]:
    file, name = METHODS[method].split(":")
    found: Callable[[Asked], int] = getattr(import_module(f"evocative.cli.{file}"), name)
    return found
