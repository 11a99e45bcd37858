"""Labels: those that out-of-fold predictions contradict, with the likelier label (confident learning).

    found = find_labels(table, backbone=backbone, preprocessing=preprocessing, store="cache/")
    found = find_labels(table, predictions=read_predictions("crossvalidated.parquet"))
    found.frame[["path", "label", "likely", "score", "evidence"]]    # the most suspicious first

An emotion is no fact of a picture: a label that a model contradicts may be a mistake, or a person who felt
otherwise. So `review` is what is suggested. Predictions of rows that a model has learnt are worthless here:
it repeats their labels, wrong ones too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float32, Float64, Int64
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from evocative.curate.confident_learning import (
    ConfidentJoint,
    best_other,
    confident_joint,
    suspects,
    suspicion,
)
from evocative.curate.findings import COLUMNS, Action, Findings
from evocative.curate.leaks import tied
from evocative.curate.out_of_fold import out_of_fold
from evocative.data.splits import folds as deal
from evocative.data.splits import groups
from evocative.data.table import Table
from evocative.errors import DataError
from evocative.inference.check import PROBABILITY, TRAINED_ON
from evocative.inference.features import extract
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions
from evocative.models.backbone import Backbone
from evocative.preprocessing import Preprocessing

KIND = "label"
FEWEST = 5
"""Rows that a label must have to be judged: one for each of the usual five folds."""


def find_labels(
    table: Table, *, backbone: Backbone | None = None, preprocessing: Preprocessing | None = None,
    predictions: Predictions | None = None, duplicates: Findings | None = None, folds: int = 5, seed: int = 0,
    choose: str = "noise_rate", score: str = "self_confidence", action: Action = "review",
    limit: int | None = None, store: str | Path | None = None, precision: str = "auto", device: str = "auto",
    batch_size: int = 64, workers: int = 0, watch: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> Findings:  # fmt: skip
    """Find labels that are likely wrong.

    Args:
        table: Rows without a label are passed over.
        backbone: Whose features a linear head learns from, unless there are `predictions`. It must not have
            learnt the table's labels; see `trained_on`.
        preprocessing: How the backbone sees an image; by default its own record.
        predictions: Out of fold, of images of the table; rows whose split is `train`, or which
            the model was trained on by their column `trained_on`, are left out.
        duplicates: Findings with clusters; copies stay together in the folds. Not looked at beside
            `predictions`.
        folds: Of the linear head's cross-validation: stratified; the table's groups, copies, and images with
            equal features stay together.
        seed: Of the folds.
        choose: Which labels are findings; see `confident_learning.suspects`.
        score: How findings are scored; see `confident_learning.suspicion`.
        action: What is suggested.
        limit: At most so many findings, the most suspicious; None: all.
        store: A folder that keeps features, as in `extract`.
        precision: As in `extract`.
        device: As in `extract`.
        batch_size: As in `extract`.
        workers: As in `extract`.
        watch: Passes batches on as they come, to show progress.

    Returns:
        Findings with two more columns, `label` (as given) and `likely`, the most suspicious first. Their
        settings hold the estimated share of wrong labels, `noise`, the joint distribution, and, as
        `not_judged`, labels that are taken to be right, with the number of their rows: fewer than `FEWEST`,
        or rows of which the answers say no more than the label's share (`confident_learning`).

    Raises:
        DataError: No row has a label and an answer, there are too few groups for the folds, or neither
            `backbone` nor `predictions` are given.
    """
    settings: dict[str, Any] = {"choose": choose, "score": score, "limit": limit}
    if predictions is None:
        if backbone is None:
            raise DataError("labels are checked against predictions, or with the features of a backbone")
        predictions = predict_out_of_fold(
            table, backbone, preprocessing=preprocessing, duplicates=duplicates, folds=folds, seed=seed,
            store=store, precision=precision, device=device, batch_size=batch_size, workers=workers,
            watch=watch,
        )  # fmt: skip
        settings |= {"features": backbone.made_of, "folds": folds, "seed": seed}
        if duplicates is not None:
            settings["copies_together"] = dict(duplicates.settings)
    rows = _rows(table, predictions)
    joint = confident_joint(rows.probabilities, rows.labels, fewest=FEWEST)
    found = suspects(rows.probabilities, rows.labels, choose=choose, fewest=FEWEST)
    frame = _frame(rows, joint, suspicion(rows.probabilities, rows.labels, score=score), action=action)
    frame = frame[found].sort_values("score", ascending=False, kind="stable").iloc[:limit]
    settings |= {
        "rows": len(rows.labels), "left_out": len(table) - len(rows.labels), "noise": joint.noise,
        "accuracy": float(np.mean(rows.probabilities.argmax(1) == rows.labels)),
        "labels": list(rows.names), "joint": joint.joint.round(6).tolist(),
        "not_judged": _not_judged(rows, joint),
    }  # fmt: skip
    return Findings(frame, table=table.name, kind="labels", settings=settings)


def predict_out_of_fold(
    table: Table, backbone: Backbone, *, preprocessing: Preprocessing | None = None,
    duplicates: Findings | None = None, folds: int = 5, seed: int = 0,
    store: str | Path | None = None, precision: str = "auto", device: str = "auto",
    batch_size: int = 64, workers: int = 0, watch: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> Predictions:  # fmt: skip
    """Answer for a table's labelled images by linear heads on features, each row by a head that lacks it.

    Args, errors: as `find_labels`. What is returned can be written, and evaluated, as any predictions.
    """
    labelled = table.select(table.labels >= 0)
    if table.taxonomy is None or not len(labelled):
        raise DataError(f"{table.name}: no row has a label, so that there is none to check")
    features = extract(
        backbone, labelled, preprocessing=preprocessing or backbone.preprocessing, store=store, maps=(),
        precision=precision, device=device, batch_size=batch_size, workers=workers, watch=watch,
    )  # fmt: skip
    names = table.taxonomy.names
    p = np.full((len(labelled), len(names)), np.nan)
    if features.ok.any():
        read = labelled.select(features.ok)
        read = read if duplicates is None else tied(read, duplicates)
        alike = read.assign(group=_together(read, features.pooled[0][features.ok]).astype(str))
        fold = deal(alike, k=folds, seed=seed)
        p[features.ok] = out_of_fold(features.pooled[0][features.ok], read.labels, fold, n_labels=len(names))
    columns: dict[str, Any] = {
        "path": labelled.frame["path"],
        "error": [None if ok else "this image cannot be read" for ok in features.ok],
    }
    columns |= {PROBABILITY + name: p[:, place] for place, name in enumerate(names)}
    columns["label"] = labelled.frame["label"]
    return Predictions(pd.DataFrame(columns), metadata=Metadata(taxonomy=table.taxonomy), name=table.name)


def _together(table: Table, vectors: Float32[np.ndarray, "N D"]) -> Int64[np.ndarray, " N"]:
    """Number the rows' groups, where images with equal features are of one group, too."""
    _, same = np.unique(vectors, axis=0, return_inverse=True)
    ends = groups(table), same.reshape(-1) + len(table)
    graph = csr_array((np.ones(len(table)), ends), shape=(2 * len(table), 2 * len(table)))
    return np.asarray(connected_components(graph, directed=False)[1][ends[0]], dtype=np.int64)


