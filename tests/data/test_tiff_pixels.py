"""TIFF files by hand: every depth, kind of number, order of bytes and layout, with known values."""

import struct
import zlib
from itertools import product
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pytest

from evocative.data.image import decode
from evocative.errors import DataError

H, W = 19, 21
Order = Literal["<", ">"]
WHITE, BLACK, RGB, PALETTE = 0, 1, 2, 3


def tiff(
    values: npt.NDArray[Any], photometric: int, *, bits: int | None = None, order: Order = "<",
    tile: tuple[int, int] | None = None, planar: bool = False, predictor: int = 1, packed: bool = False,
    extra: tuple[int, ...] | None = None, colors: tuple[int, ...] = (),
    more: dict[int, tuple[int, ...]] | None = None,
) -> bytes:  # fmt: skip
    """Write samples (H, W, S) as TIFF 6.0 describes, in strips of 5 rows or in tiles."""
    bits = bits or 8 * values.dtype.itemsize
    height, width, samples = values.shape
    planes = [values[..., [s]] for s in range(samples)] if planar else [values]
    high, wide = tile or (5, width)
    parts = []
    for plane, top, left in product(planes, range(0, height, high), range(0, width, wide)):
        part = plane[top : top + high, left : left + wide]
        if tile:
            part = np.pad(part, ((0, high - part.shape[0]), (0, wide - part.shape[1]), (0, 0)))
        data = rows(part, bits, order, predictor)
        parts.append(zlib.compress(data) if packed else data)
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    fields = {256: (width,), 257: (height,), 258: (bits,) * samples, 259: (8 if packed else 1,),
              262: (photometric,), 277: (samples,), 284: (2 if planar else 1,), 317: (predictor,),
              339: (kind,) * samples, **(more or {})}  # fmt: skip
    if extra is not None:
        fields[338] = extra
    if colors:
        fields[320] = colors
    fields |= {322: (wide,), 323: (high,)} if tile else {278: (high,)}
    offsets, at = [], 8
    for part in parts:
        offsets.append(at)
        at += len(part)
    where, sizes = (324, 325) if tile else (273, 279)
    fields |= {where: tuple(offsets), sizes: tuple(map(len, parts))}
    return header(order, at) + b"".join(parts) + directory(fields, order, at)


