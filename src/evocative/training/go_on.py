"""Going on from models that were trained before: their backbone, and of their other parts what fits."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from evocative.errors import RecipeError
from evocative.models.create import EmotionModel
from evocative.models.store import Loaded, load_model
from evocative.models.whitened import whitenings

_TIED_TO_LABELS = ("emotion_head.", "class_centers")
_FORM = (
    "neck", "gram", "motiejauskas2024", "zhang2022", "whitened_gram", "islamnet", "wscnet", "wildcat",
    "kim2018",
    "emotions", "dimension_maps", "dimension_statistics", "rotations", "folded",
)  # fmt: skip
"""Settings that say what weights mean, where their shapes do not."""


def load_average(folders: Sequence[Path]) -> Loaded:
    """Load a model, or the average of several of one architecture: a *model soup*.

    Networks that were fine-tuned from the same start by different seeds or settings lie in one basin; the
    mean of their weights answers about as well as the mean of their answers, at the price of one network
    (Wortsman et al. 2022, *Model soups*, uniform soup).

    Returns:
        The first one's folder, with the mean of all weights.

    Raises:
        ModelError: A folder holds no model, or an ensemble.
        RecipeError: The models differ in architecture, labels or preprocessing, or in how they whiten maps:
            the mean of two bases is none.
    """
    loaded = [load_model(folder) for folder in folders]
    first, models = loaded[0], [each.single("model.weights") for each in loaded]
    states = [model.state_dict() for model in models]
    for folder, each, model in zip(folders[1:], loaded[1:], models[1:], strict=True):
        same = (
            _shapes(model) == _shapes(models[0])
            and model.backbone.made_of == models[0].backbone.made_of
            and _form(model) == _form(models[0])
            and _same_whitening(model, models[0])
            and each.taxonomy == first.taxonomy
            and each.preprocessing == first.preprocessing
        )
        if not same:
            raise RecipeError(
                f"model.weights: {folders[0]} and {folder} cannot be averaged; their backbone, neck, heads, "
                "labels, preprocessing or whitening differ. Name runs of one recipe that start at one model"
            )
    mean = {
        name: torch.stack([state[name] for state in states]).mean(0) if tensor.is_floating_point() else tensor
        for name, tensor in states[0].items()
    }
    first.model.load_state_dict(mean)
    return first


def go_on_from(model: EmotionModel, earlier: EmotionModel) -> list[str]:
    """Copy an earlier model's weights into a new one, in place.

    The backbone must be the same. Gram modules, heads and centres are taken over where they have the same
    shape; what belongs to the labels only where the labels are the same, a neck's parts only into a neck of
    the same paper, and the dimensions' head where it says the same dimensions and reads the same maps. Other
    parts start anew. Where the earlier model's batch norms are folded, the new one's are folded first.

    Returns:
        The names of what starts anew.

    Raises:
        RecipeError: The backbones differ.
    """
    if earlier.config.folded and not model.config.folded:
        model.fold(partly=True)
    theirs, ours = earlier.state_dict(), model.state_dict()
    strange = _strange(model, earlier)
    fitting = {
        name: tensor
        for name, tensor in theirs.items()
        if name in ours and ours[name].shape == tensor.shape and not name.startswith(strange)
    }
    lacking = [name for name in ours if name.startswith("backbone.") and name not in fitting]
    if lacking or earlier.backbone.made_of != model.backbone.made_of:
        raise RecipeError(
            f"model.weights: the model to go on from has the backbone {_shown(earlier)}, the recipe "
            f"{_shown(model)}. Give both the same backbone, pool and backbone_args"
        )
    model.load_state_dict(fitting, strict=False)
    return [name for name in ours if name not in fitting]


def _strange(model: EmotionModel, earlier: EmotionModel) -> tuple[str, ...]:
    """Return beginnings of the names of what means something else in the earlier model."""
    names: list[str] = []
    if earlier.taxonomy != model.taxonomy:
        names += _TIED_TO_LABELS
    if earlier.config.rotations != model.config.rotations:
        names.append("rotation_head.")
    if earlier.config.neck != model.config.neck:
        names += [f"{name}." for name, _ in model.neck.named_children()]
    elif earlier.config.whitened_gram != model.config.whitened_gram and whitenings(model.neck):
        names += ["whitened.", "emotion_head."]
    if _dimensions(earlier) != _dimensions(model):
        names += ["dimension_head.", "dimension_gram."]
    return tuple(names)


def _dimensions(model: EmotionModel) -> tuple[Any, ...]:
    """Return what the dimensions' head says, in its order, the maps that it reads, and what of them."""
    said = () if model.dimension_head is None else model.dimension_head.dimensions
    return said, model.config.dimension_maps, model.config.dimension_statistics


def _same_whitening(one: EmotionModel, other: EmotionModel) -> bool:
    pairs = zip(whitenings(one).values(), whitenings(other).values(), strict=True)
    return all(
        torch.equal(mine, its) for a, b in pairs for mine, its in zip(a.buffers(), b.buffers(), strict=True)
    )


def _form(model: EmotionModel) -> tuple[Any, ...]:
    return *(getattr(model.config, name) for name in _FORM), _dimensions(model)


def _shapes(model: EmotionModel) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def _shown(model: EmotionModel) -> str:
    return ", ".join(f"{name} {value}" for name, value in model.backbone.made_of.items())
