"""A progress bar on stderr, where that is a terminal; stdout stays clean for pipes."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def watched(items: Iterable[Item], *, total: int | None = None, noun: str = "images") -> Iterator[Item]:
    """Pass items on; show how many there were, how many a second, and how long the rest will take.

    Args:
        items: Anything, consumed once.
        total: How many there will be, if that is known.
        noun: What they are.
    """
    if not sys.stderr.isatty():
        yield from items
        return
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
