"""Decode anything safely: a picture comes out upright, RGB and 8 bits, or one DataError says why not.

    decode("photo.jpg")                    # a path, bytes, an open file, a Pillow image or an array
    decode("photo.jpg", at_least=448)      # large JPEGs are decoded at a fraction of their size: faster

Transparent parts become white. 16-bit values are scaled, not cut off. Of an animation the first frame counts.
Colour profiles are not applied. No setting of Pillow or of Python's warnings is touched, so it may be called
from any thread.
"""

import os
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops
from PIL.ImageFile import ImageFile

from evocative.data.formats import open_image
from evocative.data.opening import read_whole
from evocative.data.pixels import from_array, rgb, upright
from evocative.data.png import profile
from evocative.data.sizes import MAX_PIXELS, check_size
from evocative.data.tiff import ORIENTATION, orientation, stored_size
from evocative.errors import DataError

SUPPORTED = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib", ".tif",
     ".tiff", ".heic", ".heif", ".heics", ".heifs", ".hif", ".avif", ".avifs",
     ".jp2", ".jpx", ".jpf", ".j2k", ".j2c", ".jpc"}
)  # fmt: skip
"""Suffixes, in lower case, of the files that are decoded: `find_images` looks for them in folders."""


@runtime_checkable
class BinaryFile(Protocol):
    """A file opened in binary mode, or anything else that can be read like one."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes."""


Source = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryFile | Image.Image | npt.NDArray[Any]
"""What `decode` takes."""

_TURNED = frozenset({"TIFF", "HEIF"})
"""Formats that are turned while they are loaded."""
_QUARTER = 5
"""The first of EXIF's turns that exchange width and height."""


