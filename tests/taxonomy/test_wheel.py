from itertools import product

import pytest

from evocative.errors import DataError
from evocative.taxonomy.labels import taxonomy
from evocative.taxonomy.wheel import WHEEL, wheel_distance


def test_the_wheel_has_mikels_emotions_in_two_halves() -> None:
    mikels = taxonomy("mikels8")
    assert sorted(WHEEL) == sorted(mikels.names)
    assert [mikels.sentiment(name) for name in WHEEL] == ["positive"] * 4 + ["negative"] * 4


def test_the_emotion_circle_of_yang_2021_is_the_same_wheel() -> None:
    circle = ["sadness", "fear", "excitement", "awe", "contentment", "amusement", "anger", "disgust"]
    neighbours = zip(circle, circle[1:] + circle[:1], strict=True)
    assert all(wheel_distance(first, second) == 1 for first, second in neighbours)


def test_distances_are_a_metric() -> None:
    for first, second, third in product(WHEEL, repeat=3):
        assert wheel_distance(first, second) == wheel_distance(second, first)
        assert (wheel_distance(first, second) == 0) == (first == second)
        assert wheel_distance(first, third) <= wheel_distance(first, second) + wheel_distance(second, third)


def test_opposites_are_four_steps_apart() -> None:
    assert wheel_distance("amusement", "fear") == 4
    assert wheel_distance("Excitement", "Anger") == 4
    assert sorted(wheel_distance("awe", other) for other in WHEEL) == [0, 1, 1, 2, 2, 3, 3, 4]


def test_other_emotions_have_no_place() -> None:
    with pytest.raises(DataError, match="surprise"):
        wheel_distance("awe", "surprise")
