"""The one place where files come to be: whole or not at all, and never in the place of what they are made of.

    with replacing(Path("figures.json")) as unfinished:
        unfinished.write_text("{}")

What has the name already decides what is written to:

- a plain file is replaced, unless it is an input of the same call, under whatever name (`keeping`);
- of a link it is the file at the far end, which may be missing;
- what is no file (a device, a pipe, `/dev/stdout`) is passed the bytes as it is;
- a folder is refused.
"""

import errno
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from evocative.errors import DataError

FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where there is no room: on the disk, in the quota, for a file so large."""
_DESCRIPTORS: Final = re.compile(r"/proc/(self|thread-self|\d+)(/task/\d+)?/fd|/dev/fd")
_LONGEST: Final = 200
"""Bytes of a name that a temporary name keeps: systems allow 255."""

_File = tuple[int, int]
"""A file, whatever it is called: its device and its number there."""


@dataclass
class _Call:
    """What one call reads, and what it wrote."""

    folders: tuple[Path, ...] = ()
    read: set[_File] = field(default_factory=set)
    made: set[_File] = field(default_factory=set)


_calls: list[_Call] = []
"""The calls that are under way, the innermost last; threads of a call share it."""


@contextmanager
def keeping(inputs: Iterable[str | Path]) -> Iterator[None]:
    """Within the block, refuse to replace inputs: those named here, and every picture that is read meanwhile.

    Args:
        inputs: Files and folders, under any name; what does not exist is left out. Of a folder nothing may be
            replaced as a whole (`folder_destination`); the files in it count as they are named or read.
    """
    paths = [Path(path) for path in inputs]
    call = _Call(
        folders=tuple(Path(os.path.realpath(path)) for path in paths if os.path.isdir(path)),  # noqa: PTH112
        read=set().union(*map(_plain_file, paths)),
    )
    _calls.append(call)
    try:
        yield
    finally:
        _calls.remove(call)


def noticed(status: os.stat_result) -> None:
    """Take note that a file is read, so that the call under way does not replace it."""
    if _calls:
        call, file = _calls[-1], (status.st_dev, status.st_ino)
        if file not in call.made:
            call.read.add(file)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path, and put what is written there in the place of `path` if the block ends well.

    Missing folders above `path` are made. After an exception nothing is left and an older file stays.

    Raises:
        DataError: The folder cannot be made or written to, or what has the name is an input or a folder.

    Example:
        with replacing(Path("figures.json")) as unfinished:
            unfinished.write_text("{}")
    """
    try:
        target = destination(path)
        with _spooled(path) if target is None else _beside(target) as unfinished:
            yield unfinished
    except OSError as error:
        room = "make room or " if error.errno in FULL else ""
        raise DataError(
            f"{path}: cannot be written ({told(error)}); {room}choose another place (an older file stays as "
            "it was)"
        ) from error


@contextmanager
def appending(path: Path) -> Iterator[TextIO]:
    """Open a text file to write on below what it has.

    Raises:
        DataError: It cannot be written to, or is an input or a folder.
    """
    try:
        target = destination(path) or path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("a", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({told(error)}); choose another place") from error


def remove(path: Path) -> None:
    """Remove a file of an older call, where there is one.

    Raises:
        DataError: It is an input of this call, or no plain file.
    """
    if destination(path) is not None:
        path.unlink(missing_ok=True)


def destination(path: Path) -> Path | None:
    """Return the plain file that is to be written, links followed; None where the name is no file's.

    Raises:
        DataError: It is a folder, an input of the call under way, or a name that cannot be.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        return Path(os.path.realpath(path))
    except (OSError, ValueError) as error:
        why = told(error) if isinstance(error, OSError) else error
        raise DataError(f"{path}: cannot be written ({why}); choose another place") from error
    if stat.S_ISDIR(status.st_mode):
        raise DataError(f"{path}: is a folder; name a file, as {path / 'output'}")
    if not stat.S_ISREG(status.st_mode) or _descriptor(path) is not None:
        return None
    if _calls and (status.st_dev, status.st_ino) in _calls[-1].read - _calls[-1].made:
        raise DataError(
            f"{path}: is an input of this call, and an output never replaces what it is made of; "
            "name another file"
        )
    return Path(os.path.realpath(path))


def folder_destination(folder: Path) -> Path:
    """Return the folder that is to be replaced as a whole, links followed.

    Raises:
        DataError: It is an input of the call under way, or holds one.
    """
    target = Path(os.path.realpath(folder))
    for given in _calls[-1].folders if _calls else ():
        if given.is_relative_to(target):
            raise DataError(
                f"{folder}: is an input of this call, and an output never replaces what it is made of; "
                "name another folder"
            )
    return target


def make_folder(folder: Path) -> Path:
    """Make a folder where it is missing, those above it as well.

    Raises:
        DataError: It cannot be made, as where a file has its name.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder}: cannot be made ({told(error)}); choose another folder") from error
    return folder


def told(error: OSError) -> str:
    """Say what went wrong with a file, in the system's words.

    Example:
        >>> told(OSError(errno.ENOSPC, "error while writing bytes to the file"))
        'No space left on device'
    """
    return os.strerror(error.errno) if error.errno else str(error)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give a name beside a plain file, and rename what is there to it."""
    name = target.name if len(os.fsencode(target.name)) <= _LONGEST else target.name[: _LONGEST // 4]
    unfinished = target.with_name(f".{name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        destination(target)  # what was read meanwhile is an input as well
        unfinished.replace(target)
        if _calls:
            _calls[-1].made |= _plain_file(target)
    finally:
        with suppress(OSError):
            unfinished.unlink()


@contextmanager
def _spooled(path: Path) -> Iterator[Path]:
    """Give a name in a folder of its own, and pass what is there on to what is no plain file."""
    with tempfile.TemporaryDirectory(prefix="evocative-") as folder:
        unfinished = Path(folder) / (path.name or "output")
        yield unfinished
        number = _descriptor(path)
        if number is not None:
            sys.stdout.flush()  # what was said before comes before
        opened = os.open(path, os.O_WRONLY) if number is None else os.dup(number)
        with os.fdopen(opened, "wb") as stream, unfinished.open("rb") as file:
            shutil.copyfileobj(file, stream)


def _descriptor(path: Path) -> int | None:
    """Return the open file of this process that a name such as /dev/stdout stands for, if it does."""
    for _ in range(40):  # as many links as Linux follows
        parent = os.path.realpath(path.parent)
        match = _DESCRIPTORS.fullmatch(parent)
        if match and path.name.isdecimal():
            return int(path.name) if match[1] in (None, "self", "thread-self", str(os.getpid())) else None
        if not path.is_symlink():
            return None
        path = Path(parent) / path.readlink()
    return None


def _plain_file(path: Path) -> set[_File]:
    """Return a plain file, whatever it is called; nothing if it is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return set()
    return {(status.st_dev, status.st_ino)} if stat.S_ISREG(status.st_mode) else set()
