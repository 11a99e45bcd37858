"""Smaller numbers for a model's weights in its file: half precision, or 8-bit integers with scales.

Only the file is smaller: what is loaded computes in float32 (or in what the device is asked for) as before.
"""

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from evocative.errors import ModelError

Precision = Literal["float32", "float16", "int8"]
PRECISIONS: tuple[Precision, ...] = ("float32", "float16", "int8")
SCALE = ".int8_scale"
"""What is added to a tensor's key for the key of its scales."""
SMALLEST = 1024
"""Tensors of fewer numbers stay in half precision: they weigh nothing, and scales would weigh as much."""


def pack(tensors: Mapping[str, Tensor], precision: Precision) -> dict[str, Tensor]:
    """Return tensors as they are stored.

    `int8` is symmetric and by output channel: q = round(w / s) with s = max|w| / 127 over all but the first
    axis, as Jacob et al. 2018 (*Quantization and training of neural networks for efficient
    integer-arithmetic-only inference*) have it for weights, without a zero point. That is for a backbone. All
    else becomes float16: necks and heads, whose columns may differ a thousandfold in scale, vectors, and
    tensors of less than 1,024 numbers.

    Args:
        tensors: By key; a backbone's have `backbone` between the dots of theirs. Integers stay as they are.
        precision: `float32`: nothing is changed.

    Raises:
        ModelError: A number exceeds what float16 can hold.

    Example:
        >>> stored = pack({"backbone.w": torch.linspace(-1, 1, 2048).view(2, 1024)}, "int8")
        >>> sorted(stored), stored["backbone.w"].dtype
        (['backbone.w', 'backbone.w.int8_scale'], torch.int8)
    """
    if precision == "float32":
        return dict(tensors)
    packed: dict[str, Tensor] = {}
    for key, tensor in tensors.items():
        if precision == "int8" and _suits(key, tensor):
            packed[key], packed[key + SCALE] = _quantize(tensor)
        else:
            packed[key] = tensor.half() if tensor.is_floating_point() else tensor
    lost = [
        key for key, each in tensors.items() if each.isfinite().all() and not packed[key].isfinite().all()
    ]
    if lost:
        raise ModelError(
            f"{', '.join(lost[:5])}: larger than float16 can hold (65504). Save the model in float32"
        )
    return packed


def unpack(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return stored tensors with every number in float32 (integers that were no weights stay).

    Raises:
        ModelError: The scales of a tensor are not those of its channels.

    Example:
        >>> weight = torch.linspace(-1, 1, 2048).view(2, 1024)
        >>> back = unpack(pack({"backbone.w": weight}, "int8"))["backbone.w"]
        >>> bool((back - weight).abs().max() <= 1 / 253)
        True
    """
    unpacked: dict[str, Tensor] = {}
    for key, tensor in tensors.items():
        if key.endswith(SCALE) and key.removesuffix(SCALE) in tensors:
            continue
        scale = tensors.get(key + SCALE)
        half = tensor.dtype in (torch.float16, torch.bfloat16)
        unpacked[key] = tensor.float() if half else tensor
        if scale is not None:
            if tensor.dtype != torch.int8 or scale.shape != tensor.shape[:1]:
                raise ModelError(f"{key}: its scales do not fit. Copy or download the model again")
            unpacked[key] = tensor.float() * _along(scale.float(), tensor)
    return unpacked


def _suits(key: str, tensor: Tensor) -> bool:
    return (
        "backbone" in key.split(".")
        and tensor.is_floating_point()
        and tensor.ndim > 1
        and tensor.numel() >= SMALLEST
        and bool(tensor.isfinite().all())
    )


def _quantize(tensor: Tensor) -> tuple[Tensor, Tensor]:
    """Return integers in -127 ... 127, and the scale of each first-axis entry, in float32."""
    wide = tensor.float()
    scale = wide.flatten(1).abs().amax(dim=1) / 127
    steps = torch.where(scale > 0, scale, torch.ones_like(scale))  # a channel of zeros
    return (wide / _along(steps, wide)).round().clamp(-127, 127).to(torch.int8), steps


def _along(scale: Tensor, tensor: Tensor) -> Tensor:
    return scale.view(-1, *[1] * (tensor.ndim - 1))
