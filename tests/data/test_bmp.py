"""Bitmaps by hand: depths, masks, and alpha that nobody meant."""

import struct

import numpy as np
import pytest

from evocative.data.image import decode

COLORS = np.random.default_rng(0).integers(0, 256, (9, 11, 4)).astype(np.uint8)
"""Blue, green, red, alpha, rows from below."""


def bmp(pixels: bytes, bits: int, *, header: int = 40, masks: tuple[int, ...] = ()) -> bytes:
    fields = struct.pack("<LllHHLLllLL", header, 11, 9, 1, bits, 3 if masks else 0, len(pixels), 0, 0, 0, 0)
    packed = struct.pack(f"<{len(masks)}L", *masks)
    info = (fields + packed).ljust(header, b"\0") if header > 40 else fields + packed
    return b"BM" + struct.pack("<LHHL", 14 + len(info) + len(pixels), 0, 0, 14 + len(info)) + info + pixels


def expected(alpha: bool = False) -> np.ndarray:
    colors = COLORS[::-1, :, 2::-1].astype(float)
    share = COLORS[::-1, :, 3:] / 255 if alpha else 1
    return np.rint(colors * share + 255 * (1 - share))


MASKS = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)


@pytest.mark.parametrize("header", [56, 108, 124])
@pytest.mark.parametrize("fill", [0, 255])
def test_alpha_that_is_nowhere_or_everywhere_is_opaque(header: int, fill: int) -> None:
    pixels = COLORS.copy()
    pixels[..., 3] = fill
    data = bmp(pixels.tobytes(), 32, header=header, masks=MASKS)
    assert np.array_equal(np.asarray(decode(data)), expected())


@pytest.mark.parametrize("header", [56, 108, 124])
def test_alpha_that_is_somewhere_counts(header: int) -> None:
    data = bmp(COLORS.tobytes(), 32, header=header, masks=MASKS)
    assert np.abs(np.asarray(decode(data)) - expected(alpha=True)).max() <= 1


@pytest.mark.parametrize("header", [40, 108, 124])
def test_without_masks_the_fourth_byte_is_no_alpha(header: int) -> None:
    assert np.array_equal(np.asarray(decode(bmp(COLORS.tobytes(), 32, header=header))), expected())
    rows = np.pad(COLORS[..., :3].reshape(9, -1), ((0, 0), (0, 3)))
    assert np.array_equal(np.asarray(decode(bmp(rows.tobytes(), 24, header=header))), expected())


@pytest.mark.parametrize("masks", [(0xF800, 0x7E0, 0x1F), (0x7C00, 0x3E0, 0x1F)])
@pytest.mark.parametrize("header", [40, 108, 124])
def test_sixteen_bits_with_masks(masks: tuple[int, ...], header: int) -> None:
    b, g, r = (COLORS[..., i].astype(int) >> 3 for i in range(3))
    green = g << 1 | g >> 4 if masks[1] == 0x7E0 else g
    words = r * (masks[2] + 1 << (6 if masks[1] == 0x7E0 else 5)) + green * 32 + b
    rows = np.pad(words.astype("<u2"), ((0, 0), (0, 1)))
    decoded = np.asarray(decode(bmp(rows.tobytes(), 16, header=header, masks=masks))).astype(int)
    five = np.stack([r, g, b], axis=2)[::-1]
    assert np.abs(decoded - five * 255 / 31).max() <= 3  # Pillow repeats the upper bits
