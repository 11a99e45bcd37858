"""What can be known to be wrong with a command before torch is imported, which may take half a minute.

Each function is the callback of an option or argument: it is given what was asked for, returns it, or refuses
it. Options that several verbs share have theirs in `options`, so that every verb refuses alike.
"""

import os
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from evocative.cli.loudness import note
from evocative.errors import DataError, ModelError, unknown

T = TypeVar("T", bound="Path | None")
EMBEDDED = "embedded"
"""What the embedded model is called on the command line."""
MOST_NAMES = 10_000
"""Names in a folder that are looked at for one that comes close."""


def model(source: str | None) -> str | None:
    """Refuse what cannot be a model: a folder that is not there, a hub's name that nobody has.

    Raises:
        ModelError: The message says what is expected.
    """
    from evocative.models.place import locate

    locate(None if source in (None, EMBEDDED) else source)
    return source


def given_model(source: str | None) -> str | None:
    """Do the same, where none is no model rather than the embedded one."""
    return source if source is None else model(source)


def further_models(sources: Sequence[str] | None) -> Sequence[str] | None:
    """Do the same for models beside another one."""
    return models(sources) if sources else sources


def models(sources: Sequence[str] | None) -> Sequence[str] | None:
    """Do the same for several, any of which may be NAME=MODEL; none is the embedded one."""
    for source in sources or [EMBEDDED]:
        _, sign, place = source.partition("=")
        model(place if sign and not Path(source).exists() else source)
    return sources


def device(context: Any, asked: str) -> str:
    """Refuse a device that is unknown, cannot be there, or cannot compute in the precision asked for.

    Raises:
        ModelError: The message says which there are.
    """
    from evocative.inference.named import check_device, check_precision

    check_device(asked)
    check_precision(context.params.get("precision", "auto"), asked)
    return asked


def precision(context: Any, asked: str) -> str:
    """Refuse a precision that is unknown, or that the device asked for cannot compute in.

    Raises:
        ModelError: The message says which there are.
    """
    from evocative.inference.named import check_precision

    check_precision(asked, context.params.get("device", "auto"))
    return asked


def map_method(asked: str) -> str:
    """Refuse a name that stands for no way to make a map.

    Raises:
        ModelError: The message says which there are.
    """
    from evocative.explain.named import check_method

    check_method(asked)
    return asked


def targets(names: Iterable[str], source: str | None, option: str) -> None:
    """Refuse emotions and dimensions that a model does not predict.

    Args:
        names: As they were given; `-valence` is valence, too.
        source: The model.
        option: What the message calls them.

    Raises:
        ModelError: It names those that there are.
    """
    from evocative.models.place import AXES, locate, targets_of

    asked = tuple(names)
    known = targets_of(locate(None if source in (None, EMBEDDED) else source)) if asked else None
    if known is None:
        return
    for name in asked:
        if name not in known and name.removeprefix("-") not in set(AXES).intersection(known):
            raise ModelError(f"{option}: " + unknown("emotion or dimension", name, known))


def input_path(path: T) -> T:
    """Refuse a file or folder to be read that is not there.

    Raises:
        DataError: The message says what comes close.
    """
    if path is not None and not _there(path):
        raise DataError(f"{path}: there is no such file or folder{_near(path)}")
    return path


def pictures(paths: Sequence[str]) -> Sequence[str]:
    """Refuse folders without images, and a call in which nothing that is named is there.

    One name that is stale beside others is for the one row that it concerns. `-` is stdin.

    Raises:
        DataError: The message says which.
    """
    from evocative.data.find import find_images
    from evocative.data.image import SUPPORTED

    if "-" not in paths and not any(map(os.path.lexists, paths)):
        more = f" (and {len(paths) - 1:,} others)" if len(paths) > 1 else ""
        raise DataError(f"{paths[0]}: there is no such file or folder{more}{_near(Path(paths[0]))}")
    for path in paths:
        if path != "-" and next(find_images([path]), None) is None:
            endings = " ".join(sorted(SUPPORTED))
            raise DataError(
                f"{path}: there is no image in this folder or below it; expected files in {endings}"
            )
    return paths


def input_paths(paths: Sequence[Path]) -> Sequence[Path]:
    """Do the same for several."""
    for path in paths:
        input_path(Path(path))
    return paths


def output_file(path: T) -> T:
    """Refuse a file to be written where there is no folder for it: none is made for a slip of the pen.

    A device or a pipe has only to be writable; of a link the folder counts that it leads to.

    Raises:
        DataError: The folder is not there or may not be written to, or the name is a folder's.
    """
    if path is None:
        return path
    if os.path.isdir(path):  # noqa: PTH112 (Path's own raises where a name is too long)
        raise DataError(f"{path}: is a folder: name a file, as {path / 'answers.parquet'}")
    if _there(path) and not path.is_file():
        _check_writable(path, path)
        return path
    folder = Path(os.path.realpath(path)).parent
    if not _there(folder):
        named = folder if path.is_symlink() else path.parent
        raise DataError(
            f"{path}: there is no folder {named}{_near(named)}. Make it first (mkdir -p {named}), or write "
            "elsewhere"
        )
    _check_writable(folder, path)
    return path


def output_files(paths: Sequence[Path] | None) -> Sequence[Path] | None:
    """Do the same for several."""
    for path in paths or []:
        output_file(Path(path))
    return paths


def output_folder(path: T) -> T:
    """Say aloud which folders will be made above a folder to be written; refuse where none can be.

    Raises:
        DataError: A file has its name, or nothing may be written there.
    """
    if path is None:
        return path
    if _there(path) and not path.is_dir():
        raise DataError(f"{path}: is a file; name a folder")
    there = next(place for place in (path.absolute(), *path.absolute().parents) if _there(place))
    if not there.is_dir():
        raise DataError(f"{path}: {there} is a file; name another folder")
    _check_writable(there, path)
    if not _there(path.absolute().parent):
        note(f"{path}: there is no folder {path.parent} yet; it will be made{_near(path.parent)}")
    return path


def _there(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 (Path's own raises where a name is too long)


def _check_writable(place: Path, path: Path) -> None:
    """Refuse where a folder, or what is no file, may not be written to."""
    if not os.access(place, os.W_OK | (os.X_OK if place.is_dir() else 0)):
        what = "it" if place == path else f"its folder {place}"
        raise DataError(f"{path}: {what} may not be written to; choose another place")


def _near(path: Path) -> str:
    """Return which names come close to the first part of a path that is not there."""
    whole = path.absolute()
    missing = next((place for place in (*reversed(whole.parents), whole) if not _there(place)), None)
    if missing is None:
        return ""
    try:
        names = [place.name for place in islice(missing.parent.iterdir(), MOST_NAMES)]
    except OSError:
        return ""
    close = get_close_matches(missing.name, names, n=2, cutoff=0.75)
    return f" (did you mean {' or '.join(close)}?)" if close else ""
