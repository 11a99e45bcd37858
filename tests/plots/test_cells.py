"""The 4 × 4 cells of the valence–arousal plane."""

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.plots.cells import cell_counts, plot_cells, plot_cells_of
from evocative.taxonomy.dimensions import scale


def test_each_image_counts_in_its_cell() -> None:
    valence = [-0.9, 0.9, 0.9, -0.1, 0.0, np.nan, 1.0, -1.0]
    arousal = [0.9, 0.9, -0.9, 0.1, 0.0, 0.3, 1.0, -1.0]
    expected = [[1, 0, 0, 2], [0, 1, 1, 0], [0, 0, 0, 0], [1, 0, 0, 1]]
    assert cell_counts(valence, arousal).tolist() == expected


def test_the_document_s_figure() -> None:
    axes = plot_cells([], [])
    texts = [text.get_text() for text in axes.texts]
    assert texts[0] == "frustrated\nalarmed\nafraid\nangry"
    assert texts[-1] == "glad\nserene\nhappy"
    assert len(texts) == 16
    assert axes.get_xlim() == axes.get_ylim() == (1, 9)


def test_points_stand_on_the_scale_of_the_axes() -> None:
    axes = plot_cells([0.0, 1.0, np.nan], [0.5, -1.0, 0.0], words=None, colors=["red", "blue", "green"])
    offsets = axes.collections[0].get_offsets()
    np.testing.assert_allclose(np.asarray(offsets), [[5, 7], [9, 1]])
    assert "n = 2" in [text.get_text() for text in axes.texts]
    other = plot_cells([0.0], [0.0], words=None, on=scale("1..7"))
    np.testing.assert_allclose(np.asarray(other.collections[0].get_offsets()), [[4, 4]])


def test_models_side_by_side() -> None:
    figure = plot_cells_of(
        {"one": ([0.1], [0.2]), "other": ([0.3, -0.2], [0.4, 0.1])},
        colors={"other": ["red", "blue"]},
        legend={"awe": "red", "fear": "blue"},
    )
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["one", "other"]
    figure.canvas.draw()


def test_mistakes_are_told() -> None:
    with pytest.raises(DataError, match="convert them"):
        plot_cells([5.0], [0.0])
    with pytest.raises(DataError, match="both be"):
        cell_counts([0.1], [0.1, 0.2])
    with pytest.raises(DataError, match="4 × 4"):
        plot_cells([0.1], [0.1], words=[[["calm"]]])
    with pytest.raises(DataError, match="one a point"):
        plot_cells([0.1], [0.1], colors=["red", "blue"])
