"""ROC curves: the areas of scikit-learn, and what a class without rows has."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import roc_auc_score

from evocative.errors import DataError
from evocative.plots.roc import plot_roc

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
