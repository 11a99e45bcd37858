"""Itti and Koch's saliency: what stands alone is salient, whatever makes it so."""

import numpy as np
import pytest
from PIL import Image

from evocative.evaluate.itti_koch import _promoted, itti_koch


def field(odd: str) -> Image.Image:
    """A field of bars, of which the one at (row 2, column 4) of 4 × 6 is another."""
    pixels = np.full((320, 480, 3), 90, np.uint8)
    for row in range(4):
        for column in range(6):
            alone = (row, column) == (2, 4)
            top, left = 80 * row + 20, 80 * column + 20
            color = (230, 60, 60) if alone and odd == "red" else (117, 117, 117)
            if odd == "light":
                color = (255, 255, 255) if alone else (140, 140, 140)
            if odd == "turned" and alone:
                pixels[top + 15 : top + 25, left : left + 40] = color
            else:
                pixels[top : top + 40, left + 15 : left + 25] = color
    return Image.fromarray(pixels)


@pytest.mark.parametrize("odd", ["red", "light", "turned"])
def test_the_odd_one_out_is_most_salient(odd: str) -> None:
    found = itti_koch(field(odd))
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert int(row / found.shape[0] * 4) == 2
    assert int(column / found.shape[1] * 6) == 4


def test_nothing_is_salient_where_nothing_is() -> None:
    assert not itti_koch(Image.new("RGB", (90, 60), (40, 90, 200))).any()


def test_it_is_a_map_of_any_picture() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 200, 3), dtype=np.uint8)
    found = itti_koch(Image.fromarray(noise))
    assert found.min() >= 0
    assert np.isfinite(found).all()
    mirrored = itti_koch(Image.fromarray(noise[:, ::-1].copy()))
    assert np.corrcoef(mirrored[:, ::-1].ravel(), found.ravel())[0, 1] > 0.95


def test_a_picture_like_a_ribbon_takes_no_more_memory_than_others() -> None:
    ribbon = Image.new("RGB", (8, 400), "white")
    ribbon.paste("black", (0, 100, 8, 130))
    found = itti_koch(ribbon, size=256)
    assert found.shape == (64, 16)
    assert 12 <= int(found.max(axis=1).argmax()) <= 24  # rows 16 to 21 are the bar's


def test_one_peak_keeps_its_height_and_many_alike_lose_it() -> None:
    plane = np.zeros((12, 12), np.float32)
    plane[3, 3] = 2
    assert _promoted(plane).max() == 1
    plane[8, 8] = 1  # (1 - ½)²
    assert _promoted(plane).max() == pytest.approx(0.25)
    plane[8, 8] = 2
    assert _promoted(plane).max() == 0
