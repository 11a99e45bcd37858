"""Whether a model was trained on the images that it answers for: told by the content of their files.

    known = trained_on(read_training_images(folder), content_digests(paths))      # True, False, or not known
    predictions = marked(predictions, known)                                      # column trained_on

An image that was resized, cut or saved anew is another file and is not recognised.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.arrays import BooleanArray

from evocative.data.content import content_digests, short_digest
from evocative.inference.check import TRAINED_ON
from evocative.inference.predictions import Predictions
from evocative.models.training_images import TrainingImages, read_training_images


def trained_on(record: TrainingImages | None, digests: Sequence[str | None]) -> BooleanArray:
    """Say of each image whether a model was trained on it.

    Args:
        record: The model's; None: it has none.
        digests: The SHA-256 of the images' files, of which the first 16 digits are read; None: unreadable.

    Returns:
        pandas' nullable booleans: missing where nobody knows.
    """
    found = pd.array([None] * len(digests), dtype="boolean")
    if record is None:
        return found
    readable = np.array([digest is not None for digest in digests], dtype=bool)
    numbers = np.array([short_digest(digest) for digest in digests if digest is not None], dtype=np.uint64)
    seen = np.isin(numbers, record.digests)
    places = np.flatnonzero(readable)
    found[places[seen]] = True
    if record.complete:
        found[places[~seen]] = False
    return found


def images_trained_on(source: str | os.PathLike[str], paths: Sequence[Path]) -> BooleanArray:
    """Say of each image whether the model of a folder or of the hub was trained on it; see `trained_on`.

    Raises:
        ModelError: The model's record is damaged.
    """
    record = read_training_images(source)
    return trained_on(record, [None] * len(paths) if record is None else content_digests(paths))


def marked(predictions: Predictions, known: BooleanArray) -> Predictions:
    """Add what is known of each row's image as a column; nothing where nothing is known of any."""
    if pd.isna(known).all():
        return predictions
    return replace(predictions, frame=predictions.frame.assign(**{TRAINED_ON: known}))
