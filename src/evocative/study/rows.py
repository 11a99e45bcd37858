"""A study's runs and the rows that they were given: those of now, and the same for all that are compared."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from evocative.data.content import content_digests
from evocative.data.parquet_rows import read_about
from evocative.errors import RecipeError
from evocative.recipe import DataConfig
from evocative.study.jobs import Job
from evocative.study.work import Places
from evocative.training.given import FILE, Given, read_given
from evocative.training.sources import Parts, gather
from evocative.training.unchanged import differences, refuse_other


class Contents:
    """The SHA-256 of files, each read once: folds share their images."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[Path, str | None] = {}

    def __call__(self, paths: Sequence[Path]) -> list[str | None]:
        """Return what `content_digests` says, of files that were asked for before what it said then."""
        new = [path for path in dict.fromkeys(paths) if path not in self._known]
        self._known |= dict(zip(new, content_digests(new), strict=True))
        return [self._known[path] for path in paths]


def refuse_changed_rows(jobs: Iterable[Job], places: Places) -> None:
    """Refuse folders whose runs, finished or not, were given other rows or weights than there are now.

    Nothing is read where no run says what it was given.

    Raises:
        RecipeError: There are such folders; it is said how their rows differ.
        DataError: A table has mistakes.
    """
    from evocative.training.files import weights_files

    contents, parts = Contents(), dict[str, Parts]()
    root = places.weights_root or places.data_root
    found: dict[Path, list[str]] = {}
    for job in jobs:
        if not (job.folder / FILE).is_file() or job.folder in found:
            continue
        key = _key(job.recipe.data)
        if key not in parts:
            parts[key] = gather(job.recipe.data, places.data_root)
        now = Given.of(parts[key], weights_files(job.recipe, root), digests=contents)
        found[job.folder] = differences(read_given(job.folder / FILE), now)
    refuse_other(found)


def refuse_unlike_rows(jobs: Iterable[Job]) -> None:
    """Refuse to compare finished runs of one fold that were given different rows; no table is read.

    Raises:
        RecipeError: There are such runs; it is said how their rows differ.
    """
    first: dict[str, tuple[Job, str]] = {}
    for job in jobs:
        path = job.folder / FILE
        if not job.done or not path.is_file():
            continue
        digest = str(read_about(path).get("digest"))
        other, before = first.setdefault(_key(job.recipe.data), (job, digest))
        if before != digest:
            lines = differences(read_given(other.folder / FILE), read_given(path))
            raise RecipeError(
                f"{other} and {job} were given different rows, so that they are not compared: "
                f"{'; '.join(lines[:3])}. Remove the folders of those that were trained on the wrong ones"
            )


def _key(config: DataConfig) -> str:
    return json.dumps(config, default=vars, sort_keys=True)
