"""Open files of other people's folders without waiting for anybody, and read no more than they say they have.

A name in a folder may be a pipe that nobody writes to, a device without end, or a file of /proc that blocks
its reader: what is opened here is a plain file, whatever its name was a moment ago.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final

from evocative.errors import DataError
from evocative.outputs import noticed, told

_FLAGS: Final = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
_FOLDER: Final = "it is a folder, not an image; give the images in it (and check that it may be read)"
_NO_FILE: Final = "it is a device or a pipe, not a file; save the image to a file first"
_NOWHERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
"""What the system says of a name that leads to no file."""


@contextmanager
def open_regular(path: Path, *, only_a_look: bool = False) -> Iterator[tuple[BufferedReader, int]]:
    """Open a plain file for reading, and say how many bytes it has.

    Args:
        path: The file.
        only_a_look: It is not made an input of the call by it (`outputs.noticed`).

    Raises:
        DataError: It is no plain file, leads nowhere or may not be read; the message does not name it.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise DataError(_unopened(path, error)) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise DataError(_FOLDER if stat.S_ISDIR(status.st_mode) else _NO_FILE)
    with os.fdopen(descriptor, "rb") as file:
        if not only_a_look:
            noticed(status)
        yield file, status.st_size


def read_start(path: Path, size: int) -> bytes:
    """Return a plain file's first bytes; none where it cannot be read or says that it has none."""
    try:
        with open_regular(path, only_a_look=True) as (file, total):
            return file.read(min(size, total))
    except (DataError, OSError):
        return b""


def read_whole(path: Path, *, limit: int) -> bytes:
    """Return a plain file's bytes.

    A file that says it has none is not read: those of /proc do, and some block their reader or never end.

    Args:
        path: The file.
        limit: Bytes at most.

    Raises:
        DataError: It has more, cannot be opened (see `open_regular`) or cannot be read.
    """
    try:
        with open_regular(path) as (file, size):
            if size > limit:
                raise DataError(f"the file has {size:,} bytes; raise max_pixels if it is an image")
            return file.read(size)
    except OSError as error:
        raise DataError(f"the file cannot be read ({told(error)}); check the path and the disk") from None


def _unopened(path: Path, error: OSError | ValueError) -> str:
    """Say why a file could not be opened, and what to do."""
    if isinstance(error, ValueError):
        return f"the file cannot be read ({error}); check the path and the disk"
    if error.errno in _NOWHERE and os.path.islink(path):  # noqa: PTH114 (Path.is_symlink may raise)
        return f"broken link to {path.readlink()} ({told(error)}); restore the file or remove the link"
    if error.errno == errno.ENOENT:
        return "there is no such file; check the path"
    if isinstance(error, PermissionError):
        return "the file may not be read; change its permissions"
    if error.errno in (errno.ENXIO, errno.ENODEV):  # a socket, or a device that is not there
        return _NO_FILE
    return f"the file cannot be read ({told(error)}); check the path and the disk"
