"""Names of devices and precisions, and what can be said of them before torch is imported."""

import ctypes
import re
import sys
from pathlib import Path
from typing import Final, Literal

from evocative.errors import ModelError, unknown

Precision = Literal["fp32", "bf16", "fp16"]
PRECISIONS: Final = ("auto", "fp32", "bf16", "fp16")
DEVICES: Final = ("auto", "cpu", "cuda", "cuda:1", "mps")
_DEVICE: Final = re.compile(r"auto|(cpu|cuda|mps)(:(0|[1-9][0-9]*))?")


def check_device_name(asked: str) -> str:
    """Return the kind of a device: `auto`, `cpu`, `cuda` or `mps`.

    Raises:
        ModelError: The name is unknown.
    """
    found = _DEVICE.fullmatch(asked)
    if found is None:
        raise ModelError(unknown("device", asked, DEVICES))
    return found[1] or asked


def check_device(asked: str) -> None:
    """Refuse a device that is unknown, or for which this machine has no driver.

    How many of them there are is for torch to say (`precision.resolve_device`).

    Raises:
        ModelError: The message says what to use.
    """
    kind = check_device_name(asked)
    lacking = {"cuda": "driver of NVIDIA or AMD", "mps": "GPU of Apple"}.get(kind)
    if lacking and not (_has_gpu_driver() if kind == "cuda" else sys.platform == "darwin"):
        raise ModelError(
            f"device {asked} is not there: this machine has no {lacking}. Use cpu, or auto for the best one"
        )


def check_precision(asked: str, device: str) -> None:
    """Refuse a precision that is unknown, or that a kind of device cannot compute in.

    Args:
        asked: One of `PRECISIONS`.
        device: `cpu`, `cuda`, `mps`, or `auto`, of which nothing is known.

    Raises:
        ModelError: The message says what to use.
    """
    if asked not in PRECISIONS:
        raise ModelError(unknown("precision", asked, PRECISIONS))
    if asked == "fp16" and device.partition(":")[0] == "cpu":
        raise ModelError("precision fp16 cannot be had on a CPU: use bf16, fp32 or auto, or a GPU")


def _has_gpu_driver() -> bool:
    """Whether the library that every CUDA program needs can be opened, or AMD's driver is there."""
    if Path("/dev/kfd").exists():
        return True
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True
