"""The k-th smallest of all pairwise distances, exactly, without keeping the distances.

Definition: with D(i, j) = Σ_c (x_ic - x_jc)², differences, squares and sums in float64 and summed over the
columns in their order, the answer is the square root of the k-th smallest D(i, j) over all i < j. It equals
`np.partition(scipy.spatial.distance.pdist(x), k - 1)[k - 1]`, in time and memory that pdist cannot have.

How: (1) A sample of pairs proposes a narrow bracket around the answer. (2) One pass over all pairs computes
|a|² + |b|² - 2ab as a float32 matrix product A, for which |A - D| ≤ margin is proven (below), and counts the
pairs that are surely under the bracket. Pairs that the margin leaves in doubt are computed again as defined
and sorted into "under", "inside" and "over". Where float32 would leave too many in doubt (tight groups, far
apart), the product is float64. (3) The answer is read from those inside, if the counts prove that it lies
there; otherwise the bracket is widened. The sample decides how long it takes, never the result.

The margin: rows are centred, scaled by a power of two so that no entry exceeds 1, and rounded to the type of
the product (unit roundoff u: 2⁻²⁴ or 2⁻⁵³). With s the norm of a row: centring and rounding move a difference
by at most 2u(s_i + s_j), and its square by 4u(s_i + s_j)² up to second order; a product of length p + 2 in
any order of summation, fused or not, errs by at most γ(p + 2) = (p + 2)u / (1 - (p + 2)u) times Σ|a_k b_k| ≤
(s_i + s_j)² (Higham 2002, section 3.1), of which the two norms are rounded once more; their sums and those
of D itself err by γ(2p + 2) of float64. With the growth g = (p + 8)u + (2p + 8)2⁻⁵³ the margin
g / (1 - g) · (s_i + s_j)² covers all this. A matrix product that computes in less than its type (TF32,
bfloat16) would break it; no BLAS does so unasked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import frexp, inf, ldexp, sqrt

import numpy as np
from numpy.typing import NDArray

from evocative.errors import DataError

_UNDERFLOW = 2.0**-100  # more than products can lose to underflow
_TILE_ROWS, _TILE_COLUMNS = 512, 2048
_SHIFTS = 32  # the sample has this many pairs a row
_BATCH = 1 << 16  # pairs in doubt that are computed together
_KEEP = 1 << 21  # values inside the bracket above which ties are merged
_CROWDED = 0.15  # share of pairs in doubt above which it is quicker to compute all pairs of a tile


def kth_smallest_distance(points: NDArray[np.floating], k: int, *, seed: int = 0) -> float:
    """Return the k-th smallest Euclidean distance among all N(N-1)/2 pairs of rows.

    Args:
        points: (N, D), finite, N ≥ 2.
        k: the rank, from 1 (the smallest) to N(N-1)/2 (the largest).
        seed: of the sample of pairs that proposes a bracket; it changes the time, never the result.

    Raises:
        DataError: there are fewer than two rows, a value is not finite, or no such rank exists.

    Example:
        >>> kth_smallest_distance(np.array([[0.0], [3.0], [7.0]]), 2)
        4.0
    """
    exact, scale = _scaled(points)
    n_rows = len(exact)
    n_pairs = n_rows * (n_rows - 1) // 2
    if not 1 <= k <= n_pairs:
        raise DataError(
            f"rank {k} of the pairwise distances does not exist: {n_rows} rows have {n_pairs} pairs"
        )
    if not np.ptp(exact, axis=0).any():  # every row is the same
        return 0.0
    rng = np.random.default_rng(seed)
    exact, centred = _by_norm(exact)
    sample = _sample_of_squares(exact, rng)
    width = 5.0  # standard errors of the sample's quantile: fails about once in a million
    while True:
        bracket = _bracket(sample, k / n_pairs, width)
        fast = _fast_rows(centred, sample, bracket)
        found = _count_and_collect(exact.T.copy(), fast, bracket).rank(k)
        if found is not None:
            return ldexp(sqrt(found), scale)
        width *= 4


def _scaled(points: NDArray[np.floating]) -> tuple[NDArray[np.float64], int]:
    """Return the rows in float64, divided by 2^scale so that no entry exceeds 1, and that scale (exact)."""
    rows = np.asarray(points, dtype=np.float64)
    if rows.ndim != 2 or len(rows) < 2:
        raise DataError(f"pairwise distances need an array (N, D) with N ≥ 2, found shape {rows.shape}")
    largest = float(np.max(np.abs(rows), initial=0.0))
    if not np.isfinite(largest):
        bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
        raise DataError(
            f"the embedding has values that are not finite in {bad.size} of {len(rows)} rows "
            f"(the first is row {bad[0]}): leave those rows out"
        )
    scale = frexp(largest)[1]
    return np.ldexp(rows, -scale), scale


def _by_norm(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the rows and the centred rows, those nearest to the centre (the median) first.

    In this order, and about this centre, a few far-away rows do not loosen the margin of all others.
    """
    centred = rows - np.median(rows, axis=0)
    order = np.argsort(np.einsum("nd,nd->n", centred, centred), kind="stable")
    return rows[order], centred[order]


