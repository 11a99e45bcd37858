"""Pictures for papers: what `evocative picture` draws of runs, images, data and recipes.

umap          maps of embeddings side by side (Motiejauskas 2026, figures 5.1–5.3, 5.7, 5.8)
centers       distances between class centres, one colour scale (5.4, 5.5)
roc           ROC curves of several models in one picture
artworks      images with predicted class and probability (5.6)
samples       images of a data set, a row a label (3.3, 3.6)
augmentation  what a recipe's augmentation makes of images
circumplex    predictions on the 4 × 4 cells of the valence–arousal plane (Cybulski 2019, figure 1)

The first three and the last read runs; an unknown image is answered by a run's own model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from jaxtyping import Int64
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from evocative.data.image import decode
from evocative.data.table import Table
from evocative.errors import DataError
from evocative.evaluate.centers import Centers, learned_centers, mean_centers
from evocative.evaluate.embeddings import By, Others, plot_embeddings
from evocative.evaluate.rows import Rows
from evocative.inference.predictions import Predictions
from evocative.plots.artworks import Answered, plot_artworks
from evocative.plots.augmented import plot_augmented
from evocative.plots.cells import plot_cells_of
from evocative.plots.centers import plot_centers
from evocative.plots.roc import plot_rocs
from evocative.plots.sheet import plot_sheet
from evocative.plots.style import COLUMN_WIDTH, MISSING
from evocative.plots.thumbnails import Picture
from evocative.preprocessing import Preprocessing
from evocative.recipe.settings import Recipe

if TYPE_CHECKING:
    from evocative.inference.predictor import Predictor

SIDE: Final = 512
"""Shorter side in pixels that images are decoded to."""


def umap(
    runs: Mapping[str, Predictions],
    *,
    by: By = "true",
    predictors: "Mapping[str, Predictor] | None" = None,
    images: Sequence[Path] = (),
    seed: int = 0,
    width: float | None = None,
) -> Figure:
    """Draw the map of each run's embedding.

    Args:
        runs: By title.
        by: Colours by `true` or `predicted` label.
        predictors: By title, the models that place further images on the maps.
        images: Those images.
        seed: Of UMAP.
        width: Of the figure, inches.

    Raises:
        DataError: No run has an embedding with enough rows, or an image cannot be read.
    """
    others = {title: _others(model, images) for title, model in (predictors or {}).items() if images}
    figure = plot_embeddings(runs, seed=seed, by=by, others=others, width=width, how="umap")
    if figure is None:
        wanted = "embeddings and labels" if by == "true" else "embeddings and probabilities"
        raise DataError(f"a map needs {wanted} of ten rows or more: none of {', '.join(runs)} has them")
    return figure


def centers(
    runs: Mapping[str, Predictions],
    models: Mapping[str, Path] | None = None,
    *,
    margins: Mapping[str, float] | None = None,
    width: float | None = None,
) -> Figure:
    """Draw the distances between class centres of each run: learned ones, or else the means of the classes.

    Args:
        runs: By title.
        models: By title, the folders of their models.
        margins: By title, m of the contrastive-center loss; only of learned centres is it told.
        width: Of the figure, inches.

    Raises:
        DataError: A run has neither, or the runs have different labels.
    """
    found = {title: _centers(title, run, (models or {}).get(title)) for title, run in runs.items()}
    names = [one.names for one in found.values()]
    if len(set(names)) > 1:
        raise DataError(
            f"centres beside each other need the same labels, found {' and '.join(map(str, set(names)))}"
        )
    titles = {title: title if one.origin == "learned" else f"{title} (means)" for title, one in found.items()}
    told = {titles[key]: m for key, m in (margins or {}).items() if found[key].origin == "learned"}
    vectors = {titles[title]: one.vectors for title, one in found.items()}
    return plot_centers(vectors, names=names[0], margins=told, width=width)


def roc(runs: Mapping[str, Predictions], *, label: str | None = None) -> Figure:
    """Draw the ROC curves of several runs in one picture.

    Args:
        runs: By title; of one data set or of several.
        label: The label that is looked for; None: the mean of all labels' curves.

    Raises:
        DataError: A run has no probabilities or no true labels, or no such label.
    """
    curves = {}
    for title, run in runs.items():
        rows = Rows.of(run)
        if rows.taxonomy is None or rows.probabilities is None or not rows.known.any():
            raise DataError(f"{title}: ROC curves need probabilities and true labels (give these by --data)")
        if label is None:
            curves[title] = (rows.labels, rows.probabilities)
            continue
        place = rows.taxonomy.names.index(rows.taxonomy.resolve(label))
        sought = np.where(rows.known, rows.labels == place, -1).astype(np.int64)
        curves[title] = (sought, rows.probabilities[:, place])
    figure = plot_rocs(curves, label=label).get_figure(root=True)
    assert isinstance(figure, Figure)  # noqa: S101
    return figure


def circumplex(runs: Mapping[str, Predictions], *, by: By = "true", width: float | None = None) -> Figure:
    """Draw each run's predicted valence and arousal on the cells with emotion words.

    Args:
        runs: By title.
        by: Colours by `true` or `predicted` label; runs without such labels are drawn in one colour.
        width: Of the figure, inches.

    Raises:
        DataError: A run predicts no valence and arousal.
    """
    places: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
    colors: dict[str, list[str]] = {}
    legend: dict[str, str] = {}
    for title, run in runs.items():
        rows = Rows.of(run)
        if not np.isfinite(rows.dimensions[:, :2]).all(axis=1).any():
            raise DataError(f"{title}: this picture needs predicted valence and arousal; the model has none")
        valence, arousal = np.clip(rows.dimensions[:, :2], -1, 1).T
        places[title] = (valence, arousal)
        labels = rows.labels if by == "true" else _best(rows)
        if rows.taxonomy is not None and (labels >= 0).any():
            shades = [*rows.taxonomy.colors, MISSING]
            colors[title] = [shades[label] for label in labels]
            legend |= {rows.taxonomy.names[k]: shades[k] for k in np.unique(labels[labels >= 0])}
    return plot_cells_of(places, colors=colors, legend=legend, width=width)


def _best(rows: Rows) -> Int64[np.ndarray, " N"]:
    if rows.probabilities is None:
        return np.full(len(rows.labels), -1, dtype=np.int64)
    best: NDArray[np.int64] = rows.probabilities.argmax(axis=1)
    return best


def artworks(
    predictor: "Predictor", images: Sequence[Path], *, columns: int | None = None, width: float = COLUMN_WIDTH
) -> Figure:
    """Draw images with the class that a model predicts and its probability.

    Raises:
        DataError: An image cannot be read, or the model has no emotion head.
    """
    if predictor.taxonomy is None:
        raise DataError("pictures with classes need a model that predicts emotions")
    colors = dict(zip(predictor.taxonomy.names, predictor.taxonomy.colors, strict=True))
    answered = []
    for path in images:
        image = decode(path, at_least=SIDE)
        ((label, probability),) = predictor.predict(path).top(1)
        answered.append(Answered(image, label, probability, path.stem))
    return plot_artworks(answered, colors=colors, columns=columns, width=width)


def samples(
    table: Table, *, per_label: int = 4, seed: int = 0, width: float = COLUMN_WIDTH, counts: bool = True
) -> Figure:
    """Draw images of each label, chosen at random; those that cannot be read are passed over.

    Raises:
        DataError: The table has no labels, or none of its images can be read.
    """
    if table.taxonomy is None or not (table.labels >= 0).any():
        raise DataError(f"{table.name}: a sheet of samples needs labels")
    rng, paths, labels = np.random.default_rng(seed), table.paths, table.labels
    shown: dict[str, list[Image.Image]] = {}
    for place, name in enumerate(table.taxonomy.names):
        rows = rng.permutation(np.flatnonzero(labels == place))
        if len(rows):
            shown[name] = _readable([paths[row] for row in rows], per_label)
    if not any(shown.values()):
        raise DataError(f"{table.name}: none of its images can be read, as {paths[0]}; see --images")
    colors = dict(zip(table.taxonomy.names, table.taxonomy.colors, strict=True))
    numbers = {name: int((labels == k).sum()) for k, name in enumerate(table.taxonomy.names)}
    return plot_sheet(
        shown, colors=colors, counts=numbers if counts else None, columns=per_label, width=width
    )


def augmentation(
    recipe: Recipe, images: Sequence[Path], *, versions: int = 5, width: float = COLUMN_WIDTH
) -> Figure:
    """Draw what a recipe's augmentation makes of images, as its first epochs see them.

    Mixup and CutMix, which join images of a batch, are not shown.

    Raises:
        DataError: There are no images, or one cannot be read.
        RecipeError: A setting of the augmentation is out of range.
    """
    from evocative.data.dataset import Failure, ImageDataset
    from evocative.data.transforms import decode_size, training_transform

    if not images or versions < 1:
        raise DataError(f"expected images and at least one version, found {len(images)} and {versions}")
    found = recipe.preprocessing or Preprocessing()
    small = replace(found, size=recipe.augmentation.size or found.size)
    table = Table(pd.DataFrame({"path": [str(path) for path in images]}), name="images")
    data = ImageDataset(
        table, training_transform(small, recipe.augmentation), seed=recipe.seed,
        at_least=decode_size(small, recipe.augmentation),
    )  # fmt: skip
    rows: list[list[Picture]] = []
    for index, path in enumerate(images):
        drawn = [data[epoch, index] for epoch in range(versions)]
        failed = [one.reason for one in drawn if isinstance(one, Failure)]
        if failed:
            raise DataError(failed[0])
        pictures = [one.image.permute(1, 2, 0).numpy() for one in drawn if not isinstance(one, Failure)]
        rows.append([decode(path, at_least=SIDE), *pictures])
    return plot_augmented(rows, heads=["image", *(f"epoch {k + 1}" for k in range(versions))], width=width)


def _others(predictor: "Predictor", images: Sequence[Path]) -> Others:
    """Let a model answer for further images; every one must be readable."""
    if predictor.taxonomy is None:
        raise DataError("an overlay needs a model that predicts emotions")
    names = predictor.taxonomy.names
    answers = [predictor.predict(path) for path in images]
    vectors = [answer.embedding for answer in answers if answer.embedding is not None]
    labels = np.array([names.index(answer.top(1)[0][0]) for answer in answers], dtype=np.int64)
    return Others(np.stack(vectors), labels, [decode(path, at_least=SIDE) for path in images])


def _centers(title: str, run: Predictions, model: Path | None) -> Centers:
    found = None if model is None else learned_centers(model)
    means = found or mean_centers(Rows.of(run))
    if isinstance(means, str):
        raise DataError(f"{title}: there are no class centres: {means}")
    return means


def _readable(paths: Sequence[Path], most: int) -> list[Image.Image]:
    found: list[Image.Image] = []
    for path in paths:
        if len(found) == most:
            break
        try:
            found.append(decode(path, at_least=SIDE))
        except DataError:
            continue
    return found
