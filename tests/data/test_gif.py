"""GIF files by hand, with frames that leave the canvas free."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from evocative.data.image import decode

PALETTE = bytes([200, 0, 0, 0, 200, 0, 0, 0, 200, 9, 9, 9])


def frame(size: tuple[int, int], color: int, *, at: tuple[int, int] = (0, 0), local: bytes = b"") -> bytes:
    """One frame of one colour, of a palette of four."""
    image = Image.new("P", size, color)
    image.putpalette(PALETTE)
    buffer = BytesIO()
    image.save(buffer, "GIF", optimize=False)
    data = buffer.getvalue()
    start = data.index(b",", 13 + 3 * (2 << (data[10] & 7)))
    body = data[start + 10 + (3 * (2 << (data[start + 9] & 7)) if data[start + 9] & 128 else 0) : -1]
    place = b"".join(value.to_bytes(2, "little") for value in (*at, *size))
    return b"," + place + bytes([0x81 if local else 0]) + local + body


def gif(canvas: tuple[int, int], *blocks: bytes, palette: bytes = PALETTE, background: int = 0) -> bytes:
    screen = b"".join(side.to_bytes(2, "little") for side in canvas)
    flags = bytes([0x81 if palette else 0, background, 0])
    return b"GIF89a" + screen + flags + palette + b"".join(blocks) + b";"


def control(transparent: int | None, disposal: int = 0) -> bytes:
    return b"!\xf9\x04" + bytes([disposal << 2 | (transparent is not None), 0, 0, transparent or 0, 0])


@pytest.mark.parametrize("transparent", [None, 3, 1])
@pytest.mark.parametrize("disposal", [0, 1, 2, 3])
@pytest.mark.parametrize("local", [b"", bytes([0, 0, 99, 0, 99, 0, 99, 0, 0, 9, 9, 9])])
def test_what_the_first_frame_leaves_free_is_white(
    transparent: int | None, disposal: int, local: bytes
) -> None:
    blocks = (control(transparent, disposal), frame((20, 10), 1, at=(4, 6), local=local))
    for background in (0, 2):
        decoded = np.asarray(decode(gif((40, 30), *blocks, frame((40, 30), 2), background=background)))
        expected = np.full((30, 40, 3), 255)
        if transparent != 1:
            expected[6:16, 4:24] = (0, 99, 0) if local else (0, 200, 0)
        assert np.array_equal(decoded, expected)


def test_a_frame_without_any_palette_or_beyond_the_canvas() -> None:
    grey = decode(gif((30, 20), frame((20, 10), 3), palette=b""))
    assert (grey.getpixel((3, 3)), grey.getpixel((25, 3))) == ((3, 3, 3), (255, 255, 255))
    beyond = decode(gif((30, 20), frame((20, 10), 1, at=(20, 4))))
    assert beyond.size == (40, 20)
    assert (beyond.getpixel((2, 2)), beyond.getpixel((39, 5))) == ((255, 255, 255), (0, 200, 0))


def test_a_frame_that_fills_the_canvas_is_as_before() -> None:
    data = gif((20, 10), frame((20, 10), 2))
    assert np.array_equal(np.asarray(decode(data)), np.asarray(Image.open(BytesIO(data)).convert("RGB")))
