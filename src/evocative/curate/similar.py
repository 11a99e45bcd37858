"""Images whose features nearly agree: heavier crops, larger turns, overlays, which no thumbnail aligns.

A feature vector, the mean of all taken off, becomes words of 64 bits: on which side of random planes it lies
(Charikar 2002). Two vectors at an angle θ differ in 64·θ/π bits on average, so the index of `hamming` brings
candidates, and their cosine decides. Several words make it unlikely that a pair is missed.
"""

import numpy as np
from jaxtyping import Bool, Float32, Int64

from evocative.curate.clusters import Link
from evocative.curate.hamming import near_pairs

WORDS = 4
"""Independent words of each vector: of pairs with cosine .95 one in ten thousand is missed by all."""
_RADIUS = 11


def feature_links(
    features: Float32[np.ndarray, "N D"], ok: Bool[np.ndarray, " N"], *, cosine: float, seed: int = 0
) -> list[Link]:
    """Link images whose features, the mean taken off, have at least a certain cosine.

    Args:
        features: A vector an image, as from `inference.features.extract(…).pooled[0]`.
        ok: Rows that hold features.
        cosine: In (0, 1].
        seed: Of the random planes.
    """
    rows = np.flatnonzero(ok)
    if len(rows) < 2:
        return []
    centred = features[rows] - features[rows].mean(axis=0)
    centred /= np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
    rng = np.random.default_rng(seed)
    shifts = np.arange(64, dtype=np.uint64)
    found: list[Int64[np.ndarray, "M 2"]] = []
    for _ in range(WORDS):
        planes = rng.normal(size=(features.shape[1], 64)).astype(np.float32)
        words = ((centred @ planes > 0).astype(np.uint64) << shifts).sum(axis=1, dtype=np.uint64)
        found.append(near_pairs(words, radius=_RADIUS)[0])
    pairs = np.unique(np.concatenate(found), axis=0)
    cosines = np.einsum("ij,ij->i", centred[pairs[:, 0]], centred[pairs[:, 1]])
    return [
        Link(int(rows[first]), int(rows[second]), "similar features", float(min(score, 1.0)))
        for (first, second), score in zip(pairs, cosines, strict=True)
        if score >= cosine
    ]
