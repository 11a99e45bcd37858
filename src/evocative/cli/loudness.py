"""How much the command says on stderr: `--verbose` and `--quiet`, of every verb and before it.

    note("answers.csv: 12 images")      # on stderr, unless --quiet

Errors, warnings and failed images are told in any case; results go to stdout and are never left out.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

_logger = logging.getLogger("evocative")


def quiet() -> bool:
    """Whether only failures are to be told: the logger `evocative` is at ERROR."""
    return not _logger.isEnabledFor(logging.WARNING)


def note(text: str) -> None:
    """Say on stderr what is good to know and no failure."""
    if not quiet():
        typer.echo(text, err=True)


@contextmanager
def ordinary() -> Iterator[None]:
    """Begin a command as loud as it is by itself, and listen to the library's loggers while it runs."""
    handler, before = _Stderr(), _logger.level
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    _logger.addHandler(handler)
    try:
        yield
    finally:
        _logger.removeHandler(handler)
        _logger.setLevel(before)


def heard(verb: Callable[..., None]) -> Callable[..., None]:
    """Give a verb the options --verbose and --quiet."""

    @wraps(verb)
    def run(*words: Any, verbose: bool = False, quiet: bool = False, **options: Any) -> None:
        verb(*words, **options)

    taken = signature(verb)
    added = {"verbose": Verbose, "quiet": Quiet}
    further = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=False, annotation=annotation)
        for name, annotation in added.items()
    ]
    run.__signature__ = taken.replace(parameters=[*taken.parameters.values(), *further])  # type: ignore[attr-defined]
    run.__annotations__ = {**verb.__annotations__, **added}
    return run


class _Stderr(logging.StreamHandler[Any]):
    """Writes to what is stderr at the time, below a progress bar or not."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr


def _be_verbose(value: bool) -> bool:
    if value:
        _logger.setLevel(logging.DEBUG)
    return value


def _be_quiet(value: bool) -> bool:
    if value:
        _logger.setLevel(logging.ERROR)
    return value


Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", callback=_be_verbose, is_eager=True, help="Say what is being done, too."),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", callback=_be_quiet, is_eager=True, help="No progress and no notes; failures only."
    ),
]