def decode(source: Source, *, at_least: int | None = None, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Decode one picture.

    Args:
        source: A path; the bytes of a file; a file opened in binary mode, read from where it stands; a Pillow
            image, which is left as it is; or an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) of uint8,
            uint16 or floats in [0, 1].
        at_least: Pixels that the shorter side must keep. JPEG files are then decoded at 1/2, 1/4 or 1/8 where
            that is enough; other formats ignore it. None: full size.
        max_pixels: Width times height at most, read from the header before anything is decoded. For TIFF and
            GIF, Pillow's own limit (89 million) holds as well.

    Returns:
        An RGB image, upright (EXIF orientation applied), without metadata.

    Raises:
        DataError: `<name>: <reason>; <what to do>`. Nothing else is raised for bad content. Too small (a side
            below `formats.MIN_SIDE`) or too narrow (above `formats.MAX_ASPECT`) is bad content as well.

    Example:
        >>> decode(np.zeros((32, 48), np.uint8)).size
        (48, 32)
    """
    if at_least is not None and at_least < 1:
        raise DataError(f"at_least: expected 1 pixel or more, found {at_least}")
    try:
        if isinstance(source, np.ndarray):
            return from_array(source, max_pixels=max_pixels)
        if isinstance(source, Image.Image):
            return _from_pillow(source, max_pixels)
        data = _read(source, limit=8 * max_pixels + 2**26)
        return _from_file(open_image(data, max_pixels=max_pixels), at_least)
    except DataError as error:
        raise DataError(f"{_name(source)}: {error}") from error
    except MemoryError as error:
        raise DataError(
            f"{_name(source)}: there is not enough memory to decode it; make it smaller"
        ) from error
    except Exception as error:
        raise DataError(f"{_name(source)}: {_reason(error)}") from error


def _name(source: object) -> str:
    """Say which picture is meant, in characters that any terminal can print."""
    if isinstance(source, np.ndarray):
        return f"array {source.shape} of {source.dtype}"
    if isinstance(source, bytes | bytearray | memoryview):
        return f"{len(source)} bytes"
    if isinstance(source, Image.Image):
        source = getattr(source, "filename", "") or f"Pillow image {source.size} in mode {source.mode}"
    elif not isinstance(source, str | os.PathLike):
        source = getattr(source, "name", source)
    return str(source).encode("utf-8", "replace").decode("utf-8")


def _reason(error: Exception) -> str:
    known = isinstance(error, OSError | SyntaxError | ValueError | RuntimeError)
    detail = str(error).strip() if known else repr(error)
    if any(word in detail.lower() for word in ("truncated", "unexpected end of file", "insufficient input")):
        return f"the file is cut off ({detail}); fetch or export it again"
    return f"the file is damaged or of a kind that is not read ({detail}); fetch it again or save it as PNG"


def _read(source: object, *, limit: int) -> bytes:
    """Return the bytes of a file, at most `limit` of them."""
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if isinstance(source, str | os.PathLike):
        return read_whole(Path(source), limit=limit)
    if not hasattr(source, "read"):
        kind = type(source).__name__
        raise DataError(f"expected a path, bytes, a binary file, a Pillow image or an array, found {kind}")
    data = source.read(limit + 1)
    if not isinstance(data, bytes):
        raise DataError("the file is opened as text; open it in binary mode, 'rb'")
    if len(data) > limit:
        raise DataError(f"the file has more than {limit:,} bytes; raise max_pixels if it is an image")
    return data


def _from_file(image: ImageFile, at_least: int | None) -> Image.Image:
    """Decode what was opened here."""
    if at_least is not None and image.format == "JPEG":
        image.draft(None, (at_least, at_least))
    image.load()
    pixels: Image.Image = image
    if image.format == "JPEG" and image.mode == "CMYK" and "adobe" not in image.info:
        # Pillow inverts every CMYK JPEG, as Adobe stores them; one without Adobe's mark is stored plainly.
        pixels = ImageChops.invert(image)
    return _still(rgb(pixels), 1 if image.format in _TURNED else _orientation(image))


def _from_pillow(image: Image.Image, max_pixels: int) -> Image.Image:
    """Convert an image that belongs to the caller."""
    check_size(*image.size, max_pixels=max_pixels)
    image.load()
    pixels = rgb(image)
    return _still(pixels.copy() if pixels is image else pixels, _turn_left(image))


def _still(image: Image.Image, turn: int) -> Image.Image:
    """Turn an image as EXIF asks, and forget its metadata, so that nobody turns it twice."""
    turned = upright(image, turn)
    turned.info = {}
    return turned


def _turn_left(image: Image.Image) -> int:
    """Return how a caller's image is still to be turned.

    Pillow copies EXIF along with whatever is made of an image, so that one which `rotate` or `transpose` has
    turned says as before how to turn it. What the caller has set in `getexif()` counts first. Else an image
    that was made of another is taken to be turned where EXIF asks for a quarter turn and its pixels lie as
    they would after it: as the size in EXIF says or, without one, upright, for sensors are wider than high.
    """
    exif = image._exif
    if exif is not None and exif._loaded:  # read or changed by the caller: nothing is parsed
        value = exif.get(ORIENTATION, 1)
        turn = value if isinstance(value, int) else 1
    else:
        turn = _orientation(image)
    if isinstance(image, ImageFile) or turn < _QUARTER:
        return turn
    width, height = stored_size(_exif(image)) or (1, 0)
    already = (image.width > image.height) != (width > height)
    return 1 if already and image.width != image.height and width != height else turn


def _orientation(image: Image.Image) -> int:
    """Return what an image's metadata say of its turn."""
    xmp = image.info.get("xmp", image.info.get("XML:com.adobe.xmp", b""))
    return orientation(_exif(image), xmp if isinstance(xmp, bytes) else str(xmp).encode())


def _exif(image: Image.Image) -> bytes:
    """Return an image's EXIF block; Pillow keeps that of a PNG file's text as the text it is."""
    exif = image.info.get("exif") or profile(str(image.info.get("Raw profile type exif", "")).encode())
    return exif if isinstance(exif, bytes) else b""
