"""`evocative train`: from a recipe to a model and its report."""

from pathlib import Path
from typing import Annotated

import typer

from evocative.cli import beforehand
from evocative.cli.options import Accelerator, DataRoot, WeightsRoot
from evocative.errors import RecipeError


def train(
    recipe: Annotated[str, typer.Argument(help="A TOML file, or the name of a recipe that comes along.")],
    *,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Change a setting; may be given often."),
    ] = None,
    data_root: DataRoot = Path(),
    weights_root: WeightsRoot = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            callback=beforehand.output_folder,
            help="The run's folder; runs/NAME where it is not given.",
        ),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that keeps frozen features, for the next run too.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in that folder.")] = False,
    devices: Annotated[
        int, typer.Option(min=1, help="Devices on this machine; torchrun's where it is used.")
    ] = 1,
    accelerator: Accelerator = "auto",
    strategy: Annotated[str, typer.Option(help="How processes share the work: auto or ddp.")] = "auto",
) -> None:
    """Train a recipe, evaluate it on its test rows, and write model, predictions, report and pictures.

    Interrupted or killed, it goes on from its last checkpoint with --resume, to the same weights,
    bit for bit on one machine's CPU with the same number of threads (docs/recipes.md).
    """
    from evocative.recipe import load

    plan = load(recipe, settings or [])
    folder = output or Path("runs") / plan.name

    from evocative.training.files import check_files

    check_files(plan, data_root=data_root, weights_root=weights_root or data_root)
    if (folder / "recipe.json").exists() and not resume:
        raise RecipeError(f"{folder} holds a run already; go on with it by --resume, or name another folder")

    from evocative.training.launch import Launch
    from evocative.training.run import run

    finished = run(
        plan, data_root=data_root, weights_root=weights_root, output=folder, resume=resume, cache=cache,
        launch=Launch(accelerator=accelerator, devices=devices, strategy=strategy),
    )  # fmt: skip
    if not finished.first_process:
        return
    typer.echo(f"model: {finished.model}")
    if finished.predictions is not None:
        from evocative.cli.evaluate import report_on

        report_on(
            finished.predictions, folder / "report", bootstrap=plan.evaluation.bootstrap, seed=plan.seed,
            model=finished.model,
        )  # fmt: skip
