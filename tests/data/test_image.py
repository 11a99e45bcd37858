import os
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageFile, ImageOps, PngImagePlugin

from evocative.data.image import Source, decode
from evocative.errors import DataError

CORNERS = {"red": (0, 0), "lime": (47, 0), "blue": (0, 31), "yellow": (47, 31)}


def picture() -> Image.Image:
    """48 × 32 with another colour in each quarter, so that every turn shows."""
    image = Image.new("RGB", (48, 32))
    for color, (x, y) in CORNERS.items():
        image.paste(color, (x // 24 * 24, y // 16 * 16, x // 24 * 24 + 24, y // 16 * 16 + 16))
    return image


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(turn: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = turn
    block[0x010F] = "a maker with a long name"
    return block.tobytes()


def pixels(image: Image.Image) -> np.ndarray[Any, np.dtype[np.int64]]:
    assert image.mode == "RGB"
    return np.asarray(image).astype(np.int64)


def close(image: Image.Image, expected: Image.Image, tolerance: int = 12) -> bool:
    """Compare away from the edges between colours, where lossy formats ring."""
    difference = np.abs(pixels(image) - pixels(expected.convert("RGB")))
    return (
        image.size == expected.size
        and int(np.median(difference)) <= tolerance // 3
        and bool(np.quantile(difference, 0.7) <= tolerance)
    )


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No warning may leave `decode`: it would be printed, or raised in a user's thread."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    assert [str(warning.message) for warning in caught] == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "JPEG2000"])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ""])
def test_reads_each_format_whatever_its_suffix(kind: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture{suffix}"
    path.write_bytes(encode(picture(), kind))
    assert close(decode(path), picture())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_turns_upright_as_exif_asks(kind: str, turn: int) -> None:
    data = encode(picture(), kind, exif=exif(turn))
    expected = ImageOps.exif_transpose(Image.open(BytesIO(data)))
    decoded = decode(data)
    assert np.array_equal(pixels(decoded), pixels(expected))
    assert decode(decoded).size == decoded.size, "turned twice"


def test_turn_six_puts_the_left_column_on_top() -> None:
    decoded = decode(encode(picture(), "PNG", exif=exif(6)))
    assert decoded.size == (32, 48)
    corners = [decoded.getpixel(place) for place in ((0, 0), (31, 0), (0, 47), (31, 47))]
    assert corners == [
        (0, 0, 255),
        (255, 0, 0),
        (255, 255, 0),
        (0, 255, 0),
    ]  # blue over yellow, red over lime


def test_a_damaged_exif_block_is_passed_over_in_silence() -> None:
    block = bytearray(exif(6))
    count = block.index(b"\x01\x0f\x00\x02") + 4  # of the maker's name
    block[count : count + 4] = b"\x00\x10\x00\x00"
    data = encode(picture(), "JPEG", exif=bytes(block))
    with pytest.warns(UserWarning, match="(?i)tag data|truncated|corrupt"):
        Image.open(BytesIO(data)).getexif()  # what Pillow says of it
    assert decode(data).size == (32, 48)


@pytest.mark.parametrize("alpha", ["palette entry", "palette bytes", "alpha", "grey and alpha", "one colour"])
def test_transparent_parts_become_white(alpha: str) -> None:
    seen = np.zeros((32, 48), bool)
    seen[:, :24] = True  # the left half is opaque, dark red or grey
    rgba = Image.new("RGBA", (48, 32), (0, 0, 0, 0))
    rgba.paste((100, 0, 0, 255), (0, 0, 24, 32))
    color = [100, 0, 0]
    if alpha == "alpha":
        data = encode(rgba, "PNG")
    elif alpha == "grey and alpha":
        data, color = encode(rgba.convert("LA"), "PNG"), [30, 30, 30]
    elif alpha == "one colour":
        data = encode(rgba.convert("RGB"), "PNG", transparency=(0, 0, 0))
    else:
        indexed = Image.fromarray(np.where(seen, np.uint8(1), np.uint8(0)))
        indexed.putpalette([0, 0, 0, 100, 0, 0])
        transparency: Any = 0 if alpha == "palette entry" else b"\x00\xff"
        data = encode(indexed, "PNG", transparency=transparency)
    expected = np.where(seen[..., None], color, 255)
    assert np.array_equal(pixels(decode(data)), expected)


def test_half_transparent_is_mixed_with_white() -> None:
    data = encode(Image.new("RGBA", (16, 16), (255, 0, 0, 128)), "PNG")
    assert decode(data).getpixel((3, 3)) == (255, 127, 127)


@pytest.mark.parametrize("marked", [True, False])
def test_cmyk_is_read_as_it_was_meant(marked: bool) -> None:
    image = picture().convert("CMYK")
    data = encode(image if marked else ImageChops.invert(image), "JPEG", quality=95)
    if not marked:  # without Adobe's mark (APP14) the values are stored plainly, as they are here
        start = data.index(b"\xff\xee")
        data = data[:start] + data[start + 2 + int.from_bytes(data[start + 2 : start + 4]) :]
    assert close(decode(data), picture())
    assert close(decode(encode(image, "TIFF")), picture())


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_sixteen_bits_are_scaled_not_cut_off(kind: str, order: str) -> None:
    ramp = np.repeat(np.arange(0, 65536, 257, dtype=np.uint16)[None], 16, axis=0)
    image = Image.frombytes(
        "I;16B" if order == ">u2" else "I;16", ramp.shape[::-1], ramp.astype(order).tobytes()
    )
    if kind == "PNG" and order == ">u2":
        image = Image.fromarray(ramp)  # a PNG is always big-endian
    expected = np.repeat(np.repeat(np.arange(256)[None], 16, axis=0)[..., None], 3, axis=2)
    assert np.array_equal(pixels(decode(encode(image, kind))), expected)


def test_one_bit_and_grey() -> None:
    stripes = Image.fromarray(np.tile(np.array([0, 255], np.uint8).repeat(8), (16, 4)))
    for image in (stripes, stripes.convert("1")):
        for kind in ("PNG", "TIFF", "BMP"):
            assert np.array_equal(pixels(decode(encode(image, kind)))[..., 1], np.asarray(stripes)), kind


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "MPO"])
def test_the_first_frame_counts(kind: str) -> None:
    frames = [picture(), Image.new("RGB", (48, 32), "black")]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    assert close(decode(data), picture())


def test_takes_paths_bytes_files_images_and_arrays(tmp_path: Path) -> None:
    data = encode(picture(), "PNG")
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    behind = BytesIO(b"header" + data)
    behind.seek(6)
    with path.open("rb") as file:
        sources: list[Source] = [
            path,
            str(path),
            data,
            bytearray(data),
            memoryview(data),
            BytesIO(data),
            behind,
        ]
        sources += [file, picture(), Image.open(BytesIO(data)), np.asarray(picture())]
        decoded = [pixels(decode(source)) for source in sources]
    assert all(np.array_equal(image, pixels(picture())) for image in decoded)


def test_leaves_a_pillow_image_as_it_is() -> None:
    image = picture()
    image.info["exif"] = exif(8)
    decoded = decode(image)
    assert decoded.size == (32, 48)
    assert (image.size, list(image.info)) == ((48, 32), ["exif"])
    decode(picture_by_hand := picture()).putpixel((0, 0), (1, 2, 3))
    assert picture_by_hand.getpixel((0, 0)) == (255, 0, 0)
    picture_by_hand.getexif()[0x0112] = 3
    assert decode(picture_by_hand).getpixel((0, 0)) == (255, 255, 0)


XMP = b'<x:xmpmeta><rdf:Description tiff:Orientation="%d"/></x:xmpmeta>'


def opened(kind: str, turn: int) -> Image.Image:
    """Open a file that is to be turned, of a kind of file or of a place where that is told."""
    if kind == "text":
        words = PngImagePlugin.PngInfo()
        words.add_text("Raw profile type exif", f"\nexif\n{len(exif(turn))}\n{exif(turn).hex()}\n", zip=True)
        data = encode(picture(), "PNG", pnginfo=words)
    elif kind == "xmp":
        data = encode(picture(), "JPEG", xmp=XMP % turn)
    else:
        data = encode(picture(), kind, exif=exif(turn))
    return Image.open(BytesIO(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "MPO", "text", "xmp"])
@pytest.mark.parametrize("turn", [3, 5, 6, 8])
def test_a_pillow_image_is_turned_once(kind: str, turn: int) -> None:
    expected = ImageOps.exif_transpose(opened(kind, turn)).convert("RGB")
    loaded = opened(kind, turn)
    loaded.load()
    in_place = opened(kind, turn)
    ImageOps.exif_transpose(in_place, in_place=True)
    read = opened(kind, turn)
    assert read.getexif()[0x0112] == turn
    for image in (opened(kind, turn), loaded, in_place, read, opened(kind, turn).convert("RGB"),
                  ImageOps.exif_transpose(opened(kind, turn)), opened(kind, turn).resize((48, 32))
                  if kind not in ("TIFF", "AVIF") else loaded):  # fmt: skip
        assert close(decode(image), expected)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "MPO", "text", "xmp"])
