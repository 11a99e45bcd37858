"""Histograms of PIT values."""

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.plots.pit import plot_pit, plot_pits


def test_bars_are_shares_of_the_images() -> None:
    axes = plot_pit([0.05, 0.05, 0.95, 0.5], bins=10)
    heights = [bar.get_height() for bar in axes.patches if hasattr(bar, "get_height")]
    assert sum(heights[-10:]) == pytest.approx(100)
    assert heights[-10] == pytest.approx(50)


def test_side_by_side() -> None:
    figure = plot_pits({"valence": np.linspace(0, 1, 50), "arousal": np.linspace(0, 1, 40)})
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["valence", "arousal"]


def test_mistakes_are_told() -> None:
    with pytest.raises(DataError, match="PIT values"):
        plot_pit([1.2])
