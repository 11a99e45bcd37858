"""An exponential moving average of the weights: what a run answers with, a little behind what it learns with.

    average = (1 − w) · average + w · weights        w = 1 − min(decay, (1 + t) / (10 + t))

after step t = 1, 2, …: the mean of the path's last 1 / (1 − decay) steps (Polyak & Juditsky 1992; with this
warm-up as TensorFlow and timm have it). The factor is a function of the step, so that the average itself is
all that a checkpoint keeps.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class AveragedWeights:
    """The moving average of a network's parameters and statistics; nothing until `begin`.

    Example:
        >>> layer, average = nn.Linear(1, 1), AveragedWeights()
        >>> average.begin(layer, decay=0.99)
        >>> _ = layer.bias.data.add_(1)
        >>> average.update(layer, step=1)
        >>> with average.within(layer):
        ...     answer = layer(torch.ones(1))
    """

    def __init__(self) -> None:
        self.decay = 0.0
        self._average: dict[str, Tensor] = {}

    @property
    def active(self) -> bool:
        """Whether there is an average."""
        return bool(self._average)

    def begin(self, network: nn.Module, *, decay: float) -> None:
        """Start from a network's weights; with a decay of 0 there is no average."""
        self.decay = decay
        self._average = {name: each.clone() for name, each in _state(network)} if decay > 0 else {}

    @torch.no_grad()
    def update(self, network: nn.Module, *, step: int) -> None:
        """Take the weights after a step (from 1) in; counters are copied."""
        share = 1 - min(self.decay, (1 + step) / (10 + step))
        for name, each in _state(network) if self.active else ():
            if each.is_floating_point():
                self._average[name].lerp_(each, share)
            else:
                self._average[name].copy_(each)

    @torch.no_grad()
    def copy_to(self, network: nn.Module) -> None:
        """Put the average into a network, if there is one."""
        for name, each in _state(network) if self.active else ():
            each.copy_(self._average[name])

    @contextmanager
    def within(self, network: nn.Module) -> Iterator[None]:
        """Let a network hold the average for a while; afterwards it is as it was, to the bit."""
        state = _state(network) if self.active else []
        kept = [each.clone() for _, each in state]
        self.copy_to(network)
        try:
            yield
        finally:
            for (_, each), before in zip(state, kept, strict=True):
                each.copy_(before)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return dict(self._average)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what a checkpoint kept, on the device of what there is."""
        for name, tensor in state.items():
            self._average[name].copy_(tensor)


def _state(network: nn.Module) -> list[tuple[str, Tensor]]:
    return [(name, tensor.detach()) for name, tensor in network.state_dict().items()]
