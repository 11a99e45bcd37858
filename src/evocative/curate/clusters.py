"""Which images are one picture: candidates from an index, confirmed one by one, joined to clusters.

A candidate pair is confirmed by warping one thumbnail onto the other (`alignment`). A pair whose images are
in one cluster already is not looked at any more, so that a thousand copies of one picture cost about a
thousand looks in place of half a million.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt64
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from evocative.curate.alignment import agreement, turned, warp
from evocative.curate.fingerprint import MIRROR, SIDE, Fingerprints, words_of
from evocative.curate.hamming import near_pairs

Kind = Literal["same file", "same pixels", "near", "mirrored", "similar features"]


@dataclass(frozen=True)
class Link:
    """Two images that are one picture."""

    first: int
    second: int
    """Rows of the table."""
    kind: Kind
    score: float
    """1 for the same file or pixels; else the correlation once aligned, or the features' cosine."""


def components(rows: int, pairs: Int64[np.ndarray, "M 2"]) -> Int64[np.ndarray, " rows"]:
    """Return the number of each row's component; rows that are linked, over others too, share one."""
    ones = np.ones(len(pairs), np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(rows, rows))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def pairs_of(links: Sequence[Link]) -> Int64[np.ndarray, "M 2"]:
    """Return the rows that links join."""
    return np.array([(link.first, link.second) for link in links], np.int64).reshape(-1, 2)


def exact_links(prints: Fingerprints) -> list[Link]:
    """Link rows of the same file, and rows of the same pixels in other files, each to the first such row."""
    links: list[Link] = []
    files: dict[str, int] = {}
    pixels: dict[str, int] = {}
    for row, (file, content) in enumerate(zip(prints.file, prints.pixels, strict=True)):
        if not file:
            continue
        first = files.setdefault(file, row)
        if first != row:
            links.append(Link(first, row, "same file", 1.0))
        elif content and (same := pixels.setdefault(content, row)) != row:
            links.append(Link(same, row, "same pixels", 1.0))
    return links


def near_links(
    prints: Fingerprints, *, known: Sequence[Link] = (), radius: int = 11, threshold: float = 0.85,
    mirrored: bool = True, rotations: Sequence[float] = (5.0,),
) -> list[Link]:  # fmt: skip
    """Link images that are one picture re-encoded, scaled, cropped a little, mirrored or turned a little.

    Args:
        prints: Of the images.
        known: Links that are certain; what they join is not looked at again.
        radius: Bits of 64 in which candidates' words may differ, 0 to 15 (see `hamming.near_pairs`).
        threshold: Correlation that a pair must reach once aligned.
        mirrored: Also look for mirror images.
        rotations: Angles in degrees; a picture turned by about so much, either way, is found.
    """
    links = list(known)
    looks: list[float | None] = [0.0, *rotations, *([None] if mirrored else [])]
    for angle in looks:
        _, single = np.unique(components(len(prints.file), pairs_of(links)), return_index=True)
        rows = single[prints.textured[single]]  # one row of each cluster is enough
        words = prints.words[rows]
        if angle is None:
            candidates = _candidates(words, radius, mask=MIRROR)
        else:
            asked = _turned_words(prints, rows, angle) if angle else None
            candidates = _candidates(words, radius, queries=asked)
        kind: Kind = "mirrored" if angle is None else "near"
        links += _confirmed(
            prints, rows[candidates], kind, links=links, threshold=threshold, rotations=rotations
        )
    return links[len(known) :]


def _candidates(
    words: UInt64[np.ndarray, " n"],
    radius: int,
    *,
    mask: int = 0,
    queries: UInt64[np.ndarray, " n"] | None = None,
) -> NDArray[np.int64]:
    """Return pairs of places, nearest first; equal words are collapsed before the index sees them."""
    both = np.stack([words, words if queries is None else queries], axis=1)
    _, first, inverse = np.unique(both, axis=0, return_index=True, return_inverse=True)
    asked = None if queries is None else queries[first]
    pairs, distances = near_pairs(words[first], radius=radius, mask=mask, queries=asked)
    order = np.argsort(inverse.reshape(-1), kind="stable")
    follows = np.flatnonzero(np.diff(inverse.reshape(-1)[order]) == 0)
    equal = np.stack([order[follows], order[follows + 1]], axis=1) if not mask else np.zeros((0, 2), np.int64)
    return np.concatenate([equal, first[pairs[np.argsort(distances, kind="stable")]]])


def _turned_words(prints: Fingerprints, rows: NDArray[np.int64], angle: float) -> UInt64[np.ndarray, " n"]:
    """Return the words that images would have if they were turned."""
    words = np.zeros(len(rows), np.uint64)
    line = (np.arange(SIDE) + 0.5) * 2 / SIDE - 1
    points = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    for start in range(0, len(rows), 1024):
        part = rows[start : start + 1024]
        maps = _turns(prints, part, -angle)  # a turned image reads where its points came from
        values: Float32[np.ndarray, "n P"] = warp(prints.thumbnails[part].astype(np.float32), maps, points)
        words[start : start + 1024] = words_of(values.reshape(-1, SIDE, SIDE))
    return words


def _turns(prints: Fingerprints, rows: NDArray[np.int64], angle: float) -> Float64[np.ndarray, "n 2 3"]:
    aspects = prints.sizes[rows, 0] / np.maximum(prints.sizes[rows, 1], 1)
    known = {aspect: turned(angle, aspect) for aspect in np.unique(aspects)}
    return np.array([known[aspect] for aspect in aspects]).reshape(-1, 2, 3)


def _confirmed(
    prints: Fingerprints, pairs: NDArray[np.int64], kind: Kind, *, links: Sequence[Link], threshold: float,
    rotations: Sequence[float],
) -> list[Link]:  # fmt: skip
    """Confirm candidates in rounds, one for each two clusters that they would join."""
    count = len(prints.file)
    found: list[Link] = []
    labels = components(count, pairs_of(links))
    while len(pairs):
        ends = np.sort(labels[pairs], axis=1)
        open_ = ends[:, 0] != ends[:, 1]
        pairs, ends = pairs[open_], ends[open_]
        _, now = np.unique(ends[:, 0] * count + ends[:, 1], return_index=True)
        scores = _scores(prints, pairs[now], kind, threshold, rotations)
        good = scores >= threshold
        found += [
            Link(int(first), int(second), kind, float(score))
            for (first, second), score in zip(pairs[now][good], scores[good], strict=True)
        ]
        pairs = np.delete(pairs, now, axis=0)
        if good.any():
            labels = components(count, pairs_of([*links, *found]))
    return found


def _scores(
    prints: Fingerprints, pairs: NDArray[np.int64], kind: Kind, threshold: float, rotations: Sequence[float]
) -> Float64[np.ndarray, " m"]:
    """Return the correlation of each pair once aligned, from the best of several starts."""
    still = np.tile(np.eye(2, 3), (len(pairs), 1, 1))
    first, second = (prints.thumbnails[pairs[:, side]] for side in (0, 1))
    second = second[:, :, ::-1] if kind == "mirrored" else second
    scores = agreement(first, second, still)[0]
    for angle in (sign * angle for angle in rotations for sign in (1, -1)):
        rest = np.flatnonzero(scores < threshold)
        if not len(rest):
            break
        starts = _turns(prints, pairs[rest, 0], angle)
        scores[rest] = np.maximum(scores[rest], agreement(first[rest], second[rest], starts)[0])
    return scores
