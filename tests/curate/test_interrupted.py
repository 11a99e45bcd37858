"""SIGKILL in the middle of each check, and a disk without room: what was finished stays.

This file is also the program that is killed: CHECK FOLDER STORE.
"""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from evocative.curate import corrupt, fingerprint
from evocative.curate.corrupt import find_corrupt
from evocative.curate.duplicates import find_duplicates
from evocative.curate.findings import Finding, cleaned, collect, read_findings, write_findings
from evocative.curate.looks import Look
from evocative.curate.text import find_text
from evocative.data import content_store
from evocative.data.table import Table, read_table, write_table
from evocative.errors import DataError
from evocative.inference import feature_store
from evocative.inference.feature_store import FeatureStore

IMAGES, FINISHED, SLOW = 30, 6, 0.05
CHECKS = ("corrupt", "duplicates", "text", "features")


def table_of(folder: Path) -> Table:
    return Table(pd.DataFrame({"path": sorted(path.name for path in folder.glob("*.png"))}), root=folder)


def check(name: str, table: Table, store: Path | None, looked: Callable[[], None]) -> Any:
    """Run a check whose look at each image is counted, or slowed down, by `looked`."""

    def counted(function: Callable[[Path], Any]) -> Callable[[Path], Any]:
        def look(path: Path) -> Any:
            looked()
            return function(path)

        return look

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content_store, "WAIT", 0.0)
        patch.setattr(feature_store, "ROWS_A_FILE", 1)
        if name == "corrupt":
            patch.setattr(corrupt, "look", counted(corrupt.look))
            return find_corrupt(table, store=store, workers=1).frame
        if name == "duplicates":
            patch.setattr(fingerprint, "_print", counted(fingerprint._print))
            return find_duplicates(table, store=store).frame
        if name == "text":
            return find_text(table, detector=Bright(looked), store=store).frame
        return features(table, store, looked)


class Bright:
    """Says how bright an image is."""

    def __init__(self, looked: Callable[[], None]) -> None:
        self.about: dict[str, Any] = {"detector": "bright"}
        self.looked = looked

    def look(self, paths: Sequence[Path]) -> Iterator[Look]:
        for path in paths:
            self.looked()
            yield Look(float(np.asarray(Image.open(path)).mean()) / 255, path.name)


def features(table: Table, store: Path | None, looked: Callable[[], None]) -> pd.DataFrame:
    """What `labels` looks at: a vector an image, here its mean colour."""

    def compute(rows: Any) -> Iterator[Any]:
        for place, row in enumerate(rows):
            looked()
            pixels = np.asarray(Image.open(table.paths[int(row)]))
            yield np.array([place]), {"pooled": pixels.mean(axis=(0, 1))[None]}

    found = FeatureStore(store).get({"a": 1}, table.paths, shapes={"pooled": (3,)}, compute=compute)
    return pd.DataFrame(found.arrays["pooled"].astype(np.float64))


def kept(store: Path) -> int:
    lines = sum(file.read_bytes().count(b"\n") for file in store.glob("*.jsonl"))
    return lines + len(list(store.glob("*/pooled/*.parquet")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty images, of which two are one, and one has a single colour."""
    place = tmp_path_factory.mktemp("images")
    random = np.random.default_rng(0)
    for number in range(IMAGES - 2):
        blocks = random.integers(0, 256, (4, 5, 3), dtype=np.uint8)
        image = Image.fromarray(blocks).resize((80, 70), Image.Resampling.BICUBIC)
        image.save(place / f"{number:02}.png")
    image.resize((160, 140)).save(place / "copy.png")
    Image.new("RGB", (70, 70), "#336699").save(place / "plain.png")
    return place


@pytest.mark.parametrize("name", CHECKS)
def test_a_kill_in_the_middle_loses_nothing_that_was_finished(
    name: str, folder: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = subprocess.Popen([sys.executable, __file__, name, str(folder), str(store)], env=environment)
    while process.poll() is None and kept(store) < FINISHED:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    finished = kept(store)
    assert FINISHED <= finished < IMAGES

    looked: list[None] = []
    table = table_of(folder)
    second = check(name, table, store, lambda: looked.append(None))
    assert len(looked) == IMAGES - finished
    unbroken = check(name, table, None, lambda: None)
    assert len(unbroken) > 0
    pd.testing.assert_frame_equal(second, unbroken)
    third = check(name, table, store, lambda: looked.append(None))
    assert len(looked) == IMAGES - finished
    pd.testing.assert_frame_equal(third, unbroken)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_full_disk_leaves_older_findings_and_tables_whole(tmp_path: Path, suffix: str) -> None:
    """No room for a further byte, as the system says it: in the middle of writing the new file."""
    table = Table(pd.DataFrame({"path": [f"{number}.jpg" for number in range(400)]}), name="some")
    some = [Finding(f"{number}.jpg", "blank", 1.0, f"evidence {number}", "drop") for number in range(200)]
    found = collect(some, table=table, kind="corrupt")
    findings, rows = tmp_path / f"findings{suffix}", tmp_path / f"cleaned{suffix}"
    write_findings(collect(some[:3], table=table, kind="corrupt"), findings)
    write_table(table.select([0, 1]), rows)
    before = {path: path.read_bytes() for path in (findings, rows)}
    message = r"make room or choose another place \(an older file"
    with Full(1000), pytest.raises(DataError, match=message):
        write_findings(found, findings)
    with Full(1000), pytest.raises(DataError, match=message):
        write_table(cleaned(table, found), rows)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    write_findings(found, findings)
    write_table(cleaned(table, found), rows)
    assert len(read_findings(findings)) == 200
    assert len(read_table(rows)) == 200


@pytest.mark.parametrize("name", CHECKS)
def test_a_full_disk_keeps_what_there_was_room_for(name: str, folder: Path, tmp_path: Path) -> None:
    table, looked, store = table_of(folder), list[None](), tmp_path / "store"
    check(name, table.select(range(5)), store, lambda: None)
    size = max(path.stat().st_size for path in store.rglob("*") if path.is_file())
    room = -100 if name == "features" else size // 3  # of features each row is a file here
    with Full(size + room), pytest.raises(DataError, match=r"make room or choose another"):
        check(name, table, store, lambda: looked.append(None))
    finished = kept(store)
    assert finished == 5 if name == "features" else 5 < finished < 5 + len(looked)
    looked.clear()
    again = check(name, table, store, lambda: looked.append(None))
    assert len(looked) == IMAGES - finished
    pd.testing.assert_frame_equal(again, check(name, table, None, lambda: None))


class Full:
    """Lets no file grow beyond so many bytes."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __enter__(self) -> None:
        import resource

        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        self.handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails instead
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.before[1]))

    def __exit__(self, *_: object) -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)
        signal.signal(signal.SIGXFSZ, self.handler)


def test_no_room_is_told_from_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, room in ((errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EACCES, False)):

        def refuse(*_: object, number: int = number) -> None:
            raise OSError(number, "in other words")

        monkeypatch.setattr(Path, "write_bytes", refuse)
        with pytest.raises(DataError, match="choose another place") as caught:
            write_table(Table(pd.DataFrame({"path": ["a.jpg"]})), tmp_path / "t.csv")
        assert ("make room" in str(caught.value)) == room
        assert os.strerror(number) in str(caught.value)


if __name__ == "__main__":
    check(sys.argv[1], table_of(Path(sys.argv[2])), Path(sys.argv[3]), lambda: time.sleep(SLOW))
