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

from evocative.data.columns import AXES, SD_COLUMNS
from evocative.data.dataset import Batch, EpochSampler
from evocative.data.table import Table
from evocative.errors import TrainingError
from evocative.inference.check import PROBABILITY
from evocative.inference.features import Features, extract, full_matrices
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions
from evocative.models.create import EmotionModel, Output, Statistics
from evocative.models.necks import maps_of, statistics_of
from evocative.outputs import appending
from evocative.preprocessing import Preprocessing
from evocative.recipe import Recipe


@dataclass(frozen=True)
class StoredBatch(Batch):
    """What is stored of some images in their place: `images` are (B, 3, 0, 0)."""

    pooled: Float32[Tensor, "B P"]
    maps: tuple[Float[Tensor, "B _ _ _"], ...]
    grams: tuple[Float[Tensor, "B _ _"], ...]
    moments: Float[Tensor, "B M"]
    statistics: tuple[Statistics, ...]

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
            statistics=tuple(
                (mean.to(device, non_blocking=non_blocking), gram.to(device, non_blocking=non_blocking))
                for mean, gram in self.statistics
            ),
        )

    def answer(self, model: EmotionModel) -> Output:
        """Return what a model says of what is stored."""
        return model.describe(self.pooled, self.maps, self.grams, self.moments, statistics=self.statistics)


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
        size = size if training else max(size, self.at_once)
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
                *self.arrays(rows, view), self.statistics(rows, view),
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

    def statistics(self, rows: Int64[np.ndarray, " B"], view: int = 0) -> tuple[Statistics, ...]:
        """Return means and whole Gram matrices of the maps that are not kept, in float32.

        Matrices are made whole for these rows only: of all rows they would take gigabytes.
        """
        return tuple(
            (
                torch.from_numpy(means[view, rows]).float(),
                full_matrices(torch.from_numpy(grams[view, rows]).float()),
            )
            for means, grams in self.features.statistics
        )

    @property
    def at_once(self) -> int:
        """How many rows to answer for at once."""
        return 256 if self.features.statistics else 1024


def stored_rows(
    model: EmotionModel, table: Table, *, recipe: Recipe, preprocessing: Preprocessing, fabric: Fabric,
    store: Path | None, views: int = 1,
) -> StoredRows:  # fmt: skip
    """Extract a table's features, or read them from the store.

    Raises:
        TrainingError: There are rows, and no image of them can be read.
    """
    settings, config = recipe.features, model.config
    statistics = statistics_of(config)
    kept = () if config.neck == "whitened_gram" else maps_of(config)
    moments = config.dimension_maps if config.dimension_statistics == "moments" else ()
    features = extract(
        model.backbone, table, preprocessing=preprocessing, store=store, maps=kept, moments=moments,
        statistics=statistics, map_size=settings.map_size, views=views,
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
        with appending(folder / "unreadable.txt") as file:
            file.writelines(f"{path}: cannot be read as an image\n" for path in bad)


@torch.no_grad()
def stored_readings(
    model: EmotionModel, stored: StoredRows, *, fabric: Fabric
) -> tuple[Float32[np.ndarray, "N D"], Float32[np.ndarray, "N M"]]:
    """Return what the heads read of the rows that can be used, in view 0: embeddings and moments."""
    model.eval()
    n = len(stored.rows)
    embedding = np.empty((n, model.num_features), dtype=np.float32)
    moments = np.empty((n, model.num_moments), dtype=np.float32)
    for start in range(0, n, stored.at_once):
        rows = slice(start, start + stored.at_once)
        output = _describe(model, stored, stored.rows[rows], fabric)
        embedding[rows] = output.embedding.float().cpu().numpy()
        moments[rows] = output.moments.float().cpu().numpy()
    return embedding, moments


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
        statistics=[
            (mean.to(fabric.device), gram.to(fabric.device)) for mean, gram in stored.statistics(rows)
        ],
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
    embedding = np.full((n, model.num_short), np.nan, dtype=np.float32)
    names = () if model.taxonomy is None else model.taxonomy.names
    probabilities = np.full((n, len(names)), np.nan, dtype=np.float32)
    vad, sd = (np.full((n, len(AXES)), np.nan, dtype=np.float32) for _ in range(2))
    for start in range(0, len(stored.rows), stored.at_once):
        rows = stored.rows[start : start + stored.at_once]
        output = _describe(model, stored, rows, fabric)
        embedding[rows] = model.short(output.embedding).float().cpu().numpy()
        if output.logits is not None:
            probabilities[rows] = output.logits.float().softmax(1).cpu().numpy()
        if output.vad is not None:
            vad[rows] = output.vad.float().cpu().numpy()
        if output.vad_sd is not None:
            sd[rows] = output.vad_sd.float().cpu().numpy()
    columns |= {PROBABILITY + name: probabilities[:, number] for number, name in enumerate(names)}
    columns |= {axis: vad[:, number] for number, axis in enumerate(AXES)}
    columns |= {name: sd[:, number] for number, name in enumerate(SD_COLUMNS) if model.config.dimension_sd}
    columns["embedding"] = [
        vector if ok else None for vector, ok in zip(embedding, stored.features.ok, strict=True)
    ]
    return Predictions(pd.DataFrame(columns), metadata=metadata).join(stored.table)
