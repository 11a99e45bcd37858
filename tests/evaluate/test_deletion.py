"""Deletion and insertion on a model whose reason is known: the share of red in one corner."""

import numpy as np
import pytest
from numpy.typing import NDArray

from evocative.errors import DataError
from evocative.evaluate.deletion import (
    Curve,
    deletion,
    insertion,
    mean_area,
    mean_curve,
    random_order,
)

IMAGE = np.full((20, 20, 3), 40, np.uint8)
IMAGE[:10, :10] = (250, 40, 40)
RIGHT = np.zeros((20, 20))
RIGHT[:10, :10] = 1


def reddish(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the mean red of the corner, 0 to 1."""
    return np.asarray(pictures[:, :10, :10, 0].mean(axis=(1, 2)) / 255)


def test_a_curve_is_what_the_model_says_on_the_way() -> None:
    curve = deletion(reddish, IMAGE, RIGHT, steps=4, blank="black")
    assert curve.share.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert curve.score == pytest.approx([250 / 255, 0, 0, 0, 0])  # the corner is the first quarter
    assert curve.area == pytest.approx(250 / 255 / 8)
    back = insertion(reddish, IMAGE, RIGHT, steps=4, blank="black")
    assert back.score == pytest.approx([0, *[250 / 255] * 4])


@pytest.mark.parametrize("blank", ["mean", "blur", "black"])
def test_who_knows_the_reason_deletes_sooner_and_inserts_sooner(blank: str) -> None:
    wrong, chance = 1 - RIGHT, random_order(20, 20, grid=5)
    areas = [deletion(reddish, IMAGE, each, blank=blank).area for each in (RIGHT, chance, wrong)]  # type: ignore[arg-type]
    assert areas == sorted(areas)
    areas = [insertion(reddish, IMAGE, each, blank=blank).area for each in (RIGHT, chance, wrong)]  # type: ignore[arg-type]
    assert areas == sorted(areas, reverse=True)


def test_maps_are_resized_and_more_steps_than_a_batch_are_joined() -> None:
    small = deletion(reddish, IMAGE, [[1.0, 0.0], [0.0, 0.0]], steps=40, blank="black")
    assert small.score.shape == (41,)
    assert small.score[0] == pytest.approx(250 / 255)
    assert small.area < 0.2
    ends = insertion(reddish, IMAGE, RIGHT, steps=33)
    assert ends.score[-1] == pytest.approx(250 / 255)


def test_means_over_pictures() -> None:
    curves = [Curve(np.array([0.0, 1.0]), np.array([a, a])) for a in (0.2, 0.4, 0.9)]
    found = mean_area(curves, draws=200)
    assert found.value == pytest.approx(0.5)
    assert found.n == 3
    assert 0.2 <= found.low < 0.5 < found.high <= 0.9
    assert mean_curve(curves).score == pytest.approx([0.5, 0.5])
    with pytest.raises(DataError, match="a curve or more"):
        mean_area([])
    with pytest.raises(DataError, match="same steps"):
        mean_curve([curves[0], deletion(reddish, IMAGE, RIGHT, steps=4)])


def test_what_does_not_fit() -> None:
    with pytest.raises(DataError, match="of uint8"):
        deletion(reddish, IMAGE / 255, RIGHT)
    with pytest.raises(DataError, match="finite numbers"):
        deletion(lambda pictures: [1.0], IMAGE, RIGHT)
