"""Style: pictures whose every measure can be worked out by hand, and what no measure may depend on."""

from colorsys import hsv_to_rgb, rgb_to_hsv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from evocative.data.table import Table
from evocative.errors import DataError
from evocative.explain.color_spaces import Pixels, hsv, lab, pixels_of
from evocative.explain.style import LONGER_SIDE, StyleTable, style_of, style_of_table
from evocative.explain.style_color import HUES, color_features
from evocative.explain.style_composition import composition_features, otsu, visual_weight
from evocative.explain.style_gradient import gradient_of
from evocative.explain.style_harmony import TEMPLATES, harmony_features
from evocative.explain.style_names import FEATURES, LINEAR
from evocative.explain.style_texture import co_occurrences, gradient_statistics, texture_features

SIDE = LONGER_SIDE
OF_HUES = {"hue", "hue_cos", "hue_sin", "hue_spread", "harmony", "one_hue"}
OF_CHANGES = {
    "balance", "balance_x", "balance_y", "thirds", "emphasis", "center_detail", "horizontal_lines",
    "vertical_lines", "oblique_lines", "line_variety", "glcm_correlation", "coarseness", "directionality",
    "spectral_slope", "gradation", "gradient_mean", "gradient_sd", "gradient_deviation",
}  # fmt: skip


def plain(*color: int) -> np.ndarray:
    return np.full((SIDE, SIDE, 3), color, dtype=np.uint8)


