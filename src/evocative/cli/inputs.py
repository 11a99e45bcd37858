"""What a call of a verb is given stays as it is: no output of the call takes its place.

Every verb is registered through `protected`. Whatever its arguments name is an input, but for those that
`OUTPUTS` lists.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Final

from evocative.errors import DataError
from evocative.outputs import destination, keeping

OUTPUTS: Final = frozenset({"output", "cleaned", "cache", "maps", "check_list", "correlations", "svm"})
"""Arguments that say where something is written, in any verb that has them."""
_OUTPUTS_OF: Final = {"text": frozenset({"table"})}
"""And those of single verbs."""
_STDIN: Final = "-"
_OF_A_MODEL: Final = ("config.json", "model.safetensors", "README.md")


def outputs_of(verb: Callable[..., object]) -> frozenset[str]:
    """Return the names of a verb's arguments that say where something is written."""
    return OUTPUTS | _OUTPUTS_OF.get(verb.__name__, frozenset())


def protected(verb: Callable[..., None]) -> Callable[..., None]:
    """Return the verb so that it refuses to replace its inputs: at once if that is seen, else on writing."""
    written = outputs_of(verb)

    @wraps(verb)
    def call(**given: Any) -> None:
        inputs = [path for name, value in given.items() if name not in written for path in _paths(value)]
        with keeping([*inputs, *_of_models(inputs)]):
            for output in _outputs(given, written):
                destination(output)
                _refuse_picture(output, inputs)
            _refuse_twice(given, written)
            verb(**given)

    return call


def _outputs(given: Mapping[str, Any], written: Iterable[str]) -> Iterator[Path]:
    """Yield the plain files that are there already and are to be written."""
    for name in written:
        for path in _paths(given.get(name)):
            if _is(path, Path.is_file):
                yield path


def _paths(value: object) -> Iterator[Path]:
    """Yield what an argument may name: NAME=PATH names a file as well."""
    if isinstance(value, Path):
        yield value
    elif value == _STDIN:
        yield Path("/dev/stdin")  # which may be a file: predict - <list
    elif isinstance(value, str):
        yield from (Path(text) for text in {value, value.partition("=")[2]} if text)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _paths(each)


def _of_models(inputs: Iterable[Path]) -> Iterator[Path]:
    """Yield the files of model folders, and of runs' models."""
    for folder in inputs:
        for place in (folder, folder / "model"):
            if _is(place / _OF_A_MODEL[0], Path.is_file):
                yield from (place / name for name in _OF_A_MODEL)


def _refuse_picture(output: Path, inputs: Iterable[Path]) -> None:
    """Refuse, before any work, a file that is one of the pictures in an input folder.

    Raises:
        DataError: It is one.
    """
    from evocative.data.find import PICTURES, find_images
    from evocative.data.image import SUPPORTED

    status = output.stat()
    if status.st_nlink == 1 and output.suffix.lower() not in SUPPORTED | PICTURES:
        return  # an older output; a picture under such a name is noticed when it is read
    for image in find_images([folder for folder in inputs if _is(folder, Path.is_dir)]):
        if _is(image, output.samefile):
            raise DataError(
                f"{output}: is {image}, an input of this call, and an output never replaces what it is made "
                "of; name another file"
            )


def _refuse_twice(given: Mapping[str, Any], written: Iterable[str]) -> None:
    """Refuse two outputs of which the second would replace the first.

    Raises:
        DataError: Two arguments name one file.
    """
    named: dict[str, str] = {}
    for name in sorted(written):
        for path in _paths(given.get(name)):
            file = os.path.realpath(path)
            if file in named and path.suffix and destination(path) is not None:  # not a folder, nor a device
                raise DataError(f"{path}: --{named[file]} and --{name} both name it; name two files")
            named[file] = name.replace("_", "-")


def _is(path: Path, holds: Callable[[Path], bool]) -> bool:
    """Whether something holds of a name that may be no file's at all."""
    try:
        return holds(path)
    except (OSError, ValueError):
        return False
