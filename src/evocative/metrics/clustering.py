"""How well the embedding is sorted by class: k-means, ARI, NMI and ASR (Motiejauskas 2026, 4.2.2).

k-means, with as many clusters as classes, knows nothing of the labels; ARI (eq. 4.14) and NMI (eq. 4.15)
compare its clusters with them. The ambiguous sample ratio (ASR, eq. 4.16–4.17) is the share of rows that lie
nearer than δ to more than one cluster centre.
"""

import warnings
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import ceil, isnan, nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from evocative.errors import DataError
from evocative.metrics.checks import as_classes, as_embedding, check_same_length
from evocative.metrics.pairwise import kth_smallest_distance


@dataclass(frozen=True, eq=False)
class Clusters:
    """What k-means found."""

    assignments: NDArray[np.int64]  # (N,), which cluster a row belongs to
    centers: NDArray[np.float64]  # (k, D)
    inertia: float  # sum of squared distances of the rows to their centre


@dataclass(frozen=True)
class ClusteringMetrics:
    """How well an embedding is sorted by class; nan where undefined."""

    n: int  # rows of the embedding: k-means, ASR and its threshold rest on all of them
    n_labelled: int  # rows that have a label too: ARI and NMI rest on these
    n_clusters: int
    ari: float  # adjusted Rand index, in [-0.5, 1]; 0 is chance
    nmi: float  # normalised mutual information, in [0, 1]
    asr: float  # ambiguous sample ratio, in [0, 1]; lower is better
    asr_threshold: float  # δ, a distance in the embedding

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, for a report."""
        return asdict(self)


def clustering_metrics(
    labels: ArrayLike, embedding: ArrayLike, *, n_clusters: int, seed: int = 0, fraction: float = 0.10
) -> ClusteringMetrics:
    """Cluster an embedding by k-means and compare the clusters with the labels.

    Args:
        labels: (N,) class indices, -1 where missing: those rows are clustered but not compared.
        embedding: (N, D), finite.
        n_clusters: the number of classes (the paper's choice).
        seed: of k-means.
        fraction: of the pairwise distances that lie under the threshold of ASR.

    With fewer rows than clusters everything is nan; without labels ARI and NMI are.

    Raises:
        DataError: shapes do not match, or a value is not finite.
    """
    labels = as_classes(labels, what="labels", allow_missing=True)
    embedding = as_embedding(embedding)
    check_same_length(labels=labels, embedding=embedding)
    n_labelled = int(np.count_nonzero(labels >= 0))
    if len(embedding) < max(n_clusters, 1):
        return ClusteringMetrics(len(embedding), n_labelled, n_clusters, nan, nan, nan, nan)
    clusters = kmeans(embedding, n_clusters=n_clusters, seed=seed)
    threshold = asr_threshold(embedding, fraction=fraction)
    return ClusteringMetrics(
        n=len(embedding),
        n_labelled=n_labelled,
        n_clusters=n_clusters,
        ari=adjusted_rand_index(labels, clusters.assignments),
        nmi=normalized_mutual_information(labels, clusters.assignments),
        asr=asr(embedding, clusters.centers, threshold=threshold),
        asr_threshold=threshold,
    )


def kmeans(embedding: ArrayLike, *, n_clusters: int, seed: int = 0, n_init: int = 10) -> Clusters:
    """Cluster rows by k-means (Lloyd, k-means++ starts, the best of `n_init` runs; scikit-learn).

    Fewer distinct rows than clusters leave clusters empty; that is no error.

    Raises:
        DataError: there are fewer rows than clusters, no clusters, or a value is not finite.
    """
    rows = as_embedding(embedding).astype(np.float64)
    if not 1 <= n_clusters <= len(rows):
        raise DataError(
            f"k-means needs from 1 to {len(rows)} clusters for {len(rows)} rows, found {n_clusters}"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # says that rows coincide: see above
        fitted = KMeans(n_clusters, n_init=n_init, random_state=seed).fit(rows)
    return Clusters(
        fitted.labels_.astype(np.int64), np.asarray(fitted.cluster_centers_), float(fitted.inertia_)
    )


def adjusted_rand_index(labels: ArrayLike, clusters: ArrayLike) -> float:
    """Return the adjusted Rand index (eq. 4.14): 1 for the same partition, about 0 for chance.

    Rows with label -1 are left out; nan without rows. Two partitions that both have one part, or both as many
    parts as rows, agree: 1 (as scikit-learn).
    """
    labels, clusters = _labelled(labels, clusters)
    return float(adjusted_rand_score(labels, clusters)) if labels.size else nan


def normalized_mutual_information(labels: ArrayLike, clusters: ArrayLike) -> float:
    """Return 2I(U; V) / (H(U) + H(V)) (eq. 4.15, the arithmetic mean), in [0, 1].

    Rows with label -1 are left out; nan without rows. Two partitions that both have one part agree: 1; where
    only one of them has one part it tells nothing: 0 (as scikit-learn).
    """
    labels, clusters = _labelled(labels, clusters)
    if not labels.size:
        return nan
    return float(normalized_mutual_info_score(labels, clusters, average_method="arithmetic"))


def _labelled(labels: ArrayLike, clusters: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    labels = as_classes(labels, what="labels", allow_missing=True)
    clusters = as_classes(clusters, what="clusters")
    check_same_length(labels=labels, clusters=clusters)
    return labels[labels >= 0], clusters[labels >= 0]


def asr_threshold(embedding: ArrayLike, *, fraction: float = 0.10) -> float:
    """Return δ, the largest of the smallest 10 % of all pairwise Euclidean distances, exactly.

    Of the N(N-1)/2 distances, the smallest k = ⌈fraction · N(N-1)/2⌉ are taken (never fewer than the
    fraction, which is read as the decimal number it is written as); δ is the largest of these, an element of
    the set, never interpolated. In float64, as `scipy.spatial.distance.pdist`. nan with fewer than two rows.

    Args:
        embedding: (N, D), finite.
        fraction: in (0, 1].

    Raises:
        DataError: a value is not finite, or the fraction is out of range.

    Example:
        >>> asr_threshold([[0.0], [1.0], [3.0], [7.0]], fraction=0.5)  # 1 2 3 | 4 6 7
        3.0
    """
    rows = as_embedding(embedding)
    if not 0 < fraction <= 1:
        raise DataError(f"the fraction of pairs under the threshold must be in (0, 1], found {fraction}")
    n_pairs = len(rows) * (len(rows) - 1) // 2
    if not n_pairs:
        return nan
    return kth_smallest_distance(rows, ceil(Fraction(str(float(fraction))) * n_pairs))


def asr(embedding: ArrayLike, centers: ArrayLike, *, threshold: float) -> float:
    """Return the ambiguous sample ratio: the share of rows nearer than δ to more than one centre.

    "Nearer" is strict, d < δ (eq. 4.16), in float64. With one centre, or δ = 0, it is 0; nan without
    rows or with a threshold of nan.

    Args:
        embedding: (N, D), finite.
        centers: (Q, D), the cluster centres.
        threshold: δ ≥ 0.

    Raises:
        DataError: the widths do not match, or a value is not finite.

    Example:
        >>> asr([[0.0], [1.0], [2.0]], [[0.0], [2.0]], threshold=1.5)
        0.3333333333333333
    """
    rows, centers = as_embedding(embedding), as_embedding(centers)
    if rows.shape[1] != centers.shape[1]:
        raise DataError(
            f"embedding and centres must be as wide: found {rows.shape[1]} and {centers.shape[1]}"
        )
    if not len(rows) or isnan(threshold):
        return nan
    near = cdist(rows.astype(np.float64), centers.astype(np.float64)) < threshold
    return float((near.sum(axis=1) > 1).mean())
