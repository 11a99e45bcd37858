"""Maps that know nothing of emotions are what they say."""

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from evocative.errors import DataError
from evocative.evaluate.fixation_maps import (
    center_prior,
    elsewhere_prior,
    fixation_density,
    scaled,
    spectral_residual,
)

PLACES = [(3, 4), (20, 30), (20, 30), (0, 0)]


def test_a_density_is_the_fixations_blurred() -> None:
    points = np.zeros((40, 50))
    for row, column in set(PLACES):
        points[row, column] = 1
    expected = gaussian_filter(points, 3, mode="constant", truncate=8)
    found = fixation_density(PLACES, 40, 50, sigma=3)
    assert found / found.sum() == pytest.approx(expected / expected.sum(), abs=1e-6)
    assert fixation_density([(5, 5)], 9, 11, sigma=1.0)[5, 5] == pytest.approx(1)


def test_a_pixel_counts_twice_only_where_asked() -> None:
    once, twice = (fixation_density(PLACES, 40, 50, sigma=2, repeated=each) for each in (False, True))
    assert twice[20, 30] == pytest.approx(2 * once[20, 30], rel=1e-5)
    assert twice[3, 4] == pytest.approx(once[3, 4])
    assert not fixation_density([], 4, 5, sigma=2).any()
    with pytest.raises(DataError, match="above 0"):
        fixation_density(PLACES, 40, 50, sigma=0)


def test_priors_lie_where_they_should() -> None:
    centre = center_prior(31, 41)
    assert int(centre.argmax()) == 15 * 41 + 20
    assert centre == pytest.approx(centre[::-1, ::-1])
    assert center_prior(30, 40)[14, 0] == pytest.approx(center_prior(60, 80)[28, 0], rel=0.1)
    learned = elsewhere_prior(PLACES, 40, 50, sigma=2)
    assert int(learned.argmax()) == 20 * 50 + 30


def test_the_odd_one_out_is_salient() -> None:
    rows, columns = np.indices((96, 128))
    stripes = (127 + 100 * np.sin(columns / 2)).astype(np.uint8)
    stripes[40:56, 80:96] = (127 + 100 * np.sin(rows / 2))[40:56, 80:96].astype(np.uint8)
    found = spectral_residual(Image.fromarray(stripes).convert("RGB"))
    assert found.shape == (48, 64)
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert 17 <= row <= 30
    assert 37 <= column <= 51
    assert not spectral_residual(Image.new("RGB", (50, 40), "red")).any()


def test_sizes() -> None:
    assert scaled([(0, 0), (9, 19)], (10, 20), (5, 40)).tolist() == [[0, 1], [4, 39]]
    assert scaled([(9, 19)], (10, 20), (10, 20)).tolist() == [[9, 19]]
