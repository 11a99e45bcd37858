"""Lines of JSON that bear a checksum, in a file that only grows: what was cut off or damaged is seen.

    append(Path("kept.jsonl"), sealed({"sha256": "ab…", "value": 0.5}))
    opened(b'{"sha256": "ab…", "value": 0.5, "crc32": "5f3c9a10"}')     # the values; None if it is not whole

A kill costs the line that was being written; a full disk as well, and every line before it stays.
"""

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_CRC: Final = b', "crc32": "%08x"}'
_CRC_BYTES: Final = len(_CRC % 0)


def sealed(values: Mapping[str, Any]) -> bytes:
    """Return a line: the values, which JSON has words for, and their CRC-32 as `crc32`."""
    body = json.dumps(dict(values))[:-1].encode()
    return body + _CRC % zlib.crc32(body) + b"\n"


def opened(line: bytes) -> dict[str, Any] | None:
    """Return a line's values; None where it was cut off, is damaged or is no such line.

    Example:
        >>> opened(sealed({"value": 0.5})), opened(sealed({"value": 0.5})[:-3])
        ({'value': 0.5}, None)
    """
    line = line.strip()
    body = line[:-_CRC_BYTES]
    if line[-_CRC_BYTES:] != _CRC % zlib.crc32(body):
        return None
    try:
        values = json.loads(body + b"}")
    except ValueError:
        return None
    return values if isinstance(values, dict) else None


def append(file: Path, lines: bytes) -> None:
    """Add lines to a file, after whatever an interruption left.

    Raises:
        OSError: There is no room for all of them; those that fit stay.
    """
    with file.open("ab+", buffering=0) as stream:
        end = stream.seek(0, os.SEEK_END)
        if end:
            stream.seek(end - 1)
            lines = lines if stream.read(1) == b"\n" else b"\n" + lines
        written = 0
        try:
            while written < len(lines):
                written += stream.write(lines[written:]) or 0
        except OSError:
            stream.truncate(end + lines.rfind(b"\n", 0, written) + 1)
            raise
