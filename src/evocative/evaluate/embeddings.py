"""The embeddings of several models side by side, each by UMAP, with other images laid over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from jaxtyping import Float32, Int64
from matplotlib.figure import Figure

from evocative.errors import DataError
from evocative.evaluate.rows import Rows
from evocative.inference.predictions import Predictions
from evocative.plots.embedding import map_coordinates, umap_coordinates, umap_overlay
from evocative.plots.maps import Map, Overlay, plot_maps
from evocative.plots.style import COLUMN_WIDTH, PAGE_WIDTH
from evocative.plots.thumbnails import Picture

COLUMNS: Final = 3
FEWEST: Final = 10
"""Rows below which a map says nothing."""
MOST: Final = 20_000
"""Rows of a map; more are drawn at random."""
NEIGHBORS: Final = 15

By = Literal["true", "predicted"]
How = Literal["auto", "umap"]


@dataclass(frozen=True, eq=False)
class Others:
    """Other images, as one model sees them."""

    embedding: Float32[np.ndarray, "M D"]
    labels: Int64[np.ndarray, " M"]
    """Predicted, in the model's order."""
    images: Sequence[Picture] = ()


def plot_embeddings(
    arms: Mapping[str, Predictions],
    *,
    seed: int = 0,
    by: By = "true",
    others: Mapping[str, Others] | None = None,
    width: float | None = None,
    how: How = "auto",
) -> Figure | None:
    """Draw the map of each model's embedding; None where none has one with enough rows.

    Every map is made alone, since each run has a space of its own: what can be compared is how far labels
    keep apart, not where they lie.

    Args:
        arms: By title, the predictions of one run. Those without an embedding are left out.
        seed: Of UMAP, and of the choice of rows where there are too many.
        by: `true` shows rows with a label, in its colour; `predicted` all rows, in the colour of the best.
        others: By title, images that are laid over the map in the colour of what is predicted of them.
        width: Of the figure in inches; a column's for two maps, a page's for more.
        how: `umap`; or `auto`: a projection where rows are few (`plots.embedding.FEW`). Others are laid over
            UMAP only.

    Raises:
        DataError: The models answer in different labels.
    """
    rows = {title: Rows.of(found) for title, found in arms.items()}
    shown = {title: one for title, one in rows.items() if _chosen(one, by).sum() >= FEWEST}
    if not shown:
        return None
    taxonomies = [one.taxonomy for one in shown.values() if one.taxonomy is not None]
    if len({one.names for one in taxonomies}) > 1:
        raise DataError("maps side by side need models of the same labels; draw them one by one")
    maps = {title: _map(one, by, seed, how, (others or {}).get(title)) for title, one in shown.items()}
    wide = len(shown) > 2 or (width or 0) > 1.5 * COLUMN_WIDTH
    return plot_maps(
        maps, names=taxonomies[0].names, colors=taxonomies[0].colors, columns=COLUMNS if wide else 2,
        width=width or (PAGE_WIDTH if wide else COLUMN_WIDTH), heading=f"{by} label",
    )  # fmt: skip


def _chosen(rows: Rows, by: By) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return which rows a map shows."""
    if rows.taxonomy is None or rows.embedding is None or rows.probabilities is None:
        return np.zeros(len(rows.labels), dtype=np.bool_)
    return rows.known if by == "true" else np.ones(len(rows.labels), dtype=np.bool_)


def _map(rows: Rows, by: By, seed: int, how: How, others: Others | None) -> Map:
    assert rows.embedding is not None and rows.probabilities is not None  # noqa: S101, PT018 (_chosen)
    chosen = np.flatnonzero(_chosen(rows, by))
    if len(chosen) > MOST:
        chosen = np.sort(np.random.default_rng(seed).choice(chosen, MOST, replace=False))
    labels = rows.labels if by == "true" else rows.probabilities.argmax(axis=1)
    embedding, near = rows.embedding[chosen], min(NEIGHBORS, len(chosen) - 1)
    if others is None and how == "auto":
        points, told = map_coordinates(embedding, seed=seed, n_neighbors=near)
        return Map(points, labels[chosen], how=told)
    if others is None:
        return Map(umap_coordinates(embedding, seed=seed, n_neighbors=near), labels[chosen])
    points, places = umap_overlay(embedding, others.embedding, seed=seed, n_neighbors=near)
    return Map(points, labels[chosen], Overlay(places, others.labels, others.images))
