"""Achieved: what was asked of pictures, and what a judge says of them; what is left on fresh views.

    found = achieved(looked)
    found.accuracy                          # share whose strongest emotion is the asked one
    found.dimensions[0].ccc                 # valence that was asked for against valence that was found
    robust(looked)                          # the same by fresh view
    agreement(looked_by_a, looked_by_b)     # of those that convince A, which share convinces B?

Of pictures that were made for the judge, accuracy says how well their maker aims; of those made for another
judge, how much of what one network answers to is its own accident. Real images, whose label was given by
people, say what can be expected. Intervals are percentile bootstraps over pictures; pictures of one run are
relatives, so that intervals tell of these runs, not of others with other seeds.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from numpy.typing import NDArray

from evocative.data.columns import AXES
from evocative.errors import DataError
from evocative.explore.fresh_views import PLAIN
from evocative.explore.looked import Looked
from evocative.metrics.classification import confusion_matrix
from evocative.metrics.dimensional import ccc, mae, pearson_r
from evocative.metrics.intervals import Interval, bootstrap_figures

ALL_VIEWS = "all views"
"""A picture achieves its emotion on all views, itself included."""


@dataclass(frozen=True)
class Draws:
    """How intervals are drawn."""

    n_resamples: int = 1000
    level: float = 0.95
    seed: int = 0


DRAWS = Draws()


@dataclass(frozen=True)
class AchievedClass:
    """One asked emotion."""

    label: str
    n: int
    accuracy: float
    probability: float


@dataclass(frozen=True)
class AchievedAxis:
    """One dimension that was asked for."""

    axis: str
    n: int
    pearson_r: Interval
    ccc: Interval
    mae: Interval


@dataclass(frozen=True)
class Achieved:
    """Target against answer, of one way by one judge; nan where nothing was asked for."""

    way: str
    made_for: str
    judge: str
    n: int
    """Pictures with an asked emotion that the judge knows."""
    failed: int
    """Pictures that could not be read."""
    chance: float
    """1 / number of emotions; nan without an emotion head."""
    accuracy: Interval
    """Share whose strongest emotion is the asked one."""
    balanced: Interval
    """Its mean over asked emotions."""
    probability: Interval
    """Mean probability of the asked emotion."""
    classes: tuple[AchievedClass, ...]
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Rows: asked; columns: the judge's strongest."""
    dimensions: tuple[AchievedAxis, ...]


@dataclass(frozen=True)
class Robust:
    """What is left of pictures on one fresh view."""

    way: str
    made_for: str
    judge: str
    view: str
    n: int
    accuracy: Interval
    probability: Interval
    kept: Interval
    """Of the pictures that achieve their emotion as they are: the share that still does."""
    moved: dict[str, float]
    """Mean absolute change of each dimension that the judge predicts."""


@dataclass(frozen=True)
class Agreement:
    """Whether pictures that convince one judge convince another."""

    way: str
    made_for: str
    first: str
    second: str
    n: int
    """Pictures that convince the first."""
    share: Interval
    """Of these, those that convince the second."""
    probability: Interval
    """Of these, the second's mean probability of the asked emotion."""


def achieved(looked: Looked, draws: Draws = DRAWS) -> Achieved:
    """Hold what was asked for against what the judge says of the pictures as they are."""
    rows = looked.counted()
    asked, right, p = looked.asked[rows], looked.achieved()[rows], looked.probability()[rows]
    figures = _figures(right, p, asked, draws)
    k = len(looked.names)
    answers = looked.probabilities[PLAIN][rows].argmax(axis=1) if k else np.zeros(0, dtype=np.int64)
    classes = tuple(
        AchievedClass(
            name, int((asked == c).sum()), float(right[asked == c].mean()), float(p[asked == c].mean())
        )
        for c, name in enumerate(looked.names)
        if (asked == c).any()
    )
    confusion = confusion_matrix(asked, answers, n_classes=k).tolist() if k and len(asked) else []
    return Achieved(
        looked.way, looked.made_for, looked.judge,
        n=int(rows.sum()), failed=int((~looked.ok).sum()), chance=1 / k if k else float("nan"),
        accuracy=figures["accuracy"], balanced=figures["balanced"], probability=figures["probability"],
        classes=classes, labels=looked.names, confusion=tuple(map(tuple, confusion)),
        dimensions=_axes(looked, draws),
    )  # fmt: skip


