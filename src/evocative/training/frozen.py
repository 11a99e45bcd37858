"""Frozen features of the training rows, computed once and kept for the next fold, seed or recipe."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64
from lightning.fabric import Fabric

from evocative.data.dataset import Batch, EpochSampler, ImageDataset, loader
from evocative.data.table import Table
from evocative.data.transforms import decode_size, evaluation_transform, normalize
from evocative.errors import TrainingError
from evocative.inference.feature_store import FeatureStore, Piece
from evocative.models.create import EmotionModel, Output
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
    store: Path | None,
) -> Features:
    """Run the frozen network over rows, each once, on every process alike.

    Args:
        fabric: Device and precision.
        model: An EmotionModel that Fabric has set up.
        table: The rows.
        recipe: Batch size and workers.
        preprocessing: How evaluation sees an image.
        store: A folder that keeps embeddings by the images' content, weights, preprocessing and precision;
            None: nothing is kept.

    Raises:
        TrainingError: No image can be read.
    """
    precision = fabric.strategy.precision
    about = {
        "version": 2, "model": _made_of(model.module), "embedding of": _digest(model.module),
        "preprocessing": preprocessing.to_dict(),
        "precision": type(precision).__name__ + str(getattr(precision, "precision", "")),
        "device": fabric.device.type,
    }  # fmt: skip

    def answer(batch: Batch) -> Output:
        with fabric.autocast():  # not through DDP: it waits for the others, who wait for the store's lock
            output: Output = model.module(normalize(batch.images, preprocessing))
        return output

    def compute(rows: Int64[np.ndarray, " M"]) -> Iterator[Piece]:
        batches = in_order(table.select(rows), recipe=recipe, preprocessing=preprocessing)
        for batch, output in answers(fabric, model, batches, answer):
            said = {"embedding": output.embedding, "moments": output.moments}
            yield batch.indices.cpu().numpy(), {name: said[name].float().cpu().numpy() for name in shapes}

    inner: EmotionModel = model.module
    shapes = {"embedding": (inner.num_features,)}
    if inner.num_moments:
        shapes["moments"] = (inner.num_moments,)
    found = FeatureStore(store).get(about, table.paths, shapes=shapes, compute=compute)
    if not found.ok.any():
        raise TrainingError("head start: no training image can be read")
    usable = table.select(found.ok)
    embedding = found.arrays["embedding"][found.ok].astype(np.float32)
    empty = np.zeros((len(table), 0), dtype=np.float32)
    moments = found.arrays.get("moments", empty)[found.ok].astype(np.float32)
    return Features(embedding, usable.labels, usable.dimensions, groups_of(usable), moments)


def groups_of(table: Table) -> Int64[np.ndarray, " N"]:
    """Number the table's groups; a row without one is a group of its own."""
    group = table.frame["group"] if "group" in table.frame else table.frame["path"]
    return np.asarray(group.fillna(table.frame["path"]).astype(str).factorize()[0], dtype=np.int64)


def in_order(
    table: Table, at_most: int | None = None, *, recipe: Recipe, preprocessing: Preprocessing
) -> Iterable[Batch]:
    """Give a table's images as evaluation sees them; of more than `at_most` so many, spread over the rows."""
    if at_most is not None and len(table) > at_most:
        table = table.select(np.linspace(0, len(table) - 1, at_most).astype(np.int64))
    images = ImageDataset(table, evaluation_transform(preprocessing), at_least=decode_size(preprocessing))
    sampler = EpochSampler(len(images), epoch=0, seed=recipe.seed, shuffle=False)
    return loader(images, sampler, batch_size=recipe.evaluation.batch_size, workers=recipe.training.workers)


def _made_of(model: EmotionModel) -> dict[str, Any]:
    """Name what an embedding depends on beside weights, image and arithmetic."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(model.config)))
    names = ["backbone", "backbone_args", "pool", "gram", "folded", "dimension_maps"]
    if model.config.neck != "motiejauskas2026":  # whose section is gram
        names += ["neck", model.config.neck]
    if model.config.dimension_statistics != "moments":
        names += ["dimension_statistics", "whitened_gram"]
    return {name: plain[name] for name in names}


def _digest(model: EmotionModel) -> str:
    """Name the weights that an embedding depends on."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        if not name.startswith(("emotion_head", "dimension_head", "rotation_head", "class_centers")):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().numpy().tobytes())
    return digest.hexdigest()
