"""A process that is asked to end unwinds: `with` and `finally` are kept, so that no half file is left.

    with unwinding():
        ...                     # SIGTERM and SIGHUP raise `Ended` here, whose exit status is 143 or 129

Python does this for Ctrl-C alone (KeyboardInterrupt, status 130); the other two end it on the spot.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What asks a process to end: `kill`, a batch system at its limit, a terminal that was closed."""


class Ended(SystemExit):
    """A signal asked the process to end; the exit status is 128 + its number, as shells have it."""

    def __init__(self, number: int) -> None:
        """Take the signal's number."""
        super().__init__(128 + number)
        self.name = signal.Signals(number).name


@contextmanager
def unwinding() -> Iterator[None]:
    """Let the block end by `Ended` where a signal of `SIGNALS` comes.

    The first one counts: a batch system or a terminal may send several, and the others must not disturb what
    clears up. What was to be ignored (`nohup`), or has a handler already, stays as it is. Nothing is done
    outside the main thread, where Python takes no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    taken = [number for number in SIGNALS if signal.getsignal(number) is signal.SIG_DFL]

    def end(number: int, frame: FrameType | None) -> None:
        for other in taken:
            signal.signal(other, signal.SIG_IGN)
        raise Ended(number)

    try:
        for number in taken:
            signal.signal(number, end)
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
