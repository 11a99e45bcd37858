"""From wishes to made pictures: what `evocative generate` does when pictures are optimised or searched for.

settings = read_settings(OptimiseSettings, None, ["steps=128", "views.rotation=20"])
goals = goals_of(["awe", "-arousal"], [judge], count=4)
made = optimise([judge], goals, settings=settings)
rows = rows_of(goals, made.pictures, made.begun, [judge], source="optimised", seed=0)
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float64, UInt8
from torch import Tensor

from evocative.data.columns import AXES
from evocative.data.image import decode
from evocative.data.transforms import evaluation_transform
from evocative.errors import RecipeError
from evocative.explore.judge import Judge
from evocative.generate.goals import Goal, default_goals, parse_goal
from evocative.generate.latent_search import LatentSettings
from evocative.generate.optimised import OptimiseSettings
from evocative.generate.spectrum import frequencies
from evocative.recipe.override import override, split_assignment
from evocative.recipe.toml import read_toml
from evocative.recipe.validation import validated

S = TypeVar("S", OptimiseSettings, LatentSettings)
COARSE = 1 / 16
"""Cycles a pixel below which a change counts as coarse: waves of 16 pixels and more, which people see."""


def read_settings(kind: type[S], source: str | None, overrides: Iterable[str] = (), **defaults: Any) -> S:
    """Read settings.

    Args:
        kind: Of which way of making pictures.
        source: A TOML file; None: the defaults.
        overrides: `key=value` or `views.key=value`, the value in TOML.
        defaults: What holds where neither says anything.

    Raises:
        RecipeError: It cannot be read, or settings are wrong; all are named.
    """
    values: dict[str, Any] = dict(defaults)
    if source is not None:
        values |= read_toml(Path(source), wanted="a TOML file of settings")
    for text in overrides:
        override(values, *split_assignment(text))
    settings, mistakes = validated(kind, values, root="settings")
    if settings is None:
        lines: list[str] = [f"  {mistake}" for mistake in mistakes]
        raise RecipeError("\n".join([f"{source or '--set'}: {len(lines)} setting(s) to mend", *lines]))
    return settings


def goals_of(texts: Sequence[str], judges: Sequence[Judge], *, count: int) -> list[Goal]:
    """Return each goal as many times as pictures are wanted; by default all of the first judge's.

    Raises:
        ModelError: A judge cannot say it.
        DataError: A goal contradicts itself.
    """
    names = list(texts) or [goal.name for goal in default_goals(judges[0])]
    return [goal for name in names for goal in [parse_goal(name, *judges)] * count]


def photographs(path: Path, judge: Judge, count: int, *, size: int | None = None) -> UInt8[Tensor, "N 3 S S"]:
    """Decode a photograph, fitted into a square as the judge's own preprocessing does, so many times.

    Raises:
        DataError: It is no picture.
    """
    how = replace(judge.preprocessing, size=size or judge.size)
    one: Tensor = evaluation_transform(how)(decode(path, at_least=2 * how.size))
    return one.expand(count, -1, -1, -1).clone()


def rows_of(
    goals: Sequence[Goal],
    pictures: UInt8[Tensor, "N 3 S S"],
    begun: UInt8[Tensor, "N 3 S S"],
    judges: Sequence[Judge],
    *,
    source: str,
    seed: int,
) -> pd.DataFrame:
    """Return the rows of a made table.

    Columns beside a table's own: target (as it was asked for); found and found_before (`achieved` by the
    first judge, of the picture and of what it began with); found_<number> of further judges, from 2; change
    and change_coarse (`changes`); model: all judges' names.
    """
    rows = pd.DataFrame([goal.targets() for goal in goals]).astype(dict.fromkeys(AXES, "float64"))
    change, coarse = changes(begun, pictures)
    said = [achieved(goals, pictures, judge) for judge in judges]
    return rows.assign(
        target=[goal.name for goal in goals],
        source=source,
        model=" + ".join(judge.name for judge in judges),
        seed=seed,
        found=said[0],
        found_before=achieved(goals, begun, judges[0]),
        **{f"found_{number}": each for number, each in enumerate(said[1:], start=2)},
        change=change,
        change_coarse=coarse,
    )


def achieved(
    goals: Sequence[Goal], pictures: UInt8[Tensor, "N 3 S S"], judge: Judge
) -> Float64[np.ndarray, " N"]:
    """Return how far a judge agrees with goals, in [0, 1]: the mean over what each of them asks for.

    Of an emotion: its probability. Of a dimension: 1 less half the distance from the value or the end.
    """
    said = judge.score(pictures)
    found = np.full(len(goals), math.nan)
    for row, goal in enumerate(goals):
        parts = []
        if goal.emotion is not None and said.probabilities is not None and judge.taxonomy is not None:
            parts.append(float(said.probabilities[row, judge.taxonomy.names.index(goal.emotion)]))
        if said.vad is not None:
            values = ((AXES.index(axis), value) for axis, value in (*goal.ends, *goal.place))
            parts += [1 - abs(float(said.vad[row, column]) - value) / 2 for column, value in values]
        found[row] = np.mean(parts)
    return found


def changes(
    before: UInt8[Tensor, "N 3 S S"], after: UInt8[Tensor, "N 3 S S"]
) -> tuple[Float64[np.ndarray, " N"], Float64[np.ndarray, " N"]]:
    """Say how far pictures were changed, and whether people could see as what.

    Returns:
        The root mean square difference in grey levels, 0 to 255; and the share of its energy below `COARSE`
        cycles a pixel (NaN where nothing changed): near 0, the change is fine noise.
    """
    difference = after.double() - before.double()
    rms = difference.square().mean(dim=(1, 2, 3)).sqrt()
    size = difference.shape[-1]
    power = torch.fft.rfft2(difference).abs().square().sum(1)
    power[..., 1 : (size + 1) // 2] *= 2  # columns that stand for their mirror image as well
    coarse = (power * (frequencies(size) < COARSE)).sum((1, 2)) / power.sum((1, 2))
    return rms.numpy(), coarse.numpy()
