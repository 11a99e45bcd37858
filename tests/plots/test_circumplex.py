"""The valence–arousal plane: points where they belong, the words of its ends."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evocative.errors import DataError
from evocative.plots.circumplex import QUADRANTS, WORDS, plot_circumplex

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
