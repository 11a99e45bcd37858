"""What a network says of images, kept on disk: by the content of each file, in Parquet.

store/
    3f9c…/                    one network, view, preprocessing and precision
        about.json            what they are
        pooled/               one kind of array
            5a1e….parquet     rows: sha256, and a fixed-size list of float16

A row is found again by the SHA-256 of the image file, so that a changed image is computed anew and a renamed
one is not. What was finished before an interruption stays; two processes do not do the same work twice. A
file that is damaged (pages bear checksums) is put aside as *.damaged, and what it held is computed anew.
"""

import hashlib
import json
import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from filelock import FileLock
from jaxtyping import Bool, Int64
from numpy.typing import NDArray
from pyarrow import parquet

from evocative.data.atomic import replacing, told
from evocative.data.content import content_digest, content_digests
from evocative.errors import CacheWarning, DataError

ROWS_A_FILE = 2048
"""Rows that are written at once."""
SECONDS_A_FILE = 10.0
"""Seconds after which rows are written though they are fewer: what a kill can lose."""
_HASH = "sha256"

Piece = tuple[Int64[np.ndarray, " n"], dict[str, NDArray[Any]]]
"""Rows of what was asked for, and their arrays (n, …) by name."""
Compute = Callable[[Int64[np.ndarray, " M"]], Iterator[Piece]]
"""Computes rows, in pieces; rows whose image cannot be read are left out."""


@dataclass(frozen=True)
class Found:
    """Arrays of the rows that were asked for."""

    arrays: dict[str, NDArray[Any]]
    """(N, …) by name; rows that are not `ok` hold zeros."""
    ok: Bool[np.ndarray, " N"]
    """Which rows have an image that could be read."""
    computed: int
    """How many had to be computed."""


class FeatureStore:
    """Arrays by image content, below a folder, or, without a folder, computed anew each time."""

    def __init__(self, folder: str | Path | None) -> None:
        """Use a folder; it is made when something is written."""
        self.folder = None if folder is None else Path(folder)

    def get(
        self, about: Mapping[str, Any], paths: Sequence[Path], *, shapes: Mapping[str, tuple[int, ...]],
        compute: Compute,
    ) -> Found:  # fmt: skip
        """Return arrays of images: stored ones from the folder, others computed and then stored.

        Args:
            about: Everything that the arrays depend on but the image; plain values, as JSON has them.
            paths: The images; the same content may come more than once.
            shapes: Of one image's array, by name. float16 is what `compute` gives and what is kept.
            compute: Computes the rows that are missing.

        Raises:
            DataError: The folder cannot be written, or a file in it not be opened. What was finished stays.
        """
        hashes = content_digests(paths)
        if self.folder is None:
            return self._assemble(hashes, shapes, {}, compute)
        name = hashlib.sha256(json.dumps(dict(about), sort_keys=True).encode()).hexdigest()[:24]
        folder = self.folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(
                f"{folder}: the feature store cannot be written ({error.strerror or error}); choose another"
            ) from error
        if not (folder / "about.json").exists():
            with replacing(folder / "about.json") as file:
                file.write_text(json.dumps(dict(about), indent=2) + "\n", encoding="utf-8")
        known = {name: _known(folder / name) for name in shapes}
        if all(key is None or key in places for key in hashes for places in known.values()):
            return self._assemble(hashes, shapes, known, compute, folder=folder)
        with FileLock(folder / "lock"):  # whoever waited finds the work done
            known = {name: _known(folder / name) for name in shapes}
            return self._assemble(hashes, shapes, known, compute, folder=folder)

    def _assemble(
        self, hashes: list[str | None], shapes: Mapping[str, tuple[int, ...]], known: "_Known",
        compute: Compute, *, folder: Path | None = None,
    ) -> Found:  # fmt: skip
        """Read what is known, compute the rest, and put every row where it was asked for."""
        arrays = {name: np.zeros((len(hashes), *shape), np.float16) for name, shape in shapes.items()}
        ok = np.full(len(hashes), bool(known))
        for name, places in known.items():
            ok &= _read(hashes, places, name, arrays[name])
        first: dict[str, int] = {}  # equal files are computed once
        for row, key in enumerate(hashes):
            if key is not None and not ok[row]:
                first.setdefault(key, row)
        missing = np.array(list(first.values()), dtype=np.int64)
        waiting: list[int] = []
        written = time.monotonic()
        try:
            for positions, found in compute(missing) if len(missing) else ():
                rows = missing[positions]
                for name, values in found.items():
                    arrays[name][rows] = _half(values, name)
                ok[rows] = True
                waiting += rows.tolist()
                if len(waiting) >= ROWS_A_FILE or time.monotonic() - written > SECONDS_A_FILE:
                    done, waiting = waiting, []
                    _write(folder, hashes, arrays, done)
                    written = time.monotonic()
        finally:  # an interruption loses nothing that was finished
            _write(folder, hashes, arrays, waiting)
        _copy(hashes, first, arrays, ok)
        return Found(arrays, ok, computed=len(missing))


