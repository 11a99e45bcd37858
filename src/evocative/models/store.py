"""Save a model as a folder, and load it from a folder or the hub. No pickle on either way.

    model.safetensors   every weight, the learned class centres included
    config.json         format version, architecture, taxonomy, preprocessing, provenance, licence, figures
    README.md           the model card
    training_images.safetensors     digests of the images it was trained on, where they are known

The fields are described in `docs/models.md`.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

import evocative
from evocative.errors import ModelError
from evocative.models.card import model_card
from evocative.models.create import EmotionModel, create_model
from evocative.models.digests import digests_of, file_digest
from evocative.models.ensemble import EmotionEnsemble, restore
from evocative.models.ensemble_config import EnsembleConfig
from evocative.models.folder_config import (
    ENSEMBLE_VERSION,
    FORMAT_VERSION,
    Contents,
    check_digests,
    check_weights,
    checked_contents,
    read_contents,
    refusal,
)
from evocative.models.hub import is_hub
from evocative.models.packing import Precision, pack, unpack
from evocative.models.place import CARD, CONFIG, WEIGHTS, locate
from evocative.models.training_images import FILE as TRAINING_IMAGES
from evocative.models.training_images import TrainingImages
from evocative.models.weights import check_finite, load_into, read_safetensors
from evocative.outputs import folder_destination
from evocative.plain import plain
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import Taxonomy


@dataclass(frozen=True)
class Loaded:
    """A model as it came from its folder."""

    model: EmotionModel | EmotionEnsemble
    """In float32, on the CPU, in evaluation mode."""
    config: dict[str, Any]
    """What `config.json` says: provenance, licence and measured figures too."""
    preprocessing: Preprocessing
    """How an image becomes this model's input."""
    taxonomy: Taxonomy | None
    """What the logits stand for; None without an emotion head."""

    def single(self, setting: str) -> EmotionModel:
        """Return the model where only one network will do.

        Raises:
            ModelError: It is an ensemble; the message names the setting that asked for one.
        """
        if isinstance(self.model, EmotionEnsemble):
            made_of = self.config.get("provenance", {}).get("ensemble", [])
            names = ", ".join(str(each.get("name")) for each in made_of)
            raise ModelError(
                f"{setting}: expected one model, found an ensemble of {len(self.model.members)}. Name a "
                f"model that it was made of{': ' + names if names else ''}"
            )
        return self.model


