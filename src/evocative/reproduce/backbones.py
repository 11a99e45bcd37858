"""Another network in the place of the published one, with the settings that its weights need.

    --backbone mobilenetv3_large_100            a network of timm's, with timm's own weights
    --backbone tf_efficientnet_b0=b0.pth        the same with weights of yours, a file below --weights-root
    --backbone tf_efficientnet_b0.features      settings that come along (recipes/backbones)
    --backbone mine.toml                        settings of yours

A file of settings has the sections of a recipe; it is laid over every recipe of the table.
"""

from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from evocative.errors import RecipeError
from evocative.models.backbone import is_backbone, unknown_backbone
from evocative.recipe.override import flat
from evocative.recipe.toml import read_toml


@dataclass(frozen=True)
class Backbone:
    """A network, and the settings of a recipe that put it in."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)


def available() -> dict[str, Path]:
    """Return the settings that come with the package, by name."""
    folder = Path(str(resources.files("evocative") / "recipes" / "backbones"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def find_backbone(given: str) -> Backbone:
    """Return the settings that a name, a name with a file of weights, or a file of settings stands for.

    Raises:
        RecipeError: There is no such network, or the file cannot be read or names none.

    Example:
        >>> find_backbone("resnet18=r18.pth").settings
        {'model.backbone': 'resnet18', 'model.weights': 'r18.pth'}
    """
    path = available().get(given, Path(given) if given.endswith(".toml") else None)
    if path is not None:
        return _from_file(path)
    name, equals, weights = given.partition("=")
    if not is_backbone(name):
        known = ", ".join(available())
        raise RecipeError(
            f"--backbone {given}: {unknown_backbone(name)}. Settings that come along: {known}; or give a "
            "TOML file of settings"
        )
    return Backbone(name, {"model.backbone": name, "model.weights": weights if equals else "timm"})


def _from_file(path: Path) -> Backbone:
    settings = flat(read_toml(path, wanted="a file of settings", where=f"--backbone {path}"))
    if "model.backbone" not in settings:
        raise RecipeError(f"--backbone {path}: names no network; set backbone in its section [model]")
    return Backbone(path.stem, settings)
