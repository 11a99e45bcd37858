"""The processes that do a study's jobs: this one, or several that import torch once and do many jobs each."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import active_children, get_context
from typing import TypeAlias

from evocative.study.jobs import Job
from evocative.study.work import Outcome, Places, set_up, work

Crew: TypeAlias = Callable[..., Iterator[Outcome]]
"""Called with jobs, and `measured` as `work` knows it: does them, and says of each how it ended."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What numerical libraries read when a process starts."""


@contextmanager
def crew(workers: int, threads: int | None, places: Places, *, keep_models: bool) -> Iterator[Crew]:
    """Give what does jobs; processes end with the block, at once where it ends by an error.

    Args:
        workers: Processes; with one, jobs are done in this process.
        threads: Of each process. None: the cores are shared among several processes; one is left as it is.
        places: Where data and weights are.
        keep_models: Keep the weights of finished runs.
    """
    do = partial(work, places=places, keep_model=keep_models)
    if workers == 1:
        set_up(threads)
        yield lambda jobs, measured: (do(job, measured=measured) for job in jobs)
        return
    threads = threads or max(1, _cores() // workers)
    others = set(active_children())
    with _environment(dict.fromkeys(THREADS, str(threads))):
        pool = ProcessPoolExecutor(
            workers, mp_context=get_context("spawn"), initializer=set_up, initargs=(threads,)
        )
        try:
            yield partial(_share, pool, do, alone=places.cache is not None)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in set(active_children()) - others:
                child.terminate()
            raise
        pool.shutdown()


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables for the processes that start meanwhile."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _share(
    pool: ProcessPoolExecutor, do: Callable[..., Outcome], jobs: Sequence[Job], *, measured: bool, alone: bool
) -> Iterator[Outcome]:
    """Deal jobs out; with `alone` the first one alone, so that the others find its features in the cache."""
    first = 1 if alone else 0
    for some in (jobs[:first], jobs[first:]):
        running = {pool.submit(do, job, measured=measured): job for job in some}
        for future in as_completed(running):
            yield _outcome(future, running[future])


def _outcome(future: Future[Outcome], job: Job) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        return Outcome(
            job, 0.0, "not done: a process of the study was killed, perhaps for memory; try fewer --jobs"
        )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
