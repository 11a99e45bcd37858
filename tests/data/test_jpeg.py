"""JPEG files that are damaged inside, and those that only look so."""

import warnings
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evocative.data.image import decode
from evocative.errors import DataError

END = b"\xff\xd9"


def clouds(mode: str = "RGB", size: tuple[int, int] = (320, 240)) -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).convert(mode)


def encode(mode: str = "RGB", kind: str = "JPEG", **options: Any) -> bytes:
    buffer = BytesIO()
    clouds(mode).save(buffer, kind, quality=85, **options)
    return buffer.getvalue()


WAYS: dict[str, dict[str, Any]] = {
    "sequential": {},
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_rows": 1},
    "progressive with restarts": {"progressive": True, "restart_marker_blocks": 9},
    "grey": {"mode": "L"},
    "cmyk": {"mode": "CMYK"},
    "no subsampling": {"subsampling": 0},
    "colours as they are": {"keep_rgb": True},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("at_least", [None, 100, 50])
def test_pixels_are_pillows_to_the_bit(way: str, at_least: int | None) -> None:
    data = encode(**WAYS[way])
    reference = Image.open(BytesIO(data))
    reference.draft("", (at_least or 320, at_least or 320) if at_least else (320, 240))
    assert np.array_equal(np.asarray(decode(data, at_least=at_least)), np.asarray(reference.convert("RGB")))


@pytest.mark.parametrize("way", WAYS)
def test_a_file_cut_off_and_closed_is_refused(way: str) -> None:
    """As a tool leaves it that writes what it got: the lower half is grey, and the end marker is there."""
    data = encode(**WAYS[way])
    start = data.index(b"\xff\xda")
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(DataError, match=r"cut off .*; fetch or export it again"):
            decode(data[: start + int((len(data) - start) * share)] + END)
    with pytest.raises(DataError, match="cut off"):
        decode(data[:-20] + END, at_least=60)


def test_a_progressive_file_cut_off_between_scans_is_refused() -> None:
    data = encode(progressive=True)
    scans = [at for at in range(len(data)) if data.startswith(b"\xff\xda", at)]
    assert len(scans) > 5
    for scan in scans[1:]:
        tables = data.rindex(b"\xff\xc4", 0, scan)  # which belong to the scan
        with pytest.raises(DataError, match="cut off between two of its scans"):
            decode(data[:tables] + END)


@pytest.mark.parametrize("damage", ["zeros", "random", "dropped", "inserted", "marker"])
@pytest.mark.parametrize("way", ["sequential", "progressive", "restarts"])
def test_damage_inside_is_found_where_it_shows(way: str, damage: str) -> None:
    """Bits that give another picture as valid cannot be told; most damage is longer than that."""
    data, random = encode(**WAYS[way]), np.random.default_rng(1)
    found = 0
    for share in np.linspace(0.3, 0.8, 20):
        at = int(share * len(data))
        piece = {"zeros": bytes(300), "random": random.bytes(300), "marker": b"\xff\xc9\0\1",
                 "dropped": b"", "inserted": random.bytes(300)}[damage]  # fmt: skip
        skip = {"inserted": 0, "dropped": 300}.get(damage, len(piece))
        try:
            decode(data[:at] + piece + data[at + skip :])
        except DataError as error:
            assert "; fetch" in str(error)  # noqa: PT017
            found += 1
    assert found >= 17


def marked(data: bytes, code: int, body: bytes, at: int = 2) -> bytes:
    return data[:at] + bytes((0xFF, code)) + (len(body) + 2).to_bytes(2) + body + data[at:]


def test_what_is_not_the_picture_does_no_harm() -> None:
    """Each of these makes libjpeg warn, or holds what looks like an end."""
    data = encode()
    scan, revision = data.index(b"\xff\xda"), data.index(b"JFIF\0") + 5
    variants = {
        "bytes behind the end": data + b"\0" * 40 + b"serial number" + END,
        "junk between segments": data[:scan] + b"more" + data[scan:],
        "filling before markers": data[:scan] + b"\xff" * 5 + data[scan:-2] + b"\xff" * 5 + END,
        "zeros before the end": data[:-2] + bytes(64) + END,
        "an unknown revision of JFIF": data[:revision] + b"\7\7" + data[revision + 2 :],
        "a thumbnail": marked(data, 0xE1, b"Exif\0\0" + encode("L")),
        "a comment that ends a file": marked(data, 0xFE, END * 9),
        "no end": data[:-2],
        "maker's notes cut off in their length": marked(data, 0xED, b"notes", at=scan),
    }
    for name, variant in variants.items():
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert decode(variant).tobytes() == decode(data).tobytes(), name
    zeros = encode(restart_marker_rows=1)
    assert decode(zeros[:-2] + bytes(64) + END).tobytes() == decode(zeros).tobytes()


def test_of_two_images_the_first_counts_and_only_it() -> None:
    data = encode(kind="MPO", save_all=True, append_images=[clouds("L").convert("RGB")])
    end = data.index(b"\xff\xd8", 3)
    assert decode(data[: end + 50]).tobytes() == decode(data).tobytes(), "the second is cut off"
    with pytest.raises(DataError, match="cut off"):
        decode(data[: end // 2] + END + data[end:])


def test_an_absurd_number_of_scans_is_refused() -> None:
    data = encode(progressive=True)
    scan = data.rindex(b"\xff\xda")
    tables = data.rindex(b"\xff\xc4", 0, scan)
    with pytest.raises(DataError, match="more than 500 scans"):
        decode(data[:-2] + data[tables:-2] * 500 + END)


def test_lost_restarts_are_noticed() -> None:
    data = encode(restart_marker_rows=1)
    at = data.index(b"\xff\xd3")
    with pytest.raises(DataError, match=r"damaged inside .*RST"):
        decode(data[: at + 1] + b"\xd6" + data[at + 2 :])
