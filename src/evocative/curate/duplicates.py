"""Duplicates: the same picture more than once, and labels that contradict each other.

    found = find_duplicates(table, store="store/")
    write_findings(found, "duplicates.csv")          # to look through
    find_leaks(table, found)                         # which of them a split takes apart (curate/leaks.py)

Same file, same pixels, and one picture re-encoded, scaled, cropped by a few per cent, mirrored or turned a
little are found with an index over 64-bit hashes and confirmed by aligning thumbnails, so that a hash that
agrees by chance is no finding. What only resembles is none, but a second photograph taken a moment later from
the same place often is one (17 to 24 of 56 near pairs of FI-8, docs/results/fi8.md): for splits that is
right, before dropping one has to look.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float32, Int64

from evocative.curate.clusters import Link, components, exact_links, near_links, pairs_of
from evocative.curate.findings import Action, Finding, Findings, collect
from evocative.curate.fingerprint import Fingerprints, Watch, fingerprints
from evocative.curate.similar import feature_links
from evocative.data.columns import SPLITS
from evocative.data.table import Table
from evocative.errors import DataError

KINDS = ("exact_duplicate", "near_duplicate")
"""Findings that say which images are one picture."""
_TIES = {
    "same file": "the same file as",
    "same pixels": "the same pixels as",
    "mirrored": "a mirror image of",
    "similar features": "much like",
}


def find_duplicates(
    table: Table, *, near: bool = True, radius: int = 11, threshold: float = 0.85, mirrored: bool = True,
    rotations: Sequence[float] = (5.0,), features: Float32[np.ndarray, "N D"] | None = None,
    cosine: float = 0.95, drop_near: bool = False, store: str | Path | None = None,
    watch: Watch | None = None,
) -> Findings:  # fmt: skip
    """Find images that a table has more than once.

    Of each cluster one row is kept: one of the test split first, then validation, then the largest image,
    then the first row. Of the others those that are the same file or pixels are suggested to be dropped, near
    ones to be reviewed: some are a second photograph of the scene. Where labels within a cluster differ,
    every row of it is to be reviewed, and has a finding `label_conflict` as well.

    Args:
        table: What to look at. Images that cannot be read are passed over.
        near: Also look for near-duplicates, not only for the same file or pixels.
        radius: Bits of 64 in which the hashes of candidates may differ, 0 to 15.
        threshold: Correlation, in (0, 1], that two thumbnails must reach once they are aligned.
        mirrored: Also look for mirror images.
        rotations: Angles in degrees; a picture turned by about so much, either way, is found.
        features: Vectors of the images from a network, zeros where it could read none
            (`inference.features.extract(…).pooled[0]`). What they link is to be reviewed, never dropped.
        cosine: What two features must reach, once their mean is taken off.
        drop_near: Suggest to drop near-duplicates, too, all but one of a cluster.
        store: A folder that keeps fingerprints by content, so that an interruption loses nothing finished.
        watch: Passes on the images that have to be looked at, to show progress.

    Returns:
        Findings of the kinds `exact_duplicate`, `near_duplicate` and `label_conflict`. A cluster bears the
        path of the row that is kept.

    Raises:
        DataError: A setting is out of range, or the store cannot be written.
    """
    if not 0 < threshold <= 1:
        raise DataError(f"threshold: expected a correlation above 0 and up to 1, found {threshold}")
    prints = fingerprints(table, store=store, watch=watch)
    links = exact_links(prints)
    if near:
        links += near_links(
            prints, known=links, radius=radius, threshold=threshold, mirrored=mirrored, rotations=rotations
        )
    if features is not None:
        links += feature_links(features, prints.ok & features.any(axis=1), cosine=cosine)
    settings = {
        "cosine": None if features is None else cosine,
        "near": near, "radius": radius, "threshold": threshold, "mirrored": mirrored,
        "rotations": list(rotations), "drop_near": drop_near,
    }  # fmt: skip
    found = _findings(table, prints, links, drop_near=drop_near)
    return collect(found, table=table, kind="duplicates", settings=settings)


def _members(clusters: Int64[np.ndarray, " N"]) -> Iterator[Int64[np.ndarray, " M"]]:
    """Yield the rows of each cluster of at least two, in order; -1 is none."""
    order = np.argsort(clusters, kind="stable")
    order = order[clusters[order] >= 0]
    if not len(order):
        return
    for rows in np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1):
        if len(rows) > 1:
            yield rows


def _findings(
    table: Table, prints: Fingerprints, links: Sequence[Link], *, drop_near: bool
) -> Iterator[Finding]:
    paths = table.frame["path"].astype(str).to_list()
    best: dict[int, Link] = {}
    for link in sorted(links, key=lambda one: -one.score):
        best.setdefault(link.first, link)
        best.setdefault(link.second, link)
    areas, sides = prints.sizes.prod(axis=1), _sides(table)
    labels = table.frame.get("label", pd.Series(pd.NA, index=table.frame.index, dtype="string"))
    for rows in _members(components(len(table), pairs_of(links))):
        kept = int(rows[np.lexsort((rows, -areas[rows], -sides[rows]))[0]])
        counts = labels.iloc[rows].value_counts()
        for row in rows:
            link = best[int(row)]
            kind = KINDS[0] if link.kind.startswith("same") else KINDS[1]
            other = paths[link.second if link.first == row else link.first]
            tie = _TIES.get(link.kind, "nearly the same picture as")
            alike = link.kind == "similar features"
            measure = f"features' cosine {link.score:.3f}" if alike else f"correlation {link.score:.3f}"
            detail = "" if kind == KINDS[0] else f" ({measure})"
            sure = kind == KINDS[0] or (drop_near and not alike)
            action: Action = "keep" if row == kept else "drop" if sure else "review"
            yield Finding(
                paths[row], kind, link.score, f"{tie} {other}{detail}; {len(rows)} in the cluster",
                "review" if len(counts) > 1 else action, paths[kept],
            )  # fmt: skip
        if len(counts) > 1:
            said = ", ".join(f"{label} {number}" for label, number in counts.items())
            share = 1 - float(counts.iloc[0]) / float(counts.sum())
            for row in rows:
                yield Finding(
                    paths[row], "label_conflict", share, f"one picture, labels {said}", "review", paths[kept]
                )


def _sides(table: Table) -> Int64[np.ndarray, " N"]:
    """Return each row's place in train, validation, test; -1 where it has none."""
    names = table.frame.get("split", pd.Series(pd.NA, index=table.frame.index, dtype="string"))
    codes = names.map({name: code for code, name in enumerate(SPLITS)})
    return pd.to_numeric(codes).fillna(-1).to_numpy(dtype=np.int64)
