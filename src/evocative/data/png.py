"""PNG files: the chunks of the still picture, their checksums, and all 16 bits a channel."""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.PngImagePlugin import PngImageFile

from evocative.data.pixels import scaled
from evocative.data.sizes import check_size
from evocative.errors import DataError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LAST = b"\0\0\0\0IEND\xaeB`\x82"
_GREY, _RGB = 0, 2
_CHANNELS = {_GREY: 1, _RGB: 3, 4: 2, 6: 4}
"""Channels of the colour types that may have 16 bits."""
_MAX_TEXT = 2**20
"""Bytes of a profile in a text chunk; the standard allows 64 KiB for EXIF."""
_PROFILE = re.compile(rb"\s*\w[\w ]*\n\s*\d+\n([0-9a-fA-F\s]*)\s*\Z")
"""A profile as ImageMagick writes it: its name, its length, hexadecimal digits."""
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: column and row of the first pixel, steps between columns and rows (PNG 3rd edition, 8.1)."""


def open_png(data: bytes, max_pixels: int) -> ImageFile:
    """Keep the chunks of the still picture; check all checksums (Pillow passes over those of the pixels).

    Pixels that are complete are read although the file's last chunk is missing, as Pillow and browsers do.
    """
    view, header = memoryview(data), b""
    kept, told = [bytes(view[:8])], _Told()
    for name, start, end in _chunks(data):
        body = view[start + 8 : end - 4]
        if zlib.crc32(view[start + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
            raise DataError(
                f"the PNG file is corrupt: its part {name!r} has a wrong checksum; fetch it again"
            )
        if name == "IHDR":
            header = bytes(body)
            check_size(int.from_bytes(header[:4]), int.from_bytes(header[4:8]), max_pixels=max_pixels)
        if name == "tRNS":
            kept.append(_chunk(b"tRNS", _key(bytes(body), header)))
        elif name in ("IHDR", "PLTE", "IDAT"):
            kept.append(bytes(view[start:end]))
        elif name in ("eXIf", "tEXt", "zTXt", "iTXt"):
            told.read(name, bytes(body[: 2 * _MAX_TEXT]))
    deep = header[8:9] == b"\x10" and header[9] in _CHANNELS and header[9] != _GREY
    image = (_Deep if deep else PngImageFile)(BytesIO(b"".join((*kept, _LAST))))
    image.info.update(exif=told.exif, xmp=told.xmp)
    return image


def _chunks(data: bytes) -> Iterator[tuple[str, int, int]]:
    """Yield each chunk's name, start and end, up to IEND or, where this alone is missing, to the end."""
    start, seen = 8, set[str]()
    while "IEND" not in seen:
        if "IDAT" in seen and _LAST.startswith(data[start:]):
            return
        end = start + 12 + int.from_bytes(data[start : start + 4])
        if end > len(data):
            raise DataError("the PNG file is cut off; fetch or export it again")
        name = data[start + 4 : start + 8].decode("latin-1")
        seen.add(name)
        yield name, start, end
        start = end


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def _key(body: bytes, header: bytes) -> bytes:
    """Return the transparent colour in the units of Pillow's pixels: 8 bits, where the file has fewer.

    Of a file with fewer than 16 bits only the lowest bits of the colour count (PNG 3rd edition, 11.3.2.1).
    """
    depth, kind = header[8:9], header[9:10]
    if kind not in (b"\0", b"\2") or depth not in (b"\1", b"\2", b"\4", b"\x08"):
        return body
    most = (1 << depth[0]) - 1
    levels = (int.from_bytes(body[at : at + 2]) & most for at in range(0, len(body) - 1, 2))
    return b"".join((level * 255 // most).to_bytes(2) for level in levels)


class _Told:
    """What a file says of its picture outside the pixels: EXIF, in its own chunk before text, and XMP."""

    def __init__(self) -> None:
        self.exif, self.xmp = b"", b""

    def read(self, name: str, body: bytes) -> None:
        if name == "eXIf":
            self.exif = body
            return
        key, text = _text(name, body)
        if key == b"XML:com.adobe.xmp":
            self.xmp = text
        elif key in (b"Raw profile type exif", b"Raw profile type APP1", b"Raw profile type xmp"):
            block = profile(text)
            if block.startswith(_XMP) or key.endswith(b"xmp"):
                self.xmp = self.xmp or block
            else:
                self.exif = self.exif or block


def _text(name: str, body: bytes) -> tuple[bytes, bytes]:
    """Return the keyword and the text of a text chunk; of a damaged or too long one nothing."""
    key, _, rest = body.partition(b"\0")
    packed = name == "zTXt"
    if packed:
        rest = rest[1:]  # how it is compressed: there is one way
    elif name == "iTXt":
        packed = rest[:1] == b"\1"
        rest = b"".join(rest[2:].split(b"\0", 2)[2:])  # after the language and the translated keyword
    if not packed:
        return key, rest
    try:
        return key, zlib.decompressobj().decompress(rest, _MAX_TEXT)
    except zlib.error:
        return key, b""


def profile(text: bytes) -> bytes:
    """Return a profile that ImageMagick wrote as text, or nothing."""
    found = _PROFILE.match(text)
    digits = b"".join(found[1].split()) if found else b""
    return bytes.fromhex(digits.decode()) if len(digits) % 2 == 0 else b""


class _Deep(PngImageFile):
    """A PNG of 16 bits a channel; Pillow drops the lower 8, and with them the transparent colour.

    Filters work on bytes, each with the byte of the same place in other pixels. So the upper bytes and the
    lower bytes are pictures of 8 bits of their own, which Pillow decodes.
    """

    def load(self) -> Any:
        if self.tile:
            self.fp.seek(0)  # type: ignore[union-attr]
            values = _sixteen_bits(self.fp.read())  # type: ignore[union-attr]
            grey = values.shape[2] < 3
            key = self.info.pop("transparency", None)
            pixels = scaled(values, 65_535)
            if isinstance(key, tuple):
                seen = np.where((values == key).all(axis=2), 0, 255).astype(np.uint8)
                pixels = np.concatenate([pixels, seen[..., None]], axis=2)
            self._mode = "LA" if grey else {3: "RGB", 4: "RGBA"}[pixels.shape[2]]
            self.im = Image.fromarray(pixels, self._mode).im
            self.tile = []
        return super().load()


def _sixteen_bits(data: bytes) -> npt.NDArray[np.uint16]:
    """Decode a file that was put together here to (H, W, C)."""
    packed = b"".join(data[start + 8 : end - 4] for name, start, end in _chunks(data) if name == "IDAT")
    header = data[16:29]
    width, height = int.from_bytes(header[:4]), int.from_bytes(header[4:8])
    kind, laced = header[9], header[12] == 1
    size = 2 * _CHANNELS[kind]
    shapes = (
        [(-(-(height - y) // dy), -(-(width - x) // dx)) for x, y, dx, dy in _PASSES]
        if laced
        else [(height, width)]
    )
    shapes = [(rows, columns) for rows, columns in shapes if rows > 0 and columns > 0]
    expected = sum(rows * (1 + columns * size) for rows, columns in shapes)
    rows = np.frombuffer(zlib.decompressobj().decompress(packed, expected), np.uint8)
    if len(rows) < expected:
        raise DataError("the PNG file is cut off; fetch or export it again")
    upper = _lanes(rows, shapes, size, 0, header)
    both: npt.NDArray[np.uint16] = upper.astype(np.uint16) * 256 + _lanes(rows, shapes, size, 1, header)
    return both


def _lanes(
    rows: npt.NDArray[np.uint8], shapes: list[tuple[int, int]], size: int, lane: int, header: bytes
) -> npt.NDArray[np.uint8]:
    """Decode the upper (lane 0) or lower (1) bytes of all channels to (H, W, C)."""
    parts, at = [], 0
    for height, width in shapes:
        block = rows[at : at + height * (1 + width * size)].reshape(height, -1)
        at += block.size
        half = block[:, 1:].reshape(height, width, size)[..., lane::2].reshape(height, -1)
        parts.append(np.concatenate([block[:, :1], half], axis=1).tobytes())
    data = (
        _SIGNATURE
        + _chunk(b"IHDR", header[:8] + b"\x08" + header[9:])
        + _chunk(b"IDAT", zlib.compress(b"".join(parts), 1))
        + _LAST
    )
    image = PngImageFile(BytesIO(data))
    values = np.asarray(image)
    return values[..., :1] if values.ndim == 2 else values