def trained_on(config: Mapping[str, Any], table: Table) -> tuple[str, ...]:
    """Return what a model says it was trained on that bears the name of the table or of its rows' sources.

    Args:
        config: What the model's `config.json` says; earlier stages of its training are looked through, too.
        table: The labels to check. Only names are compared: a table that was renamed is not recognised.
    """
    learnt = set(_names(config.get("provenance", {})))
    mine = {*table.name.split("+"), table.name}
    if "source" in table.frame:
        mine |= set(table.frame["source"].dropna().astype(str))
    return tuple(sorted(learnt & mine))


def _names(provenance: object) -> Iterator[str]:
    """Go through a provenance and give the names of data sets and tables."""
    if isinstance(provenance, Mapping):
        for key, value in provenance.items():
            if key == "dataset" and isinstance(value, str):
                yield value
            elif key == "tables" and isinstance(value, list):
                yield from (str(name) for name in value)
            else:
                yield from _names(value)
    elif isinstance(provenance, list):
        for each in provenance:
            yield from _names(each)


@dataclass(frozen=True)
class _Rows:
    """The rows that can be checked."""

    paths: list[str]
    """As the table has them."""
    names: tuple[str, ...]
    labels: Int64[np.ndarray, " N"]
    probabilities: Float64[np.ndarray, "N K"]


def _rows(table: Table, predictions: Predictions) -> _Rows:
    """Match predictions with the table's labels; leave out what has no label, no answer, or was learnt."""
    if not predictions.names:
        raise DataError(f"{predictions.name}: no probabilities of labels; predict with an emotion head")
    bare = table.frame.drop(columns="split", errors="ignore")  # the predictions' own counts
    named = bare.assign(group=table.frame["path"])
    joined = predictions.join(
        Table(named, taxonomy=table.taxonomy, root=table.root, name=table.name), partial=True
    )
    usable = joined.ok & (joined.labels >= 0)
    learnt = np.zeros(len(joined), dtype=bool)
    if "split" in joined.frame:
        learnt = (joined.frame["split"] == "train").fillna(value=False).to_numpy(dtype=bool)
    if TRAINED_ON in joined.frame:
        learnt |= joined.frame[TRAINED_ON].fillna(value=False).to_numpy(dtype=bool)
    if not (usable & ~learnt).any():
        raise DataError(
            f"{predictions.name}: none of {len(predictions)} predictions has a label in {table.name} and was "
            f"made out of fold (the model was trained on {int((usable & learnt).sum())} of them)"
        )
    kept = joined.select(usable & ~learnt)
    p = np.asarray(kept.probabilities, dtype=np.float64)
    paths = [str(path) for path in kept.frame["group"]]
    return _Rows(paths, kept.names, kept.labels, p / p.sum(1, keepdims=True))


def _not_judged(rows: _Rows, joint: ConfidentJoint) -> dict[str, int]:
    """Name the labels that have rows and are not judged, with how many those are."""
    sizes = np.bincount(rows.labels, minlength=len(rows.names))
    left = np.flatnonzero(~joint.judged & (sizes > 0))
    return {rows.names[label]: int(sizes[label]) for label in left}


def _frame(
    rows: _Rows, joint: ConfidentJoint, scores: Float64[np.ndarray, " N"], *, action: Action
) -> pd.DataFrame:
    """Write a finding for every row, suspect or not."""
    p, labels = rows.probabilities, rows.labels
    away = (joint.confident >= 0) & (joint.confident != labels)
    usual = [
        f"; images of that label have {t:.2f} on average" if t < np.inf else "" for t in joint.thresholds
    ]
    likely = np.where(away, joint.confident, best_other(p, labels))
    evidence = [
        f"labelled {rows.names[given]} (p = {p[row, given]:.2f}), more like {rows.names[other]} "
        f"(p = {p[row, other]:.2f}{usual[other]})"
        for row, (given, other) in enumerate(zip(labels, likely, strict=True))
    ]
    columns = dict(zip(COLUMNS, (rows.paths, KIND, scores, evidence, action, None), strict=True))
    names = np.array(rows.names, dtype=object)
    return pd.DataFrame(columns | {"label": names[labels], "likely": names[likely]})
