"""Answers kept while a file of them is written, so that a run that was killed goes on where it was.

    with resuming(Path("answers.csv")) as kept:              # under a lock: a second one is refused
        kept.agree({"batch size": 32, "flip": False})        # what the answers depend on
        rest = kept.after(sources, every=32)                 # what has no answer yet
        answers = kept.joined(predictor.stream(rest))        # all of them, the kept ones first
        write_answers(answers, …)
        kept.finish()

.answers.csv.resume         beside the output, gone when that is complete
.answers.csv.resume.lock    held while somebody works on it

The first line says what the answers depend on, each further one holds a batch, under a checksum
(`data.sealed`). Batches are kept whole, since the last digits of an answer depend on which images share its
batch: so a resumed run answers in the batches of an unbroken one. The output itself is written anew, from
what is kept and what follows, so that nothing is asked of its format and it is the same byte for byte.
"""

import base64
import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
from filelock import FileLock, Timeout

from evocative.data.atomic import told
from evocative.data.sealed import append, opened, sealed
from evocative.errors import DataError
from evocative.inference.answer import Answer

_log = logging.getLogger(__name__)
FORMAT: Final = 1
_PLAIN: Final = tuple(field.name for field in fields(Answer) if field.name not in ("embedding", "look"))
_SHOWN: Final = 60
"""Letters of a setting that a message shows."""


class Kept:
    """The answers that are kept for one output; `resuming` makes it.

    Attributes:
        file: Where they are.
        rows: How many there are that hold; known after `after`.
    """

    def __init__(self, file: Path, output: Path) -> None:
        """Look at what there is; where nothing can be read of it, the run begins anew."""
        self.file, self.rows = file, 0
        self._output, self._every = output, 1
        self._settings: dict[str, Any] = {}
        with file.open("ab+") as stream:
            stream.seek(0)
            header = _whole(stream.readline())
            self._start = stream.tell()
        if header is None or header.get("format") != FORMAT:
            os.truncate(file, 0)
            self._start = 0
        else:
            self._settings = header["settings"]

    def agree(self, settings: Mapping[str, Any]) -> None:
        """Refuse to go on with a run of other settings; further ones may be told later.

        Args:
            settings: Plain values that answers depend on, by the names that messages give them.

        Raises:
            DataError: Some differ; all of them are named.
        """
        asked = json.loads(json.dumps(dict(settings)))
        changed = [
            f"{name} was {_short(self._settings[name])} and is {_short(value)}"
            for name, value in asked.items()
            if self._settings.get(name, value) != value
        ]
        if changed:
            self._refuse("; ".join(changed))
        self._settings |= asked

    def after(self, sources: Iterable[str], *, every: int) -> Iterator[str]:
        """Return the sources without an answer, once it is sure that those before are what they were.

        Args:
            sources: All of them, in their order.
            every: Images of a batch. A last batch that is not full is given up, for the list may have grown.

        Raises:
            DataError: An image with an answer has another place in the list, is not in it, or has changed.
        """
        waiting, self._every, end = iter(sources), every, self._start
        for batch, place in self._batches():
            if len(batch["answers"]) != every:
                break
            for answer, state in zip(batch["answers"], batch["files"], strict=True):
                self._check(answer["path"], state, next(waiting, None))
                self.rows += 1
            end = place
        os.truncate(self.file, end)
        _log.info("%s: %d answers are kept", self.file, self.rows)
        return waiting

    def joined(self, answers: Iterable[Answer], *, embedding: bool = True) -> Iterator[Answer]:
        """Yield the answers that are kept, then further ones, each batch of which is kept before it passes.

        Args:
            answers: To what `after` returned.
            embedding: Keep embeddings, too.

        Raises:
            DataError: There is no room to keep them; those before are kept.
        """
        for kept, _ in self._batches():
            yield from map(_answer, kept["answers"])
        coming = iter(answers)
        while batch := list(islice(coming, self._every)):
            stored = [_stored(answer, embedding=embedding) for answer in batch]
            self._add({"answers": stored, "files": [_state(answer.path) for answer in batch]})
            self.rows += len(batch)
            yield from batch

    def finish(self) -> None:
        """Remove what is kept: the output is complete."""
        self.file.unlink(missing_ok=True)

    def _batches(self) -> Iterator[tuple[dict[str, Any], int]]:
        """Yield each whole line, and where it ends; nothing that follows a damaged one."""
        with self.file.open("rb") as stream:
            place = stream.seek(self._start)
            for line in stream:
                if (batch := _whole(line)) is None:
                    return
                place += len(line)
                yield batch, place

    def _add(self, batch: Mapping[str, Any]) -> None:
        """Add a line; the first one brings the settings with it."""
        header = b"" if self._start else sealed({"format": FORMAT, "settings": self._settings})
        try:
            append(self.file, header + sealed(batch))
            self._start = self._start or len(header)
        except OSError as error:
            raise DataError(f"{self.file}: cannot be written ({told(error)}); make room and go on") from error

    def _check(self, path: str, state: Any, source: str | None) -> None:
        """Refuse where the image at a place is not the one that was answered for."""
        if source is None:
            self._refuse(f"the list of images ends after {self.rows:,}, before those that have an answer")
        if source != path:
            self._refuse(f"image {self.rows + 1:,} of the list was {path} and is {source}")
        if state != _state(path):
            self._refuse(f"{path} was changed since it has an answer")

    def _refuse(self, reason: str) -> NoReturn:
        raise DataError(
            f"--resume {self._output}: {reason}; answers of two kinds would be mixed. Go on as it was begun, "
            f"or remove {self.file} to begin anew"
        )