@dataclass(frozen=True)
class _Place:
    """Where a row is stored."""

    file: Path
    row: int


def _copy(
    hashes: list[str | None],
    first: dict[str, int],
    arrays: dict[str, NDArray[Any]],
    ok: Bool[np.ndarray, " N"],
) -> None:
    """Give equal files the arrays of the first of them."""
    for row, key in enumerate(hashes):
        if key in first and row != first[key] and ok[first[key]]:
            for values in arrays.values():
                values[row] = values[first[key]]
            ok[row] = True


_Known = dict[str, dict[str, _Place]]
"""Of each kind of array, where the images' rows are."""


def _known(folder: Path) -> dict[str, _Place]:
    """Return where each stored image is; files that are damaged are put aside."""
    places: dict[str, _Place] = {}
    for file in sorted(folder.glob("*.parquet")):
        table = _opened(file, [_HASH], sound=_has_keys)
        keys = [] if table is None else table[_HASH].to_pylist()
        places |= {key: _Place(file, row) for row, key in enumerate(keys) if key not in places}
    return places


def _opened(file: Path, columns: list[str], *, sound: Callable[["pa.Table"], bool]) -> "pa.Table | None":
    """Read columns; put the file aside, and say so, where it is damaged, or not `sound`.

    Raises:
        DataError: The system does not let it be read or put aside.
    """
    try:
        table = parquet.read_table(file, columns=columns, page_checksum_verification=True)
        if sound(table):
            return table
    except FileNotFoundError:
        return None  # another process put it aside
    except Exception as error:  # damaged files raise anything
        if isinstance(error, OSError) and error.errno:  # the system's refusal says nothing of what is inside
            raise DataError(
                f"{file}: cannot be read ({told(error)}); choose another feature store"
            ) from error
    try:
        file.replace(file.with_name(file.name + ".damaged"))
    except OSError as error:
        raise DataError(f"{file}: this file of the feature store is damaged; remove it") from error
    warnings.warn(
        f"{file}: this file of the feature store is damaged and was put aside; what it held is computed anew",
        CacheWarning,
        stacklevel=2,
    )
    return None


def _has_keys(table: "pa.Table") -> bool:
    kind = table.schema.field(_HASH).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind)) and table[_HASH].null_count == 0


def _has_arrays(table: "pa.Table", *, name: str, shape: tuple[int, ...]) -> bool:
    kind = table.schema.field(name).type
    size = kind.list_size if pa.types.is_fixed_size_list(kind) else None
    return (
        size == math.prod(shape) and bool(pa.types.is_float16(kind.value_type)) and not table[name].null_count
    )


def _read(
    hashes: list[str | None], places: dict[str, _Place], name: str, values: NDArray[Any]
) -> Bool[np.ndarray, " N"]:
    """Fill in the rows that are stored, file by file, and say which they are."""
    found = np.zeros(len(hashes), dtype=bool)
    wanted: dict[Path, list[tuple[int, int]]] = {}
    for row, key in enumerate(hashes):
        if key is not None and key in places:
            wanted.setdefault(places[key].file, []).append((row, places[key].row))
    for file, pairs in wanted.items():
        rows, inside = (np.array(side) for side in zip(*pairs, strict=True))
        table = _opened(file, [name], sound=partial(_has_arrays, name=name, shape=values.shape[1:]))
        if table is None or inside.max() >= len(table):
            continue
        flat = table[name].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        values[rows] = flat.reshape(len(table), *values.shape[1:])[inside]
        found[rows] = True
    return found


def _write(
    folder: Path | None, hashes: list[str | None], arrays: dict[str, NDArray[Any]], rows: list[int]
) -> None:
    """Write rows to a file of their own, named after what is in it; nothing without a folder or rows."""
    if folder is None or not rows:
        return
    keys = [str(hashes[row]) for row in rows]
    digest = hashlib.sha256("".join(keys).encode()).hexdigest()[:16]
    for name, values in arrays.items():
        flat = np.ascontiguousarray(values[rows]).reshape(-1)
        column = pa.FixedSizeListArray.from_arrays(pa.array(flat), flat.size // len(rows))
        with replacing(folder / name / f"{digest}.parquet") as unfinished:
            table = pa.table({_HASH: pa.array(keys), name: column})
            parquet.write_table(table, unfinished, compression="none", use_dictionary=[_HASH],
                                  write_page_checksum=True)  # fmt: skip


def _half(values: NDArray[Any], name: str) -> NDArray[np.float16]:
    """Round to float16, and refuse what it cannot hold."""
    with np.errstate(over="ignore"):
        rounded = np.asarray(values).astype(np.float16)
    if not np.isfinite(rounded).all():
        raise DataError(
            f"feature store: {name} holds numbers beyond ±65,504 or that are none; the network's weights are "
            "damaged, or this map cannot be stored"
        )
    return rounded


def content_number(path: Path) -> int:
    """Return a number of 32 bits that depends on a file's content alone; 0 where it cannot be read."""
    return int((content_digest(path) or "0")[:8], 16)
