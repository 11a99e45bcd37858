"""How the pixels of a TIFF image lie in its file, as its directory tells, and whether that can be true."""

import zlib
from dataclasses import dataclass
from typing import Literal

from evocative.errors import DataError

UNPACKED = frozenset({1, 5, 8, 32773, 32946, 34925, 50000})
"""Compressions that give back what went in: none, LZW, deflate (twice), PackBits, LZMA, Zstandard."""
WHITE_IS_ZERO, BLACK_IS_ZERO, COLORS, PALETTE = 0, 1, 2, 3
"""Photometric interpretations; `COLORS` are red, green and blue."""
UNSIGNED, SIGNED, FLOAT, _UNDEFINED = 1, 2, 3, 4
"""Sample formats."""
_DEPTHS = {UNSIGNED: range(1, 65), SIGNED: (8, 16, 32, 64), FLOAT: (16, 32, 64)}
_MOST_PACKED = 4096
"""Times that packed data may grow; LZW and deflate stay below 1,400."""
_DEFLATE = (8, 32946)
_MAX_SAMPLES, _MAX_TILE = 6, 65_536
_AGAIN = "fetch or export it again"


@dataclass(frozen=True)
class Layout:
    """How the pixels of one image lie in its file."""

    width: int
    height: int
    bits: int
    kind: int
    """Sample format: 1 unsigned, 2 signed, 3 float."""
    samples: int
    photometric: int
    compression: int
    predictor: int
    planar: bool
    """Samples lie apart, one plane after the other."""
    fill: int
    extra: tuple[int, ...] | None
    """Meaning of the samples behind the colours; None where the file does not say."""
    tile: tuple[int, int] | None
    rows: int
    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    colors: tuple[int, ...]
    order: Literal["little", "big"]

    @classmethod
    def read(cls, fields: dict[int, tuple[int, ...]], order: Literal["little", "big"]) -> "Layout":
        """Put the fields of a directory together.

        Raises:
            DataError: They contradict each other.
        """

        def one(tag: int, default: int) -> int:
            return (fields.get(tag) or (default,))[0]

        bits, kinds, samples = fields.get(258) or (1,), fields.get(339) or (UNSIGNED,), one(277, 1)
        if len(set(bits)) > 1 or len(set(kinds)) > 1 or len(bits) not in (1, samples):
            raise DataError(f"its samples have different depths {bits} or kinds {kinds}; save it as PNG")
        tiled = 322 in fields
        return cls(
            width=one(256, 0), height=one(257, 0), bits=bits[0], samples=samples,
            kind=UNSIGNED if kinds[0] == _UNDEFINED else kinds[0],
            photometric=one(262, BLACK_IS_ZERO), compression=one(259, 1), predictor=one(317, 1),
            planar=one(284, 1) == 2 and samples > 1, fill=one(266, 1), extra=fields.get(338),
            tile=(one(322, 0), one(323, 0)) if tiled else None,
            rows=max(1, min(one(278, 2**32), one(257, 1))),
            offsets=fields.get(324 if tiled else 273, ()), counts=fields.get(325 if tiled else 279, ()),
            colors=fields.get(320, ()), order=order,
        )  # fmt: skip

    @property
    def foreign(self) -> bool:
        """Whether Pillow lacks it or reads it wrongly, and it can be read here."""
        if self.compression not in UNPACKED:
            return False
        if self.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO):
            return self.samples > 1 or self.kind != UNSIGNED or self.bits not in (1, 2, 4, 8)
        return self.photometric == PALETTE or (
            self.photometric == COLORS and (self.bits, self.samples, self.kind) != (8, 3, UNSIGNED)
        )

    @property
    def planes(self) -> int:
        """How many planes lie one after the other."""
        return self.samples if self.planar else 1

    @property
    def together(self) -> int:
        """Samples of a pixel that lie beside each other."""
        return 1 if self.planar else self.samples

    @property
    def wide(self) -> int:
        """Pixels of a row of one tile; a strip is one tile."""
        return self.tile[0] if self.tile else self.width

    @property
    def high(self) -> int:
        """Rows of one tile or strip."""
        return self.tile[1] if self.tile else self.rows

    @property
    def across(self) -> int:
        """How many tiles lie beside each other."""
        return -(-self.width // self.wide)

    @property
    def row_bytes(self) -> int:
        """Bytes of a row of one tile."""
        return -(-self.wide * self.together * self.bits // 8)

    def check(self, length: int) -> None:
        """Refuse what contradicts itself, or claims more memory than its data can fill.

        Args:
            length: Bytes of the file.

        Raises:
            DataError: It does, or it is of a depth or kind that is not read.
        """
        if self.bits not in _DEPTHS.get(self.kind, ()) or not 1 <= self.samples <= _MAX_SAMPLES:
            raise DataError(
                f"{self.samples} samples of {self.bits} bits (format {self.kind}) are not read; "
                "save it as PNG"
            )
        if self.tile is not None and not all(0 < side <= _MAX_TILE for side in self.tile):
            raise DataError(f"the TIFF file has absurd tiles, {self.tile[0]} × {self.tile[1]}; {_AGAIN}")
        parts = self.across * -(-self.height // self.high) * self.planes
        if not len(self.offsets) == len(self.counts) == parts or min(self.counts) < 1:
            raise DataError(
                f"the TIFF file is damaged: it has {len(self.offsets)} parts of {len(self.counts)} sizes "
                f"where {parts} are needed; {_AGAIN}"
            )
        if any(at + size > length for at, size in zip(self.offsets, self.counts, strict=True)):
            raise DataError(f"the TIFF file is cut off: some of its pixels lie outside; {_AGAIN}")
        most = sum(self.counts) * (1 if self.compression == 1 else _MOST_PACKED)
        if self.row_bytes * self.across * self.height * self.planes > most:
            raise DataError(f"the TIFF file is cut off: its pixels need more data than it holds; {_AGAIN}")

    def check_sums(self, data: bytes) -> None:
        """Compare the checksums of deflated pixels, which libtiff does not read as far as.

        Raises:
            DataError: One is wrong, or the data cannot be unpacked.
        """
        if self.compression not in _DEFLATE:
            return
        most = self.high * self.row_bytes + 1  # one byte more than there is, so that the sum is come to
        for at, size in zip(self.offsets, self.counts, strict=False):
            try:
                long = len(zlib.decompressobj().decompress(data[at : at + size], most)) == most
            except zlib.error as error:
                raise DataError(f"the TIFF file is damaged inside ({error}); {_AGAIN}") from error
            if long:
                raise DataError(f"the TIFF file is damaged inside: its data run on too long; {_AGAIN}")
