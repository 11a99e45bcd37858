"""Features: what a frozen backbone says of a Table's images, computed once and found again in seconds.

    features = extract(backbone, table, preprocessing=preprocessing, store="store/")
    features.pooled              # (V, N, P): each view of each image, pooled
    features.maps[0]             # (V, N, C, s, s): a chosen map, averaged down to s places a side
    features.grams[0]            # (V, N, C(C+1)/2): its Gram matrix at its own size, upper triangle
    features.moments             # (V, N, M): means and SDs of the channels of other chosen maps
    features.statistics[0]       # (V, N, C) and (V, N, C(C+1)/2): means, Gram matrix of a map not kept

View 0 is the image as evaluation sees it, the others are augmented as in training. Stored by image content,
network, preprocessing and precision (`inference/feature_store.py`): change one, and it is computed anew.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Float16, Float32, Int64
from pyarrow import parquet
from torch import Tensor, nn

from evocative.data.dataset import EpochSampler, ImageDataset, Sample, loader
from evocative.data.table import Table
from evocative.data.transforms import decode_size, evaluation_transform, normalize, training_transform
from evocative.errors import DataError, reading
from evocative.inference.feature_store import FeatureStore, Piece, content_number
from evocative.inference.precision import DTYPES, resolve_device, resolve_precision
from evocative.models.backbone import Backbone
from evocative.models.second_order import gram_matrix, mean_and_sd
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import Augmentation

VERSION = 1
"""Of what is stored; a change makes older features strangers."""


@dataclass(frozen=True)
class Features:
    """What a backbone says of N images in V views each."""

    pooled: Float32[np.ndarray, "V N P"]
    """The vector that a head would read."""
    maps: tuple[Float16[np.ndarray, "V N _ _ _"], ...]
    """The backbone's chosen maps, in their order, averaged down."""
    grams: tuple[Float16[np.ndarray, "V N _"], ...]
    """Of each map at its own size: the upper triangle of F·Fᵀ/(H·W), row by row."""
    moments: Float32[np.ndarray, "V N M"]
    """Mean and SD of each channel of the maps that `moments_of` names."""
    statistics: tuple[tuple[Float16[np.ndarray, "V N _"], Float16[np.ndarray, "V N _"]], ...]
    """Of each map that `statistics` names: the channels' means, and the Gram matrix as `grams` has it."""
    ok: Bool[np.ndarray, " N"]
    """Which images could be read; the rows of others hold zeros."""
    computed: int
    """How many views of images had to be computed; 0: everything was stored."""


