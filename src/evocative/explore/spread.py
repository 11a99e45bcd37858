"""Spread: how different a way's pictures are, among each other and from what their maker was shown.

    spreads(looked)                        # of all ways by one judge: in features, at equal n; in genomes
    neighbours(looked, real)               # the nearest real image of each made picture

Features are the judge's own embedding: pictures that it cannot tell apart count as alike, and a way that was
made for a judge has used up what that judge can tell apart. A second judge's features say more.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evocative.errors import DataError
from evocative.explore.genome import distance, read_genome
from evocative.explore.looked import Looked, Way
from evocative.metrics.diversity import Diversity, copying, diversity, mean_of_pairs, nearest

GENOMES: Final = 40
"""Genomes of a way that are compared pair by pair at most."""
SHOWN: Final = 6
"""Pairs of a made picture and its nearest real image that are named."""


@dataclass(frozen=True)
class Spread:
    """How different the pictures of one way are to one judge."""

    way: str
    made_for: str
    judge: str
    whole: Diversity | None
    """At all its pictures; None with fewer than two that could be looked at."""
    equal: Diversity | None
    """At as many pictures as the smallest way has."""
    within: dict[str, Diversity]
    """Of the pictures of one asked emotion, by its name, at as many as the smallest way has of it."""

    @property
    def within_mean(self) -> float:
        """Mean Vendi score within an emotion, as a share of the number compared; nan without any."""
        shares = [one.vendi / one.n for one in self.within.values()]
        return float(np.mean(shares)) if shares else float("nan")


@dataclass(frozen=True)
class GenomeSpread:
    """How different the genomes of one way are."""

    way: str
    made_for: str
    kind: str
    n: int
    """Genomes that were compared."""
    distance: float
    """Mean over pairs, in the kind's own measure: comparable within a kind only."""


@dataclass(frozen=True)
class Neighbour:
    """A made picture and the real image that is nearest to it."""

    picture: str
    real: str
    distance: float


@dataclass(frozen=True)
class Neighbours:
    """How near a way's pictures come to real images, in one judge's features."""

    way: str
    made_for: str
    judge: str
    n: int
    real: int
    """Real images they were held against."""
    median: float
    """Cosine distance to the nearest real image."""
    lowest: float
    """Its 5 % quantile."""
    real_median: float
    """The same of a real image to its nearest other one: what is common."""
    real_lowest: float
    near: float
    """Share of pictures nearer to a real image than 95 % of real images are to each other."""
    copied: float | None
    """Share nearer to training images than to as many others (0.5: none); None without a training table."""
    nearest: tuple[Neighbour, ...]


def spreads(every: Sequence[Looked], *, seed: int = 0) -> tuple[Spread, ...]:
    """Measure the diversity of all ways as one judge sees them, each also at as many pictures as all have.

    Ways with fewer than two pictures that could be looked at have no figures and do not set the number.
    """
    names = {name for looked in every for name in looked.names}
    rows = [np.flatnonzero(looked.ok) for looked in every]
    least = min((len(each) for each in rows if len(each) > 1), default=0)
    groups = [
        {name: r[looked.asked[r] == looked.names.index(name)] for name in looked.names}
        for looked, r in zip(every, rows, strict=True)
    ]
    smallest = {
        name: min((len(g[name]) for g in groups if len(g.get(name, ())) > 1), default=0) for name in names
    }
    found = []
    for looked, r, by_name in zip(every, rows, groups, strict=True):
        embedding, enough = looked.embedding, len(r) > 1
        within = {
            name: diversity(embedding[each], n=smallest[name], seed=seed)
            for name, each in by_name.items()
            if len(each) > 1
        }
        whole = diversity(embedding[r]) if enough else None
        equal = diversity(embedding[r], n=least, seed=seed) if enough else None
        found.append(Spread(looked.way, looked.made_for, looked.judge, whole, equal, within))
    return tuple(found)


def genome_spreads(ways: Sequence[Way], *, seed: int = 0) -> tuple[GenomeSpread, ...]:
    """Measure how different genomes are, by way and kind of genome; ways without genomes are left out."""
    found = []
    for way in ways:
        by_kind: dict[str, list[Any]] = {}
        for genome in _genomes(way):
            by_kind.setdefault(genome.kind, []).append(genome)
        for kind, genomes in by_kind.items():
            chosen = _chosen(len(genomes), GENOMES, seed)
            some = [genomes[place] for place in chosen]
            if len(some) > 1:
                mean = mean_of_pairs(distances(some))
                found.append(GenomeSpread(way.name, way.made_for, kind, len(some), mean))
    return tuple(found)


def distances(genomes: Sequence[Any]) -> NDArray[np.float64]:
    """Return the distances (N, N) of genomes of one kind."""
    found = np.zeros((len(genomes), len(genomes)))
    for (i, one), (j, other) in combinations(enumerate(genomes), 2):
        found[i, j] = found[j, i] = distance(one, other)
    return found


def neighbours(
    looked: Looked, real: Looked, paths: tuple[Sequence[str], Sequence[str]], training: Looked | None = None
) -> Neighbours | None:
    """Find the nearest real image of each made picture.

    Args:
        looked: A way's pictures.
        real: Images that no maker was shown.
        paths: Of the pictures and of the real images, for the pairs that are named.
        training: Images that the maker was shown; the nearest are then looked for among these as well.

    Returns:
        The figures; None with no picture, or fewer than two real images, that could be looked at.
    """
    rows, others = np.flatnonzero(looked.ok), np.flatnonzero(real.ok)
    if not len(rows) or len(others) < 2:
        return None
    made, kept = looked.embedding[rows], real.embedding[others]
    places, far = nearest(made, kept)
    common = nearest(kept, kept, same=True)[1]
    low = float(np.quantile(common, 0.05))
    copied = None
    if training is not None and training.ok.any():
        copied = float(copying(made, training.embedding[training.ok], kept).mean())
    first = np.argsort(far, kind="stable")[:SHOWN]
    return Neighbours(
        looked.way, looked.made_for, looked.judge, len(rows), len(others),
        median=float(np.median(far)), lowest=float(np.quantile(far, 0.05)),
        real_median=float(np.median(common)), real_lowest=low,
        near=float((far < low).mean()), copied=copied,
        nearest=tuple(
            Neighbour(paths[0][rows[row]], paths[1][others[places[row]]], float(far[row])) for row in first
        ),
    )  # fmt: skip


def _genomes(way: Way) -> list[Any]:
    """Read a way's genomes.

    Raises:
        DataError: A cell holds no genome.
    """
    frame = way.table.frame
    if "genome" not in frame.columns:
        return []
    found = []
    for row, text in frame["genome"].dropna().items():
        try:
            found.append(read_genome(json.loads(str(text))))
        except (ValueError, TypeError, AttributeError, KeyError, DataError) as error:
            raise DataError(f"{way.title}: row {row}: genome: expected JSON of a genome ({error})") from error
    return found


def _chosen(count: int, most: int, seed: int) -> NDArray[np.int64]:
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False))
