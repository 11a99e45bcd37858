"""How many of the rows that are measured a model was trained on, and rows without these.

Figures of images that a network has learnt say how well it remembers. What is known of each row stands in the
predictions' column `trained_on` (`inference.trained_on`); copies that were resized or saved anew are other
files and are not recognised.
"""

from dataclasses import replace

import numpy as np

from evocative.errors import DataError
from evocative.evaluate.alignment import Aligned
from evocative.evaluate.report import TrainedOn
from evocative.inference.check import TRAINED_ON
from evocative.inference.predictions import Predictions


def trained_on(predictions: Predictions) -> TrainedOn | None:
    """Count the rows that a model was trained on; None where the predictions do not say."""
    if TRAINED_ON not in predictions.frame:
        return None
    known = predictions.frame.loc[predictions.ok, TRAINED_ON]
    return TrainedOn(int(known.sum()), len(known), int(known.isna().sum()))


def without_learnt(aligned: Aligned) -> Aligned:
    """Leave out the rows that the model was trained on.

    Raises:
        DataError: The predictions do not say which, or no other row is left.
    """
    predictions = aligned.predictions
    if TRAINED_ON not in predictions.frame:
        raise DataError(
            f"{predictions.name}: which images the model was trained on is not known: its folder keeps no "
            "record, or the predictions have no column trained_on"
        )
    keep = ~predictions.frame[TRAINED_ON].fillna(value=False).to_numpy(dtype=bool)
    if not keep.any():
        raise DataError(f"{predictions.name}: the model was trained on all {len(keep):,} images")
    raters = None if aligned.raters is None else aligned.raters[np.flatnonzero(keep)]
    return replace(aligned, predictions=predictions.select(keep), raters=raters)