def test_what_the_caller_has_turned_is_not_turned_again(kind: str) -> None:
    """Pillow copies EXIF along, so that it still asks for the turn."""
    for turn, method, degrees in (
        (6, Image.Transpose.ROTATE_270, -90),
        (8, Image.Transpose.ROTATE_90, 90),
        (5, Image.Transpose.TRANSPOSE, None),
    ):
        turned = opened(kind, turn).transpose(method)
        assert close(decode(turned), turned), turn
        assert close(decode(turned.convert("RGB").resize((64, 96))), turned.resize((64, 96)).convert("RGB"))
        if degrees is not None:
            by_hand = opened(kind, turn).rotate(degrees, expand=True)
            assert close(decode(by_hand), turned)


def test_the_size_in_exif_tells_how_the_pixels_lay() -> None:
    """A picture that was stored upright, though EXIF asks to turn it."""
    block = Image.Exif()
    block[0x0112] = 6
    block.get_ifd(0x8769).update({0xA002: 32, 0xA003: 48})
    upright = picture().transpose(Image.Transpose.ROTATE_90)
    data = encode(upright, "JPEG", exif=block.tobytes())
    again = Image.open(BytesIO(data)).convert("RGB")
    assert decode(again).size == decode(data).size == (48, 32)
    assert decode(again.transpose(Image.Transpose.ROTATE_270)).size == (48, 32)


