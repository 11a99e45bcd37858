"""From a recipe to a model folder: check everything, prepare, train, keep what was learnt.

runs/default/
    recipe.json         the resolved recipe
    environment.json    versions, device, seed, command
    log.jsonl           one object a logged step or epoch; tensorboard/ shows the same
    start.ckpt, last.ckpt, best.ckpt
    head_start.json     strengths that the head start chose
    unreadable.txt      images that could not be read
    validation.json     figures of the final weights on the validation rows, and how many rows each part has
    model/              safetensors, config.json, card
    predictions.parquet of the test rows, if there are any
"""

import json
import math
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from lightning.fabric import Fabric

import evocative
from evocative.data.atomic import replacing
from evocative.data.dataset import Batch, ImageDataset
from evocative.data.table import Table
from evocative.data.transforms import decode_size, evaluation_transform, normalize, training_transform
from evocative.datasets import DATASETS
from evocative.errors import RecipeError, unknown
from evocative.inference.predictions import write_predictions
from evocative.inference.predictor import Predictor
from evocative.inference.shares import merge
from evocative.losses.objective import Objective
from evocative.models.backbone import unknown_backbone
from evocative.models.create import EmotionModel, Output, create_model
from evocative.models.depthwise import use_fast_depthwise
from evocative.models.store import save_model
from evocative.preprocessing import Preprocessing
from evocative.recipe import Recipe
from evocative.training.averaging import average_with_start
from evocative.training.checkpoint import Progress, load_checkpoint
from evocative.training.fit import Setup, fit
from evocative.training.folder import open_run
from evocative.training.frozen import frozen_features
from evocative.training.head_start import head_start
from evocative.training.launch import Launch, start
from evocative.training.loaders import once, share, steps_per_epoch
from evocative.training.optimizer import create_optimizer, rate_groups
from evocative.training.sources import Parts, gather
from evocative.training.validate import validate


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
        RecipeError: Names of data sets or backbones are unknown, files are missing, a part is empty.
    """
    mistakes = []
    for number, source in enumerate(recipe.data.sources):
        if source.dataset != "table" and source.dataset not in DATASETS:
            mistakes.append(f"data.sources.{number}: " + unknown("data set", source.dataset, DATASETS))
        if not (data_root / source.path).exists():
            mistakes.append(f"data.sources.{number}: {source.path!r} is not below --data-root {data_root}")
    if not timm.is_model(recipe.model.backbone):
        mistakes.append("model.backbone: " + unknown_backbone(recipe.model.backbone))
    weights = _weights_file(recipe, weights_root)
    if weights is not None and not weights.is_file():
        mistakes.append(f"model.weights: there is no {weights}; give its folder as --weights-root")
    if mistakes:
        raise RecipeError(
            "\n".join([f"{recipe.name}: {len(mistakes)} setting(s) to mend", *(f"  {m}" for m in mistakes)])
        )


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
        RecipeError: The recipe cannot be run so.
        TrainingError: The run broke; what was finished is kept.
    """
    weights_root = weights_root or data_root
    check(recipe, data_root=data_root, weights_root=weights_root)
    fabric = start(recipe, launch or Launch())
    parts = gather(recipe.data, data_root)
    _check_parts(recipe, parts)
    open_run(output, recipe, fabric, resume=resume)
    setup = _prepare(fabric, recipe, parts, weights_root, output)
    progress = _train(setup, parts.train, cache)
    _keep_validation(setup, parts)
    model = output / "model"
    if fabric.global_rank == 0:
        _save(setup, parts, progress, model)
    fabric.barrier()
    predictions = _predict_test(setup, parts.test)
    return Finished(output, model, predictions, progress, first_process=fabric.global_rank == 0)


def _prepare(fabric: Fabric, recipe: Recipe, parts: Parts, weights_root: Path, output: Path) -> Setup:
    """Make network, optimiser, objective and loaders."""
    objective = Objective(recipe.losses, class_counts=_class_counts(parts.train)).to(fabric.device)
    model, preprocessing = _model(recipe, parts, weights_root, class_centers=objective.needs_class_centers)
    smaller = replace(preprocessing, size=recipe.augmentation.size or preprocessing.size)
    train = ImageDataset(
        parts.train, training_transform(smaller, recipe.augmentation), seed=recipe.seed,
        at_least=decode_size(smaller, recipe.augmentation),
    )  # fmt: skip
    held = ImageDataset(
        parts.validation, evaluation_transform(preprocessing), at_least=decode_size(preprocessing)
    )
    groups = rate_groups(model, recipe.optimizer)
    model = model.to(memory_format=torch.channels_last)
    wrapped, optimizer = fabric.setup(model, create_optimizer(groups, recipe.optimizer))
    batches = partial(share, recipe=recipe, fabric=fabric)

    def answer(batch: Batch) -> Output:
        output: Output = wrapped(normalize(batch.images, preprocessing))
        return output

    return Setup(
        fabric, wrapped, optimizer, objective, recipe, preprocessing, output,
        steps_per_epoch=steps_per_epoch(len(train), recipe),
        batches=lambda epoch, skip: batches(train, epoch=epoch, skip=skip),
        answer=answer,
        validate=lambda: validate(fabric, wrapped, objective, batches(held), answer),
    )  # fmt: skip


