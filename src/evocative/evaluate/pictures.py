"""The pictures of a report: each function draws one, or says why it cannot."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from evocative.data.columns import AXES
from evocative.evaluate.centers import Centers, mean_centers
from evocative.evaluate.report import Report
from evocative.evaluate.rows import Rows
from evocative.plots.agreement import MANY, plot_agreements
from evocative.plots.centers import plot_center_distances
from evocative.plots.circumplex import plot_circumplex
from evocative.plots.confusion import plot_confusions
from evocative.plots.embedding import map_coordinates, plot_embedding
from evocative.plots.reliability import plot_reliability
from evocative.plots.roc import plot_roc

MOST_LABELS: Final = 60
"""Labels above which a picture of pairs of labels cannot be read."""
MOST_CURVES: Final = 25
MOST_POINTS: Final = 20_000
"""Rows of the map; more are drawn at random."""
FEWEST_POINTS: Final = 10
NEIGHBORS: Final = 15


@dataclass(frozen=True, eq=False)
class Scene:
    """What there is to draw."""

    report: Report
    rows: Rows
    centers: Centers | None
    """Learned ones; None: the means of the classes are shown."""
    seed: int


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture and what it says."""

    figure: Figure
    title: str
    caption: str


Found: TypeAlias = Drawn | str | None
"""A picture; or why there is none; or None where the report says already why its part is absent."""


def confusion(scene: Scene) -> Found:
    """Draw how often each label is predicted as each other."""
    found, taxonomy = scene.report.classification, scene.rows.taxonomy
    if found is None or taxonomy is None:
        return None
    if len(taxonomy) > MOST_LABELS:
        return f"{len(taxonomy)} labels are too many to read; report.json has the counts"
    figure = plot_confusions(
        np.array(found.confusion.counts), names=found.confusion.names, colors=taxonomy.colors
    )
    return Drawn(
        figure, "Confusion matrix", "Labels in rows, predictions in columns; right: share of each row."
    )


def roc(scene: Scene) -> Found:
    """Draw the ROC curve of each label."""
    rows = scene.rows.without(scene.report.provenance.unreachable)
    if scene.report.classification is None or rows.taxonomy is None or rows.probabilities is None:
        return None
    if len(rows.taxonomy) > MOST_CURVES:
        return f"{len(rows.taxonomy)} curves are too many to read; report.json has the areas"
    axes = plot_roc(rows.labels, rows.probabilities, names=rows.taxonomy.names, colors=rows.taxonomy.colors)
    return Drawn(_figure(axes), "ROC curves", "Each label against all others; the legend gives the areas.")


def embedding(scene: Scene) -> Found:
    """Draw the map of the embedding by true label, or by predicted label where no row has a true one."""
    rows = scene.rows
    if rows.embedding is None or rows.taxonomy is None or rows.probabilities is None:
        return None if scene.report.clustering is None else "the predictions hold no probabilities"
    if len(rows.embedding) < FEWEST_POINTS:
        return f"a map needs {FEWEST_POINTS} rows, found {len(rows.embedding)}"
    chosen = _sample(len(rows.embedding), scene.seed)
    labels, by = (
        (rows.labels, "true") if rows.known.any() else (rows.probabilities.argmax(axis=1), "predicted")
    )
    neighbors = min(NEIGHBORS, len(chosen) - 1)
    points, how = map_coordinates(rows.embedding[chosen], seed=scene.seed, n_neighbors=neighbors)
    named = len(rows.taxonomy) <= MOST_CURVES
    axes = plot_embedding(
        points,
        labels[chosen],
        names=rows.taxonomy.names,
        colors=rows.taxonomy.colors,
        legend=named,
        how=how,
    )
    by_seed = f", seed {scene.seed}" if how.startswith("UMAP") else ""
    caption = f"{how}{by_seed}, of the embedding, coloured by {by} label."
    if len(chosen) < len(labels):
        caption += f" {len(chosen):,} of {len(labels):,} rows, drawn at random."
    if not named:
        caption += " Colours as in the table of labels."
    return Drawn(_figure(axes), "Map of the embedding", caption)


def centers(scene: Scene) -> Found:
    """Draw the distances between class centres."""
    found = scene.centers or mean_centers(scene.rows)
    if isinstance(found, str):
        return None if scene.rows.taxonomy is None or scene.rows.embedding is None else found
    if len(found.names) > MOST_LABELS:
        return f"{len(found.names)} labels are too many to read"
    axes = plot_center_distances(found.vectors, names=found.names)
    told = (
        "as the model learned them"
        if found.origin == "learned"
        else "means of the vectors of each true label"
    )
    return Drawn(
        _figure(axes), "Distances of class centres", f"Euclidean, in the embedding; centres: {told}."
    )


def dimensions(scene: Scene) -> Found:
    """Draw predicted over true values of each dimension."""
    measured = scene.report.dimensions
    if not measured:
        return None
    columns = [AXES.index(one.name) for one in measured]
    figure = plot_agreements(
        scene.rows.targets[:, columns],
        scene.rows.dimensions[:, columns],
        names=[one.name for one in measured],
    )
    caption = "Broken line: where both agree. Red line: least squares; flatter means kept to the middle."
    return Drawn(figure, "Predicted against true", caption)


def circumplex(scene: Scene) -> Found:
    """Draw where the predictions lie in the valence–arousal plane."""
    valence, arousal = scene.rows.dimensions[:, 0], scene.rows.dimensions[:, 1]
    there = np.isfinite(valence) & np.isfinite(arousal)
    if not there.any():
        return None
    dense = int(there.sum()) > MANY
    colors, by = _point_colors(scene.rows)
    shown = None if dense else colors
    axes = plot_circumplex(np.clip(valence, -1, 1), np.clip(arousal, -1, 1), colors=shown, density=dense)
    caption = f"Predicted place of each image{'' if dense else by}; words after Russell 1980."
    return Drawn(_figure(axes), "Valence–arousal plane", caption)


def reliability(scene: Scene) -> Found:
    """Draw how often predictions of a confidence are right."""
    found = scene.report.calibration
    if found is None:
        return None
    edges = [found.bins[0].low, *(one.high for one in found.bins)]
    columns = [[getattr(one, name) for one in found.bins] for name in ("n", "confidence", "accuracy")]
    axes = plot_reliability(edges, *columns)
    return Drawn(
        _figure(axes), "Reliability", "Accuracy by confidence; the number of rows stands in each bar."
    )


PICTURES: Final[dict[str, Callable[[Scene], Found]]] = {
    "confusion": confusion,
    "roc": roc,
    "embedding": embedding,
    "centers": centers,
    "dimensions": dimensions,
    "circumplex": circumplex,
    "reliability": reliability,
}
"""Name of the file without .png, to what draws it."""


def _figure(axes: Axes) -> Figure:
    return cast(Figure, axes.get_figure(root=True))


def _sample(rows: int, seed: int) -> NDArray[np.int64]:
    if rows <= MOST_POINTS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, MOST_POINTS, replace=False))


def _point_colors(rows: Rows) -> tuple[list[str] | None, str]:
    """Return a colour a row, of its true label or else of its best one, and how to say so."""
    if rows.taxonomy is None or rows.probabilities is None:
        return None, ""
    labels, by = (
        (rows.labels, "true") if rows.known.any() else (rows.probabilities.argmax(axis=1), "predicted")
    )
    palette = [*rows.taxonomy.colors, "#B3B3B3"]
    return [palette[label] for label in labels], f", coloured by {by} label"
