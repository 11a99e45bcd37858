"""TIFF directories: what TIFF files and EXIF blocks are made of (TIFF 6.0; EXIF 2.32).

Two things are read from them: how a picture is to be turned, and, of a TIFF file, the fields that decoding
needs. All other fields (thumbnails, positions, makers' notes) are left out before a decoder sees the file:
they cannot change a pixel, and they are what is most often damaged. Pixels: `tiff_pixels`.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from evocative.errors import DataError

ORIENTATION = 274
SAMPLES_PER_PIXEL = 277
_PLANES = 284

_SUBFILE, _SUBDIRECTORIES = 254, 330
_EXIF_DIRECTORY, _WIDTH, _HEIGHT = 34665, 40962, 40963

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
"""Bytes of one value, by the field's type."""

_SINGLE = frozenset({256, 257, 259, 262, 266, 274, 277, 278, 284, 317, 322, 323, 512, 513, 514, 515, 531})
"""Fields with one value: size, compression, photometric interpretation, fill order, orientation, samples,
rows a strip, planes, predictor, tile size, old-style JPEG, chroma position."""
_SEVERAL = frozenset({258, 273, 279, 292, 293, 320, 324, 325, 338, 339, 347, 519, 520, 521, 530, 532})
"""Fields with one value or more: bits, strips, fax options, colour map, tiles, extra samples, sample format,
JPEG tables, chroma subsampling, black and white reference."""

_AGAIN = "fetch or export it again"
_XMP_ORIENTATION = re.compile(rb'tiff:Orientation(?:="|>)([1-8])')


class _Field(NamedTuple):
    tag: int
    kind: int
    values: int
    """How many."""
    entry: bytes
    """The whole entry as stored."""
    value: bytes
    """The last bytes of the entry: the value itself, or where it is."""


class _Layout(NamedTuple):
    order: Literal["little", "big"]
    first: int
    """Where the first directory begins."""
    number: int
    """Bytes of the number of entries."""
    word: int
    """Bytes of a count or an offset: 4, or 8 in BigTIFF."""


def orientation(exif: bytes, xmp: bytes = b"") -> int:
    """Return how a picture is to be turned: 1 (as it is) to 8, as EXIF counts.

    Args:
        exif: An EXIF block, with or without its `Exif` prefix; damaged ones count as 1.
        xmp: An XMP packet, asked where EXIF says nothing.
    """
    while exif.startswith(b"Exif\0\0"):
        exif = exif[6:]
    layout = _layout(exif)
    if layout is not None:
        for field in _fields(exif, layout):
            if field.tag == ORIENTATION and field.kind in (1, 3, 4):
                value = int.from_bytes(field.value[: _SIZES[field.kind]], layout.order)
                return value if 1 <= value <= 8 else 1
    match = _XMP_ORIENTATION.search(xmp)
    return int(match[1]) if match else 1


def stored_size(exif: bytes) -> tuple[int, int] | None:
    """Return width and height of the pixels as they were stored, if an EXIF block tells them."""
    while exif.startswith(b"Exif\0\0"):
        exif = exif[6:]
    found = integers(exif)
    layout, pointer = _layout(exif), found.get(_EXIF_DIRECTORY)
    if layout and pointer:
        found = integers(exif, layout._replace(first=pointer[0]))
    sides = found.get(_WIDTH, ()) + found.get(_HEIGHT, ())
    return (sides[0], sides[1]) if len(sides) == 2 and all(sides) else None


