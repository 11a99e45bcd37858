"""An atlas: pictures that fill the cells of an archive, found by quality-diversity search of a model.

    judge = load_judge()
    settings = AtlasSettings(kind="emotions", genome="cppn", evaluations=10_000, seed=0)
    atlas = make_atlas([judge], settings, "atlas/emotions-0")
    atlas.coverage, atlas.elites.nlargest(5, "fitness")["formula"]

The loop (`_search`) asks an emitter for genomes, has them drawn and judged, lets them compete for cells and
tells the emitter what became of them: MAP-Elites (Mouret and Clune 2015) in the words of Tjanaka 2023 (ribs).
The journal keeps what was said of each batch, so that a killed run goes on where it was.

An evaluation is one picture judged, however many views and judges that takes; slopes at a point cost two more
for each pass backwards: 2 (1 + M) with M measures.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.random import SeedSequence
from numpy.typing import NDArray

from evocative.data.alone import alone
from evocative.explore.archives import Archive, open_archive
from evocative.explore.atlas_cells import CURVE_COLUMNS
from evocative.explore.atlas_folder import Atlas, JudgedBy, read_atlas, write_atlas
from evocative.explore.atlas_rows import elite_rows, write_pictures
from evocative.explore.atlas_settings import AtlasSettings, resolved
from evocative.explore.emitters import BACKWARD, Brood, make_emitter, solution_length
from evocative.explore.fitness import Jury, Verdict, jacobian
from evocative.explore.genome import Species, make_species
from evocative.explore.journal import Journal, Step, open_journal
from evocative.explore.judge import Judge

_FREE: Final = ("settings.evaluations",)
"""What may be more when a run is resumed: a finished atlas can be searched on."""


@dataclass(frozen=True)
class Progress:
    """Where a run is."""

    evaluations: int
    coverage: float
    """The share of cells that are occupied."""
    qd_score: float
    """The sum of the elites' fitness."""
    best: float
    seconds: float
    """Of searching, those before an interruption among them."""
    seconds_scoring: float
    """Of these, of the models' answers."""
    replayed: bool = False
    """Whether this was told by the journal."""


def make_atlas(
    judges: Sequence[Judge],
    settings: AtlasSettings,
    folder: str | Path,
    *,
    resume: bool = False,
    watch: Callable[[Progress], None] | None = None,
) -> Atlas:
    """Search pictures for every cell, and write the atlas into a folder.

    Args:
        judges: The model, or several for the fitness agreement.
        settings: What is searched, and how.
        folder: Where atlas.json, elites.parquet, curve.parquet, journal/, pictures/ and pictures.csv go.
        resume: Go on with the run of this folder; begin where there is none.
        watch: Is told after every batch where the run is.

    Returns:
        The atlas as `read_atlas` reads it.

    Raises:
        ModelError: The model lacks what the kind is made of.
        RecipeError: Confidence is asked of several models.
        DataError: The folder holds another atlas, or cannot be written.
    """
    folder = Path(folder)
    settings = resolved(settings, judges[0])
    jury = Jury(judges, fitness=settings.fitness, views=settings.views)
    species = make_species(settings.genome)
    seeds = SeedSequence(settings.seed).spawn(2)
    archive = open_archive(settings, jury, length=solution_length(species), seed=seeds[0])
    models = {
        str(number): {"weights": judge.weights, "precision": judge.precision, "device": judge.device.type}
        for number, judge in enumerate(judges, 1)
    }  # wherever they lie: what a score depends on
    with alone(folder):
        journal = open_journal(
            folder, {"settings": asdict(settings), "models": models}, resume=resume, free=_FREE
        )
        run = Run(settings, jury, species, archive, journal)
        curve = []
        try:
            for progress in _search(run, seeds[1]):
                curve.append(progress)
                if watch is not None:
                    watch(progress)
        finally:
            journal.flush()
        return _written(run, curve, folder)


@dataclass(frozen=True)
class Run:
    """What takes part in a search."""

    settings: AtlasSettings
    jury: Jury
    species: Species[Any]
    archive: Archive
    journal: Journal


def _search(run: Run, seed: SeedSequence) -> Iterator[Progress]:
    """Ask, judge, add, tell, until there were as many evaluations as were asked for."""
    emitter, clock, done = make_emitter(run.archive, run.species, run.settings, seed), Clock(), 0
    while done < run.settings.evaluations:
        replayed = run.journal.replaying
        points = emitter.points()
        if points is not None:
            said, slopes = _judged(run, points, clock, slopes=True)
            emitter.slope(
                points, said, run.archive.add(points.solutions, said, _fields(points, done)), slopes
            )
            done += len(points.genomes) * (1 + BACKWARD * slopes.shape[1])
        brood = emitter.ask()
        said, _ = _judged(run, brood, clock)
        emitter.tell(brood, said, run.archive.add(brood.solutions, said, _fields(brood, done)))
        done += len(brood.genomes)
        archive = run.archive
        figures = archive.coverage, archive.qd_score, archive.best, clock.seconds, clock.scoring
        yield Progress(done, *figures, replayed=replayed)


