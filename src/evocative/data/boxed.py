"""Pictures in boxes: HEIC and HEIF, AVIF (ISO/IEC 23008-12), and JPEG 2000 (ISO/IEC 15444-1).

Telephones and cameras save HEIC, browsers AVIF. How such a picture is to be turned is told by properties of
the container (`irot`, `imir`), not by EXIF, which would turn it twice: libheif turns it while it decodes,
Pillow's AVIF reader says so in an EXIF block of its own. The file's EXIF item is hidden from both.
"""

import re
from io import BytesIO

from PIL.AvifImagePlugin import AvifImageFile
from PIL.ImageFile import ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

from evocative.data.sizes import check_size
from evocative.errors import DataError

_AVIF = frozenset({b"avif", b"avis"})
_HEIF = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1"}
)
_EXIF_ITEM = re.compile(rb"(infe(?:\x02.{7}|\x03.{9}))Exif", re.DOTALL)
"""What declares an item to be EXIF: version, flags, number and protection (ISO/IEC 14496-12, 8.11.6)."""
_CODESTREAM = b"\xff\x4f\xff\x51"
"""Start of a JPEG 2000 codestream and of its size marker, SIZ."""


def is_picture(data: bytes) -> bool:
    """Say whether the brands of a file in boxes are those of a picture that is read here."""
    return bool(_brands(data) & (_AVIF | _HEIF))


def open_boxed(data: bytes, max_pixels: int) -> ImageFile:
    """Open a HEIC, HEIF or AVIF file; the brand named first decides, where it is not the general `mif1`."""
    brands = _brands(data)
    hidden = _EXIF_ITEM.sub(rb"\1free", data)
    if data[8:12] in _AVIF or (data[8:12] in (b"mif1", b"msf1") and brands & _AVIF):
        return AvifImageFile(BytesIO(hidden))
    from pillow_heif import HeifImageFile

    image: ImageFile = HeifImageFile(BytesIO(hidden))  # type: ignore[no-untyped-call]
    return image


def open_jpeg2000(data: bytes, max_pixels: int) -> ImageFile:
    """Check the size that the codestream declares: the decoder believes it, not the box around it."""
    at = data.find(_CODESTREAM)
    if at < 0 or len(data) < at + 24:
        raise DataError("the JPEG 2000 file holds no pixels, or is cut off; fetch or export it again")
    right, bottom, left, top = (int.from_bytes(data[at + i : at + i + 4]) for i in (8, 12, 16, 20))
    check_size(right - left, bottom - top, max_pixels=max_pixels)
    return Jpeg2KImageFile(BytesIO(data))


def _brands(data: bytes) -> set[bytes]:
    """Return the brands of a file: the one it names first and those that it is compatible with."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4]), len(data), 512)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))}
