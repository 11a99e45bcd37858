"""Emitters: where the next genomes come from.

mutation   elites of cells drawn evenly are varied, some after crossing (MAP-Elites: Mouret and Clune 2015)
random     genomes that nobody chose: the baseline
cma-me     covariance matrix adaptation, several searches side by side, ranked by improvement of the archive
           (CMA-ME: Fontaine 2020; ribs' EvolutionStrategyEmitter)
gradient   steps along slopes of fitness and measures, their mixture adapted by CMA-ES (CMA-MEGA: Fontaine
           and Nikolaidis 2021; ribs' GradientArborescenceEmitter)

The last two move vectors: the species `weights`. Mutation and random search take it too, so that emitters can
be compared on equal genomes. A search starts at a random genome and again at a random elite whenever a batch
brought nothing.

    brood = emitter.ask()
    emitter.tell(brood, verdict, archive.add(brood.solutions, verdict, …))
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int
from numpy.random import SeedSequence
from numpy.typing import NDArray

from evocative.errors import MissingExtra
from evocative.explore.archives import Archive, Told
from evocative.explore.atlas_settings import AtlasSettings
from evocative.explore.fitness import Verdict
from evocative.explore.genome import Genome, Species
from evocative.explore.weights import WeightVectors

try:
    from ribs.emitters import EvolutionStrategyEmitter, GradientArborescenceEmitter
except ImportError as error:
    raise MissingExtra("ribs", "explore") from error

BACKWARD: Final = 2
"""A pass backwards counts as two evaluations: as many multiplications as two passes forwards."""


class Brood(NamedTuple):
    """Genomes that wait for a verdict."""

    genomes: list[Any]
    solutions: Float[np.ndarray, "B P"]
    """Their numbers; zeros (B, 1) for genomes that are no vectors."""
    parents: Int[np.ndarray, " B"]
    """Cells of their (first) parents; -1 without."""


@runtime_checkable
class Emitter(Protocol):
    """Where genomes come from."""

    def points(self) -> Brood | None:
        """Return the genomes whose slopes are wanted before `ask`; None for emitters without gradients."""

    def slope(self, brood: Brood, said: Verdict, told: Told, slopes: NDArray[np.float64]) -> None:
        """Take the slopes (E, 1 + M, P) of fitness and measures at `points`."""

    def ask(self) -> Brood:
        """Return a batch."""

    def tell(self, brood: Brood, said: Verdict, told: Told) -> None:
        """Take what the jury said of the batch and what became of it in the archive."""


class Blind:
    """Random search: it looks at nothing."""

    def __init__(
        self, archive: Archive, species: Species[Any], settings: AtlasSettings, seed: SeedSequence
    ) -> None:
        """Draw from a generator of its own."""
        self.archive, self.species, self.settings = archive, species, settings
        self.generator = np.random.default_rng(seed)

    def points(self) -> Brood | None:
        """Want no slopes."""
        return None

    def slope(self, brood: Brood, said: Verdict, told: Told, slopes: NDArray[np.float64]) -> None:
        """Need no slopes."""

    def ask(self) -> Brood:
        """Return random genomes."""
        return self._fresh(self.settings.batch)

    def tell(self, brood: Brood, said: Verdict, told: Told) -> None:
        """Learn nothing."""

    def _fresh(self, count: int) -> Brood:
        return _brood(self.species, self.species.random(count, self.generator), np.full(count, -1))


class Mutation(Blind):
    """MAP-Elites: `start` random genomes, then children of elites."""

    asked = 0

    def ask(self) -> Brood:
        """Return children of cells that are drawn evenly, some of them crossed before they are mutated."""
        settings, generator = self.settings, self.generator
        self.asked += settings.batch
        if self.asked <= settings.start or not len(self.archive.cells):
            return self._fresh(settings.batch)
        elites = self.archive.cells.data(["index", "genome"])
        first, second = generator.integers(len(elites["index"]), size=(2, settings.batch))
        parents: list[Genome] = list(elites["genome"][first])
        crossed = np.flatnonzero(generator.random(settings.batch) < settings.crossing)
        if len(crossed):
            others = list(elites["genome"][second[crossed]])
            children = self.species.crossed([parents[row] for row in crossed], others, generator)
            for row, child in zip(crossed, children, strict=True):
                parents[row] = child
        children = self.species.mutated(parents, generator)
        return _brood(self.species, children, elites["index"][first])


class Strategies(Blind):
    """CMA-ME: several evolution strategies, each with its share of the batch."""

    def __init__(
        self, archive: Archive, species: WeightVectors, settings: AtlasSettings, seed: SeedSequence
    ) -> None:
        """Start each search at a random genome."""
        seeds = seed.spawn(settings.searches + 1)
        super().__init__(archive, species, settings, seeds[0])
        starts = self._fresh(settings.searches).solutions
        shares = _shares(settings.batch, settings.searches)
        rows = zip(starts, shares, seeds[1:], strict=True)
        self.searches: list[Any] = [self._search(start, share, seed) for start, share, seed in rows]

    def ask(self) -> Brood:
        """Return all searches' samples."""
        return self._vectors(np.concatenate([search.ask() for search in self.searches]))

    def tell(self, brood: Brood, said: Verdict, told: Told) -> None:
        """Have each search adapt to what became of its own samples."""
        at = 0
        for search in self.searches:
            part = slice(at, at + search.batch_size)
            search.tell(*self._said(brood, said, told, part))
            at = part.stop

    def _search(self, start: Float[np.ndarray, " P"], share: int, seed: SeedSequence) -> Any:
        return EvolutionStrategyEmitter(
            self.archive.seen, x0=start, sigma0=self.settings.sigma, ranker="2imp", batch_size=share,
            seed=seed,  # type: ignore[arg-type]  # ribs takes a SeedSequence, and says int
        )  # fmt: skip

    def _said(self, brood: Brood, said: Verdict, told: Told, part: slice) -> tuple[Any, ...]:
        measures = self.archive.measures(said).numpy()[part]
        info = {name: values[part] for name, values in told.items()}
        return brood.solutions[part], said.fitness.numpy()[part], measures, info

    def _vectors(self, values: Float[np.ndarray, "B P"]) -> Brood:
        return Brood(self.species.genomes(values), values, np.full(len(values), -1))  # type: ignore[attr-defined]  # weights


