"""What made pictures are to make a model say: an emotion, a dimension high or low, a place in the plane.

parse_goal("awe", judge)                          # as likely as can be
parse_goal("-arousal", judge)                     # as low as can be
parse_goal("valence=0.5,arousal=-0.3", judge)     # at a place
parse_goal("awe,valence", judge)                  # both
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from evocative.data.columns import AXES
from evocative.errors import DataError, ModelError, unknown
from evocative.explore.judge import Judge
from evocative.models.create import Output

Score = Literal["log_odds", "logit"]
SCORES: tuple[Score, ...] = get_args(Score)
Joined = Literal["mean", "worst"]
JOINED: tuple[Joined, ...] = get_args(Joined)
EDGE = 1 - 1e-6
"""Dimensions are taken so far at most, where the head's tanh still has an inverse in float32."""


@dataclass(frozen=True)
class Goal:
    """What a picture is to make a model say."""

    name: str
    """As the user wrote it."""
    emotion: str | None = None
    """A label of the taxonomy, to be as likely as can be."""
    ends: tuple[tuple[str, int], ...] = ()
    """Dimensions that are to be high (+1) or low (-1)."""
    place: tuple[tuple[str, float], ...] = ()
    """Dimensions that are to have a value in (-1, 1)."""

    def targets(self) -> dict[str, str | float | None]:
        """Return it as columns of a Table: label, valence, arousal, dominance; an end is -1 or 1."""
        values = {**dict(self.ends), **dict(self.place)}
        dimensions = {axis: float(values[axis]) if axis in values else math.nan for axis in AXES}
        return {"label": self.emotion, **dimensions}


def parse_goal(text: str, *judges: Judge) -> Goal:
    """Read a goal.

    Args:
        text: Parts, separated by commas: a label, `arousal` (high), `-arousal` (low), `arousal=0.3`.
        judges: Each must be able to say it.

    Raises:
        ModelError: A model has no such label or dimension.
        DataError: A value is out of range, or something is asked for twice.
    """
    labels, dimensions = _known(judges)
    emotions: list[str] = []
    ends: dict[str, int] = {}
    place: dict[str, float] = {}
    for part in (piece.strip() for piece in text.split(",")):
        axis, sign, value = part.partition("=")
        plain = axis.strip().removeprefix("-")
        if plain not in dimensions and part not in labels:
            raise ModelError(
                f"target {text!r}: " + unknown("label or dimension", part, [*labels, *dimensions])
            )
        if plain in place or plain in ends or (part in labels and emotions):
            raise DataError(f"target {text!r}: expected one emotion and each dimension once")
        if part in labels:
            emotions.append(part)
        elif sign:
            if axis.startswith("-"):
                raise DataError(f"target {text!r}: expected {plain}=NUMBER or -{plain} (low), found {part!r}")
            place[plain] = _number(text, value)
        else:
            ends[plain] = -1 if axis.startswith("-") else 1
    return Goal(text, next(iter(emotions), None), tuple(ends.items()), tuple(place.items()))


def default_goals(judge: Judge) -> list[Goal]:
    """Return every emotion of a model; of a model without, every dimension high and low."""
    if judge.taxonomy is not None:
        return [parse_goal(name, judge) for name in judge.taxonomy.names]
    return [parse_goal(sign + axis, judge) for axis in judge.dimensions for sign in ("", "-")]


def losses(
    goals: Sequence[Goal], said: Output, judge: Judge, *, score: Score = "log_odds"
) -> Float[Tensor, " N"]:
    """Return how far each picture is from its goal; lower is nearer, gradients flow.

    Of an emotion: minus its log-odds log p/(1 - p), or minus its logit, which Olah 2017 prefers to the
    probability (that rises as well when only the others fall; log-odds do too, but do not saturate). Of an
    end: minus ± the value before the head's tanh, which does not saturate either. Of a place: the squared
    distance. Several parts are added.

    Args:
        goals: One a picture.
        said: By the judge of the pictures.
        judge: Whose labels the logits are.
        score: Which number of an emotion is to rise.
    """
    return torch.stack([_loss(goal, row, said, judge, score) for row, goal in enumerate(goals)])


def joined_losses(
    judges: Sequence[Judge],
    goals: Sequence[Goal],
    pictures: Float[Tensor, "N 3 S S"],
    *,
    score: Score = "log_odds",
    joined: Joined = "mean",
) -> Float[Tensor, " N"]:
    """Return what all judges make of pictures: the mean of their losses, or that of the least convinced."""
    said = [losses(goals, judge.answer(pictures), judge, score=score) for judge in judges]
    every = torch.stack([each.to(pictures.device) for each in said])
    return every.mean(0) if joined == "mean" else every.amax(0)


def _loss(goal: Goal, row: int, said: Output, judge: Judge, score: Score) -> Float[Tensor, ""]:
    total = torch.zeros((), device=said.embedding.device)
    if goal.emotion is not None:
        assert said.logits is not None and judge.taxonomy is not None  # noqa: S101, PT018
        total = total - emotion_score(said.logits[row], judge.taxonomy.names.index(goal.emotion), score)
    if said.vad is None:
        return total
    for axis, sign in goal.ends:
        total = total - sign * said.vad[row, AXES.index(axis)].clamp(-EDGE, EDGE).atanh()
    for axis, value in goal.place:
        total = total + (said.vad[row, AXES.index(axis)] - value) ** 2
    return total


def emotion_score(logits: Float[Tensor, " K"], label: int, score: Score) -> Float[Tensor, ""]:
    """Return a label's logit, or its log-odds: the logit less the log-sum-exp of the others."""
    if score == "logit":
        return logits[label]
    others = torch.cat([logits[:label], logits[label + 1 :]])
    return logits[label] - others.logsumexp(0)


def _known(judges: Sequence[Judge]) -> tuple[list[str], list[str]]:
    """Return the labels and the dimensions that all judges have, in the first one's order."""
    names = [() if judge.taxonomy is None else judge.taxonomy.names for judge in judges]
    labels = [name for name in names[0] if all(name in each for each in names)]
    dimensions = [
        str(axis) for axis in judges[0].dimensions if all(axis in each.dimensions for each in judges)
    ]
    return labels, dimensions


def _number(text: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not -1 < number < 1:
        raise DataError(f"target {text!r}: expected a number in (-1, 1), found {value!r}")
    return number
