"""Archives: the cells that pictures compete for, on ribs.

emotions       emotion × confidence band; a picture competes in a cell of every emotion, as in the Innovation
               Engine (Nguyen 2015b), whose map has one cell a class
plane          valence × arousal, a grid (MAP-Elites: Mouret and Clune 2015)
probabilities  the whole vector of probabilities, in regions around centroids (CVT: Vassiliades 2018)
cube           valence × arousal × dominance

A cell keeps the picture of the greatest fitness; of equals the first.

    archive = open_archive(settings, jury, length=1)
    told = archive.add(solutions, verdict, {"genome": genomes, "evaluation": numbers, "parent": cells})
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from evocative.data.columns import AXES
from evocative.errors import MissingExtra
from evocative.explore.atlas_cells import Axis
from evocative.explore.atlas_settings import AtlasSettings
from evocative.explore.fitness import Jury, Verdict

try:
    from ribs.archives import ArchiveBase, CVTArchive, GridArchive
except ImportError as error:
    raise MissingExtra("ribs", "explore") from error

Told = dict[str, NDArray[Any]]
"""status (2: first in its cell; 1: better than who was there; 0: neither) and value (by how much)."""
_SAMPLES: Final = 20_000
_PLANE: Final = {"plane": ("valence", "arousal"), "cube": AXES}


class EmotionArchive(ArchiveBase):
    """Emotion × confidence band, K measures a picture: it competes with each of them.

    The emitters of ribs are told one thing of each picture: its best status among the K cells, and the best
    value among the cells with this status.
    """

    def __init__(self, cells: GridArchive, emotions: int) -> None:
        """Wrap a grid of (emotion's number, confidence)."""
        super().__init__(solution_dim=cells.solution_dim, objective_dim=(), measure_dim=emotions)
        self.cells = cells

    @property
    def dtypes(self) -> dict[str, np.dtype[Any]]:
        """Of the fields, for the emitters."""
        return self.cells.dtypes

    @property
    def empty(self) -> bool:
        """Whether no cell is occupied."""
        return self.cells.empty

    def add(
        self, solution: ArrayLike, objective: ArrayLike, measures: ArrayLike, **fields: ArrayLike
    ) -> Told:
        """Have each picture compete for every emotion; `objective` is not looked at: measures are."""
        chances = np.asarray(measures)
        count = self.measure_dim
        emotions = np.tile(np.arange(count), len(chances))
        places = np.stack([emotions, chances.ravel()], 1)
        further = {name: np.repeat(np.asarray(field), count, axis=0) for name, field in fields.items()}
        solutions = np.repeat(np.asarray(solution), count, axis=0)
        told = self.cells.add(solutions, chances.ravel(), places, **further)
        status, value = (np.asarray(told[name]).reshape(-1, count) for name in ("status", "value"))
        best = status.max(1)
        return {"status": best, "value": np.where(status == best[:, None], value, -np.inf).max(1)}

    def sample_elites(self, n: Any, replace: bool = True) -> dict[str, Any]:
        """Return elites, drawn evenly from the occupied cells."""
        return self.cells.sample_elites(n, replace)


@dataclass(frozen=True)
class Archive:
    """The cells of an atlas."""

    cells: GridArchive | CVTArchive
    """Where elites are kept, by the numbers of their cells."""
    seen: GridArchive | CVTArchive | EmotionArchive
    """What emitters see: its measures are those of `measures`."""
    measures: Callable[[Verdict], Tensor]
    """From what a jury says to (B, M) measures; numbers or tensors with gradients."""
    dims: tuple[Axis, ...] = ()
    centroids: Float[np.ndarray, "C K"] | None = None

    def add(
        self, solutions: Float[np.ndarray, "B P"], said: Verdict, fields: Mapping[str, ArrayLike]
    ) -> Told:
        """Have pictures compete for cells.

        Args:
            solutions: What emitters know them by.
            said: What the jury says of them.
            fields: genome (objects), evaluation and parent, one a picture.
        """
        return dict(
            self.seen.add(
                solutions,
                said.fitness.numpy(),
                self.measures(said).numpy(),
                probabilities=said.probabilities.numpy(),
                vad=said.vad.numpy(),
                **fields,
            )
        )

    @property
    def coverage(self) -> float:
        """The share of cells that are occupied."""
        return len(self.cells) / int(self.cells.cells)

    @property
    def qd_score(self) -> float:
        """The sum of the elites' fitness, which is never negative: no offset."""
        return float(np.sum(self.cells.data("objective")))

    @property
    def best(self) -> float:
        """The greatest fitness; NaN where no cell is occupied."""
        return float(np.max(self.cells.data("objective"))) if len(self.cells) else float("nan")


def open_archive(settings: AtlasSettings, jury: Jury, *, length: int, seed: Any = None) -> Archive:
    """Return an empty archive.

    Args:
        settings: Its kind and bins, resolved.
        jury: What it says is what cells are made of.
        length: Numbers of a solution.
        seed: Of the elites that emitters draw from it.
    """
    fields = {
        "solution_dim": length, "seed": seed,
        "extra_fields": {
            "genome": ((), object), "evaluation": ((), np.int64), "parent": ((), np.int64),
            "probabilities": ((len(jury.labels),), np.float32), "vad": ((3,), np.float32),
        },
    }  # fmt: skip
    if settings.kind == "emotions":
        return _emotions(settings.bins, jury, fields)
    if settings.kind == "probabilities":
        centres = centroids(settings.bins, len(jury.labels))
        regions = CVTArchive(centroids=centres, ranges=[(0, 1)] * len(jury.labels), **fields)
        return Archive(regions, regions, lambda said: said.probabilities, centroids=centres)
    axes = _PLANE[settings.kind]
    columns = [AXES.index(axis) for axis in axes]
    grid = GridArchive(dims=[settings.bins] * len(axes), ranges=[(-1, 1)] * len(axes), **fields)
    dims = tuple(Axis(axis, edges=_edges(-1, settings.bins)) for axis in axes)
    return Archive(grid, grid, lambda said: said.vad[:, columns], dims)


def centroids(count: int, labels: int, *, seed: int = 0) -> Float[np.ndarray, "C K"]:
    """Return centres of regions of probabilities that a model can say.

    K-means of 20,000 Dirichlet samples. Even samples of the simplex (concentration 1) hardly come near its
    corners, where a sure model lives: of eight labels, the largest averages .34. So the concentration is
    drawn for each sample, its logarithm evenly between 0.05 (one label has nearly all) and 5 (all alike).

    Args:
        count: How many.
        labels: K.
        seed: Atlases of every seed have the regions of seed 0, so that they can be compared.
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    generator = np.random.default_rng(seed)
    concentrations = np.exp(generator.uniform(np.log(0.05), np.log(5), (_SAMPLES, 1)))
    weights = generator.standard_gamma(np.broadcast_to(concentrations, (_SAMPLES, labels)))
    weights += np.finfo(float).tiny
    samples = weights / weights.sum(1, keepdims=True)
    with threadpool_limits(1):  # sums of several threads would differ from run to run
        found = KMeans(count, n_init=1, max_iter=30, random_state=seed).fit(samples)
    return np.asarray(found.cluster_centers_, dtype=np.float64)


def _emotions(bands: int, jury: Jury, fields: dict[str, Any]) -> Archive:
    count = len(jury.labels)
    grid = GridArchive(dims=[count, bands], ranges=[(-0.5, count - 0.5), (0, 1)], **fields)
    dims = Axis("emotion", labels=jury.labels), Axis("band", edges=_edges(0, bands))
    return Archive(grid, EmotionArchive(grid, count), lambda said: said.agreed, dims)


def _edges(low: float, bins: int) -> tuple[float, ...]:
    return tuple(np.linspace(low, 1, bins + 1).round(12).tolist())
