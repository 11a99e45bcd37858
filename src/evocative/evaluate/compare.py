"""Compare: arms over folds and seeds with one of them, every difference with its interval.

    runs = {"plain": [Run.of(predictions, fold=0, seed=0), ...], "center": [...]}
    comparison = compare_runs(runs, reference="plain")

Two kinds of figures, two kinds of intervals. Figures of images (accuracy, macro F1, cross-sentiment, r, CCC)
are of each seed's test rows pooled over folds, averaged over seeds; their intervals are a bootstrap that
draws the same images, or whole groups of them, for both arms. Figures of an embedding (ARI, NMI, ASR) exist
within one run only, since each run has a space of its own: theirs are `paired.mean_over_runs`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Final

import numpy as np
from jaxtyping import Float64
from numpy.typing import NDArray

from evocative.errors import DataError, unknown
from evocative.evaluate.paired import Cell, Estimate, bootstrapped, mean_over_runs
from evocative.evaluate.runs import Images, Pooled, Run

EMBEDDING: Final = ("ari", "nmi", "asr")
LOWER_IS_BETTER: Final = ("cross_sentiment", "asr")


@dataclass(frozen=True)
class Compared:
    """A figure of an arm, and how far it is from the reference's."""

    arm: str
    figure: str
    mean: Estimate
    sd_seeds: float
    """Standard deviation over seeds of the figure over all folds; NaN with one seed."""
    n: int
    """Images, each counted once."""
    difference: Estimate | None
    """The arm's less the reference's, on the runs and images of both; None for the reference, and where
    either lacks the figure."""


@dataclass(frozen=True)
class Comparison:
    """Every figure of every arm."""

    reference: str
    rows: tuple[Compared, ...]
    level: float
    resamples: int
    seed: int
    groups: int | None
    """How many groups there are; whole groups were drawn. None: images were drawn one by one."""

    @property
    def arms(self) -> list[str]:
        """Those compared, in their order."""
        return list(dict.fromkeys(row.arm for row in self.rows))

    @property
    def figures(self) -> list[str]:
        """Those measured, in their order."""
        return list(dict.fromkeys(row.figure for row in self.rows))

    def find(self, arm: str, figure: str) -> Compared | None:
        """Return one figure of one arm; None where it was not measured."""
        return next((row for row in self.rows if (row.arm, row.figure) == (arm, figure)), None)


def compare_runs(
    arms: Mapping[str, Sequence[Run]], *, reference: str, resamples: int = 1000, level: float = 0.95,
    seed: int = 0,
) -> Comparison:  # fmt: skip
    """Compare arms with a reference.

    Args:
        arms: The runs of each. An arm may lack some: differences are on those that both have.
        reference: One of the arms.
        resamples: Draws for each interval of a figure of images.
        level: Of the intervals, in (0, 1).
        seed: Of the draws.

    Raises:
        DataError: There is no such arm, a run stands twice, or an image is a test row of two folds.
    """
    if reference not in arms:
        raise DataError(unknown("arm", reference, arms))
    if resamples < 1 or not 0 < level < 1:
        raise DataError(f"expected resamples ≥ 1 and a level in (0, 1), found {resamples} and {level}")
    order = [reference, *(name for name in arms if name != reference)]
    images = Images(arms)
    pooled = {name: Pooled.of(name, arms[name], images) for name in order}
    drawn = _Drawn(pooled, images.draws(resamples, seed), images.units_told, level)
    rows: list[Compared] = []
    for name in order:
        other = None if name == reference else reference
        rows += _of_images(name, other, drawn, runs=arms)
        rows += _of_embeddings(name, other, arms, level)
    return Comparison(reference, tuple(rows), level, resamples, seed, images.groups)


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Every arm's figures of images, as they are and in each draw."""

    pooled: Mapping[str, Pooled]
    weights: NDArray[np.int32]
    units: str
    level: float
    kept: dict[str, dict[str, Float64[np.ndarray, "S D"]]] = field(default_factory=dict)

    def figures(self, arm: Pooled) -> dict[str, Float64[np.ndarray, "S D"]]:
        """Return each figure by seed: of the rows as they are, then of each draw."""
        name = next((name for name, one in self.pooled.items() if one is arm), None)
        if name in self.kept:
            return self.kept[name]
        whole = np.ones((1, self.weights.shape[1]), dtype=np.int32)
        found = arm.figures(np.concatenate([whole, self.weights]))
        if name is not None:
            self.kept[name] = found
        return found

    def estimate(self, values: Float64[np.ndarray, "S D"], runs: int, kind: str) -> Estimate:
        """Average over seeds; the draws in which the figure is defined give the interval."""
        mean = values.mean(axis=0)
        return bootstrapped(mean, self.level, runs, f"{kind} over {self.units}")


def _of_images(
    name: str, reference: str | None, drawn: _Drawn, *, runs: Mapping[str, Sequence[Run]]
) -> Iterator[Compared]:
    arm = drawn.pooled[name]
    figures, counts = drawn.figures(arm), arm.counts()
    differences: dict[str, Estimate] = {}
    if reference is not None:
        other = drawn.pooled[reference]
        pair = [drawn.figures(one) for one in (arm.common(other), other.common(arm))]
        shared = len({run.cell for run in runs[name]} & {run.cell for run in runs[reference]})
        differences = {
            figure: drawn.estimate(pair[0][figure] - pair[1][figure], shared, "paired bootstrap")
            for figure in pair[0]
            if figure in pair[1]
        }
    for figure, values in figures.items():
        mean = drawn.estimate(values, len(runs[name]), "bootstrap")
        sd = _sd(values[:, 0].tolist())
        yield Compared(name, figure, mean, sd, counts[figure], differences.get(figure))


def _of_embeddings(
    name: str, reference: str | None, arms: Mapping[str, Sequence[Run]], level: float
) -> Iterator[Compared]:
    found = [run for run in arms[name] if run.clustering is not None]
    ratios = _ratios(arms[name])
    for figure in EMBEDDING if found else ():
        values = _values(arms[name], figure)
        seeds = {cell[1] for cell in values}
        by_seed = [np.mean([value for cell, value in values.items() if cell[1] == seed]) for seed in seeds]
        difference = None
        others = {} if reference is None else _values(arms[reference], figure)
        if set(values) & set(others):
            paired = {cell: values[cell] - others[cell] for cell in values if cell in others}
            difference = mean_over_runs(paired, ratios, level=level)
        mean = mean_over_runs(values, ratios, level=level)
        n = sum({run.fold: run.clustering.n for run in found if run.clustering is not None}.values())
        yield Compared(name, figure, mean, _sd([float(value) for value in by_seed]), n, difference)


def _values(runs: Sequence[Run], figure: str) -> dict[Cell, float]:
    return {run.cell: getattr(run.clustering, figure) for run in runs if run.clustering is not None}


def _ratios(runs: Sequence[Run]) -> dict[Cell, float]:
    """Return test rows over training rows of each run."""
    ratios = {}
    for run in runs:
        others = sum(len(other.paths) for other in runs if other.seed == run.seed and other is not run)
        ratios[run.cell] = len(run.paths) / max(run.train_rows or others, 1)
    return ratios


def _sd(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else nan