def save_model(
    model: EmotionModel | EmotionEnsemble,
    folder: str | os.PathLike[str],
    *,
    preprocessing: Preprocessing,
    provenance: Mapping[str, Any],
    measured: Mapping[str, Any],
    licence: str,
    card: str | None = None,
    precision: Precision = "float32",
    training_images: TrainingImages | None = None,
) -> Path:
    """Write a model folder, whole or not at all; a model that stood there is replaced.

    Args:
        model: Any device; it is not changed.
        folder: A new folder, an empty one, or one that holds a model.
        preprocessing: How images were made the model's input in training.
        provenance: What it was trained on and how: plain values for JSON.
        measured: Figures by name: a number, or {value, low, high, n}. What is not finite becomes null.
        licence: A licence's short name, as `apache-2.0`, or a sentence.
        card: Markdown for the card: see `evocative.models.card.model_card`.
        precision: How the weights are stored: `float16` takes half the room of `float32`, `int8` a quarter;
            see `evocative.models.packing`. Loading gives float32 again.
        training_images: Which images it was trained on; None: not known.

    Returns:
        The folder.

    Raises:
        ModelError: The folder holds something else or cannot be written, a weight is not a number or exceeds
            float16, or what is told of the model could not be read again.
    """
    target = Path(folder).absolute()
    _check_target(target)
    tensors = _tensors(model)
    check_finite(tensors, source=str(target / WEIGHTS))
    tensors = pack(tensors, precision)
    with _replacing_folder(target) as unfinished:
        (unfinished / WEIGHTS).write_bytes(save(tensors, metadata={"format": "pt"}))
        config = _config(model, preprocessing, precision, weights=file_digest(unfinished / WEIGHTS)) | {
            "provenance": plain(provenance), "measured": plain(measured), "licence": licence
        }  # fmt: skip
        checked_contents(config, target / CONFIG)
        (unfinished / CONFIG).write_text(
            json.dumps(config, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
        )
        text = model_card(config, title=target.name, text=card)
        (unfinished / CARD).write_text(text, encoding="utf-8")
        if training_images is not None:
            (unfinished / TRAINING_IMAGES).write_bytes(training_images.to_bytes())
    return target


def _config(
    model: EmotionModel | EmotionEnsemble, preprocessing: Preprocessing, precision: Precision, *, weights: str
) -> dict[str, Any]:
    """Return what `config.json` says of the network itself."""
    settings = _portable(model.config)
    return {
        "format_version": ENSEMBLE_VERSION if isinstance(model, EmotionEnsemble) else FORMAT_VERSION,
        "library": {"name": "evocative", "version": evocative.__version__},
        "model": asdict(settings),
        "taxonomy": None if model.taxonomy is None else model.taxonomy.to_dict(),
        "preprocessing": preprocessing.to_dict(),
        "num_features": model.num_features,
        "precision": precision,
        "digests": asdict(digests_of(settings, model.taxonomy, preprocessing, weights=weights)),
    }


def load_model(source: str | os.PathLike[str], *, offline: bool = False, cache: Path | None = None) -> Loaded:
    """Load a model folder.

    Args:
        source: A folder, or `hf-hub:org/name` (with `@revision`, if wanted).
        offline: Take hub models from the cache of earlier downloads only.
        cache: That cache, where it is not the hub's usual one.

    Raises:
        ModelError: There is no such model, it is not of this format, or it is broken; the message says what
            to do.
    """
    folder = locate(source, offline=offline, cache=cache)
    contents = read_contents(folder / CONFIG)
    tensors = read_safetensors(folder / WEIGHTS)
    check_weights(contents, tensors, folder / CONFIG)
    model = _made(contents, folder / CONFIG)
    load_into(model, _unpacked(tensors, folder / WEIGHTS), source=str(folder / WEIGHTS))
    if model.num_features != contents.num_features:
        told = f"num_features: expected {model.num_features}, this network's, found {contents.num_features}"
        raise refusal(folder / CONFIG, [told])
    check_digests(contents, folder / CONFIG, weights=folder / WEIGHTS)
    return Loaded(model.eval(), contents.values, contents.preprocessing, contents.taxonomy)


def _unpacked(tensors: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    try:
        return unpack(tensors)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def _made(contents: Contents, path: Path) -> EmotionModel | EmotionEnsemble:
    """Make the network that a file's settings are of, of random weights, and leave the random numbers alone.

    Raises:
        ModelError: It cannot be made of them.
    """
    settings, taxonomy = contents.model, contents.taxonomy
    try:
        with torch.random.fork_rng(devices=[]):  # the weights drawn here are replaced at once
            if isinstance(settings, EnsembleConfig):
                return restore(settings, taxonomy)
            return create_model(replace(settings, weights=None), taxonomy)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    except Exception as error:  # timm and torch raise anything where settings are absurd
        raise ModelError(
            f"{path}: model: no network can be made of these settings ({type(error).__name__}: "
            f"{str(error)[:200]}). Copy or download the folder again"
        ) from error


def _tensors(model: EmotionModel | EmotionEnsemble) -> dict[str, Tensor]:
    return {key: tensor.detach().cpu().contiguous() for key, tensor in model.state_dict().items()}


def _portable(config: ModelConfig | EnsembleConfig) -> ModelConfig | EnsembleConfig:
    """Leave out the places of weights files: only their names mean something elsewhere."""
    if isinstance(config, EnsembleConfig):
        return replace(config, members=tuple(_without_places(each) for each in config.members))
    return _without_places(config)


def _without_places(config: ModelConfig) -> ModelConfig:
    weights = config.weights
    if isinstance(weights, tuple):
        return replace(config, weights=tuple(Path(each).name for each in weights))
    if weights is None or weights == "timm" or is_hub(weights):
        return config
    return replace(config, weights=Path(weights).name)


def _check_target(target: Path) -> None:
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not target.is_dir() or not (target / CONFIG).is_file() or not (target / WEIGHTS).is_file():
        raise ModelError(
            f"{target}: exists and holds something that is not a model. Name a new folder to save into"
        )


@contextmanager
def _replacing_folder(target: Path) -> Iterator[Path]:
    """Give a temporary folder beside the target, and put it in the target's place if the block ends well."""
    target = folder_destination(target)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    before = target.with_name(f".{target.name}.{os.getpid()}.old")
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        if target.exists():
            target.replace(before)
        try:
            unfinished.replace(target)
        except OSError:
            if before.exists():
                before.replace(target)
            raise
    except OSError as error:
        raise ModelError(
            f"{target}: cannot be written ({error.strerror or error}). Name a folder that you may write to"
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(before, ignore_errors=True)