def test_what_the_caller_says_of_a_turn_counts() -> None:
    for kind in ("JPEG", "PNG"):
        image = opened(kind, 3).rotate(180)  # nothing tells that it was turned
        del image.getexif()[0x0112]
        assert close(decode(image), opened(kind, 3).rotate(180))
    image = picture()
    image.info["exif"] = exif(3)
    image.getexif()[0x0112] = 1
    assert close(decode(image), picture())


def test_large_jpegs_are_decoded_at_a_fraction_of_their_size() -> None:
    large = picture().resize((1600, 1200), Image.Resampling.BICUBIC)
    data = encode(large, "JPEG", exif=exif(6))
    assert decode(data).size == (1200, 1600)
    assert decode(data, at_least=300).size == (300, 400)
    assert decode(data, at_least=301).size == (600, 800)
    assert decode(encode(large, "PNG"), at_least=300).size == (1600, 1200)
    small = decode(data, at_least=300)
    assert close(small, large.transpose(Image.Transpose.ROTATE_270).resize((300, 400)))
    with pytest.raises(DataError, match="at_least: expected 1 pixel or more, found 0"):
        decode(data, at_least=0)


def test_what_is_no_file_of_an_image_is_named_with_its_reason(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "gone.jpg")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    (tmp_path / "empty.jpg").touch()
    reasons = {
        "missing": "no such file",
        "pipe": "a pipe",
        "folder": "a folder",
        "loop": "broken link to .*loop.jpg .Too many levels",
        "broken": "broken link to .*gone.jpg",
        "empty": r"empty \(0 bytes\)",
        "nul\0": "cannot be read",
        "x" * 300: "cannot be read",
    }
    for name, reason in reasons.items():
        path = tmp_path / f"{name}.jpg"
        with pytest.raises(DataError, match=reason) as caught:
            decode(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert "; " in str(caught.value), "says what to do"


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.png"
    path.write_bytes(encode(picture(), "PNG"))
    path.chmod(0)
    if os.access(path, os.R_OK):  # root may read everything, so the system's refusal is played

        def refuse(path: Path, flags: int) -> int:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DataError, match=r"secret.png: the file may not be read; change its permissions"):
        decode(path)


def test_a_text_file_object_is_refused() -> None:
    with pytest.raises(DataError, match="opened as text; open it in binary mode"):
        decode(StringIO("text"))  # type: ignore[arg-type]


def test_names_that_are_no_utf8_are_still_named(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    with pytest.raises(DataError, match=r"caf\?\.jpg: there is no such file") as caught:
        decode(tmp_path / name)
    str(caught.value).encode("utf-8")


def test_threads_share_it_and_nothing_global_changes(tmp_path: Path) -> None:
    good = [encode(picture(), kind, exif=exif(3)) for kind in ("JPEG", "PNG", "WEBP", "TIFF")]
    sources = [*good, *(data[:-40] for data in good), b""] * 12
    before = [decode(data).tobytes() for data in good]
    state = (list(warnings.filters), Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    seen_threads = set()

    def attempt(data: bytes) -> bytes | None:
        seen_threads.add(threading.get_ident())
        try:
            return decode(data).tobytes()
        except DataError:
            return None

    with ThreadPoolExecutor(4) as pool:
        decoded = list(pool.map(attempt, sources))
    assert decoded == [*before, None, None, None, None, None] * 12
    assert len(seen_threads) > 1
    assert (list(warnings.filters), Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES) == state
