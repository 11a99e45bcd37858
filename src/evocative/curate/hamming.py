"""Which of many 64-bit hashes differ in few bits: an index, not all pairs.

Multi-index hashing (Norouzi, Punjani & Fleet 2012): the word is cut into four bands of 16 bits. Two words
that differ in at most r bits differ in at most r // 4 bits in one of the bands (pigeonhole), so whoever looks
into the buckets of its own bands with up to r // 4 bits changed finds every such pair. A million words give
buckets of 15, and memory is a few arrays of a million numbers and a block of candidates.

Differs from the paper in: buckets are joined with each other, band by band, in place of single queries.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from jaxtyping import Int64, UInt8, UInt64
from numpy.typing import NDArray

from evocative.errors import DataError

BANDS = 4
WIDTH = 16
"""Bits of a band."""
MAX_RADIUS = 15
"""Beyond it nearly everything is looked at: four changed bits a band are a quarter of all buckets' pairs."""
BLOCK = 1 << 17
"""Candidates that are compared at once: few enough for the processor's cache."""


def near_pairs(
    words: UInt64[np.ndarray, " N"],
    *,
    radius: int,
    mask: int = 0,
    queries: UInt64[np.ndarray, " N"] | None = None,
) -> tuple[Int64[np.ndarray, "M 2"], UInt8[np.ndarray, " M"]]:
    """Return all pairs i < j whose words differ in at most `radius` bits.

    Args:
        words: Hashes; equal ones are found as well, so collapse them first where there are many.
        radius: Bits, 0 to 15. The work grows with the number of ways to change radius // 4 of 16 bits: 1, 17,
            137 and 697 buckets a band.
        mask: Bits that are flipped in one of the two beforehand: with the bits that mirroring flips, an image
            meets the mirror images of others.
        queries: Other words of the same N things: i and j are a pair if queries[i] is near words[j] or
            queries[j] near words[i].

    Returns:
        Pairs in ascending order, and in how many bits they differ (the least, of several ways).

    Raises:
        DataError: The radius is none that the index can answer.

    Example:
        >>> near_pairs(np.array([0, 7, 255], dtype=np.uint64), radius=3)[0].tolist()
        [[0, 1]]
    """
    if not 0 <= radius <= MAX_RADIUS:
        raise DataError(f"radius: expected 0 to {MAX_RADIUS} of 64 bits, found {radius}")
    count = len(words)
    found = [np.zeros((0, 2), np.int64)]
    bits = [np.zeros(0, np.uint8)]
    for band in range(BANDS):
        for pairs, distances in _band(words, words if queries is None else queries, band, radius, mask):
            found.append(pairs)
            bits.append(distances)
    pairs, distances = np.concatenate(found), np.concatenate(bits)
    low, high = pairs.min(axis=1, initial=count), pairs.max(axis=1, initial=0)
    distinct = low < high
    keys, distances = (low * count + high)[distinct], distances[distinct]
    order = np.lexsort((distances, keys))
    keys, first = np.unique(keys[order], return_index=True)
    return np.stack([keys // max(count, 1), keys % max(count, 1)], axis=1), distances[order][first]


def _band(
    words: UInt64[np.ndarray, " N"], queries: UInt64[np.ndarray, " N"], band: int, radius: int, mask: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
    """Yield the pairs that are near in one band, and near as a whole."""
    order, sorted_words, keys = _sorted(words, band)
    same = queries is words
    ask_order, ask_words, ask_keys = (order, sorted_words, keys) if same else _sorted(queries, band)
    starts = np.searchsorted(keys, np.arange((1 << WIDTH) + 1)).astype(np.int64)
    asked = ask_words ^ np.uint64(mask)
    band_mask = (mask >> (band * WIDTH)) & ((1 << WIDTH) - 1)
    for change in changes(radius // BANDS):
        flip = change ^ band_mask
        theirs = ask_keys ^ flip
        begin, end = starts[theirs], starts[theirs + 1]
        if same and flip:  # buckets k and k^flip meet once, from the lower one
            end = np.where(ask_keys < theirs, end, begin)
        elif same:  # within a bucket: with those further on
            begin = np.minimum(np.arange(len(keys)) + 1, end)
        for left, right, distances in _compare(asked, sorted_words, begin, end - begin, radius):
            yield np.stack([ask_order[left], order[right]], axis=1), distances


def _sorted(
    words: UInt64[np.ndarray, " N"], band: int
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64]]:
    """Return the order by one band's key, the words and the keys in it."""
    keys = ((words >> np.uint64(band * WIDTH)) & np.uint64((1 << WIDTH) - 1)).astype(np.int64)
    order = np.argsort(keys, kind="stable")
    return order, words[order], keys[order]


def _compare(
    asked: NDArray[np.uint64],
    words: NDArray[np.uint64],
    begin: NDArray[np.int64],
    sizes: NDArray[np.int64],
    radius: int,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]]:
    """Compare row i with words[begin[i] : begin[i] + sizes[i]], in blocks; yield what is near."""
    rows = np.flatnonzero(sizes)
    ends = np.cumsum(sizes[rows])
    at = 0
    while at < len(rows):
        base = int(ends[at - 1]) if at else 0
        stop = max(at + 1, int(np.searchsorted(ends, base + BLOCK, side="right")))
        part = rows[at:stop]
        counts = sizes[part]
        shift = begin[part] - (ends[at:stop] - counts - base)
        partner = np.arange(int(ends[stop - 1]) - base) + np.repeat(shift, counts)
        distances = np.bitwise_count(np.repeat(asked[part], counts) ^ words[partner])
        hits = np.flatnonzero(distances <= radius)
        if len(hits):
            left = part[np.searchsorted(ends[at:stop] - base, hits, side="right")]
            yield left, partner[hits], distances[hits]
        at = stop


def changes(most: int) -> list[int]:
    """Return every number of 16 bits with at most so many of them set.

    Example:
        >>> [len(changes(most)) for most in range(4)]
        [1, 17, 137, 697]
    """
    return [
        sum(1 << bit for bit in chosen)
        for number in range(most + 1)
        for chosen in combinations(range(WIDTH), number)
    ]
