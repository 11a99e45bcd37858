"""Devices, precision and processes of a run: Fabric, set up as the recipe and the launcher say."""

import os
from dataclasses import dataclass
from typing import Any

import torch
from lightning.fabric import Fabric

from evocative.errors import RecipeError
from evocative.inference.precision import resolve_precision
from evocative.recipe import Recipe


@dataclass(frozen=True)
class Launch:
    """Where a run computes; under torchrun these come from the environment."""

    accelerator: str = "auto"
    devices: int = 1
    nodes: int = 1
    strategy: str = "auto"


def start(recipe: Recipe, launch: Launch) -> Fabric:
    """Set up devices and precision; what cannot be had is refused."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    local = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    devices, nodes = (local, world // local) if world > 1 else (launch.devices, launch.nodes)
    strategy = "ddp" if devices * nodes > 1 and launch.strategy == "auto" else launch.strategy
    accelerator = (
        "cpu" if launch.accelerator == "auto" and not torch.cuda.is_available() else launch.accelerator
    )
    kind = "cuda" if accelerator in ("auto", "cuda", "gpu") else accelerator
    precision = resolve_precision(recipe.training.precision, torch.device(kind))
    names: dict[str, Any] = {"bf16": "bf16-mixed", "fp16": "16-mixed", "fp32": "32-true"}
    fabric = Fabric(
        accelerator=accelerator,
        devices=devices,
        num_nodes=nodes,
        strategy=strategy,
        precision=names[precision],
    )
    fabric.launch()
    _check_batches(recipe, fabric.world_size)
    return fabric


def _check_batches(recipe: Recipe, world_size: int) -> None:
    share = recipe.training.accumulation * world_size
    if recipe.training.batch_size % share:
        raise RecipeError(
            f"training.batch_size {recipe.training.batch_size} is no multiple of accumulation × processes, "
            f"{share}"
        )
