"""PNG files by hand: transparent colours of every depth, 16 bits, EXIF outside its chunk, a missing end."""

import zlib
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from evocative.data.image import decode
from evocative.errors import DataError

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def filtered(rows: npt.NDArray[np.uint8], bpp: int) -> bytes:
    """Filter rows of bytes, each by another of the five ways, by the standard's own words (section 9.2)."""
    out, above = b"", [0] * rows.shape[1]
    for number, row in enumerate(rows.tolist()):
        kind, line = number % 5, []
        for at, value in enumerate(row):
            left, up = row[at - bpp] if at >= bpp else 0, above[at]
            corner = above[at - bpp] if at >= bpp else 0
            paeth = min((left, up, corner), key=lambda near: abs(near - (left + up - corner)))
            line.append((value - (0, left, up, (left + up) // 2, paeth)[kind]) % 256)
        out += bytes([kind, *line])
        above = row
    return out


def png(values: npt.NDArray[Any], kind: int, depth: int, *extra: bytes, laced: bool = False) -> bytes:
    """Write samples (H, W, C)."""
    height, width, channels = values.shape
    parts = [values[y::dy, x::dx] for x, y, dx, dy in PASSES] if laced else [values]
    packed = b""
    for part in parts:
        bits = [[format(v, f"0{depth}b") for v in row] for row in part.reshape(len(part), -1)]
        rows = ["".join(row).ljust(-(-len(row) * depth // 8) * 8, "0") for row in bits]
        data = np.array([list(int(row, 2).to_bytes(len(row) // 8)) for row in rows], np.uint8)
        packed += filtered(data, max(1, channels * depth // 8))
    header = width.to_bytes(4) + height.to_bytes(4) + bytes((depth, kind, 0, 0, int(laced)))
    end = chunk(b"IDAT", zlib.compress(packed)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(extra) + end


def levels(depth: int, channels: int = 1) -> npt.NDArray[Any]:
    return np.random.default_rng(0).integers(0, 1 << depth, (17, 21, channels))


@pytest.mark.parametrize("laced", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_a_transparent_grey_of_any_depth_becomes_white(depth: int, laced: bool) -> None:
    most = (1 << depth) - 1
    values = levels(depth)
    key = int(values[3, 4, 0])
    expected = np.where(values == key, 255, np.floor(values * 255 / most + 0.5)).repeat(3, axis=2)
    for high in (0, 0xFF00 & ~most):  # bits above the depth do not count
        data = png(values, GREY, depth, chunk(b"tRNS", (key | high).to_bytes(2)), laced=laced)
        assert np.array_equal(np.asarray(decode(data)), expected), (key, high)


@pytest.mark.parametrize("laced", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
def test_a_transparent_colour_becomes_white(depth: int, laced: bool) -> None:
    values = levels(depth, 3)
    values[5, 5] = values[3, 4]
    key = values[3, 4].copy()
    values[0, 0] = key ^ 1 if depth == 16 else key ^ 128  # differs in the lowest byte only
    data = png(values, RGB, depth, chunk(b"tRNS", b"".join(int(v).to_bytes(2) for v in key)), laced=laced)
    seen = (values == key).all(axis=2, keepdims=True)
    expected = np.where(seen, 255, np.rint(values / (257 if depth == 16 else 1)))
    assert np.array_equal(np.asarray(decode(data)), expected)
    assert seen.sum() == 2


@pytest.mark.parametrize("laced", [False, True])
@pytest.mark.parametrize(("kind", "channels"), [(RGB, 3), (GREY_ALPHA, 2), (RGBA, 4)])
def test_sixteen_bits_are_scaled_not_cut_off(kind: int, channels: int, laced: bool) -> None:
    values = levels(16, channels)
    eight = np.rint(values / 257)
    if kind == RGB:
        expected = eight
    else:
        alpha = eight[..., -1:] / 255
        expected = (eight[..., :-1] * alpha + 255 * (1 - alpha)) * np.ones(3)
    difference = np.abs(np.asarray(decode(png(values, kind, 16, laced=laced))) - expected)
    assert difference.max() <= (0 if kind == RGB else 1)  # Pillow mixes with a rounding of its own


def test_palettes_of_every_depth() -> None:
    for depth in (1, 2, 4, 8):
        values = levels(depth)
        table = np.random.default_rng(1).integers(0, 256, (1 << depth, 3), dtype=np.uint8)
        data = png(values, PALETTE, depth, chunk(b"PLTE", table.tobytes()), chunk(b"tRNS", b"\xff\0"))
        table[1] = 255
        assert np.array_equal(np.asarray(decode(data)), table[values[..., 0]])


def test_a_cut_off_deep_file_is_refused() -> None:
    values = levels(16, 3)
    whole = png(values, RGB, 16)
    short = chunk(b"IDAT", zlib.compress(filtered(np.zeros((9, 126), np.uint8), 6)))
    start, end = whole.index(b"IDAT") - 4, whole.index(b"IEND") - 4
    with pytest.raises(DataError, match="the PNG file is cut off"):
        decode(whole[:start] + short + whole[end:])


def turn(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def profile(name: bytes, block: bytes) -> bytes:
    digits = block.hex().encode()
    lines = b"\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return b"\n%s\n%8d\n%s\n" % (name, len(block), lines)


XMP = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
TEXTS = {
    "compressed": b"zTXtRaw profile type exif\0\0" + zlib.compress(profile(b"exif", turn(6))),
    "plain": b"tEXtRaw profile type exif\0" + profile(b"exif", turn(6)),
    "international": b"iTXtRaw profile type exif\0\0\0\0\0" + profile(b"exif", turn(6)),
    "international, compressed": b"iTXtRaw profile type exif\0\1\0en\0x\0"
    + zlib.compress(profile(b"exif", turn(6))),
    "application segment": b"zTXtRaw profile type APP1\0\0"
    + zlib.compress(profile(b"generic profile", turn(6))),
    "xmp as application segment": b"zTXtRaw profile type APP1\0\0"
    + zlib.compress(profile(b"generic profile", b"http://ns.adobe.com/xap/1.0/\0" + XMP)),
    "xmp": b"iTXtXML:com.adobe.xmp\0\0\0\0\0" + XMP,
    "xmp profile": b"zTXtRaw profile type xmp\0\0" + zlib.compress(profile(b"xmp", XMP)),
    "own chunk": b"eXIf" + turn(6)[6:],
}  # fmt: skip


@pytest.mark.parametrize("where", TEXTS)
def test_orientation_is_found_wherever_it_is_told(where: str) -> None:
    values = levels(8)
    plain = decode(png(values, GREY, 8))
    expected = plain.transpose(Image.Transpose.ROTATE_270)
    told = chunk(TEXTS[where][:4], TEXTS[where][4:])
    data = png(values, GREY, 8, told)
    assert decode(data).tobytes() == expected.tobytes()
    behind = data.index(b"IEND") - 4
    assert decode(png(values, GREY, 8)[: behind - len(told)] + told + chunk(b"IEND", b"")).size == (17, 21)
    upright = png(values, GREY, 8, told, chunk(b"eXIf", turn(1)[6:]))
    assert decode(upright).tobytes() == plain.tobytes(), "its own chunk counts first"


@pytest.mark.parametrize("where", TEXTS)
def test_damaged_profiles_are_passed_over(where: str) -> None:
    name, body = TEXTS[where][:4], bytearray(TEXTS[where][4:])
    for at in range(len(body)):
        damaged = bytes(body[:at]) + bytes([body[at] ^ 0x20]) + bytes(body[at + 1 :])
        assert decode(png(levels(1)[:8, :8], GREY, 1, chunk(name, damaged))).size == (8, 8)


def test_a_file_without_its_end_is_read_if_its_pixels_are_whole() -> None:
    values = levels(8, 3)
    whole = png(values, RGB, 8)
    for missing in range(13):
        assert np.array_equal(np.asarray(decode(whole[: len(whole) - missing])), values)
    for missing in (13, 40):
        with pytest.raises(DataError, match="cut off"):
            decode(whole[:-missing])
    with pytest.raises(DataError, match="cut off"):
        decode(whole[:-12] + b"abc")
    assert np.array_equal(np.asarray(Image.open(BytesIO(whole[:-12])).convert("RGB")), values), "Pillow's way"
