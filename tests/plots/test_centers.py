"""Distances of class centres: each pair once, on a scale that can be shared."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evocative.errors import DataError
from evocative.plots.centers import center_distances, plot_center_distances, plot_centers

Check = Callable[[Figure | Axes], list[str]]

CENTERS = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
NAMES = ("awe", "fear", "sadness")


def _limits(axes: Axes) -> tuple[float, float]:
    low, high = axes.images[0].get_clim()
    assert low is not None
    assert high is not None
    return low, high


def test_distances_are_euclidean() -> None:
    expected = [[0, 5, 1], [5, 0, 18**0.5], [1, 18**0.5, 0]]
    assert center_distances(CENTERS) == pytest.approx(np.array(expected))


def test_each_pair_stands_once(drawn: Check) -> None:
    axes = plot_center_distances(CENTERS, names=NAMES, title="m = 3")
    said = drawn(axes)
    assert [text for text in said if text in {"5.00", "1.00", "4.24"}] == ["5.00", "1.00", "4.24"]
    assert "0.00" not in said
    assert _limits(axes) == (1, 5)


def test_pairs_nearer_than_the_margin_are_outlined() -> None:
    axes = plot_center_distances(CENTERS, names=NAMES, margin=4.5)
    assert len(axes.patches) == 2
    assert "nearer than m = 4.5" in axes.get_xlabel()


def test_a_scale_can_be_given() -> None:
    assert _limits(plot_center_distances(CENTERS, names=NAMES, scale=(0, 10))) == (0, 10)


def test_each_model_has_its_own_scale_or_one_is_asked_for(drawn: Check) -> None:
    """Each training makes a space of its own: distances of one say nothing of another's."""
    sets = {"m = 3": CENTERS, "m = 10": CENTERS * 3}
    own = plot_centers(sets, names=NAMES, margins={"m = 10": 10})
    assert {"m = 3", "m = 10", "distance of centres"} <= set(drawn(own))
    assert [_limits(axes) for axes in own.axes if axes.get_title(loc="left")] == [(1, 5), (3, 15)]
    shared = plot_centers(sets, names=NAMES, common_scale=True)
    assert [_limits(axes) for axes in shared.axes if axes.images and axes.get_title(loc="left")] == [
        (1, 15)
    ] * 2


@pytest.mark.parametrize(
    ("margin", "outlined", "legend"),
    [(4.5, 2, "nearer than m = 4.5"), (1.0, 0, "all at least m = 1 apart"), (6, 3, "nearer than m = 6")],
)
def test_a_legend_names_outlines_that_there_are(margin: float, outlined: int, legend: str) -> None:
    axes = plot_center_distances(CENTERS, names=NAMES, margin=margin)
    assert len(axes.patches) == outlined
    assert legend in axes.get_xlabel()
    assert ("□" in axes.get_xlabel()) == (outlined > 0)


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_the_legend_lies_on_no_cell(classes: int, drawn: Check) -> None:
    centers = np.random.default_rng(0).normal(size=(classes, 3))
    axes = plot_center_distances(
        centers, names=("positive", "negative", "neutral", "other")[:classes], margin=1
    )
    told = next(text for text in drawn(axes) if "m = 1" in text)
    (legend,) = (text for text in [*axes.texts, axes.xaxis.label] if text.get_text() == told)
    assert not legend.get_window_extent().overlaps(axes.images[0].get_window_extent())


def test_two_centres_have_one_distance_on_a_scale_from_zero(drawn: Check) -> None:
    axes = plot_center_distances(CENTERS[:2], names=NAMES[:2])
    assert "5.00" in drawn(axes)
    assert _limits(axes) == (0, 5)


def test_centres_that_coincide_are_drawn(drawn: Check) -> None:
    assert "0.00" in drawn(plot_center_distances(np.ones((3, 2)), names=NAMES))


def test_a_class_without_a_centre_is_refused() -> None:
    with pytest.raises(DataError, match="a class without images"):
        center_distances([[0.0], [np.nan]])
    with pytest.raises(DataError, match="K ≥ 2"):
        center_distances([[0.0]])
    with pytest.raises(DataError, match="3 of them, found 2"):
        plot_center_distances(CENTERS, names=NAMES[:2])
    with pytest.raises(DataError, match="m = 3: expected 2 centres"):
        plot_centers({"m = 3": CENTERS}, names=NAMES[:2])
    with pytest.raises(DataError, match="no class centres"):
        plot_centers({}, names=NAMES)


@pytest.mark.parametrize("common_scale", [True, False])
@pytest.mark.parametrize(("width", "columns"), [(3.35, 1), (7.1, 2), (20.0, 4), (None, 4)])
def test_matrices_wrap_where_the_width_ends(
    drawn: Check, width: float | None, columns: int, common_scale: bool
) -> None:
    names = [f"emotion {k:02}" for k in range(8)]
    centers = {f"m = {m}": np.random.default_rng(m).normal(size=(8, 5)) * m for m in range(1, 5)}
    figure = plot_centers(centers, names=names, width=width, common_scale=common_scale)
    assert {"m = 1", "m = 4", "distance of centres"} <= set(drawn(figure))
    assert width is None or figure.get_figwidth() <= width + 1e-9
    assert len({_limits(axes) for axes in figure.axes[:4]}) == (1 if common_scale else 4)
    lefts = {round(float(axes.get_position().x0), 2) for axes in figure.axes[:4]}
    assert len(lefts) == columns
