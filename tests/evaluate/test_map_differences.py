"""Maps that ignore the emotion, or the picture, are found out."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from evocative.errors import DataError
from evocative.evaluate.map_differences import correlations, map_differences, most_alike


def test_correlations_are_pearsons() -> None:
    maps = np.random.default_rng(0).random((3, 5, 6))
    found = correlations(maps)
    for a in range(3):
        for b in range(3):
            assert found[a, b] == pytest.approx(pearsonr(maps[a].ravel(), maps[b].ravel()).statistic)
    maps[1] = 0.5
    assert np.isnan(correlations(maps)[1]).all()
    assert correlations(maps)[0, 2] == pytest.approx(found[0, 2])


def test_one_map_for_all_emotions_and_one_for_all_pictures() -> None:
    rng = np.random.default_rng(0)
    same_emotion = [np.repeat(rng.random((1, 6, 7)), 4, axis=0) for _ in range(8)]
    found = map_differences(same_emotion, bootstrap_draws=20)
    assert found.across_emotions.value == pytest.approx(1)
    assert abs(found.across_images.value) < 0.5
    fixed = rng.random((4, 14, 14))
    found = map_differences([fixed] * 5, bootstrap_draws=20)
    assert found.across_images.value == pytest.approx(1, abs=1e-6)
    assert abs(found.across_emotions.value) < 0.3
    assert found.across_emotions.n == 5


def test_which_emotions_share_a_map() -> None:
    rng = np.random.default_rng(1)
    images = []
    for _ in range(6):
        one, other = rng.random((2, 6, 6))
        images.append(np.stack([one, one + 0.05 * rng.random((6, 6)), other]))
    pairs = most_alike(map_differences(images, bootstrap_draws=10).matrix, ["awe", "joy", "fear"])
    assert pairs[0][:2] == ("awe", "joy")
    assert len(pairs) == 3


def test_nothing_to_compare() -> None:
    found = map_differences([np.zeros((3, 4, 4))])
    assert np.isnan([found.across_emotions.value, found.across_images.value]).all()
    with pytest.raises(DataError, match="same emotions"):
        map_differences([np.zeros((3, 4, 4)), np.zeros((2, 4, 4))])
    with pytest.raises(DataError, match="one map an emotion"):
        correlations(np.zeros((4, 4)))
