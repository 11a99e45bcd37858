"""Which images a model was trained on: a list of digests in its folder, so that it can be told of any image.

    training_images.safetensors     images: the first 64 bits of the SHA-256 of each file, rising

Eight bytes an image, ten million images in 80 MB; neither an image nor a name can be had from it. A model
that went on from others counts theirs as its own; weights that came as a file, as ImageNet's, count as
trained on nothing.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import UInt64
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from evocative.errors import ModelError
from evocative.models.hub import download, is_hub

FILE: Final = "training_images.safetensors"
_NAME: Final = "images"
_COMPLETE: Final = "complete"


@dataclass(frozen=True, eq=False)
class TrainingImages:
    """The record of a model.

    Raises:
        ModelError: The digests do not rise.
    """

    digests: UInt64[np.ndarray, " M"]
    """The first 64 bits of the SHA-256 of each file, rising, each once."""
    complete: bool = True
    """Whether these are all: not where a model that it went on from keeps no record."""

    def __post_init__(self) -> None:
        if not (self.digests[1:] > self.digests[:-1]).all():
            raise ModelError("training images: expected digests that rise, each once")

    def __len__(self) -> int:
        return len(self.digests)

    def to_bytes(self) -> bytes:
        """Return the file."""
        return save({_NAME: self.digests}, metadata={_COMPLETE: str(self.complete).lower()})


def joined(records: Iterable[TrainingImages | None]) -> TrainingImages | None:
    """Return the record of a model that rests on all of these; None where not one of them is known.

    Example:
        >>> one = TrainingImages(np.array([1, 5], dtype=np.uint64))
        >>> both = joined([one, None])
        >>> both.digests.tolist(), both.complete
        ([1, 5], False)
    """
    every = list(records)
    known = [each for each in every if each is not None]
    if not known:
        return None
    complete = len(known) == len(every) and all(each.complete for each in known)
    return TrainingImages(np.unique(np.concatenate([each.digests for each in known])), complete)


def read_training_images(source: str | os.PathLike[str]) -> TrainingImages | None:
    """Return a model's record; None where its folder keeps none, as one of an earlier version.

    Args:
        source: A model's folder, or `hf-hub:org/name`.

    Raises:
        ModelError: The file is damaged, or the hub cannot be reached.
    """
    folder = download(str(source), patterns=[FILE]) if is_hub(source) else Path(source)
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            return TrainingImages(_row(file.get_tensor(_NAME)), about.get(_COMPLETE) == "true")
    except (OSError, SafetensorError, ModelError, TypeError) as error:
        raise ModelError(
            f"{path}: cannot be read ({error}). Copy or download it again, or remove it: then it is not "
            "known which images the model was trained on"
        ) from error


def _row(digests: NDArray[Any]) -> UInt64[np.ndarray, " M"]:
    if digests.dtype != np.uint64 or digests.ndim != 1:
        raise ModelError(f"expected a row of 64-bit numbers, found {digests.dtype} of shape {digests.shape}")
    return digests
