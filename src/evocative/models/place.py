"""Where a model lies: its folder is found, and looked at from outside, before anything heavy is imported.

locate("runs/fi8-0/model")          # the folder; refused where it cannot be a model's
locate("hf-hub:org/name")           # downloaded, unless it has been
locate(None)                        # the embedded model's
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import evocative
from evocative.errors import ModelError
from evocative.models.hub import download, is_hub
from evocative.models.training_images import FILE as TRAINING_IMAGES

WEIGHTS, CONFIG, CARD = "model.safetensors", "config.json", "README.md"
EMBEDDED: Final = Path(evocative.__file__).parent / "embedded"
"""The folder of the model that comes with the package."""
_PICKLES: Final = (".pth", ".pt", ".bin", ".ckpt", ".pkl", ".pickle")
AXES: Final = ("valence", "arousal", "dominance")


def locate(
    source: str | os.PathLike[str] | None, *, offline: bool = False, cache: Path | None = None
) -> Path:
    """Return a model's folder.

    Args:
        source: A folder, `hf-hub:org/name` (with `@revision`, if wanted), or None: the embedded model.
        offline: Take hub models from the cache of earlier downloads only.
        cache: That cache, where it is not the hub's usual one.

    Raises:
        ModelError: There is no such model, or the folder holds none.
    """
    if source is None:
        if not (EMBEDDED / CONFIG).is_file():
            raise ModelError(
                f"this installation carries no embedded model: expected evocative/embedded/{CONFIG}. Install "
                "the package again, or name a model's folder or hf-hub:org/name (--model)"
            )
        return EMBEDDED
    if is_hub(source):
        folder = download(
            str(source), patterns=[WEIGHTS, CONFIG, CARD, TRAINING_IMAGES], offline=offline, cache=cache
        )
    else:
        folder = Path(source)
    check_folder(folder, str(source))
    return folder


def check_folder(folder: Path, source: str) -> None:
    """Say what is wrong with a place that should be a model folder.

    Args:
        folder: The place.
        source: What it was called.

    Raises:
        ModelError: It is not there, is a file, or lacks a file.
    """
    if not os.path.exists(folder):  # noqa: PTH110 (Path's own raises where a name is too long)
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


def targets_of(folder: Path) -> Sequence[str] | None:
    """Return what a model folder says that it predicts: labels and dimensions; None where it cannot be told.

    Whether the folder is sound is for `load_model` to say.
    """
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        labels = config["taxonomy"]
        known = [] if labels is None else [label["name"] for label in labels["labels"]]
        settings = config["model"]
        return [*known, *(axis for axis in AXES if axis in settings["dimensions"])]
    except (OSError, ValueError, KeyError, TypeError):
        return None
