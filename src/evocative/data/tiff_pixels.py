"""TIFF samples of any depth: 1 to 64 bits, whole numbers or floats, white at zero or black, palettes, alpha.

Pillow reads a list of layouts. Those it lacks or reads wrongly (white at zero in 16 bits, 12 bits, palettes
of 8 bits) are read here. Libtiff, inside Pillow, still unpacks them: it is told that rows are grey bytes, and
what the bytes mean is worked out afterwards, as TIFF 6.0 has it (sections 3 to 8, 14, 15, 18, 19; technical
note 3 for floats). Tifffile knows these layouts, too, but fills what a file lacks with zeros.
"""

import struct
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from evocative.data.pixels import in_bytes, rgb, scaled, upright
from evocative.data.tiff import orientation
from evocative.data.tiff_layout import (
    BLACK_IS_ZERO,
    COLORS,
    FLOAT,
    PALETTE,
    SIGNED,
    UNSIGNED,
    WHITE_IS_ZERO,
    Layout,
)
from evocative.errors import DataError

_ASSOCIATED, _UNASSOCIATED = 1, (2, 999)
"""Kinds of alpha; 999 is what Corel Draw 10 writes."""
_BLOCK = 2**24
"""Bits that are spread out to bytes at a time."""
_AGAIN = "fetch or export it again"


class DeepTiff(ImageFile):
    """A TIFF file whose samples are worked out here. As Pillow's, it is turned upright while it is loaded."""

    format = "TIFF"

    def __init__(self, data: bytes, layout: Layout) -> None:
        self._data, self._layout = data, layout
        self._turn = orientation(data)
        super().__init__(BytesIO(data))

    def _open(self) -> None:
        size = self._layout.width, self._layout.height
        self._size = size[::-1] if self._turn > 4 else size
        self._mode = "RGB"
        self.tile = [("raw", (0, 0, *self._size), 0, "RGB")]  # type: ignore[list-item]

    def load(self) -> Any:
        """Decode, color and turn the pixels once."""
        if self.tile:
            image = _colored(_values(self._data, self._layout), self._layout)
            self.im = upright(image, self._turn).im
            self.tile = []
        return super().load()


def _values(data: bytes, layout: Layout) -> npt.NDArray[Any]:
    """Return the samples (H, W, S) as they are meant, unsigned, signed or float."""
    layout.check(len(data))
    layout.check_sums(data)
    planes = [_plane(data, layout, number) for number in range(layout.planes)]
    return np.concatenate(planes, axis=2) if len(planes) > 1 else planes[0]


def _plane(data: bytes, layout: Layout, number: int) -> npt.NDArray[Any]:
    """Return one plane (H, W, S), or all of them where they are not apart."""
    with TiffImageFile(BytesIO(_as_bytes(data, layout, number))) as image:
        packed = np.asarray(image).reshape(layout.height, layout.across, layout.row_bytes)
    values = _unpacked(packed, layout)
    return values.reshape(layout.height, -1, layout.together)[:, : layout.width]


def _as_bytes(data: bytes, layout: Layout, number: int) -> bytes:
    """Return a file that declares rows of one plane to be grey bytes: another directory, behind the data."""
    share = len(layout.offsets) // layout.planes
    parts = slice(number * share, (number + 1) * share)
    where, sizes = (324, 325) if layout.tile else (273, 279)
    shape = {322: (layout.row_bytes,), 323: (layout.high,)} if layout.tile else {278: (layout.rows,)}
    fields = {
        256: (layout.row_bytes * layout.across,), 257: (layout.height,), 258: (8,), 277: (1,),
        259: (layout.compression,), 262: (BLACK_IS_ZERO,), 266: (layout.fill,),
        **shape, where: layout.offsets[parts], sizes: layout.counts[parts],
    }  # fmt: skip
    body = data + bytes(len(data) % 2)
    return b"II*\0" + struct.pack("<L", len(body)) + body[8:] + _directory(fields, at=len(body))


def _directory(fields: dict[int, tuple[int, ...]], *, at: int) -> bytes:
    """Return a directory of 32-bit values that stands at a place, with what does not fit in it behind it."""
    entries, behind = b"", b""
    after = at + 2 + 12 * len(fields) + 4
    for tag, values in sorted(fields.items()):
        packed = struct.pack(f"<{len(values)}L", *values)
        entries += struct.pack("<HHL", tag, 4, len(values))
        entries += packed if len(values) == 1 else struct.pack("<L", after + len(behind))
        behind += packed if len(values) > 1 else b""
    return struct.pack("<H", len(fields)) + entries + bytes(4) + behind


