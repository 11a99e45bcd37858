"""A fuzzer for each reader of pictures: whatever bytes come in, a picture or one DataError comes out.

Each runs for a fifth of a second in the suite, and for EVOCATIVE_FUZZ_SECONDS where that is set (`-s` shows
how many executions that were). A crash of a decoder ends the run; a warning, another error or a picture that
is not one fails. Damage is drawn from a seed that is the reader's own, so that the same executions come again
on every machine, as far as time allows.
"""

import os
import resource
import time
import warnings
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pillow_heif import as_plugin

from evocative.data.image import decode
from evocative.errors import DataError

SECONDS = float(os.environ.get("EVOCATIVE_FUZZ_SECONDS", "0.2"))
LIMIT = 10**6
"""Pixels that a damaged file may ask for."""
MEMORY = 600 * 2**20
"""Bytes that the process may grow by; a lie in a header asks for more."""


def noise(channels: int = 3, kind: str = "u1") -> Any:
    values = np.random.default_rng(0).integers(0, np.iinfo(kind).max, (32, 40, channels), dtype=kind)
    return values[..., 0] if channels == 1 else values


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    if kind == "HEIF":
        image.encoderinfo, image.encoderconfig = options, ()
        as_plugin._save_heif(image, buffer, "")
    else:
        image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif() -> bytes:
    block = Image.Exif()
    block[0x0112], block[0x010F] = 6, "the name of a maker"
    return block.tobytes()


def png(kind: int, body: bytes, *extra: bytes, laced: bool = False) -> bytes:
    header = (40).to_bytes(4) + (32).to_bytes(4) + bytes((16, kind, 0, 0, int(laced)))
    chunks = (b"IHDR" + header, *extra, b"IDAT" + zlib.compress(body), b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (len(chunk) - 4).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4) for chunk in chunks
    )


def seeds() -> dict[str, list[bytes]]:
    """Sound files of each reader."""
    image, grey = Image.fromarray(noise()), Image.fromarray(noise(1))
    wide, real = Image.fromarray(noise(1, "u2")), Image.fromarray(np.float32(noise(1)) / 255)
    rgba, frames = Image.fromarray(noise(4)), [image.rotate(180)]
    profile = b"\nexif\n%8d\n%s\n" % (len(exif()), exif().hex().encode())
    deep = b"".join(bytes([row % 5]) + noise(3, "u2")[row].tobytes() for row in range(32))
    return {
        "jpeg": [
            encode(image, "JPEG", exif=exif()),
            encode(image, "JPEG", progressive=True),
            encode(image, "JPEG", restart_marker_rows=1),
            encode(image.convert("CMYK"), "JPEG"),
            encode(image, "MPO", save_all=True, append_images=frames),
        ],
        "png": [
            encode(image, "PNG", exif=exif()),
            encode(image.convert("P"), "PNG", transparency=bytes(range(200))),
            png(2, deep, b"tRNS" + deep[1:7], b"zTXtRaw profile type exif\0\0" + zlib.compress(profile)),
            png(2, bytes(9000), b"iTXtXML:com.adobe.xmp\0\0\0\0\0tiff:Orientation='3'", laced=True),
        ],
        "gif": [encode(image.convert("P"), "GIF", save_all=True, append_images=frames, transparency=3)],
        "webp": [
            encode(image, "WEBP", exif=exif()),
            encode(rgba, "WEBP", lossless=True),
            encode(image, "WEBP", save_all=True, append_images=frames),
        ],
        "bmp": [encode(picture, "BMP") for picture in (image, rgba, grey, image.convert("P"))],
        "tiff": [
            encode(image, "TIFF", exif=exif()),
            encode(image, "TIFF", compression="tiff_lzw"),
            encode(image, "TIFF", compression="tiff_adobe_deflate", big_tiff=True),
            encode(image, "TIFF", compression="jpeg"),
            encode(image.convert("P"), "TIFF", compression="packbits"),
        ],
        "deep tiff": [
            encode(wide, "TIFF", compression="tiff_lzw", tiffinfo={262: 0}),
            encode(wide, "TIFF"),
            encode(real, "TIFF", compression="zstd"),
            encode(rgba, "TIFF", compression="tiff_deflate"),
            encode(grey.convert("LA"), "TIFF", compression="packbits"),
            encode(image.convert("P"), "TIFF"),
        ],
        "heif": [encode(image, "HEIF", exif=exif()), encode(rgba, "HEIF"), encode(grey, "HEIF")],
        "avif": [encode(image, "AVIF", exif=exif()), encode(rgba, "AVIF"), encode(grey, "AVIF")],
        "jpeg2000": [
            encode(image, "JPEG2000"),
            encode(rgba, "JPEG2000", no_jp2=True),
            encode(wide, "JPEG2000", tile_size=(16, 16)),
        ],
    }


