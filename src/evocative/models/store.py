"""Save a model as a folder, and load it from a folder or the hub. No pickle on either way.

    model.safetensors   every weight, the learned class centres included
    config.json         format version, architecture, taxonomy, preprocessing, provenance, licence, figures
    README.md           the model card

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
from pydantic import TypeAdapter, ValidationError
from safetensors.torch import save
from torch import Tensor

import evocative
from evocative.errors import DataError, ModelError
from evocative.models.card import model_card
from evocative.models.create import EmotionModel, create_model
from evocative.models.ensemble import EmotionEnsemble, restore
from evocative.models.ensemble_config import EnsembleConfig
from evocative.models.hub import download, is_hub
from evocative.models.packing import Precision, pack, unpack
from evocative.models.weights import load_into, read_safetensors
from evocative.outputs import folder_destination
from evocative.plain import plain
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import ModelConfig
from evocative.taxonomy.labels import Taxonomy

FORMAT_VERSION = 1
ENSEMBLE_VERSION = 2
"""Of ensembles' folders, which earlier readers cannot read."""
WEIGHTS, CONFIG, CARD = "model.safetensors", "config.json", "README.md"
_PICKLES = (".pth", ".pt", ".bin", ".ckpt", ".pkl", ".pickle")


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

    Returns:
        The folder.

    Raises:
        ModelError: The folder holds something else or cannot be written, or a weight exceeds float16.
    """
    target = Path(folder).absolute()
    _check_target(target)
    tensors = pack(_tensors(model), precision)
    config = {
        "format_version": ENSEMBLE_VERSION if isinstance(model, EmotionEnsemble) else FORMAT_VERSION,
        "library": {"name": "evocative", "version": evocative.__version__},
        "model": asdict(_portable(model.config)),
        "taxonomy": None if model.taxonomy is None else model.taxonomy.to_dict(),
        "preprocessing": preprocessing.to_dict(),
        "num_features": model.num_features,
        "precision": precision,
        "provenance": plain(provenance),
        "measured": plain(measured),
        "licence": licence,
    }
    text = model_card(config, title=target.name, text=card)
    with _replacing_folder(target) as unfinished:
        (unfinished / WEIGHTS).write_bytes(save(tensors, metadata={"format": "pt"}))
        (unfinished / CONFIG).write_text(
            json.dumps(config, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
        )
        (unfinished / CARD).write_text(text, encoding="utf-8")
    return target


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
    if is_hub(source):
        folder = download(str(source), patterns=[WEIGHTS, CONFIG, CARD], offline=offline, cache=cache)
    else:
        folder = Path(source)
    _check_folder(folder, str(source))
    config = _read_config(folder / CONFIG)
    settings, taxonomy, preprocessing = _sections(config, folder / CONFIG)
    with torch.random.fork_rng(devices=[]):  # the weights drawn here are replaced at once
        model = _made(settings, taxonomy)
    state = unpack(read_safetensors(folder / WEIGHTS))
    load_into(model, state, source=str(folder / WEIGHTS))
    return Loaded(model.eval(), config, preprocessing, taxonomy)


def _made(
    settings: ModelConfig | EnsembleConfig, taxonomy: Taxonomy | None
) -> EmotionModel | EmotionEnsemble:
    if isinstance(settings, EnsembleConfig):
        return restore(settings, taxonomy)
    return create_model(replace(settings, weights=None), taxonomy)


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


def _check_folder(folder: Path, source: str) -> None:
    """Say what is wrong with a place that should be a model folder."""
    if not folder.exists():
        raise ModelError(
            f"{source}: there is no such folder. Give a model's folder, or hf-hub:org/name for one on the hub"
        )
    if not folder.is_dir():
        raise ModelError(f"{source}: a file. Give the folder that holds {CONFIG} and {WEIGHTS}")
    absent = [name for name in (CONFIG, WEIGHTS) if not (folder / name).is_file()]
    if not absent:
        return
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLES)
    if pickles and WEIGHTS in absent:
        raise ModelError(
            f"{source}: holds {', '.join(pickles[:3])} but no {WEIGHTS}. Pickled models can run any code and "
            "are not loaded; train from the weights in a recipe (model.weights), or save them by save_model"
        )
    raise ModelError(f"{source}: not a model folder, {' and '.join(absent)} missing. Is the copy complete?")


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, OSError) as error:
        raise ModelError(f"{path}: cannot be read as JSON ({error}). Copy or download it again") from error
    version = config.get("format_version") if isinstance(config, dict) else None
    if not isinstance(version, int):
        raise ModelError(
            f"{path}: no format_version, so not a model of evocative's. Was it made by save_model?"
        )
    if version not in (FORMAT_VERSION, ENSEMBLE_VERSION):
        advice = "Update evocative" if version > ENSEMBLE_VERSION else "Train or convert the model anew"
        raise ModelError(
            f"{path}: format_version {version}, and this version reads {FORMAT_VERSION} and "
            f"{ENSEMBLE_VERSION}. {advice}"
        )
    plain: dict[str, Any] = config
    return plain


def _sections(
    config: dict[str, Any], path: Path
) -> tuple[ModelConfig | EnsembleConfig, Taxonomy | None, Preprocessing]:
    """Read the parts that make the network, with their checks."""
    try:
        form = TypeAdapter[ModelConfig | EnsembleConfig](
            EnsembleConfig if config["format_version"] == ENSEMBLE_VERSION else ModelConfig
        )
        settings = form.validate_python(config["model"])
        labels = config["taxonomy"]
        taxonomy = None if labels is None else Taxonomy.from_dict(labels)
        preprocessing = Preprocessing.from_dict(config["preprocessing"])
    except KeyError as error:
        raise ModelError(f"{path}: the field {error} is missing. Copy or download it again") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ModelError(f"{path}: model: {wrong}. Was it edited, or made by a newer version?") from error
    except (DataError, ModelError, AttributeError, TypeError) as error:
        raise ModelError(f"{path}: {error}") from error
    return settings, taxonomy, preprocessing
