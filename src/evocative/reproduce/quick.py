"""The quick form: the same recipe on fewer rows, for fewer epochs, with smaller images.

It shows that a table runs, and where its figures go, in minutes on a CPU. Its numbers are no reproduction,
and everything printed of it says so.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from typing import Any

import timm

from evocative.preprocessing import Preprocessing
from evocative.recipe import Recipe

ROWS = {"train": 2000, "validation": 400, "test": 1500}
"""At most, of each part; a sample by label."""
EPOCHS = 3
SIZE = 112
"""Side of an image in pixels."""
BATCH = 32
TOLD = (
    f"QUICK FORM: at most {ROWS['train']:,} rows to train on, {ROWS['validation']:,} for validation and "
    f"{ROWS['test']:,} to test on (a sample by label), {EPOCHS} epochs, images of {SIZE} px at most, batches "
    f"of {BATCH} with a learning rate in proportion to their square root, one run where no other number is "
    "asked for. These are not the paper's conditions, and these numbers reproduce nothing."
)


def quick_settings(recipe: Recipe) -> dict[str, Any]:
    """Return what the quick form changes in a recipe.

    Args:
        recipe: Resolved, with everything else that is asked for.
    """
    shown = recipe.preprocessing or recorded(recipe.model.backbone)
    batch = min(BATCH, recipe.training.batch_size)
    epochs = min(EPOCHS, recipe.training.epochs)
    slower = sqrt(batch / recipe.training.batch_size)
    shape = replace(shown, size=min(SIZE, shown.size)).to_dict()
    settings: dict[str, Any] = {f"preprocessing.{key}": value for key, value in shape.items()}
    return settings | {
        "data.limit": ROWS,
        "augmentation.size": min(SIZE, recipe.augmentation.size or shown.size),
        "training.epochs": epochs,
        "training.batch_size": batch,
        "training.accumulation": 1,
        "schedule.period_epochs": float(min(recipe.schedule.period_epochs, epochs) or 1),
        "optimizer.lr": recipe.optimizer.lr * slower,
        "schedule.min_lr": recipe.schedule.min_lr * slower,
    }


def recorded(backbone: str) -> Preprocessing:
    """Return what a recipe without preprocessing of its own uses: timm's record, squashed to 224 px."""
    record: Any = timm.models.get_pretrained_cfg(backbone)
    if record is None:
        return Preprocessing()
    return Preprocessing(
        interpolation="bicubic" if record.interpolation == "bicubic" else "bilinear",
        mean=_three(record.mean),
        sd=_three(record.std),
    )


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
