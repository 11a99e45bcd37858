"""A table's images as small pictures in memory: decoded once, kept for the next run.

small = small_pictures(table, size=64, fit="crop", cache=Path("cache"))
small.pixels, small.rows, small.unreadable
"""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from numpy.typing import NDArray
from torch import Tensor

from evocative.data.atomic import replacing
from evocative.data.content import content_digests
from evocative.data.image import decode
from evocative.data.table import Table
from evocative.data.transforms import evaluation_transform
from evocative.errors import DataError
from evocative.preprocessing import Fit, Preprocessing


class SmallPictures(NamedTuple):
    """A table's images, small."""

    pixels: UInt8[Tensor, "M 3 S S"]
    rows: Int64[np.ndarray, " M"]
    """The row of the table that each is of."""
    unreadable: tuple[str, ...] = ()
    """What could not be decoded, and why: a line an image."""


def small_pictures(
    table: Table, *, size: int, fit: Fit = "crop", once: bool = True, cache: Path | None = None
) -> SmallPictures:
    """Decode a table's images at a small size; what cannot be read is left out.

    Args:
        table: Its paths are read.
        size: Height and width.
        fit: How an image becomes square, see `evocative.preprocessing`.
        once: Of pictures with the same pixels keep one, the first.
        cache: A folder to keep the pixels in; they are decoded again where a file's name or content differs.

    Raises:
        DataError: Not one image can be read; the message says why the first cannot.
    """
    path = None if cache is None else cache / f"pictures-{_key(table, size, fit)}.npz"
    if path is not None and path.is_file():
        with np.load(path, allow_pickle=False) as kept:
            pixels, rows, failures = kept["pixels"], kept["rows"], kept["unreadable"]
    else:
        pixels, rows, failures = _decoded(table, size, fit)
        if path is not None:
            with replacing(path) as unfinished, unfinished.open("wb") as file:
                np.savez(file, pixels=pixels, rows=rows, unreadable=failures)
    keep = _first_of_each(pixels) if once else np.arange(len(rows))
    return SmallPictures(torch.from_numpy(pixels[keep]), rows[keep], tuple(map(str, failures)))


def _decoded(
    table: Table, size: int, fit: Fit
) -> tuple[UInt8[np.ndarray, "M 3 S S"], Int64[np.ndarray, " M"], NDArray[Any]]:
    transform = evaluation_transform(Preprocessing(size=size, fit=fit, interpolation="bicubic"))
    pixels, rows, failures = [], [], []
    for row, path in enumerate(table.paths):
        try:
            pixels.append(transform(decode(path, at_least=2 * size)).numpy())
            rows.append(row)
        except DataError as error:
            failures.append(str(error))
    if not rows:
        raise DataError(
            f"{table.name}: none of {len(table)} images can be read; {(failures or ['it has none'])[0]}"
        )
    return np.stack(pixels), np.array(rows, dtype=np.int64), np.array(failures, dtype=np.str_)


def _first_of_each(pixels: UInt8[np.ndarray, "M 3 S S"]) -> Int64[np.ndarray, " K"]:
    digests = np.array([hashlib.sha256(each.tobytes()).hexdigest() for each in pixels])
    return np.sort(np.unique(digests, return_index=True)[1]).astype(np.int64)


def _key(table: Table, size: int, fit: Fit) -> str:
    contents = zip(table.frame["path"], content_digests(table.paths), strict=True)
    about = json.dumps([size, fit, list(contents)]).encode()
    return hashlib.sha256(about).hexdigest()[:24]
