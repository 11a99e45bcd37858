"""A run's folder: the resolved recipe and what it was computed with, written before the first step."""

import json
import platform
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import evocative
from evocative.data.atomic import replacing
from evocative.errors import RecipeError, reading
from evocative.recipe import Recipe, parse

if TYPE_CHECKING:
    from lightning.fabric import Fabric


def open_run(output: Path, recipe: Recipe, fabric: "Fabric", *, resume: bool) -> None:
    """Make the run's folder, or check that the run in it is this one."""
    path = output / "recipe.json"
    plain = recipe.to_dict()
    if path.exists():
        if not resume:
            raise RecipeError(
                f"{output} holds a run already. Go on with it by --resume, or name another folder by --output"
            )
        if changed := changed_settings(path, recipe):
            raise RecipeError(f"{output} holds a run of another recipe; they differ in {', '.join(changed)}")
    fabric.barrier()
    if fabric.global_rank == 0:
        for name, content in (("recipe.json", plain), ("environment.json", _environment(recipe, fabric))):
            if (output / name).exists():
                continue  # a resumed run keeps the record of its start
            with replacing(output / name) as file:
                file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    fabric.barrier()


def changed_settings(path: Path, recipe: Recipe) -> list[str]:
    """Name the settings in which a recipe differs from the resolved one in a file, as section.key.

    A setting that the file does not know, since it is older, had the value that is its default now.

    Raises:
        RecipeError: The file cannot be read.
    """
    with reading(path, RecipeError, "remove the run's folder"):
        before = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(before, dict):
            raise TypeError(f"expected a recipe's settings, found {type(before).__name__}")
    with suppress(RecipeError):  # of a version with other settings: these are named then
        before = parse(before).to_dict()
    return _differences(before, recipe.to_dict())


def _differences(before: Any, after: Any, place: str = "") -> list[str]:
    """Name the settings that differ, as section.key."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(set(before) | set(after))
        found = (_differences(before.get(key), after.get(key), f"{place}.{key}".lstrip(".")) for key in keys)
        return [name for names in found for name in names]
    return [] if before == after else [place]


def _environment(recipe: Recipe, fabric: "Fabric") -> dict[str, Any]:
    import torch

    libraries = ("torch", "torchvision", "timm", "lightning", "numpy", "pandas", "pillow", "scikit-learn")
    return {
        "evocative": evocative.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "libraries": {name: version(name) for name in libraries},
        "device": str(fabric.device.type),
        "processes": fabric.world_size,
        "threads": torch.get_num_threads(),
        "seed": recipe.seed,
        "arguments": [Path(word).name if Path(word).is_absolute() else word for word in sys.argv[1:]],
    }
