"""Runs: what a comparison needs of each, their images, and their rows pooled over folds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from jaxtyping import Float64
from numpy.typing import NDArray

from evocative.errors import DataError
from evocative.evaluate.paired import Cell
from evocative.evaluate.pooled import Sums, pool, sums_of
from evocative.evaluate.rows import Rows
from evocative.inference.predictions import Predictions
from evocative.metrics.clustering import ClusteringMetrics, clustering_metrics

CHUNK: Final = 50
"""Draws at a time."""


@dataclass(frozen=True, eq=False)
class Run:
    """What a comparison needs of one run."""

    fold: str
    seed: int
    paths: tuple[str, ...]
    groups: tuple[str | None, ...]
    rows: Rows
    clustering: ClusteringMetrics | None
    train_rows: int | None
    """How many rows it learnt from; None: as many as the other folds have."""

    @classmethod
    def of(
        cls, predictions: Predictions, *, fold: int | str | None = None, seed: int = 0,
        train_rows: int | None = None, clustering: ClusteringMetrics | None = None,
    ) -> "Run":  # fmt: skip
        """Take what is needed; rows that carry an error are left out.

        Args:
            predictions: Of the run's test rows, with labels, targets and groups where known.
            fold: Which rows were held out.
            seed: Of the run.
            train_rows: See the class.
            clustering: As `cluster` gives it; computed where it is not given.
        """
        good = predictions.select(predictions.ok)
        group = good.frame["group"] if "group" in good.frame else [None] * len(good)
        named = tuple(name if isinstance(name, str) else None for name in group)
        clustering = clustering or cluster(good)
        rows = replace(Rows.of(good), embedding=None)  # by far the largest part
        return cls(str(fold), seed, tuple(good.paths), named, rows, clustering, train_rows)

    @property
    def cell(self) -> Cell:
        """Fold and seed."""
        return self.fold, self.seed


def cluster(predictions: Predictions, *, seed: int = 0) -> ClusteringMetrics | None:
    """Return ARI, NMI and ASR of a run's labelled rows; None without an embedding or without labels."""
    rows = Rows.of(predictions)
    if rows.taxonomy is None or rows.embedding is None or not rows.known.any():
        return None
    known = rows.known
    return clustering_metrics(
        rows.labels[known], rows.embedding[known], n_clusters=len(rows.taxonomy), seed=seed
    )


class Images:
    """All images of a comparison, and how they are drawn."""

    def __init__(self, arms: Mapping[str, Sequence[Run]]) -> None:
        """Number the images of all runs; an image without a group is one of its own."""
        runs = [run for some in arms.values() for run in some]
        group: dict[str, str | None] = {}
        for run in runs:
            for path, name in zip(run.paths, run.groups, strict=True):
                if group.get(path) is None:  # a run without groups leaves those that another one knows
                    group[path] = name
        self.number = {path: place for place, path in enumerate(group)}
        named = any(name is not None for name in group.values())
        keys = [name if name is not None else f"\0{path}" for path, name in group.items()]
        units, members = np.unique(keys, return_inverse=True)
        self._members = members if named else np.arange(len(group))
        self.groups = len(units) if named else None

    @property
    def units_told(self) -> str:
        """What is drawn, in words."""
        return f"{len(self.number):,} images" if self.groups is None else f"{self.groups:,} groups of images"

    def draws(self, resamples: int, seed: int) -> NDArray[np.int32]:
        """Return how often each draw holds each image, shape (resamples, images)."""
        rng = np.random.default_rng(seed)
        units = len(self.number) if self.groups is None else self.groups
        times = np.zeros((resamples, len(self.number)), dtype=np.int32)
        for row in times:
            row[:] = np.bincount(rng.integers(units, size=units), minlength=units)[self._members]
        return times


@dataclass(frozen=True, eq=False)
class Pooled:
    """An arm's test rows by seed."""

    seeds: dict[int, Sums]

    @classmethod
    def of(cls, name: str, runs: Sequence[Run], images: Images) -> "Pooled":
        """Pool the folds of each seed.

        Raises:
            DataError: A run stands twice, or an image is a test row of two folds.
        """
        if len({run.cell for run in runs}) < len(runs):
            raise DataError(f"{name}: a fold and seed stands twice among its runs")
        seeds = {}
        for seed in dict.fromkeys(run.seed for run in runs):
            parts = [
                sums_of(run.rows, np.array([images.number[path] for path in run.paths], dtype=np.int64))
                for run in runs
                if run.seed == seed
            ]
            seeds[seed] = pool(parts)
            if len(np.unique(seeds[seed].images)) < len(seeds[seed].images):
                raise DataError(f"{name}, seed {seed}: an image is a test row of two folds")
        return cls(seeds)

    def common(self, other: "Pooled") -> "Pooled":
        """Keep the seeds and images that another arm has too."""
        seeds = {
            seed: sums.select(np.isin(sums.images, other.seeds[seed].images))
            for seed, sums in self.seeds.items()
            if seed in other.seeds
        }
        sizes = [len(sums.images) for sums in self.seeds.values()]
        return self if [len(sums.images) for sums in seeds.values()] == sizes else Pooled(seeds)

    def figures(self, weights: NDArray[np.int32]) -> dict[str, Float64[np.ndarray, "S D"]]:
        """Return each figure that every seed has, by seed and draw.

        Args:
            weights: How often each draw holds each image, (draws, images).
        """
        found = [_in_chunks(sums, weights) for sums in self.seeds.values()]
        names = [name for name in (found[0] if found else ()) if all(name in one for one in found)]
        return {name: np.stack([one[name] for one in found]) for name in names}

    def counts(self) -> dict[str, int]:
        """Return how many images each figure rests on."""
        found: dict[str, int] = {}
        for sums in self.seeds.values():
            found |= {name: max(n, found.get(name, 0)) for name, n in sums.counts().items()}
        return found


def _in_chunks(sums: Sums, weights: NDArray[np.int32]) -> dict[str, Float64[np.ndarray, " D"]]:
    """Compute draws in chunks, for the sake of memory."""
    parts = [
        sums.figures(weights[start : start + CHUNK].astype(np.float64))
        for start in range(0, len(weights), CHUNK)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