def halves(left: tuple[int, ...], right: tuple[int, ...]) -> np.ndarray:
    image = plain(*left)
    image[:, SIDE // 2 :] = right
    return image


def photograph(seed: int, shape: tuple[int, int] = (SIDE, SIDE)) -> np.ndarray:
    """Clouds of all colours."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(noise).resize(shape[::-1], Image.Resampling.BICUBIC))


def pixels(image: np.ndarray) -> Pixels:
    return pixels_of(Image.fromarray(image), longer_side=max(image.shape[:2]))


def test_hsv_is_that_of_the_standard_library() -> None:
    colors = np.random.default_rng(0).integers(0, 256, (1, 500, 3), dtype=np.uint8)
    colors[0, :8] = [
        [0, 0, 0],
        [9, 9, 9],
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [255, 0, 1],
        [5, 5, 0],
        [0, 5, 5],
    ]
    expected = [rgb_to_hsv(*(color / 255)) for color in colors[0].astype(float)]
    np.testing.assert_allclose(hsv(colors)[0], np.array(expected) * [360, 1, 1], atol=1e-9)


@pytest.mark.parametrize(
    ("color", "expected"),
    [  # published values of the primaries, D65
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.74, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0.0, 0.0)),
    ],
)
def test_lab_of_primaries(color: tuple[int, ...], expected: tuple[float, ...]) -> None:
    np.testing.assert_allclose(lab(np.array([[color]], np.uint8))[0, 0], expected, atol=0.02)


def test_features_are_those_that_are_listed() -> None:
    values = style_of(photograph(0)).values
    assert list(values) == list(FEATURES)
    assert all(np.isfinite(value) for value in values.values())
    assert "hue" not in LINEAR
    assert len(LINEAR) == len(FEATURES) - 1


@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255), (90, 90, 90), (200, 30, 60)])
def test_an_even_image_has_no_texture_and_full_symmetry(color: tuple[int, ...]) -> None:
    found = style_of(plain(*color)).values
    for name in ("contrast", "edge_density", "detail", "light_entropy", "color_variety", "tamura_contrast"):
        assert found[name] == pytest.approx(0, abs=1e-9), name
    for name in ("symmetry_left_right", "symmetry_top_bottom", "glcm_energy", "glcm_homogeneity"):
        assert found[name] == pytest.approx(1, abs=1e-9), name
    absent = {name for name, value in found.items() if np.isnan(value)}
    assert absent == (OF_CHANGES if color == (200, 30, 60) else OF_CHANGES | OF_HUES)
    if color == (200, 30, 60):
        assert found["harmony"] == found["one_hue"] == 1
        assert found["hue_count"] == 1
        assert found["hue"] == pytest.approx(rgb_to_hsv(200, 30, 60)[0] * 360)


def test_what_an_image_has_none_of_is_nan() -> None:
    """A ramp of greys has no hue, and its changes, all alike, have no curve."""
    ramp = np.repeat(np.tile(np.arange(SIDE), (SIDE, 1))[:, :, None], 3, axis=2).astype(np.uint8)
    found = style_of(ramp).values
    assert {name for name, value in found.items() if np.isnan(value)} == OF_HUES | {
        "spectral_slope",
        "gradient_deviation",
    }


def test_black_and_white_halves() -> None:
    found = style_of(halves((0, 0, 0), (255, 255, 255))).values
    assert found["brightness"] == pytest.approx(0.5)
    assert found["contrast"] == pytest.approx(0.5)
    assert found["dark_area"] == found["light_area"] == 0.5
    assert found["symmetry_left_right"] == pytest.approx(-1)
    assert found["symmetry_top_bottom"] == pytest.approx(1)
    assert found["vertical_lines"] == pytest.approx(1)
    assert found["directionality"] == pytest.approx(1)
    assert found["edge_density"] == pytest.approx(1 / (SIDE - 1))  # one of 255 columns of cells
    assert found["detail"] == pytest.approx(1 / (SIDE - 1))
    assert found["balance"] == pytest.approx(1)  # either half stands out as much
    assert found["grey_area"] == 1
    assert found["vm_pleasure"] == pytest.approx(0.69 * 0.5)
    assert np.isnan(found["hue"])


def test_red_and_cyan_halves() -> None:
    found = color_features(pixels(halves((255, 0, 0), (0, 255, 255))))
    assert found["red_area"] == found["cyan_area"] == 0.5
    assert found["warm_area"] == 0.5
    assert found["hue_spread"] == pytest.approx(1)  # opposite hues cancel
    assert np.isnan(found["hue"])  # and no hue is their mean
    assert found["hue_cos"] == pytest.approx(0, abs=1e-12)
    assert found["saturation"] == 1
    assert found["hue_count"] == 2
    # rg is 255 and -255, yb is 127.5 and -127.5; both means are 0
    assert found["colorfulness"] == pytest.approx(np.hypot(255, 127.5))


def test_every_hue_has_its_sector() -> None:
    for name, start in HUES.items():
        color = np.asarray(
            Image.new("HSV", (64, 64), (round((start + 4) / 360 * 255), 255, 200)).convert("RGB")
        )
        assert color_features(pixels(color))[f"{name}_area"] == 1


def test_hue_is_circular() -> None:
    found = color_features(pixels(halves((200, 0, 20), (200, 20, 0))))  # 354 and 6 degrees
    assert min(found["hue"], 360 - found["hue"]) < 1e-6
    assert found["hue_cos"] == pytest.approx(np.cos(np.radians(6)))


@pytest.mark.parametrize("first", range(0, 180, 30))
def test_opposite_hues_have_no_mean(first: int) -> None:
    one, other = (np.round(255 * np.array(hsv_to_rgb(hue / 360, 1, 1))) for hue in (first, first + 180))
    found = color_features(pixels(halves(tuple(one.astype(int)), tuple(other.astype(int)))))
    assert np.isnan(found["hue"])
    assert found["hue_spread"] > 0.99
    three_to_one = plain(*one.astype(int))
    three_to_one[:, : SIDE // 4] = other
    found = color_features(pixels(three_to_one))
    assert abs((found["hue"] - first + 180) % 360 - 180) < 1
    assert found["hue_spread"] == pytest.approx(0.5, abs=0.01)  # 3/4 less 1/4


@pytest.mark.parametrize(("hue", "count"), [(0, 1), (60, 1), (120, 1), (180, 1), (240, 1), (300, 1)])
def test_pure_bright_colours_are_hues_and_white_is_none(hue: int, count: int) -> None:
    color = tuple(round(255 * part) for part in hsv_to_rgb(hue / 360, 1, 1))
    assert color_features(pixels(plain(*color)))["hue_count"] == count
    assert color_features(pixels(halves(color, (255, 255, 255))))["hue_count"] == count
    wheel = np.array([[[round(255 * c) for c in hsv_to_rgb(x / SIDE, 1, 1)] for x in range(SIDE)]] * 64)
    assert color_features(pixels(wheel.astype(np.uint8)))["hue_count"] == 20
    assert color_features(pixels(plain(255, 255, 255)))["hue_count"] == 0


def test_a_red_that_wavers_is_one_hue() -> None:
    wavering = halves((255, 8, 0), (255, 0, 8))  # 2 and 358 degrees
    assert color_features(pixels(wavering))["hue_count"] == 1


def test_near_black_has_neither_hue_nor_saturation() -> None:
    """A red disc before a black of three levels of blue, whose HSV saturation is 1."""
    image = plain(0, 0, 3)
    image[100:150, 100:150] = (255, 0, 0)
    found = style_of(image).values
    assert found["saturation"] == pytest.approx(found["red_area"], abs=0.002)
    assert min(found["hue"], 360 - found["hue"]) < 1
    assert found["harmony"] == pytest.approx(1, abs=1e-6)


def test_warm_colors_are_warm() -> None:
    warm, cool = (color_features(pixels(plain(*color))) for color in ((255, 110, 20), (30, 110, 255)))
    assert warm["warmth"] > 0 > cool["warmth"]
    # Ou et al. 2004 by hand, for L* = 53.24, C* = 104.55, h = 40 degrees
    red = color_features(pixels(plain(255, 0, 0)))
    assert red["warmth"] == pytest.approx(-0.5 + 0.02 * 104.55**1.07 * np.cos(np.radians(10)), abs=1e-3)
    assert red["activity"] == pytest.approx(-1.1 + 0.03 * np.hypot(104.55, 3.24 / 1.5), abs=1e-3)
    assert red["weight"] == pytest.approx(-2.1 + 0.05 * 46.76, abs=1e-3)


def naive_distance(image: np.ndarray, sectors: tuple[tuple[float, float], ...]) -> float:
    """Pixel by pixel, with bins' middles as the module has them."""
    hue, saturation, value = np.moveaxis(hsv(image), -1, 0).reshape(3, -1)
    weight = np.where((saturation >= 0.1) & (value >= 0.1), saturation * value, 0)
    middle = (hue // 5) * 5 + 2.5
    best = np.inf
    for rotation in np.arange(2.5, 360, 5):
        away = np.full(len(middle), np.inf)
        for centre, width in sectors:
            gap = np.abs((middle - rotation - centre + 180) % 360 - 180)
            away = np.minimum(away, np.maximum(gap - width / 2, 0))
        best = min(best, float((weight * away).sum() / weight.sum()))
    return best


def naive_harmony(image: np.ndarray) -> tuple[float, float]:
    """Pixel by pixel: nearness to the best template, and to a single hue."""
    found = [
        1 - naive_distance(image, sectors) / np.mean([arc(hue + 0.5, sectors) for hue in range(360)])
        for sectors in TEMPLATES.values()
    ]
    return float(max(found)), float(found[0])


def arc(hue: float, sectors: tuple[tuple[float, float], ...]) -> float:
    """Degrees from a hue to the nearest border of a sector."""
    gaps = [max(abs((hue - centre + 180) % 360 - 180) - width / 2, 0) for centre, width in sectors]
    return float(min(gaps))


def test_harmony_against_pixel_by_pixel() -> None:
    image = photograph(3, (40, 32))
    found = harmony_features(pixels(image))
    best, single = naive_harmony(image)
    assert found["harmony"] == pytest.approx(best, abs=0.02)  # e over bins of 5 degrees, and of 1
    assert found["one_hue"] == pytest.approx(single, abs=0.02)
    two = harmony_features(pixels(halves((255, 0, 0), (0, 255, 255))))
    assert two["harmony"] == pytest.approx(1)  # complementary colours: template I
    assert two["one_hue"] == pytest.approx(0, abs=0.01)  # half of them lie at the far end
    three = np.concatenate([plain(255, 0, 0)[:99], plain(0, 255, 0)[:99], plain(0, 0, 255)[:99]])
    # 120 degrees apart: template Y holds one of its narrow sector and is 60 - 46.8 from the two others; what
    # even hues have from it is 2 * 31.05 * 124.2 / 360 degrees
    expected = 1 - (2 * 13.2 / 3) / (2 * 31.05 * 124.2 / 360)
    assert harmony_features(pixels(three))["harmony"] == pytest.approx(expected, abs=0.05)


def test_harmony_goes_from_none_to_all() -> None:
    wheel = np.array([[[round(255 * c) for c in hsv_to_rgb(x / SIDE, 1, 1)] for x in range(SIDE)]] * 64)
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    for image in (wheel.astype(np.uint8), noise):
        found = harmony_features(pixels(image))
        assert 0 <= found["harmony"] < 0.03
        assert 0 <= found["one_hue"] < 0.03
    half = np.roll(wheel, 40, axis=1)[:, : SIDE // 2].astype(np.uint8)
    assert harmony_features(pixels(half))["harmony"] > 0.98  # template T holds half of the wheel


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_harmony_never_leaves_its_range_and_minds_no_turn_of_the_wheel(seed: int, hues: int) -> None:
    generator = np.random.default_rng(seed)
    places, shares = generator.integers(0, 72, hues), generator.random(hues)

    def with_hues(turn: int) -> dict[str, float]:
        hue = np.repeat(((places + turn) % 72) * 5.0 + 2.5, (100 * shares).astype(int) + 1)[None]
        one = np.ones_like(hue)
        blank = np.zeros((*hue.shape, 3))
        return harmony_features(Pixels(rgb=blank, hue=hue, saturation=one, value=one, lab=blank))

    found = with_hues(0)
    assert 0 <= found["one_hue"] <= found["harmony"] + 1e-9 <= 1 + 1e-9
    assert with_hues(17) == pytest.approx(found, abs=1e-9)


def test_balance_and_thirds_of_a_spot() -> None:
    image = plain(20, 20, 20)
    third = SIDE // 3
    image[third - 9 : third + 9, third - 9 : third + 9] = 255
    found = style_of(image).values
    assert found["balance_x"] < -0.15
    assert found["balance_y"] < -0.15
    mirrored = style_of(image[:, ::-1].copy()).values
    assert mirrored["balance_x"] == pytest.approx(-found["balance_x"], abs=1e-6)
    middle = plain(20, 20, 20)
    middle[SIDE // 2 - 9 : SIDE // 2 + 9, SIDE // 2 - 9 : SIDE // 2 + 9] = 255
    assert found["thirds"] == pytest.approx(1, abs=0.01)
    centred = style_of(middle).values
    assert centred["balance"] == pytest.approx(1, abs=1e-6)
    assert centred["thirds"] == pytest.approx(0, abs=1e-6)
    assert centred["center_detail"] == pytest.approx(1)


def spot(
    x: float,
    y: float,
    *,
    radius: float = 0.035,
    ground: np.ndarray | None = None,
    shape: tuple[int, int] = (SIDE, SIDE),
) -> np.ndarray:
    """Return a white disc with its middle at shares of the width and height."""
    image = np.full((*shape, 3), 20, np.uint8) if ground is None else ground.copy()
    rows, columns = np.indices(image.shape[:2]) + 0.5
    height, width = image.shape[:2]
    image[np.hypot(columns - x * width, rows - y * height) <= radius * max(image.shape[:2])] = 255
    return image


@pytest.mark.parametrize(
    ("x", "y", "radius"), [(0.9, 0.5, 0.02), (0.1, 0.5, 0.09), (0.5, 0.9, 0.05), (0.25, 0.6, 0.2)]
)
def test_the_weight_lies_where_the_spot_is(x: float, y: float, radius: float) -> None:
    found = style_of(spot(x, y, radius=radius)).values
    assert found["balance_x"] == pytest.approx(2 * x - 1, abs=0.02)
    assert found["balance_y"] == pytest.approx(2 * y - 1, abs=0.02)
    assert found["balance"] == pytest.approx(1 - np.hypot(x - 0.5, y - 0.5) * np.sqrt(2), abs=0.02)


def test_the_ground_weighs_nothing_whatever_it_is() -> None:
    generator = np.random.default_rng(0)
    grounds = {
        "noise": generator.integers(0, 60, (SIDE, SIDE, 3)).astype(np.uint8),
        "gradient": np.repeat(np.tile(np.linspace(20, 90, SIDE), (SIDE, 1))[:, :, None], 3, axis=2).astype(
            np.uint8
        ),
        "red": plain(150, 20, 20),
        "checkerboard": np.repeat(
            (np.indices((SIDE, SIDE)).sum(axis=0) % 2 * 90)[:, :, None], 3, axis=2
        ).astype(np.uint8),
    }
    for name, ground in grounds.items():
        found = style_of(spot(0.8, 0.3, radius=0.06, ground=ground)).values
        assert (found["balance_x"], found["balance_y"]) == pytest.approx((0.6, -0.4), abs=0.06), name
    dark = style_of(255 - spot(0.8, 0.3)).values
    assert dark["balance_x"] == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize("shape", [(SIDE, SIDE), (128, SIDE), (SIDE, 160)])
def test_thirds_is_one_on_a_power_point_nought_in_the_middle_less_in_a_corner(shape: tuple[int, int]) -> None:
    for x, y in ((1 / 3, 1 / 3), (2 / 3, 1 / 3)):
        assert style_of(spot(x, y, shape=shape)).values["thirds"] == pytest.approx(1, abs=0.02)
    assert style_of(spot(0.5, 0.5, shape=shape)).values["thirds"] == pytest.approx(0, abs=0.02)
    assert -1 <= style_of(spot(0.02, 0.02, shape=shape)).values["thirds"] < -0.8


def test_two_spots_balance_and_a_third_of_the_picture_may_stand_out() -> None:
    two = spot(0.1, 0.5)
    two = spot(0.9, 0.5, ground=two)
    assert style_of(two).values["balance"] == pytest.approx(1, abs=0.01)
    large = plain(20, 20, 20)
    large[:, -SIDE // 3 :] = 240
    assert style_of(large).values["balance_x"] == pytest.approx(2 / 3, abs=0.02)
    assert visual_weight(pixels(large))[:, : SIDE // 2].max() == 0


def test_otsu_parts_two_heaps() -> None:
    generator = np.random.default_rng(0)
    heaps = np.concatenate([generator.normal(0, 1, 900), generator.normal(20, 1, 60)])[None]
    found = otsu(heaps)
    assert 3 < found < 17
    counts = [(heaps < found).sum(), (heaps >= found).sum()]
    assert counts == [900, 60]


@pytest.mark.parametrize("side", [1, 2, 4])
def test_checkerboards_by_hand(side: int) -> None:
    """Squares of so many pixels, black and white; what an operator that looks across a pixel cannot see."""
    squares = np.indices((SIDE, SIDE)) // side
    board = (255 * (squares.sum(axis=0) % 2)).astype(np.uint8)
    found = style_of(np.repeat(board[:, :, None], 3, axis=2)).values
    cells = SIDE - 1
    borders = SIDE // side - 1  # cells that a border runs through, along a side
    crossing, along = (borders / cells) ** 2, 2 * borders * (cells - borders) / cells**2
    assert found["edge_density"] == pytest.approx(crossing + along)
    assert found["detail"] == pytest.approx(np.sqrt(2) * crossing + along)
    assert found["directionality"] == pytest.approx(0, abs=1e-9)
    assert found["gradation"] < 0.05
    assert found["contrast"] == pytest.approx(0.5)
    assert found["symmetry_left_right"] == pytest.approx(-1)
    assert np.isnan(found["spectral_slope"])  # lines in the spectrum, no slope
    step = 0.001 * np.hypot(SIDE, SIDE) / 2
    four, two = (
        np.log(np.sqrt(3 * sides) * 255 / step / 2) for sides in (4, 2)
    )  # sides that differ, of a cell's four
    expected = (crossing * four**2 + along * two**2) / (crossing * four + along * two)
    assert found["gradient_mean"] == pytest.approx(expected)
    if side == 1:
        assert np.isnan([found["horizontal_lines"], found["balance"]]).all()
        assert found["coarseness"] == 1
        assert found["glcm_contrast"] == pytest.approx(
            31**2 / 2, rel=0.01
        )  # beside and below, not across corners
    else:
        assert found["horizontal_lines"] == pytest.approx(0.5)
        assert found["oblique_lines"] == pytest.approx(0, abs=1e-9)


def test_stripes_of_one_pixel_have_a_direction() -> None:
    stripes = np.zeros((SIDE, SIDE, 3), np.uint8)
    stripes[:, ::2] = 255
    found = style_of(stripes).values
    assert found["vertical_lines"] == found["directionality"] == pytest.approx(1)
    assert found["detail"] == pytest.approx(1)


@pytest.mark.parametrize("seed", range(3))
def test_gradients_are_those_of_planes_and_saddles(seed: int) -> None:
    a, b, c, d = np.random.default_rng(seed).normal(size=4)
    found = gradient_of(np.array([[a, b], [c, d]]))
    across, down = (b - a + d - c) / 2, (c - a + d - b) / 2
    assert found.size[0, 0] ** 2 == pytest.approx(
        ((b - a) ** 2 + (d - c) ** 2 + (c - a) ** 2 + (d - b) ** 2) / 2
    )
    assert np.angle(found.directed[0, 0]) == pytest.approx(np.angle((across + 1j * down) ** 2))
    plane = gradient_of(a * np.arange(5)[:, None] + b * np.arange(6)[None])
    np.testing.assert_allclose(plane.size, np.hypot(a, b))
    np.testing.assert_allclose(np.abs(plane.directed), np.hypot(a, b))


def test_coarser_boards_are_coarser() -> None:
    found = []
    for side in (1, 2, 4, 8, 16):
        squares = (np.indices((SIDE, SIDE)) // side).sum(axis=0) % 2
        image = np.repeat((255 * squares)[:, :, None], 3, axis=2).astype(np.uint8)
        found.append(style_of(image).values["coarseness"])
    assert found == sorted(found)
    assert found[0] == 1


def test_lines_turn_with_the_image() -> None:
    stripes = np.repeat(np.tile([40, 200], SIDE // 16)[:, None], SIDE, axis=1).repeat(8, axis=0)
    flat = np.stack([stripes] * 3, axis=-1).astype(np.uint8)
    lying, upright = style_of(flat).values, style_of(flat.transpose(1, 0, 2).copy()).values
    assert lying["horizontal_lines"] == pytest.approx(1)
    assert upright["vertical_lines"] == pytest.approx(1)
    assert lying["edge_density"] == pytest.approx(upright["edge_density"])
    y, x = np.mgrid[:SIDE, :SIDE]
    slanted = np.stack([128 + 100 * np.sin((x + y) / 6)] * 3, axis=-1).astype(np.uint8)
    assert style_of(slanted).values["oblique_lines"] > 0.95


def naive_co_occurrences(levels: np.ndarray, greys: int) -> np.ndarray:
    counts = np.zeros((greys, greys))
    height, width = levels.shape
    for row in range(height):
        for column in range(width):
            for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
                other_row, other = row + down, column + right
                if 0 <= other_row < height and 0 <= other < width:
                    counts[levels[row, column], levels[other_row, other]] += 1
                    counts[levels[other_row, other], levels[row, column]] += 1
    return np.asarray(counts / counts.sum())


def test_co_occurrences_against_pixel_by_pixel() -> None:
    levels = np.random.default_rng(0).integers(0, 5, (7, 9))
    np.testing.assert_allclose(co_occurrences(levels, greys=5), naive_co_occurrences(levels, 5))


def test_spectral_slope_of_noise_with_a_known_one() -> None:
    generator = np.random.default_rng(0)
    radius = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE)[None])
    radius[0, 0] = 1
    for slope in (-1.0, -2.0, -3.0):
        spectrum = np.fft.fft2(generator.normal(size=(SIDE, SIDE))) * radius ** (slope / 2)
        field = np.fft.ifft2(spectrum).real
        field = 0.5 + 0.1 * field / field.std()
        empty = np.zeros((SIDE, SIDE))
        gray = np.stack([100 * field, empty, empty], axis=-1)
        made = Pixels(rgb=gray, hue=empty, saturation=empty, value=empty, lab=gray)
        assert texture_features(made, gradient_of(field))["spectral_slope"] == pytest.approx(slope, abs=0.15)


def test_texture_orders_fine_and_coarse() -> None:
    generator = np.random.default_rng(0)
    fine = np.repeat(generator.integers(0, 256, (SIDE, SIDE, 1)), 3, axis=2).astype(np.uint8)
    coarse = np.kron(fine[:8, :8], np.ones((SIDE // 8, SIDE // 8, 1))).astype(np.uint8)
    ramp = np.repeat(np.tile(np.arange(SIDE), (SIDE, 1))[:, :, None], 3, axis=2).astype(np.uint8)
    one, two, three = (style_of(image).values for image in (fine, coarse, ramp))
    assert one["coarseness"] < two["coarseness"]
    assert one["edge_density"] > two["edge_density"] > three["edge_density"] == 0
    assert one["glcm_homogeneity"] < two["glcm_homogeneity"]
    assert one["gradation"] < 0.1 < three["gradation"]
    assert three["gradation"] == pytest.approx(1, abs=0.02)
    assert one["spectral_slope"] > -0.5 > two["spectral_slope"]


def test_gradient_statistics_of_equal_steps() -> None:
    ramp = np.repeat(np.tile(np.arange(64) * 4, (64, 1))[:, :, None], 3, axis=2).astype(np.uint8)
    step = 0.001 * np.hypot(64, 64) / 2
    stimulus = np.sqrt(3 * (4**2 + 4**2)) / step  # both diagonals cross one step of 4 in three channels
    found = gradient_statistics(pixels(ramp))
    assert found["gradient_mean"] == pytest.approx(np.log(stimulus / 2))
    assert found["gradient_sd"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", [0, 1])
def test_mirroring_changes_what_has_sides_only(seed: int) -> None:
    image = photograph(seed)
    one, two = style_of(image).values, style_of(image[:, ::-1].copy()).values
    for name in FEATURES:
        expected = -one[name] if name == "balance_x" else one[name]
        assert two[name] == pytest.approx(expected, abs=2e-3, rel=2e-2), name


def test_an_enlarged_image_has_the_same_colors() -> None:
    small, large = photograph(2, (SIDE, SIDE)), photograph(2, (2 * SIDE, 2 * SIDE))
    one, two = style_of(small).values, style_of(large).values
    for name in ("brightness", "saturation", "colorfulness", "warmth", "harmony", "balance", "edge_density"):
        assert two[name] == pytest.approx(one[name], rel=0.03, abs=0.01), name


def table_of(folder: Path) -> Table:
    return Table(pd.DataFrame({"path": sorted(path.name for path in folder.glob("*.*"))}), root=folder)


def test_a_bad_image_is_a_bad_row_and_the_rest_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    Image.fromarray(photograph(0)).save(folder / "a.png")
    (folder / "b.jpg").write_bytes(b"no image")
    Image.fromarray(plain(9, 9, 9)).save(folder / "c.png")
    Image.fromarray(photograph(1, (12, 700))).save(folder / "d.png")  # 4 pixels high at 256
    table = table_of(folder)
    first = style_of_table(table, store=tmp_path / "store")
    assert first.ok.tolist() == [True, False, True, False]
    assert "too narrow" in str(first.errors[3])
    assert np.isnan(first.matrix[1]).all()
    assert np.isfinite(first.matrix[0]).all()
    assert np.isfinite(first.values[2, list(FEATURES).index("brightness")])
    assert np.isnan(first.values[2, list(FEATURES).index("hue")])  # grey
    assert first.rows[0].values == style_of(folder / "a.png").values
    (folder / "a.png").rename(folder / "e.png")
    again = style_of_table(table_of(folder), store=tmp_path / "store", watch=lambda paths: paths)
    np.testing.assert_array_equal(again.values[-1], first.values[0])


def test_what_is_stored_is_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    Image.fromarray(photograph(0)).save(folder / "a.png")
    first = style_of_table(table_of(folder), store=tmp_path / "store")

    def refuse(*arguments: object, **settings: object) -> None:
        raise AssertionError("measured again")

    monkeypatch.setattr("evocative.explain.style.style_of", refuse)
    again = style_of_table(table_of(folder), store=tmp_path / "store")
    np.testing.assert_array_equal(first.values, again.values)
    assert isinstance(again, StyleTable)


def test_a_size_that_is_too_small_is_refused() -> None:
    with pytest.raises(DataError, match="at least 32"):
        style_of(photograph(0), longer_side=16)


def test_composition_takes_any_shape() -> None:
    for shape in ((9, 256), (256, 9), (33, 47)):
        measured = pixels(photograph(0, shape))
        found = composition_features(measured, gradient_of(measured.lightness))
        assert all(np.isfinite(value) for value in found.values())
