"""A file named by its content: what is kept of an image is found again wherever the image lies."""

import hashlib
from pathlib import Path


def content_digest(path: Path) -> str | None:
    """Return the SHA-256 of a file's content; None where it cannot be read or is no plain file.

    Example:
        >>> content_digest(Path("no/such/file.jpg")) is None
        True
    """
    try:
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, ValueError):
        return None