def header(order: Order, first: int) -> bytes:
    return {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HL", 42, first)


def directory(fields: dict[int, tuple[int, ...]], order: Order, at: int) -> bytes:
    entries, behind, after = b"", b"", at + 2 + 12 * len(fields) + 4
    for tag, numbers in sorted(fields.items()):
        long = tag in (273, 279, 324, 325)
        body = struct.pack(f"{order}{len(numbers)}{'L' if long else 'H'}", *numbers)
        place = body.ljust(4, b"\0") if len(body) <= 4 else struct.pack(order + "L", after + len(behind))
        behind += body if len(body) > 4 else b""
        entries += struct.pack(order + "HHL", tag, 4 if long else 3, len(numbers)) + place
    return struct.pack(order + "H", len(fields)) + entries + bytes(4) + behind


def rows(part: npt.NDArray[Any], bits: int, order: Order, predictor: int) -> bytes:
    """Return the bytes of a strip or tile."""
    height, _, samples = part.shape
    if predictor == 3:
        size = part.dtype.itemsize
        lanes = np.ascontiguousarray(part.astype(f">f{size}")).view(np.uint8).reshape(height, -1, size)
        planes = lanes.transpose(0, 2, 1).reshape(height, -1)
        before = np.pad(planes, ((0, 0), (samples, 0)))[:, : planes.shape[1]]
        return (planes - before).tobytes()
    if predictor == 2:
        part = part - np.pad(part, ((0, 0), (1, 0), (0, 0)))[:, :-1]
    if bits in (8, 16, 32, 64):
        return part.astype(part.dtype.newbyteorder(order)).tobytes()
    out = b""
    for row in part.reshape(height, -1):
        text = "".join(format(int(value), f"0{bits}b") for value in row)
        text = text.ljust(-(-len(text) // 8) * 8, "0")
        out += int(text, 2).to_bytes(len(text) // 8)
    return out


def levels(bits: int, samples: int = 1) -> npt.NDArray[Any]:
    kind = np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32
    return np.random.default_rng(bits).integers(0, 1 << bits, (H, W, samples)).astype(kind)


def eight(values: npt.NDArray[Any], bits: int) -> npt.NDArray[Any]:
    return np.floor(values * (255 / ((1 << bits) - 1)) + 0.5)


LAYOUTS: list[dict[str, Any]] = [
    {"order": order, "tile": tile, "packed": packed}
    for order, tile, packed in product("<>", (None, (16, 16)), (False, True))
]


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 6, 8, 10, 12, 14, 16])
@pytest.mark.parametrize("photometric", [WHITE, BLACK])
def test_grey_of_every_depth(bits: int, photometric: int) -> None:
    values = levels(bits)
    expected = eight(values, bits).repeat(3, axis=2)
    expected = 255 - expected if photometric == WHITE else expected
    for layout in LAYOUTS:
        decoded = decode(tiff(values, photometric, bits=bits, **layout))
        assert np.array_equal(np.asarray(decoded), expected), layout


def test_planes_of_one_sample_mean_nothing() -> None:
    orders: tuple[Literal["<", ">"], ...] = ("<", ">")
    for order, bits, white_is_zero in product(orders, (1, 4, 8, 16), (True, False)):
        values, photometric = levels(bits), WHITE if white_is_zero else BLACK
        file = tiff(values, photometric, bits=bits, order=order, more={284: (2,)})
        shown = np.asarray(decode(file))[..., :1]
        expected = eight(values, bits)
        np.testing.assert_array_equal(shown, 255 - expected if white_is_zero else expected)


def test_the_values_that_were_reported() -> None:
    white = tiff(np.full((H, W, 1), 0xC000, np.uint16), WHITE)
    assert decode(white).getpixel((3, 3)) == (64, 64, 64)
    twelve = tiff(np.full((H, W, 1), 0xFFF, np.uint16), BLACK, bits=12)
    assert decode(twelve).getpixel((3, 3)) == (255, 255, 255)


@pytest.mark.parametrize("bits", [4, 8, 12, 16])
@pytest.mark.parametrize("planar", [False, True])
def test_colours_of_every_depth(bits: int, planar: bool) -> None:
    values = levels(bits, 3)
    for layout in LAYOUTS:
        decoded = decode(tiff(values, RGB, bits=bits, planar=planar, **layout))
        assert np.array_equal(np.asarray(decoded), eight(values, bits)), layout


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("samples", [1, 2, 3, 4])
def test_differences_are_summed(bits: int, samples: int) -> None:
    values = levels(bits, samples)
    photometric, colors = (RGB, 3) if samples > 2 else (BLACK, 1)
    for given, planar in product(LAYOUTS, (False, True)):
        extra = (0,) * (samples - colors) or None
        layout = {**given, "packed": True, "predictor": 2}
        data = tiff(values, photometric, extra=extra, planar=planar, **layout)
        assert np.array_equal(np.asarray(decode(data)), eight(values[..., :colors], bits) * np.ones(3)), (
            layout
        )


@pytest.mark.parametrize("size", [2, 4, 8])
@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("predictor", [1, 3])
def test_floats_from_zero_to_one(size: int, samples: int, predictor: int) -> None:
    values = np.random.default_rng(0).random((H, W, samples)).astype(f"f{size}")
    values[0, 0], values[0, 1] = 0, 1
    expected = np.rint(values.astype(np.float32) * 255) * np.ones(3)
    for given in LAYOUTS:
        layout = {**given, "packed": given["packed"] or predictor == 3}
        data = tiff(values, RGB if samples == 3 else BLACK, predictor=predictor, **layout)
        assert np.array_equal(np.asarray(decode(data)), expected), layout
        if samples == 1:
            white = tiff(values, WHITE, predictor=predictor, **layout)
            assert np.array_equal(np.asarray(decode(white)), 255 - expected)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["i1", "i2", "i4", "u4", "i8", "u8", "f4"])
def test_numbers_without_a_range_are_read_as_bytes_or_refused(kind: str, order: Order) -> None:
    most = 127 if kind == "i1" else 255
    values = (np.arange(H * W).reshape(H, W, 1) % (most + 1)).astype(kind)
    decoded = np.asarray(decode(tiff(values, BLACK, order=order)))
    assert np.array_equal(decoded, values.astype(int).repeat(3, axis=2))
    outside: list[float] = [-1] if kind == "i1" else [256] if kind[0] == "u" else [-1, 300]
    for value in (*outside, *((float("nan"), 1.5) if kind == "f4" else ())):
        values[2, 2] = value
        with pytest.raises(DataError, match=r"(no known range|expected floats in .*, found).*(scale|save)"):
            decode(tiff(values, BLACK, order=order))
    if kind[0] != "f":
        with pytest.raises(DataError, match="no known white"):
            decode(tiff(np.zeros((H, W, 1), kind), WHITE, order=order))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("colors", [1, 3])
def test_alpha_of_both_kinds(colors: int, bits: int, order: Order) -> None:
    values = levels(bits, colors + 1)
    shown, alpha = eight(values[..., :colors], bits), eight(values[..., colors:], bits) / 255
    photometric = RGB if colors == 3 else BLACK
    apart = decode(tiff(values, photometric, extra=(2,), order=order))
    assert np.abs(np.asarray(apart) - (shown * alpha + 255 * (1 - alpha))).max() <= 1
    together = decode(tiff(values, photometric, extra=(1,), order=order))
    expected = np.minimum(shown + 255 * (1 - alpha), 255) * np.ones(3)
    assert np.abs(np.asarray(together) - expected).max() <= 1e-9
    nothing = decode(tiff(values, photometric, extra=(0,), order=order))
    assert np.array_equal(np.asarray(nothing), shown * np.ones(3))
    if colors == 1:
        inverse = np.asarray(decode(tiff(values, WHITE, extra=(1,), order=order)))
        assert np.array_equal(inverse, 255 - shown * np.ones(3))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_palettes_of_eight_and_of_sixteen_bits(bits: int, order: Order) -> None:
    values = levels(bits)
    table = np.random.default_rng(1).integers(0, 256, (3, 1 << bits))
    table[:, 0] = (255, 128, 0)
    for scale in (1, 257):
        colors = tuple(int(value) for value in (table * scale).ravel())
        for layout in LAYOUTS:
            decoded = decode(tiff(values, PALETTE, bits=bits, colors=colors, **{**layout, "order": order}))
            assert np.array_equal(np.asarray(decoded), table.T[values[..., 0]]), (scale, layout)
    with pytest.raises(DataError, match="a palette of 3 values"):
        decode(tiff(values, PALETTE, bits=bits, colors=(0, 0, 0)))


def test_is_turned_once_and_upright() -> None:
    values = levels(16)
    turns = ((6, np.rot90(values, -1)), (3, np.rot90(values, 2)), (5, values.transpose(1, 0, 2)))
    for turn, expected in turns:
        decoded = decode(tiff(values, BLACK, more={274: (turn,)}))
        assert np.array_equal(np.asarray(decoded)[..., :1], eight(expected, 16))


def test_bits_in_the_other_order() -> None:
    values = levels(16)
    data = tiff(values, BLACK, more={266: (2,)})
    turned = bytes(int(format(byte, "08b")[::-1], 2) for byte in data[8 : 8 + 2 * H * W])
    decoded = decode(data[:8] + turned + data[8 + 2 * H * W :])
    assert np.array_equal(np.asarray(decoded)[..., :1], eight(values, 16))


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({258: (16, 8)}, "different depths"),
        ({256: (60_000,), 257: (3000,)}, "pixels are more than the limit"),
        ({256: (8000,), 257: (8000,)}, "has 4 parts"),
        ({277: (2,), 258: (16, 16)}, "needs? more data than it holds"),
        ({339: (5,)}, "not read; save it as PNG"),
        ({317: (9,)}, "unknown predictor"),
        ({322: (70_000 % 65_536,), 323: (0,), 324: (8,), 325: (8,)}, "absurd tiles"),
        ({273: (8, 8, 8, 2**31)}, "lie outside"),
        ({279: (8, 8, 8, 0)}, "has 4 parts"),
        ({278: (H,)}, "has 4 parts of 4 sizes where 1 are needed"),
    ],
)
def test_contradictions_are_refused(more: dict[int, tuple[int, ...]], reason: str) -> None:
    values = levels(16)
    data = tiff(values, BLACK)
    start = int.from_bytes(data[4:8], "little")
    fields = {256: (W,), 257: (H,), 258: (16,), 259: (1,), 262: (BLACK,), 277: (1,), 278: (5,),
              273: tuple(8 + 210 * i for i in range(4)), 279: (210, 210, 210, 168), **more}  # fmt: skip
    with pytest.raises(DataError, match=reason):
        decode(data[:start] + directory(fields, "<", start))


