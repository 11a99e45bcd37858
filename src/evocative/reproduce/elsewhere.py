"""What a table's networks say of another data set than the one they were trained on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from evocative.data.content import content_digests
from evocative.data.splits import sample
from evocative.data.table import Table, check_table
from evocative.errors import ModelError
from evocative.inference.predictions import read_predictions, write_predictions
from evocative.inference.predictor import load
from evocative.reproduce.datasets import Found, read_rows
from evocative.reproduce.published import Row
from evocative.reproduce.quick import ROWS
from evocative.study.jobs import Job
from evocative.study.work import Places

_IMAGE: Final = "image"
"""Column of the SHA-256 of each image's file."""


@dataclass
class Elsewhere:
    """Data sets that are tested on whole, each read once."""

    found: Mapping[str, Found]
    places: Places
    quick: bool = False
    """Take a sample of the rows."""
    _tables: dict[str, Table] = field(default_factory=dict)

    def rows(self, row: Row) -> Table:
        """Return the rows of the data set that a table's row is tested on.

        Raises:
            DataError: It has mistakes, or no such options.
        """
        name = called(row)
        if name not in self._tables:
            table = read_rows(self.found[row.test], self.places.data_root, row.options)
            table = sample(table, ROWS["test"], seed=0) if self.quick else table
            check_table(table)
            self._tables[name] = table
        return self._tables[name]

    def predict(self, job: Job, row: Row) -> Path:
        """Return the file of what a finished run's network says of these rows.

        It is made once, and anew where the data set has other images by now, by their files' content.

        Raises:
            ModelError: The network is not kept.
        """
        path = job.folder / f"{called(row)}.parquet"
        table = self.rows(row)
        images = [digest or "" for digest in content_digests(table.paths)]
        if path.is_file() and _images(path) == list(zip(table.frame["path"], images, strict=True)):
            return path
        model = job.folder / "model"
        if not model.is_dir():
            raise ModelError(
                f"{model}: the network is not there any more; remove {job.folder} to train it anew"
            )
        kind = self.places.accelerator
        predictor = load(model, device="cuda" if kind == "gpu" else kind)
        bare = Table(table.frame[["path"]], root=table.root, name=table.name)
        found = predictor.predict_table(bare)
        write_predictions(replace(found, frame=found.frame.assign(**{_IMAGE: images})), path)
        return path


def _images(path: Path) -> list[tuple[str, str]]:
    """Return the names and digests of the images that were predicted; of an earlier version's file none."""
    frame = read_predictions(path).frame
    return list(zip(frame["path"], frame[_IMAGE].fillna(""), strict=True)) if _IMAGE in frame else []


def called(row: Row) -> str:
    """Return what files call the data set that a row is tested on, with its options.

    Example:
        >>> called(Row("sad", test="unbiasedemo", options={"size": "printed", "labels": "sadness"}))
        'unbiasedemo_labels-sadness_size-printed'
    """
    return "_".join([row.test, *(f"{name}-{value}" for name, value in sorted(row.options.items()))])
