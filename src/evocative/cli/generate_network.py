"""`evocative generate --method gan|prior-free`: a network learns to make pictures, and makes some."""

from typing import TYPE_CHECKING

import typer

from evocative.cli.generate import Asked, refuse
from evocative.cli.loudness import note
from evocative.errors import RecipeError

if TYPE_CHECKING:
    from evocative.explore.judge import Judge
    from evocative.generate.generator import Generator


def by_gan(asked: Asked) -> int:
    """Train on the recipe's tables (or take a trained generator) and write samples."""
    from evocative.explore.judge import load_judge

    refuse(asked, "photograph", "target", "also")
    if asked.generator is not None:
        return _taken(asked)
    from evocative.generate.gan import train_gan
    from evocative.generate.generator_settings import GanRecipe, load_generator_recipe
    from evocative.inference.precision import resolve_device

    recipe = load_generator_recipe(asked.recipe or "gan", asked.settings, kind=GanRecipe)
    judge = load_judge(asked.model, device=asked.device)  # a wrong name must not cost a training
    generator = train_gan(
        recipe, asked.output, data_root=asked.data_root, resume=asked.resume,
        device=resolve_device(asked.device), say=note,
    )  # fmt: skip
    return _write(asked, generator, judge)


def prior_free(asked: Asked) -> int:
    """Train a generator that only answers to the model (or take a trained one) and write samples."""
    from evocative.explore.judge import load_judge

    refuse(asked, "photograph", "data_root", "target", "also")
    if asked.generator is not None:
        return _taken(asked)
    from evocative.generate.generator_settings import PriorFreeRecipe, load_generator_recipe
    from evocative.generate.prior_free import train_prior_free

    recipe = load_generator_recipe(asked.recipe or "prior-free", asked.settings, kind=PriorFreeRecipe)
    judge = load_judge(asked.model, device=asked.device)
    generator = train_prior_free(recipe, asked.output, judge=judge, resume=asked.resume)
    return _write(asked, generator, judge)


def _taken(asked: Asked) -> int:
    """Write samples of a generator that is trained already."""
    from evocative.explore.judge import load_judge
    from evocative.generate.generator_store import load_generator

    refuse(asked, "recipe", "settings", "data_root", "resume")
    if asked.generator is None:
        raise RecipeError("--generator: name the folder of a trained generator")
    return _write(asked, load_generator(asked.generator), load_judge(asked.model, device=asked.device))


def _write(asked: Asked, generator: "Generator", judge: "Judge") -> int:
    from evocative.explore.made import write_made
    from evocative.generate.samples import make_samples, save_sheet, taxonomy_of

    pictures, rows = make_samples(
        generator.eval(), judge, count=asked.pictures, seed=asked.seed, source=asked.method
    )
    table = write_made(asked.output, pictures, rows, taxonomy=taxonomy_of(generator.conditions, judge))
    save_sheet(generator, asked.output / "sheet.png", seed=asked.seed)
    told = rows["found"].mean()
    typer.echo(f"{len(rows)} pictures, found {told:.3f} on average: {table}")
    return 0
