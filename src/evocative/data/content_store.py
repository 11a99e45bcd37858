"""What a check found out about each image, kept on disk by the image's content: one store for all checks.

    store = ContentStore("cache/", "text", detector.about, encode=asdict, decode=look_of)
    looked = look_once(table.paths, detector.look, store=store)

cache/
    text-3f9c….jsonl      one check with its settings; a line an image

A line is {"sha256": …, "value": …, "crc32": …}. Lines are only added, with the first image that is done a
second or more after the last were, so that a kill costs a second's work and one image, and an exception
nothing. A line that was cut off or damaged (its CRC does not fit) costs its image alone, which is looked at
again; that is said in a warning, and the line is blanked where it stands. A renamed image is found again, a
changed one is another. Several processes may share a store: each adds whole lines, under a lock.
"""

import hashlib
import json
import logging
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from filelock import FileLock

from evocative.data.atomic import told
from evocative.data.content import content_digest
from evocative.data.sealed import append, opened, sealed
from evocative.errors import CacheWarning, DataError

_log = logging.getLogger(__name__)
T = TypeVar("T")
AT_ONCE: Final = 64
"""Images that are given to a check together."""
WAIT: Final = 1.0
"""Seconds that a line waits to be written at most: what a kill can lose."""
_FORMAT: Final = 2


class ContentStore(Generic[T]):
    """Values by image content, in one file below a folder; without a folder nothing is kept."""

    def __init__(
        self, folder: str | Path | None, kind: str, about: Mapping[str, Any], *,
        encode: Callable[[T], Any], decode: Callable[[Any], T],
    ) -> None:  # fmt: skip
        """Name the file; it is made when something is written.

        Args:
            folder: None keeps nothing.
            kind: What is looked for, a part of the file's name.
            about: Everything that a value depends on but the image; plain values, as JSON has them.
            encode: Makes plain values of a value.
            decode: Makes them a value again; raises ValueError, TypeError or KeyError where they are none.
        """
        asked = json.dumps({"format": _FORMAT, **about}, sort_keys=True).encode()
        name = f"{kind}-{hashlib.sha256(asked).hexdigest()[:24]}.jsonl"
        self.file = None if folder is None else Path(folder) / name
        self._encode, self._decode = encode, decode
        self._waiting: list[bytes] = []
        self._written = time.monotonic()

    def read(self) -> dict[str, T]:
        """Return what is kept, by the SHA-256 of the images' files.

        Raises:
            DataError: There is a file, and it cannot be read.
        """
        if self.file is None or not self.file.exists():
            return {}
        known: dict[str, T] = {}
        damaged: list[tuple[int, int]] = []
        try:
            with _lock(self.file), self.file.open("rb") as stream:
                start = 0
                for line in stream:
                    if not self._take(line.strip(), known):
                        damaged.append((start, len(line.rstrip(b"\n"))))
                    start += len(line)
                _blank(self.file, damaged)
        except OSError as error:
            raise DataError(f"{self.file}: cannot be read ({told(error)}); choose another folder") from error
        if damaged:
            warnings.warn(
                f"{self.file}: {len(damaged)} damaged or unfinished lines were passed over; their images are "
                f"looked at again, {len(known):,} others are kept",
                CacheWarning,
                stacklevel=2,
            )
        return known

    def add(self, content: str, value: T) -> None:
        """Keep a value; it is written within a second of the next one, or by `flush`.

        Raises:
            DataError: It cannot be written; what was written before stays.
        """
        if self.file is None:
            return
        self._waiting.append(sealed({"sha256": content, "value": self._encode(value)}))
        if time.monotonic() - self._written >= WAIT:
            self.flush()

    def flush(self) -> None:
        """Write what waits.

        Raises:
            DataError: It cannot be written; what was written before stays, and what there was room for.
        """
        if self.file is None or not self._waiting:
            return
        lines, self._waiting = self._waiting, []
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with _lock(self.file):
                append(self.file, b"".join(lines))
        except OSError as error:
            raise DataError(
                f"{self.file.parent}: the cache cannot be written ({told(error)}); make room or choose "
                "another folder, and start again: what was finished is kept"
            ) from error
        self._written = time.monotonic()

    def _take(self, line: bytes, known: dict[str, T]) -> bool:
        """Add what a line says; return whether it is whole. Blank lines were damaged once."""
        if not line:
            return True
        if (entry := opened(line)) is None:
            return False
        try:
            known[str(entry["sha256"])] = self._decode(entry["value"])
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
            return False
        return True


Looked = tuple[str | None, T]
"""An image's SHA-256, None where the file cannot be read, and what was found out."""


def look_once(
    paths: Sequence[Path],
    look: Callable[[Sequence[Path]], Iterable[T]],
    *,
    store: ContentStore[T],
    watch: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> list[Looked[T]]:
    """Say of each path what the store knows of its content; look at the others, equal files once.

    Args:
        paths: Images; files that cannot be read are looked at too, but nothing of them is kept.
        look: Yields a value for each image, in their order, and does not raise for a bad one.
        store: Reads what is known and keeps what is new.
        watch: Passes rows on as they are done, one for each path, to show progress.

    Returns:
        SHA-256 and value of each path, in their order.

    Raises:
        DataError: The store cannot be read or written; what was finished is kept.
    """
    rows = _rows(paths, look, store)
    try:
        return list(watch(rows) if watch else rows)
    finally:
        store.flush()


def _rows(
    paths: Sequence[Path], look: Callable[[Sequence[Path]], Iterable[T]], store: ContentStore[T]
) -> Iterator[Looked[T]]:
    known, waiting = store.read(), iter(paths)
    _log.info("%s: %d images are known already", store.file or "no cache", len(known))
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        while piece := list(islice(waiting, AT_ONCE)):
            contents = list(pool.map(content_digest, piece))
            new = [
                path
                for place, (path, content) in enumerate(zip(piece, contents, strict=True))
                if content is None or (content not in known and content not in contents[:place])
            ]
            fresh = iter(look(new) if new else ())
            for content in contents:
                if content is None:
                    yield None, next(fresh)
                    continue
                if content not in known:
                    known[content] = next(fresh)
                    store.add(content, known[content])
                yield content, known[content]


def _lock(file: Path) -> FileLock:
    return FileLock(file.with_suffix(".lock"))


def _blank(file: Path, damaged: Sequence[tuple[int, int]]) -> None:
    """Put spaces over damaged lines, which needs no room, so that they are told of once."""
    if not damaged:
        return
    try:
        with file.open("r+b") as stream:
            for start, length in damaged:
                stream.seek(start)
                stream.write(b" " * length)
    except OSError:
        return  # told of again next time
