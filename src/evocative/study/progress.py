"""How far a study is, on stderr: a line a finished run, and a bar where that is a terminal."""

import logging
import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from evocative.study.work import Outcome


class StudyProgress:
    """Tells of each run as it ends."""

    def __init__(self, noun: str, *, total: int) -> None:
        """Expect so many runs, called `noun`."""
        # The stream of now: runs in this process send stderr to their logs meanwhile
        wanted = logging.getLogger("evocative").isEnabledFor(logging.WARNING)  # --quiet sets it to ERROR
        self._console = Console(file=sys.stderr, highlight=False, soft_wrap=True, quiet=not wanted)
        self._total, self._ended, self._noun = total, 0, noun
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=self._console, redirect_stdout=False, redirect_stderr=False, transient=True,
            disable=not self._console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task(noun, total=total)

    def begin(self, *, workers: int) -> None:
        """Say what is to be done, before the first of it ends."""
        if self._total:
            at_once = "one at a time" if workers == 1 else f"{workers} at once"
            told = f"{self._noun}: {self._total} to do, {at_once}; each has a job.log"
            self._console.print(told, markup=False)

    def tell(self, outcome: Outcome) -> None:
        """Print how a run ended."""
        self._ended += 1
        how = f"{outcome.seconds:.0f} s" if outcome.error is None else f"failed: {outcome.error}"
        self._console.print(f"{self._noun} {self._ended}/{self._total}  {outcome.job}  {how}", markup=False)
        self._bar.update(self._task, completed=self._ended)

    def __enter__(self) -> "StudyProgress":
        if self._total:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