class Clock:
    """Seconds of a search, and of the models' answers in it; a replay shows what was recorded, and stands."""

    def __init__(self) -> None:
        """Start at nought."""
        self.scoring, self._before = 0.0, 0.0
        self._since: float | None = time.perf_counter()

    @property
    def seconds(self) -> float:
        """All seconds until now."""
        return self._before + (0.0 if self._since is None else time.perf_counter() - self._since)

    def stand(self, seconds: float, scoring: float) -> None:
        """Show this until it goes on: how long a replay takes is no part of the search."""
        self._before, self.scoring, self._since = seconds, scoring, None

    def go_on(self) -> None:
        """Run from what it shows; if it runs, it runs on."""
        if self._since is None:
            self._since = time.perf_counter()


def _judged(
    run: Run, brood: Brood, clock: Clock, *, slopes: bool = False
) -> tuple[Verdict, NDArray[np.float64]]:
    """Return what the jury says of genomes, and slopes if they are wanted: from the journal, or now."""

    def judged() -> Step:
        clock.go_on()
        found, rows = _slopes(run, brood, clock) if slopes else (_scored(run, brood, clock), None)
        step = {name: values.numpy() for name, values in found._asdict().items()}
        clocks = {"clock": np.array([clock.seconds, clock.scoring])}
        return step | clocks | ({} if rows is None else {"slopes": rows})

    replayed = run.journal.replaying
    step = run.journal.step(brood.genomes, judged)
    if replayed:
        clock.stand(*step["clock"].tolist())
    said = Verdict(*(torch.from_numpy(step[name]) for name in Verdict._fields))
    return said, step.get("slopes", np.zeros((0, 0, 0)))


def _scored(run: Run, brood: Brood, clock: Clock) -> Verdict:
    pictures = run.species.render(brood.genomes, run.settings.size)
    start = time.perf_counter()
    said = run.jury.score(pictures)
    clock.scoring += time.perf_counter() - start
    return said


def _slopes(run: Run, brood: Brood, clock: Clock) -> tuple[Verdict, NDArray[np.float64]]:
    """Judge weights with slopes; drawing is counted with the models' answers, backwards they are one."""
    network, start = run.species.network, time.perf_counter()  # type: ignore[attr-defined]  # weights
    found = jacobian(
        run.jury, torch.tensor(brood.solutions, dtype=torch.float32), measures=run.archive.measures,
        render=lambda weights: network.render(weights, run.settings.size),
    )  # fmt: skip
    clock.scoring += time.perf_counter() - start
    return found


def _fields(brood: Brood, done: int) -> dict[str, NDArray[Any]]:
    genomes = np.empty(len(brood.genomes), dtype=object)
    genomes[:] = brood.genomes
    numbers = np.arange(done + 1, done + 1 + len(genomes))
    return {"genome": genomes, "evaluation": numbers, "parent": brood.parents}


def _written(run: Run, curve: Sequence[Progress], folder: Path) -> Atlas:
    """Write rows, figures and pictures; pictures first, so that atlas.json names none that is not there."""
    import pandas as pd

    judge, archive, last = run.jury.first, run.archive, curve[-1]
    taxonomy = None if judge.taxonomy is None else judge.taxonomy.name
    model = JudgedBy(judge.name, judge.weights, taxonomy, run.jury.labels, judge.dimensions)
    figures = {
        "coverage": archive.coverage, "qd_score": archive.qd_score, "best": archive.best,
        "evaluations": last.evaluations, "seconds": last.seconds, "seconds_scoring": last.seconds_scoring,
    }  # fmt: skip
    elites = elite_rows(archive, run.jury.labels)
    elites["picture"] = write_pictures(run, elites, folder)
    rows = pd.DataFrame([asdict(row) for row in curve])[list(CURVE_COLUMNS)]
    further = {"judges": [each.name for each in run.jury.judges]}
    atlas = Atlas(
        asdict(run.settings) | further, model, elites, rows, dims=archive.dims, centroids=archive.centroids,
        figures=figures, folder=folder, name=folder.name,
    )  # fmt: skip
    return read_atlas(write_atlas(atlas, folder))
