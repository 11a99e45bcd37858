"""From one taxonomy's labels to another's, each step with the publication that it rests on.

A label goes to one label of the other taxonomy or, where no publication says where, to none. Nothing is
guessed: awe stands outside Ekman's six, and Plutchik's joy is not any one of Mikels' four positive emotions.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.taxonomy.labels import TAXONOMIES, Taxonomy, guess, taxonomy


@dataclass(frozen=True)
class Mapping:
    """Where each label of a taxonomy belongs in another.

    Example:
        >>> to_ekman = mapping("mikels8", "ekman6")
        >>> to_ekman.label("amusement"), to_ekman.label("awe")
        ('happiness', None)
    """

    source: Taxonomy
    target: Taxonomy
    table: dict[str, str | None] = field(hash=False)
    """Every label of the source, in its order, to a label of the target or to None."""
    citation: str

    def __post_init__(self) -> None:
        strangers = {name for name in self.table.values() if name is not None} - set(self.target.names)
        if tuple(self.table) != self.source.names or strangers:
            raise DataError(
                f"mapping {self.source.name} to {self.target.name}: the table must name every label of the "
                "first, in order, and lead to labels of the second or to None; it leads to these strangers: "
                f"{', '.join(sorted(strangers)) or 'none'}"
            )

    @property
    def unmapped(self) -> tuple[str, ...]:
        """The labels of the source that have no counterpart."""
        return tuple(name for name, target in self.table.items() if target is None)

    @property
    def unreachable(self) -> tuple[str, ...]:
        """The labels of the target that none of the source leads to."""
        reached = set(self.table.values())
        return tuple(name for name in self.target.names if name not in reached)

    def label(self, name: str) -> str | None:
        """Return the target's label for one of the source, or None where there is none.

        Raises:
            DataError: The source has no such label.
        """
        return self.table[self.source.resolve(name)]

    def matrix(self) -> NDArray[np.float64]:
        """Return the mapping as a matrix (source labels, target labels): a row has a single 1, or none."""
        matrix = np.zeros((len(self.source), len(self.target)))
        for row, target in enumerate(self.table.values()):
            if target is not None:
                matrix[row, self.target.index(target)] = 1
        return matrix

    def apply(self, probabilities: ArrayLike, *, renormalize: bool = False) -> NDArray[np.float64]:
        """Add up the probabilities of the labels that go to the same label.

        Args:
            probabilities: (…, source labels); counts and votes add up as well.
            renormalize: Divide by what was mapped, so that the result sums to 1 again. Without it, what
                belongs to unmapped labels is lost, and the sum says how much was kept.

        Returns:
            (…, target labels); NaN throughout where `renormalize` finds nothing mapped.

        Raises:
            DataError: The last axis is not as long as the source has labels.
        """
        values = np.asarray(probabilities, dtype=np.float64)
        if values.ndim == 0 or values.shape[-1] != len(self.source):
            raise DataError(
                f"mapping {self.source.name} to {self.target.name}: expected {len(self.source)} values a row "
                f"({', '.join(self.source.names)}), found the shape {values.shape}"
            )
        mapped: NDArray[np.float64] = values @ self.matrix()
        if not renormalize:
            return mapped
        total = mapped.sum(axis=-1, keepdims=True)
        shares = np.full_like(mapped, np.nan)
        np.divide(mapped, total, out=shares, where=total > 0)
        return shares


_SENTIMENTS = ("sentiment2", "sentiment3", "webemo2")
_PARENTS = {
    "plutchik24": "plutchik8",
    "parrott-tertiary": "parrott25",
    "parrott25": "parrott6",
    "webemo25": "webemo7",
}
"""Levels whose labels name their parents in the next."""

_WITH_SADNESS = ("mikels8", "ekman6", "caer7", "plutchik8", "parrott6", "webemo7", "webemo8")
"""Taxonomies whose label sadness is the whole family; finer levels get there through their parents."""

_SHARED = "anger disgust fear sadness"
_JOY = (
    "joy, after Parrott 2001, who puts amusement, contentment and excitement under it; awe is not in his tree"
)
_TABLES: dict[tuple[str, str], tuple[str, dict[str, str]]] = {
    ("mikels8", "ekman6"): (
        f"Mikels et al. 2005 and Ekman 1992 share {_SHARED}; amusement, contentment and excitement are "
        "kinds of happiness in Parrott 2001 (under joy) and Ekman 2003 (enjoyable emotions)",
        {"happiness": "amusement contentment excitement"},
    ),
    ("ekman6", "mikels8"): (f"Ekman 1992 and Mikels et al. 2005 share {_SHARED}", {}),
    ("mikels8", "plutchik8"): (
        f"Mikels et al. 2005 and Plutchik 2001 share {_SHARED}; the positive emotions are {_JOY}",
        {"joy": "amusement contentment excitement"},
    ),
    ("plutchik8", "mikels8"): (f"Plutchik 2001 and Mikels et al. 2005 share {_SHARED}", {}),
    ("mikels8", "parrott6"): (
        f"Parrott 2001: disgust stands under anger, the positive emotions under {_JOY}",
        {"joy": "amusement contentment excitement", "anger": "anger disgust"},
    ),
    ("ekman6", "plutchik8"): (
        "Plutchik 2001: Ekman's six with happiness as joy, and trust and anticipation beside them",
        {"joy": "happiness"},
    ),
    ("ekman6", "parrott6"): (
        "Parrott 2001: Ekman's happiness is joy, and disgust stands under anger",
        {"joy": "happiness", "anger": "anger disgust"},
    ),
    ("plutchik8", "parrott6"): (
        "Parrott 2001: disgust stands under anger; trust and anticipation are not in his tree",
        {"anger": "anger disgust"},
    ),
    ("plutchik8", "ekman6"): (
        "Ekman 1992: six of Plutchik's eight, with joy as happiness; trust and anticipation are none of them",
        {"happiness": "joy"},
    ),
    ("caer7", "ekman6"): ("Lee et al. 2019 (CAER): Ekman's six and neutral", {}),
    ("ekman6", "caer7"): ("Lee et al. 2019 (CAER): Ekman's six and neutral", {}),
    ("webemo7", "parrott6"): (
        "Panda et al. 2018 (WEBEmo): Parrott's six, and confusion, which his tree does not have",
        {},
    ),
}
"""Publication, and target label to source labels; labels of the same name go to each other besides."""


def mapping(source: str | Taxonomy, target: str | Taxonomy) -> Mapping:
    """Return the mapping from one taxonomy to another, over others on the way where need be.

    To a sentiment every taxonomy maps, a user's own included. A user's own classes that carry the names of a
    published taxonomy map like it.

    Args:
        source: A published taxonomy's name, or a taxonomy.
        target: The same.

    Raises:
        DataError: A name is unknown, or no published mapping leads from one to the other.
    """
    start = taxonomy(source) if isinstance(source, str) else source
    goal = taxonomy(target) if isinstance(target, str) else target
    routes = _routes(start)
    if goal not in routes:
        names = ", ".join(sorted(reached.name for reached in routes if reached != start))
        raise DataError(
            f"no published mapping leads from the taxonomy {start.name!r} to {goal.name!r}; "
            f"from {start.name!r} there are mappings to: {names}"
        )
    return routes[goal]


def _routes(start: Taxonomy) -> dict[Taxonomy, Mapping]:
    """Return the mapping with the fewest steps to every taxonomy that can be reached."""
    routes = {start: _by_name(start, start, "the same labels")}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for step in _steps(here):
            if step.target not in routes:
                routes[step.target] = step if here == start else _join(routes[here], step)
                waiting.append(step.target)
    return routes


def _steps(source: Taxonomy) -> Iterator[Mapping]:
    """Yield the mappings that leave a taxonomy directly, to the sentiments first."""
    for name in _SENTIMENTS:
        yield _to_sentiment(source, taxonomy(name))
    if TAXONOMIES.get(source.name) != source:
        published = guess(source.names)
        if published is not None:
            yield _by_name(source, published, f"the same names as in {published.name}")
        return
    if source.name in _PARENTS:
        parents = {label.name: label.parent for label in source}
        yield Mapping(source, taxonomy(_PARENTS[source.name]), parents, source.source)
    if source.name in _WITH_SADNESS:
        others = {name: "others" for name in source.names if name != "sadness"}
        yield _by_name(source, taxonomy("sadness2"), taxonomy("sadness2").source, others)
    for (start, end), (citation, gathered) in _TABLES.items():
        if start == source.name:
            other = {name: target for target, names in gathered.items() for name in names.split()}
            yield _by_name(source, taxonomy(end), citation, other)


def _to_sentiment(source: Taxonomy, target: Taxonomy) -> Mapping:
    table = {label.name: label.sentiment if label.sentiment in target.names else None for label in source}
    return Mapping(source, target, dict(table), f"the sentiments of {source.name}: {source.source}")


def _by_name(
    source: Taxonomy, target: Taxonomy, citation: str, other: dict[str, str] | None = None
) -> Mapping:
    """Send each label to where `other` says, else to the label that its name means in the target, if any."""
    table: dict[str, str | None] = {}
    for name in source.names:
        there = (other or {}).get(name, name)
        table[name] = target.resolve(there) if there in target else None
    return Mapping(source, target, table, citation)


def _join(first: Mapping, second: Mapping) -> Mapping:
    """Follow one mapping by the next."""
    table = {name: None if middle is None else second.table[middle] for name, middle in first.table.items()}
    return Mapping(first.source, second.target, table, f"{first.citation}; then {second.citation}")
