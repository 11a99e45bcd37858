"""The whole state of networks that learn, in one safetensors file: weights, their average, Adam's moments.

Nothing random is kept: all draws of a step follow from the seed and its number.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim import Optimizer

from evocative.data.atomic import replacing
from evocative.errors import TrainingError, reading
from evocative.training.ema import AveragedWeights

FILE: Final = "checkpoint.safetensors"


def save_state(
    path: Path,
    *,
    step: int,
    networks: Mapping[str, nn.Module],
    optimizers: Mapping[str, Optimizer],
    average: AveragedWeights,
) -> None:
    """Write the state after so many steps, whole or not at all."""
    tensors = {f"average/{name}": each for name, each in average.state_dict().items()}
    for name, network in networks.items():
        tensors |= {f"network/{name}/{key}": each for key, each in network.state_dict().items()}
    for name, optimizer in optimizers.items():
        for place, values in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{name}/{place}/{key}": each for key, each in values.items()}
    kept = {name: each.detach().cpu().contiguous().clone() for name, each in tensors.items()}
    with replacing(path) as unfinished:
        unfinished.write_bytes(save(kept, metadata={"step": json.dumps(step)}))


def load_state(
    path: Path,
    *,
    networks: Mapping[str, nn.Module],
    optimizers: Mapping[str, Optimizer],
    average: AveragedWeights,
) -> int:
    """Restore what `save_state` wrote, in place; return the number of steps done.

    Raises:
        TrainingError: The file cannot be read, or is of other networks.
    """
    advice = "remove the run's folder and train anew"
    with reading(path, TrainingError, advice, what="this checkpoint"):
        with safe_open(path, framework="pt") as file:
            step = int(json.loads(file.metadata()["step"]))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        for name, network in networks.items():
            network.load_state_dict(_below(tensors, f"network/{name}/"))
        for name, optimizer in optimizers.items():
            state = _nested(_below(tensors, f"optimizer/{name}/"))
            optimizer.load_state_dict(
                {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
            )
        average.load_state_dict(_below(tensors, "average/"))
    return step


def _below(tensors: Mapping[str, Tensor], start: str) -> dict[str, Tensor]:
    return {name.removeprefix(start): each for name, each in tensors.items() if name.startswith(start)}


def _nested(tensors: Mapping[str, Tensor]) -> dict[int, dict[str, Any]]:
    state: dict[int, dict[str, Any]] = {}
    for name, each in tensors.items():
        place, key = name.split("/")
        state.setdefault(int(place), {})[key] = each
    return state


def step_generator(seed: int, step: int, purpose: int = 0) -> torch.Generator:
    """Return the source of one step's randomness, which depends on these numbers alone."""
    mixed = np.random.SeedSequence((seed, step, purpose)).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(mixed >> np.uint64(1)))
