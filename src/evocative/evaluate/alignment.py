"""Alignment: predictions and a labelled table brought together, whose labels may be of another taxonomy."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64

from evocative.data.columns import AXES, listing
from evocative.data.table import Table
from evocative.errors import DataError
from evocative.inference.check import PROBABILITY
from evocative.inference.predictions import Predictions
from evocative.taxonomy.labels import Taxonomy, guess
from evocative.taxonomy.mapping import Mapping
from evocative.taxonomy.mapping import mapping as find_mapping
from evocative.taxonomy.recognise import is_own


@dataclass(frozen=True)
class Aligned:
    """Predictions with what people said of the same images, and where that comes from."""

    predictions: Predictions
    data: str | None = None
    """Name of the table."""
    split: str | None = None
    mapping: str | None = None
    """How labels of one taxonomy were read as another's."""
    left_out: int = 0
    """Predictions of images that the table does not have."""
    raters: Float64[np.ndarray, "N 3 2"] | None = None
    """Of each prediction's image, the table's SD between raters and their number (`<axis>_sd`, `<axis>_n`),
    NaN where missing; None: it has no such columns."""
    answered: Predictions | None = None
    """The same rows as the model answers them, where `predictions` were mapped to other labels."""
    unreachable: tuple[str, ...] = ()
    """Labels that the mapping never leads to, so that no row can be predicted as one."""

    @property
    def comparable(self) -> Predictions:
        """The predictions, where rows whose label no answer leads to count as having none."""
        if not self.unreachable:
            return self.predictions
        label = self.predictions.frame["label"]
        frame = self.predictions.frame.assign(label=label.mask(label.isin(self.unreachable)))
        return replace(self.predictions, frame=frame)


@dataclass(frozen=True)
class Plan:
    """How a model's labels and a table's become the same."""

    taxonomy: Taxonomy | None
    """That both are read in."""
    labels: dict[str, str | None]
    """Each label of the table to one of that taxonomy, or to none."""
    mapping: Mapping | None = None
    """Of the model's probabilities; None: they stay as they are."""
    told: str | None = None

    @property
    def unreachable(self) -> tuple[str, ...]:
        """Labels that the model's, as they are mapped, never lead to."""
        return () if self.mapping is None else self.mapping.unreachable


def plan(taxonomy: Taxonomy | None, table: Table, *, mapped: bool = False) -> Plan:
    """Find out how a model's labels and a table's can be compared, before any work.

    Other spellings (`happy` for happiness, `joy` for happiness) are the same label. Beyond that nothing is
    changed unless it is asked for.

    Args:
        taxonomy: The model's; None where it predicts no labels.
        table: Its labels may be some of the model's, or of another taxonomy.
        mapped: Allow a published mapping: of the model's probabilities to the table's taxonomy or, where
            there is none, of the table's labels to the model's.

    Raises:
        DataError: The labels differ and `mapped` is not given, or no published mapping joins them.
    """
    present = _labels(table)
    if taxonomy is None:
        return Plan(None, {name: name for name in present})
    found = {name: taxonomy.find(name) for name in present}
    places = list(found.values())
    if None not in places and len(set(places)) == len(places):
        return Plan(taxonomy, {name: taxonomy.resolve(name) for name in present})
    theirs = table.taxonomy
    if theirs is None or is_own(theirs):  # a part of a published taxonomy maps like it, if that is asked for
        theirs = guess(present) or theirs
    way = None if theirs is None else _way(taxonomy, theirs)
    if way is None or not mapped:
        raise DataError(f"{table.name}: {mismatch(present, taxonomy, way)}")
    if way.source == taxonomy:
        labels = {name: way.target.resolve(name) for name in present}
        return Plan(way.target, dict(labels), way, f"predictions: {_told(way)}")
    return Plan(taxonomy, {name: way.label(name) for name in present}, None, f"labels: {_told(way)}")


def has_targets(way: Plan, dimensions: Collection[str], rows: Table) -> bool:
    """Say whether any row has a label or a dimension that a model's answer can be held against.

    Args:
        way: How the model's labels and those of the rows become the same.
        dimensions: Which of valence, arousal and dominance the model predicts.
        rows: Those that are to be measured.
    """
    known = {name for name, label in way.labels.items() if label is not None and label not in way.unreachable}
    labelled = way.taxonomy is not None and "label" in rows.frame and rows.frame["label"].isin(known).any()
    return bool(labelled) or any(axis in rows.frame and rows.frame[axis].notna().any() for axis in dimensions)


