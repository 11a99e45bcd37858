"""Confusion matrices say what they count."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evocative.errors import DataError
from evocative.plots.confusion import plot_confusion, plot_confusions
from evocative.plots.style import new_axes

Check = Callable[[Figure | Axes], list[str]]

NAMES = ("amusement", "awe", "fear")
MATRIX = np.array([[30, 10, 0], [5, 1234, 0], [0, 0, 0]])


def _cells(axes: Axes) -> list[list[str]]:
    cells = {tuple(text.get_position()): text.get_text() for text in axes.texts}
    return [[cells[column, row] for column in range(3)] for row in range(3)]


def test_counts_stand_in_their_cells_with_labels_in_rows(drawn: Check) -> None:
    axes = plot_confusion(MATRIX, names=NAMES, title="FI-8")
    assert _cells(axes) == [["30", "10", "0"], ["5", "1,234", "0"], ["0", "0", "0"]]
    said = drawn(axes)
    assert {"amusement (40)", "awe (1,239)", "fear (0)", "predicted", "FI-8"} <= set(said)


def test_shares_are_of_each_row_and_a_label_that_does_not_occur_has_none() -> None:
    axes = plot_confusion(MATRIX, names=NAMES, normalize=True)
    assert _cells(axes) == [["75", "25", "0"], ["0", "100", "0"], ["–", "–", "–"]]
    assert axes.images[0].get_array().tolist()[0] == [0.75, 0.25, 0]  # type: ignore[union-attr]


def test_axes_of_others_are_used() -> None:
    mine = new_axes(None, 3, 3)
    assert plot_confusion(MATRIX, names=NAMES, axes=mine) is mine


@pytest.mark.parametrize("n", [2, 8, 13])
def test_both_forms_fit_whatever_the_number_of_classes(n: int, drawn: Check) -> None:
    rng = np.random.default_rng(n)
    names = [f"disappointment {place}" for place in range(n)]
    matrix = rng.integers(0, 20_000, (n, n))
    said = drawn(plot_confusions(matrix, names=names, colors=["#0072B2"] * n, title="EmoSet"))
    assert f"EmoSet: images (n = {matrix.sum():,})" in said
    assert "% of each label" in said


def test_no_rows_at_all_is_drawn(drawn: Check) -> None:
    assert "–" in drawn(plot_confusions(np.zeros((3, 3), int), names=NAMES))


@pytest.mark.parametrize("matrix", [np.zeros((2, 3), int), np.full((3, 3), 0.5), -np.ones((3, 3), int)])
def test_what_is_no_confusion_matrix_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"must be \(3, 3\) counts"):
        plot_confusion(matrix, names=NAMES)
