"""The embeddings of several arms side by side, each by UMAP and coloured by true label."""

from collections.abc import Mapping
from math import ceil
from textwrap import fill

from matplotlib.figure import Figure

from evocative.evaluate.rows import Rows
from evocative.inference.predictions import Predictions
from evocative.plots.embedding import plot_embedding, umap_coordinates
from evocative.plots.style import new_figure, styled

COLUMNS = 3
FEWEST = 10
"""Rows below which a map says nothing."""
NEIGHBORS = 15
TITLE_WIDTH = 34
"""Characters of a title on one line."""


@styled
def plot_embeddings(arms: Mapping[str, Predictions], *, seed: int = 0) -> Figure | None:
    """Draw the map of each arm's embedding; None where no arm has one with enough labelled rows.

    Every map is made alone, since each run has a space of its own: what can be compared is how far labels
    keep apart, not where they lie.

    Args:
        arms: By title, the predictions of one run.
        seed: Of UMAP.
    """
    rows = {title: Rows.of(found) for title, found in arms.items()}
    shown = {
        title: one
        for title, one in rows.items()
        if one.taxonomy is not None and one.embedding is not None and one.known.sum() >= FEWEST
    }
    if not shown:
        return None
    columns = min(COLUMNS, len(shown))
    lines = ceil(len(shown) / columns)
    figure = new_figure(2.6 * columns + 1.2, 2.6 * lines)
    for place, (title, one) in enumerate(shown.items()):
        if one.taxonomy is None or one.embedding is None:
            continue
        labels, embedding = one.labels[one.known], one.embedding[one.known]
        points = umap_coordinates(embedding, seed=seed, n_neighbors=min(NEIGHBORS, len(labels) - 1))
        plot_embedding(
            points, labels, names=one.taxonomy.names, colors=one.taxonomy.colors,
            title=fill(title, TITLE_WIDTH), legend=place == min(columns, len(shown)) - 1,
            axes=figure.add_subplot(lines, columns, place + 1),
        )  # fmt: skip
    return figure
