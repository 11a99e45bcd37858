"""Windows hold every bright place with its margin, and lie within the image."""

import numpy as np
import pytest

from evocative.curate.windows import area, bright_windows


def test_two_far_spots_are_two_windows_and_near_ones_share_one() -> None:
    spots = np.zeros((40, 60), np.float32)
    spots[5, 5] = spots[30, 50] = 0.9
    far = bright_windows(spots, least=0.5, margin=3, size=(120, 80))
    assert sorted(far) == [(4, 4, 18, 18), (94, 54, 108, 68)]
    spots[30, 50] = 0
    spots[9, 9] = 0.9
    assert bright_windows(spots, least=0.5, margin=3, size=(120, 80)) == [(4, 4, 26, 26)]


def test_what_is_as_bright_as_least_counts_and_darkness_gives_none() -> None:
    spots = np.full((8, 8), 0.25, np.float32)
    assert bright_windows(spots, least=0.25, margin=0, size=(16, 16)) == [(0, 0, 16, 16)]
    assert bright_windows(spots, least=0.26, margin=4, size=(16, 16)) == []


def test_spots_that_fill_the_image_are_looked_at_at_once() -> None:
    spots = np.zeros((20, 20), np.float32)
    spots[1:19, 9] = 1
    spots[9, 1:19] = 1
    spots[2, 2] = 1
    windows = bright_windows(spots, least=0.5, margin=0, size=(20, 20))
    assert windows == [(1, 1, 19, 19)]


@pytest.mark.parametrize("seed", range(6))
def test_every_bright_place_lies_in_a_window_with_its_margin(seed: int) -> None:
    random = np.random.default_rng(seed)
    brightness = random.random((17, 23), dtype=np.float32) ** 20
    width, height, margin = (
        int(random.integers(10, 300)),
        int(random.integers(10, 300)),
        int(random.integers(4)),
    )
    windows = bright_windows(brightness, least=0.5, margin=margin, size=(width, height))
    covered = np.zeros((height, width), bool)
    for left, top, right, bottom in windows:
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        covered[top:bottom, left:right] = True
    assert sum(map(area, windows)) <= width * height
    for y, x in np.argwhere(brightness >= 0.5):
        rows = slice(max(0, y - margin) * height // 17, -(-min(17, y + margin + 1) * height // 17))
        columns = slice(max(0, x - margin) * width // 23, -(-min(23, x + margin + 1) * width // 23))
        assert covered[rows, columns].all()
