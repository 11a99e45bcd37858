"""Which maps there are, by name, and one picture's maps as `EmotionMap`s.

maps = map_function(model, "grad-cam", targets=["awe", "fear"])
awe, fear = emotion_maps(maps(images), ["awe", "fear"], method="grad-cam")[0]
"""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor

from evocative.errors import ModelError
from evocative.explain.cam import cam
from evocative.explain.emotion_map import EmotionMap, MapFunction
from evocative.explain.named import check_method
from evocative.explain.own_map import has_own_map, own_map
from evocative.explain.score_cam import score_cam
from evocative.explain.targets import Score
from evocative.models.create import EmotionModel


def resolve_method(model: EmotionModel, method: str = "auto") -> str:
    """Return the method that `auto` stands for with this model, and any other as it is.

    Raises:
        ModelError: There is no such method.
    """
    check_method(method)
    if method == "auto":
        return "own" if has_own_map(model) else "grad-cam"
    return method


def map_function(
    model: EmotionModel,
    method: str = "auto",
    *,
    layer: str | None = None,
    targets: Sequence[str] | None = None,
    score: Score = "logit",
) -> MapFunction:
    """Return what makes a map a target of pictures.

    Args:
        model: Any; it stays as it is.
        method: One of `METHODS`, or `auto`.
        layer: A module of the backbone's network; by default the last with places. Not for `own`.
        targets: Emotions and dimensions (`targets.target_names`); by default all emotions.
        score: Of an emotion: `logit`, or `log_odds` against all others. Not for `own`.

    Raises:
        ModelError: There is no such method, layer or target, or the method does not take the setting.
    """
    chosen = resolve_method(model, method)
    if chosen == "own":
        if layer is not None or score != "logit":
            raise ModelError(
                "a model's own map has neither layer nor score; leave these out, or name a method"
            )
        return own_map(model, targets=targets)
    if chosen == "score-cam":
        return score_cam(model, layer=layer, targets=targets, score=score)
    return cam(model, chosen, layer=layer, targets=targets, score=score)


def emotion_maps(
    values: Float[Tensor, "B K h w"], labels: Sequence[str], *, method: str
) -> list[tuple[EmotionMap, ...]]:
    """Return K maps a picture, with their labels.

    Args:
        values: As a map function gives them.
        labels: K of them.
        method: That made them.
    """
    arrays = values.detach().float().cpu().numpy()
    return [
        tuple(EmotionMap(each, label=label, method=method) for each, label in zip(one, labels, strict=True))
        for one in arrays
    ]
