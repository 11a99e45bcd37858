"""Hand-made features: against loops over pixels, and on pictures whose features are known."""

import colorsys
import math

import numpy as np
import pytest
import torch

from evocative.errors import ModelError
from evocative.models.low_level import (
    LowLevelFeatures,
    color_histograms,
    grey,
    pattern_histogram,
    uniform_numbers,
)

MEAN, SD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def picture(height: int, width: int, *, seed: int = 0, levels: int = 256) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, levels, (height, width, 3))


def normalised(pixels: np.ndarray) -> torch.Tensor:
    images = torch.from_numpy(pixels / 255).permute(2, 0, 1)[None].float()
    return (images - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(SD).view(3, 1, 1)


@pytest.mark.parametrize("levels", [4, 256])
def test_colours_are_counted_as_a_loop_over_pixels_counts_them(levels: int) -> None:
    pixels = picture(7, 9, levels=levels)
    expected = np.zeros(59)
    for red, green, blue in pixels.reshape(-1, 3) / 255:
        hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
        if saturation > 0:
            expected[min(int(hue * 27 + 1e-9), 26)] += 1 / 63
        expected[27 + min(int(saturation * 16 + 1e-9), 15)] += 1 / 63
        expected[43 + min(int(value * 16), 15)] += 1 / 63
    found = color_histograms(torch.from_numpy(pixels).permute(2, 0, 1)[None].float())[0]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def patterns(plane: np.ndarray) -> np.ndarray:
    """Code each inner pixel by the definition, point by point, and count the uniform codes."""
    uniform = [
        code
        for code in range(256)
        if sum((code >> p & 1) != (code >> (p + 1) % 8 & 1) for p in range(8)) <= 2
    ]
    counts = np.zeros(59)
    for y in range(1, plane.shape[0] - 1):
        for x in range(1, plane.shape[1] - 1):
            code = 0
            for p in range(8):
                row = y - round(math.sin(2 * math.pi * p / 8), 5)
                column = x + round(math.cos(2 * math.pi * p / 8), 5)
                top, left = math.floor(row), math.floor(column)
                down, right = row - top, column - left
                value = 0.0
                for dy, share in ((0, 1 - down), (1, down)):
                    for dx, part in ((0, 1 - right), (1, right)):
                        if share * part:
                            value += share * part * plane[top + dy, left + dx]
                code |= (value - plane[y, x] >= -1e-9) << p
            counts[uniform.index(code) if code in uniform else 58] += 1
    shares: np.ndarray = counts / counts.sum()
    return shares


@pytest.mark.parametrize("levels", [3, 256])
def test_patterns_are_those_of_the_definition(levels: int) -> None:
    plane = np.random.default_rng(1).integers(0, levels, (8, 11))
    found = pattern_histogram(torch.from_numpy(plane)[None].float())[0]
    np.testing.assert_allclose(found, patterns(plane), atol=1e-6)


def test_a_plain_picture_has_one_pattern_and_turning_moves_patterns() -> None:
    flat = pattern_histogram(torch.full((1, 6, 6), 137.0))[0]
    assert flat[57] == 1  # every point at least as light: code 255, the last uniform one
    steps = torch.arange(8.0).repeat(8, 1)[None]  # lighter to the right
    assert not torch.equal(pattern_histogram(steps), pattern_histogram(steps.flip(2)))
    brighter = pattern_histogram(steps * 3 + 20)
    assert torch.equal(pattern_histogram(steps), brighter)  # only the order of greys counts


def test_of_eight_points_58_patterns_are_uniform() -> None:
    numbers = uniform_numbers()
    assert sorted(set(numbers)) == list(range(59))
    assert numbers.count(58) == 256 - 58


def test_normalisation_is_undone_and_whatever_it_is_the_features_are_the_same() -> None:
    pixels = picture(40, 30)
    layer = LowLevelFeatures(("color", "lbp"), mean=MEAN, sd=SD)
    levels = torch.from_numpy(pixels).permute(2, 0, 1)[None].float()
    expected = torch.cat([color_histograms(levels), pattern_histogram(grey(levels))], dim=1)
    assert torch.equal(layer(normalised(pixels)), expected)
    plain = LowLevelFeatures(("color", "lbp"), mean=(0.5,) * 3, sd=(0.5,) * 3)
    assert torch.equal(plain(levels / 255 * 2 - 1), expected)


def test_greys_are_those_of_pillow() -> None:
    from PIL import Image

    pixels = picture(20, 20).astype(np.uint8)
    theirs = np.asarray(Image.fromarray(pixels).convert("L"), dtype=np.float32)
    ours = grey(torch.from_numpy(pixels).permute(2, 0, 1)[None].float())[0]
    assert np.abs(ours.numpy() - theirs).max() <= 1
    assert (ours.numpy() == theirs).mean() > 0.95


def test_a_kind_that_stands_twice_is_named() -> None:
    with pytest.raises(ModelError, match="each kind may stand once"):
        LowLevelFeatures(("lbp", "lbp"), mean=MEAN, sd=SD)


def test_nothing_of_it_is_saved_or_learns() -> None:
    layer = LowLevelFeatures(("color", "lbp", "gist"), mean=MEAN, sd=SD)
    assert not layer.state_dict()
    assert not list(layer.parameters())
    assert layer(normalised(picture(33, 47))).shape == (1, layer.num_features) == (1, 438)
