from typing import Any

import numpy as np
import pytest
from PIL import Image

from evocative.data.image import decode
from evocative.data.pixels import from_array, rgb
from evocative.errors import DataError

COLOR = (10, 120, 250)


def test_arrays_of_every_kind_give_the_same_picture() -> None:
    eight = np.empty((16, 24, 3), np.uint8)
    eight[:] = COLOR
    opaque = np.concatenate([eight, np.full((16, 24, 1), 255, np.uint8)], axis=2)
    for channels in (eight, opaque, np.asfortranarray(eight), eight[::-1, ::-1]):
        for array in (
            channels,
            channels.astype(np.uint16) * 257,
            (channels.astype(np.uint16) * 257).astype(">u2"),
            channels / 255,
            (channels / 255).astype(np.float32),
        ):
            assert np.array_equal(np.asarray(decode(array)), eight), array.dtype


@pytest.mark.parametrize("shape", [(16, 24), (16, 24, 1)])
def test_grey_arrays(shape: tuple[int, ...]) -> None:
    ramp = np.arange(384, dtype=np.uint8).reshape(shape)
    assert np.array_equal(np.asarray(decode(ramp))[..., 2], ramp.reshape(16, 24))


def test_scaling_is_rounded_exactly() -> None:
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    assert np.array_equal(np.asarray(from_array(values))[..., 0], np.rint(values / 257))
    floats = np.linspace(0, 1, 4096).reshape(64, 64)
    assert np.array_equal(np.asarray(from_array(floats))[..., 0], np.rint(255 * floats.astype(np.float32)))


def test_transparent_array_values_become_white() -> None:
    array = np.zeros((16, 16, 4), np.uint8)
    array[:, 8:] = (*COLOR, 255)
    decoded = decode(array)
    assert (decoded.getpixel((0, 0)), decoded.getpixel((15, 0))) == ((255, 255, 255), COLOR)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((3, 16, 16), np.uint8), r"found \(3, 16, 16\) \(channels come last: use array.transpose"),
        (np.zeros((16, 16, 2), np.uint8), r"expected the shape \(H, W\)"),
        (np.zeros(16, np.uint8), r"expected the shape \(H, W\)"),
        (np.zeros((1, 16, 16, 3), np.uint8), r"expected the shape \(H, W\)"),
        (np.zeros((16, 16), bool), "found bool; convert it first"),
        (np.zeros((16, 16), np.int64), "found int64; convert it first"),
        (np.zeros((16, 16), np.uint32), "found uint32; convert it first"),
        (np.full((16, 16), 2.0), r"expected floats in \[0, 1\], found 2 to 2; scale them first"),
        (np.full((16, 16), -0.1), "found -0.1 to -0.1"),
        (np.full((16, 16), np.nan), "found nan to nan"),
        (np.zeros((0, 16), np.uint8), "16 × 0 pixels: every side must have at least 8"),
        (np.zeros((4, 4, 3), np.uint8), "4 × 4 pixels: every side must have at least 8"),
    ],
)
def test_other_arrays_are_refused(array: np.ndarray[Any, Any], reason: str) -> None:
    with pytest.raises(DataError, match=reason) as caught:
        decode(array)
    assert str(caught.value).startswith(f"array {array.shape} of {array.dtype}: ")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "RGBa"])
def test_colour_modes(mode: str) -> None:
    image = Image.new("RGB", (16, 16), COLOR)
    source = image.convert("RGBA").convert(mode) if mode == "RGBa" else image.convert(mode)
    assert np.abs(np.asarray(rgb(source)).astype(int) - COLOR).max() <= 3


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "PA", "I;16", "F"])
def test_grey_modes(mode: str) -> None:
    grey = Image.new("L", (16, 16), 255)
    wide: dict[str, Any] = {"I;16": np.full((16, 16), 65535, np.uint16), "F": np.ones((16, 16), np.float32)}
    source = Image.fromarray(wide[mode]) if mode in wide else grey.convert(mode)
    assert source.mode == mode
    assert np.asarray(rgb(source)).min() == 255


def test_values_without_a_known_range_are_refused() -> None:
    for value in (300, -1):
        with pytest.raises(DataError, match="32-bit integers have no known range; save it with 8 or 16 bits"):
            decode(Image.new("I", (16, 16), value))
    for floating in (300.0, -1.0, 1.5, float("nan"), float("inf")):
        with pytest.raises(DataError, match=r"expected floats in \[0, 1\], found .* as Pillow would; scale"):
            decode(Image.new("F", (16, 16), floating))


@pytest.mark.parametrize("mode", ["I", "F"])
def test_whole_numbers_of_a_byte_are_what_pillow_made_of_a_byte(mode: str) -> None:
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))
    assert np.array_equal(np.asarray(decode(ramp.convert(mode)))[..., 1], np.asarray(ramp))


@pytest.mark.parametrize("mode", ["LA", "La", "RGBA", "RGBa", "PA", "P", "L", "1", "RGB", "I;16"])
def test_transparent_parts_of_every_mode_become_white(mode: str) -> None:
    rgba = Image.new("RGBA", (16, 16), (0, 0, 0, 255))
    rgba.paste((255, 255, 255, 0), (8, 0, 16, 16))
    image = rgba.convert({"La": "LA"}.get(mode, mode)) if mode not in ("I;16", "PA") else rgba.convert("L")
    if mode == "La":
        image = image.convert("La")
    elif mode == "PA":
        image = rgba.convert("P").convert("PA")
        image.putalpha(rgba.getchannel("A"))
    elif mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    key = {"P": bytes([255] * 256), "L": 255, "1": 255, "RGB": (255, 255, 255), "I;16": 65_535}.get(mode)
    if key is not None:
        image.info["transparency"] = key
    decoded = decode(image)
    assert (decoded.getpixel((2, 2)), decoded.getpixel((12, 2))) == ((0, 0, 0), (255, 255, 255))


@pytest.mark.parametrize("mode", ["I;16", "I;16L", "I;16B"])
def test_sixteen_bits_in_either_order(mode: str) -> None:
    values = np.full((16, 16), 0xC000, ">u2" if mode == "I;16B" else "<u2")
    image = Image.frombytes(mode, (16, 16), values.tobytes())
    assert decode(image).getpixel((3, 3)) == (191, 191, 191)


def test_lab_is_converted() -> None:
    lab = Image.new("LAB", (16, 16), (128, 128, 128))  # no colour
    low, high = zip(*decode(lab).getextrema(), strict=True)
    assert max(high) - min(low) <= 12


def test_a_transparent_grey_value_of_sixteen_bits() -> None:
    values = np.full((16, 16), 1000, np.uint16)
    values[0, 0] = 2000
    image = Image.fromarray(values)
    image.info["transparency"] = 2000
    decoded = rgb(image)
    assert (decoded.getpixel((0, 0)), decoded.getpixel((1, 0))) == ((255, 255, 255), (4, 4, 4))
