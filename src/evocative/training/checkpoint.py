"""A run's state on disk: written whole or not at all."""

from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from lightning.fabric import Fabric

from evocative.errors import TrainingError
from evocative.outputs import destination
from evocative.training.ema import AveragedWeights


@dataclass
class Progress:
    """Where a run stands. Everything random follows from the recipe's seed and these numbers."""

    epoch: int = 0
    """Epochs finished."""
    micro_step: int = 0
    """Batches done in the epoch under way."""
    step: int = 0
    """Optimiser steps done."""
    best: float | None = None
    """The best value of the monitored figure so far."""
    best_epoch: int | None = None
    unreadable: int = 0
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
    try:
        fabric.load(path, state, strict=True, weights_only=True)
    except (OSError, RuntimeError, KeyError, ValueError, EOFError, UnpicklingError) as error:
        raise TrainingError(
            f"{path}: this checkpoint cannot be read ({error}). Remove the run's folder and train anew."
        ) from error
    if state["scaler"]:
        fabric.strategy.precision.load_state_dict(state["scaler"])
    return Progress(**state["progress"])


def _scaler(fabric: Fabric) -> dict[str, Any]:
    """Return the gradient scaler's state, which only fp16 has."""
    state: dict[str, Any] = fabric.strategy.precision.state_dict()
    return {key: value for key, value in state.items() if isinstance(value, int | float | torch.Tensor)}
