"""Predicted SDs brought to the size of errors on rows that were held out: the last step of a run.

A head that learns its own SD takes the small residuals of rows that it fits for certainty. One factor an
axis, told by the validation rows (`metrics.uncertainty.sd_factor`), brings the SDs back to size; the model
keeps it (`model.dimension_sd_scale`). Which images are less sure than others does not change.

The factor covers whatever the errors are made of, the raters' own error too. Where the best epoch was chosen
on the same rows, it is a little too small.
"""

import json
from collections.abc import Iterable

import numpy as np

from evocative.data.atomic import replacing
from evocative.data.columns import AXES
from evocative.data.dataset import Batch
from evocative.data.table import Table
from evocative.errors import RecipeError
from evocative.metrics.uncertainty import sd_factor
from evocative.models.create import EmotionModel
from evocative.recipe import Recipe
from evocative.training.fit import Setup
from evocative.training.validate import answers, gather_rows

FEWEST = 10
"""Validation rows with a target of an axis; a factor from so few is off by about a quarter (1 / √2n)."""


def check_calibration(recipe: Recipe, validation: Table) -> None:
    """Refuse a run that could not scale its SDs at the end.

    Raises:
        RecipeError: No SD is predicted, or too few validation rows are rated.
    """
    if not recipe.training.calibrate_sd:
        return
    if not recipe.model.dimension_sd:
        raise RecipeError("training.calibrate_sd scales predicted SDs: set model.dimension_sd = true")
    known = np.isfinite(validation.dimensions).sum(axis=0)
    few = [f"{axis}: {known[AXES.index(axis)]}" for axis in recipe.model.dimensions]
    if any(known[AXES.index(axis)] < FEWEST for axis in recipe.model.dimensions):
        raise RecipeError(
            f"training.calibrate_sd needs {FEWEST} validation rows or more with a target of each dimension, "
            f"found {', '.join(few)}. Give data.split a share of validation"
        )


def calibrate_sd(setup: Setup, held: Iterable[Batch]) -> dict[str, float]:
    """Scale a model's SDs to its errors on the validation rows, in place.

    Args:
        setup: The run; its model is put into evaluation mode. The factors go to `calibration.json`.
        held: Batches of this process's validation rows.

    Returns:
        The factor of each axis.
    """
    model: EmotionModel = setup.model.module
    axes = () if model.dimension_head is None else model.dimension_head.dimensions
    model.scale_sd([1.0] * len(axes))
    rows = [
        (batch.vad, said.vad, said.vad_sd)
        for batch, said in answers(setup.fabric, setup.model, held, setup.answer)
    ]
    columns = [gather_rows(setup.fabric, [row[number] for row in rows]) for number in range(3)]
    factors, counts = {}, {}
    for axis in axes:
        number = AXES.index(axis)
        target, mean, sd = (
            np.empty(0) if each is None else each[:, number].numpy().astype(np.float64) for each in columns
        )
        factors[axis] = sd_factor(target, mean, sd)
        counts[axis] = int(np.isfinite(target).sum())
    model.scale_sd(list(factors.values()))
    if setup.fabric.global_rank == 0:
        told = {axis: {"factor": factor, "n": counts[axis]} for axis, factor in factors.items()}
        with replacing(setup.folder / "calibration.json") as file:
            file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return factors
