"""Fingerprints kept on disk, by the content of the images' files.

store/fingerprints-1/
    5a1e….parquet      rows: file (SHA-256), pixels (SHA-256), thumbnail (1,024 bytes), width, height

Files are only added, each whole or not at all: what was finished before an interruption stays. One that
is damaged is passed over, and what it held is computed anew.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from evocative.data.atomic import replacing

ROWS_A_FILE = 512
"""Images whose fingerprints are written at once: what an interruption can lose."""
COLUMNS = ("file", "pixels", "thumbnail", "width", "height")

Print = tuple[str, bytes, int, int]
"""Digest of the pixels, thumbnail, width and height."""
Compute = Callable[[Sequence[str]], Iterator[tuple[str, Print]]]
"""Computes what is missing, by the files' digests; what cannot be read is left out."""


class PrintStore:
    """Fingerprints below a folder, or, without one, computed anew each time."""

    def __init__(self, folder: str | Path | None) -> None:
        """Use a folder; it is made when something is written."""
        self.folder = None if folder is None else Path(folder) / "fingerprints-1"

    def get(self, keys: Sequence[str], compute: Compute) -> dict[str, Print]:
        """Return fingerprints by file digest; images that cannot be read have none.

        Raises:
            DataError: The folder cannot be written.
        """
        wanted = set(keys)
        known = {key: print_ for key, print_ in self._stored() if key in wanted}
        fresh = compute([key for key in keys if key not in known]) if len(known) < len(wanted) else iter(())
        while rows := list(islice(fresh, ROWS_A_FILE)):
            known.update(rows)
            self._write(rows)
        return known

    def _stored(self) -> Iterator[tuple[str, Print]]:
        for file in sorted(self.folder.glob("*.parquet")) if self.folder else ():
            try:
                columns = parquet.read_table(file, columns=list(COLUMNS)).to_pydict()
            except (OSError, pa.ArrowException):
                continue  # a damaged file: its images are done again
            for key, *rest in zip(*(columns[name] for name in COLUMNS), strict=True):
                yield key, (rest[0], rest[1], rest[2], rest[3])

    def _write(self, rows: list[tuple[str, Print]]) -> None:
        if self.folder is None:
            return
        columns = zip(*((key, *print_) for key, print_ in rows), strict=True)
        table = pa.table({name: list(values) for name, values in zip(COLUMNS, columns, strict=True)})
        digest = hashlib.sha256("".join(key for key, _ in rows).encode()).hexdigest()[:16]
        with replacing(self.folder / f"{digest}.parquet") as unfinished:
            parquet.write_table(table, unfinished)
