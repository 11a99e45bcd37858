"""Pretrained weights from a file into a network, strictly: every key accounted for, all mistakes at once."""

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from evocative.errors import ModelError

SUFFIXES = (".safetensors", ".pth", ".pt")
SHOWN = 8
"""So many keys of a kind are named in an error."""


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a file; half-precision ones come back as float32.

    `.pth` and `.pt` are read with torch's restricted unpickler, which runs no code. A file that wraps its
    tensors as `state_dict` or `model` is unwrapped.

    Raises:
        ModelError: The file is missing, of another kind, broken, or would run code.
    """
    if not path.is_file():
        raise ModelError(
            f"weights {path}: no such file. Give the path of a {' or '.join(SUFFIXES)} file, `timm`, "
            "hf-hub:org/name, or none for random weights"
        )
    if path.suffix not in SUFFIXES:
        raise ModelError(f"weights {path}: expected a file named {' or '.join(SUFFIXES)}")
    if path.suffix == ".safetensors":
        return {key: as_float32(tensor) for key, tensor in read_safetensors(path).items()}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pickle's protocol, and whatever damage brings
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged pickles raise anything
        raise ModelError(
            f"weights {path}: cannot be read as plain tensors ({_first_line(error)}). Save the state_dict "
            "alone, best as .safetensors"
        ) from error
    return {key: as_float32(tensor) for key, tensor in _unwrap(content, path).items()}


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file as it is.

    Raises:
        ModelError: It is broken or not of this format.
    """
    try:
        return load_file(path)
    except Exception as error:  # damaged headers raise anything
        raise ModelError(
            f"{path}: broken, or not a safetensors file ({_first_line(error)}). Copy or download it again"
        ) from error


def as_float32(tensor: Tensor) -> Tensor:
    """Widen half-precision numbers; others stay as they are."""
    return tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor


def load_into(
    module: nn.Module, state: Mapping[str, Tensor], *, source: str, unused: Iterable[str] = ()
) -> None:
    """Load tensors into a module, after everything that does not fit has been looked for.

    Args:
        module: Gets the tensors.
        state: The tensors by key.
        source: Where they come from, for the message.
        unused: Keys, or beginnings of keys that end in a dot, that the module may lack: a classifier's.

    Raises:
        ModelError: Keys are missing or unexpected, or shapes differ; the message names all three at once. Or
            numbers are not finite.
    """
    own = module.state_dict()
    allowed = tuple(unused)
    missing = [key for key in own if key not in state and not key.endswith("num_batches_tracked")]
    strangers = [key for key in state if key not in own and not _is_among(key, allowed)]
    shapes = [
        f"{key} {tuple(state[key].shape)} for {tuple(own[key].shape)}"
        for key in own
        if key in state and state[key].shape != own[key].shape
    ]
    if missing or strangers or shapes:
        parts = [
            _listed("missing", missing),
            _listed("unexpected", strangers),
            _listed("of another shape", shapes),
        ]
        raise ModelError(
            f"{source}: does not fit the network ({'; '.join(part for part in parts if part)}). Check that "
            "backbone, backbone_args and pool are those that the weights were made with"
        )
    found = {key: state[key] for key in own if key in state}
    check_finite(found, source=source)
    module.load_state_dict(found, strict=False)


def check_finite(tensors: Mapping[str, Tensor], *, source: str) -> None:
    """Refuse weights that are not numbers, with which every answer would be none.

    Raises:
        ModelError: A tensor holds NaN or infinity; the message names it.
    """
    broken = [
        f"{key} ({int((~each.isfinite()).sum()):,} of {each.numel():,})"
        for key, each in tensors.items()
        if each.is_floating_point() and not bool(each.isfinite().all())
    ]
    if broken:
        raise ModelError(
            f"{source}: holds NaN or infinity where weights belong ({_listed('tensors', broken)}). Copy or "
            "download it again; a model whose training diverged has to be trained anew"
        )


def _unwrap(content: object, path: Path) -> dict[str, Tensor]:
    if isinstance(content, Mapping):
        for wrapper in ("state_dict", "model"):
            if isinstance(content.get(wrapper), Mapping):
                content = content[wrapper]
                break
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise ModelError(
            f"weights {path}: expected a state_dict (tensors by key). Save model.state_dict() alone"
        )
    return {str(key).removeprefix("module."): value for key, value in content.items()}


def _is_among(key: str, allowed: tuple[str, ...]) -> bool:
    return any(key.startswith(name) if name.endswith(".") else key == name for name in allowed)


def _listed(what: str, keys: list[str]) -> str:
    if not keys:
        return ""
    more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
    return f"{len(keys)} {what}: {', '.join(keys[:SHOWN])}{more}"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
