"""What a map speaks for: an emotion, or a high or low value of a dimension."""

from collections.abc import Sequence
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from evocative.data.columns import AXES
from evocative.errors import ModelError, unknown
from evocative.models.create import EmotionModel, Output

Score = Literal["logit", "log_odds"]
SCORES: tuple[Score, ...] = get_args(Score)


def target_names(model: EmotionModel, targets: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return what maps are asked of: by default every emotion, or every dimension where there is no emotion.

    Args:
        model: Whose heads are looked at.
        targets: Labels of its taxonomy; its dimensions, as `arousal`; or `-arousal`: what makes it low.

    Raises:
        ModelError: The model has no such label or dimension.
    """
    labels = model.taxonomy.names if model.taxonomy is not None and model.config.emotions else ()
    if targets is None:
        return tuple(labels or model.config.dimensions)
    known = (*labels, *model.config.dimensions)
    for name in targets:
        if name not in known and name.removeprefix("-") not in model.config.dimensions:
            raise ModelError("maps: " + unknown("target", name, known))
    if not targets:
        raise ModelError(f"maps: expected at least one target, of {', '.join(known)}")
    return tuple(targets)


def scores(
    model: EmotionModel, said: Output, names: Sequence[str], *, score: Score = "logit"
) -> Float[Tensor, "B K"]:
    """Return one number a picture and target, whose rise the map explains.

    Args:
        model: Its taxonomy is the order of the logits.
        said: By the model.
        names: As `target_names` returns them.
        score: `logit`, as the CAM papers have it; `log_odds`, log p/(1 - p) = the logit less the log-sum-exp
            of the others: what speaks for this emotion rather than for any other. Dimensions are as they are.

    Raises:
        ModelError: There is no such score.
    """
    if score not in SCORES:
        raise ModelError("maps: " + unknown("score", score, SCORES))
    columns = []
    for name in names:
        axis = name.removeprefix("-")
        if axis in model.config.dimensions and said.vad is not None:
            sign = -1.0 if name.startswith("-") else 1.0
            columns.append(sign * said.vad[:, AXES.index(axis)])
        else:
            columns.append(_emotion(model, said, name, score))
    return torch.stack(columns, dim=1)


def _emotion(model: EmotionModel, said: Output, name: str, score: Score) -> Float[Tensor, " B"]:
    if model.taxonomy is None or said.logits is None:
        raise ModelError(f"maps: the model has no head for emotions, and {name} was asked for")
    place = model.taxonomy.names.index(name)
    logit = said.logits[:, place]
    if score == "logit":
        return logit
    others = [column for column in range(said.logits.shape[1]) if column != place]
    return logit - said.logits[:, others].logsumexp(1)
