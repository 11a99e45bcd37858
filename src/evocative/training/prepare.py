"""From a recipe's rows to everything that the loop computes with: network, optimiser, batches, answers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.fabric import Fabric
from pandas.arrays import BooleanArray

from evocative.data.dataset import Batch, ImageDataset
from evocative.data.table import Table
from evocative.data.transforms import decode_size, evaluation_transform, normalize, training_transform
from evocative.errors import RecipeError
from evocative.inference.metadata import Metadata
from evocative.inference.network import fingerprint
from evocative.inference.precision import resolve_precision
from evocative.inference.predictions import write_predictions
from evocative.inference.predictor import Predictor
from evocative.inference.shares import merge
from evocative.inference.trained_on import marked
from evocative.losses.objective import Objective
from evocative.losses.raters import Raters
from evocative.losses.rotation import ANGLES
from evocative.models.create import EmotionModel, Output, create_model
from evocative.models.depthwise import use_fast_depthwise
from evocative.models.necks import with_means_of
from evocative.preprocessing import Preprocessing
from evocative.recipe import Recipe
from evocative.training.fit import Setup
from evocative.training.frozen import frozen_features, groups_of, in_order
from evocative.training.go_on import go_on_from, load_average
from evocative.training.head_start import Features
from evocative.training.loaders import once, share, steps_per_epoch
from evocative.training.optimizer import create_optimizer, rate_groups
from evocative.training.sources import Parts
from evocative.training.stored import (
    StoredBatch,
    note_unreadable,
    predict_stored,
    stored_readings,
    stored_rows,
)
from evocative.training.targets import raters_of
from evocative.training.validate import validate
from evocative.training.whitening import check_whitening, fit_from_images, fit_from_stored


@dataclass(frozen=True)
class Prepared:
    """A run that can start."""

    setup: Setup
    frozen: Callable[[], Features]
    """What the network, as it is then, says of the training rows, each once."""
    held: Callable[[], Iterable[Batch]]
    """Batches of the validation rows, without learning."""
    predict_test: Callable[[BooleanArray], Path | None]
    """Predicts the test rows into the run's folder, with what is known of whether the network has learnt from
    each image; None where the recipe holds none out."""


def prepare(
    fabric: Fabric, recipe: Recipe, parts: Parts, *, weights: Sequence[Path], output: Path,
    store: Path | None,
) -> Prepared:  # fmt: skip
    """Make network, optimiser, objective and batches: of images, or of stored features.

    Args:
        fabric: Device, precision and processes.
        recipe: Every setting.
        parts: The rows by their purpose.
        weights: A file of the backbone's weights, or the folders of models to go on from; empty: random
            weights, or a hub's.
        output: The run's folder.
        store: A folder that keeps features for the next run.

    Raises:
        RecipeError: Stored features are to be trained on by several processes.
    """
    objective = Objective(recipe.losses, class_counts=_class_counts(parts.train)).to(fabric.device)
    model, preprocessing = _model(recipe, parts, weights, objective)
    making = _from_features if recipe.features.stored else _from_images
    return making(_Ingredients(fabric, recipe, parts, output, store, objective, preprocessing, model))


@dataclass(frozen=True)
class _Ingredients:
    """What both kinds of runs are made of."""

    fabric: Fabric
    recipe: Recipe
    parts: Parts
    output: Path
    store: Path | None
    objective: Objective
    preprocessing: Preprocessing
    model: EmotionModel

    def raters(self, table: Table) -> Raters | None:
        """Return what raters said of a table's rows, where a loss reads it."""
        return raters_of(table) if self.objective.needs_raters else None


def _from_images(given: _Ingredients) -> Prepared:
    fabric, recipe, parts, preprocessing = given.fabric, given.recipe, given.parts, given.preprocessing
    smaller = replace(preprocessing, size=recipe.augmentation.size or preprocessing.size)
    train = ImageDataset(
        parts.train, training_transform(smaller, recipe.augmentation), seed=recipe.seed,
        at_least=decode_size(smaller, recipe.augmentation),
    )  # fmt: skip
    held = ImageDataset(
        parts.validation, evaluation_transform(preprocessing), at_least=decode_size(preprocessing)
    )
    groups = rate_groups(given.model, recipe.optimizer)
    model = given.model.to(memory_format=torch.channels_last)
    wrapped, optimizer = fabric.setup(model, create_optimizer(groups, recipe.optimizer))
    batches = partial(share, recipe=recipe, fabric=fabric)

    def answer(batch: Batch, turned: torch.Tensor | None = None) -> Output:
        copies = None if turned is None else normalize(turned, preprocessing)
        output: Output = wrapped(normalize(batch.images, preprocessing), copies)
        return output

    setup = Setup(
        fabric, wrapped, optimizer, given.objective, recipe, preprocessing, given.output,
        steps_per_epoch=steps_per_epoch(len(train), recipe),
        batches=lambda epoch, skip: batches(train, epoch=epoch, skip=skip),
        answer=answer,
        validate=lambda: validate(
            fabric, wrapped, given.objective, batches(held), answer, raters=given.raters(parts.validation)
        ),
        raters=given.raters(parts.train),
    )  # fmt: skip

    def frozen() -> Features:
        seen = partial(in_order, once(parts.train), recipe=recipe, preprocessing=preprocessing)
        fit_from_images(wrapped.module, seen, fabric=fabric, preprocessing=preprocessing)
        return frozen_features(
            fabric, wrapped, once(parts.train), recipe=recipe, preprocessing=preprocessing, store=given.store
        )

    return Prepared(setup, frozen, lambda: batches(held), partial(_predict_test, setup, parts.test))


