"""What is to be known about a data set before it is used, and what reading a copy of it gives."""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from evocative.data.table import Table
from evocative.errors import DataError, unknown

_LOG: Final = logging.getLogger(__name__)

IMAGES: Final = "images"
"""The count of all rows, beside those of the labels."""


DRAWN: Final = "_drawn"
"""Ends the name of a table that holds a draw of as many images as a paper prints."""


@dataclass(frozen=True)
class LeftOut:
    """Something that a copy of a data set has, or should have, and that did not become a row."""

    path: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """A table, and what had to be left out of it."""

    table: Table
    left_out: tuple[LeftOut, ...] = ()
    hints: tuple[str, ...] = ()
    """What whoever reads the copy may want to decide otherwise, such as whose labels these are."""


@dataclass(frozen=True)
class Count:
    """How many images there should be of something, and how many a copy has."""

    name: str
    """A label, or `images` for all."""
    expected: int | None
    """None: nothing is published."""
    found: int

    @property
    def missing(self) -> int:
        """How many images fewer than published; 0 if there are as many, or more."""
        return max(0, (self.expected or 0) - self.found)


@dataclass(frozen=True)
class Option:
    """A choice that a data set leaves to its reader: `prepare --set level=7`."""

    help: str
    """One line, for the card."""
    choices: tuple[str, ...] = ()
    """The values there are; empty where any will do."""
    default: str = ""
    """What is taken without it, as one would write it; empty: nothing."""
    kind: Callable[[str], Any] = str
    """From what is written to what `load` takes; raises ValueError for what it cannot read."""


@dataclass(frozen=True)
class DatasetCard:
    """A data set: what it is, what its owners ask, how to obtain it, and how to read a copy."""

    name: str
    title: str
    """One line: what is labelled how."""
    paper: str
    """The publication to cite."""
    licence: str
    obtain: str
    """How to get a copy, without an address that will be gone."""
    layout: str
    """The files below the root, as the owners lay them out."""
    load: Callable[..., Reading]
    """From a root, and options of its own, to rows."""
    taxonomy: str | None = None
    """Name of the labels' taxonomy; None where it depends on the copy, or there are no labels."""
    dimensions: tuple[str, ...] = ()
    """Which of valence, arousal and dominance are rated."""
    expected: Mapping[str, int] = field(default_factory=dict)
    """Published counts: by label, and `images` for all."""
    variants: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Published counts where an option gives the table another taxonomy, by that taxonomy's name."""
    drawn: Mapping[str, int] = field(default_factory=dict)
    """Published counts of a part that an option draws; its table's name ends in `DRAWN`."""
    options: Mapping[str, Option] = field(default_factory=dict)
    """What `load` takes beside the root, by name, where a person may choose."""
    traps: tuple[str, ...] = ()
    """What has misled people before."""

    def read(self, root: str | Path, **options: Any) -> Table:
        """Return the rows of a copy; what had to be left out is told by `load`.

        Args:
            root: The copy's folder (`csv`: the file).
            **options: What the data set's `load` takes.

        Raises:
            DataError: This is no copy of the data set, or nothing of it can be used.
        """
        reading = self.load(Path(root), **options)
        for hint in reading.hints:
            _LOG.warning("%s: %s", root, hint)
        return reading.table

    def counts(self, table: Table) -> list[Count]:
        """Return expected and found counts: the labels in their taxonomy's order, then all images."""
        found = {}
        if table.taxonomy is not None and "label" in table.frame.columns:
            by_label = table.frame["label"].value_counts()
            found = {name: int(by_label.get(name, 0)) for name in table.taxonomy.names}
        found[IMAGES] = len(table)
        expected = self.expected
        if table.taxonomy is not None:
            expected = self.variants.get(table.taxonomy.name, expected)
        if table.name == self.name + DRAWN:
            expected = self.drawn
        return [Count(name, expected.get(name), number) for name, number in found.items()]

    def settings(self, written: Mapping[str, str]) -> dict[str, Any]:
        """Read options as a person writes them, into what `load` takes.

        Args:
            written: Text by the option's name, such as `{"level": "7"}`.

        Raises:
            DataError: There is no such option, or it has no such value.
        """
        read = {}
        for name, text in written.items():
            if not self.options:
                raise DataError(f"{self.name} has no options; leave {name}={text} out")
            if name not in self.options:
                raise DataError(unknown(f"option of {self.name}", name, self.options))
            option = self.options[name]
            if option.choices and text not in option.choices:
                raise DataError(f"{self.name}: " + unknown(f"value of {name}", text, option.choices))
            try:
                read[name] = option.kind(text)
            except ValueError as error:
                raise DataError(f"{self.name}: {name}={text} cannot be read ({option.help})") from error
        return read

    def to_dict(self) -> dict[str, Any]:
        """Return the card as plain values for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "paper": self.paper,
            "licence": self.licence,
            "obtain": self.obtain,
            "layout": self.layout,
            "taxonomy": self.taxonomy,
            "dimensions": list(self.dimensions),
            "expected": dict(self.expected),
            "variants": {name: dict(counts) for name, counts in self.variants.items()},
            "drawn": dict(self.drawn),
            "options": {
                name: {"help": option.help, "choices": list(option.choices), "default": option.default}
                for name, option in self.options.items()
            },
            "traps": list(self.traps),
        }


def existing_folder(root: Path, dataset: str) -> Path:
    """Return the root itself.

    Raises:
        DataError: It is no folder.
    """
    if root.is_dir():
        return root
    found = "is a file" if root.exists() else "does not exist"
    raise DataError(f"{root}: {found}; expected the folder of {dataset} (see  evocative datasets {dataset})")


def with_images(frame: pd.DataFrame, root: Path, dataset: str) -> tuple[pd.DataFrame, tuple[LeftOut, ...]]:
    """Part the rows whose image is there from those whose image is missing.

    Args:
        frame: Rows with a column `path`, relative to the root.
        root: Where the images lie.
        dataset: What errors call it.

    Raises:
        DataError: Not one image is there.
    """
    there = pd.Series(
        [isinstance(path, str) and os.path.isfile(root / path) for path in frame["path"]],  # noqa: PTH113 (a name may be too long)
        dtype=bool,
    )
    missing = frame["path"][~there.to_numpy()]
    if len(frame) and not there.any():
        raise DataError(
            f"{dataset}: none of the {len(frame)} images is below {root}; the first is {missing.iloc[0]!r}"
        )
    left_out = tuple(LeftOut(str(path), "the image is missing") for path in missing)
    return frame[there.to_numpy()].reset_index(drop=True), left_out
