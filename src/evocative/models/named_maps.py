"""Feature maps by the name of the module that gives them, where timm's numbered maps do not reach.

timm numbers what its groups of blocks give. A paper may read the output of a single convolution, as
`blocks.2.1.conv_pwl`: before its batch norm, inside its block. A forward hook hands that output on. What is
caught lives in a context variable, so that copies of a network, threads and traced graphs do not meet.
"""

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from evocative.errors import ModelError

_CAUGHT: ContextVar[dict[str, Any] | None] = ContextVar("caught", default=None)


@contextmanager
def catching() -> Iterator[dict[str, Any]]:
    """Give a dictionary that fills with the hooked modules' outputs, by name, while the network runs."""
    caught: dict[str, Any] = {}
    token = _CAUGHT.set(caught)
    try:
        yield caught
    finally:
        _CAUGHT.reset(token)


def hand_on(name: str, output: Tensor) -> None:
    """Hand on a map as if the module of this name had given it now, inside `catching`."""
    caught = _CAUGHT.get()
    if caught is not None:
        caught[name] = output


def hook(network: nn.Module, names: Sequence[str], *, copied: Sequence[str] = ()) -> list[RemovableHandle]:
    """Let the named modules of a network hand on what they give, inside `catching`.

    Args:
        network: Its modules are hooked; the answer stays as it is.
        names: As `named_modules` has them.
        copied: Those of them whose output a later module overwrites in place, and which are copied.

    Returns:
        Handles that take the hooks off again.

    Raises:
        ModelError: There is no such module; the message names some that come close.
    """
    known = dict(network.named_modules())
    for name in names:
        if not name or name not in known:
            close = difflib.get_close_matches(name, list(known), n=5, cutoff=0.5)
            hint = f"; did you mean {', '.join(close)}?" if close else "."
            raise ModelError(
                f"{type(network).__name__} has no module {name!r}{hint} Any name of timm's "
                "network.named_modules() whose output is a map (B, C, h, w) will do"
            )
    return [
        known[name].register_forward_hook(partial(_catch, name=name, copy=name in copied)) for name in names
    ]


def look_at(network: nn.Module, names: Sequence[str], *, size: int) -> dict[str, tuple[int, int, bool]]:
    """Run a network once on noise, in evaluation mode, and say what the named modules give.

    Args:
        network: It stays as it is.
        names: Of its modules.
        size: Pixels a side of an image that it takes.

    Returns:
        For each name the channels, the input pixels to one place, and whether a later module overwrites it.

    Raises:
        ModelError: A module does not exist, is not run, is run more than once, or gives no map.
    """
    training = {module: module.training for module in network.modules()}
    handles = hook(network, names)
    image = torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    try:
        with torch.no_grad(), catching() as caught:
            network.eval()(image)
    finally:
        for handle in handles:
            handle.remove()
        for module, mode in training.items():
            module.training = mode
    return {name: _described(name, caught, size) for name in names}


def _described(name: str, caught: dict[str, Any], size: int) -> tuple[int, int, bool]:
    found, version, times = caught.get(name), caught.get(f"{name} version"), caught.get(f"{name} times")
    if found is None:
        raise ModelError(f"map {name!r}: the network does not run this module. Choose another")
    if not isinstance(found, Tensor) or found.ndim != 4 or times != 1:
        shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
        raise ModelError(
            f"map {name!r}: expected a module that runs once and gives a map (B, C, h, w); this one runs "
            f"{times} times and gives {shape}. Choose another"
        )
    if found.shape[2] != found.shape[3]:  # of a square image: channels last, which would be read as places
        raise ModelError(
            f"map {name!r}: expected (B, C, h, w), found {tuple(found.shape)}, with channels last, "
            "as it seems. Choose a module before the axes are moved, or a number of timm's maps"
        )
    return found.shape[1], size // found.shape[2], found._version != version


def _catch(_module: nn.Module, _inputs: Any, output: Any, *, name: str, copy: bool) -> None:
    caught = _CAUGHT.get()
    if caught is None:
        return
    caught[name] = output.clone() if copy else output
    tracked = isinstance(output, Tensor) and not output.is_inference()
    caught[f"{name} version"] = output._version if tracked else None
    caught[f"{name} times"] = caught.get(f"{name} times", 0) + 1
