"""From a recipe to a model folder: check everything, prepare, train, keep what was learnt.

runs/default/
    recipe.json         the resolved recipe
    given.parquet       the rows of each part, as the run was given them
    environment.json    versions, device, seed, command
    log.jsonl           one object a logged step or epoch; tensorboard/ shows the same
    start.ckpt, last.ckpt, best.ckpt
    head_start.json     strengths that the head start chose
    calibration.json    what predicted SDs were multiplied by, where the recipe asks for it
    unreadable.txt      images that could not be read
    validation.json     figures of the final weights on the validation rows, and how many rows each part has
    model/              safetensors, config.json, card
    predictions.parquet of the test rows, if there are any
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from lightning.fabric import Fabric

import evocative
from evocative.data.alone import alone
from evocative.data.atomic import replacing
from evocative.errors import RecipeError
from evocative.inference.trained_on import trained_on
from evocative.models.backbone import is_backbone, unknown_backbone
from evocative.models.store import save_model
from evocative.models.training_images import TrainingImages, joined, read_training_images
from evocative.recipe import Recipe
from evocative.training.averaging import average_with_start
from evocative.training.calibrate import calibrate_sd, check_calibration
from evocative.training.checkpoint import Progress, load_checkpoint
from evocative.training.files import refuse_mistakes, weights_files, wrong_files
from evocative.training.fit import Setup, fit
from evocative.training.folder import open_run
from evocative.training.given import Given
from evocative.training.head_start import head_start
from evocative.training.idle import idle_losses, idle_on_rows
from evocative.training.launch import Launch, start
from evocative.training.loaders import once, shared_digests
from evocative.training.prepare import Prepared, prepare
from evocative.training.sources import Parts, gather
from evocative.training.unchanged import keep


@dataclass(frozen=True)
class Finished:
    """What a run leaves."""

    folder: Path
    model: Path
    predictions: Path | None
    """Of the test rows; None where the recipe holds none out."""
    progress: Progress
    first_process: bool
    """Whether this process is the one that speaks for all."""


def check(recipe: Recipe, *, data_root: Path, weights_root: Path) -> None:
    """Say everything that can be known to be wrong before any work, at once.

    Raises:
        RecipeError: Names of data sets or backbones are unknown, files are missing, a loss could not act.
    """
    mistakes = wrong_files(recipe, data_root=data_root, weights_root=weights_root)
    if not is_backbone(recipe.model.backbone):
        mistakes.append("model.backbone: " + unknown_backbone(recipe.model.backbone))
    refuse_mistakes(recipe, [*mistakes, *idle_losses(recipe)])


def run(
    recipe: Recipe, *, data_root: Path, output: Path, weights_root: Path | None = None, resume: bool = False,
    launch: Launch | None = None, cache: Path | None = None,
) -> Finished:  # fmt: skip
    """Train a recipe into a folder.

    Args:
        recipe: Every setting.
        data_root: The folder that the sources' paths are relative to.
        output: The run's folder.
        weights_root: The folder that a file of weights is relative to; `data_root` where it is not given.
        resume: Go on with what stands in the folder. Without it a folder with a run is refused.
        launch: Devices and processes; one device where it is not given.
        cache: A folder that keeps the frozen features of a head start for the next run.

    Raises:
        RecipeError: The recipe cannot be run so, or the folder's run had another one or was given other rows.
        DataError: Another process is at work in the folder.
        TrainingError: The run broke; what was finished is kept.
    """
    weights_root = weights_root or data_root
    check(recipe, data_root=data_root, weights_root=weights_root)
    fabric = start(recipe, launch or Launch())
    parts = gather(recipe.data, data_root)
    _check_parts(recipe, parts)
    with alone(output, needed=fabric.global_rank == 0):
        open_run(output, recipe, fabric, resume=resume)
        weights = weights_files(recipe, weights_root)
        return _carry_out(fabric, recipe, parts, weights=weights, output=output, cache=cache)


def _carry_out(
    fabric: Fabric, recipe: Recipe, parts: Parts, *, weights: tuple[Path, ...], output: Path,
    cache: Path | None,
) -> Finished:  # fmt: skip
    """Train what was checked into a folder that nobody else writes to."""
    given = Given.of(parts, weights, digests=partial(shared_digests, fabric))
    keep(output, given, write=fabric.global_rank == 0)
    prepared = prepare(fabric, recipe, parts, weights=weights, output=output, store=cache)
    progress = _train(prepared)
    _keep_validation(prepared.setup, parts)
    model, record = output / "model", _training_images(given, weights)
    if fabric.global_rank == 0:
        _save(prepared.setup, parts, progress, model, record)
    fabric.barrier()
    predictions = prepared.predict_test(trained_on(record, given.images("test")))
    return Finished(output, model, predictions, progress, first_process=fabric.global_rank == 0)


def _train(prepared: Prepared) -> Progress:
    """Head start, loop, and back to the best weights."""
    setup = prepared.setup
    last, best = setup.folder / "last.ckpt", setup.folder / "best.ckpt"
    start, share = setup.folder / "start.ckpt", setup.recipe.training.average_with_start
    if setup.recipe.training.head_start and not last.exists():
        _start_heads(prepared)
    if share and not last.exists():
        setup.save("start.ckpt", Progress())
    progress = fit(setup)
    if setup.recipe.training.select == "best" and best.exists():
        load_checkpoint(setup.fabric, best, model=setup.model, optimizer=None)
    if share:
        average_with_start(setup.fabric, setup.model, start, share=share)
    if setup.recipe.training.half:  # what is predicted and reported is what is stored
        for parameter in setup.model.parameters():
            parameter.data = parameter.data.half().to(parameter.dtype)
    if setup.recipe.training.calibrate_sd:
        calibrate_sd(setup, prepared.held())
    return progress


def _start_heads(prepared: Prepared) -> None:
    """Fit the heads to the frozen backbone, on the images as evaluation sees them."""
    fabric, model = prepared.setup.fabric, prepared.setup.model
    settings = prepared.setup.recipe.training
    notes = head_start(
        model.module, prepared.frozen(), inverse_penalty=settings.head_inverse_penalty,
        emotions_band=settings.head_emotions_band, group_effect=settings.head_group_effect,
    )  # fmt: skip
    fitted = (*model.module.parameters(), *model.module.buffers())  # buffers: what whitens maps
    for tensor in fitted if fabric.world_size > 1 else ():
        torch.distributed.broadcast(tensor.data, src=0)
    if fabric.global_rank == 0:
        with replacing(prepared.setup.folder / "head_start.json") as file:
            file.write_text(json.dumps(notes, indent=2) + "\n", encoding="utf-8")


def _check_parts(recipe: Recipe, parts: Parts) -> None:
    if idle := idle_on_rows(recipe, parts.train):
        raise RecipeError(
            "\n".join([f"{recipe.name}: {len(idle)} term(s) that cannot act", *(f"  {m}" for m in idle)])
        )
    check_calibration(recipe, parts.validation)
    if recipe.training.select == "best" and recipe.training.epochs > 0 and len(parts.validation) == 0:
        raise RecipeError(
            "training.select is best, but no row is for validation: give data.split a share of validation, "
            'or set training.select = "last"'
        )


def _keep_validation(setup: Setup, parts: Parts) -> None:
    """Measure the weights that the run ends with: after the best epoch was chosen, averaged or rounded."""
    figures = setup.validate()
    plain = {name: value if math.isfinite(value) else None for name, value in figures.items()}
    if setup.fabric.global_rank == 0:
        with replacing(setup.folder / "validation.json") as file:
            content = {"figures": plain, "rows": _rows(parts)}
            file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _rows(parts: Parts) -> dict[str, int]:
    return {
        "train": len(once(parts.train)), "validation": len(parts.validation), "test": len(parts.test),
    }  # fmt: skip


def _training_images(given: Given, weights: Sequence[Path]) -> TrainingImages:
    """Return what the weights were learnt from: this run's images, and those of models it goes on from."""
    mine = TrainingImages(given.training_images)
    return joined([mine, *(read_training_images(path) for path in weights if path.is_dir())]) or mine


def _save(
    setup: Setup, parts: Parts, progress: Progress, folder: Path, training_images: TrainingImages
) -> None:
    recipe = setup.recipe
    provenance = {
        "recipe": recipe.to_dict(),
        "evocative": evocative.__version__,
        "torch": torch.__version__,
        "rows": _rows(parts),
        "tables": sorted({name for name in parts.train.name.split("+") if name}),
        "steps": progress.step,
        "best_epoch": progress.best_epoch,
    }
    averaged = recipe.training.average_with_start > 0  # then the best figure is of other weights
    measured = {f"validation_{recipe.training.monitor}": progress.best}
    measured = {} if progress.best is None or averaged else measured
    save_model(
        setup.model.module, folder, preprocessing=setup.preprocessing, provenance=provenance,
        measured=measured, licence="unstated: as the training data and the pretrained weights allow",
        precision="float16" if recipe.training.half else "float32", training_images=training_images,
    )  # fmt: skip
