import subprocess
import time
import warnings
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from evocative.data.formats import open_image
from evocative.data.image import decode
from evocative.data.sizes import MAX_PIXELS, check_size
from evocative.errors import DataError


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(height: int = 24, width: int = 32) -> Image.Image:
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3))
    return Image.fromarray(values.astype(np.uint8))


def with_checksums(data: bytes) -> bytes:
    """Mend the checksums of a PNG file, so that damage gets past them."""
    mended, start = bytearray(data), 8
    while start + 12 <= len(mended):
        end = start + 12 + int.from_bytes(mended[start : start + 4])
        if end > len(mended):
            break
        mended[end - 4 : end] = zlib.crc32(mended[start + 4 : end - 4]).to_bytes(4)
        start = end
    return bytes(mended)


def patched(data: bytes, place: int, value: bytes) -> bytes:
    return data[:place] + value + data[place + len(value) :]


def seeds() -> dict[str, bytes]:
    image, turned = noise(), Image.Exif()
    turned[0x0112], turned[0x010F] = 6, "the name of a maker"
    exif = turned.tobytes()
    indexed, frames = image.convert("P"), [image.rotate(180)]
    wide = Image.fromarray(np.asarray(image)[..., 0].astype(np.uint16) * 257)
    return {
        "jpeg": encode(image, "JPEG", exif=exif),
        "progressive": encode(image, "JPEG", progressive=True),
        "cmyk": encode(image.convert("CMYK"), "JPEG"),
        "mpo": encode(image, "MPO", save_all=True, append_images=frames),
        "png": encode(image, "PNG", exif=exif),
        "palette": encode(indexed, "PNG", transparency=bytes(range(200))),
        "apng": encode(image, "PNG", save_all=True, append_images=frames),
        "wide": encode(wide, "PNG"),
        "gif": encode(indexed, "GIF", save_all=True, append_images=frames, transparency=3, disposal=2),
        "webp": encode(image, "WEBP", exif=exif),
        "lossless": encode(image.convert("RGBA"), "WEBP", lossless=True),
        "animated": encode(image, "WEBP", save_all=True, append_images=frames),
        "bmp": encode(indexed, "BMP"),
        "tiff": encode(image, "TIFF", exif=exif),
        "lzw": encode(image, "TIFF", compression="tiff_lzw"),
        "bigtiff": encode(image, "TIFF", compression="tiff_adobe_deflate", big_tiff=True),
        "tiff-jpeg": encode(image, "TIFF", compression="jpeg"),
        "tiff-wide": encode(wide, "TIFF"),
        "avif": encode(image, "AVIF", exif=exif),
        "jpeg2000": encode(image, "JPEG2000"),
        "codestream": encode(wide, "JPEG2000", no_jp2=True),
    }


SEEDS = seeds()


@pytest.mark.parametrize("name", SEEDS)
def test_the_seeds_are_sound(name: str) -> None:
    assert sorted(decode(SEEDS[name]).size) == [24, 32]


@pytest.mark.parametrize("name", SEEDS)
def test_cut_off_files_are_refused(name: str) -> None:
    data = SEEDS[name]
    half = (
        len(data) // 3 if name in ("gif", "apng", "animated", "mpo") else len(data) // 2
    )  # one of two frames
    for end in (half, 60, 12, 3):
        with pytest.raises(DataError, match=r"; (fetch|check where the file)"):
            decode(data[:end])


def test_every_flipped_byte_of_a_png_is_noticed() -> None:
    data = SEEDS["png"]
    for place in range(len(data)):
        with pytest.raises(DataError):
            decode(patched(data, place, bytes([data[place] ^ 0x10])))


def test_what_follows_the_end_of_a_file_does_no_harm() -> None:
    for name, data in SEEDS.items():
        assert decode(data + b"trailing").tobytes() == decode(data).tobytes(), name


