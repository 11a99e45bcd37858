"""One job after the other in a process that imports torch once, each with a log file of its own."""

import importlib
import logging
import os
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing import parent_process
from pathlib import Path
from shutil import rmtree
from typing import TextIO

from evocative.errors import DivergedError, EvocativeError, TrainingError
from evocative.outputs import destination, replacing
from evocative.study.jobs import BROKEN, Job
from evocative.study.measured import measure

LOG = "job.log"
LOGGERS = ("lightning", "lightning.fabric", "lightning.pytorch")


@dataclass(frozen=True)
class Places:
    """Where a study's runs find what they need."""

    data_root: Path
    weights_root: Path | None = None
    cache: Path | None = None
    """Keeps frozen features, for other studies too. None: `features` in the study's folder."""
    accelerator: str = "auto"


@dataclass(frozen=True)
class Outcome:
    """How a job ended."""

    job: Job
    seconds: float
    error: str | None = None
    """Why it failed, on one line; None where it did not."""


def set_up(threads: int | None) -> None:
    """Prepare a process: so many threads, and an end with its parent."""
    import torch

    if threads is not None:
        torch.set_num_threads(threads)
    if (parent := parent_process()) is not None:

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()


def work(job: Job, places: Places, *, keep_model: bool, measured: bool) -> Outcome:
    """Do a job, or go on with it, and say how it ended; what it says goes to its log.

    Args:
        job: A finished one is not trained again.
        places: Where data and weights are.
        keep_model: Keep the weights.
        measured: Measure the predictions for the comparison, too.
    """
    started, error = time.monotonic(), None
    job.folder.mkdir(parents=True, exist_ok=True)
    (job.folder / BROKEN).unlink(missing_ok=True)
    place = job.folder / LOG
    with (destination(place) or place).open("a", encoding="utf-8", buffering=1) as log, _said_to(log):
        try:
            if not job.done:
                _train(job, places)
                _expect_predictions(job)
                if not keep_model:
                    discard_models(job.folder)
            if measured and job.done:
                measure(job)
        except Exception as failure:
            log.write(traceback.format_exc())
            told = " ".join(str(failure).split())[:300] or "no message"
            error = told if isinstance(failure, EvocativeError) else f"{type(failure).__name__}: {told}"
            if isinstance(failure, DivergedError):
                with replacing(job.folder / BROKEN) as unfinished:
                    unfinished.write_text(str(failure) + "\n", encoding="utf-8")
    return Outcome(job, time.monotonic() - started, error)


def discard_models(folder: Path) -> None:
    """Remove a finished run's weights and checkpoints."""
    for path in folder.glob("*.ckpt"):
        path.unlink()
    rmtree(folder / "model", ignore_errors=True)


def _expect_predictions(job: Job) -> None:
    """Refuse a run that ended without what a comparison needs.

    Raises:
        TrainingError: There are no predictions.
    """
    if not job.predictions.is_file():
        raise TrainingError(
            f"trained, but there is no {job.predictions.name}: the run has no test rows, or somebody removed "
            "it; look at data.split and the folds"
        )


def _train(job: Job, places: Places) -> None:
    from evocative.training.launch import Launch
    from evocative.training.run import run

    run(
        job.recipe, data_root=places.data_root, weights_root=places.weights_root, output=job.folder,
        resume=(job.folder / "recipe.json").exists(), cache=places.cache,
        launch=Launch(accelerator=places.accelerator),
    )  # fmt: skip


@contextmanager
def _said_to(log: TextIO) -> Iterator[None]:
    """Send what a run says to its log: its streams, and Lightning's loggers, which keep their own."""
    importlib.import_module("lightning.fabric")
    handlers = [
        handler
        for name in LOGGERS
        for handler in logging.getLogger(name).handlers
        if isinstance(handler, logging.StreamHandler)
    ]
    before = [handler.stream for handler in handlers]
    for handler in handlers:
        handler.stream = log
    try:
        with redirect_stdout(log), redirect_stderr(log):
            yield
    finally:
        for handler, stream in zip(handlers, before, strict=True):
            handler.stream = stream
