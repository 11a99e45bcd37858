"""The processes that do a study's jobs: this one, or several that import torch once and do many jobs each."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
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
        workers: Processes; with one, jobs are done in this process, whose threads are as before afterwards.
        threads: Of each process. None: the cores are shared among several processes; one is left as it is.
        places: Where data and weights are.
        keep_models: Keep the weights of finished runs.
    """
    do = partial(work, places=places, keep_model=keep_models)
    if workers == 1:
        import torch

        before = torch.get_num_threads()
        set_up(threads)
        try:
            yield lambda jobs, measured: (do(job, measured=measured) for job in jobs)
        finally:
            torch.set_num_threads(before)
        return
    threads = threads or max(1, _cores() // workers)
    others = set(active_children())
    with _environment(dict.fromkeys(THREADS, str(threads))):
        pool = Processes(workers, threads)
        try:
            yield partial(_share, pool, do)
        except BaseException:
            pool.end(at_once=True)
            for child in set(active_children()) - others:
                child.terminate()
            raise
        pool.end()


class Processes:
    """Several processes; new ones where one was killed, which ends all that are with it in a pool."""

    def __init__(self, workers: int, threads: int) -> None:
        """Take their number, and the threads of each; they start with the first work."""
        self.workers = workers
        self._threads = threads
        self._pool = self._made()

    def submit(self, do: Callable[..., Outcome], job: Job, *, measured: bool) -> Future[Outcome]:
        """Give a job to one of them."""
        try:
            return self._pool.submit(do, job, measured=measured)
        except BrokenProcessPool:
            self.end()
            self._pool = self._made()
            return self._pool.submit(do, job, measured=measured)

    def end(self, *, at_once: bool = False) -> None:
        """Let them finish what they have, or forget it."""
        self._pool.shutdown(wait=not at_once, cancel_futures=at_once)

    def _made(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.workers, mp_context=get_context("spawn"), initializer=set_up, initargs=(self._threads,)
        )


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
    pool: Processes, do: Callable[..., Outcome], jobs: Sequence[Job], *, measured: bool
) -> Iterator[Outcome]:
    """Deal jobs out; the first that keeps features goes alone, so that the others find them.

    No process is given more than it does just then: where one is killed, the jobs that wait are not lost.
    """
    first = next((job for job in jobs if _keeps_features(job)), None)
    for some in ([job for job in jobs if job is first], [job for job in jobs if job is not first]):
        waiting = deque(some)
        running: dict[Future[Outcome], Job] = {}
        while waiting or running:
            while waiting and len(running) < pool.workers:
                job = waiting.popleft()
                running[pool.submit(do, job, measured=measured)] = job
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield _outcome(future, running.pop(future))


def _keeps_features(job: Job) -> bool:
    return job.recipe.features.stored or job.recipe.training.head_start


def _outcome(future: Future[Outcome], job: Job) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        return Outcome(
            job, 0.0, "not done: a process of the study was killed, perhaps for memory; try fewer --jobs"
        )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
