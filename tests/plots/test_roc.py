"""ROC curves: the areas of scikit-learn, and what a class without rows has."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import roc_auc_score

from evocative.errors import DataError
from evocative.plots.roc import plot_roc, plot_rocs

Check = Callable[[Figure | Axes], list[str]]

NAMES = ("awe", "fear", "joy")


def test_each_class_has_its_curve_area_and_count(drawn: Check) -> None:
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(-1, 2, 120), rng.random((120, 3))
    scores[labels == -1] = np.nan
    axes = plot_roc(labels, scores, names=NAMES, colors=["#56B4E9", "#332288", "#F0E442"], title="FI-8")
    known = labels >= 0
    said = drawn(axes)
    for place, name in enumerate(NAMES[:2]):
        area = roc_auc_score(labels[known] == place, scores[known, place])
        assert f"{name}: {area:.3f} ({(labels == place).sum()})" in said
    assert "joy: undefined (0)" in said
    assert f"class: area (images of {known.sum()})" in said
    diagonal, first, second, absent = axes.lines
    assert np.asarray(first.get_xydata())[0].tolist() == [0, 0]
    assert np.asarray(second.get_xydata())[-1].tolist() == [1, 1]
    assert np.asarray(absent.get_xydata()).size == 0
    assert first.get_linestyle() != second.get_linestyle()
    assert np.asarray(diagonal.get_xdata()).tolist() == [0, 1]


def test_scores_must_fit() -> None:
    with pytest.raises(DataError, match=r"finite scores \(N, 3\)"):
        plot_roc([0, 1], np.zeros((2, 2)), names=NAMES)
    with pytest.raises(DataError, match="finite scores"):
        plot_roc([0, 1], np.full((2, 3), np.nan), names=NAMES)


def test_models_in_one_picture(drawn: Check) -> None:
    rng = np.random.default_rng(1)
    labels, scores = rng.integers(-1, 2, 150), rng.random(150)
    table = rng.random((90, 3))
    classes = rng.integers(0, 3, 90)
    models = {"one": (labels, scores), "all": (classes, table), "none": (np.ones(5, dtype=int), np.ones(5))}
    axes = plot_rocs(models, label="sadness", title="UnbiasedEmo")
    said = drawn(axes)
    known = labels >= 0
    assert f"one: {roc_auc_score(labels[known], scores[known]):.3f} (n = {known.sum()})" in said
    mean = np.mean([roc_auc_score(classes == k, table[:, k]) for k in range(3)])
    assert f"all: {mean:.3f} (n = 90)" in said
    assert "none: undefined (n = 5)" in said
    assert "area under the curve of sadness" in said
    _, first, second, _ = axes.lines
    for line in (first, second):
        points = np.asarray(line.get_xydata())
        assert points[0].tolist() == [0, 0]
        assert points[-1].tolist() == [1, 1]
        assert (np.diff(points, axis=0) >= 0).all()
    area = np.trapezoid(np.asarray(second.get_ydata()), np.asarray(second.get_xdata()))
    assert area == pytest.approx(mean, abs=0.005)  # the mean curve has the mean area
    assert (first.get_color(), first.get_linestyle()) != (second.get_color(), second.get_linestyle())


def test_models_must_fit() -> None:
    with pytest.raises(DataError, match="at least"):
        plot_rocs({})
    with pytest.raises(DataError, match="one: ROC"):
        plot_rocs({"one": (np.array([0, 1]), np.array([0.1, np.nan]))})
