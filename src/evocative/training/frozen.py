"""Frozen features of the training rows, computed once and kept for the next fold, seed or recipe."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from lightning.fabric import Fabric

from evocative.data.atomic import replacing
from evocative.data.dataset import Batch, EpochSampler, ImageDataset, loader
from evocative.data.table import Table
from evocative.data.transforms import decode_size, evaluation_transform, normalize
from evocative.errors import TrainingError
from evocative.models.create import EmotionModel
from evocative.preprocessing import Preprocessing
from evocative.recipe import Recipe
from evocative.training.head_start import Features
from evocative.training.validate import answers


def frozen_features(
    fabric: Fabric,
    model: Any,
    table: Table,
    *,
    recipe: Recipe,
    preprocessing: Preprocessing,
    cache: Path | None,
) -> Features:
    """Run the frozen network over rows, each once, on every process alike.

    Args:
        fabric: Device and precision.
        model: An EmotionModel that Fabric has set up.
        table: The rows.
        recipe: Batch size and workers.
        preprocessing: How evaluation sees an image.
        cache: A folder that keeps vectors by weights, preprocessing, precision, and each file's name, size
            and time of change; None: nothing is kept.

    Raises:
        TrainingError: No image can be read.
    """
    file = None if cache is None else cache / f"{_digest(model.module, preprocessing, fabric)}.npz"
    names = [str(name) for name in table.frame["path"]]
    keys = [_key(name, path) for name, path in zip(names, table.paths, strict=True)]
    known = _read(file)
    missing = np.flatnonzero([key not in known for key in keys])
    if len(missing):
        batches = _in_order(table.select(missing), recipe, preprocessing)
        for batch, output in answers(
            fabric, model, batches, lambda batch: model(normalize(batch.images, preprocessing))
        ):
            vectors = output.embedding.float().cpu().numpy()
            known |= {
                keys[missing[index]]: vector
                for index, vector in zip(batch.indices.tolist(), vectors, strict=True)
            }
        if file is not None and fabric.global_rank == 0:
            with replacing(file) as unfinished, unfinished.open("wb") as stream:
                np.savez(stream, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
    rows = np.flatnonzero([key in known for key in keys])
    if not len(rows):
        raise TrainingError("head start: no training image can be read")
    group = table.frame["group"] if "group" in table.frame else table.frame["path"]
    groups = group.fillna(table.frame["path"]).astype(str).factorize()[0]
    return Features(
        np.stack([known[keys[row]] for row in rows]), table.labels[rows], table.dimensions[rows],
        np.asarray(groups, dtype=np.int64)[rows],
    )  # fmt: skip


def _in_order(table: Table, recipe: Recipe, preprocessing: Preprocessing) -> Iterable[Batch]:
    images = ImageDataset(table, evaluation_transform(preprocessing), at_least=decode_size(preprocessing))
    sampler = EpochSampler(len(images), epoch=0, seed=recipe.seed, shuffle=False)
    return loader(images, sampler, batch_size=recipe.evaluation.batch_size, workers=recipe.training.workers)


def _digest(model: EmotionModel, preprocessing: Preprocessing, fabric: Fabric) -> str:
    """Name everything that a vector depends on but the image."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        if not name.startswith(("emotion_head", "dimension_head", "class_centers")):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().numpy().tobytes())
    precision = type(fabric.strategy.precision).__name__ + str(
        getattr(fabric.strategy.precision, "precision", "")
    )
    digest.update(json.dumps([preprocessing.to_dict(), precision, fabric.device.type]).encode())
    return digest.hexdigest()[:24]


def _key(name: str, path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return name
    return f"{name}|{status.st_size}|{status.st_mtime_ns}"


def _read(file: Path | None) -> dict[str, np.ndarray]:
    if file is None or not file.exists():
        return {}
    with np.load(file, allow_pickle=False) as kept:
        return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
