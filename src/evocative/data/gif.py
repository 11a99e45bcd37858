"""GIF files: the first frame on the canvas that the file asks for."""

from io import BytesIO
from typing import Any

from PIL import Image
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile

from evocative.data.pixels import rgb
from evocative.data.sizes import check_size
from evocative.errors import DataError


class _Gif(GifImageFile):
    """The first frame; where it leaves the canvas free it is white, as transparent parts are.

    Pillow fills with the first colour of the palette. The background that a file declares is not shown by
    browsers either.
    """

    def load(self) -> Any:
        if self.tile:
            frame = self.dispose_extent
            super().load()
            if frame is not None and frame != (0, 0, *self.size):
                canvas = Image.new("RGB", self.size, "white")
                canvas.paste(rgb(self).crop(frame), frame[:2])
                self.im, self._mode, self.palette = canvas.im, "RGB", None
                self.info.pop("transparency", None)
        return super().load()


def open_gif(data: bytes, max_pixels: int) -> ImageFile:
    """Keep the first frame, and check the canvas that it asks for before Pillow makes it."""
    colors = 3 << (data[10] & 7) + 1 if len(data) > 10 and data[10] & 128 else 0
    control, at = _first_frame(data, 13 + colors)
    width, height, x, y, w, h = (
        int.from_bytes(data[i : i + 2], "little") for i in (6, 8, at + 1, at + 3, at + 5, at + 7)
    )
    limit = min(max_pixels, Image.MAX_IMAGE_PIXELS or max_pixels)
    check_size(max(width, x + w), max(height, y + h), max_pixels=limit)
    return _Gif(BytesIO(data[: 13 + colors] + control + data[at:]))


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
