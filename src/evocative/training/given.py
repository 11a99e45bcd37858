"""What a run was given beside its recipe: the rows of each part in their order, and the weights at its start.

runs/default/given.parquet      one row a row of the run

    part, path, image (the first 16 digits of its file's SHA-256), label, valence …, valence_sd …,
    votes_…, group
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from jaxtyping import UInt64

from evocative.data.columns import AXES, SD_COLUMNS, SPLITS, vote_columns
from evocative.data.content import content_digest, content_digests, short_digests
from evocative.data.storage import read_rows, write_rows
from evocative.data.table import Table
from evocative.errors import DataError
from evocative.training.sources import Parts

FILE: Final = "given.parquet"
IMAGE: Final = "image"
_READ: Final = ("label", *AXES, *SD_COLUMNS, *(f"{axis}_n" for axis in AXES), "group")
"""Columns that a run may read, beside votes; others may change."""
_WEIGHTS: Final = ("model.safetensors", "config.json")

Digests = Callable[[Sequence[Path]], list[str | None]]
"""The SHA-256 of files, as `content_digests` has it."""


@dataclass(frozen=True, eq=False)
class Given:
    """Rows and weights of a run."""

    rows: pd.DataFrame
    """part, path, image, and what the run may read of them."""
    taxonomy: Mapping[str, Any] | None
    """Of the labels, as `Taxonomy.to_dict` has it."""
    weights: Mapping[str, str]
    """Each file that the recipe names to its SHA-256; a hub's and timm's have versions of their own."""

    @classmethod
    def of(cls, parts: Parts, weights: Sequence[Path] = (), *, digests: Digests = content_digests) -> "Given":
        """Take note of what a run would be given now; every image is read."""
        tables = dict(zip(SPLITS, (parts.train, parts.validation, parts.test), strict=True))
        images = iter(digests([path for table in tables.values() for path in table.paths]))
        frames = [_frame(table, part, images) for part, table in tables.items()]
        taxonomy = parts.train.taxonomy
        files = {f"{path.name}": path for path in weights if path.is_file()}
        files |= {
            f"{_name(path)}/{name}": path / name for path in weights if path.is_dir() for name in _WEIGHTS
        }
        return cls(
            pd.concat([frame for frame in frames if len(frame)], ignore_index=True),
            None if taxonomy is None else json.loads(json.dumps(taxonomy.to_dict())),
            {name: content_digest(path) or "cannot be read" for name, path in files.items()},
        )

    @property
    def digest(self) -> str:
        """The SHA-256 of the rows, their order and their taxonomy."""
        found = hashlib.sha256(json.dumps(self.taxonomy, sort_keys=True).encode())
        for name in sorted(self.rows.columns):
            if self.rows[name].notna().any():
                found.update(f"\0{name}\0".encode() + "\0".join(map(cell_text, self.rows[name])).encode())
        return found.hexdigest()

    def images(self, part: str) -> list[str | None]:
        """Return the first 16 digits of the SHA-256 of each image of a part; None: it cannot be read."""
        found = self.rows.loc[self.rows["part"] == part, IMAGE]
        return [None if pd.isna(digest) else str(digest) for digest in found]

    @property
    def training_images(self) -> UInt64[np.ndarray, " M"]:
        """The first 64 bits of the SHA-256 of each image that is learnt from, rising."""
        return short_digests(self.images("train"))

    def write(self, path: Path) -> None:
        """Write it, whole or not at all."""
        about = {
            "kind": "given",
            "taxonomy": self.taxonomy,
            "weights": dict(self.weights),
            "digest": self.digest,
        }
        write_rows(self.rows, about, path)


def read_given(path: Path) -> Given:
    """Read what `Given.write` wrote.

    Raises:
        DataError: It cannot be read, or is something else.
    """
    rows, about = read_rows(path)
    weights = about.get("weights")
    if (
        about.get("kind") != "given"
        or not isinstance(weights, dict)
        or not {"part", "path"} <= set(rows.columns)
    ):
        raise DataError(f"{path}: does not say what a run was given; remove the run's folder and train anew")
    return Given(rows, about.get("taxonomy"), weights)


def cell_text(value: Any) -> str:
    """Return a cell as text that is the same for the same value, whatever type a file gave it."""
    return "" if pd.isna(value) else repr(float(value)) if isinstance(value, Real) else str(value)


def _frame(table: Table, part: str, images: Iterator[str | None]) -> pd.DataFrame:
    columns = [name for name in (*_READ, *vote_columns(table.frame)) if name in table.frame.columns]
    digests = [None if digest is None else digest[:16] for _, digest in zip(range(len(table)), images)]  # noqa: B905
    first = pd.DataFrame(
        {"part": part, "path": table.frame["path"], IMAGE: pd.array(digests, dtype="string")}
    )
    return pd.concat([first, table.frame[columns]], axis="columns")


def _name(folder: Path) -> str:
    """Return what a model's folder is called: RUN/model for RUN's."""
    return f"{folder.parent.name}/{folder.name}" if folder.name == "model" else folder.name
