"""Predicted against true values."""

from typing import Any

import numpy as np
import pytest
from matplotlib.collections import PathCollection, PolyCollection

from evocative.errors import DataError
from evocative.plots.agreement import MANY, plot_agreement, plot_agreements


def test_points_are_the_complete_rows_and_the_line_their_fit(drawn: Any) -> None:
    true = np.array([-0.8, 0.0, 0.4, 0.9, np.nan])
    axes = plot_agreement(true, np.array([-0.3, 0.1, 0.3, 0.55, 0.2]), name="valence")
    (points,) = (each for each in axes.collections if isinstance(each, PathCollection))
    np.testing.assert_allclose(np.asarray(points.get_offsets())[:, 0], true[:4])
    slope = np.polyfit(true[:4], [-0.3, 0.1, 0.3, 0.55], 1)[0]
    assert {f"slope {slope:.2f}", "true valence", "predicted valence", "n = 4"} <= set(drawn(axes))


def test_many_rows_are_drawn_by_density() -> None:
    values = np.linspace(-1, 1, MANY + 1)
    axes = plot_agreement(values, values, name="arousal")
    assert any(isinstance(each, PolyCollection) for each in axes.collections)


def test_nothing_to_fit() -> None:
    assert plot_agreement(np.array([0.1]), np.array([0.2]), name="valence").get_legend() is None
    assert plot_agreement(np.full(5, 0.1), np.zeros(5), name="valence").get_legend() is None


@pytest.mark.parametrize("names", [["valence"], ["valence", "arousal"], ["valence", "arousal", "dominance"]])
def test_a_panel_a_dimension(drawn: Any, names: list[str]) -> None:
    values = np.zeros((3, len(names)))
    words = drawn(plot_agreements(values, values, names=names))
    assert [word for word in words if word.startswith("pred")] == [f"predicted {name}" for name in names]


def test_shapes_must_match() -> None:
    with pytest.raises(DataError, match=r"\(3,\) and \(2,\)"):
        plot_agreement(np.zeros(3), np.zeros(2), name="valence")
    with pytest.raises(DataError, match=r"\(N, 1\)"):
        plot_agreements(np.zeros((3, 2)), np.zeros((3, 2)), names=["valence"])
