"""What a detector said of images, kept on disk by their content, so that a run goes on where it stopped.

store/
    text-3f9c….jsonl      one detector with its settings; a line an image

A line is written as soon as its image is done. A line that an interruption or a full disk cut off is passed
over, and its image is looked at again; the others count. A renamed image is found again, a changed one not.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evocative.errors import DataError


@dataclass(frozen=True)
class Look:
    """What a detector says of one image.

    Example:
        >>> Look(0.93, "SALE").score
        0.93
    """

    score: float | None
    """How surely the image shows what is looked for, from 0 to 1, .5 being the detector's own threshold;
    None where the image cannot be read."""
    evidence: str = ""
    """What was seen, in words; or why there is no image."""


class LookStore:
    """Looks by image content, in one file below a folder; without a folder nothing is kept."""

    def __init__(self, folder: str | Path | None, kind: str, about: Mapping[str, Any]) -> None:
        """Open the looks of one detector.

        Args:
            folder: It is made when something is written.
            kind: What is looked for, a part of the file's name.
            about: Everything that a look depends on but the image; plain values, as JSON has them.

        Raises:
            DataError: There is a file, and it cannot be read.
        """
        digest = hashlib.sha256(json.dumps(dict(about), sort_keys=True).encode()).hexdigest()[:24]
        self.file = None if folder is None else Path(folder) / f"{kind}-{digest}.jsonl"
        self.known = {} if self.file is None else _read(self.file)

    def add(self, content: str, look: Look) -> None:
        """Keep a look.

        Raises:
            DataError: It cannot be written; what was kept before stays.
        """
        self.known[content] = look
        if self.file is None:
            return
        line = json.dumps({"sha256": content, **asdict(look)}, ensure_ascii=True)
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("ab") as stream:
                stream.write((line + "\n").encode() if _ends_well(self.file) else f"\n{line}\n".encode())
        except OSError as error:
            raise DataError(
                f"{self.file}: cannot be written ({error.strerror or error}); make room or choose another "
                f"folder, and start again: what was finished is kept"
            ) from error


def _ends_well(file: Path) -> bool:
    """Tell whether the last line is whole."""
    with file.open("rb") as stream:
        if stream.seek(0, os.SEEK_END) == 0:
            return True
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"


def _read(file: Path) -> dict[str, Look]:
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DataError(
            f"{file}: cannot be read ({error.strerror or error}); choose another folder"
        ) from error
    known = {}
    for line in lines:
        try:
            row = json.loads(line)
            score = None if row["score"] is None else float(row["score"])
            if score is None or 0 <= score <= 1:
                known[str(row["sha256"])] = Look(score, str(row["evidence"]))
        except (ValueError, TypeError, KeyError):
            continue  # cut off: looked at again
    return known
