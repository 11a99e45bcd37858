"""HEIC, AVIF and JPEG 2000: what telephones, cameras and browsers save."""

import warnings
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pillow_heif import as_plugin

from evocative.data.boxed import is_picture
from evocative.data.image import SUPPORTED, decode
from evocative.errors import DataError

TURNS = {
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip


def picture(size: tuple[int, int] = (96, 64)) -> Image.Image:
    image = Image.new("RGB", (2, 2))
    image.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)])
    return image.resize(size, Image.Resampling.NEAREST)


def encode(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    buffer = BytesIO()
    image = image or picture()
    if kind == "HEIF":
        image.encoderinfo, image.encoderconfig = {"quality": -1, **options}, ()
        as_plugin._save_heif(image, buffer, "")  # registering the plugin would change Pillow for all tests
    else:
        image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(turn: int) -> bytes:
    block = Image.Exif()
    block[0x0112], block[0x010F] = turn, "a maker"
    return block.tobytes()


def near(image: Image.Image, expected: Image.Image) -> bool:
    if image.size != expected.size:
        return False
    return bool(np.abs(np.asarray(image).astype(int) - np.asarray(expected)).max() <= 3)


KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "HEIF": ("HEIF", {"chroma": 444}),
    "AVIF": ("AVIF", {"quality": 100, "subsampling": "4:4:4"}),
    "JP2": ("JPEG2000", {}),
    "codestream": ("JPEG2000", {"no_jp2": True}),
}


@pytest.mark.parametrize("name", KINDS)
def test_is_read(name: str) -> None:
    kind, options = KINDS[name]
    data = encode(kind, **options)
    assert near(decode(data), picture())
    assert near(decode(data + b"what a camera appends"), picture())
    assert near(decode(data, at_least=10), picture())
    if kind != "JPEG2000":
        assert is_picture(data)


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("name", ["HEIF", "AVIF"])
def test_is_turned_once(name: str, turn: int) -> None:
    kind, options = KINDS[name]
    data = encode(kind, exif=exif(turn), **options)
    method = TURNS[turn]
    assert near(decode(data), picture() if method is None else picture().transpose(method))


@pytest.mark.parametrize("name", ["HEIF", "AVIF"])
def test_exif_does_not_turn_what_its_container_does_not(name: str) -> None:
    """A converter that turned the pixels and copied EXIF, which readers must ignore."""
    kind, options = KINDS[name]
    block = Image.Exif()
    block[0x0128] = 6
    data = encode(kind, exif=block.tobytes(), **options)
    assert data.count(b"\x01\x28\0\x03") == 1
    assert near(decode(data.replace(b"\x01\x28\0\x03", b"\x01\x12\0\x03")), picture())


@pytest.mark.parametrize("name", ["HEIF", "AVIF", "JP2"])
def test_transparent_parts_become_white(name: str) -> None:
    rgba = picture().convert("RGBA")
    rgba.paste((255, 0, 255, 0), (48, 0, 96, 64))
    kind, options = KINDS[name]
    expected = picture()
    expected.paste("white", (48, 0, 96, 64))
    assert near(decode(encode(kind, rgba, **options)), expected)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_cut_off_files_are_refused(name: str, share: float) -> None:
    kind, options = KINDS[name]
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8))
    data = encode(kind, noise, **options)
    with pytest.raises(DataError, match=r"(cut off|damaged).*; fetch"):
        decode(data[: int(share * len(data))])


def test_sixteen_bits_of_grey() -> None:
    grey = Image.fromarray(np.full((64, 96), 0xC000, np.uint16))
    assert decode(encode("JPEG2000", grey)).getpixel((5, 5)) == (191, 191, 191)


@pytest.mark.parametrize("name", KINDS)
def test_sizes_are_checked_before_pixels(name: str) -> None:
    kind, options = KINDS[name]
    with pytest.raises(DataError, match="96 × 64 pixels are more than the limit of 6,143"):
        decode(encode(kind, **options), max_pixels=96 * 64 - 1)
    with pytest.raises(DataError, match="every side must have at least 8"):
        decode(encode(kind, picture((96, 6)), **({} if kind == "JPEG2000" else options)))


def test_a_codestream_larger_than_its_box_says_is_refused() -> None:
    data = encode("JPEG2000")
    at = data.index(b"\xff\x4f\xff\x51") + 8
    large = data[:at] + (15_000).to_bytes(4) + (14_000).to_bytes(4) + data[at + 8 :]
    with pytest.raises(DataError, match="15000 × 14000 pixels are more than"):
        decode(large)


@pytest.mark.parametrize("brand", [b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"hevc"])
def test_brands_are_known_and_what_has_no_more_is_refused(brand: bytes) -> None:
    with pytest.raises(DataError, match=r"(damaged|cut off).*; fetch"):
        decode(b"\0\0\0\x18ftyp" + brand + bytes(4) + brand + b"miaf" + bytes(60))


def test_a_general_brand_is_told_by_the_others() -> None:
    avif, heif = (encode(*KINDS[name][:1], **KINDS[name][1]) for name in ("AVIF", "HEIF"))
    for data in (avif, heif):
        assert near(decode(data[:8] + b"mif1" + data[12:]), picture())


def test_tiles_of_a_grid_are_put_together() -> None:
    data = encode("HEIF", picture((512, 384)), chroma=444, tile_size=128)
    assert b"grid" in data
    assert near(decode(data), picture((512, 384)))


def test_warns_of_nothing_and_registers_nothing() -> None:
    known = sorted(Image.OPEN)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, (kind, options) in KINDS.items():
            assert near(decode(encode(kind, **options)), picture()), name
    assert sorted(Image.OPEN) == known


def test_suffixes_are_looked_for() -> None:
    assert {".heic", ".heif", ".hif", ".avif", ".jp2", ".j2k", ".mpo"} <= SUPPORTED
