"""Training on stored features: the backbone stays as it is, and an epoch takes seconds.

The same loop, losses, optimiser and model folder as for a whole network (`recipe.features.stored`): only what
a batch holds differs. Epoch e takes view e mod V of every image, so that augmentation has its say, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Float32, Int64
from lightning.fabric import Fabric
from torch import Tensor

from evocative.data.columns import AXES
from evocative.data.dataset import Batch, EpochSampler
from evocative.data.table import Table
from evocative.errors import TrainingError
from evocative.inference.check import PROBABILITY
from evocative.inference.features import Features, extract, full_matrices
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions
from evocative.models.create import EmotionModel, Output
from evocative.models.necks import maps_of
from evocative.preprocessing import Preprocessing
from evocative.recipe import Recipe


@dataclass(frozen=True)
class StoredBatch(Batch):
    """What is stored of some images in their place: `images` are (B, 3, 0, 0)."""

    pooled: Float32[Tensor, "B P"]
    maps: tuple[Float[Tensor, "B _ _ _"], ...]
    grams: tuple[Float[Tensor, "B _ _"], ...]
    moments: Float[Tensor, "B M"]

    def to(self, device: torch.device | str, *, non_blocking: bool = True) -> "StoredBatch":
        """Return the batch on a device."""
        return replace(
            self,
            labels=self.labels.to(device, non_blocking=non_blocking),
            vad=self.vad.to(device, non_blocking=non_blocking),
            pooled=self.pooled.to(device, non_blocking=non_blocking),
            maps=tuple(each.to(device, non_blocking=non_blocking) for each in self.maps),
            grams=tuple(each.to(device, non_blocking=non_blocking) for each in self.grams),
            moments=self.moments.to(device, non_blocking=non_blocking),
        )


@dataclass(frozen=True)
class StoredRows:
    """A table's features and targets, with the rows whose image can be read."""

    table: Table
    features: Features
    rows: Int64[np.ndarray, " M"]
    """The table's rows that can be used."""

    @cached_property
    def tensors(self) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Maps (V, N, C, s, s) and whole Gram matrices (V, N, C, C) in float32, converted once for all."""
        maps = tuple(torch.from_numpy(each).float() for each in self.features.maps)
        grams = tuple(
            torch.stack([full_matrices(torch.from_numpy(view).float()) for view in each])
            for each in self.features.grams
        )
        return maps, grams

    def batches(
        self, recipe: Recipe, fabric: Fabric, *, epoch: int | None = None, skip: int = 0
    ) -> Iterator[StoredBatch]:
        """Give this process's batches: shuffled and of equal number in training, else in order, complete."""
        training = epoch is not None
        size = recipe.training.batch_size // recipe.training.accumulation // fabric.world_size
        size = size if training else max(size, 1024)
        sampler = EpochSampler(
            len(self.rows), epoch=epoch or 0, seed=recipe.seed, shuffle=training, rank=fabric.global_rank,
            world_size=fabric.world_size, even=training,
        )  # fmt: skip
        order = self.rows[[index for _, index in sampler]]
        last = len(order) - len(order) % size if training and len(order) >= size else len(order)
        labels, vad = torch.tensor(self.table.labels), torch.tensor(self.table.dimensions)
        view = (epoch or 0) % len(self.features.pooled)
        for start in range(skip * size, last, size):
            rows = order[start : min(start + size, last)]
            yield StoredBatch(
                torch.empty(len(rows), 3, 0, 0, dtype=torch.uint8), labels[rows], vad[rows],
                torch.from_numpy(rows), [],
                *self.arrays(rows, view),
            )  # fmt: skip

    def arrays(
        self, rows: Int64[np.ndarray, " B"], view: int = 0
    ) -> tuple[Float32[Tensor, "B P"], tuple[Tensor, ...], tuple[Tensor, ...], Float32[Tensor, "B M"]]:
        """Return what is stored of some of the table's rows, as `EmotionModel.describe` takes it, in float32.

        Pooled vectors, maps, Gram matrices, moments.
        """
        maps, grams = self.tensors
        chosen = torch.from_numpy(rows)
        return (
            torch.from_numpy(self.features.pooled[view, rows]),
            tuple(each[view].index_select(0, chosen) for each in maps),
            tuple(each[view].index_select(0, chosen) for each in grams),
            torch.from_numpy(self.features.moments[view, rows]),
        )