SEEDS = seeds()


def damaged(sound: list[bytes], random: np.random.Generator) -> Iterator[bytes]:
    """Yield files with 1 to 4 damages each, in their first bytes more often than behind."""
    whole = (b"\0\0\0\0", b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\1", b"\xff\xd9", b"\0\0\x40\0")
    while True:
        data = bytearray(sound[random.integers(len(sound))])
        for _ in range(random.integers(1, 5)):
            at = int(random.integers(min(len(data), (64, 400, 10**6)[random.integers(3)]) or 1))
            size = int(random.integers(1, 20))
            kind = random.integers(6)
            if kind == 0 and at < len(data):
                data[at] ^= 1 << random.integers(8)
            elif kind == 1:
                value = whole[random.integers(len(whole))]
                data[at : at + len(value)] = value
            elif kind == 2:
                data[at:] = data[at : at + int(random.integers(len(data)))]
            elif kind == 3:
                del data[at : at + size]
            elif kind == 4:
                data[at:at] = random.bytes(size)
            else:
                other = sound[random.integers(len(sound))]
                data[at : at + 3 * size] = other[at : at + 3 * size]
        yield with_checksums(bytes(data)) if random.random() < 0.5 else bytes(data)


def with_checksums(data: bytes) -> bytes:
    """Mend the checksums of a PNG file, so that damage gets past them."""
    if not data.startswith(b"\x89PNG"):
        return data
    mended, start = bytearray(data), 8
    while (end := start + 12 + int.from_bytes(mended[start : start + 4])) <= len(mended):
        mended[end - 4 : end] = zlib.crc32(mended[start + 4 : end - 4]).to_bytes(4)
        start = end
    return bytes(mended)


@pytest.mark.parametrize("reader", SEEDS)
def test_any_damage_gives_a_picture_or_a_data_error(
    reader: str, record_property: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("a program was started")

    monkeypatch.setattr("subprocess.Popen", refuse)
    for data in SEEDS[reader]:
        assert decode(data).mode == "RGB"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    random, end = np.random.default_rng(sum(reader.encode())), time.monotonic() + SECONDS
    runs, read = 0, 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for data in damaged(SEEDS[reader], random):
            read += attempt(data, at_least=(None, 8)[runs % 2])
            runs += 1
            if time.monotonic() > end:
                break
    grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    record_property("executions", runs)
    record_property("read all the same", read)
    told = f"{reader}: {runs:,} executions, {read:,} gave a picture, {grown / 2**20:.0f} MiB more memory"
    print(told)  # noqa: T201
    assert grown < MEMORY


def attempt(data: bytes, at_least: int | None) -> bool:
    """Decode damaged bytes; whatever is raised but a DataError fails, with the bytes in its message."""
    try:
        image = decode(data, at_least=at_least, max_pixels=LIMIT)
    except DataError as error:
        assert str(error).startswith(f"{len(data)} bytes: "), data  # noqa: PT017
        assert "; " in str(error), data  # noqa: PT017
        return False
    assert (image.mode, min(image.size) >= 8) == ("RGB", True), data
    assert len(image.tobytes()) == 3 * image.width * image.height <= 3 * LIMIT, data
    return True