@dataclass(frozen=True)
class _FastRows:
    """Rows whose products left[i] · right[j] are squared distances, in units of 4^scale, within a margin."""

    left: NDArray[np.floating]  # (N, D + 2): -2x, |x|², 1
    right: NDArray[np.floating]  # (N, D + 2): x, 1, |x|²
    norms: NDArray[np.float64]  # (N,), ascending
    scale: int

    @classmethod
    def of(cls, centred: NDArray[np.float64], dtype: type[np.floating]) -> "_FastRows":
        scale = frexp(float(np.max(np.abs(centred), initial=0.0)))[1]
        rows = np.ldexp(centred, -scale).astype(dtype)
        squares = np.einsum("nd,nd->n", rows, rows, dtype=np.float64)[:, None]
        ones = np.ones_like(squares)
        return cls(
            left=np.hstack([-2 * rows, squares, ones], dtype=dtype, casting="same_kind"),
            right=np.hstack([rows, ones, squares], dtype=dtype, casting="same_kind"),
            norms=np.maximum.accumulate(np.sqrt(squares[:, 0])) * (1 + 1e-6),
            scale=scale,
        )

    def margin(self, last_row: int, last_column: int) -> float:
        """Return a bound of |left · right - D| for all pairs up to these two rows."""
        n_dimensions = self.left.shape[1] - 2
        growth = (n_dimensions + 8) * float(np.finfo(self.left.dtype).eps) / 2
        growth += (2 * n_dimensions + 8) * 2.0**-53
        reach = float(self.norms[last_row] + self.norms[last_column])
        return growth / (1 - growth) * reach**2 + _UNDERFLOW if growth < 0.5 else inf

    def limits(
        self, bracket: tuple[float, float], rows: slice, columns: slice
    ) -> tuple[np.floating, np.floating]:
        """Return what products must be under, or over, to be surely outside the bracket, rounded outward."""
        margin = self.margin(rows.stop - 1, columns.stop - 1)
        low, high = (ldexp(bound, -2 * self.scale) for bound in bracket)
        kind = self.left.dtype.type
        with np.errstate(over="ignore"):
            return np.nextafter(kind(low - margin), kind(-inf)), np.nextafter(kind(high + margin), kind(inf))


def _fast_rows(
    centred: NDArray[np.float64], sample: NDArray[np.float64], bracket: tuple[float, float]
) -> _FastRows:
    """Return float32 rows, or float64 where the margin of float32 would leave too many pairs in doubt."""
    fast = _FastRows.of(centred, np.float32)
    margin = ldexp(fast.margin(-1, -1), 2 * fast.scale) if len(centred) > _TILE_ROWS else 0.0
    first, last = np.searchsorted(sample, [bracket[0] - margin, bracket[1] + margin])
    return fast if last - first <= 0.05 * sample.size else _FastRows.of(centred, np.float64)


