"""Predicted against true values."""

import numpy as np
import pytest
from matplotlib.collections import PathCollection, PolyCollection

from evocative.errors import DataError
from evocative.plots.agreement import MANY, plot_agreement, plot_agreements


def test_points_are_the_complete_rows_and_the_line_their_fit() -> None:
    true = np.array([-0.8, 0.0, 0.4, 0.9, np.nan])
    axes = plot_agreement(true, np.array([-0.3, 0.1, 0.3, 0.55, 0.2]), name="valence")
    (points,) = (each for each in axes.collections if isinstance(each, PathCollection))
    np.testing.assert_allclose(np.asarray(points.get_offsets())[:, 0], true[:4])
    slope = np.polyfit(true[:4], [-0.3, 0.1, 0.3, 0.55], 1)[0]
    legend = axes.get_legend()
    assert legend is not None
    assert legend.get_texts()[0].get_text() == f"slope {slope:.2f}"
    assert axes.get_xlabel() == "true valence"
    assert "n = 4" in [text.get_text() for text in axes.texts]


def test_many_rows_are_drawn_by_density() -> None:
    values = np.linspace(-1, 1, MANY + 1)
    axes = plot_agreement(values, values, name="arousal")
    assert any(isinstance(each, PolyCollection) for each in axes.collections)


def test_nothing_to_fit() -> None:
    assert plot_agreement(np.array([0.1]), np.array([0.2]), name="valence").get_legend() is None
    assert plot_agreement(np.full(5, 0.1), np.zeros(5), name="valence").get_legend() is None


def test_a_panel_a_dimension() -> None:
    figure = plot_agreements(np.zeros((3, 2)), np.zeros((3, 2)), names=["valence", "arousal"])
    assert [axes.get_ylabel() for axes in figure.axes] == ["predicted valence", "predicted arousal"]


def test_shapes_must_match() -> None:
    with pytest.raises(DataError, match=r"\(3,\) and \(2,\)"):
        plot_agreement(np.zeros(3), np.zeros(2), name="valence")
    with pytest.raises(DataError, match=r"\(N, 1\)"):
        plot_agreements(np.zeros((3, 2)), np.zeros((3, 2)), names=["valence"])
