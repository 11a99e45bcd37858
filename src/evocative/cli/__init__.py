"""The command `evocative`: one verb a file; heavy libraries are imported inside the verbs."""

import sys
import warnings
from collections.abc import Callable
from contextvars import copy_context
from typing import Annotated

import typer

from evocative.cli.atlas import atlas
from evocative.cli.atlas_page import atlas_compare, atlas_page
from evocative.cli.compare import Command as CompareCommand
from evocative.cli.compare import compare
from evocative.cli.compare_pictures import compare_pictures
from evocative.cli.curate import app as curate
from evocative.cli.datasets import datasets
from evocative.cli.demo import demo
from evocative.cli.dimensions import compare_representations, evaluate_dimensions
from evocative.cli.ensemble import ensemble
from evocative.cli.evaluate import evaluate
from evocative.cli.evaluate_gaze import evaluate_gaze
from evocative.cli.explain import explain
from evocative.cli.generate import generate
from evocative.cli.inputs import protected
from evocative.cli.label_text import label_text
from evocative.cli.loudness import Quiet, Verbose, heard, ordinary
from evocative.cli.picture import picture
from evocative.cli.predict import predict
from evocative.cli.prepare import prepare
from evocative.cli.reproduce import reproduce
from evocative.cli.study import study
from evocative.cli.train import train
from evocative.errors import CacheWarning, EvocativeError
from evocative.signals import Ended, unwinding

app = typer.Typer(
    name="evocative",
    help="Which emotions a picture evokes, how sure that is, and what a model has learnt.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
)


def _version(value: bool | None) -> None:
    if value:
        from evocative import __version__

        typer.echo(f"evocative {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool | None,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop."),
    ] = None,
    *,
    excel: Annotated[
        bool, typer.Option("--excel", help="Begin CSV with the mark by which Excel knows UTF-8.")
    ] = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Which emotions a picture evokes, how sure that is, and what a model has learnt."""
    if excel:
        from evocative.data.csv_file import EXCEL

        EXCEL.set(True)  # until `main` ends, which runs the command in a context of its own


VERBS: tuple[Callable[..., None], ...] = (
    predict, train, study, reproduce, evaluate, ensemble, datasets, prepare, explain, demo, compare, atlas,
    atlas_compare, atlas_page, picture, generate, evaluate_gaze, label_text, evaluate_dimensions,
    compare_representations, compare_pictures,
)  # fmt: skip
for verb in VERBS:
    app.command(cls=CompareCommand if verb is compare else None)(heard(protected(verb)))
app.add_typer(curate)


_formatted = warnings.formatwarning


def _worded(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Say what a user can act on without the place in the code."""
    if issubclass(category, CacheWarning):
        return f"warning: {message}\n"
    return _formatted(message, category, filename, lineno, line)


def main() -> None:
    """Run the command; a user's mistake becomes one clear message and exit status 2.

    Where it is interrupted, everything unwinds and the status is 128 + the signal's number.
    """
    warnings.formatwarning = _worded
    try:
        with unwinding(), ordinary():
            copy_context().run(app)
    except Ended as error:
        typer.echo(f"evocative: ended by {error.name}", err=True)
        raise
    except EvocativeError as error:
        typer.echo(f"evocative: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("evocative: interrupted", err=True)
        sys.exit(130)
