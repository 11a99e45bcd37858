"""Pictures of correlations: every name is there and readable, and an interval is where its numbers are."""

from collections.abc import Callable

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.plots.correlations import plot_correlation_matrix, plot_correlations

NAMES = ["brightness", "symmetry_left_right", "colorfulness"]
Check = Callable[..., list[str]]


def test_points_and_intervals_stand_where_they_should(drawn: Check) -> None:
    axes = plot_correlations(NAMES, [0.3, -0.2, 0.1], [0.2, -0.4, -0.1], [0.4, 0.0, 0.3], title="valence")
    said = drawn(axes)
    assert set(NAMES) <= set(said)
    assert "valence" in said
    ends = [np.asarray(line.get_xdata()).tolist() for line in axes.lines]
    assert [-0.4, 0.0] in ends
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first on top


def test_the_matrix_names_what_is_sure(drawn: Check) -> None:
    values = np.array([[0.31, -0.22], [np.nan, 0.04], [0.05, 0.12]])
    figure = plot_correlation_matrix(NAMES, ["valence", "awe"], values, sure=values > 0.1)
    said = drawn(figure)
    assert {"+.31", "+.12", "valence", "awe", *NAMES} <= set(said)
    assert "−.22" not in said
    assert "−.22" in drawn(plot_correlation_matrix(NAMES, ["valence", "awe"], values))


def test_wrong_shapes_are_told() -> None:
    with pytest.raises(DataError, match="3 names"):
        plot_correlations(NAMES, [0.1], [0.0], [0.2])
    with pytest.raises(DataError, match="3 features, 2 targets"):
        plot_correlation_matrix(NAMES, ["a", "b"], np.zeros((2, 3)))


def test_what_is_not_sure_is_hollow() -> None:
    axes = plot_correlations(["a", "b"], [0.3, -0.2], [0.1, -0.4], [0.5, -0.01], sure=[True, False])
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [dot.get_markerfacecolor() for dot in dots] == [dots[0].get_color(), "white"]
