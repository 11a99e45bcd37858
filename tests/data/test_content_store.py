"""One store for all checks: what was finished stays, and damage costs the damaged lines alone."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.full_disk import full_at

from evocative.curate.looks import Look, look_of, plain
from evocative.data import content_store
from evocative.data.content import content_digest
from evocative.data.content_store import ContentStore, look_once
from evocative.errors import CacheWarning, DataError

ABOUT = {"detector": "test", "size": 3}


def texts(folder: Path | None, kind: str = "text", **about: Any) -> ContentStore[Look]:
    return ContentStore(folder, kind, ABOUT | about, encode=plain, decode=look_of)


def filled(folder: Path, names: Sequence[str] = ("aa", "bb", "cc")) -> Path:
    store = texts(folder)
    for name in names:
        store.add(name, Look(0.5, f"saw '{name}' – é \udcff"))
    store.flush()
    assert store.file is not None
    return store.file


def test_values_come_back_from_the_folder(tmp_path: Path) -> None:
    store = texts(tmp_path)
    looks = {"aa": Look(0.25, "a 'word' – é \udcff", 0.125), "bb": Look(None, "no image")}
    for name, look in looks.items():
        store.add(name, look)
    store.flush()
    assert texts(tmp_path).read() == looks
    assert store.file is not None
    assert [json.loads(line)["sha256"] for line in store.file.read_text().splitlines()] == ["aa", "bb"]


def test_other_settings_are_strangers(tmp_path: Path) -> None:
    filled(tmp_path)
    assert texts(tmp_path, size=4).read() == {}
    assert texts(tmp_path, kind="other").read() == {}


def test_nothing_is_kept_without_a_folder() -> None:
    store = texts(None)
    store.add("aa", Look(0.5))
    store.flush()
    assert (store.file, store.read()) == (None, {})


@pytest.mark.parametrize("cut", range(1, 400, 7))
def test_a_file_that_was_cut_off_anywhere_costs_one_line_at_most(tmp_path: Path, cut: int) -> None:
    file = filled(tmp_path)
    whole = file.read_bytes()
    kept = whole[: min(cut, len(whole))]
    file.write_bytes(kept)
    lines = whole.splitlines(keepends=True)
    ends = np.cumsum([len(line) for line in lines])
    finished = [name for name, end in zip(("aa", "bb", "cc"), ends, strict=True) if end - 1 <= len(kept)]
    partial = len(kept) not in {0, *ends, *(ends - 1)}
    store = texts(tmp_path)
    if partial:
        with pytest.warns(CacheWarning, match=r"1 damaged or unfinished lines"):
            assert list(store.read()) == finished
    assert list(store.read()) == finished  # and now in silence
    store.add("dd", Look(0.75))
    store.flush()
    assert list(texts(tmp_path).read()) == [*finished, "dd"]


@pytest.mark.parametrize(
    "garbage", [bytes(40), b"\xff{]\n", b"\n\n\r\n", b'{"sha256": "zz", "value": 1}\n', b"9"]
)
def test_garbage_in_the_middle_costs_its_line(tmp_path: Path, garbage: bytes) -> None:
    file = filled(tmp_path)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[1][:20] + garbage + lines[1][20 + len(garbage) :] + lines[2])
    size = file.stat().st_size
    with pytest.warns(CacheWarning, match="others are kept"):
        assert list(texts(tmp_path).read()) == ["aa", "cc"]
    assert list(texts(tmp_path).read()) == ["aa", "cc"]  # told of once, and the file needs no more room
    assert file.stat().st_size == size


def test_a_digit_that_flipped_is_seen(tmp_path: Path) -> None:
    """Every single byte, changed: a value that is read is the one that was written."""
    file = filled(tmp_path, ["aa"])
    whole = file.read_bytes()
    for place in range(0, len(whole) - 1, 3):
        changed = bytearray(whole)
        changed[place] ^= 0x01
        file.write_bytes(changed)
        with pytest.warns(CacheWarning):
            assert texts(tmp_path).read() == {}


def test_a_value_that_is_none_is_passed_over(tmp_path: Path) -> None:
    other: ContentStore[Any] = ContentStore(tmp_path, "text", ABOUT, encode=lambda value: value, decode=dict)
    for name, value in (("aa", {"score": 2.0}), ("bb", {"sure": 0.5}), ("cc", 3), ("dd", {"score": 0.5})):
        other.add(name, value)
    other.flush()
    with pytest.warns(CacheWarning, match="3 damaged"):
        assert texts(tmp_path).read() == {"dd": Look(0.5)}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = texts(tmp_path / "file" / "inside")
    store.add("aa", Look(0.5))
    with pytest.raises(DataError, match=r"inside: the cache cannot be written .* what was finished is kept"):
        store.flush()


def test_a_full_disk_keeps_the_lines_that_fit(tmp_path: Path) -> None:
    file = filled(tmp_path)
    size = file.stat().st_size
    store = texts(tmp_path)
    for name in ("dd", "ee", "ff"):
        store.add(name, Look(0.5, f"saw '{name}' – é \udcff"))
    told = r"\(File too large\); make room or choose another folder"
    with full_at(size + size // 2), pytest.raises(DataError, match=told):  # one more and a half
        store.flush()
    assert list(texts(tmp_path).read()) == ["aa", "bb", "cc", "dd"]
    assert file.read_bytes().endswith(b"\n")


class Looks:
    """Says of a file what is in it, and remembers what it was asked."""

    def __init__(self, stop_after: int = 10**9) -> None:
        self.seen: list[str] = []
        self.stop_after = stop_after

    def __call__(self, paths: Sequence[Path]) -> Iterator[Look]:
        for path in paths:
            if len(self.seen) == self.stop_after:
                raise KeyboardInterrupt
            self.seen.append(path.name)
            yield Look(0.5, path.read_text() if path.exists() else "gone")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """150 files, of which two are equal, and two that are not there: more than are given at once."""
    paths = [tmp_path / "in" / f"{number:03}" for number in range(150)]
    paths[0].parent.mkdir()
    for number, path in enumerate(paths):
        path.write_text(str(number if number != 140 else 3))
    return [*paths, tmp_path / "in" / "gone", tmp_path / "in" / "lost"]


@pytest.mark.parametrize("at_once", [1, 64, 1000])
def test_equal_files_are_looked_at_once_and_rows_keep_their_order(
    files: list[Path], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_store, "AT_ONCE", at_once)
    looks, watched = Looks(), []

    def watch(rows: Iterable[Any]) -> Iterator[Any]:
        for row in rows:
            watched.append(row)
            yield row

    found = look_once(files, looks, store=texts(None), watch=watch)
    expected = [str(number if number != 140 else 3) for number in range(150)]
    assert [look.evidence for _, look in found] == [*expected, "gone", "gone"]
    assert [path.name for path in files if path.name != "140"] == looks.seen
    assert watched == found
    assert [content for content, _ in found[-2:]] == [None, None]


def test_an_interruption_loses_nothing(files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        look_once(files, Looks(stop_after=100), store=texts(tmp_path))
    looks = Looks()
    found = look_once(files, looks, store=texts(tmp_path))
    assert looks.seen == [path.name for path in files[100:] if path.name != "140"]
    assert found == look_once(files, Looks(), store=texts(None))
    again = Looks()
    assert look_once(files, again, store=texts(tmp_path)) == found
    assert again.seen == ["gone", "lost"]  # they may be there by now


def test_lines_do_not_wait_longer_than_they_may(files: list[Path], tmp_path: Path) -> None:
    """With no time to wait each line is written before the next image is looked at."""
    store = texts(tmp_path)
    counts: list[int] = []

    def look(paths: Sequence[Path]) -> Iterator[Look]:
        for _ in paths:
            counts.append(len(texts(tmp_path).read()))
            yield Look(0.5)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content_store, "WAIT", 0.0)
        look_once(files[:8], look, store=store)
    assert counts == list(range(8))


def test_two_processes_may_share_a_store(tmp_path: Path) -> None:
    first, second = texts(tmp_path), texts(tmp_path)
    for store, names in ((first, ("aa", "bb")), (second, ("bb", "cc"))):
        for name in names:
            store.add(name, Look(0.5, name))
    second.flush()
    first.flush()
    assert set(texts(tmp_path).read()) == {"aa", "bb", "cc"}


def test_content_is_the_files_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(b"same")
    assert content_digest(tmp_path / "one") == content_digest(tmp_path / "two")
    assert content_digest(tmp_path / "none") is None
    assert content_digest(tmp_path) is None
