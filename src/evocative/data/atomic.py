"""Files that are either written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from evocative.errors import DataError


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
        raise DataError(
            f"{path}: cannot be written ({error.strerror or error}); choose another place"
        ) from error
    finally:
        with suppress(OSError):
            unfinished.unlink()
