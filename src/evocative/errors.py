"""Errors that a user can mend.

Each message names the thing, what was expected, what was found, and what to do next.

    EvocativeError
    ├── DataError      a table, an image or a label is not what it should be
    ├── RecipeError    a setting is unknown, missing or contradictory
    ├── ModelError     a model cannot be made, read or used so
    ├── TrainingError  a run cannot go on (a broken checkpoint, an epoch without a step)
    │   └── DivergedError  its numbers grew beyond all bounds
    └── MissingExtra   an optional dependency is not installed

CacheWarning: something kept is damaged; it is passed over and computed anew.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import PurePath


class EvocativeError(Exception):
    """Anything that this package refuses, with a message that says what to do."""


class DataError(EvocativeError):
    """A table, an image, a label or a prediction is not what it should be."""


class RecipeError(EvocativeError):
    """A recipe's setting is unknown, missing, out of range or contradicts another."""


class ModelError(EvocativeError):
    """A model cannot be made, read, or used in the way that was asked for."""


class TrainingError(EvocativeError):
    """A training run cannot go on; what was finished is kept."""


class DivergedError(TrainingError):
    """A gradient is not a number any more: these settings do not train."""


class MissingExtra(EvocativeError):  # noqa: N818 (it reads as what it is)
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        """Name the package that is missing and the extra that brings it."""
        super().__init__(f"this needs {package}: install it with  pip install 'evocative[{extra}]'")


class CacheWarning(UserWarning):
    """Something that was kept is damaged: it is passed over and computed anew, nothing else is lost."""


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Say that a name is unknown, what comes close to it, and what there is.

    Example:
        >>> unknown("optimiser", "sdg", ["sgd", "adamw"])
        "unknown optimiser 'sdg'; did you mean 'sgd'? Known: adamw, sgd"
    """
    names = sorted(known)
    close = get_close_matches(name, names, n=3)
    hint = f"; did you mean {' or '.join(repr(match) for match in close)}?" if close else "."
    return f"unknown {kind} {name!r}{hint} Known: {', '.join(names) or 'none'}"


@contextmanager
def reading(path: PurePath, kind: type[EvocativeError], advice: str, *, what: str = "") -> Iterator[None]:
    """Turn whatever a damaged file ends in into one error that names the file.

    Libraries raise anything where bytes were changed (struct's, zlib's and pickle's errors, TypeError,
    KeyError, IndexError): whoever reads a file that others may have written does it in this block. Our own
    errors pass as they are.

    Args:
        path: The file.
        kind: Which error it becomes.
        advice: What to do next, a sentence without its end.
        what: What the file is, where its name does not say it.

    Raises:
        EvocativeError: Of that kind: the file cannot be read, or is damaged.

    Example:
        >>> with reading(PurePath("a.json"), DataError, "write it anew"):
        ...     {}["name"]
        Traceback (most recent call last):
        evocative.errors.DataError: a.json: is damaged (KeyError: 'name'). Write it anew
    """
    try:
        yield
    except EvocativeError:
        raise
    except Exception as error:
        refused = error.strerror if isinstance(error, OSError) else None
        lines = str(error).strip().splitlines() or ["no message"]
        told = refused or f"{type(error).__name__}: {lines[0][:200]}"
        verb = f"{what} cannot be read".lstrip() if refused or what else "is damaged"
        raise kind(f"{path}: {verb} ({told}). {advice[0].upper()}{advice[1:]}") from error
