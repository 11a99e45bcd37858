"""One label, a distribution, VA, VAD or both: each turned into the others' terms, scored on the same images.

The first question of Cybulski 2019 (section 4.2). A model's answer is read in up to five ways:

    label         its best label: a point of the plane, the label's place
    distribution  the probabilities of its labels: their mean place
    VA, VAD       its valence and arousal (and dominance): as label, the nearest place
    joint         both heads together

and each is scored in terms of dimensions (r, CCC, MAE of each axis) and of labels (accuracy, macro F1).
Places of words are not on the scale on which images are rated, so dimensions are scored twice: as they are,
and `fitted`, by the straight line that other groups' images give (least squares, five folds of whole groups).
For `joint` that is a plane over both heads' values; as it is, their mean, and as labels the product of the
labels' probabilities and how likely each label is at the predicted point.

Truth in the terms that the images lack is derived: dimensions from labels by their places, labels from
dimensions by the nearest place, and `truth` says so. A derived truth favours the representation in whose
terms it was given.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from math import nan
from typing import Any, Final

import numpy as np
from jaxtyping import Float64, Int64
from numpy.typing import NDArray

from evocative.data.columns import AXES
from evocative.errors import DataError
from evocative.evaluate.rated import Rated
from evocative.evaluate.report import Figure
from evocative.evaluate.rows import Draws, Rows
from evocative.metrics.classification import ClassificationMetrics, classification_metrics
from evocative.metrics.dimensional import ccc, mae, pearson_r
from evocative.plain import plain
from evocative.taxonomy.circumplex import EmotionPlaces

FOLDS: Final = 5
Points = Float64[np.ndarray, "N A"]


@dataclass(frozen=True)
class Scored:
    """One representation of one model."""

    model: str
    representation: str
    dimensions: Mapping[str, Mapping[str, Figure]]
    """Axis to r, ccc, mae, fitted_r, fitted_ccc, fitted_mae."""
    labels: Mapping[str, Figure]
    """Accuracy and macro_f1."""
    differences: Mapping[str, Figure]
    """Against the first representation of all, on the same draws: `valence fitted_r`, `accuracy`, …"""


@dataclass(frozen=True)
class Representations:
    """All representations, and what they were scored against."""

    n: int
    axes: tuple[str, ...]
    truth: Mapping[str, str]
    """Where the true dimensions and the true labels come from."""
    places: str
    scored: tuple[Scored, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for strict JSON: what is not finite is None."""
        values: dict[str, Any] = plain(asdict(self))
        return values


@dataclass(frozen=True, eq=False)
class _Answer:
    """What a representation says: features of each axis for the fit, points as they are, labels."""

    model: str
    name: str
    features: Float64[np.ndarray, "F N A"]
    points: Points
    labels: Int64[np.ndarray, " N"]


def compare_representations(
    models: Mapping[str, Rated], places: EmotionPlaces, *, draws: Draws | None = None
) -> Representations:
    """Score every representation that each model allows.

    Args:
        models: By name; the images that all of them answered are scored.
        places: Where the labels lie, the same labels as the models'.
        draws: Of the intervals, whole groups at once.

    Raises:
        DataError: Models have other labels than the places, no image is common, or there is no truth.
    """
    draws = draws or Draws()
    rows = _common(models)
    first = next(iter(rows.values()))
    axes = (
        _axes([first.targets], places) or _axes([r.dimensions for r in rows.values()], places) or places.axes
    )
    flat = places.project(axes)
    answers = [answer for name, some in rows.items() for answer in _answers(name, some, places, axes)]
    true, labels, told = _truth(first, flat)
    groups = first.groups if first.groups is not None else np.arange(len(true), dtype=np.int64)
    fitted = {k: _cross_fitted(one.features, true, groups) for k, one in enumerate(answers)}
    score = _scorer(answers, fitted, true, labels, flat)
    found = draws.figures(score, np.arange(len(true)), groups=first.groups)
    scored = tuple(_scored(k, one, found, axes) for k, one in enumerate(answers))
    return Representations(len(true), axes, told, f"{places.name}: {places.source}", scored)


