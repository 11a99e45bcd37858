"""The parts of a report: each function measures one, or says why the rows do not allow it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from math import nan
from typing import Final, TypeAlias, TypeVar

import numpy as np
from jaxtyping import Float32, Float64, Int64

from evocative.data.columns import AXES
from evocative.evaluate.report import (
    Bin,
    Calibration,
    Class,
    Classification,
    Clustering,
    Confusion,
    CrossSentiment,
    Dimension,
    Figure,
)
from evocative.evaluate.resampled import ResampledAuc
from evocative.evaluate.rows import Draws, Rows, members
from evocative.metrics.agreement import agreement_intervals
from evocative.metrics.calibration import calibration_metrics
from evocative.metrics.ceiling import rating_ceiling
from evocative.metrics.classification import ClassificationMetrics, classification_metrics
from evocative.metrics.clustering import asr, asr_threshold, kmeans
from evocative.metrics.dimensional import dimension_metrics
from evocative.metrics.intervals import JACKKNIFE, RAISED
from evocative.metrics.sentiment import CrossSentiment as Top2
from evocative.metrics.sentiment import top2_cross_sentiment
from evocative.metrics.uncertainty import uncertainty_metrics
from evocative.taxonomy.labels import Taxonomy

T = TypeVar("T")
Part: TypeAlias = T | str
"""What was measured, or why nothing was."""
THETAS: Final = (0.0, 0.3)
"""Thresholds of top-2 cross-sentiment (Motiejauskas 2026, tables 5.11–5.13)."""
OTHER_INTERVALS: Final = {"ari": JACKKNIFE, "nmi": JACKKNIFE, "ece": RAISED}
"""Figures whose intervals are not the middle of draws, and how they are made (see `metrics.intervals`)."""
NO_PROBABILITIES: Final = "the predictions hold no probabilities of labels"
NO_LABELS: Final = "no predicted row has a label"


def classification(rows: Rows, draws: Draws) -> Part[Classification]:
    """Measure how well labels are recognised, in rows that have one."""
    if rows.taxonomy is None or rows.probabilities is None:
        return NO_PROBABILITIES
    if not rows.known.any():
        return NO_LABELS
    names, labels, scores = rows.taxonomy.names, rows.labels[rows.known], rows.probabilities[rows.known]
    metrics = classification_metrics(labels, scores, names=names)
    areas = ResampledAuc(labels, scores)

    def flat(labels: Int64[np.ndarray, " N"], best: Int64[np.ndarray, " N"]) -> dict[str, float]:
        drawn = classification_metrics(labels, best, names=names)
        figures = drawn.figures() | drawn.macro_among(metrics)
        return {name: value for name, value in figures.items() if "roc_auc" not in name}

    def ranked(drawn: Int64[np.ndarray, " N"]) -> dict[str, float]:
        return _areas(areas(drawn), areas(), names)

    groups = rows.groups_of(rows.known)
    figures = draws.figures(flat, labels, scores.argmax(axis=1), groups=groups)
    figures |= draws.figures(ranked, np.arange(len(labels)), groups=groups)
    return _classification(metrics, figures, rows.taxonomy)


def _areas(
    area: Float64[np.ndarray, " K"], whole: Float64[np.ndarray, " K"], names: tuple[str, ...]
) -> dict[str, float]:
    """Return the areas and their mean over the labels that all rows have, as `macro_among` does."""
    there = np.where(np.isnan(area), whole, area)[~np.isnan(whole)]
    each = {f"roc_auc/{name}": float(value) for name, value in zip(names, area, strict=True)}
    return {"macro_roc_auc": float(there.mean()) if there.size else nan} | each


def _classification(
    metrics: ClassificationMetrics, figures: Mapping[str, Figure], taxonomy: Taxonomy
) -> Classification:
    macro = ("accuracy", "macro_precision", "macro_recall", "macro_f1", "macro_roc_auc")
    classes = tuple(
        Class(
            name=one.name,
            sentiment=taxonomy.sentiment(one.name),
            support=one.support,
            predicted=one.n_predicted,
            precision=_resting_on(one.n_predicted, figures[f"precision/{one.name}"]),
            recall=_resting_on(one.support, figures[f"recall/{one.name}"]),
            f1=figures[f"f1/{one.name}"],
            roc_auc=figures[f"roc_auc/{one.name}"],
        )
        for one in metrics.per_class
    )
    counts = tuple(tuple(map(int, row)) for row in metrics.confusion)
    return Classification(
        **{name: figures[name] for name in macro},
        classes=classes,
        confusion=Confusion(taxonomy.names, counts),
        averaged=metrics.averaged,
    )


def _resting_on(n: int, figure: Figure) -> Figure:
    """Return a share of n rows; a single row says nothing of how far the share could be off."""
    return replace(figure, n=n) if n > 1 else Figure(figure.value, nan, nan, n)


def calibration(rows: Rows, draws: Draws) -> Part[Calibration]:
    """Measure how far probabilities can be trusted, in rows that have a label."""
    if rows.probabilities is None:
        return NO_PROBABILITIES
    if not rows.known.any():
        return NO_LABELS
    labels, scores = rows.labels[rows.known], rows.probabilities[rows.known]

    def flat(labels: Int64[np.ndarray, " N"], scores: Float32[np.ndarray, "N K"]) -> dict[str, float]:
        return calibration_metrics(labels, scores).figures()

    figures = draws.figures(flat, labels, scores, groups=rows.groups_of(rows.known), raised=("ece",))
    bins = calibration_metrics(labels, scores).bins
    return Calibration(
        **figures, bins=tuple(Bin(one.low, one.high, one.n, one.confidence, one.accuracy) for one in bins)
    )


def clustering(rows: Rows, draws: Draws) -> Part[Clustering]:
    """Cluster the embedding into as many groups as there are labels, and compare them with the labels.

    The clusters stay as they are for all intervals, which say how far the comparison could be off.
    """
    if rows.taxonomy is None:
        return NO_PROBABILITIES + ", so that the number of clusters is not known"
    if rows.embedding is None:
        return "the predictions hold no embedding"
    k = len(rows.taxonomy)
    if len(rows.embedding) <= k:
        return f"{len(rows.embedding)} rows are too few for {k} clusters"
    clusters = kmeans(rows.embedding, n_clusters=k, seed=draws.seed)
    threshold = asr_threshold(rows.embedding)
    ambiguous = np.array([asr(row[None], clusters.centers, threshold=threshold) for row in rows.embedding])
    compared = _agreement(rows, clusters.assignments, draws)
    return Clustering(
        clusters=k,
        size=rows.embedding.shape[1],
        **compared,
        asr=draws.mean(ambiguous, groups=rows.groups),
        asr_threshold=threshold,
    )


def _agreement(rows: Rows, assignments: Int64[np.ndarray, " N"], draws: Draws) -> dict[str, Figure]:
    """Return ARI and NMI; with fewer than two labels among the rows there is nothing to tell apart: NaN."""
    found = agreement_intervals(rows.labels, assignments, groups=rows.groups, level=draws.level)
    figures = {name: Figure(one.value, one.low, one.high, one.n) for name, one in found.items()}
    return figures if draws.resamples else {n: replace(one, low=nan, high=nan) for n, one in figures.items()}


def cross_sentiment(rows: Rows, draws: Draws) -> Part[tuple[CrossSentiment, ...]]:
    """Count how often the two best labels are of opposite sentiment, at each threshold (4.12–4.13)."""
    if rows.taxonomy is None or rows.probabilities is None:
        return NO_PROBABILITIES
    if not {"positive", "negative"} <= set(rows.taxonomy.sentiments):
        return f"the labels of {rows.taxonomy.name} are not known to be of opposite sentiments"
    if len(rows.taxonomy) < 3:
        return "of two labels both are always among the two best"
    sentiments = dict(zip(rows.taxonomy.names, rows.taxonomy.sentiments, strict=True))
    count = partial(top2_cross_sentiment, names=rows.taxonomy.names, sentiments=sentiments)
    return tuple(
        _cross_sentiment(rows.probabilities, rows.groups, draws, partial(count, theta=theta))
        for theta in THETAS
    )


def _cross_sentiment(
    probabilities: Float32[np.ndarray, "N K"],
    groups: Int64[np.ndarray, " N"] | None,
    draws: Draws,
    count: Callable[[Float32[np.ndarray, "N K"]], Top2],
) -> CrossSentiment:
    counts = count(probabilities)
    # Within a group rows are drawn together, so that counts by group say all that the draws need to know.
    crossed, group = [], []
    for number, places in enumerate(members(groups, len(probabilities))):
        found = count(probabilities[places])
        crossed += [1.0] * found.n_cross + [0.0] * (found.n_eligible - found.n_cross)
        group += [number] * found.n_eligible
    rate = draws.mean(np.array(crossed), groups=None if groups is None else np.array(group, np.int64))
    return CrossSentiment(
        theta=counts.theta,
        rows=counts.n,
        eligible=counts.n_eligible,
        cross=counts.n_cross,
        positive_negative=counts.positive_negative,
        negative_positive=counts.negative_positive,
        positive_positive=counts.positive_positive,
        negative_negative=counts.negative_negative,
        unpolar=counts.unpolar,
        rate=rate,
    )


def dimensions(rows: Rows, draws: Draws) -> Part[tuple[Dimension, ...]]:
    """Measure each dimension that is predicted and known in some row."""
    if not np.isfinite(rows.dimensions).any():
        return "the predictions hold no valence, arousal or dominance"
    measured = []
    for place, name in enumerate(AXES):
        pair = np.stack([rows.targets[:, place], rows.dimensions[:, place]], axis=1)
        there = np.isfinite(pair).all(axis=1)
        if there.any():
            groups = rows.groups_of(there)
            figures = draws.figures(_dimension, pair[there], groups=groups)
            measured.append(
                Dimension(
                    name, **figures, ceiling=_ceiling(rows, draws, place),
                    uncertainty=_uncertainty(rows, draws, place),
                )
            )  # fmt: skip
    return tuple(measured) or "no predicted row has a target of valence, arousal or dominance"


def _ceiling(rows: Rows, draws: Draws, place: int) -> dict[str, Figure]:
    """Return what the ratings of one dimension allow; empty where SD and number of raters are not known."""
    if rows.raters is None:
        return {}
    told = np.column_stack([rows.targets[:, place].astype(np.float64), rows.raters[:, place]])
    there = np.isfinite(np.column_stack([told, rows.dimensions[:, place]])).all(axis=1)

    def flat(told: Float64[np.ndarray, "N 3"]) -> dict[str, float]:
        found = rating_ceiling(told[:, 0], told[:, 1], told[:, 2]).figures()
        return {name: found[name] for name in ("reliability", "r", "ccc", "rmse")}

    return draws.figures(flat, told[there], groups=rows.groups_of(there)) if there.any() else {}


def _uncertainty(rows: Rows, draws: Draws, place: int) -> dict[str, Figure]:
    """Return how far predicted SDs of one dimension can be trusted; empty where there are none."""
    if rows.dimension_sd is None:
        return {}
    columns = (rows.targets[:, place], rows.dimensions[:, place], rows.dimension_sd[:, place])
    told = np.column_stack([column.astype(np.float64) for column in columns])
    there = np.asarray(np.isfinite(told).all(axis=1))

    def flat(told: Float64[np.ndarray, "N 3"]) -> dict[str, float]:
        return uncertainty_metrics(told[:, 0], told[:, 1], told[:, 2]).figures()

    return draws.figures(flat, told[there], groups=rows.groups_of(there)) if there.any() else {}


def _dimension(pair: Float32[np.ndarray, "N 2"]) -> dict[str, float]:
    return dimension_metrics(pair[:, :1], pair[:, 1:], names=["dimension"])[0].figures()
