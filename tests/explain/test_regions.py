"""Regions of one colour: against a flood fill written out, and on pictures whose regions are known."""

import doctest
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evocative.errors import DataError
from evocative.explain import regions as module
from evocative.explain.regions import region_sizes, regions, regions_of


def flood(colors: np.ndarray) -> list[int]:
    """Sizes of regions by walking from pixel to pixel."""
    height, width = colors.shape
    left = {(y, x) for y in range(height) for x in range(width)}
    sizes = []
    while left:
        waiting = [left.pop()]
        size = 0
        while waiting:
            y, x = waiting.pop()
            size += 1
            for other in [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]:
                if other in left and colors[other] == colors[y, x]:
                    left.remove(other)
                    waiting.append(other)
        sizes.append(size)
    return sorted(sizes)


@pytest.mark.parametrize("number", [1, 2, 5])
def test_regions_are_those_of_a_flood_fill(number: int) -> None:
    colors = np.random.default_rng(number).integers(0, number, (13, 17)) * 7
    sizes = region_sizes(colors)
    assert sorted(sizes.tolist()) == flood(colors)
    assert sizes.sum() == 13 * 17


def test_colours_are_four_levels_of_each_channel_after_a_blur_of_three_pixels() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (12, 15, 3), dtype=np.uint8)
    wide = np.pad(rgb.astype(float), ((1, 1), (1, 1), (0, 0)), mode="edge")
    colors = np.zeros((12, 15), np.int64)
    for y in range(12):
        for x in range(15):
            red, green, blue = wide[y : y + 3, x : x + 3].mean(axis=(0, 1))
            colors[y, x] = red // 64 * 16 + green // 64 * 4 + blue // 64
    sizes = flood(colors)
    found = regions(rgb, share=0.05)
    large = [size for size in sizes if size >= 0.05 * 180]
    assert (found.number, found.coherent) == (len(sizes), len(large))
    assert found.incoherent_area == pytest.approx(1 - sum(large) / 180)


def test_a_plain_picture_is_one_region_and_noise_has_none_that_is_coherent() -> None:
    plain = regions(np.full((40, 30, 3), 200, np.uint8))
    assert (plain.number, plain.coherent, plain.incoherent_area) == (1, 1, 0.0)
    noise = np.random.default_rng(0).choice(np.array([0, 255], np.uint8), (90, 90, 3))
    found = regions(noise)
    assert found.number > 500
    assert found.incoherent_area > 0.5


def test_counts_do_not_know_the_size_of_the_file(tmp_path: Path) -> None:
    blocks = np.random.default_rng(3).choice(np.array([20, 120, 230], np.uint8), (4, 3, 3))
    files = [tmp_path / f"{side}.png" for side in (64, 256)]
    for file, side in zip(files, (64, 256), strict=True):
        Image.fromarray(np.kron(blocks, np.ones((side // 4, side // 4, 1), np.uint8))).save(file)
    small, large = (regions_of(file) for file in files)
    assert small.coherent == large.coherent
    assert sorted(large.to_dict()) == ["regions_coherent", "regions_incoherent_area", "regions_number"]


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"a\.png"):
        regions_of(tmp_path / "a.png")


def test_the_example_holds() -> None:
    assert doctest.testmod(module).failed == 0
