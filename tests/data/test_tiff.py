import struct
from io import BytesIO
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from evocative.data.image import decode
from evocative.data.tiff import first_image, orientation
from evocative.errors import DataError


def directory(*entries: tuple[int, int, int, int], order: Literal["<", ">"] = "<") -> bytes:
    """A header and one directory of (tag, type, count, value); shorts lie at the front of the value."""
    body = struct.pack(order + "H", len(entries))
    for tag, kind, count, value in entries:
        packed = struct.pack(order + ("HH" if kind == 3 else "L"), *((value, 0) if kind == 3 else (value,)))
        body += struct.pack(order + "HHL", tag, kind, count) + packed
    return {"<": b"II*\0\x08\0\0\0", ">": b"MM\0*\0\0\0\x08"}[order] + body + bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [3, 4])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0", b"Exif\0\0Exif\0\0"])
def test_finds_the_orientation(order: Literal["<", ">"], kind: int, prefix: bytes) -> None:
    block = directory((271, 2, 4, 0), (274, kind, 1, 6), (282, 5, 1, 99), order=order)
    assert orientation(prefix + block) == 6


def test_bigtiff_blocks_are_read() -> None:
    block = b"II+\0" + struct.pack("<HHQ", 8, 0, 16) + struct.pack("<QHHQQ", 1, 274, 3, 1, 8)
    assert orientation(block) == 8


@pytest.mark.parametrize("value", [0, 1, 9, 65535])
def test_orientations_that_mean_nothing_count_as_upright(value: int) -> None:
    assert orientation(directory((274, 3, 1, value))) == 1


@pytest.mark.parametrize(
    "xmp", [b'<rdf:Description tiff:Orientation="3"/>', b"<tiff:Orientation>3</tiff:Orientation>"]
)
def test_xmp_is_asked_where_exif_says_nothing(xmp: bytes) -> None:
    assert orientation(b"", xmp) == 3
    assert orientation(directory((271, 2, 4, 0)), xmp) == 3
    assert orientation(directory((274, 3, 1, 8)), xmp) == 8
    assert orientation(b"", b'tiff:Orientation="9"') == 1


@settings(deadline=None)
@given(st.binary(max_size=80), st.sampled_from([b"", b"II*\0", b"MM\0*", b"II+\0"]), st.binary(max_size=40))
def test_any_block_has_an_orientation(block: bytes, start: bytes, xmp: bytes) -> None:
    assert 1 <= orientation(start + block, xmp) <= 8


def tiff() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (16, 16), "teal").save(buffer, "TIFF", description="x" * 50, dpi=(300, 300))
    return buffer.getvalue()


def tags(data: bytes) -> list[int]:
    with Image.open(BytesIO(data)) as image:
        return sorted(image.tag_v2)  # type: ignore[attr-defined]


def test_only_what_decoding_needs_is_kept() -> None:
    cleaned = first_image(tiff())
    assert {270, 282, 283} <= set(tags(tiff()))
    assert set(tags(tiff())) - set(tags(cleaned)) >= {270, 282, 283}
    assert {256, 257, 258, 262, 273, 277, 279} <= set(tags(cleaned))
    assert len(cleaned) == len(tiff())
    assert Image.open(BytesIO(cleaned)).tobytes() == Image.open(BytesIO(tiff())).tobytes()


def test_a_damaged_field_that_is_not_needed_does_no_harm() -> None:
    data = tiff()
    place = data.index(struct.pack("<HHL", 270, 2, 51))
    damaged = data[: place + 8] + b"\xff\xff\xff\x7f" + data[place + 12 :]
    assert decode(damaged).getpixel((3, 3)) == (0, 128, 128)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"II*\0", "damaged or cut off"),
        (b"XX*\0" + bytes(20), "header is damaged"),
        (directory((271, 2, 4, 0)), "damaged or cut off"),
        (directory((256, 4, 2, 8)), "field 256 has 2 values"),
        (directory((258, 3, 0, 8)), "field 258 has 0 values"),
        (directory((273, 4, 100, 8)), "field 273 lies outside"),
        (directory((277, 3, 1, 60_000)), "absurd number of samples"),
        (
            directory((258, 3, 6, 8), (273, 4, 6, 8), (279, 4, 6, 8)),
            "damaged or cut off",
        ),  # more data than file
    ],
)
def test_contradictions_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=f"{reason}.*; fetch or export it again"):
        first_image(data)