@contextmanager
def resuming(output: Path) -> Iterator[Kept]:
    """Give what is kept for an output; nobody else is given it meanwhile.

    Raises:
        DataError: Another process writes the same output, it is no file, or nothing can be kept beside it.
    """
    if output.exists() and not output.is_file():
        raise DataError(f"--resume {output}: answers are kept beside a file, and this is none")
    file = output.with_name(f".{output.name}.resume")
    lock = FileLock(file.with_name(f"{file.name}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise DataError(
            f"--resume {output}: another process is writing it; wait for its end, or name another file"
        ) from error
    except OSError as error:
        raise DataError(f"--resume {output}: nothing can be kept beside it ({told(error)})") from error
    try:
        yield _opened(file, output)
    finally:
        if file.exists() and not file.stat().st_size:
            file.unlink()
        Path(lock.lock_file).unlink(missing_ok=True)  # while it is held, so that nobody else holds this name
        lock.release()


def _opened(file: Path, output: Path) -> Kept:
    try:
        return Kept(file, output)
    except OSError as error:
        raise DataError(
            f"--resume {output}: {file} cannot be read or written ({told(error)}); remove it, or name "
            "another file"
        ) from error


def _whole(line: bytes) -> dict[str, Any] | None:
    return opened(line) if line.endswith(b"\n") else None


def _stored(answer: Answer, *, embedding: bool) -> dict[str, Any]:
    """Return an answer as JSON has it, every number exact."""
    plain = {name: getattr(answer, name) for name in _PLAIN}
    if embedding and answer.embedding is not None:
        plain["embedding"] = base64.b64encode(answer.embedding.astype("<f4").tobytes()).decode()
    return plain


def _answer(stored: dict[str, Any]) -> Answer:
    vector = stored.pop("embedding", None)
    embedding = None if vector is None else np.frombuffer(base64.b64decode(vector), dtype="<f4")
    return Answer(**stored, embedding=embedding)


def _state(path: str | None) -> list[int] | None:
    """Return what tells that a file was changed: size and time; None where there is none."""
    try:
        found = os.stat(path or "")  # noqa: PTH116 (Path would lose a trailing slash)
    except (OSError, ValueError):
        return None
    return [found.st_size, found.st_mtime_ns]


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
