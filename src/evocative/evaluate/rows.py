"""Rows: the arrays that figures are made of, and Draws: how their intervals are made."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float32, Float64, Int64
from numpy.typing import NDArray

from evocative.data.columns import SD_COLUMNS
from evocative.evaluate.report import Figure
from evocative.inference.predictions import Predictions
from evocative.metrics.intervals import bootstrap_figures
from evocative.taxonomy.labels import Taxonomy


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of predictions that carry no error."""

    taxonomy: Taxonomy | None
    labels: Int64[np.ndarray, " N"]
    """-1 where unknown."""
    probabilities: Float32[np.ndarray, "N K"] | None
    dimensions: Float32[np.ndarray, "N 3"]
    targets: Float32[np.ndarray, "N 3"]
    embedding: Float32[np.ndarray, "N D"] | None
    groups: Int64[np.ndarray, " N"] | None
    """Which rows belong together; a row without a group is one of its own. None: no row has one."""
    dimension_sd: Float64[np.ndarray, "N 3"] | None = None
    """Predicted SDs of dimensions, NaN where missing; None: no column of them."""
    raters: Float64[np.ndarray, "N 3 2"] | None = None
    """SD between raters and their number, of each axis, NaN where missing; None: not known."""

    @classmethod
    def of(cls, predictions: Predictions, raters: Float64[np.ndarray, "M 3 2"] | None = None) -> "Rows":
        """Take the rows without an error; `raters` has one for each prediction, with an error or without."""
        good = predictions.select(predictions.ok)
        return cls(
            taxonomy=good.metadata.taxonomy,
            labels=good.labels,
            probabilities=good.probabilities if len(good) else None,
            dimensions=good.dimensions,
            targets=good.targets,
            embedding=good.embedding,
            groups=_groups(good.frame),
            dimension_sd=_numbers(good.frame, SD_COLUMNS),
            raters=None if raters is None else raters[predictions.ok],
        )

    def without(self, labels: Sequence[str]) -> "Rows":
        """Return the same rows, where those with one of some labels count as having none."""
        if self.taxonomy is None or not labels:
            return self
        gone = [self.taxonomy.index(name) for name in labels]
        return replace(self, labels=np.where(np.isin(self.labels, gone), -1, self.labels))

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which rows have a label, (N,)."""
        return self.labels >= 0

    def groups_of(self, chosen: NDArray[Any]) -> Int64[np.ndarray, " M"] | None:
        """Return the groups of some rows."""
        return None if self.groups is None else self.groups[chosen]


@dataclass(frozen=True)
class Draws:
    """How often, and from which seed, rows are drawn for an interval. 0 draws: figures without intervals."""

    resamples: int = 1000
    level: float = 0.95
    seed: int = 0

    def figures(
        self,
        metrics: Callable[..., Mapping[str, float]],
        *arrays: NDArray[Any],
        groups: Int64[np.ndarray, " N"] | None,
        raised: Collection[str] = (),
    ) -> dict[str, Figure]:
        """Return several figures of some arrays, computed together on the same draws.

        `raised` names those that noise can only raise (`metrics.intervals.raised_ends`).
        """
        rows = len(arrays[0])
        if self.resamples == 0:
            return {name: Figure(float(value), nan, nan, rows) for name, value in metrics(*arrays).items()}
        found = bootstrap_figures(
            metrics, *arrays, groups=groups, n_resamples=self.resamples, level=self.level, seed=self.seed,
            raised=raised,
        )  # fmt: skip
        return {name: Figure(one.value, one.low, one.high, one.n) for name, one in found.items()}

    def mean(self, values: NDArray[np.floating], *, groups: Int64[np.ndarray, " N"] | None) -> Figure:
        """Return the mean of some values, NaN without any."""
        return self.figures(_mean, values, groups=groups)["mean"]


def members(groups: Int64[np.ndarray, " N"] | None, rows: int) -> Iterator[Int64[np.ndarray, " M"]]:
    """Yield the row numbers of each group; all rows at once where there are no groups."""
    if groups is None:
        yield np.arange(rows)
        return
    order = np.argsort(groups, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)


def _mean(values: NDArray[np.floating]) -> dict[str, float]:
    return {"mean": float(values.mean()) if values.size else nan}


def _numbers(frame: pd.DataFrame, names: tuple[str, ...]) -> Float64[np.ndarray, "N A"] | None:
    """Return columns of numbers, NaN where missing; None where there is none of them."""
    if not any(name in frame.columns for name in names):
        return None
    found = frame.reindex(columns=list(names)).apply(pd.to_numeric, errors="coerce")
    return np.asarray(found.to_numpy(np.float64, na_value=np.nan))


def _groups(frame: pd.DataFrame) -> Int64[np.ndarray, " N"] | None:
    if "group" not in frame.columns or frame["group"].isna().all():
        return None
    codes, names = pd.factorize(frame["group"])
    alone = codes < 0
    codes[alone] = len(names) + np.arange(int(alone.sum()))
    return np.asarray(codes, dtype=np.int64)
