"""Whitening is fitted before heads are: a statistic of the training images' maps, as the network is then.

Rows count alike, each image once. What is fitted already, as in a model to go on from, stays: heads that were
fitted above it would else read something new.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
from lightning.fabric import Fabric
from torch import Tensor

from evocative.data.dataset import Batch
from evocative.data.transforms import normalize
from evocative.errors import RecipeError, TrainingError
from evocative.models.create import EmotionModel
from evocative.models.necks import maps_of, statistics_of
from evocative.models.second_order import gram_matrix
from evocative.models.whitened import PooledMoments, WhitenedGram, whitenings
from evocative.preprocessing import Preprocessing
from evocative.training.stored import StoredRows

IMAGES = 2000
"""At most so many images tell the whitening where no features are stored, spread evenly over the rows: at
14 × 14 places they are 392,000 columns of a map."""
_ROWS = 256
"""Stored rows that are unpacked at once."""


def fit_from_stored(model: EmotionModel, stored: StoredRows) -> int:
    """Fit a model's whitening to stored means and Gram matrices of all rows, where it has any to fit.

    Returns:
        How many images it was fitted to; 0 where there was nothing to fit.
    """

    def pieces() -> Iterator[Mapping[int | str, tuple[Tensor, Tensor]]]:
        for start in range(0, len(stored.rows), _ROWS):
            told = stored.statistics(stored.rows[start : start + _ROWS])
            yield dict(zip(statistics_of(model.config), told, strict=True))

    return _fit(model, pieces)


def fit_from_images(
    model: EmotionModel, batches: Callable[[int], Iterable[Batch]], *, fabric: Fabric,
    preprocessing: Preprocessing,
) -> int:  # fmt: skip
    """Fit a model's whitening to the maps of training images, as evaluation sees them.

    Args:
        model: Its backbone says the maps; it is put into evaluation mode.
        batches: Gives batches of at most so many images, spread over the rows.
        fabric: Device and precision.
        preprocessing: How evaluation sees an image.

    Returns:
        How many images it was fitted to; 0 where there was nothing to fit.

    Raises:
        TrainingError: No image can be read.
    """

    def pieces() -> Iterator[Mapping[int | str, tuple[Tensor, Tensor]]]:
        model.eval()
        for batch in batches(IMAGES):
            if len(batch.labels) == 0:
                continue
            with torch.no_grad(), fabric.autocast():
                _, maps = model.backbone(normalize(batch.to(fabric.device).images, preprocessing))
            yield {
                index: (each.float().mean(dim=(2, 3)), gram_matrix(each))
                for index, each in zip(model.backbone.map_indices, maps, strict=True)
            }

    return _fit(model, pieces)


def check_whitening(model: EmotionModel, *, head_start: bool) -> None:
    """Refuse a run that would never fit a whitening that its model lacks.

    Raises:
        RecipeError: Nothing would fit it.
    """
    lacking = [name for name, each in whitenings(model).items() if not each.fitted]
    if lacking and not head_start:
        raise RecipeError(
            "model: whitened Gram matrices need a whitening that is fitted to the training images first, and "
            "nothing fits it. Set training.head_start = true, or go on from a model that has one "
            "(model.weights)"
        )


def _fit(
    model: EmotionModel, pieces: Callable[[], Iterator[Mapping[int | str, tuple[Tensor, Tensor]]]]
) -> int:
    lacking = [(each, maps) for each, maps in _read_maps(model) if not each.fitted]
    if not lacking:
        return 0
    channels = dict(zip(model.backbone.map_indices, model.backbone.map_channels, strict=True))
    pooled = {index: PooledMoments(channels[index]) for _, maps in lacking for index in maps}
    for piece in pieces():
        for index, each in pooled.items():
            each.add(*piece[index])
    images = min(each.images for each in pooled.values())
    if images == 0:
        raise TrainingError("head start: no training image can be read, and the whitening needs some")
    for module, maps in lacking:
        module.fit([pooled[index] for index in maps])
    return images


def _read_maps(model: EmotionModel) -> list[tuple[WhitenedGram, tuple[int | str, ...]]]:
    """Pair each of a model's whitenings with the maps that it is of."""
    places = {"neck.whitened": maps_of(model.config), "dimension_gram": model.config.dimension_maps}
    return [(each, places[name]) for name, each in whitenings(model).items()]