def _sample_of_squares(rows: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return squared distances of sampled pairs, sorted: each row, once shuffled, with the one `shift` on."""
    n_rows = len(rows)
    rows = rows[rng.permutation(n_rows)]
    shifts = rng.permutation(np.arange(1, n_rows // 2 + 1))[:_SHIFTS]
    sample = np.empty((len(shifts), n_rows))
    for line, shift in zip(sample, shifts, strict=True):
        for start in range(0, n_rows, _TILE_ROWS):
            stop = min(start + _TILE_ROWS, n_rows)
            difference = rows[start:stop] - rows.take(range(start + shift, stop + shift), axis=0, mode="wrap")
            np.einsum("nd,nd->n", difference, difference, out=line[start:stop])
    return np.sort(sample, axis=None)


def _bracket(sample: NDArray[np.float64], fraction: float, width: float) -> tuple[float, float]:
    """Return squared distances that very probably enclose the quantile: the sample's, ± width errors."""
    spread = width * sqrt(fraction * (1 - fraction) * sample.size) + width
    first, last = int(fraction * sample.size - spread), int(fraction * sample.size + spread) + 1
    low = sample[first] * (1 - 1e-12) if first >= 0 else 0.0
    high = sample[last] * (1 + 1e-12) if last < sample.size else inf
    return float(low), float(high)


@dataclass
class _Tally:
    """How many squared distances lie under the bracket, and which ones lie inside (ties counted)."""

    bracket: tuple[float, float]
    below: int = 0
    values: list[NDArray[np.float64]] = field(default_factory=list)
    counts: list[NDArray[np.intp]] = field(default_factory=list)
    kept: int = 0

    def add(self, squares: NDArray[np.float64]) -> None:
        """Count these squared distances, and keep those inside the bracket."""
        low, high = self.bracket
        self.below += int(np.count_nonzero(squares < low))
        inside = squares[(squares >= low) & (squares <= high)]
        self.values.append(inside)
        self.counts.append(np.ones(inside.size, np.intp))
        self.kept += inside.size
        if self.kept > _KEEP:
            self.merge()

    def merge(self) -> None:
        """Merge ties."""
        if self.values:
            values, place = np.unique(np.concatenate(self.values), return_inverse=True)
            counts = np.zeros(values.size, np.intp)
            np.add.at(counts, place, np.concatenate(self.counts))
            self.values, self.counts, self.kept = [values], [counts], 0

    def rank(self, k: int) -> float | None:
        """Return the k-th smallest squared distance, or None where it does not lie inside the bracket."""
        self.merge()
        if k <= self.below or not self.values:
            return None
        place = int(np.searchsorted(np.cumsum(self.counts[0]), k - self.below))
        return float(self.values[0][place]) if place < self.values[0].size else None


def _count_and_collect(columns: NDArray[np.float64], fast: _FastRows, bracket: tuple[float, float]) -> _Tally:
    """Pass once over all pairs; `columns` is (D, N), its N in the order of the fast rows."""
    tally = _Tally(bracket)
    waiting: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    for rows, others in _tiles(len(fast.left)):
        products = fast.left[rows] @ fast.right[others].T
        if others.start < rows.stop:  # the tile holds pairs (i, j) with j ≤ i
            height, width = products.shape
            products[np.tri(height, width, rows.start - others.start, dtype=np.bool_)] = inf
        floor, ceiling = fast.limits(bracket, rows, others)
        under = products < floor
        tally.below += int(np.count_nonzero(under))
        doubtful = np.flatnonzero((products <= ceiling) & np.isfinite(products) & ~under)
        if doubtful.size > _CROWDED * products.size:
            _compute_tile(columns, rows, others, doubtful, tally)
            continue
        i, j = np.divmod(doubtful, products.shape[1])
        waiting.append((i + rows.start, j + others.start))
        if sum(side.size for side, _ in waiting) >= _BATCH:
            _compute_pairs(columns, waiting, tally)
            waiting = []
    _compute_pairs(columns, waiting, tally)
    return tally


def _tiles(n_rows: int) -> Iterator[tuple[slice, slice]]:
    """Yield tiles that hold every pair (i, j) with i < j once; those on the diagonal hold others too."""
    for top in range(0, n_rows, _TILE_ROWS):
        for left in range(top, n_rows, _TILE_COLUMNS):
            yield slice(top, min(top + _TILE_ROWS, n_rows)), slice(left, min(left + _TILE_COLUMNS, n_rows))


def _squared_distances(
    columns: NDArray[np.float64], i: NDArray[np.intp], j: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return D(i, j) as the definition says; i and j are broadcast against each other."""
    squares = np.zeros(np.broadcast_shapes(i.shape, j.shape))
    difference = np.empty_like(squares)
    for column in columns:
        np.subtract(column[i], column[j], out=difference)
        difference *= difference
        squares += difference
    return squares


def _compute_pairs(
    columns: NDArray[np.float64], pairs: list[tuple[NDArray[np.intp], NDArray[np.intp]]], tally: _Tally
) -> None:
    """Compute these pairs one by one and tell the tally."""
    if pairs:
        every_i, every_j = (np.concatenate(side) for side in zip(*pairs, strict=True))
        for start in range(0, every_i.size, _BATCH):
            batch = slice(start, start + _BATCH)
            tally.add(_squared_distances(columns, every_i[batch], every_j[batch]))


def _compute_tile(
    columns: NDArray[np.float64], rows: slice, others: slice, doubtful: NDArray[np.intp], tally: _Tally
) -> None:
    """Compute all pairs of a tile, a few rows at a time, and tell the tally of the doubtful ones."""
    width, step = others.stop - others.start, 8
    j = np.arange(others.start, others.stop)[None, :]
    for top in range(rows.start, rows.stop, step):
        i = np.arange(top, min(top + step, rows.stop))[:, None]
        first, last = np.searchsorted(
            doubtful, [(top - rows.start) * width, (top - rows.start + len(i)) * width]
        )
        if first < last:
            squares = _squared_distances(columns, i, j).ravel()
            tally.add(squares[doubtful[first:last] - (top - rows.start) * width])
