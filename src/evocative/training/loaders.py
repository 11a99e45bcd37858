"""Which rows a process sees, and when."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from lightning.fabric import Fabric

from evocative.data.dataset import Batch, EpochSampler, ImageDataset, loader
from evocative.data.table import Table
from evocative.errors import TrainingError
from evocative.preprocessing import Preprocessing
from evocative.recipe import Recipe
from evocative.training.head_start import Features
from evocative.training.validate import answers


def steps_per_epoch(rows: int, recipe: Recipe) -> int:
    return max(1, rows // recipe.training.batch_size)


def share(
    dataset: ImageDataset, *, recipe: Recipe, fabric: Fabric, epoch: int | None = None, skip: int = 0
) -> Iterable[Batch]:
    """Batches of this process: shuffled and of equal number in training, in order and complete otherwise."""
    settings, training = recipe.training, epoch is not None
    size = settings.batch_size // settings.accumulation // fabric.world_size
    sampler = EpochSampler(
        len(dataset), epoch=epoch or 0, seed=recipe.seed, shuffle=training, rank=fabric.global_rank,
        world_size=fabric.world_size, even=training,
    )  # fmt: skip
    return loader(
        dataset, sampler, batch_size=size if training else recipe.evaluation.batch_size, workers=settings.workers,
        drop_last=training and len(dataset) >= settings.batch_size, skip_batches=skip,
    )  # fmt: skip


def once(table: Table) -> Table:
    """Drop the copies that `repeat` made."""
    return table.select(~table.frame.duplicated(["path"]).to_numpy())


def everything(images: ImageDataset, recipe: Recipe) -> Iterable[Batch]:
    """Batches of all rows in their order, on every process alike."""
    sampler = EpochSampler(len(images), epoch=0, seed=recipe.seed, shuffle=False)
    return loader(images, sampler, batch_size=recipe.evaluation.batch_size, workers=recipe.training.workers)


def features(
    fabric: Fabric, model: Any, batches: Iterable[Batch], table: Table, preprocessing: Preprocessing
) -> Features:
    """Run the frozen network over the training rows, on every process alike."""
    rows = [
        (output.embedding.float().cpu(), batch.labels.cpu(), batch.vad.cpu(), batch.indices.cpu())
        for batch, output in answers(fabric, model, batches, preprocessing)
    ]
    if not rows:
        raise TrainingError("head start: no training image can be read")
    embedding, labels, vad, indices = (torch.cat(column).numpy() for column in zip(*rows, strict=True))
    if "group" in table.frame:
        names = table.frame["group"].fillna(table.frame["path"])
    else:
        names = table.frame["path"]
    groups = names.astype(str).factorize()[0]
    return Features(embedding, labels, vad, groups[indices].astype(np.int64))