def align(
    predictions: Predictions, table: Table, *, split: str | None = None, mapped: bool = False
) -> Aligned:
    """Give predictions the labels, targets, splits and groups of a table.

    Args:
        predictions: Of at least all images that are asked for.
        table: What people said.
        split: Take this split of the table; by default all rows.
        mapped: See `plan`.

    Raises:
        DataError: The labels cannot be compared, an image has no prediction or two, or no image is common.
    """
    way = plan(predictions.metadata.taxonomy, table, mapped=mapped)
    table = _relabelled(table, way)
    own, predictions = (
        predictions, predictions if way.mapping is None else translate(predictions, way.mapping)
    )  # fmt: skip
    rows = table if split is None else table.select(split)
    found = predictions.join(rows, partial=True)
    if not len(found):
        raise DataError(
            f"{predictions.name}: none of its {len(predictions)} images is in {table.name}: expected paths "
            f"as {rows.frame['path'].iloc[0] if len(rows) else 'nothing'!r}, found {predictions.paths[0]!r}"
        )
    places = found.places(rows)
    twice = np.unique(places[pd.Series(places).duplicated()])
    if len(twice):
        refuse_twice(predictions.name, [str(rows.frame["path"].iloc[row]) for row in twice])
    joined = found.join(rows)  # refuses images of the table without a prediction
    strangers = len(predictions) - len(predictions.join(table, partial=True))
    return Aligned(
        joined, data=table.name, split=split, mapping=way.told, left_out=strangers,
        raters=_raters(rows.frame.iloc[places]),
        answered=None if way.mapping is None else own.select(own.places(rows) >= 0),
        unreachable=way.unreachable,
    )  # fmt: skip


def refuse_twice(name: str, paths: Sequence[str]) -> None:
    """Refuse predictions in which images stand more than once: each would count as often.

    Args:
        name: What the predictions are called.
        paths: Images that stand twice; nothing is refused without any.

    Raises:
        DataError: There are some.
    """
    if paths:
        raise DataError(
            f"{name}: {len(paths)} images have more than one prediction, and each would be counted as often; "
            "leave one row an image:" + listing(list(paths))
        )


def _raters(frame: pd.DataFrame) -> Float64[np.ndarray, "N 3 2"] | None:
    columns = [f"{axis}_{what}" for axis in AXES for what in ("sd", "n")]
    if not {"sd", "n"} <= {name.rpartition("_")[2] for name in columns if name in frame.columns}:
        return None
    found = frame.reindex(columns=columns).apply(pd.to_numeric, errors="coerce")
    return np.asarray(found.to_numpy(np.float64, na_value=np.nan)).reshape(len(frame), len(AXES), 2)


def translate(predictions: Predictions, way: Mapping) -> Predictions:
    """Read probabilities in another taxonomy.

    What belongs to labels without a counterpart is shared out in proportion, so that rows sum to 1; a row
    that has nothing else gets the same probability everywhere. The column label is dropped: it was of the
    other taxonomy.
    """
    probabilities = predictions.probabilities
    if probabilities is None:
        return predictions
    mapped = way.apply(probabilities, renormalize=True)
    lost = predictions.ok & np.isnan(mapped).any(axis=1)
    mapped[lost] = 1 / len(way.target)
    old = [PROBABILITY + name for name in predictions.names] + ["label"]
    columns: dict[str, Any] = {
        PROBABILITY + name: mapped[:, place].astype(np.float32) for place, name in enumerate(way.target.names)
    }
    frame = predictions.frame.drop(columns=old, errors="ignore").assign(**columns)
    return replace(predictions, frame=frame, metadata=replace(predictions.metadata, taxonomy=way.target))


def mismatch(labels: list[str], taxonomy: Taxonomy, way: Mapping | None = None) -> str:
    """Say which labels a taxonomy lacks, what comes close to them, and what can be done."""
    strangers = [name for name in labels if name not in taxonomy]
    said = ", ".join(_close(name, taxonomy) for name in strangers[:10]) or "two spellings of one label"
    more = f" and {len(strangers) - 10} more" if len(strangers) > 10 else ""
    advice = "No published mapping joins the two: rewrite the column label, or take a model of these labels"
    if way is not None:
        advice = f"A published mapping joins them, {_told(way)}: ask for it by --map (in Python: mapped=True)"
    return (
        f"the model answers in {taxonomy.name} ({', '.join(taxonomy.names)}), and the rows are labelled "
        f"otherwise: {said}{more}. {advice}"
    )


def _labels(table: Table) -> list[str]:
    if "label" not in table.frame:
        return []
    return sorted(str(name) for name in table.frame["label"].dropna().unique())


def _relabelled(table: Table, way: Plan) -> Table:
    """Write the labels as the plan says; without a taxonomy to read them in they stay."""
    if way.taxonomy is None or not way.labels:
        return table
    labels = table.frame["label"].map(way.labels, na_action="ignore").astype("string")
    return replace(table, frame=table.frame.assign(label=labels), taxonomy=way.taxonomy)


def _way(mine: Taxonomy, theirs: Taxonomy) -> Mapping | None:
    """Return the published mapping from the model's taxonomy to the table's, or else the way back."""
    for start, goal in ((mine, theirs), (theirs, mine)):
        try:
            return find_mapping(start, goal)
        except DataError:
            continue
    return None


def _told(way: Mapping) -> str:
    lost = f"; no counterpart: {', '.join(way.unmapped)}" if way.unmapped else ""
    lost += f"; nothing leads to: {', '.join(way.unreachable)}" if way.unreachable else ""
    return f"{way.source.name} → {way.target.name} ({way.citation}{lost})"


def _close(name: str, taxonomy: Taxonomy) -> str:
    close = get_close_matches(name, taxonomy.names, n=2)
    return f"{name!r} (did you mean {' or '.join(map(repr, close))}?)" if close else repr(name)
