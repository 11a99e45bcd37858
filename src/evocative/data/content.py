"""A file named by its content: what is kept of an image is found again wherever the image lies."""

import hashlib
from pathlib import Path
from typing import Final

from evocative.data.opening import open_regular
from evocative.errors import DataError

EMPTY: Final = hashlib.sha256(b"").hexdigest()


def content_digest(path: Path) -> str | None:
    """Return the SHA-256 of a file's content; None where it cannot be read or is no plain file.

    Example:
        >>> content_digest(Path("no/such/file.jpg")) is None
        True
    """
    try:
        with open_regular(path) as (stream, size):
            return hashlib.file_digest(stream, "sha256").hexdigest() if size else EMPTY
    except (DataError, OSError):
        return None
