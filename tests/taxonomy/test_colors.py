from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from evocative.taxonomy.colors import CYCLE, shades, spare_colors
from evocative.taxonomy.labels import TAXONOMIES

# Machado et al. 2009, severity 1, on linear RGB.
VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.95047, 1.0, 1.08883])


def seen(color: str, vision: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a colour's place in CIE Lab as someone with this vision sees it."""
    encoded = np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(vision @ linear, 0, 1) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", [name for name, known in TAXONOMIES.items() if len(known) <= 8])
def test_small_taxonomies_stay_apart_for_every_vision(name: str, vision: str) -> None:
    places = [seen(color, VISION[vision]) for color in TAXONOMIES[name].colors]
    assert min(np.linalg.norm(one - other) for one, other in combinations(places, 2)) > 15


def test_the_check_sees_what_deuteranopes_confuse() -> None:
    confused = [seen(color, VISION["deuteranopia"]) for color in ("#CC79A7", "#999999")]
    assert np.linalg.norm(confused[0] - confused[1]) < 10


@pytest.mark.parametrize("color", CYCLE)
@pytest.mark.parametrize("n", [1, 2, 3, 8, 37, 60])
def test_shades_are_distinct_and_run_from_light_to_dark(color: str, n: int) -> None:
    ladder = shades(color, n)
    assert len(set(ladder)) == n
    lightness = [seen(shade, VISION["full"])[0] for shade in ladder]
    assert lightness == sorted(lightness, reverse=True)
    if n % 2:
        assert ladder[n // 2] == color


@pytest.mark.parametrize("n", [0, 3, 8, 9, 100])
def test_spare_colours_are_new(n: int) -> None:
    taken = [CYCLE[0], CYCLE[5]]
    spare = spare_colors(taken, n)
    assert len(spare) == len(set(spare)) == n
    assert not set(spare) & set(taken)
    assert set(spare[:6]) <= set(CYCLE)
