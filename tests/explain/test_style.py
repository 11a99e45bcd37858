"""Style: pictures whose every measure can be worked out by hand, and what no measure may depend on."""

from colorsys import rgb_to_hsv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from evocative.data.table import Table
from evocative.errors import DataError
from evocative.explain.color_spaces import Pixels, hsv, lab, pixels_of
from evocative.explain.style import LONGER_SIDE, StyleTable, style_of, style_of_table
from evocative.explain.style_color import HUES, color_features
from evocative.explain.style_composition import composition_features, gradient_of
from evocative.explain.style_harmony import TEMPLATES, harmony_features
from evocative.explain.style_names import FEATURES, LINEAR
from evocative.explain.style_texture import co_occurrences, gradient_statistics, texture_features

SIDE = LONGER_SIDE


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
    for name in ("contrast", "edge_density", "detail", "light_entropy", "color_variety", "hue_spread"):
        assert found[name] == pytest.approx(0, abs=1e-9), name
    for name in ("symmetry_left_right", "balance", "harmony", "glcm_energy", "glcm_homogeneity", "gradation"):
        assert found[name] == pytest.approx(1, abs=1e-9), name
    assert found["center_detail"] == pytest.approx(1 / 9)


def test_black_and_white_halves() -> None:
    found = style_of(halves((0, 0, 0), (255, 255, 255))).values
    assert found["brightness"] == pytest.approx(0.5)
    assert found["contrast"] == pytest.approx(0.5)
    assert found["dark_area"] == found["light_area"] == 0.5
    assert found["symmetry_left_right"] == pytest.approx(-1)
    assert found["symmetry_top_bottom"] == pytest.approx(1)
    assert found["vertical_lines"] == pytest.approx(1)
    assert found["directionality"] == pytest.approx(1)
    assert found["edge_density"] == pytest.approx(2 / SIDE)
    assert found["detail"] == pytest.approx(1 / SIDE)  # the gradients of a row add up to the one step
    assert found["grey_area"] == 1
    assert found["vm_pleasure"] == pytest.approx(0.69 * 0.5)
    assert np.isnan(found["hue"])


def test_red_and_cyan_halves() -> None:
    found = color_features(pixels(halves((255, 0, 0), (0, 255, 255))))
    assert found["red_area"] == found["cyan_area"] == 0.5
    assert found["warm_area"] == 0.5
    assert found["hue_spread"] == pytest.approx(1)  # opposite hues cancel
    assert found["saturation"] == 1
    assert found["hue_count"] == 0  # as bright as can be: above .95 nothing counts (Ke et al.)
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


def test_warm_colors_are_warm() -> None:
    warm, cool = (color_features(pixels(plain(*color))) for color in ((255, 110, 20), (30, 110, 255)))
    assert warm["warmth"] > 0 > cool["warmth"]
    # Ou et al. 2004 by hand, for L* = 53.24, C* = 104.55, h = 40 degrees
    red = color_features(pixels(plain(255, 0, 0)))
    assert red["warmth"] == pytest.approx(-0.5 + 0.02 * 104.55**1.07 * np.cos(np.radians(10)), abs=1e-3)
    assert red["activity"] == pytest.approx(-1.1 + 0.03 * np.hypot(104.55, 3.24 / 1.5), abs=1e-3)
    assert red["weight"] == pytest.approx(-2.1 + 0.05 * 46.76, abs=1e-3)


def naive_harmony(image: np.ndarray) -> float:
    """Pixel by pixel, with bins' middles as the module has them."""
    hue, saturation, _ = np.moveaxis(hsv(image), -1, 0).reshape(3, -1)
    middle = (hue // 5) * 5 + 2.5
    best = np.inf
    for sectors in TEMPLATES.values():
        for rotation in np.arange(2.5, 360, 5):
            away = np.full(len(middle), np.inf)
            for centre, width in sectors:
                gap = np.abs((middle - rotation - centre + 180) % 360 - 180)
                away = np.minimum(away, np.maximum(gap - width / 2, 0))
            best = min(best, float((saturation * away).sum() / saturation.sum()))
    return 1 - best / 90


def test_harmony_against_pixel_by_pixel() -> None:
    image = photograph(3, (40, 32))
    assert harmony_features(pixels(image))["harmony"] == pytest.approx(naive_harmony(image))
    two = harmony_features(pixels(halves((255, 0, 0), (0, 255, 255))))
    assert two["harmony"] == pytest.approx(1)  # complementary colours: template I
    assert two["one_hue"] < 0.6
    three = np.concatenate([plain(255, 0, 0)[:99], plain(0, 255, 0)[:99], plain(0, 0, 255)[:99]])
    assert harmony_features(pixels(three))["harmony"] < 0.95  # 120 degrees apart: no template holds them


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
    centred = style_of(middle).values
    assert centred["balance"] == pytest.approx(1, abs=1e-6)
    assert centred["thirds"] == pytest.approx(0, abs=1e-6)
    assert found["thirds"] > 0.3
    assert centred["center_detail"] == pytest.approx(1)


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
    assert one["gradation"] < 0.4 < three["gradation"]
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
    assert np.isfinite(first.matrix[[0, 2]]).all()
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
