"""Figures of images pooled over folds, and their draws: every one is a function of sums over rows.

A draw of a bootstrap is known by how often it holds each image. Accuracy, macro F1, top-2 cross-sentiment, r
and CCC need only sums over rows, so that a draw costs a few weighted sums, not a new evaluation. They equal
the figures of the metrics' room (tested).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int64
from numpy.typing import NDArray

from evocative.data.columns import AXES
from evocative.evaluate.rows import Rows
from evocative.metrics.sentiment import top2_rows

MOMENTS = 6
"""Sums of a dimension: 1, x, y, x², y², xy."""


@dataclass(frozen=True, eq=False)
class Sums:
    """What the rows of one seed, pooled over folds, put into sums."""

    images: Int64[np.ndarray, " N"]
    """Which image of the comparison a row is of."""
    labels: int
    """K; 0 without an emotion head."""
    cells: Int64[np.ndarray, " N"]
    """label · K + prediction; K² where the row has no label."""
    crossing: Float64[np.ndarray, "N 2"]
    """Whether a row is eligible for cross-sentiment, and whether it crosses."""
    moments: Float64[np.ndarray, "N 18"]
    """1, x, y, x², y², xy of valence, arousal and dominance; 0 without a target or a prediction."""

    def select(self, chosen: NDArray[np.bool_]) -> "Sums":
        """Return some rows."""
        return Sums(
            self.images[chosen], self.labels, self.cells[chosen], self.crossing[chosen],
            self.moments[chosen],
        )  # fmt: skip

    def figures(self, weights: Float[np.ndarray, "D I"]) -> dict[str, Float64[np.ndarray, " D"]]:
        """Return each figure for each draw; NaN where it is undefined.

        Args:
            weights: How often each draw holds each image of the comparison.
        """
        drawn = weights[:, self.images].astype(np.float64)
        found: dict[str, Float64[np.ndarray, " D"]] = {}
        n = self.counts()
        if n["accuracy"]:
            places, shape = self.labels**2, (-1, self.labels, self.labels)
            counts = np.stack([np.bincount(self.cells, one, places + 1)[:places] for one in drawn])
            whole = np.bincount(self.cells, minlength=places + 1)[:places].astype(np.float64)
            found |= _classification(counts.reshape(shape), whole.reshape(shape))
        eligible, cross = (drawn @ self.crossing).T
        if n["cross_sentiment"]:
            found["cross_sentiment"] = _ratio(cross, eligible)
        moments = (drawn @ self.moments).reshape(len(drawn), len(AXES), MOMENTS)
        for place, axis in enumerate(AXES):
            if n[f"{axis}_r"]:
                found |= {f"{axis}_{name}": values for name, values in _dimension(moments[:, place]).items()}
        return found

    def counts(self) -> dict[str, int]:
        """Return how many rows each figure rests on."""
        labelled = int(np.count_nonzero(self.cells < self.labels**2))
        found = {"accuracy": labelled, "macro_f1": labelled}
        found["cross_sentiment"] = int(self.crossing[:, 0].sum())
        for place, axis in enumerate(AXES):
            rated = int(self.moments[:, place * MOMENTS].sum())
            found |= {f"{axis}_r": rated, f"{axis}_ccc": rated}
        return found


def sums_of(rows: Rows, images: Int64[np.ndarray, " N"]) -> Sums:
    """Take from rows what sums need.

    Where some rows have a label, figures of labels and cross-sentiment are of those rows only, so that arms
    which predict further rows (another data set) are compared on the same ones.

    Args:
        rows: Of one run.
        images: Which image of the comparison each row is of.
    """
    known = rows.known if rows.known.any() else np.ones(len(images), dtype=bool)
    return Sums(images, *_cells(rows), _crossing(rows) * known[:, None], _moments(rows))


def pool(parts: list[Sums]) -> Sums:
    """Join the rows of several folds, which have the same labels."""
    columns = [
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("images", "cells", "crossing", "moments")
    ]
    return Sums(columns[0], parts[0].labels, *columns[1:])


def _cells(rows: Rows) -> tuple[int, Int64[np.ndarray, " N"]]:
    if rows.taxonomy is None or rows.probabilities is None:
        return 0, np.zeros(len(rows.labels), dtype=np.int64)
    k = len(rows.taxonomy)
    cells = rows.labels * k + rows.probabilities.argmax(axis=1)
    return k, np.where(rows.known, cells, k * k).astype(np.int64)


def _crossing(rows: Rows) -> Float64[np.ndarray, "N 2"]:
    taxonomy = rows.taxonomy
    polar = taxonomy is not None and {"positive", "negative"} <= set(taxonomy.sentiments)
    if taxonomy is None or rows.probabilities is None or not polar or len(taxonomy) < 3:
        return np.zeros((len(rows.labels), 2))
    sentiments: Mapping[str, str | None] = dict(zip(taxonomy.names, taxonomy.sentiments, strict=True))
    first, second = top2_rows(rows.probabilities, names=taxonomy.names, sentiments=sentiments)
    return np.stack([first * second != 0, first * second < 0], axis=1).astype(np.float64)


def _moments(rows: Rows) -> Float64[np.ndarray, "N 18"]:
    columns = []
    for place in range(len(AXES)):
        x, y = rows.targets[:, place].astype(np.float64), rows.dimensions[:, place].astype(np.float64)
        there = np.isfinite(x) & np.isfinite(y)
        x, y = np.where(there, x, 0.0), np.where(there, y, 0.0)
        columns += [there.astype(np.float64), x, y, x * x, y * y, x * y]
    return np.stack(columns, axis=1)


def _classification(
    counts: Float64[np.ndarray, "D K K"], whole: Float64[np.ndarray, "1 K K"]
) -> dict[str, Float64[np.ndarray, " D"]]:
    """Return accuracy and macro F1 of draws, the latter over the labels that all rows have.

    A label that a draw lacks keeps its F1 of all rows (`ClassificationMetrics.macro_among` says why).
    """
    hits = np.diagonal(counts, axis1=1, axis2=2)
    f1, steady = _f1(counts), _f1(whole)
    there = ~np.isnan(steady[0])
    return {
        "accuracy": _ratio(hits.sum(axis=1), counts.sum(axis=(1, 2))),
        "macro_f1": np.where(np.isnan(f1), steady, f1)[:, there].mean(axis=1),
    }


def _f1(counts: Float64[np.ndarray, "D K K"]) -> Float64[np.ndarray, "D K"]:
    hits = np.diagonal(counts, axis1=1, axis2=2)
    return _ratio(2 * hits, counts.sum(axis=1) + counts.sum(axis=2))  # 2TP / (2TP + FP + FN)


def _dimension(moments: Float64[np.ndarray, "D 6"]) -> dict[str, Float64[np.ndarray, " D"]]:
    n = np.where(moments[:, 0] > 0, moments[:, 0], np.nan)
    mean_x, mean_y, xx, yy, xy = (moments[:, place] / n for place in range(1, MOMENTS))
    var_x, var_y, covariance = xx - mean_x**2, yy - mean_y**2, xy - mean_x * mean_y
    varied = (var_x > 1e-12) & (var_y > 1e-12)  # values lie in [-1, 1]: less is rounding
    r = np.where(varied, covariance / np.sqrt(np.where(varied, var_x * var_y, 1.0)), np.nan)
    return {"r": r, "ccc": _ratio(2 * covariance, var_x + var_y + (mean_x - mean_y) ** 2)}


def _ratio(
    numerator: Float64[np.ndarray, " *D"], denominator: Float64[np.ndarray, " *D"]
) -> Float64[np.ndarray, " *D"]:
    """Divide; x/0 is NaN."""
    there = denominator != 0
    return np.where(there, numerator / np.where(there, denominator, 1.0), np.nan)
