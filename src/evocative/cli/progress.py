"""How far a long piece of work is, on stderr: a bar on a terminal, a line now and then in a log.

Stdout stays clean for pipes; with --quiet nothing is shown.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from evocative.cli.loudness import note, quiet

Item = TypeVar("Item")
FIRST: Final = 10.0
"""Seconds before a log is told of anything: what is short needs no line."""
AFTER: Final = 60.0
"""Seconds between further lines."""


def watched(items: Iterable[Item], *, total: int | None = None, noun: str = "images") -> Iterator[Item]:
    """Pass items on; show how many there were, how many a second, and how long the rest will take.

    Args:
        items: Anything, consumed once.
        total: How many there will be, if that is known.
        noun: What they are.
    """
    if quiet():
        return iter(items)
    return _on_bar(items, total, noun) if sys.stderr.isatty() else _in_lines(items, total, noun)


def _on_bar(items: Iterable[Item], total: int | None, noun: str) -> Iterator[Item]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(noun, total=total, rate="")
        for item in items:
            yield item
            speed = progress.tasks[0].speed
            progress.update(task, advance=1, rate=f", {speed:.3g}/s" if speed else "")


def _in_lines(items: Iterable[Item], total: int | None, noun: str) -> Iterator[Item]:
    """Say it in a line after `FIRST` seconds, and then every `AFTER`."""
    started = time.monotonic()
    due = started + FIRST
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now >= due and done != total:
            note(_line(done, total, noun, now - started))
            due = now + AFTER


def _line(done: int, total: int | None, noun: str, seconds: float) -> str:
    """Return how far it is.

    Example:
        >>> _line(50, 200, "images", 20.0)
        '50 of 200 images, 2.5/s, about 1 min to go'
        >>> _line(50, None, "images", 20.0)
        '50 images, 2.5/s'
    """
    known = "" if total is None else f" of {total:,}"
    left = "" if total is None else f", about {seconds / done * (total - done) / 60:.0f} min to go"
    return f"{done:,}{known} {noun}, {done / seconds:.2g}/s{left}"
