"""Image files from untrusted places: tell what they are, check what they declare, open them quietly.

Pillow is given only files of six formats that are known by their content, after the parts that a still
picture does not need were left out, and only when the size they declare is sensible. So nothing else can be
started (no Ghostscript), no memory is claimed by a lie in a header, and Pillow has nothing to warn of: its
settings and Python's warning filters are shared by all threads and stay as they are.
"""

import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import NamedTuple

from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from evocative.data.tiff import first_image
from evocative.errors import DataError

MAX_PIXELS = 200_000_000
"""Above it a picture counts as a decompression bomb."""
MIN_SIDE = 8
"""Pixels of the shorter side below which there is no picture to judge (tracking pixels, placeholders)."""
MAX_ASPECT = 100
"""Longer side by shorter side above which there is no picture to judge (rules, gradients, cut-off files)."""


def open_image(data: bytes, *, max_pixels: int = MAX_PIXELS) -> ImageFile:
    """Open an image file of a known format; its pixels are decoded on `load()`.

    Args:
        data: The whole file.
        max_pixels: Width times height at most. For TIFF, Pillow's own limit (89 million) holds as well.

    Raises:
        DataError: It is no image, of a format that is not read, damaged, or of an absurd size. Pillow's own
            errors come through: `decode` turns them into a DataError.
    """
    for magic in _FORMATS:
        if data.startswith(magic.start) and data.startswith(magic.second, 8 if magic.second else 0):
            image = magic.open(data, max_pixels)
            check_size(*image.size, max_pixels=max_pixels)
            return image
    raise DataError(_what_it_is(data))


def check_size(width: int, height: int, *, max_pixels: int = MAX_PIXELS) -> None:
    """Refuse a picture that is too large to decode or too small or narrow to judge.

    Raises:
        DataError: More than `max_pixels`, a side below `MIN_SIDE`, or an aspect ratio above `MAX_ASPECT`.
    """
    size = f"{width} × {height} pixels"
    if width * height > max_pixels:
        raise DataError(
            f"{size} are more than the limit of {max_pixels:,} (a decompression bomb?); "
            "make it smaller, or raise max_pixels if you trust it"
        )
    if min(width, height) < MIN_SIDE:
        raise DataError(
            f"{size}: every side must have at least {MIN_SIDE}; leave it out or find the original"
        )
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise DataError(f"{size}: longer than {MAX_ASPECT} to 1; cut it into pieces or leave it out")


class _Jpeg(JpegImageFile):
    """A JPEG file whose EXIF block stays unread: many are damaged, and `tiff.orientation` bears that."""

    def getexif(self) -> Image.Exif:
        return Image.Exif()


def _open_jpeg(data: bytes, max_pixels: int) -> ImageFile:
    return _Jpeg(BytesIO(data))


