"""The functions that pictures are written in: of one row of numbers, and of two.

A row is one number a pixel. Whatever finite numbers go in, within ±LIMIT, finite numbers within ±LIMIT come
out, so that no NaN and no infinity can reach a picture, however deep the formula.

    UNARY       a CPPN's activations and an expression's functions of one argument; they work in place
    BINARY      an expression's functions of two arguments
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

LIMIT = 1e4
"""No row holds a number beyond this: what is larger is cut off."""

SMALLEST = 1e-3
"""A divisor is never nearer to zero than this."""


def _sigmoid(row: Tensor) -> Tensor:
    return row.mul_(0.5).tanh_()  # 2 / (1 + exp(-x)) - 1


def _gaussian(row: Tensor) -> Tensor:
    return row.square_().neg_().exp_()


def _triangle(row: Tensor) -> Tensor:
    """Rise from -1 at 0 to 1 at 1 and back to -1 at 2, and so on."""
    return row.remainder_(2.0).sub_(1.0).abs_().mul_(-2.0).add_(1.0)


def _linear(row: Tensor) -> Tensor:
    return row.clamp_(-LIMIT, LIMIT)


def _ramp(row: Tensor) -> Tensor:
    """How little of a primary colour there is at a hue in sixths of a turn: the corner curve of HSV."""
    row.remainder_(6.0)
    return torch.minimum(row, 4.0 - row).clamp_(0.0, 1.0)


def _root(row: Tensor) -> Tensor:
    return row.abs_().sqrt_().clamp_(max=LIMIT)


UNARY: Mapping[str, Callable[[Tensor], Tensor]] = {
    "linear": _linear,
    "sine": torch.sin_,
    "cosine": torch.cos_,
    "sigmoid": _sigmoid,
    "gaussian": _gaussian,
    "absolute": lambda row: row.abs_().clamp_(max=LIMIT),
    "square": lambda row: row.square_().clamp_(max=LIMIT),
    "triangle": _triangle,
    "arctangent": torch.atan_,
    "root": _root,
    "unit": lambda row: row.clamp_(0.0, 1.0),
    "ramp": _ramp,
}
"""By name: a function that overwrites its argument, or may, and returns the value."""


def _guarded(row: Tensor) -> Tensor:
    """Keep a divisor away from zero; its sign stays (zero counts as positive)."""
    return torch.where(row < 0, row.clamp(max=-SMALLEST), row.clamp(min=SMALLEST))


def _divide(first: Tensor, second: Tensor) -> Tensor:
    return (first / _guarded(second)).clamp_(-LIMIT, LIMIT)


def _modulo(first: Tensor, second: Tensor) -> Tensor:
    return torch.remainder(first, _guarded(second))


def _power(first: Tensor, second: Tensor) -> Tensor:
    return first.abs().pow(second).clamp_(max=LIMIT)


BINARY: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "multiply": lambda first, second: (first * second).clamp_(-LIMIT, LIMIT),
    "divide": _divide,
    "modulo": _modulo,
    "power": _power,
    "minimum": torch.minimum,
    "maximum": torch.maximum,
    "angle": torch.atan2,
}
"""By name: a function of two rows."""
