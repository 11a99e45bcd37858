"""Images that are none: hand-made files, each with what must be said of it."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from evocative.curate.corrupt import CorruptSettings, find_corrupt
from evocative.curate.placeholders import nearly_equal
from evocative.data.table import Table
from evocative.errors import CacheWarning, DataError


def photograph(seed: int, size: tuple[int, int] = (120, 90)) -> Image.Image:
    """Clouds of all colours."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def tile(text: str, background: str = "#f3f3f3") -> Image.Image:
    """A tile as photo services send them: words in the middle."""
    image = Image.new("RGB", (160, 120), background)
    ImageDraw.Draw(image).text((20, 50), text, fill="#9c9c9c")
    return image


def table_of(folder: Path) -> Table:
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    return Table(pd.DataFrame({"path": names}), root=folder, name="pile")


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    """Good photographs and one of each thing that is none."""
    folder = tmp_path / "pile"
    folder.mkdir()
    for number in range(8):
        photograph(number).save(folder / f"good{number}.jpg")
    whole = io.BytesIO()
    photograph(50).save(whole, "JPEG")
    (folder / "cut.jpg").write_bytes(whole.getvalue()[:900])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "page.jpg").write_text("<html><body>not found</body></html>")
    Image.new("RGB", (90, 90), "#336699").save(folder / "blue.jpg", quality=30)
    photograph(51, (40, 40)).save(folder / "small.png")
    photograph(52, (900, 100)).save(folder / "long.png")
    photograph(53, (5, 100)).save(folder / "sliver.png")
    return folder


def test_each_thing_is_named(pile: Path) -> None:
    table = table_of(pile)
    frame = find_corrupt(table).frame
    said = {(row.path, row.kind): row for row in frame.itertuples()}
    assert set(said) == {
        ("cut.jpg", "unreadable"),
        ("empty.jpg", "unreadable"),
        ("page.jpg", "unreadable"),
        ("sliver.png", "unreadable"),
        ("blue.jpg", "single_colour"),
        ("small.png", "extreme_size"),
        ("long.png", "extreme_proportions"),
    }
    assert "cut off" in str(said["cut.jpg", "unreadable"].evidence)
    assert "web page" in str(said["page.jpg", "unreadable"].evidence)
    assert "levels of #33" in str(said["blue.jpg", "single_colour"].evidence)
    assert said["small.png", "extreme_size"].score == pytest.approx(1 - 40 / 64)
    assert said["long.png", "extreme_proportions"].score == pytest.approx(1 - 4 / 9)
    dropped = set(frame.loc[frame["action"] == "drop", "path"])
    assert dropped == {"cut.jpg", "empty.jpg", "page.jpg", "sliver.png", "blue.jpg"}


