"""A file named by its content: what is kept of an image is found again wherever the image lies."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import UInt64

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


def content_digests(paths: Sequence[Path]) -> list[str | None]:
    """Return what `content_digest` says of each path, in their order; each is read once, by several threads.

    Reading is what takes the time, so that it is bounded by the disk: about as long as copying the files.
    """
    unique = list(dict.fromkeys(paths))
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        known = dict(zip(unique, pool.map(content_digest, unique, chunksize=64), strict=True))
    return [known[path] for path in paths]


def short_digest(digest: str) -> int:
    """Return the first 64 bits of a SHA-256."""
    return int(digest[:16], 16)


def short_digests(digests: Sequence[str | None]) -> UInt64[np.ndarray, " M"]:
    """Return the first 64 bits of each SHA-256, rising, each once; files that cannot be read are left out.

    Two of ten million files share theirs by chance with a probability of 3 in a million.

    Example:
        >>> short_digests(["ff" * 32, None, "00" * 31 + "01"]).tolist()
        [0, 18446744073709551615]
    """
    numbers = [short_digest(digest) for digest in digests if digest is not None]
    return np.unique(np.array(numbers, dtype=np.uint64))