def _unpacked(packed: npt.NDArray[np.uint8], layout: Layout) -> npt.NDArray[Any]:
    """Turn bytes (H, tiles, row) into values (H, tiles, W · S)."""
    if layout.predictor not in (1, 2, 3) or (layout.predictor == 3 and layout.kind != FLOAT):
        raise DataError(f"the TIFF file has an unknown predictor, {layout.predictor}; {_AGAIN}")
    size, odd = divmod(layout.bits, 8)
    if odd or size not in (1, 2, 4, 8):
        if layout.predictor != 1:
            raise DataError(f"a predictor over samples of {layout.bits} bits is not read; save it as PNG")
        return _spread(packed, layout.bits)[..., : layout.wide * layout.together]
    if layout.predictor == 3:
        return _float_rows(packed, size, layout.together)
    values = packed.view(f"{'<' if layout.order == 'little' else '>'}u{size}").astype(f"u{size}")
    if layout.predictor == 2:
        pixels = values.reshape(*values.shape[:2], -1, layout.together)
        values = pixels.cumsum(axis=2, dtype=values.dtype).reshape(values.shape)
    return values.view(f"{ {UNSIGNED: 'u', SIGNED: 'i', FLOAT: 'f'}[layout.kind] }{size}")


def _float_rows(packed: npt.NDArray[np.uint8], size: int, samples: int) -> npt.NDArray[Any]:
    """Undo the floating-point predictor: bytes are differences, and the highest of all values come first."""
    height, across, row = packed.shape
    rows = packed.reshape(height, across, -1, samples).cumsum(axis=2, dtype=np.uint8)
    lanes = np.moveaxis(rows.reshape(height, across, size, row // size), 2, -1)
    return np.ascontiguousarray(lanes).view(f">f{size}")[..., 0].astype(f"f{size}")


def _spread(packed: npt.NDArray[np.uint8], bits: int) -> npt.NDArray[Any]:
    """Read values of any number of bits, the highest first; a row begins with a byte."""
    height, across, row = packed.shape
    number = row * 8 // bits
    out: npt.NDArray[Any] = np.empty((height, across, number), np.uint16 if bits <= 16 else np.uint64)
    step = max(1, _BLOCK // (across * row * 8))
    for top in range(0, height, step):
        spread = np.unpackbits(packed[top : top + step], axis=-1)[..., : number * bits]
        spread = spread.reshape(*spread.shape[:2], number, bits)
        total: npt.NDArray[Any] = np.zeros(spread.shape[:3], out.dtype)
        for place in range(bits):
            total = (total << 1) | spread[..., place]
        out[top : top + step] = total
    return out


def _colored(values: npt.NDArray[Any], layout: Layout) -> Image.Image:
    """Make an RGB image of samples; transparent parts become white."""
    colors = 3 if layout.photometric == COLORS else 1
    if layout.samples < colors:
        raise DataError(f"the TIFF file has {layout.samples} samples of {colors} colours; {_AGAIN}")
    alpha, associated = _alpha(layout, colors)
    seen = None if alpha is None else _eight(values[..., alpha], layout)
    if layout.photometric == PALETTE:
        shown = _from_palette(values[..., 0], layout)
    else:
        shown = _eight(values[..., :colors], layout)
        if layout.photometric == WHITE_IS_ZERO:
            shown = 255 - shown
            seen = None if associated else seen  # such a grey, times alpha, is what lacks to white already
    if seen is not None and associated:
        shown = np.minimum(shown.astype(np.uint16) + (255 - seen[..., None]), 255).astype(np.uint8)
    elif seen is not None:
        shown = np.concatenate([shown, seen[..., None]], axis=2)
    return rgb(Image.fromarray(shown[..., 0] if shown.shape[2] == 1 else shown))


def _from_palette(places: npt.NDArray[Any], layout: Layout) -> npt.NDArray[np.uint8]:
    """Look colours up (H, W, 3); a table without a value above 255 has 8 bits, as libtiff takes it."""
    if layout.kind != UNSIGNED or layout.bits > 16 or len(layout.colors) != 3 << layout.bits:
        raise DataError(
            f"the TIFF file has a palette of {len(layout.colors)} values at {layout.bits} bits; {_AGAIN}"
        )
    table = np.array(layout.colors, np.uint16).reshape(3, -1).T
    shown: npt.NDArray[np.uint8] = scaled(table, 255 if table.max() < 256 else 65_535)[places]
    return shown


def _alpha(layout: Layout, colors: int) -> tuple[int | None, bool]:
    """Return which sample is alpha, and whether the colours have been multiplied with it."""
    extra = layout.extra if layout.extra is not None else (_UNASSOCIATED[0],)
    for number, meaning in enumerate(extra[: layout.samples - colors]):
        if meaning == _ASSOCIATED or meaning in _UNASSOCIATED:
            return colors + number, meaning == _ASSOCIATED
    return None, False


def _eight(values: npt.NDArray[Any], layout: Layout) -> npt.NDArray[np.uint8]:
    """Bring samples to 8 bits: by their range where the depth says it, else as they are or not at all."""
    if layout.kind == UNSIGNED and layout.bits < 32:
        return scaled(values, (1 << layout.bits) - 1)
    if layout.photometric == WHITE_IS_ZERO and layout.kind != FLOAT:
        raise DataError(f"{layout.bits}-bit integers have no known white; save it with 8 or 16 bits")
    return in_bytes(values)
