"""The average against its definition, and that a network gets its weights back."""

import pytest
import torch
from torch import nn

from evocative.training.ema import AveragedWeights


def test_the_average_is_the_recursion_with_its_warm_up() -> None:
    layer, average = nn.Linear(1, 1, bias=False), AveragedWeights()
    layer.weight.data.fill_(4.0)
    average.begin(layer, decay=0.5)
    expected = 4.0
    for step, value in enumerate([1.0, -2.0, 8.0, 3.0, 5.0, 0.0, 7.0, 1.0, 9.0, 2.0], start=1):
        layer.weight.data.fill_(value)
        average.update(layer, step=step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    assert decay == 0.5
    assert (2 + 1) / (2 + 10) < 0.5
    average.copy_to(layer)
    assert float(layer.weight.detach()) == pytest.approx(expected, rel=1e-6)


def test_counters_are_copied_and_statistics_averaged() -> None:
    norm, average = nn.BatchNorm1d(2), AveragedWeights()
    average.begin(norm, decay=0.9)
    norm.train()(torch.randn(8, 2) + 5)
    average.update(norm, step=100)
    state, mean = average.state_dict(), norm.running_mean
    assert mean is not None
    assert int(state["num_batches_tracked"]) == 1
    torch.testing.assert_close(state["running_mean"], 0.1 * mean)


def test_within_gives_the_weights_back_even_after_an_error() -> None:
    torch.manual_seed(0)
    layer, average = nn.Linear(3, 3), AveragedWeights()
    average.begin(layer, decay=0.9)
    layer.weight.data.normal_()
    before = layer.weight.detach().clone()
    during: list[torch.Tensor] = []

    def fails() -> None:
        with average.within(layer):
            during.append(layer.weight.detach().clone())
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert not torch.equal(during[0], before)
    assert torch.equal(layer.weight, before)


def test_without_decay_nothing_is_kept_or_changed() -> None:
    layer, average = nn.Linear(2, 2), AveragedWeights()
    average.begin(layer, decay=0.0)
    before = layer.weight.detach().clone()
    average.update(layer, step=1)
    average.copy_to(layer)
    assert not average.active
    assert average.state_dict() == {}
    assert torch.equal(layer.weight, before)


def test_a_restored_average_goes_on_to_the_bit() -> None:
    torch.manual_seed(1)
    layer, average, again = nn.Linear(3, 3), AveragedWeights(), AveragedWeights()
    average.begin(layer, decay=0.99)
    again.begin(layer, decay=0.99)
    layer.weight.data.normal_()
    average.update(layer, step=1)
    again.load_state_dict({name: each.clone() for name, each in average.state_dict().items()})
    layer.weight.data.normal_()
    for each in (average, again):
        each.update(layer, step=2)
    assert torch.equal(average.state_dict()["weight"], again.state_dict()["weight"])
