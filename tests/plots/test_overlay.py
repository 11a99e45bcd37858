"""Maps over pictures: grey where there is nothing, colour where they are high, panels for all."""

import numpy as np
import pytest

from evocative.errors import DataError
from evocative.plots.overlay import overlay, plot_emotion_maps

RED = np.zeros((40, 60, 3), np.uint8)
RED[..., 0] = 200


def test_a_map_of_nothing_leaves_a_grey_picture() -> None:
    shown = overlay(RED, np.zeros((3, 3)))
    assert shown.shape == RED.shape
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) == 1
    assert np.ptp(shown[0, 0]) <= 1  # no colour


def test_the_highest_place_is_the_brightest() -> None:
    values = np.zeros((4, 6))
    values[1, 4] = 3
    shown = overlay(RED, values).sum(2)
    row, column = np.unravel_index(shown.argmax(), shown.shape)
    assert (row // 10, column // 10) == (1, 4)
    assert shown[35, 5] == shown.min()


def test_one_scale_for_several_maps_keeps_weak_ones_weak() -> None:
    weak = np.zeros((2, 2))
    weak[0, 0] = 1
    alone, among = overlay(RED, weak), overlay(RED, weak, top=10)
    assert alone.astype(int).sum() > among.astype(int).sum()


def test_strength_zero_shows_the_picture_where_the_map_is_high() -> None:
    np.testing.assert_array_equal(overlay(RED, np.ones((2, 2)), strength=0), RED)


def test_panels() -> None:
    maps = {"awe": np.eye(3), "fear": np.eye(3) / 4, "anger": np.zeros((3, 3))}
    figure = plot_emotion_maps(RED, maps, notes={"awe": "p = 0.9"}, columns=3)
    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert said == ["", "p = 0.9, top 100%", "top 25%", "nothing"]
    assert [axes.get_title(loc="left") for axes in figure.axes[:4]] == ["picture", "awe", "fear", "anger"]


def test_what_is_no_map_is_refused() -> None:
    for wrong in (np.full((2, 2), -1.0), np.full((2, 2), np.nan), np.zeros(3)):
        with pytest.raises(DataError, match="overlay"):
            overlay(RED, wrong)
    with pytest.raises(DataError, match="strength"):
        overlay(RED, np.ones((2, 2)), strength=2)
    with pytest.raises(DataError, match="one map"):
        plot_emotion_maps(RED, {})