def test_unneeded_parts_of_a_png_are_not_read() -> None:
    data = SEEDS["png"]
    bomb = zlib.compress(bytes(2**27), 9)  # 128 MiB of text
    text = b"zTXtComment\0\0" + bomb
    animation = b"acTL" + bytes(8)  # of no frames, which Pillow warns of
    for chunk in (text, animation):
        whole = len(chunk[4:]).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4)
        assert decode(data[:33] + whole + data[33:]).tobytes() == decode(data).tobytes()


@pytest.mark.parametrize("extra", [b"\0", b"!\x01\0", b"!\xfe\x05hello\0", b"!\xf9\x04\x08\0\0\x07\0"])
def test_what_stands_before_the_first_frame_of_a_gif_does_not_shift_it(extra: bytes) -> None:
    data = encode(noise(), "GIF")
    start = 13 + 3 * 256
    assert decode(data[:start] + extra + data[start:]).tobytes() == decode(data).tobytes()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", r"empty \(0 bytes\); fetch or export it again"),
        (bytes(500), "nothing but zeros; fetch"),
        (b"just some text", "not an image: JPEG, PNG, .* TIFF, HEIC, AVIF and JPEG 2000 are read; check"),
        (b"%PDF-1.7 ...", "a PDF document; convert"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a PostScript file; convert"),
        (b"\xc5\xd0\xd3\xc6" + bytes(40), "a PostScript file; convert"),
        (b"8BPS\0\x01" + bytes(40), "a Photoshop document; convert"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing; convert"),
        (b"\xef\xbb\xbf  <!DOCTYPE HTML><title>404</title>", "a web page, .*; fetch the image again"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer; run git lfs pull"),
        (b"\0\0\0\x18ftypcrx " + bytes(40), "a raw photograph; convert"),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(40), "a raw photograph, .*; convert"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(40), "a raw photograph; convert"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "a video; convert"),
        (b"\xff\x0a" + bytes(40), "a JPEG XL file; convert"),
        (b"PK\x03\x04" + bytes(40), "a ZIP archive; unpack it"),
    ],
)
def test_says_what_a_foreign_file_is(data: bytes, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("a program was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)  # Ghostscript above all
    with pytest.raises(DataError, match=reason):
        decode(data)


def declaring(kind: str, width: int, height: int) -> bytes:
    """Return a small file of 32 × 24 pixels that declares another size."""
    data = SEEDS[kind.removesuffix(" frame")]
    shorts = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    changes = {
        "png": (16, width.to_bytes(4) + height.to_bytes(4)),
        "jpeg": (data.find(b"\xff\xc0") + 5, height.to_bytes(2) + width.to_bytes(2)),
        "gif": (6, shorts),
        "gif frame": (data.find(b"\0,") + 6, shorts),
        "webp": (24, max(0, width - 1).to_bytes(3, "little") + max(0, height - 1).to_bytes(3, "little")),
        "bmp": (18, width.to_bytes(4, "little") + height.to_bytes(4, "little")),
    }
    if kind == "tiff":  # two fields, the type "long" each
        for tag, side in ((256, width), (257, height)):
            place = data.index(tag.to_bytes(2, "little") + b"\x04\0\x01\0\0\0") + 8
            data = patched(data, place, side.to_bytes(4, "little"))
        return data
    data = patched(data, *changes[kind])
    return with_checksums(data) if kind == "png" else data


KINDS = ["png", "jpeg", "gif", "gif frame", "webp", "bmp", "tiff"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("width", "height"), [(15_000, 14_000), (16_000, 16_000)])
def test_decompression_bombs_are_refused_by_their_header(kind: str, width: int, height: int) -> None:
    start = time.process_time()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(DataError, match=f"({width} × {height}|{height} × {width}) pixels are more than"):
            decode(declaring(kind, width, height))
    assert (caught, time.process_time() - start < 0.5) == ([], True)


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_that_pillow_warns_of_are_quietly_refused_or_found_cut_off(kind: str) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(DataError):
            decode(declaring(kind, 12_000, 10_000), max_pixels=10**6)
        if kind in ("gif", "gif frame", "tiff"):  # where Pillow's own limit holds
            with pytest.raises(DataError, match="limit of 89,478,485"):
                decode(declaring(kind, 12_000, 10_000))
    assert caught == []


def test_the_limit_is_the_callers() -> None:
    data = SEEDS["webp"]
    assert decode(data, max_pixels=24 * 32).size == (24, 32)
    for source in (data, noise(), np.asarray(noise())):
        with pytest.raises(DataError, match=r"limit of 767 .*raise max_pixels if you trust it"):
            decode(source, max_pixels=24 * 32 - 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("size", [(1, 1), (7, 100), (8, 801), (16_000, 1)])
def test_absurd_sizes_are_refused(kind: str, size: tuple[int, int]) -> None:
    with pytest.raises(
        DataError, match=f"{size[0]} × {size[1]} pixels: (every side must|longer than 100 to 1)"
    ):
        decode(encode(Image.new("RGB", size), kind))


@pytest.mark.parametrize("kind", ["png", "jpeg", "bmp", "tiff"])
def test_pictures_without_pixels_are_refused(kind: str) -> None:
    with pytest.raises(DataError, match=r"; (fetch|leave it out)"):
        decode(declaring(kind, 0, 24))


def test_the_limits_are_inclusive() -> None:
    check_size(8, 800)
    check_size(20_000, 10_000)
    assert MAX_PIXELS == 20_000 * 10_000
    for size, reason in (((7, 8), "at least 8"), ((8, 801), "100 to 1"), ((20_000, 10_001), "200,000,000")):
        with pytest.raises(DataError, match=reason):
            check_size(*size)


def test_opening_decodes_nothing_yet() -> None:
    image = open_image(SEEDS["jpeg"])
    assert (image.size, image.format, bool(image.tile)) == ((32, 24), "JPEG", True)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Flip, cut, insert and repeat bytes of a sound file; the headers more often than the rest."""
    name = draw(st.sampled_from(sorted(SEEDS)))
    data = bytearray(SEEDS[name])
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, min(len(data), draw(st.sampled_from([64, 400, 10**6])))))
        change = draw(st.sampled_from(["flip", "set", "cut", "drop", "insert", "repeat"]))
        if change == "flip" and place < len(data):
            data[place] ^= 1 << draw(st.integers(0, 7))
        elif change == "set":
            data[place : place + 4] = draw(st.sampled_from([b"\0\0\0\0", b"\xff" * 4, b"\x7f\xff\xff\xff"]))
        elif change == "cut":
            del data[place:]
        elif change == "drop":
            del data[place : place + draw(st.integers(1, 20))]
        elif change == "insert":
            data[place:place] = draw(st.binary(min_size=1, max_size=20))
        else:
            data[place:place] = data[: draw(st.integers(1, 60))]
    return with_checksums(bytes(data)) if draw(st.booleans()) else bytes(data)


def attempt(data: bytes, at_least: int | None) -> Image.Image | str:
    try:
        return decode(data, at_least=at_least, max_pixels=10**6)
    except DataError as error:
        return str(error)


@settings(max_examples=600, deadline=None)
@given(data=st.one_of(damaged(), st.binary(max_size=300)), at_least=st.sampled_from([None, 8]))
def test_any_bytes_give_a_picture_or_a_data_error(data: bytes, at_least: int | None) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome = attempt(data, at_least)
    assert [str(warning.message) for warning in caught] == []
    if isinstance(outcome, str):
        assert outcome.startswith(f"{len(data)} bytes: ")
        assert "; " in outcome
    else:
        assert outcome.mode == "RGB"
        assert min(outcome.size) >= 8
        assert len(outcome.tobytes()) == 3 * outcome.width * outcome.height
