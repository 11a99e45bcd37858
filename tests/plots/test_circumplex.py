"""The valence–arousal plane: points where they belong, the words of its ends."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from evocative.errors import DataError
from evocative.plots.circumplex import QUADRANTS, WORDS, draw_plane, plot_circumplex
from evocative.plots.style import new_axes

Check = Callable[[Figure | Axes], list[str]]

VALENCE, AROUSAL = np.array([0.5, -0.25, np.nan, 1.0]), np.array([0.5, -1.0, 0.0, np.nan])


def test_points_stand_at_valence_and_arousal_and_missing_ones_are_left_out(drawn: Check) -> None:
    axes = plot_circumplex(VALENCE, AROUSAL, title="OASIS")
    offsets = axes.collections[0].get_offsets()
    assert np.asarray(offsets).tolist() == [[0.5, 0.5], [-0.25, -1.0]]
    said = set(drawn(axes))
    assert {
        "OASIS",
        "n = 2",
        "pleasant",
        "unpleasant",
        "high arousal",
        "low arousal",
        "angry",
        "serene",
    } <= said


def test_without_words_the_count_stands_at_the_plane(drawn: Check) -> None:
    axes = plot_circumplex(VALENCE, AROUSAL, words=False)
    assert "n = 2" in drawn(axes)
    (count,) = (text for text in axes.texts if text.get_text() == "n = 2")
    assert count.get_window_extent().x1 <= axes.get_window_extent().x1 + 1


@pytest.mark.parametrize("density", [True, False])
def test_no_point_can_lie_on_a_word(density: bool, drawn: Check) -> None:
    """Points reach every corner of the square; all words stand outside of it, apart from each other."""
    across, up = np.meshgrid(np.linspace(-1, 1, 41), np.linspace(-1, 1, 41))
    axes = plot_circumplex(across.ravel(), up.ravel(), density=density)
    drawn(axes)
    renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    square = Bbox(axes.transData.transform([(-1, -1), (1, 1)]))
    boxes = [text.get_window_extent(renderer) for text in axes.texts if text.get_text()]
    assert len(boxes) == len(WORDS) + 5
    assert not [box for box in boxes if box.overlaps(square)]
    pairs = combinations(boxes, 2)
    assert not [(one, other) for one, other in pairs if one.overlaps(other)]


def test_corner_words_of_small_planes_stand_outside_too() -> None:
    axes = new_axes(None, 1.4, 1.4)
    draw_plane(axes, quadrants=True, fontsize=5.6)
    axes.set(xlim=(-1.2, 1.2), ylim=(-1.45, 1.22))
    axes.figure.canvas.draw()
    renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    square = Bbox(axes.transData.transform([(-1, -1), (1, 1)]))
    assert {text.get_text() for text in axes.texts} == set(QUADRANTS)
    assert not any(text.get_window_extent(renderer).overlaps(square) for text in axes.texts)


def test_colours_stay_with_their_points() -> None:
    colors = ["#ff0000", "#00ff00", "#0000ff", "#000000"]
    axes = plot_circumplex(VALENCE, AROUSAL, colors=colors)
    found = axes.collections[0].get_facecolors()[:, :3].tolist()  # type: ignore[attr-defined]
    assert found == [[1, 0, 0], [0, 1, 0]]


def test_density_counts_every_point(drawn: Check) -> None:
    rng = np.random.default_rng(0)
    axes = plot_circumplex(rng.uniform(-0.6, 0.6, 500), rng.uniform(-0.6, 0.6, 500), density=True)
    assert np.asarray(axes.collections[0].get_array()).sum() == 500
    assert {"n = 500", "images"} <= set(drawn(axes))


def test_words_lie_in_their_quadrant() -> None:
    """Angry is unpleasant and aroused, serene pleasant and calm, whatever the picture."""
    for word, (valence, arousal) in QUADRANTS.items():
        angle = np.deg2rad(WORDS[word])
        assert np.sign(np.cos(angle)) == valence
        assert np.sign(np.sin(angle)) == arousal


@pytest.mark.parametrize("density", [True, False])
def test_no_points_give_an_empty_plane(density: bool, drawn: Check) -> None:
    assert "n = 0" in drawn(plot_circumplex([np.nan], [0.1], density=density))


@pytest.mark.parametrize(
    ("valence", "arousal", "colors", "message"),
    [
        ([0.1, 0.2], [0.1], None, "must both be"),
        ([4.5], [3.0], None, "convert them"),
        ([0.1, 0.2], [0.1, 0.2], ["#000000"], r"one a point \(2\), found 1"),
    ],
)
def test_what_does_not_fit_is_refused(
    valence: list[float], arousal: list[float], colors: list[str] | None, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        plot_circumplex(valence, arousal, colors=colors)