def test_little_data_claims_little_memory() -> None:
    """Packed zeros for a file that declares 81 million pixels of 64 bits."""
    strip = zlib.compress(bytes(1000))
    fields: dict[int, tuple[int, ...]]
    fields = {256: (9000,), 257: (9000,), 258: (64,), 259: (8,), 262: (BLACK,), 277: (1,), 278: (9000,),
              339: (3,), 273: (8,), 279: (len(strip),)}  # fmt: skip
    data = header("<", 8 + len(strip)) + strip
    data += directory(fields, "<", len(data))
    with pytest.raises(DataError, match="need more data than it holds"):
        decode(data)


def test_a_raw_photograph_is_not_its_preview() -> None:
    data = tiff(levels(8, 3), RGB, more={254: (1,), 330: (8,)})
    with pytest.raises(DataError, match="a raw photograph, whose first picture is a preview; convert"):
        decode(data)
    assert decode(tiff(levels(8, 3), RGB, more={254: (1,)})).size == (W, H)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("tile", [None, (16, 16)])
def test_checksums_of_deflated_pixels_are_compared(bits: int, tile: tuple[int, int] | None) -> None:
    values = levels(bits, 3)
    data = tiff(values, RGB, packed=True, tile=tile)
    assert np.array_equal(np.asarray(decode(data)), eight(values, bits))
    first = (
        len(zlib.compress(rows(values[:5], bits, "<", 1))) if tile is None else data.index(b"x\x9c", 9) - 8
    )
    for place in (40, first - 1, first + 3):  # in the data, in the sum behind them
        damaged = bytearray(data)
        damaged[8 + place] ^= 1
        with pytest.raises(DataError, match=r"damaged inside .*; fetch"):
            decode(bytes(damaged))
