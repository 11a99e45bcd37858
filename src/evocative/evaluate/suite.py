"""The suite: every figure that predictions allow, from predictions to a Report.

    report = evaluate(read_predictions("predictions.parquet"))

Measured are labels (Motiejauskas 2026, eq. 4.11), top-2 cross-sentiment (4.12–4.13), the order of the
embedding (4.14–4.17), calibration, and valence, arousal and dominance. Where there are groups, intervals
draw whole groups. Where the model's labels were mapped to those of the table, top-2 cross-sentiment is
still of the model's own, since labels that were merged are no longer two; and rows whose label the mapping
never leads to are in no figure of labels, as where the table's labels are mapped to the model's.
"""

from dataclasses import replace
from typing import TypeVar

import numpy as np

import evocative
from evocative.data.columns import AXES
from evocative.errors import DataError
from evocative.evaluate.alignment import Aligned, mismatch, refuse_twice
from evocative.evaluate.parts import (
    OTHER_INTERVALS,
    Part,
    calibration,
    classification,
    clustering,
    cross_sentiment,
    dimensions,
)
from evocative.evaluate.report import Counts, Intervals, Provenance, Report
from evocative.evaluate.rows import Draws, Rows
from evocative.evaluate.trained_on import trained_on
from evocative.inference.check import check_predictions
from evocative.inference.predictions import Predictions

T = TypeVar("T")


def evaluate(
    predictions: Predictions | Aligned, *, seed: int = 0, bootstrap: int = 1000, level: float = 0.95
) -> Report:
    """Measure predictions.

    Parts that the rows do not allow, as figures of labels where no row has one, are None in the report, and
    `Report.absent` says why. Rows that carry an error are counted and left out.

    Args:
        predictions: With labels, targets and groups where known (`Predictions.join` or `align` bring them).
        seed: Of k-means and of the draws.
        bootstrap: Draws for each interval; 0 for figures without intervals.
        level: Of the intervals, in (0, 1).

    Raises:
        DataError: The predictions have mistakes, an image stands in two rows, or labels are not of their
            taxonomy.
    """
    aligned = predictions if isinstance(predictions, Aligned) else Aligned(predictions)
    if bootstrap < 0 or not 0 < level < 1:
        raise DataError(f"expected bootstrap ≥ 0 and a level in (0, 1), found {bootstrap} and {level}")
    predictions = checked(aligned.predictions)
    refuse_twice(predictions.name, predictions.twice)
    rows, draws = Rows.of(predictions, aligned.raters), Draws(resamples=bootstrap, level=level, seed=seed)
    own = rows if aligned.answered is None else replace(Rows.of(aligned.answered), groups=rows.groups)
    named = rows.without(aligned.unreachable)
    absent: dict[str, str] = {}

    def kept(name: str, found: Part[T]) -> T | None:
        if isinstance(found, str):
            absent[name] = found
            return None
        return found

    return Report(
        provenance=_provenance(aligned, seed),
        intervals=_intervals(rows, draws),
        counts=_counts(rows, named, predictions, aligned.left_out),
        classification=kept("classification", classification(named, draws)),
        calibration=kept("calibration", calibration(named, draws)),
        clustering=kept("clustering", clustering(rows, draws)),
        cross_sentiment=kept("cross_sentiment", cross_sentiment(own, draws)) or (),
        dimensions=kept("dimensions", dimensions(rows, draws)) or (),
        absent=absent,
        trained_on=trained_on(predictions),
    )


def checked(predictions: Predictions) -> Predictions:
    """Return the predictions with their taxonomy's spelling of every label, free of mistakes."""
    taxonomy = predictions.metadata.taxonomy
    if taxonomy is not None and "label" in predictions.frame:
        labels = sorted(str(name) for name in predictions.frame["label"].dropna().unique())
        if any(name not in taxonomy for name in labels):
            raise DataError(f"{predictions.name}: {mismatch(labels, taxonomy)}")
        spelled = {name: taxonomy.resolve(name) for name in labels}
        label = predictions.frame["label"].map(spelled, na_action="ignore").astype("string")
        predictions = replace(predictions, frame=predictions.frame.assign(label=label))
    check_predictions(predictions)
    return predictions


def _intervals(rows: Rows, draws: Draws) -> Intervals:
    groups = None if rows.groups is None else len(np.unique(rows.groups))
    return Intervals(draws.level, draws.resamples, groups, others=OTHER_INTERVALS)


def _counts(rows: Rows, named: Rows, predictions: Predictions, left_out: int) -> Counts:
    labelled, there = (int(np.count_nonzero(some.known)) for some in (named, rows))
    predicted = len(rows.labels)
    return Counts(
        rows=len(predictions),
        errors=len(predictions) - predicted,
        predicted=predicted,
        labelled=labelled,
        unlabelled=predicted - there,
        rated=int(np.isfinite(rows.targets[:, : len(AXES)]).any(axis=1).sum()),
        left_out=left_out,
        unreachable=there - labelled,
    )


def _provenance(aligned: Aligned, seed: int) -> Provenance:
    said = aligned.predictions.metadata
    return Provenance(
        evocative=evocative.__version__,
        seed=seed,
        model=said.model,
        weights=said.weights,
        predicted_by=said.version,
        taxonomy=None if said.taxonomy is None else said.taxonomy.to_dict(),
        preprocessing=None if said.preprocessing is None else said.preprocessing.to_dict(),
        precision=said.precision,
        flip=said.flip,
        data=aligned.data,
        split=aligned.split,
        mapping=aligned.mapping,
        answered_in=_answered_in(aligned),
        unreachable=aligned.unreachable,
    )


def _answered_in(aligned: Aligned) -> str | None:
    own = None if aligned.answered is None else aligned.answered.metadata.taxonomy
    return None if own is None else own.name