def render_representations(found: Representations, *, digits: int = 3) -> str:
    """Return the scores as a Markdown table: fitted r and CCC of each axis, accuracy, macro F1."""
    columns = [(axis, kind) for axis in found.axes for kind in ("r", "fitted_ccc", "fitted_mae")]
    names = [f"{axis} {kind.replace('_', ' ')}" for axis, kind in columns]
    lines = [
        f"n = {found.n}; true dimensions: {found.truth['dimensions']}; true labels: {found.truth['labels']}.",
        f"Places of labels: {found.places}.",
        "",
        "| model | representation | " + " | ".join([*names, "accuracy", "macro F1"]) + " |",
        "|---" * (len(columns) + 4) + "|",
    ]
    for one in found.scored:
        figures = [one.dimensions[axis][kind] for axis, kind in columns if axis in one.dimensions]
        blank = ["–"] * (len(columns) - len(figures))
        cells = [*map(str, figures), *blank, str(one.labels["accuracy"]), str(one.labels["macro_f1"])]
        lines.append(f"| {one.model} | {one.representation} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _common(models: Mapping[str, Rated]) -> dict[str, Rows]:
    """Return the rows of the images that all models answered, in the same order."""
    if not models:
        raise DataError("expected a model to score, found none")
    keys = {}
    for name, one in models.items():
        paths = (one.table if "path" in one.table else one.frame)["path"].astype(str).tolist()
        keys[name] = {path: row for row, path in enumerate(paths)}
    shared = sorted(set.intersection(*(set(paths) for paths in keys.values())))
    if not shared:
        raise DataError(f"{', '.join(models)} have no image in common (compared by path; give a table)")
    return {name: _chosen(one, [keys[name][path] for path in shared]) for name, one in models.items()}


def _axes(values: list[NDArray[np.float32]], places: EmotionPlaces) -> tuple[str, ...]:
    """Return the dimensions that stand in some of these columns."""
    return tuple(axis for axis in places.axes if any(_there(one[:, AXES.index(axis)]) for one in values))


def _chosen(one: Rated, places: list[int]) -> Rows:
    rows, chosen = one.rows, np.array(places)
    return Rows(
        rows.taxonomy,
        rows.labels[chosen],
        None if rows.probabilities is None else rows.probabilities[chosen],
        rows.dimensions[chosen],
        rows.targets[chosen],
        None,
        None if rows.groups is None else rows.groups[chosen],
    )


def _answers(model: str, rows: Rows, places: EmotionPlaces, axes: tuple[str, ...]) -> list[_Answer]:
    """Read a model's answer in every way that its heads allow."""
    columns = [AXES.index(axis) for axis in axes]
    va = rows.dimensions.astype(np.float64)
    predicted = tuple(axis for axis in places.axes if _there(va[:, AXES.index(axis)]))
    flat, found = places.project(axes), []
    if rows.taxonomy is not None and rows.probabilities is not None:
        if rows.taxonomy.names != places.labels:
            expected, names = ", ".join(places.labels), ", ".join(rows.taxonomy.names)
            raise DataError(f"{model}: expected the labels {expected}, found {names}")
        shares = rows.probabilities.astype(np.float64)
        best = shares.argmax(axis=1).astype(np.int64)
        for name, points in (("label", flat.means[best]), ("distribution", flat.expectation(shares))):
            found.append(_Answer(model, name, points[None], points, best))
    if len(predicted) >= 2:
        seen = places.project(predicted)
        values = va[:, [AXES.index(axis) for axis in predicted]]
        name = "".join(axis[0].upper() for axis in predicted)
        points = va[:, columns]
        found.append(_Answer(model, name, points[None], points, seen.nearest(values)))
        if len(found) > 1:
            found.append(_joint(model, found[1], found[2], shares * seen.distribution(values)))
    if not found:
        raise DataError(f"{model}: predicts neither labels nor two dimensions of {', '.join(places.axes)}")
    return found


def _joint(model: str, first: _Answer, second: _Answer, shares: Float64[np.ndarray, "N K"]) -> _Answer:
    features = np.concatenate([first.features, second.features])
    best = np.where(np.isnan(shares).any(axis=1), -1, shares.argmax(axis=1)).astype(np.int64)
    return _Answer(model, "joint", features, features.mean(axis=0), best)


def _truth(rows: Rows, flat: EmotionPlaces) -> tuple[Points, Int64[np.ndarray, " N"], dict[str, str]]:
    columns = [AXES.index(axis) for axis in flat.axes]
    true, labels = rows.targets[:, columns].astype(np.float64), rows.labels
    told = {"dimensions": "rated", "labels": "given"}
    if not np.isfinite(true).all(axis=1).any():
        if not rows.known.any():
            raise DataError("no image has a true label or true dimensions; give a table that has them")
        true = np.where(rows.known[:, None], flat.means[labels], nan)
        told["dimensions"] = "places of the true labels"
    elif not rows.known.any():
        labels = flat.nearest(true)
        told["labels"] = f"nearest to the rated {' and '.join(flat.axes)}"
    return true, labels, told


def _cross_fitted(
    features: Float64[np.ndarray, "F N A"], true: Points, groups: Int64[np.ndarray, " N"]
) -> Points:
    """Fit each axis by least squares on the groups of the other folds, and predict."""
    order = np.unique(groups)
    folds = np.random.default_rng(0).permutation(len(order)) % min(FOLDS, len(order))
    fold = folds[np.searchsorted(order, groups)]
    found = np.full(true.shape, nan)
    for axis in range(true.shape[1]):
        x = np.column_stack([np.ones(len(true)), *features[:, :, axis]])
        there = np.isfinite(x).all(axis=1) & np.isfinite(true[:, axis])
        for one in np.unique(fold):
            fit = there & (fold != one)
            if fit.sum() > x.shape[1]:
                weights = np.linalg.lstsq(x[fit], true[fit, axis], rcond=None)[0]
                found[fold == one, axis] = x[fold == one] @ weights
    return found


def _scorer(
    answers: list[_Answer],
    fitted: Mapping[int, Points],
    true: Points,
    labels: Int64[np.ndarray, " N"],
    flat: EmotionPlaces,
) -> Callable[[NDArray[np.int64]], dict[str, float]]:
    """Return a function of row numbers, so that all representations stand on the same draws."""
    whole = [_recognised(labels, one, np.arange(len(true)), flat) for one in answers]

    def score(rows: NDArray[np.int64]) -> dict[str, float]:
        figures: dict[str, float] = {}
        for k, one in enumerate(answers):
            for a, axis in enumerate(flat.axes):
                for start, points in (("", one.points), ("fitted_", fitted[k])):
                    for name, metric in (("r", pearson_r), ("ccc", ccc), ("mae", mae)):
                        figures[f"{k} {axis} {start}{name}"] = metric(true[rows, a], points[rows, a])
            found = _recognised(labels, one, rows, flat)
            macro = found.macro_among(whole[k])
            figures |= {f"{k} accuracy": found.accuracy, f"{k} macro_f1": macro["macro_f1"]}
        names = [key[2:] for key in figures if key.startswith("0 ")]
        later = range(1, len(answers))
        return figures | {f"{k}-0 {n}": figures[f"{k} {n}"] - figures[f"0 {n}"] for k in later for n in names}

    return score


def _recognised(
    labels: Int64[np.ndarray, " N"], one: _Answer, rows: NDArray[np.int64], flat: EmotionPlaces
) -> ClassificationMetrics:
    some = rows[(labels[rows] >= 0) & (one.labels[rows] >= 0)]
    return classification_metrics(labels[some], one.labels[some], names=flat.labels)


def _scored(k: int, one: _Answer, found: Mapping[str, Figure], axes: tuple[str, ...]) -> Scored:
    mine = {key.split(" ", 1)[1]: figure for key, figure in found.items() if key.startswith(f"{k} ")}
    apart = {key.split(" ", 1)[1]: figure for key, figure in found.items() if key.startswith(f"{k}-0 ")}
    by_axis = {
        axis: {key.split(" ")[1]: figure for key, figure in mine.items() if key.startswith(f"{axis} ")}
        for axis in axes
    }
    return Scored(one.model, one.name, by_axis, {n: mine[n] for n in ("accuracy", "macro_f1")}, apart)


def _there(values: NDArray[np.floating[Any]]) -> bool:
    return bool(np.isfinite(values).any())
