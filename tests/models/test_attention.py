"""Attention re-derived with loops, from the equations of Huang et al. 2024."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from evocative.errors import ModelError
from evocative.models.attention import ChannelAttention, ParallelAttention, SpatialAttention

Array = NDArray[np.float64]


def sigmoid(values: Array) -> Array:
    return 1 / (1 + np.exp(-values))


def channel(module: ChannelAttention, maps: Array) -> Array:
    """(10), one channel after the other."""
    first, _, second = module.perceptron
    assert isinstance(first, nn.Linear)
    assert isinstance(second, nn.Linear)
    total = np.zeros(maps.shape[0])
    for pooled in ([m.mean() for m in maps], [m.max() for m in maps]):
        hidden = first.weight.detach().numpy() @ np.array(pooled) + first.bias.detach().numpy()
        total += second.weight.detach().numpy() @ np.maximum(hidden, 0) + second.bias.detach().numpy()
    return sigmoid(total)


def spatial(module: SpatialAttention, maps: Array) -> Array:
    """(11), one place after the other, zeros outside."""
    height, width = maps.shape[1:]
    both = np.stack([maps.mean(0), maps.max(0)])
    padded = np.pad(both, ((0, 0), (3, 3), (3, 3)))
    kernel = module.conv.weight.detach().numpy()[0]
    assert module.conv.bias is not None
    found = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            found[row, column] = (padded[:, row : row + 7, column : column + 7] * kernel).sum()
    return sigmoid(found + module.conv.bias.item())


def test_both_kinds_read_the_map_as_it_came() -> None:
    torch.manual_seed(0)
    module = ParallelAttention(6, reduction=2).double()
    maps = torch.randn(2, 6, 5, 4, dtype=torch.float64)
    with torch.no_grad():
        found = module(maps).numpy()
    for ours, each in zip(found, maps.numpy(), strict=True):
        weights = channel(module.channel, each)[:, None, None] * spatial(module.spatial, each)
        np.testing.assert_allclose(ours, each * weights, rtol=1e-10)


def test_the_hidden_layer_is_never_empty() -> None:
    assert ChannelAttention(6, reduction=16).perceptron[0].out_features == 1
    assert ChannelAttention(64, reduction=16).perceptron[0].out_features == 4
    with pytest.raises(ModelError, match="reduction of 1 or more, found 0"):
        ChannelAttention(6, reduction=0)