def extract(
    backbone: Backbone, table: Table, *, preprocessing: Preprocessing, store: str | Path | None = None,
    maps: Sequence[int | str] | None = None, moments: Sequence[int | str] = (),
    statistics: Sequence[int | str] = (), map_size: int = 7, views: int = 1,
    augmentation: Augmentation | None = None, seed: int = 0, precision: str = "auto", device: str = "auto",
    batch_size: int = 64, workers: int = 0, watch: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> Features:  # fmt: skip
    """Run a backbone once over a table, or read what an earlier run stored.

    Args:
        backbone: Made with the maps that are to be looked at; put into evaluation mode.
        table: Whose images.
        preprocessing: How evaluation sees an image.
        store: A folder; None keeps nothing.
        maps: Which maps to keep, each with its Gram matrix; None: all that the backbone was made with.
        moments: Which maps to keep the mean and SD of each channel of.
        statistics: Which maps to keep each channel's mean and the Gram matrix of, and not the map.
        map_size: Places a side of a stored map; a larger map is averaged down to it.
        views: How many views of each image; the first is that of evaluation.
        augmentation: How the others are drawn: by `seed`, the view's number and the image's content.
        seed: Of the augmented views.
        precision: As in `Predictor`.
        device: As in `Predictor`.
        batch_size: Images at once.
        workers: Processes that read images.
        watch: Passes batches on as they come, to show progress.

    Raises:
        DataError: `views` asks for augmented views without an augmentation, or the store cannot be used.
        ModelError: Device or precision cannot be had.
    """
    if views < 1 or map_size < 1 or (views > 1 and augmentation is None):
        raise DataError(
            "features need at least one view and maps of at least one place, and an augmentation for more "
            f"views than one; got views={views}, map_size={map_size}, augmentation={augmentation}"
        )
    place = resolve_device(device)
    chosen = resolve_precision(precision, place)
    backbone = backbone.eval().to(place)
    kept = backbone.map_indices if maps is None else tuple(maps)
    shapes = _shapes(backbone, kept, moments, map_size) | _shapes(backbone, statistics, (), 1)
    about = {
        "version": VERSION, "backbone": backbone.made_of, "weights": digest(backbone),
        "preprocessing": preprocessing.to_dict(), "precision": chosen, "device": place.type,
    }  # fmt: skip
    found = []
    for view in range(views):
        drawn: dict[str, Any] = {"view": 0}
        if view and augmentation is not None:
            drawn = {"view": view, "seed": seed, "augmentation": asdict(augmentation)}
        images = _images(table, preprocessing, augmentation if view else None, seed)

        def compute(
            rows: Int64[np.ndarray, " M"], view: int = view, images: ImageDataset = images
        ) -> Iterator[Piece]:
            batches: Iterable[Any] = loader(
                _Some(images, rows, view), EpochSampler(len(rows), epoch=view, seed=seed, shuffle=False),
                batch_size=batch_size, workers=workers,
            )  # fmt: skip
            for batch in watch(batches) if watch else batches:
                if len(batch):
                    inputs = normalize(batch.images.to(place), preprocessing)
                    yield batch.indices.numpy(), _look(backbone, inputs, shapes, DTYPES[chosen])

        found.append(FeatureStore(store).get(about | drawn, table.paths, shapes=shapes, compute=compute))
    return Features(
        np.stack([each.arrays["pooled"].astype(np.float32) for each in found]),
        tuple(_stack([each.arrays[f"map_{index}_{map_size}"] for each in found]) for index in kept),
        tuple(_stack([each.arrays[f"gram_{index}"] for each in found]) for index in kept),
        np.stack([_side_by_side(each.arrays, moments, len(table)) for each in found]),
        tuple(
            (
                _stack([each.arrays[f"map_{index}_1"][..., 0, 0] for each in found]),
                _stack([each.arrays[f"gram_{index}"] for each in found]),
            )
            for index in statistics
        ),
        np.logical_and.reduce([each.ok for each in found]),
        computed=sum(each.computed for each in found),
    )


def digest(module: nn.Module) -> str:
    """Return a digest of a network's kind and of all its weights."""
    found = hashlib.sha256(type(module).__name__.encode())
    for name, tensor in sorted(module.state_dict().items()):
        found.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        found.update(tensor.detach().cpu().reshape(-1).contiguous().view(torch.uint8).numpy().tobytes())
    return found.hexdigest()


class _Some(torch.utils.data.Dataset[Any]):
    """Some rows of a dataset, by their place among them."""

    def __init__(self, images: ImageDataset, rows: Int64[np.ndarray, " M"], view: int) -> None:
        self.images, self.rows, self.view = images, rows, view

    def __getitem__(self, key: tuple[int, int]) -> Any:
        item = self.images[self.view, int(self.rows[key[1]])]
        return Sample(item.image, item.label, item.vad, key[1]) if isinstance(item, Sample) else item


def _images(
    table: Table, preprocessing: Preprocessing, augmentation: Augmentation | None, seed: int
) -> ImageDataset:
    if augmentation is None:
        return ImageDataset(table, evaluation_transform(preprocessing), at_least=decode_size(preprocessing))
    smaller = replace(preprocessing, size=augmentation.size or preprocessing.size)
    return ImageDataset(
        table, training_transform(smaller, augmentation), seed=seed,
        at_least=decode_size(smaller, augmentation), draws=[content_number(path) for path in table.paths],
    )  # fmt: skip


def _shapes(
    backbone: Backbone, kept: Sequence[int | str], moments: Sequence[int | str], map_size: int
) -> dict[str, tuple[int, ...]]:
    """Name what is stored of an image, with the shape of each array."""
    channels = dict(zip(backbone.map_indices, backbone.map_channels, strict=True))
    shapes: dict[str, tuple[int, ...]] = {"pooled": (backbone.num_features,)}
    for index in kept:
        shapes[f"map_{index}_{map_size}"] = (channels[index], map_size, map_size)
        shapes[f"gram_{index}"] = (channels[index] * (channels[index] + 1) // 2,)
    return shapes | {f"moments_{index}": (2 * channels[index],) for index in moments}


@torch.inference_mode()
def _look(
    backbone: Backbone, inputs: Tensor, shapes: Mapping[str, tuple[int, ...]], dtype: torch.dtype
) -> dict[str, Any]:
    """Return what `shapes` names of a batch: pooled vectors, maps averaged down, Gram matrices, moments."""
    reduced = dtype is not torch.float32
    inputs = inputs.contiguous(memory_format=torch.channels_last)
    with torch.autocast(inputs.device.type, dtype=dtype if reduced else None, enabled=reduced):
        pooled, maps = backbone(inputs)
    found = dict(zip(map(str, backbone.map_indices), maps, strict=True))
    arrays = {"pooled": pooled.float().cpu().numpy()}
    for name, shape in shapes.items():
        kind, _, index = name.partition("_")
        if kind == "map":
            small = nn.functional.adaptive_avg_pool2d(found[index.rpartition("_")[0]].float(), shape[-1])
            arrays[name] = small.cpu().numpy()
        elif kind == "gram":
            gram = gram_matrix(found[index])
            upper = torch.triu_indices(*gram.shape[1:], device=gram.device)
            arrays[name] = gram[:, upper[0], upper[1]].cpu().numpy()
        elif kind == "moments":
            arrays[name] = mean_and_sd(found[index]).cpu().numpy()
    return arrays


def full_matrices(upper: Float[Tensor, "B T"]) -> Float[Tensor, "B C C"]:
    """Return symmetric matrices from their upper triangles, row by row, as `Features.grams` has them.

    Example:
        >>> full_matrices(torch.tensor([[1.0, 2.0, 3.0]]))
        tensor([[[1., 2.],
                 [2., 3.]]])
    """
    size = (math.isqrt(8 * upper.shape[1] + 1) - 1) // 2
    rows, columns = torch.triu_indices(size, size, device=upper.device)
    place = torch.empty(size, size, dtype=torch.int64, device=upper.device)
    place[rows, columns] = place[columns, rows] = torch.arange(upper.shape[1], device=upper.device)
    return upper[:, place.flatten()].view(-1, size, size)


def _side_by_side(
    arrays: Mapping[str, np.ndarray], moments: Sequence[int | str], rows: int
) -> Float32[np.ndarray, "N M"]:
    pieces = [arrays[f"moments_{index}"].astype(np.float32) for index in moments]
    return np.concatenate([np.zeros((rows, 0), np.float32), *pieces], axis=1)


def _stack(views: list[np.ndarray]) -> np.ndarray:
    """Join views without copying where there is one."""
    return views[0][None] if len(views) == 1 else np.stack(views)


def describe_store(store: str | Path) -> list[dict[str, Any]]:
    """Return what a store holds: each network with its preprocessing, images and bytes."""
    rows = []
    for about in sorted(Path(store).glob("*/about.json")):
        files = list(about.parent.glob("*/*.parquet"))
        with reading(about.parent, DataError, "remove this folder; what it held is computed anew"):
            told = dict(json.loads(about.read_text(encoding="utf-8")))
            pooled = [parquet.read_metadata(file) for file in about.parent.glob("pooled/*.parquet")]
        rows.append(
            {
                **told,
                "images": sum(each.num_rows for each in pooled),
                "bytes": sum(file.stat().st_size for file in files),
            }
        )
    return rows
