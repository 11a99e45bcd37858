"""A model's own map: what a neck such as ISLAMNet's draws on its way to the answer.

A neck that has one offers `emotion_map(maps)`: (B, K, h, w), or (B, 1, h, w), one map for all emotions. What
is below 0 there is cut off, as in class activation maps.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from evocative.errors import ModelError
from evocative.explain.emotion_map import MapFunction
from evocative.explain.layers import evaluating
from evocative.explain.targets import target_names
from evocative.models.create import EmotionModel
from evocative.models.necks import maps_of


def has_own_map(model: EmotionModel) -> bool:
    """Return whether a model draws a map of its own."""
    return callable(getattr(model.neck, "emotion_map", None))


def own_map(model: EmotionModel, *, targets: Sequence[str] | None = None) -> MapFunction:
    """Return what gives a model's own map; where it is one for all emotions, each gets the same.

    Args:
        model: It stays as it is, and is run in evaluation mode.
        targets: Emotions; by default all.

    Raises:
        ModelError: The model draws no map, or a target is a dimension, which it does not speak for.
    """
    draw = getattr(model.neck, "emotion_map", None)
    if not callable(draw):
        raise ModelError(
            f"model.neck = {model.config.neck!r} draws no map of its own; take a method that works with any "
            "model, as grad-cam"
        )
    labels = model.taxonomy.names if model.taxonomy is not None else ()
    names = target_names(model, targets)
    if foreign := [name for name in names if name not in labels]:
        raise ModelError(
            f"a model's own map speaks for emotions, not for {', '.join(foreign)}; take grad-cam for these"
        )
    rows = [labels.index(name) for name in names]

    def maps(images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B K h w"]:
        with evaluating(model), torch.no_grad():
            _, found = model.backbone(images)
            seen = dict(zip(model.backbone.map_indices, found, strict=True))
            drawn: Tensor = draw([seen[index] for index in maps_of(model.config)])
            drawn = drawn.float().relu()
            if drawn.shape[1] == 1:
                return drawn.expand(-1, len(rows), -1, -1)
            return drawn[:, rows]

    return maps