def robust(looked: Looked, draws: Draws = DRAWS) -> tuple[Robust, ...]:
    """Say of each view, and of all together, what is left of the asked emotions."""
    rows = looked.counted()
    views = list(looked.probabilities)
    right = {view: looked.achieved(view) for view in views}
    p = {view: looked.probability(view) for view in views}
    right[ALL_VIEWS] = np.logical_and.reduce([right[view] for view in views])
    p[ALL_VIEWS] = np.min([p[view] for view in views], axis=0)
    found = []
    for view in right:
        figures = _figures(right[view][rows], p[view][rows], looked.asked[rows], draws)
        kept = _mean(right[view][rows & right[PLAIN]], draws)
        found.append(
            Robust(
                looked.way,
                looked.made_for,
                looked.judge,
                view,
                int(rows.sum()),
                figures["accuracy"],
                figures["probability"],
                kept,
                _moved(looked, view),
            )
        )
    return tuple(found)


def agreement(first: Looked, second: Looked, draws: Draws = DRAWS) -> Agreement:
    """Say how much of what convinces one judge convinces another, picture by picture.

    Raises:
        DataError: The judges looked at other pictures.
    """
    if (first.way, first.made_for, len(first.asked)) != (second.way, second.made_for, len(second.asked)):
        raise DataError(f"judges agree on the same pictures only: {first.way} and {second.way} are not")
    rows = first.achieved() & second.counted()
    return Agreement(
        first.way, first.made_for, first.judge, second.judge, int(rows.sum()),
        _mean(second.achieved()[rows], draws), _mean(second.probability()[rows], draws),
    )  # fmt: skip


def _figures(
    right: Bool[np.ndarray, " M"], p: NDArray[np.float32], asked: NDArray[np.int64], draws: Draws
) -> dict[str, Interval]:
    """Return accuracy, its mean over classes, and the mean probability, on the same draws."""
    if not len(right):
        nothing = Interval(float("nan"), float("nan"), float("nan"), 0, draws.level)
        return dict.fromkeys(("accuracy", "balanced", "probability"), nothing)

    def figures(*columns: NDArray[np.float64]) -> dict[str, float]:
        right, p, asked = columns
        counts = np.bincount(asked.astype(np.int64))
        sums = np.bincount(asked.astype(np.int64), weights=right)
        there = counts > 0
        return {
            "accuracy": float(right.mean()),
            "balanced": float((sums[there] / counts[there]).mean()),
            "probability": float(p.mean()),
        }

    return bootstrap_figures(
        figures, right.astype(np.float64), p.astype(np.float64), asked.astype(np.float64),
        n_resamples=draws.n_resamples, level=draws.level, seed=draws.seed,
    )  # fmt: skip


def _mean(values: NDArray[np.generic], draws: Draws) -> Interval:
    """Return a mean with its interval; nan without values."""
    column = values.astype(np.float64)
    zeros = np.zeros(len(column), dtype=np.int64)
    return _figures(np.ones(len(column), dtype=bool), column.astype(np.float32), zeros, draws)["probability"]


def _axes(looked: Looked, draws: Draws) -> tuple[AchievedAxis, ...]:
    found = []
    for place, axis in enumerate(AXES):
        pair = np.stack([looked.targets[:, place], looked.vad[PLAIN][:, place]]).astype(np.float64)
        pair = pair[:, ~np.isnan(pair).any(axis=0)]
        if not pair.size:
            continue
        figures = bootstrap_figures(
            lambda asked, said: {
                "pearson_r": pearson_r(asked, said), "ccc": ccc(asked, said), "mae": mae(asked, said)
            },
            *pair, n_resamples=draws.n_resamples, level=draws.level, seed=draws.seed,
        )  # fmt: skip
        found.append(AchievedAxis(axis, pair.shape[1], figures["pearson_r"], figures["ccc"], figures["mae"]))
    return tuple(found)


def _moved(looked: Looked, view: str) -> dict[str, float]:
    if view == ALL_VIEWS:
        changes = [looked.vad[each] - looked.vad[PLAIN] for each in looked.vad]
        change: Float64[np.ndarray, "N 3"] = np.abs(changes).max(axis=0)
    else:
        change = np.abs(looked.vad[view] - looked.vad[PLAIN])
    there = ~np.isnan(change).all(axis=0)
    return {axis: float(np.nanmean(change[:, d])) for d, axis in enumerate(AXES) if there[d]}
