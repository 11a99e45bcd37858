"""Which rows a process sees, and when."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from lightning.fabric import Fabric

from evocative.data.content import content_digests
from evocative.data.dataset import Batch, EpochSampler, ImageDataset, loader
from evocative.data.table import Table
from evocative.recipe import Recipe


def steps_per_epoch(rows: int, recipe: Recipe) -> int:
    """Return the optimiser steps of an epoch over so many rows, at least one."""
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
        dataset, sampler, batch_size=size if training else recipe.evaluation.batch_size,
        workers=settings.workers, drop_last=training and len(dataset) >= settings.batch_size,
        skip_batches=skip, pin_memory=fabric.device.type == "cuda",
    )  # fmt: skip


def once(table: Table) -> Table:
    """Drop the copies that `repeat` made."""
    return table.select(~table.frame.duplicated(["path"]).to_numpy())


def shared_digests(fabric: Fabric, paths: Sequence[Path]) -> list[str | None]:
    """Return the SHA-256 of files, as `content_digests`; each process reads its share, and knows all."""
    mine = content_digests(paths[fabric.global_rank :: fabric.world_size])
    if fabric.world_size == 1:
        return mine
    shares: list[list[str | None]] = [mine] * fabric.world_size
    torch.distributed.all_gather_object(shares, mine)
    return [shares[row % fabric.world_size][row // fabric.world_size] for row in range(len(paths))]
