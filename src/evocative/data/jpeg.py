"""JPEG files: what is damaged inside is told from what is whole.

A JPEG has no checksum. Where its data end too early, run on too long or cannot be a picture's, libjpeg warns
and makes up the rest, mostly grey, and Pillow passes the warning over. So the pixels are decoded by the same
library through simplejpeg, which raises what libjpeg warns of; they are Pillow's to the bit. Libjpeg warns of
harmless things as well (junk between segments, an unknown revision of JFIF), so it is given only the segments
that pixels depend on, as far as the end of the first image: thumbnails, the second image of an MPO, and what
cameras append are never seen.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import simplejpeg
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from evocative.errors import DataError

_END, _SCAN, _ADOBE, _JFIF, _COMMENT = 0xD9, 0xDA, 0xEE, 0xE0, 0xFE
_ALONE = frozenset({0x01, 0xD8})
"""Markers without a segment: temporary, start of image."""
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MAX_SCANS = 500
"""A progressive file has about ten; thousands over a large canvas cost hours (libjpeg-turbo's advice)."""
_MAX_MARKERS = 2**22
"""As many as may stand by chance in a gigabyte, of a video behind the picture."""
_EXTRA = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
_HARMLESS = "Unknown Adobe color transform"
_PLAIN_JFIF = b"\xff\xe0\0\x10JFIF\0\1\2\0\0\1\0\1\0\0"
"""All that pixels depend on is that there is one; of unknown revisions libjpeg warns."""
_AGAIN = "fetch or export it again"


class _Jpeg(JpegImageFile):
    """A JPEG file that is decoded strictly.

    Its EXIF block stays unread: many are damaged, and `tiff.orientation` bears that.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        super().__init__(BytesIO(data))

    def getexif(self) -> Image.Exif:
        return Image.Exif()

    def load(self) -> Any:
        if self.tile:
            pixels = _decode(_needed(self._data), self.mode, self.size)
            if self.mode == "CMYK":  # inverted, as Pillow's own loading has it: Adobe's convention
                pixels = 255 - pixels
            self.im = Image.fromarray(pixels[..., 0] if self.mode == "L" else pixels, self.mode).im
            self.tile = []
        return super().load()


def open_jpeg(data: bytes, max_pixels: int) -> ImageFile:
    """Open a JPEG file; `load()` decodes its pixels and raises a DataError where they are damaged."""
    return _Jpeg(data)


def _decode(data: bytes, mode: str, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Return the pixels (H, W, C) at the size that Pillow's `draft` chose, or say what libjpeg warns of."""
    options = {"colorspace": {"L": "GRAY"}.get(mode, mode), "min_width": size[0], "min_height": size[1]}
    try:
        pixels: npt.NDArray[np.uint8] = simplejpeg.decode_jpeg(data, **options)
    except ValueError as error:
        if not _harmless(str(error), data):
            raise DataError(_told(str(error))) from error
        pixels = simplejpeg.decode_jpeg(data, strict=False, **options)
    if pixels.shape[:2] != size[::-1]:
        raise DataError(f"the JPEG file contradicts itself about its size; {_AGAIN}")
    return pixels


def _harmless(warning: str, data: bytes) -> bool:
    """Say whether a warning of libjpeg leaves the picture whole: zeros that fill up before the end do."""
    extra = _EXTRA.search(warning)
    return warning.startswith(_HARMLESS) or bool(extra and not any(data[-2 - int(extra[1]) : -2]))


def _told(warning: str) -> str:
    what = "cut off or damaged" if "premature end" in warning.lower() else "damaged"
    return f"the JPEG file is {what} inside ({warning.removeprefix('Corrupt JPEG data: ')}); {_AGAIN}"


def _needed(data: bytes) -> bytes:
    """Return the first image with only what its pixels depend on.

    Raises:
        DataError: The file ends between two scans, so that parts or details are missing, or has too many.
    """
    kept, refined, scans = [b"\xff\xd8"], _Refined(), 0
    for code, body, end in _segments(data):
        if code == _SCAN:
            scans += 1
            if scans > _MAX_SCANS:
                raise DataError(f"the JPEG file has more than {_MAX_SCANS} scans; save it again as PNG")
        if code in _FRAMES:
            refined.frame(code, data[body:end])
        elif code == _SCAN:
            refined.scan(data[body:end])
        if code == _JFIF and data.startswith(b"JFIF\0", body + 2):
            kept.append(_PLAIN_JFIF)
        elif _matters(code, data[body + 2 : body + 7]):
            kept.append(bytes((0xFF, code)) + data[body:end])
    if scans and not refined.complete:
        raise DataError(f"the JPEG file is cut off between two of its scans; {_AGAIN}")
    return b"".join((*kept, b"\xff\xd9"))


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the code of each segment up to the end of the first image, where it begins (length) and ends."""
    places = _markers(data)
    at, number = 2, 0
    while (number := bisect_left(places, at, number)) < len(places):
        code, body = data[places[number] + 1], places[number] + 2
        if code == _END:
            return
        at = body if code in _ALONE else min(len(data), body + max(2, int.from_bytes(data[body : body + 2])))
        if code == _SCAN:
            number = bisect_left(places, at, number)
            at = places[number] if number < len(places) else len(data)
        yield code, body, at


def _markers(data: bytes) -> list[int]:
    """Return where markers may be: 0xFF before what is no 0 (data), no 0xFF (filling) and no restart."""
    stored = np.frombuffer(data, np.uint8)
    codes = stored[1:]
    places = (stored[:-1] == 0xFF) & (codes != 0) & (codes != 0xFF) & (codes & 0xF8 != 0xD0)
    if np.count_nonzero(places) > _MAX_MARKERS:
        raise DataError(f"the JPEG file has more than {_MAX_MARKERS:,} markers; save it again as PNG")
    found: list[int] = np.flatnonzero(places).tolist()
    return found


def _matters(code: int, name: bytes) -> bool:
    """Say whether pixels depend on a segment; what no file should have does: libjpeg tells what is wrong."""
    if code == _ADOBE:
        return name == b"Adobe"
    return not (0xE0 <= code < 0xF0 or code == _COMMENT)


class _Refined:
    """How far the scans of a frame describe it (ITU-T T.81, G.1): to the last bit of all coefficients?"""

    def __init__(self) -> None:
        self._progressive = False
        self._bits: dict[int, list[int]] = {}
        """Of each component, by its name: bits of its 64 coefficients that are still to come."""

    def frame(self, code: int, segment: bytes) -> None:
        self._progressive = code in _PROGRESSIVE
        names = segment[8 : 8 + 3 * segment[7] : 3] if len(segment) > 7 else b""
        self._bits = {name: [16] * 64 for name in names}

    def scan(self, segment: bytes) -> None:
        number = segment[2] if len(segment) > 2 else 0
        script = segment[3 + 2 * number : 6 + 2 * number]
        first, last, low = (script[0], script[1] & 63, script[2] & 15) if len(script) == 3 else (0, 63, 0)
        if not self._progressive:
            first, last, low = 0, 63, 0
        for name in segment[3 : 3 + 2 * number : 2]:
            if name in self._bits:
                self._bits[name][first : last + 1] = [low] * max(0, last + 1 - first)

    @property
    def complete(self) -> bool:
        return not any(any(bits) for bits in self._bits.values())