def _train(setup: Setup, train: Table, cache: Path | None) -> Progress:
    """Head start, loop, and back to the best weights."""
    last, best = setup.folder / "last.ckpt", setup.folder / "best.ckpt"
    start, share = setup.folder / "start.ckpt", setup.recipe.training.average_with_start
    if setup.recipe.training.head_start and not last.exists():
        _start_heads(setup, train, cache)
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
    return progress


def _start_heads(setup: Setup, train: Table, cache: Path | None) -> None:
    """Fit the heads to the frozen backbone, on the images as evaluation sees them."""
    fabric, model = setup.fabric, setup.model
    frozen = frozen_features(
        fabric, model, once(train), recipe=setup.recipe, preprocessing=setup.preprocessing, cache=cache
    )
    notes = head_start(model.module, frozen)
    for parameter in model.module.parameters() if fabric.world_size > 1 else ():
        torch.distributed.broadcast(parameter.data, src=0)
    if fabric.global_rank == 0:
        with replacing(setup.folder / "head_start.json") as file:
            file.write_text(json.dumps(notes, indent=2) + "\n", encoding="utf-8")


def _check_parts(recipe: Recipe, parts: Parts) -> None:
    if recipe.training.select == "best" and recipe.training.epochs > 0 and len(parts.validation) == 0:
        raise RecipeError(
            "training.select is best, but no row is for validation: give data.split a share of validation, "
            'or set training.select = "last"'
        )


def _model(
    recipe: Recipe, parts: Parts, weights_root: Path, *, class_centers: bool
) -> tuple[EmotionModel, Preprocessing]:
    """Create the network from the recipe's seed, with its preprocessing."""
    weights = _weights_file(recipe, weights_root)
    config = replace(
        recipe.model,
        weights=recipe.model.weights if weights is None else str(weights),
        class_centers=class_centers,
    )
    torch.manual_seed(recipe.seed)
    model = create_model(config, parts.train.taxonomy)
    if recipe.training.batch_norm == "folded":
        model.fold()
    if recipe.training.batch_norm == "frozen":
        for module in model.backbone.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.requires_grad_(False)
    use_fast_depthwise(model)
    return model, recipe.preprocessing or replace(model.preprocessing, size=224, fit="squash")


def _weights_file(recipe: Recipe, weights_root: Path) -> Path | None:
    """Return the file that the recipe names; None where weights are random or come from a hub."""
    weights = recipe.model.weights
    if weights is None or weights == "timm" or weights.startswith("hf-hub:"):
        return None
    return weights_root / weights


def _class_counts(table: Table) -> list[int] | None:
    if table.taxonomy is None:
        return None
    labels = table.labels
    return [int((labels == number).sum()) for number in range(len(table.taxonomy))]


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


def _save(setup: Setup, parts: Parts, progress: Progress, folder: Path) -> None:
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
        half=recipe.training.half,
    )  # fmt: skip


def _predict_test(setup: Setup, test: Table) -> Path | None:
    """Predict the test rows, each process its share; the first one writes them in the table's order."""
    fabric, settings = setup.fabric, setup.recipe.evaluation
    if not settings.run or len(test) == 0:
        return None
    predictor = Predictor(
        setup.model.module, setup.preprocessing, device=str(fabric.device), flip=settings.flip,
        precision=setup.recipe.training.precision, batch_size=settings.batch_size, name=setup.recipe.name,
    )  # fmt: skip
    rows = np.arange(fabric.global_rank, len(test), fabric.world_size)
    found = predictor.predict_table(test.select(rows))
    frames: list[Any] = [found.frame] * fabric.world_size
    if fabric.world_size > 1:
        torch.distributed.all_gather_object(frames, found.frame)
    path = setup.folder / "predictions.parquet"
    if fabric.global_rank == 0:
        shares = [replace(found, frame=frame) for frame in frames]
        write_predictions(merge(shares, [str(name) for name in test.frame["path"]]), path)
    fabric.barrier()
    return path
