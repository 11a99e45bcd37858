"""Image files from untrusted places: tell what they are, check what they declare, open them quietly.

Decoders are given only files of formats that are known by their content, after the parts that a still
picture does not need were left out, and only when the size they declare is sensible. So nothing else can be
started (no Ghostscript), no memory is claimed by a lie in a header, and Pillow has nothing to warn of: its
settings and Python's warning filters are shared by all threads and stay as they are.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any, NamedTuple

from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from evocative.data.boxed import is_picture, open_boxed, open_jpeg2000
from evocative.data.gif import open_gif
from evocative.data.jpeg import open_jpeg
from evocative.data.png import open_png
from evocative.data.sizes import MAX_PIXELS, check_size
from evocative.data.tiff import first_image, integers, is_preview
from evocative.data.tiff_layout import Layout
from evocative.data.tiff_pixels import DeepTiff
from evocative.errors import DataError


def open_image(data: bytes, *, max_pixels: int = MAX_PIXELS) -> ImageFile:
    """Open an image file of a known format; its pixels are decoded on `load()`.

    Args:
        data: The whole file.
        max_pixels: Width times height at most. For TIFF, Pillow's own limit (89 million) holds as well.

    Raises:
        DataError: It is no image, of a format that is not read, damaged, or of an absurd size. Pillow's own
            errors come through: `decode` turns them into a DataError. So does `load()`.
    """
    opener = next((kind.open for kind in _FORMATS if kind.fits(data)), None)
    if opener is None and is_picture(data):
        opener = open_boxed
    if opener is None:
        raise DataError(_what_it_is(data))
    image = opener(data, max_pixels)
    check_size(*image.size, max_pixels=max_pixels)
    return image


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
    if is_preview(data) or data[8:10] == b"CR":
        raise DataError(f"it is a raw photograph, whose first picture is a preview; {_CONVERT}")
    still = first_image(data)
    layout = Layout.read(integers(still), "little" if data[:2] == b"II" else "big")
    limit = min(max_pixels, Image.MAX_IMAGE_PIXELS or max_pixels)
    check_size(layout.width, layout.height, max_pixels=limit)
    return (DeepTiff if layout.foreign else _Tiff)(still, layout)


class _Tiff(TiffImageFile):
    """A TIFF file that Pillow reads rightly, once its checksums are found to be."""

    def __init__(self, data: bytes, layout: Layout) -> None:
        self._data, self._layout = data, layout
        super().__init__(BytesIO(data))

    def load(self) -> Any:
        if self.tile:
            self._layout.check_sums(self._data)
        return super().load()


class _Bmp(BmpImageFile):
    """A bitmap whose alpha counts only if any of it is not 0: most programs leave it so, and mean opaque."""

    def load(self) -> Any:
        if self.tile:
            super().load()
            if self.mode == "RGBA" and self.getchannel("A").getextrema() == (0, 0):
                self.im, self._mode = self.convert("RGB").im, "RGB"
        return super().load()


def _open_bmp(data: bytes, max_pixels: int) -> ImageFile:
    return _Bmp(BytesIO(data))


class _Format(NamedTuple):
    start: bytes
    second: bytes
    """What stands at the ninth byte; empty: anything."""
    open: Callable[[bytes, int], ImageFile]

    def fits(self, data: bytes) -> bool:
        return data.startswith(self.start) and data.startswith(self.second, 8 if self.second else 0)


_FORMATS = (
    _Format(b"\xff\xd8\xff", b"", open_jpeg),
    _Format(b"\x89PNG\r\n\x1a\n", b"", open_png),
    _Format(b"GIF87a", b"", open_gif),
    _Format(b"GIF89a", b"", open_gif),
    _Format(b"RIFF", b"WEBP", _open_webp),
    _Format(b"II*\0", b"", _open_tiff),
    _Format(b"MM\0*", b"", _open_tiff),
    _Format(b"II+\0", b"", _open_tiff),
    _Format(b"MM\0+", b"", _open_tiff),
    _Format(b"BM", b"", _open_bmp),
    _Format(b"\0\0\0\x0cjP  ", b"\r\n\x87\n", open_jpeg2000),
    _Format(b"\xff\x4f\xff\x51", b"", open_jpeg2000),
)

READ = "JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC, AVIF and JPEG 2000"
"""What is read, in words."""

_CONVERT = "convert it to JPEG, PNG or WebP"
_FOREIGN = {
    b"%PDF": f"a PDF document; {_CONVERT}",
    b"%!PS": f"a PostScript file; {_CONVERT}",
    b"\xc5\xd0\xd3\xc6": f"a PostScript file; {_CONVERT}",
    b"8BPS": f"a Photoshop document; {_CONVERT}",
    b"\xff\x0a": f"a JPEG XL file; {_CONVERT}",
    b"\0\0\0\x0cJXL ": f"a JPEG XL file; {_CONVERT}",
    b"FUJIFILMCCD-RAW": f"a raw photograph; {_CONVERT}",
    b"IIU\0": f"a raw photograph; {_CONVERT}",
    b"IIRO": f"a raw photograph; {_CONVERT}",
    b"IIRS": f"a raw photograph; {_CONVERT}",
    b"\0\0\x01\0": f"an icon; {_CONVERT}",
    b"PK\x03\x04": "a ZIP archive; unpack it",
    b"\x1f\x8b": "a gzip archive; unpack it",
    b"version https://git-lfs": "a Git LFS pointer; run git lfs pull",
}
_BOXED = {b"crx ": "a raw photograph"}


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
    return f"it is not an image: {READ} are read; check where the file comes from"
