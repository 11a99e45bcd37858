"""Where a network computes, and in which numbers: what is asked for is given or refused, never changed."""

from typing import Final

import torch

from evocative.errors import ModelError
from evocative.inference.named import Precision, check_device_name, check_precision

DTYPES: Final[dict[Precision, torch.dtype]] = {
    "fp32": torch.float32,
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
}


def resolve_device(asked: str) -> torch.device:
    """Return the device to compute on.

    Args:
        asked: `cpu`, `cuda`, `cuda:1` …, `mps`, or `auto`: CUDA, Apple's MPS or the CPU, the first there is.

    Raises:
        ModelError: The name is unknown, or this machine has no such device.
    """
    if asked == "auto":
        asked = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    check_device_name(asked)
    present = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    device = torch.device(asked)
    if (device.index or 0) >= present[device.type]:
        there = ", ".join(f"{kind} ({count})" for kind, count in present.items() if count)
        raise ModelError(f"device {asked} is not there: this machine has {there}. Use one of them, or auto")
    return device


def resolve_precision(asked: str, device: torch.device) -> Precision:
    """Return the precision to compute in.

    Args:
        asked: `fp32`, `bf16`, `fp16`, or `auto`: bf16 where the device has instructions for it, else fp32.
        device: Where the network computes.

    Raises:
        ModelError: The precision is unknown, or cannot be had on this device.
    """
    check_precision(asked, device.type)
    if asked == "auto":
        return "bf16" if computes_bf16(device) else "fp32"
    if asked == "bf16" and device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise ModelError("precision bf16 cannot be had on this GPU: use fp16, fp32 or auto")
    return next(name for name in DTYPES if name == asked)


def computes_bf16(device: torch.device) -> bool:
    """Whether a device multiplies bf16 matrices in hardware (on a CPU: AMX, or AVX-512 BF16).

    torch's questions about the CPU are private; where a version of torch lacks them, the answer is no.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    questions = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(bool(getattr(torch.cpu, question, lambda: False)()) for question in questions)
