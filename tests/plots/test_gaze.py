"""Pictures of gaze: as many panels as asked for, dots where people looked, intervals as they are."""

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.plots.gaze import Bar, Looked, plot_gaze, plot_gaze_figures

PICTURE = np.full((60, 80, 3), 120, np.uint8)


def test_a_row_a_picture_and_a_column_a_map() -> None:
    rows = [
        Looked(PICTURE, [(0, 0), (59, 79)], (60, 80), {"ours": np.eye(4), "centre": np.ones((3, 3))}),
        Looked(PICTURE, [], (60, 80), {"ours": np.eye(4)}),
    ]
    figure = plot_gaze(rows)
    assert len(figure.axes) == 6
    assert [axes.get_title(loc="left") for axes in figure.axes[:3]] == ["fixations", "ours", "centre"]
    (dots,) = figure.axes[0].collections
    np.testing.assert_allclose(np.asarray(dots.get_offsets()), [[0, 0], [79, 59]])
    assert len(figure.axes[4].images) == 1
    assert not figure.axes[5].images
    with pytest.raises(DataError, match="an image or more"):
        plot_gaze([])


def test_a_panel_a_figure_that_is_defined() -> None:
    nan = float("nan")
    figures = {
        "ours": {"nss": Bar(1.0, 0.8, 1.3), "kl": Bar(0.7, nan, nan), "emd": Bar(nan, nan, nan)},
        "centre": {"nss": Bar(nan, nan, nan), "kl": Bar(1.2, 1.1, 1.4), "emd": Bar(nan, nan, nan)},
    }
    figure = plot_gaze_figures(figures, lower_is_better=["kl"])
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["nss", "kl  lower is better"]
    nss, kl = figure.axes
    assert [np.asarray(line.get_xdata()).tolist() for line in nss.lines] == [[0.8, 1.3], [1.0]]
    assert len(kl.lines) == 3
    with pytest.raises(DataError, match="all are undefined"):
        plot_gaze_figures({"ours": {"emd": Bar(nan, nan, nan)}})
