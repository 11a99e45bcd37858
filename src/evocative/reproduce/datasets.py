"""Which data sets lie below the data root: prepared tables, or copies that an adapter reads.

A data set is looked for by its name: `fi8.parquet` or `fi8.csv`, a table that `evocative prepare` wrote, else
the folder `fi8/` as its owners lay it out. So a data set that needs choices (of a level of labels, of a text
filter's column) is prepared once, with these choices, and found from then on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evocative.data.table import Table, read_table
from evocative.datasets import DATASETS
from evocative.errors import DataError, EvocativeError
from evocative.recipe import Source

TABLES = (".parquet", ".csv")
"""Endings of prepared tables, the first that is there is taken."""
IMAGES = "images"


@dataclass(frozen=True)
class Found:
    """A data set, and whether it can be used."""

    name: str
    source: Source | None
    """What a recipe reads; None where nothing is there."""
    rows: int = 0
    expected: int | None = None
    """How many images are published; None where that is unknown."""
    problem: str = ""
    """Why it cannot be used."""

    @property
    def usable(self) -> bool:
        """Whether it can be read."""
        return self.source is not None and not self.problem

    @property
    def whole(self) -> bool:
        """Whether as many images are there as are published."""
        return self.usable and (self.expected is None or self.rows >= self.expected)

    @property
    def told(self) -> str:
        """How much of it is there."""
        if not self.usable:
            return f"{self.name}: {self.problem or 'missing'}"
        of = "" if self.expected is None else f" of {self.expected:,}"
        return f"{self.name}: {self.rows:,}{of} images"

    @property
    def obtain(self) -> str:
        """How to get it."""
        if self.name not in DATASETS:
            return (
                f"{self.name}: this version has no reader for it; give a prepared table, {self.name}.csv or "
                f"{self.name}.parquet"
            )
        card = DATASETS[self.name]
        return f"{self.name}: {card.obtain} Lay it out as {self.name}/{card.layout}"


def find_datasets(names: Iterable[str], data_root: Path) -> dict[str, Found]:
    """Look for data sets, and count the images of those that are there."""
    return {name: find_dataset(name, data_root) for name in names}


def find_dataset(name: str, data_root: Path) -> Found:
    """Look for a data set below the data root."""
    card = DATASETS.get(name)
    expected = None if card is None else card.expected.get(IMAGES)
    source = _source(name, data_root)
    if source is None:
        there = (data_root / name).is_dir()
        problem = "this version has no reader for its folder" if there else "missing"
        return Found(name, None, expected=expected, problem=problem)
    try:
        table = read_rows(Found(name, source), data_root)
    except EvocativeError as error:
        return Found(name, source, expected=expected, problem=f"cannot be read: {error}")
    if card is not None:  # a prepared table may have other labels, of which others are published
        expected = next(count.expected for count in card.counts(table) if count.name == IMAGES)
    return Found(name, source, len(table), expected)


def read_rows(found: Found, data_root: Path, options: Mapping[str, str] | None = None) -> Table:
    """Read a data set that was found.

    Args:
        found: By `find_dataset`.
        data_root: What it lies below.
        options: Of the data set; a prepared table holds what was chosen when it was prepared.

    Raises:
        DataError: It was not found, or has mistakes.
    """
    if found.source is None:
        raise DataError(found.told)
    place = data_root / found.source.path
    if found.source.dataset == "table":
        return read_table(place)
    card = DATASETS[found.source.dataset]
    return card.read(place, **card.settings(options or {}))


def _source(name: str, data_root: Path) -> Source | None:
    for ending in TABLES:
        if (data_root / f"{name}{ending}").is_file():
            return Source(dataset="table", path=f"{name}{ending}")
    if name in DATASETS and (data_root / name).is_dir():
        return Source(dataset=name, path=name)
    return None
