"""Save a generator as a folder, and load it again. No pickle on either way.

generator.safetensors   every weight (of a trained one: the moving average)
config.json             format version, size of the network, what can be asked for, provenance
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import save

import evocative
from evocative.data.atomic import replacing
from evocative.errors import ModelError, RecipeError, reading
from evocative.generate.conditions import Conditions
from evocative.generate.generator import Generator, NetworkConfig
from evocative.models.weights import load_into, read_safetensors
from evocative.recipe.ranges import STRICT, Side, Width
from evocative.recipe.validation import validated

FORMAT_VERSION: Final = 1
WEIGHTS: Final = "generator.safetensors"
CONFIG: Final = "config.json"
_ADVICE: Final = "Copy or train it again"


@dataclass(frozen=True)
class _Size:
    """`NetworkConfig` without defaults, which would be another network."""

    __pydantic_config__ = STRICT

    size: Side
    latent_size: Width
    width: Width
    max_width: Width


@dataclass(frozen=True)
class _Form:
    """What the file holds."""

    __pydantic_config__ = STRICT

    format_version: int
    library: dict[str, str]
    network: _Size
    conditions: Conditions
    provenance: dict[str, Any]


def save_generator(
    generator: Generator, folder: str | os.PathLike[str], *, provenance: Mapping[str, Any]
) -> Path:
    """Write a generator's folder, each file whole or not at all, config.json last.

    Args:
        generator: On any device; it is not changed.
        folder: Other files in it stay as they are.
        provenance: How it was trained: plain values for JSON.

    Raises:
        DataError: It cannot be written.
    """
    folder = Path(folder)
    tensors = {name: each.detach().cpu().contiguous() for name, each in generator.state_dict().items()}
    config = {
        "format_version": FORMAT_VERSION,
        "library": {"name": "evocative", "version": evocative.__version__},
        "network": asdict(generator.config),
        "conditions": generator.conditions.to_dict(),
        "provenance": dict(provenance),
    }
    with replacing(folder / WEIGHTS) as unfinished:
        unfinished.write_bytes(save(tensors, metadata={"format": "pt"}))
    with replacing(folder / CONFIG) as unfinished:
        unfinished.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder


def load_generator(folder: str | os.PathLike[str]) -> Generator:
    """Load a generator: on the CPU, in evaluation mode, without gradients to its weights.

    Raises:
        ModelError: There is none, it is of a later version, or a file is broken.
    """
    folder = Path(folder)
    form, mistakes = validated(_Form, read_config(folder), root=CONFIG)
    if form is None:
        lines = [f"  {mistake}" for mistake in mistakes]
        raise ModelError("\n".join([f"{folder / CONFIG}: {len(lines)} thing(s) to mend. {_ADVICE}", *lines]))
    try:
        network = NetworkConfig(**vars(form.network))
    except RecipeError as error:
        raise ModelError(f"{folder / CONFIG}: {error}. {_ADVICE}") from error
    with reading(folder / CONFIG, ModelError, _ADVICE), torch.random.fork_rng(devices=[]):
        generator = Generator(form.conditions, network)  # the weights drawn here are replaced at once
    load_into(generator, read_safetensors(folder / WEIGHTS), source=str(folder / WEIGHTS))
    return generator.eval().requires_grad_(False)


def read_config(folder: Path) -> dict[str, Any]:
    """Return what `config.json` says.

    Raises:
        ModelError: There is none, it is no JSON, or of a later version.
    """
    path = folder / CONFIG
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(
            f"{path}: cannot be read ({error.strerror}). Give the folder of a generator, as `evocative "
            "generate --method gan` writes it"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: no JSON ({error}). Copy or train it again") from error
    version = config.get("format_version") if isinstance(config, dict) else None
    if type(version) is not int or version != FORMAT_VERSION or "network" not in config:
        raise ModelError(
            f"{path}: expected a generator's file of format_version {FORMAT_VERSION}, found {version}"
        )
    return config
