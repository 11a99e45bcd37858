"""Made tables: a folder of pictures that nobody took, and the Table that says what they were made for.

pictures/*.png   the pictures
pictures.csv     a Table (docs/table.md): path; label and valence, arousal, dominance are what was asked for;
                 source names the way ("atlas-cppn", "gan", "optimised" …), model whom it was made for

rows = pd.DataFrame({"label": ["awe"], "source": "gan", "model": "embedded", "seed": [3]})
write_made("run", quantized(pictures), rows, taxonomy=judge.taxonomy)
read_made("run").labels

It is a table like any other: `evocative predict`, `evaluate` and `compare-pictures` take it.
"""

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from evocative.data.atomic import replacing
from evocative.data.columns import AXES
from evocative.data.table import Table, check_table, read_table, write_table
from evocative.errors import DataError
from evocative.taxonomy.labels import Taxonomy

FILE: Final = "pictures.csv"
FOLDER: Final = "pictures"
TARGETS: Final = ("label", *AXES)
"""What may be asked of a picture; at least one of them in a row that is compared with its target."""
NEEDED: Final = ("source", "model")
OPTIONAL: Final = ("seed", "genome", "found")
"""seed of the run; genome as JSON text; found, what its maker thought of it (a fitness or a probability)."""


def write_made(
    folder: str | Path,
    pictures: UInt8[Tensor, "N 3 H W"],
    rows: pd.DataFrame,
    *,
    taxonomy: Taxonomy | None = None,
    name: str | None = None,
) -> Path:
    """Write pictures and their table into a folder; return the table's file.

    The pictures' names hold a digest of their pixels and the table is written last, so that a run that is
    killed leaves an older table and its pictures as they were. Pictures that only the older table named are
    removed.

    Args:
        folder: Is made if missing.
        pictures: As they are saved, without loss, as PNG.
        rows: One a picture, in their order: `source` and `model` in each, and what was asked for. Further
            columns pass through; a column `path` is replaced.
        taxonomy: Whose labels the rows have; by default the published one that fits.
        name: What reports call the table; by default the folder's name.

    Raises:
        DataError: The rows do not fit the pictures, lack a column, or are no table; it cannot be written.
    """
    folder = Path(folder)
    _check(rows, len(pictures))
    pixels = pictures.permute(0, 2, 3, 1).contiguous().cpu().numpy()
    paths = [f"{FOLDER}/{picture_file(place, each)}" for place, each in enumerate(pixels)]
    frame = rows.reset_index(drop=True).assign(path=paths)
    for column in OPTIONAL:
        frame[column] = frame.get(column, pd.NA)
    table = Table(frame, taxonomy=taxonomy, root=folder, name=name or folder.name)
    if taxonomy is not None:
        check_table(table, files=False)
    older = _older(folder)
    for path, each in zip(paths, pixels, strict=True):
        with replacing(folder / path) as unfinished:
            Image.fromarray(each).save(unfinished, format="PNG")
    write_table(table, folder / FILE)
    for path in older - set(paths):
        with suppress(OSError):
            (folder / path).unlink()
    return folder / FILE


def read_made(path: str | Path, *, taxonomy: Taxonomy | None = None) -> Table:
    """Read the table of made pictures.

    Args:
        path: The folder that `write_made` wrote, or its table, or any table with the columns of one.
        taxonomy: As of `read_table`.

    Raises:
        DataError: There is no such table, it has mistakes, or does not say how or for whom its pictures were
            made.
    """
    path = Path(path)
    table = read_table(path / FILE if path.is_dir() else path, taxonomy=taxonomy)
    for column in NEEDED:
        if column not in table.frame.columns or table.frame[column].isna().any():
            raise DataError(
                f"{path}: made pictures need {column!r} in every row "
                f"({'the way they were made' if column == 'source' else 'whom they were made for'}); add it"
            )
    return table


def _check(rows: pd.DataFrame, count: int) -> None:
    if len(rows) != count:
        raise DataError(f"made pictures: {len(rows)} rows for {count} pictures; give one row a picture")
    for column in NEEDED:
        if column not in rows.columns or rows[column].isna().any():
            raise DataError(f"made pictures: every row needs {column!r}; there are {', '.join(rows.columns)}")
    if not any(column in rows.columns for column in TARGETS):
        raise DataError(f"made pictures: rows say what was asked for: one of {', '.join(TARGETS)}")


def picture_file(place: int, pixels: UInt8[np.ndarray, "H W 3"]) -> str:
    """Return a picture's file name: a number, and a digest of its pixels, so that no other overwrites it."""
    digest = hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()
    return f"{place:05d}-{digest[:8]}.png"


def _older(folder: Path) -> set[str]:
    """Return the pictures that an older table in this folder names; none where it cannot be read."""
    if not (folder / FILE).is_file():
        return set()
    with suppress(DataError):
        paths = read_table(folder / FILE, check=False).frame["path"].dropna()
        return {path for path in paths if Path(path).parent == Path(FOLDER) and Path(path).suffix == ".png"}
    return set()
