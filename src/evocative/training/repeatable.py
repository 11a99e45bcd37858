"""Gradients that are added up in one order: what makes a run on the CPU the same each time it is run.

torch adds the gradients of rows that were picked by index (a batch's class centres, the two centres of each
pair) with atomic instructions, as soon as there are 32,768 numbers and two threads. Which thread comes first
is a matter of chance, most of all on a loaded machine; sums of rounded numbers depend on their order, and two
runs of one recipe part after a few steps. Told to be deterministic, torch adds them in order.

Everything else that a run does on the CPU is split among a fixed number of threads in a fixed way, as far as
was seen (`benchmarks/repeatable.py`, docs/recipes.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch
from torch.utils import deterministic

_FILL: Final = "fill_uninitialized_memory"
"""Would fill every new tensor in deterministic mode: finds faults, takes time, and changes no result."""


@contextmanager
def repeatable(device: torch.device | str) -> Iterator[None]:
    """Let torch add gradients up in one order while the block runs, on the CPU alone.

    On a GPU nothing is changed: some of its layers have no deterministic form, others only a slow one, so
    that nothing is promised of it. An operation without a deterministic form on the CPU warns.

    Args:
        device: Where gradients are computed.

    Example:
        >>> with repeatable("cpu"):
        ...     torch.are_deterministic_algorithms_enabled()
        True
    """
    if torch.device(device).type != "cpu" or torch.are_deterministic_algorithms_enabled():
        yield
        return
    filled = getattr(deterministic, _FILL)
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    setattr(deterministic, _FILL, False)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(mode=False)
        setattr(deterministic, _FILL, filled)