def stored_rows(
    model: EmotionModel, table: Table, *, recipe: Recipe, preprocessing: Preprocessing, fabric: Fabric,
    store: Path | None, views: int = 1,
) -> StoredRows:  # fmt: skip
    """Extract a table's features, or read them from the store.

    Raises:
        TrainingError: There are rows, and no image of them can be read.
    """
    settings = recipe.features
    features = extract(
        model.backbone, table, preprocessing=preprocessing, store=store, maps=maps_of(model.config),
        moments=model.config.dimension_maps, map_size=settings.map_size, views=views,
        augmentation=recipe.augmentation, seed=recipe.seed, precision=recipe.training.precision,
        device=str(fabric.device), workers=recipe.training.workers,
        batch_size=recipe.evaluation.batch_size,
    )  # fmt: skip
    if len(table) and not features.ok.any():
        raise TrainingError(
            f"{table.name}: no image can be read. Look through the images with  evocative predict FOLDER "
            "--format csv"
        )
    return StoredRows(table, features, np.flatnonzero(features.ok))


def note_unreadable(stored: StoredRows, folder: Path) -> None:
    """Add the files that could not be read to the run's `unreadable.txt`."""
    bad = [str(stored.table.paths[row]) for row in np.flatnonzero(~stored.features.ok)]
    if bad:
        with (folder / "unreadable.txt").open("a", encoding="utf-8") as file:
            file.writelines(f"{path}: cannot be read as an image\n" for path in bad)


@torch.no_grad()
def stored_embedding(model: EmotionModel, stored: StoredRows, *, fabric: Fabric) -> np.ndarray:
    """Return the embeddings (N, D) of the rows that can be used, as view 0 has them."""
    model.eval()
    pieces = []
    for start in range(0, len(stored.rows), 1024):
        output = _describe(model, stored, stored.rows[start : start + 1024], fabric)
        pieces.append(output.embedding.float().cpu().numpy())
    return np.concatenate(pieces)


def _describe(
    model: EmotionModel, stored: StoredRows, rows: Int64[np.ndarray, " B"], fabric: Fabric
) -> Output:
    """Answer for some rows from view 0."""
    pooled, maps, grams, moments = stored.arrays(rows)
    return model.describe(
        pooled.to(fabric.device),
        [each.to(fabric.device) for each in maps],
        [each.to(fabric.device) for each in grams],
        moments.to(fabric.device),
    )


@torch.no_grad()
def predict_stored(
    model: EmotionModel, stored: StoredRows, metadata: Metadata, *, fabric: Fabric
) -> Predictions:
    """Answer for every row from its stored features: as from the images, but for rounding to float16."""
    model.eval()
    n = len(stored.table)
    columns: dict[str, Any] = {"path": [str(path) for path in stored.table.frame["path"]]}
    columns["error"] = [
        None if ok else f"{path}: this image cannot be read"
        for path, ok in zip(columns["path"], stored.features.ok, strict=True)
    ]
    embedding = np.full((n, model.num_features), np.nan, dtype=np.float32)
    names = () if model.taxonomy is None else model.taxonomy.names
    probabilities = np.full((n, len(names)), np.nan, dtype=np.float32)
    vad = np.full((n, len(AXES)), np.nan, dtype=np.float32)
    for start in range(0, len(stored.rows), 1024):
        rows = stored.rows[start : start + 1024]
        output = _describe(model, stored, rows, fabric)
        embedding[rows] = output.embedding.float().cpu().numpy()
        if output.logits is not None:
            probabilities[rows] = output.logits.float().softmax(1).cpu().numpy()
        if output.vad is not None:
            vad[rows] = output.vad.float().cpu().numpy()
    columns |= {PROBABILITY + name: probabilities[:, number] for number, name in enumerate(names)}
    columns |= {axis: vad[:, number] for number, axis in enumerate(AXES)}
    columns["embedding"] = [
        vector if ok else None for vector, ok in zip(embedding, stored.features.ok, strict=True)
    ]
    return Predictions(pd.DataFrame(columns), metadata=metadata).join(stored.table)
