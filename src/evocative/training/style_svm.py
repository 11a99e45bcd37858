"""Style and a support vector machine: the hand-crafted baseline that networks are held against.

In the spirit of PAEF (Zhao et al. 2014) and Machajdik & Hanbury 2010: features of art and psychology, and an
SVM with Gaussian kernel (Chang & Lin's, through scikit-learn). Differs from the papers in: our features
(`explain.style`), all eight emotions at once (PAEF: one against all, averaged over true-positive rates), and
probabilities by Platt's scaling on inner folds.

    style = style_of_table(table, store="cache/")
    write_predictions(out_of_fold(style, table, folds(table, k=5, seed=0)), "style.parquet")
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64, Int64
from sklearn.calibration import CalibratedClassifierCV
from sklearn.impute import SimpleImputer
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from evocative.data.table import Table
from evocative.errors import DataError
from evocative.explain.style import StyleTable
from evocative.inference.check import PROBABILITY
from evocative.inference.metadata import Metadata
from evocative.inference.predictions import Predictions

NAME = "style + SVM"
"""What the predictions call the model."""
_INNER = 3


@dataclass(frozen=True)
class SvmSettings:
    """Of the support vector machine.

    Features are standardised on the training rows; where one is not defined, its mean there stands in.
    """

    c: float = 3.0
    """Penalty of a row on the wrong side; above 0."""
    gamma: float = 0.01
    """Of the kernel exp(-gamma · |x - y|²), x and y standardised; above 0."""
    balanced: bool = False
    """Weigh rows by one over the frequency of their label."""
    seed: int = 0
    """Of the inner folds that probabilities are scaled on."""

    def __post_init__(self) -> None:
        if not (self.c > 0 and self.gamma > 0 and self.seed >= 0):
            raise DataError(
                f"style + SVM: c and gamma must be above 0 and the seed at least 0, found {asdict(self)}"
            )


def out_of_fold(
    style: StyleTable,
    table: Table,
    fold: Int64[np.ndarray, " N"],
    *,
    settings: SvmSettings | None = None,
) -> Predictions:
    """Predict each row by a machine that was trained on the other folds.

    Args:
        style: Of the table's images, row by row.
        table: With labels.
        fold: Of each row, from 0; rows below 0 (a fixed validation part) are neither learned nor predicted.
        settings: Of the machine.

    Returns:
        The rows of the folds in the table's order.

    Raises:
        DataError: There are less than two folds, or as `train_and_predict`.
    """
    numbers = np.unique(fold[fold >= 0])
    if len(numbers) < 2 or len(fold) != len(table):
        raise DataError(
            f"{table.name}: expected 2 folds or more, and a fold for each of {len(table)} rows; found "
            f"{len(fold)} rows in {len(numbers)} folds"
        )
    pieces = [
        train_and_predict(style, table, train=(fold >= 0) & (fold != number), rows=fold == number,
                          settings=settings)
        for number in numbers
    ]  # fmt: skip
    order = np.argsort(np.concatenate([np.flatnonzero(fold == number) for number in numbers]))
    joined = pd.concat([piece.frame for piece in pieces], ignore_index=True).iloc[order]
    return replace(pieces[0], frame=joined.reset_index(drop=True))


def train_and_predict(
    style: StyleTable,
    table: Table,
    *,
    train: Bool[np.ndarray, " N"],
    rows: Bool[np.ndarray, " N"],
    settings: SvmSettings | None = None,
) -> Predictions:
    """Train on some rows and predict others; bad images are left out of the first and have an error after.

    Args:
        style: Of the table's images, row by row.
        table: With labels.
        train: Which rows to learn from; those without a label are passed over.
        rows: Which to predict.
        settings: Of the machine.

    Raises:
        DataError: The rows are not the table's, there is no taxonomy, or a label has too few images to learn.
    """
    if table.taxonomy is None:
        raise DataError(f"{table.name}: style + SVM learns labels, and the table has none")
    if len(style.paths) != len(table):
        raise DataError(f"{table.name}: {len(table)} rows, and the style of {len(style.paths)} images")
    used = train & style.ok & (table.labels >= 0)
    machine = fit_svm(style.matrix[used], table.labels[used], settings=settings, name=table.name)
    answered = rows & style.ok
    probabilities = np.full((len(table), len(table.taxonomy)), np.nan)
    if answered.any():
        probabilities[np.ix_(answered, machine.classes_)] = machine.predict_proba(style.matrix[answered])
        seen = np.isin(np.arange(len(table.taxonomy)), machine.classes_)
        probabilities[np.ix_(answered, ~seen)] = 0
    return _predictions(style, table, rows, probabilities)


def fit_svm(
    features: Float64[np.ndarray, "N F"],
    labels: Int64[np.ndarray, " N"],
    *,
    settings: SvmSettings | None = None,
    name: str = "style + SVM",
) -> Pipeline:
    """Fit the machine: standardised features, Gaussian kernel, scaled to probabilities.

    Raises:
        DataError: There are less than two labels, or one has fewer than three images.
    """
    chosen = settings or SvmSettings()
    counts = np.bincount(labels)[np.unique(labels)] if len(labels) else np.array([])
    if len(counts) < 2 or counts.min() < _INNER:
        raise DataError(
            f"{name}: an SVM needs two labels or more, and {_INNER} images of each: found "
            f"{len(counts)} labels, the rarest with {int(counts.min(initial=len(labels)))} images"
        )
    weight = "balanced" if chosen.balanced else None
    machine = SVC(C=chosen.c, gamma=chosen.gamma, class_weight=weight, cache_size=500)
    inner = StratifiedKFold(_INNER, shuffle=True, random_state=chosen.seed)
    scaled = CalibratedClassifierCV(machine, method="sigmoid", cv=inner, ensemble=False)
    mean = SimpleImputer(keep_empty_features=True)  # what an image has none of, as the hue of greys
    return make_pipeline(mean, StandardScaler(), scaled).fit(features, labels)


def _predictions(
    style: StyleTable, table: Table, rows: Bool[np.ndarray, " N"], probabilities: Float64[np.ndarray, "N K"]
) -> Predictions:
    assert table.taxonomy is not None  # noqa: S101
    columns: dict[str, Any] = {"path": table.frame["path"], "error": pd.Series(style.errors, dtype="string")}
    for place, name in enumerate(table.taxonomy.names):
        columns[PROBABILITY + name] = probabilities[:, place]
    columns |= {name: table.frame[name] for name in ("label", "split", "group") if name in table.frame}
    frame = pd.DataFrame(columns)[rows].reset_index(drop=True)
    return Predictions(frame, metadata=Metadata(taxonomy=table.taxonomy, model=NAME))
