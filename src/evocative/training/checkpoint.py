"""A run's state on disk: written whole or not at all."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from lightning.fabric import Fabric

from evocative.errors import TrainingError, reading
from evocative.outputs import destination
from evocative.recipe.ranges import Whole
from evocative.recipe.validation import validated
from evocative.training.ema import AveragedWeights


@dataclass
class Progress:
    """Where a run stands. Everything random follows from the recipe's seed and these numbers."""

    epoch: Whole = 0
    """Epochs finished."""
    micro_step: Whole = 0
    """Batches done in the epoch under way."""
    step: Whole = 0
    """Optimiser steps done."""
    best: float | None = None
    """The best value of the monitored figure so far."""
    best_epoch: Whole | None = None
    unreadable: Whole = 0
    """Readings that failed in this process, over all epochs."""


def save_checkpoint(
    fabric: Fabric, path: Path, *, model: Any, optimizer: Any, progress: Progress,
    average: AveragedWeights | None = None,
) -> None:  # fmt: skip
    """Write weights, their average, optimiser state and progress to a temporary name and rename it."""
    temporary = path.with_name(path.name + ".tmp")
    state = {"model": model, "optimizer": optimizer, "progress": asdict(progress), "scaler": _scaler(fabric)}
    if average is not None and average.active:
        state["average"] = average
    fabric.save(temporary, state)
    if fabric.global_rank == 0:
        temporary.replace(destination(path) or path)
    fabric.barrier()


def load_checkpoint(
    fabric: Fabric, path: Path, *, model: Any, optimizer: Any | None, average: AveragedWeights | None = None
) -> Progress:
    """Restore what `save_checkpoint` wrote, in place.

    Raises:
        TrainingError: The file cannot be read.
    """
    state: dict[str, Any] = {"model": model, "progress": {}, "scaler": {}}
    if optimizer is not None:
        state["optimizer"] = optimizer
    if average is not None and average.active:
        state["average"] = average
    advice = "remove the run's folder and train anew"
    with reading(path, TrainingError, advice, what="this checkpoint"):
        fabric.load(path, state, strict=True, weights_only=True)
        if state["scaler"]:
            fabric.strategy.precision.load_state_dict(state["scaler"])
    progress, mistakes = validated(Progress, state["progress"], root="progress")
    if progress is None:
        raise TrainingError(
            f"{path}: is damaged ({'; '.join(mistakes)}). Remove the run's folder and train anew"
        )
    return progress


def _scaler(fabric: Fabric) -> dict[str, Any]:
    """Return the gradient scaler's state, which only fp16 has."""
    state: dict[str, Any] = fabric.strategy.precision.state_dict()
    return {key: value for key, value in state.items() if isinstance(value, int | float | torch.Tensor)}