def _from_features(given: _Ingredients) -> Prepared:
    fabric, recipe, parts, model = given.fabric, given.recipe, given.parts, given.model
    if fabric.world_size > 1:
        raise RecipeError("features.stored trains in one process: an epoch takes seconds; start it with one")
    model.backbone.requires_grad_(False)
    rows = partial(
        stored_rows, model, recipe=recipe, preprocessing=given.preprocessing, fabric=fabric, store=given.store
    )
    train = rows(parts.train, views=recipe.features.views)
    held = rows(parts.validation)
    note_unreadable(train, given.output)
    note_unreadable(held, given.output)
    wrapped, optimizer = fabric.setup(
        model, create_optimizer(rate_groups(model, recipe.optimizer), recipe.optimizer)
    )

    def answer(batch: Batch) -> Output:
        if not isinstance(batch, StoredBatch):
            raise TypeError("a run on stored features was given images")
        return batch.answer(model)

    setup = Setup(
        fabric, wrapped, optimizer, given.objective, recipe, given.preprocessing, given.output,
        steps_per_epoch=steps_per_epoch(len(train.rows), recipe),
        batches=lambda epoch, skip: train.batches(recipe, fabric, epoch=epoch, skip=skip),
        answer=answer,
        validate=lambda: validate(
            fabric, wrapped, given.objective, held.batches(recipe, fabric), answer,
            raters=given.raters(parts.validation),
        ),
        raters=given.raters(parts.train),
    )  # fmt: skip

    def frozen() -> Features:
        first = ~parts.train.frame.duplicated(["path"]).to_numpy()
        unique = replace(train, rows=train.rows[first[train.rows]])
        table = parts.train.select(unique.rows)
        fit_from_stored(model, unique)
        embedding, moments = stored_readings(model, unique, fabric=fabric)
        return Features(embedding, table.labels, table.dimensions, groups_of(table), moments)

    def predict_test(known: BooleanArray) -> Path | None:
        if not recipe.evaluation.run or len(parts.test) == 0:
            return None
        metadata = Metadata(
            taxonomy=model.taxonomy, model=recipe.name, weights=fingerprint(model),
            precision=resolve_precision(recipe.training.precision, fabric.device),
            preprocessing=given.preprocessing, embedding_size=model.num_short,
            dimension_sd=model.config.dimension_sd,
        )  # fmt: skip
        path = given.output / "predictions.parquet"
        predictions = predict_stored(model, rows(parts.test), metadata, fabric=fabric)
        write_predictions(marked(predictions, known), path)
        return path

    return Prepared(setup, frozen, lambda: held.batches(recipe, fabric), predict_test)


def _model(
    recipe: Recipe, parts: Parts, weights: Sequence[Path], objective: Objective
) -> tuple[EmotionModel, Preprocessing]:
    """Create the network from the recipe's seed, with its preprocessing."""
    earlier = load_average(weights) if weights and weights[0].is_dir() else None
    named = str(weights[0]) if weights else recipe.model.weights
    config = replace(
        recipe.model, weights=None if earlier else named, class_centers=objective.needs_class_centers,
        rotations=ANGLES[recipe.rotation.task] if objective.needs_rotation else (),
    )  # fmt: skip
    if recipe.features.stored:  # so that the model that is saved says what its stored features said
        config = with_means_of(config, recipe.features.map_size)
    how = recipe.preprocessing or (earlier.preprocessing if earlier else None)
    if config.neck == "kim2018" and how is not None:  # hand-made features undo the normalisation
        config = replace(config, kim2018=replace(config.kim2018, mean=how.mean, sd=how.sd))
    torch.manual_seed(recipe.seed)
    taxonomy = parts.train.taxonomy or (earlier.taxonomy if earlier else None)
    model = create_model(config, taxonomy)
    if earlier is not None:
        go_on_from(model, earlier.single("model.weights"))
        model.config = replace(model.config, weights=recipe.model.weights)
    if recipe.training.batch_norm == "folded":
        model.fold()
    if recipe.training.batch_norm == "frozen":
        for module in model.backbone.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.requires_grad_(False)
    use_fast_depthwise(model)
    check_whitening(model, head_start=recipe.training.head_start)
    return model, how or replace(model.preprocessing, size=224, fit="squash")


def _class_counts(table: Table) -> list[int] | None:
    if table.taxonomy is None:
        return None
    labels = table.labels
    return [int((labels == number).sum()) for number in range(len(table.taxonomy))]


def _predict_test(setup: Setup, test: Table, known: BooleanArray) -> Path | None:
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
        predictions = merge(shares, [str(name) for name in test.frame["path"]])
        write_predictions(marked(predictions, known), path)
    fabric.barrier()
    return path