def test_damage_inside_a_file_that_ends_well_is_found(tmp_path: Path) -> None:
    """Cut at half and closed with an end marker: the lower half is grey, and Pillow says nothing."""
    for name, options in (("plain", {}), ("progressive", {"progressive": True})):
        buffer = io.BytesIO()
        photograph(7).save(buffer, "JPEG", **options)
        whole = buffer.getvalue()
        (tmp_path / f"{name}.jpg").write_bytes(whole)
        (tmp_path / f"{name}_cut.jpg").write_bytes(whole[: len(whole) * 3 // 4] + b"\xff\xd9")
        (tmp_path / f"{name}_more.jpg").write_bytes(whole + b"what a camera appends")
        assert Image.open(tmp_path / f"{name}_cut.jpg").convert("RGB").size == (120, 90)
    frame = find_corrupt(table_of(tmp_path)).frame
    assert list(frame["path"]) == ["plain_cut.jpg", "progressive_cut.jpg"]
    assert set(frame["kind"]) == {"unreadable"}
    assert frame["evidence"].str.contains("cut off").all()


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    table = Table(pd.DataFrame({"path": ["nowhere.jpg"]}), root=tmp_path)
    frame = find_corrupt(table, store=tmp_path / "store").frame
    assert list(frame["kind"]) == ["unreadable"]
    assert str(frame["evidence"][0]).startswith("there is no such file")


def test_copies_of_a_tile_are_found_and_other_plain_pictures_are_not(pile: Path) -> None:
    for number, quality in enumerate((95, 80, 60, 40, 30)):
        size = (160 + 20 * number, 120 + 15 * number)
        tile("This photo is no longer available").resize(size).save(
            pile / f"tile{number}.jpg", quality=quality
        )
        tile("x", background="#1040c0").resize(size).save(pile / f"blue_tile{number}.png")
    for number in range(6):  # drawings on white, each another one
        drawing = Image.new("RGB", (160, 120), "white")
        box = (10 + 22 * number, 10, 40 + 20 * number, 60 + 8 * number)
        ImageDraw.Draw(drawing).ellipse(box, fill="black")
        drawing.save(pile / f"drawing{number}.png")
    frame = find_corrupt(table_of(pile)).frame
    tiles = frame[frame["kind"] == "placeholder"]
    assert set(tiles["path"]) == {f"{kind}{n}.{end}" for kind, end in (("tile", "jpg"), ("blue_tile", "png"))
                                  for n in range(5)}  # fmt: skip
    assert set(tiles.loc[tiles["action"] == "drop", "path"]) == {f"tile{n}.jpg" for n in range(5)}
    assert tiles.groupby("cluster").size().tolist() == [5, 5]
    assert tiles["score"].between(0.85 * 0.8, 0.8).all()
    four = find_corrupt(table_of(pile), settings=CorruptSettings(copies=6)).frame
    assert "placeholder" not in set(four["kind"])


def test_nearly_equal_agrees_with_all_pairs() -> None:
    random = np.random.default_rng(3)
    base = random.integers(20, 230, (12, 48))
    pictures = (base[random.integers(0, 12, 200)] + random.integers(-2, 3, (200, 48))).astype(np.int16)
    leader = nearly_equal(pictures, tolerance=5.0)
    order = np.argsort(pictures.mean(axis=1), kind="stable")
    naive = np.full(200, -1)
    for row in order:
        apart = np.abs(pictures - pictures[row])
        near = (apart.mean(axis=1) <= 5.0) & (apart.max(axis=1) <= 20.0)
        if naive[row] < 0:
            naive[near & (naive < 0)] = row
    assert leader.tolist() == naive.tolist()
    assert len(set(leader.tolist())) == 12


def test_a_little_light_in_the_dark_is_no_placeholder(pile: Path) -> None:
    """Six night pictures, each with a small lamp elsewhere: all nearly black, no two of one thing."""
    for number in range(6):
        night = Image.new("RGB", (224, 224), "black")
        left, top = 28 * number + 8, 40 + 20 * number
        ImageDraw.Draw(night).ellipse((left, top, left + 12, top + 12), fill="white")
        night.save(pile / f"night{number}.png")
    frame = find_corrupt(table_of(pile)).frame
    found = frame[frame["path"].str.startswith("night")]
    assert set(found["kind"]) == {"single_colour"}  # 0.3 % of the pixels are not black
    assert set(found["action"]) == {"review"}


def test_a_store_is_used_and_bears_damage(
    pile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, store = table_of(pile), tmp_path / "store"
    first = find_corrupt(table, store=store)
    (file,) = store.glob("corrupt-*.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    whole = [number for number in range(len(lines)) if number not in (2, 4)]
    file.write_bytes(b"".join(lines[:2]) + b"\xff{]\n" + lines[3] + b"".join(lines[5:]) + lines[4][:25])
    looked: list[str] = []

    def counting(path: Path) -> object:
        looked.append(path.name)
        return look(path)

    from evocative.curate.corrupt import look

    monkeypatch.setattr("evocative.curate.corrupt.look", counting)
    (pile / "good0.jpg").rename(pile / "renamed.jpg")
    with pytest.warns(CacheWarning, match="2 damaged or unfinished lines"):
        second = find_corrupt(table_of(pile), store=store)
    assert len(looked) == len(lines) - len(whole)
    third = find_corrupt(table_of(pile), store=store)
    assert len(looked) == len(lines) - len(whole)
    pd.testing.assert_frame_equal(first.frame, second.frame)
    pd.testing.assert_frame_equal(second.frame, third.frame)


def test_settings_without_sense_are_refused() -> None:
    with pytest.raises(DataError, match="at least 2 copies"):
        CorruptSettings(copies=1)