def _open_png(data: bytes, max_pixels: int) -> ImageFile:
    """Keep the chunks of the still picture; check all checksums (Pillow passes over those of the pixels)."""
    view = memoryview(data)
    kept = [view[:8]]
    for name, start, end in _png_chunks(data):
        if zlib.crc32(view[start + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
            raise DataError(
                f"the PNG file is corrupt: its part {name!r} has a wrong checksum; fetch it again"
            )
        if name == "IHDR":
            check_size(
                int.from_bytes(view[start + 8 : start + 12]),
                int.from_bytes(view[start + 12 : start + 16]),
                max_pixels=max_pixels,
            )
        if name in ("IHDR", "PLTE", "tRNS", "eXIf", "IDAT", "IEND"):
            kept.append(view[start:end])
    return PngImageFile(BytesIO(b"".join(kept)))


def _png_chunks(data: bytes) -> Iterator[tuple[str, int, int]]:
    """Yield each chunk's name, start and end up to the last one, IEND."""
    start, name = 8, ""
    while name != "IEND":
        end = start + 12 + int.from_bytes(data[start : start + 4])
        if end > len(data):
            raise DataError("the PNG file is cut off; fetch or export it again")
        name = data[start + 4 : start + 8].decode("latin-1")
        yield name, start, end
        start = end


def _open_gif(data: bytes, max_pixels: int) -> ImageFile:
    """Keep the first frame, and check the canvas that it asks for before Pillow makes it."""
    colors = 3 << (data[10] & 7) + 1 if len(data) > 10 and data[10] & 128 else 0
    control, at = _first_frame(data, 13 + colors)
    width, height, x, y, w, h = (
        int.from_bytes(data[i : i + 2], "little") for i in (6, 8, at + 1, at + 3, at + 5, at + 7)
    )
    limit = min(max_pixels, Image.MAX_IMAGE_PIXELS or max_pixels)
    check_size(max(width, x + w), max(height, y + h), max_pixels=limit)
    return GifImageFile(BytesIO(data[: 13 + colors] + control + data[at:]))


def _first_frame(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the first frame's graphic control block, as far as a still picture needs it, and its place."""
    control = b""
    while at < len(data) and data[at : at + 1] not in (b",", b";"):
        block, at = at, at + 1
        if data[block : block + 1] != b"!":
            continue  # stray bytes between blocks are common
        if data[block + 1 : block + 3] == b"\xf9\x04":
            transparent, color = data[block + 3 : block + 4], data[block + 6 : block + 7]
            control = (
                b"!\xf9\x04" + bytes([transparent[0] & 1 if color else 0, 0, 0]) + (color or b"\0") + b"\0"
            )
        at += 1
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    if data[at : at + 1] != b",":
        raise DataError("the GIF file holds no image, or is cut off; fetch or export it again")
    return control, at


def _open_webp(data: bytes, max_pixels: int) -> ImageFile:
    """Check the declared canvas: the decoder claims its memory on opening."""
    if len(data) < 30:
        raise DataError("the WebP file is cut off; fetch or export it again")
    if data[12:16] == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    check_size(width, height, max_pixels=max_pixels)
    return WebPImageFile(BytesIO(data))


def _open_tiff(data: bytes, max_pixels: int) -> ImageFile:
    image = TiffImageFile(BytesIO(first_image(data)))
    check_size(*image.size, max_pixels=min(max_pixels, Image.MAX_IMAGE_PIXELS or max_pixels))
    return image


def _open_bmp(data: bytes, max_pixels: int) -> ImageFile:
    return BmpImageFile(BytesIO(data))


class _Format(NamedTuple):
    start: bytes
    second: bytes
    """What stands at the ninth byte; empty: anything."""
    open: Callable[[bytes, int], ImageFile]


_FORMATS = (
    _Format(b"\xff\xd8\xff", b"", _open_jpeg),
    _Format(b"\x89PNG\r\n\x1a\n", b"", _open_png),
    _Format(b"GIF87a", b"", _open_gif),
    _Format(b"GIF89a", b"", _open_gif),
    _Format(b"RIFF", b"WEBP", _open_webp),
    _Format(b"II*\0", b"", _open_tiff),
    _Format(b"MM\0*", b"", _open_tiff),
    _Format(b"II+\0", b"", _open_tiff),
    _Format(b"MM\0+", b"", _open_tiff),
    _Format(b"BM", b"", _open_bmp),
)

_CONVERT = "convert it to JPEG, PNG or WebP"
_FOREIGN = {
    b"%PDF": f"a PDF document; {_CONVERT}",
    b"%!PS": f"a PostScript file; {_CONVERT}",
    b"\xc5\xd0\xd3\xc6": f"a PostScript file; {_CONVERT}",
    b"8BPS": f"a Photoshop document; {_CONVERT}",
    b"\xff\x0a": f"a JPEG XL file; {_CONVERT}",
    b"\0\0\0\x0cJXL ": f"a JPEG XL file; {_CONVERT}",
    b"\0\0\0\x0cjP  ": f"a JPEG 2000 file; {_CONVERT}",
    b"\xff\x4f\xff\x51": f"a JPEG 2000 file; {_CONVERT}",
    b"\0\0\x01\0": f"an icon; {_CONVERT}",
    b"PK\x03\x04": "a ZIP archive; unpack it",
    b"\x1f\x8b": "a gzip archive; unpack it",
    b"version https://git-lfs": "a Git LFS pointer; run git lfs pull",
}
_BOXED = {b"avif": "an AVIF file", b"avis": "an AVIF file", b"heic": "a HEIC file", b"heix": "a HEIC file",
          b"mif1": "a HEIF file", b"crx ": "a raw photograph"}  # fmt: skip


def _what_it_is(data: bytes) -> str:
    """Say what the file is instead of an image, as far as its first bytes tell."""
    if not data.strip(b"\0"):
        nothing = "holds nothing but zeros" if data else "is empty (0 bytes)"
        return f"the file {nothing}; fetch or export it again"
    for start, what in _FOREIGN.items():
        if data.startswith(start):
            return f"it is {what}"
    if data[4:8] == b"ftyp":
        return f"it is {_BOXED.get(data[8:12], 'a video')}; {_CONVERT}"
    text = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<") and b"<svg" in text:
        return f"it is an SVG drawing; {_CONVERT}"
    if text.startswith((b"<!doctype html", b"<html")):
        return "it is a web page, probably saved in place of the image; fetch the image again"
    return "it is not an image: JPEG, PNG, WebP, GIF, BMP and TIFF are read; check where the file comes from"
