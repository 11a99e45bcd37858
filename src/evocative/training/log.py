"""What a run says while it goes on: JSON lines, TensorBoard, and a progress bar on a terminal."""

import json
import logging
import math
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from evocative.outputs import destination, replacing

WRITE_EVERY = 10
"""Steps between two lines."""


class RunLog:
    """Writes `log.jsonl` (one object a line) and `tensorboard/`; silent on every process but the first.

    Lines beyond the step that a run resumes from are dropped, so that no step stands twice.
    """

    def __init__(self, folder: Path, *, active: bool, resume_step: int, total_steps: int) -> None:
        """Open the log of a run of `total_steps` optimiser steps, `resume_step` of them already done."""
        self._active = active
        self._started, self._images = time.monotonic(), 0
        self._progress: Progress | None = None
        if not active:
            return
        from torch.utils.tensorboard import SummaryWriter

        path = folder / "log.jsonl"
        _drop_after(path, resume_step)
        self._file = (destination(path) or path).open("a", encoding="utf-8")
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=resume_step or None)
        if sys.stderr.isatty() and _heard():
            self._progress = Progress(
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), console=Console(stderr=True),
            )  # fmt: skip
            self._task = self._progress.add_task(
                "training", total=total_steps, completed=resume_step, rate=""
            )
            self._progress.start()

    def step(self, step: int, figures: dict[str, float], *, images: int) -> None:
        """Take note of an optimiser step over so many images; every tenth is written."""
        if not self._active:
            return
        self._images += images
        rate = self._images / max(time.monotonic() - self._started, 1e-9)
        if self._progress is not None:
            text = f"{rate:.0f} images/s  loss {figures['loss']:.4f}"
            self._progress.update(self._task, completed=step, rate=text)
        if step % WRITE_EVERY == 0:
            self.write("step", step, figures | {"images_per_second": round(rate, 2)})

    def write(self, kind: str, step: int, figures: dict[str, Any]) -> None:
        """Write one line, and its numbers to TensorBoard."""
        if not self._active:
            return
        finite = {name: None if _broken(value) else value for name, value in figures.items()}
        self._file.write(json.dumps({"kind": kind, "step": step, **finite}) + "\n")
        self._file.flush()
        for name, value in figures.items():
            if isinstance(value, int | float):
                self._board.add_scalar(f"{kind}/{name}", value, step)

    def say(self, text: str) -> None:
        """Print a line to stderr, above the bar where there is one."""
        if self._active and _heard():
            (self._progress.console if self._progress else Console(stderr=True)).print(text, highlight=False)

    def __enter__(self) -> "RunLog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._active:
            if self._progress is not None:
                self._progress.stop()
            self._file.close()
            self._board.close()


def _heard() -> bool:
    """Say whether progress is wanted: the command's --quiet sets the package's logger to ERROR."""
    return logging.getLogger("evocative").isEnabledFor(logging.WARNING)


def _broken(value: Any) -> bool:
    """Say whether JSON has no word for a number."""
    return isinstance(value, float) and not math.isfinite(value)


def _drop_after(path: Path, step: int) -> None:
    """Keep the whole lines up to a step."""
    if not path.exists():
        return
    kept = []
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            earlier = json.loads(line)["step"] <= step
        except (ValueError, TypeError, KeyError, RecursionError):
            continue  # the line that was being written when the process was killed, or a damaged one
        if earlier:
            kept.append(line + "\n")
    with replacing(path) as unfinished:
        unfinished.write_text("".join(kept), encoding="utf-8")
