"""How different pictures are from each other, and whether they are copies: on rows of features.

    mean_cosine_distance(embedding)         # 0: all point one way; 1: at right angles on average
    vendi_score(embedding)                  # how many different ones there seem to be: 1 to N
    diversity(embedding, n=50)              # both, averaged over draws of 50 rows: comparable between sets
    nearest(made, real)                     # for each row the nearest of others, and how far it is
    copying(made, trained_on, held_out)     # share of rows that are nearer to what a generator was shown

Both measures grow or shrink with the number of rows, so that sets are compared at equal n only. Features of a
network are not centred here: their cosines are positive, and a set of photographs says what much is.
"""

from dataclasses import asdict, dataclass
from math import nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evocative.errors import DataError
from evocative.metrics.checks import as_embedding

DRAWS = 20
"""Of rows, where there are more than are compared."""
_AT_ONCE = 1024
"""Rows whose distances to all others are in memory at a time."""


@dataclass(frozen=True)
class Diversity:
    """How different the rows of a set are, at `n` rows."""

    n: int
    """Rows that were compared at once."""
    available: int
    """Rows that there are."""
    distance: float
    """Mean cosine distance of two different rows, in [0, 2]; nan with fewer than two."""
    vendi: float
    """Vendi score, in [1, n]; nan without rows."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, for a report."""
        return asdict(self)


def cosines(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Return the cosine of each row of one matrix (N, D) with each of another (M, D); 0 of a row of zeros.

    Raises:
        DataError: The matrices are not of one width.
    """
    one, other = as_embedding(first), as_embedding(second)
    if one.shape[1] != other.shape[1]:
        raise DataError(f"features to compare need one width: found {one.shape[1]} and {other.shape[1]}")
    return np.asarray(np.clip(_units(one) @ _units(other).T, -1, 1), dtype=np.float64)


def mean_cosine_distance(embedding: ArrayLike) -> float:
    """Return the mean of 1 - cosine over all pairs of different rows of (N, D); nan with fewer than two rows.

    Example:
        >>> mean_cosine_distance([[1.0, 0.0], [0.0, 2.0], [0.0, 1.0]])  # 1, 1 and 0
        0.6666666666666667
    """
    units = _units(as_embedding(embedding))
    count = len(units)
    if count < 2:
        return nan
    # the sum over all ordered pairs is |Σ u|² less each row with itself: no matrix of N × N
    pairs = np.square(units.sum(axis=0)).sum() - np.square(units).sum()
    return float(np.clip(1 - pairs / (count * (count - 1)), 0, 2))


def mean_of_pairs(distances: ArrayLike) -> float:
    """Return the mean of a symmetric matrix (N, N) without its diagonal; nan with fewer than two rows."""
    values = np.asarray(distances, dtype=np.float64)
    above = values[np.triu_indices(len(values), k=1)]
    return float(above.mean()) if above.size else nan


def vendi_score(embedding: ArrayLike) -> float:
    """Return the Vendi score of (N, D) with the cosine as kernel, in [1, N]: an effective number of rows.

    exp of the entropy of the eigenvalues of K / N (Friedman & Dieng 2023, "The Vendi Score", eq. 1-2): 1 if
    all rows point one way, N if each is at right angles to all others.

    Differs from the paper in: a row of zeros, whose cosine is undefined, counts as at right angles to all.

    Example:
        >>> round(vendi_score([[1.0, 0.0], [0.0, 2.0], [0.0, 1.0]]), 3)  # exp(-(1/3 ln 1/3 + 2/3 ln 2/3))
        1.89
    """
    rows = as_embedding(embedding)
    if not len(rows):
        return nan
    units = _units(rows)
    # K / N and the smaller matrix of features have the same eigenvalues other than 0
    smaller = units @ units.T if len(rows) <= rows.shape[1] else units.T @ units
    zeros = int((~units.any(axis=1)).sum())
    values = np.append(np.linalg.eigvalsh(smaller), np.ones(zeros)) / len(rows)
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))


def diversity(embedding: ArrayLike, *, n: int | None = None, draws: int = DRAWS, seed: int = 0) -> Diversity:
    """Measure both, at a number of rows that other sets have as well.

    Args:
        embedding: (N, D).
        n: Rows to compare at once: means over draws of so many without replacement; None takes all, once.
        draws: Of rows.
        seed: Of the draws.

    Raises:
        DataError: More rows are wanted than there are.
    """
    rows = as_embedding(embedding)
    n = len(rows) if n is None else n
    if n > len(rows):
        raise DataError(f"diversity at {n} rows needs as many: found {len(rows)}")
    generator = np.random.default_rng(seed)
    chosen = [np.arange(n)] if n == len(rows) else [
        generator.choice(len(rows), n, replace=False) for _ in range(draws)
    ]  # fmt: skip
    found = [(mean_cosine_distance(rows[each]), vendi_score(rows[each])) for each in chosen]
    distance, vendi = np.mean(found, axis=0).tolist()
    return Diversity(n, len(rows), distance, vendi)


def nearest(
    rows: ArrayLike, others: ArrayLike, *, same: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return for each row (N, D) the nearest of others (M, D) by cosine, and the distance to it.

    Args:
        rows: What to look from.
        others: What to look at.
        same: Both are the same rows: no row is its own neighbour.

    Raises:
        DataError: There is no other row.
    """
    one, other = as_embedding(rows), as_embedding(others)
    if len(other) <= int(same):
        raise DataError("a nearest row needs another one: found none")
    places, far = np.zeros(len(one), dtype=np.int64), np.zeros(len(one))
    for start in range(0, len(one), _AT_ONCE):
        distances = 1 - cosines(one[start : start + _AT_ONCE], other)
        lines = np.arange(len(distances))
        if same:
            distances[lines, start + lines] = np.inf
        nearest_here = distances.argmin(axis=1)
        places[start + lines], far[start + lines] = nearest_here, distances[lines, nearest_here]
    return places, far


def copying(made: ArrayLike, shown: ArrayLike, held_out: ArrayLike, *, seed: int = 0) -> NDArray[np.float64]:
    """Tell for each made row whether it is nearer to what its maker was shown (1) or to the rest (0).

    The larger of the two sets is drawn down to the smaller, so that the mean is 0.5 for a generator that has
    learnt without copying, and 1 for one that has learnt by heart (after Meehan 2020, "A Non-Parametric Test
    to Detect Data-Copying in Generative Models", whose test statistic is over cells; this is one cell).

    Args:
        made: (N, D).
        shown: (M, D), of the training.
        held_out: (H, D), of the same kind as `shown` and never shown.
        seed: Of the draw.

    Returns:
        (N,) of 0, 0.5 (as near to both) and 1.
    """
    generator = np.random.default_rng(seed)
    one, other = as_embedding(shown), as_embedding(held_out)
    count = min(len(one), len(other))
    one, other = (each[np.sort(generator.choice(len(each), count, replace=False))] for each in (one, other))
    to_shown, to_rest = nearest(made, one)[1], nearest(made, other)[1]
    return np.asarray((1 + np.sign(to_rest - to_shown)) / 2, dtype=np.float64)


def _units(rows: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Scale rows to length 1; zeros stay."""
    values = rows.astype(np.float64)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.where(lengths > 0, lengths, 1))
