"""One process at a time in a folder: two that went on with one run would mix what they write.

    with alone(Path("runs/default")):
        …

The lock is the system's (`filelock`), so that it ends with the process, whatever ends it: nothing stale is
left behind by SIGKILL. The file `.lock` stays, and means nothing by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from evocative.data.atomic import make_folder, told
from evocative.errors import DataError

FILE = ".lock"


@contextmanager
def alone(folder: Path, *, needed: bool = True) -> Iterator[None]:
    """Hold a folder for this process; make it where it is missing.

    Args:
        folder: Whose files only this process may write.
        needed: Whether this process is the one that writes; the others of one run pass by.

    Raises:
        DataError: Another process has it, or no lock can be made there.
    """
    if not needed:
        yield
        return
    lock = FileLock(make_folder(folder) / FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DataError(
            f"{folder}: another process is at work here; wait until it has ended, or choose another folder"
        ) from error
    except OSError as error:
        raise DataError(f"{folder}: cannot be written to ({told(error)}); choose another folder") from error
    try:
        yield
    finally:
        lock.release()