def first_image(data: bytes) -> bytes:
    """Return a TIFF file with only its first image, and of that only the fields which decoding needs.

    Offsets stay as they are: the directory is rewritten in its place.

    Raises:
        DataError: The directory lies outside the file, or contradicts itself.
    """
    layout = _layout(data)
    if layout is None:
        raise DataError(f"the TIFF header is damaged; {_AGAIN}")
    kept: dict[int, _Field] = {}
    budget = len(data)
    for field in _fields(data, layout):
        if field.tag not in _SINGLE | _SEVERAL or field.tag in kept or field.kind not in _SIZES:
            continue
        budget -= _check(field, layout, len(data))
        kept[field.tag] = field
    samples = kept.get(SAMPLES_PER_PIXEL)
    if samples is None or int.from_bytes(samples.value[:2], layout.order) == 1:
        kept.pop(_PLANES, None)  # of no meaning then (TIFF 6.0, page 38); Pillow forgets white at zero for it
    if budget < 0 or not kept:
        raise DataError(f"the TIFF directory is damaged or cut off; {_AGAIN}")
    directory = len(kept).to_bytes(layout.number, layout.order)
    directory += b"".join(field.entry for field in kept.values()) + bytes(layout.word)
    return data[: layout.first] + directory + data[layout.first + len(directory) :]


def is_preview(data: bytes) -> bool:
    """Say whether the first image is a preview of others, as in raw photographs (DNG, NEF, ARW)."""
    layout = _layout(data)
    found = {field.tag: field for field in _fields(data, layout)} if layout else {}
    if layout is None or _SUBFILE not in found or _SUBDIRECTORIES not in found:
        return False
    return bool(_integers(found[_SUBFILE], layout, data)[:1] == (1,))


def integers(data: bytes, layout: _Layout | None = None) -> dict[int, tuple[int, ...]]:
    """Return the unsigned whole numbers that the fields of a file's first directory hold."""
    layout = layout or _layout(data)
    if layout is None:
        return {}
    return {field.tag: _integers(field, layout, data) for field in _fields(data, layout)}


def _integers(field: _Field, layout: _Layout, data: bytes) -> tuple[int, ...]:
    """Return a field's values; of kinds that hold no unsigned whole numbers, none."""
    if field.kind not in (1, 3, 4, 13, 16):
        return ()
    one = _SIZES[field.kind]
    size = field.values * one
    start = int.from_bytes(field.value, layout.order)
    stored = field.value[:size] if size <= layout.word else data[start : start + size]
    return tuple(int.from_bytes(stored[at : at + one], layout.order) for at in range(0, len(stored), one))


def _check(field: _Field, layout: _Layout, length: int) -> int:
    """Return how many bytes the field takes outside the directory, once all is well with it."""
    if field.values < 1 or (field.tag in _SINGLE and field.values != 1):
        raise DataError(
            f"the TIFF file is damaged: its field {field.tag} has {field.values} values; {_AGAIN}"
        )
    if field.tag == SAMPLES_PER_PIXEL and not 1 <= int.from_bytes(field.value[:2], layout.order) <= 6:
        raise DataError(f"the TIFF file has an absurd number of samples a pixel; {_AGAIN}")
    size = field.values * _SIZES[field.kind]
    if size <= layout.word:
        return 0
    if int.from_bytes(field.value, layout.order) + size > length:
        raise DataError(f"the TIFF file is cut off: its field {field.tag} lies outside; {_AGAIN}")
    return size


def _layout(data: bytes) -> _Layout | None:
    orders: dict[bytes, Literal["little", "big"]] = {b"II": "little", b"MM": "big"}
    order = orders.get(data[:2])
    if order is None:
        return None
    version = int.from_bytes(data[2:4], order)
    if version == 42:
        return _Layout(order, int.from_bytes(data[4:8], order), number=2, word=4)
    if version == 43:
        return _Layout(order, int.from_bytes(data[8:16], order), number=8, word=8)
    return None


def _fields(data: bytes, layout: _Layout) -> Iterator[_Field]:
    """Go through the first directory as far as it lies in the data."""
    start = layout.first + layout.number
    length = 4 + 2 * layout.word
    for _ in range(int.from_bytes(data[layout.first : start], layout.order)):
        entry = data[start : start + length]
        if len(entry) < length:
            return
        yield _Field(
            tag=int.from_bytes(entry[:2], layout.order),
            kind=int.from_bytes(entry[2:4], layout.order),
            values=int.from_bytes(entry[4 : 4 + layout.word], layout.order),
            entry=entry,
            value=entry[4 + layout.word :],
        )
        start += length
