"""Pictures of runs, images, data and recipes: what they show, and what they refuse."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from PIL import Image
from sklearn.metrics import roc_auc_score

from evocative.data.table import Table
from evocative.errors import DataError
from evocative.evaluate import gallery
from evocative.evaluate.embeddings import Others, plot_embeddings
from evocative.inference.predictions import Predictions
from evocative.recipe.settings import Augmentation, Recipe
from evocative.taxonomy.labels import taxonomy

Make = Callable[..., Predictions]


def texts(figure: Any) -> list[str]:
    found = [text.get_text() for axes in figure.axes for text in axes.findobj(Text)]
    for legend in [*figure.legends, *(axes.get_legend() for axes in figure.axes if axes.get_legend())]:
        found += [legend.get_title().get_text(), *(text.get_text() for text in legend.get_texts())]
    return [*found, *(text.get_text() for text in figure.texts)]


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"{name}.png" for name in ("a", "b")]
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)).save(path)
    return paths


def test_maps_by_true_or_predicted_label(make: Make) -> None:
    run = make(40)
    partly = run.frame["label"].where(run.frame.index < 15)
    some = Predictions(run.frame.assign(label=partly), metadata=run.metadata)
    assert {"n = 15", "true label"} <= set(texts(gallery.umap({"a": some})))
    assert {"n = 40", "predicted label"} <= set(texts(gallery.umap({"a": some}, by="predicted")))
    with pytest.raises(DataError, match="ten rows"):
        gallery.umap({"a": make(40, embedding=None)})
    others = Others(np.zeros((2, 12), dtype=np.float32), np.array([0, 1]))
    figure = plot_embeddings({"a": some}, others={"a": others})
    assert figure is not None
    assert len(figure.axes[0].collections) == 2
    with pytest.raises(DataError, match="same labels"):
        plot_embeddings({"a": run, "b": make(40, labels=taxonomy("ekman6"))})


def test_centres_are_means_where_none_are_learned(make: Make) -> None:
    said = texts(gallery.centers({"plain": make(80), "other": make(80, seed=1)}, margins={"plain": 3.0}))
    assert {"plain (means)", "other (means)"} <= set(said)
    assert not any("nearer" in text for text in said)  # m is of learned centres
    with pytest.raises(DataError, match="no class centres"):
        gallery.centers({"a": make(40, embedding=None)})
    with pytest.raises(DataError, match="the same labels"):
        gallery.centers({"a": make(80), "b": make(80, labels=taxonomy("ekman6"))})


def test_roc_of_a_label_and_of_all(make: Make) -> None:
    run = make(100)
    assert run.probabilities is not None
    area = roc_auc_score(run.labels == 7, run.probabilities[:, 7])
    assert f"a: {area:.3f} (n = 100)" in texts(gallery.roc({"a": run}, label="sadness"))
    assert "area under the curve, mean of all classes" in texts(
        gallery.roc({"a": run, "b": make(50, seed=1)})
    )
    with pytest.raises(DataError, match="a: ROC"):
        gallery.roc({"a": make(50, label=None)})


def test_samples_pass_over_what_cannot_be_read(images: list[Path]) -> None:
    names = [*map(str, images), "gone.png", str(images[0])]
    frame = pd.DataFrame({"path": names, "label": ["awe", "awe", "awe", "fear"]})
    figure = gallery.samples(Table(frame, taxonomy=taxonomy("mikels8")), per_label=3)
    assert len(figure.axes) == 3
    assert {"awe", "fear", "3"} <= set(texts(figure))
    with pytest.raises(DataError, match="none of its images"):
        gallery.samples(Table(frame.assign(path="gone.png"), taxonomy=taxonomy("mikels8")))
    with pytest.raises(DataError, match="needs labels"):
        gallery.samples(Table(frame.drop(columns="label")))


def test_augmentation_is_what_training_sees(images: list[Path]) -> None:
    recipe = Recipe(augmentation=Augmentation(size=24), seed=3)
    first, again = (gallery.augmentation(recipe, images, versions=3) for _ in range(2))
    assert len(first.axes) == 8
    shown = [[np.asarray(axes.images[0].get_array()) for axes in figure.axes] for figure in (first, again)]
    assert all(np.array_equal(a, b) for a, b in zip(*shown, strict=True))
    assert not np.array_equal(shown[0][1], shown[0][2])
    other = gallery.augmentation(Recipe(augmentation=Augmentation(size=24), seed=4), images, versions=3)
    assert not np.array_equal(shown[0][1], np.asarray(other.axes[1].images[0].get_array()))
    with pytest.raises(DataError, match=r"gone\.png"):
        gallery.augmentation(recipe, [Path("gone.png")])
