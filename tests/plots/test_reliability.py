"""Reliability diagrams."""

from math import nan
from typing import Any

import pytest

from evocative.errors import DataError
from evocative.plots.reliability import plot_reliability


def test_a_bar_for_each_bin_that_has_rows(drawn: Any) -> None:
    axes = plot_reliability([0, 0.25, 0.5, 1], [0, 4, 1200], [nan, 0.4, 0.9], [nan, 0.75, 0.8])
    assert [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in axes.patches] == [  # type: ignore[attr-defined]
        (0.25, 0.25, 0.75),
        (0.5, 0.5, 0.8),
    ]
    assert {"4", "1,200", "accuracy", "as sure as right"} <= set(drawn(axes))
    gaps = [tuple(line.get_ydata()) for line in axes.lines if len(line.get_xdata()) == 2][1:]  # type: ignore[arg-type]
    assert gaps == [(0.75, 0.4), (0.8, 0.9)]


def test_shapes_must_fit() -> None:
    with pytest.raises(DataError, match="edges"):
        plot_reliability([0, 1], [1, 2], [0.5, 0.5], [0.5, 0.5])
