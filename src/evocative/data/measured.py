"""What was measured of each image, kept by its content: a kill or a full disk loses nothing finished.

store/
    corrupt-3f9c….jsonl     one check with its settings: a line an image, {"sha256": …, "measured": {…}}

A batch's lines are added as soon as it is done. A line that a kill cut off is skipped and measured again; an
image that changed is another one; one that was renamed is found.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from os import cpu_count
from pathlib import Path
from typing import Any, Final

from filelock import FileLock

from evocative.data.content import content_digest
from evocative.errors import DataError

BATCH: Final = 64
"""Images between two writes: what a kill can lose."""
Measured = Mapping[str, Any]
"""Plain values by name, as JSON has them."""


def measure(
    paths: Sequence[Path],
    look: Callable[[Path], Measured],
    *,
    about: Mapping[str, Any],
    store: str | Path | None = None,
    workers: int | None = None,
    watch: Callable[[Iterable[Any]], Iterable[Any]] | None = None,
) -> list[Measured]:
    """Look at each image once, in threads, or read what an earlier run kept.

    Args:
        paths: The images; the same content is looked at once if there is a store that has it.
        look: Measures one image. It must not raise, and must depend on the file's content alone.
        about: What the measures depend on but the image: name, version and settings of the check.
        store: A folder; None keeps nothing.
        workers: Threads; None takes one a core, up to 8.
        watch: Passes paths on as they are done, to show progress.

    Returns:
        What `look` said of each path, in their order.

    Raises:
        DataError: The store cannot be written; what was finished is kept.
    """
    if store is None:
        return list(_looked(paths, lambda path: (None, look(path)), workers, watch, lambda batch: None))
    name = hashlib.sha256(json.dumps(dict(about), sort_keys=True).encode()).hexdigest()[:16]
    file = Path(store) / f"{about.get('check', 'check')}-{name}.jsonl"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_suffix(".lock")):  # whoever waited finds the work done
            known = _read(file)

            def one(path: Path) -> tuple[str | None, Measured]:
                key = content_digest(path)
                if key in known:
                    return None, known[key]
                return key, look(path)

            return list(_looked(paths, one, workers, watch, lambda batch: _append(file, batch)))
    except OSError as error:
        raise DataError(
            f"{file}: cannot be written ({error.strerror or error}); what was finished is kept, make room or "
            "choose another folder and run again"
        ) from error


_Keyed = tuple[str | None, Measured]


def _looked(
    paths: Sequence[Path],
    one: Callable[[Path], _Keyed],
    workers: int | None,
    watch: Callable[[Iterable[Any]], Iterable[Any]] | None,
    keep: Callable[[list[_Keyed]], None],
) -> Iterator[Measured]:
    """Yield what was measured, in order; batch after batch, so that memory stays bounded."""
    waiting = iter(watch(paths) if watch else paths)
    with ThreadPoolExecutor(workers or min(8, cpu_count() or 1)) as pool:
        while batch := list(islice(waiting, BATCH)):
            found = list(pool.map(one, batch))
            keep(found)
            yield from (measured for _, measured in found)


def _append(file: Path, found: list[_Keyed]) -> None:
    """Add the new lines of a batch, after a line that a kill may have cut off."""
    lines = {key: json.dumps({"sha256": key, "measured": dict(what)}) for key, what in found if key}
    if not lines:
        return
    with file.open("ab+") as stream:
        if stream.tell() and _last_byte(file) != b"\n":
            stream.write(b"\n")
        stream.write("".join(line + "\n" for line in lines.values()).encode())


def _last_byte(file: Path) -> bytes:
    with file.open("rb") as stream:
        stream.seek(-1, 2)
        return stream.read(1)


def _read(file: Path) -> dict[str | None, Measured]:
    """Return what the file holds, damaged lines left out."""
    known: dict[str | None, Measured] = {}
    if not file.exists():
        return known
    with file.open("rb") as stream:
        for line in stream:
            try:
                entry = json.loads(line)
                known[str(entry["sha256"])] = dict(entry["measured"])
            except (ValueError, TypeError, KeyError):
                continue
    return known