class Arborescences(Strategies):
    """CMA-MEGA: each search branches from its point along slopes of fitness and measures."""

    def points(self) -> Brood | None:
        """Return each search's point."""
        return self._vectors(np.concatenate([search.ask_dqd() for search in self.searches]))

    def slope(self, brood: Brood, said: Verdict, told: Told, slopes: NDArray[np.float64]) -> None:
        """Hand each search the slopes at its point."""
        for row, search in enumerate(self.searches):
            part = slice(row, row + 1)
            solution, fitness, measures, info = self._said(brood, said, told, part)
            search.tell_dqd(solution, fitness, measures, slopes[part].copy(), info)  # it normalises in place

    def _search(self, start: Float[np.ndarray, " P"], share: int, seed: SeedSequence) -> Any:
        return GradientArborescenceEmitter(
            self.archive.seen, x0=start, sigma0=self.settings.sigma, lr=self.settings.rate, ranker="2imp",
            batch_size=share,
            seed=seed,  # type: ignore[arg-type]  # ribs takes a SeedSequence, and says int
        )  # fmt: skip


EMITTERS: Final[dict[str, Callable[..., Emitter]]] = {
    "mutation": Mutation, "random": Blind, "cma-me": Strategies, "gradient": Arborescences,
}  # fmt: skip


def make_emitter(
    archive: Archive, species: Species[Any], settings: AtlasSettings, seed: SeedSequence
) -> Emitter:
    """Return the emitter that the settings name."""
    return EMITTERS[settings.emitter](archive, species, settings, seed)


def solution_length(species: Species[Any]) -> int:
    """Return how many numbers of a genome the archive keeps: 1, a zero, where genomes are no vectors."""
    return species.network.num_weights if isinstance(species, WeightVectors) else 1


def _brood(species: Species[Any], genomes: Sequence[Any], parents: NDArray[np.integer[Any]]) -> Brood:
    values = species.values(genomes) if isinstance(species, WeightVectors) else np.zeros((len(genomes), 1))
    return Brood(list(genomes), values, parents.astype(np.int64))


def _shares(total: int, parts: int) -> list[int]:
    """Return how many of a total each part has, as evenly as can be."""
    return [total // parts + (row < total % parts) for row in range(parts)]
