"""The journal of an atlas: what the jury said of every batch, so that a run that was killed can go on.

journal/run.json    the settings and the models that the scores are of
journal/00000.npz   the verdicts on a few batches, in the order in which they were asked for; 00001.npz …

To go on, the run is replayed from its seed: emitters ask as before and are told the recorded scores, and
nothing is drawn or judged until the journal ends. So archives, generators and CMA-ES are where they were, to
the bit, and nothing but numbers is stored. Each batch bears a digest of its genomes: where the replay draws
other ones (another version of a package does so), it stops rather than mix two runs.

    journal = open_journal(folder, identity, resume=True)
    step = journal.step(key, lambda: {"fitness": …})       # recorded, or computed and kept
    journal.flush()
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evocative.data.atomic import replacing
from evocative.errors import DataError, reading
from evocative.explore.genome import Genome

FOLDER: Final = "journal"
FILE: Final = "run.json"
Step = dict[str, NDArray[Any]]
_KEY: Final = "genomes"
_VERSION: Final = 1
_SOMETIMES: Final = frozenset({"slopes"})
"""What only those steps hold in which an emitter asked for gradients."""
_BYTES: Final = 16
"""Of a digest of genomes."""


class Journal:
    """Steps that were recorded, and those that are added.

    Attributes:
        recorded: How many steps were found on opening.
        replaying: Whether some of them are still to come.
    """

    def __init__(self, folder: Path, steps: list[Step], parts: int, *, every: int) -> None:
        """Go on after the steps that are there; see `open_journal`."""
        self.recorded = len(steps)
        self._folder, self._parts, self._every = folder, parts, every
        self._ahead: Iterator[Step] = iter(steps)
        self._next = next(self._ahead, None)
        self._kept: list[Step] = []

    @property
    def replaying(self) -> bool:
        """Whether recorded steps are still to come."""
        return self._next is not None

    def step(self, genomes: list[Genome], judged: Callable[[], Step]) -> Step:
        """Return what is recorded of these genomes; where the journal has ended, judge and record them.

        Raises:
            DataError: The journal is of other genomes.
        """
        key = np.frombuffer(digest(genomes), dtype=np.uint8)
        if self._next is None:
            found = {_KEY: key, **judged()}
            self._kept.append(found)
            if len(self._kept) >= self._every:
                self.flush()
            return found
        found, self._next = self._next, next(self._ahead, None)
        if not np.array_equal(found[_KEY], key):
            raise DataError(
                f"{self._folder}: the journal is of other genomes than the replay draws, as of another "
                "version of evocative, ribs or numpy; resume with the one it was begun with, or begin in a "
                "new folder"
            )
        return found

    def flush(self) -> None:
        """Write what was added since the last part."""
        if not self._kept:
            return
        arrays = {
            f"{row:03d}.{name}": values
            for row, step in enumerate(self._kept)
            for name, values in step.items()
        }
        with replacing(self._folder / f"{self._parts:05d}.npz") as unfinished, unfinished.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]  # its stubs want allow_pickle among them
        self._kept, self._parts = [], self._parts + 1


def open_journal(
    folder: Path, identity: Mapping[str, Any], *, resume: bool, every: int = 8, free: tuple[str, ...] = ()
) -> Journal:
    """Begin the journal of an atlas, or open it to go on.

    Args:
        folder: The atlas's; the journal is a folder in it.
        identity: What the scores depend on, as JSON can hold it: settings, models.
        resume: Go on where there is one; begin where there is none.
        every: Steps a part: this much is lost when a run is killed.
        free: Settings that may differ from those of the beginning.

    Raises:
        DataError: There is one and `resume` is not asked for; it is of other settings or models, or damaged.
    """
    place = folder / FOLDER
    wanted = json.loads(json.dumps({"format_version": _VERSION, **identity}))
    if not (place / FILE).exists():
        with replacing(place / FILE) as unfinished:
            unfinished.write_text(json.dumps(wanted, indent=2) + "\n", encoding="utf-8")
        return Journal(place, [], 0, every=every)
    if not resume:
        raise DataError(f"{folder}: there is an atlas already; go on with --resume, or choose another folder")
    _check_same(place / FILE, wanted, free)
    parts = sorted(
        (path for path in place.glob("*.npz") if path.stem.isdecimal()), key=lambda path: int(path.stem)
    )
    steps = [step for number, path in enumerate(parts) for step in _read(path, number)]
    return Journal(place, steps, len(parts), every=every)


def digest(genomes: list[Genome]) -> bytes:
    """Return 16 bytes that are the same for the same genomes."""
    found = hashlib.blake2b(digest_size=_BYTES)
    for genome in genomes:
        found.update(json.dumps(genome.to_dict(), sort_keys=True).encode())
    return found.digest()


def _check_same(path: Path, wanted: Mapping[str, Any], free: tuple[str, ...]) -> None:
    with reading(path, DataError, "begin in a new folder"):
        found = json.loads(path.read_text(encoding="utf-8"))
    was, now = dict(_flat(found)), dict(_flat(wanted))
    differing = [
        f"{name}: {was.get(name)} then, {now.get(name)} now"
        for name in sorted(was.keys() | now.keys())
        if was.get(name) != now.get(name) and name not in free
    ]
    if differing:
        raise DataError(
            f"{path.parent.parent}: this atlas was begun with other settings ({'; '.join(differing)}); "
            "resume with those, or choose another folder"
        )


def _flat(values: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from _flat(value, f"{name}.{key}" if name else str(key))
    else:
        yield name, values


def _read(path: Path, number: int) -> list[Step]:
    if path.stem != f"{number:05d}":
        raise DataError(f"{path.parent}: part {number:05d}.npz is missing; begin in a new folder")
    steps: dict[str, Step] = {}
    with reading(path, DataError, "remove it and those after it, and resume"):
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            for key in arrays.files:
                row, name = key.split(".", 1)
                steps.setdefault(row, {})[name] = arrays[key]
        _check_steps(steps)
    return [steps[row] for row in sorted(steps)]


def _check_steps(steps: Mapping[str, Step]) -> None:
    """Raise ValueError where a step lacks what the others have, or its key is none."""
    names = {name for step in steps.values() for name in step} - _SOMETIMES
    for row, step in steps.items():
        key, found = step.get(_KEY), step.keys() - _SOMETIMES
        if found != names or key is None or key.dtype != np.uint8 or key.shape != (_BYTES,):
            raise ValueError(f"step {row} holds {', '.join(sorted(found))}, not {', '.join(sorted(names))}")
