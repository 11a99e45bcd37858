"""Every figure of a run's predictions that a table may ask for, kept beside them."""

import hashlib
import json
from dataclasses import asdict, replace
from functools import partial
from math import isfinite, nan
from pathlib import Path
from typing import Any

from evocative.data.atomic import replacing
from evocative.data.content import content_digest
from evocative.data.kept import kept
from evocative.data.table import Table
from evocative.evaluate.alignment import align
from evocative.evaluate.parts import classification, clustering, cross_sentiment
from evocative.evaluate.report import Classification, Figure
from evocative.evaluate.rows import Draws, Rows
from evocative.inference.predictions import Predictions, read_predictions
from evocative.reproduce.published import COUNTS, OF_A_LABEL, Row

CROSS = ("cross", *COUNTS)
"""Figures of top-2 cross-sentiment: they need no labels, and a threshold."""
MACRO = ("accuracy", "macro_precision", "macro_recall", "macro_f1", "macro_roc_auc")


def measure(
    predictions: Path, *, tested: Table | None = None, draws: Draws | None = None
) -> dict[str, Figure]:
    """Return all figures that predictions allow, those that are kept beside them or new ones.

    Args:
        predictions: A file; its own labels are used where no table is given.
        tested: What people said of the images, perhaps in another taxonomy.
        draws: Of the intervals.

    Figures are kept with a digest of predictions, labels and draws, and measured anew where one is another.
    """
    draws = draws or Draws()
    file_of, basis = predictions.with_suffix(".figures.json"), _basis(predictions, tested, draws)
    earlier = kept(file_of, partial(_kept_figures, basis=basis))
    if earlier is not None:
        return earlier
    found = figures_of(read_predictions(predictions), tested=tested, draws=draws)
    with replacing(file_of) as file:
        plain = {name: _plain(asdict(figure)) for name, figure in found.items()}
        file.write_text(json.dumps({"basis": basis, "figures": plain}, indent=1) + "\n", encoding="utf-8")
    return found


def _kept_figures(values: Any, *, basis: Any) -> dict[str, Figure] | None:
    """Return what is kept; None where it is of other rows, labels or draws."""
    if values["basis"] != basis:
        return None
    return {name: _read(value) for name, value in values["figures"].items()}


def figures_of(
    predictions: Predictions, *, tested: Table | None = None, draws: Draws | None = None
) -> dict[str, Figure]:
    """Measure predictions: against the labels, and cross-sentiment as the network answers."""
    draws = draws or Draws()
    found: dict[str, Figure] = {}
    for part in cross_figures(Rows.of(predictions), draws):
        found |= part
    labelled = predictions if tested is None else _labelled(predictions, tested)
    if labelled is None:
        return found
    rows = Rows.of(labelled)
    known = classification(rows, draws)
    if isinstance(known, Classification):
        found |= _of_labels(known)
    order = clustering(rows, draws)
    if not isinstance(order, str):
        found |= {"ari": order.ari, "nmi": order.nmi, "asr": order.asr}
    return found


def cross_figures(rows: Rows, draws: Draws) -> list[dict[str, Figure]]:
    """Return rate and counts of top-2 cross-sentiment, by threshold as `cross@0.3`; none where undefined."""
    parts = cross_sentiment(rows, draws)
    if isinstance(parts, str):
        return []
    return [
        {f"cross@{part.theta:g}": replace(part.rate, n=part.rows)}
        | {f"{name}@{part.theta:g}": _count(getattr(part, name), part.rows) for name in COUNTS}
        for part in parts
    ]


def figure_name(column: str, row: Row) -> str:
    """Return what a row's figure of a column is called here."""
    return f"{column}@{row.theta:g}" if column in CROSS else column


def _of_labels(known: Classification) -> dict[str, Figure]:
    found = {name: getattr(known, name) for name in MACRO}
    for label in known.classes:
        values = {kind: getattr(label, kind) for kind in OF_A_LABEL if kind != "support"}
        values["support"] = _count(label.support, known.accuracy.n)
        found |= {f"{kind}/{label.name}": value for kind, value in values.items()}
    return found


def _labelled(predictions: Predictions, tested: Table) -> Predictions | None:
    """Give predictions the labels of a table; None where it has none."""
    if "label" not in tested.frame or tested.frame["label"].isna().all():
        return None
    return align(predictions, tested, mapped=True).comparable


def _basis(predictions: Path, tested: Table | None, draws: Draws) -> str:
    """Return a digest of all that figures rest on."""
    labels = "" if tested is None else tested.frame.reindex(columns=["path", "label"]).to_csv(index=False)
    return hashlib.sha256(f"{content_digest(predictions)}\n{draws}\n{labels}".encode()).hexdigest()[:16]


def _count(value: int, n: int) -> Figure:
    return Figure(float(value), nan, nan, n)


def _plain(values: dict[str, float]) -> dict[str, float | None]:
    return {name: value if isfinite(value) else None for name, value in values.items()}


def _read(values: dict[str, float | None]) -> Figure:
    value, low, high = (nan if values[name] is None else values[name] for name in ("value", "low", "high"))
    return Figure(value, low, high, int(values["n"] or 0))  # type: ignore[arg-type]
