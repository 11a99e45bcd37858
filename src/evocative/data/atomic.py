"""Files that are either written whole or not at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from evocative.errors import DataError

FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where there is no room: on the disk, in the quota, for a file so large."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, and rename it to `path` if the block ends well.

    Missing folders above `path` are made. After an exception nothing is left and an older file stays.

    Raises:
        DataError: The folder cannot be made or written to.

    Example:
        with replacing(Path("figures.json")) as unfinished:
            unfinished.write_text("{}")
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        room = "make room or " if error.errno in FULL else ""
        raise DataError(
            f"{path}: cannot be written ({told(error)}); {room}choose another place (an older file stays as "
            "it was)"
        ) from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


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
