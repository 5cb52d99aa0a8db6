"""Bounds on what one report may cost: processor time and memory, enforced where the work is done.

Python code over its time is interrupted and the report put aside. Compiled code that never comes back is ended by the
kernel together with its process, and the engine finds the report that did it.
"""

from __future__ import annotations

import os
import resource
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from types import TracebackType

from onrecord import collecting
from onrecord.errors import TimeLimitError as TimeLimitError

WALL = 5  # times the processor time that may pass on the clock: a report that sleeps, on a machine that others share
AGAIN = 1.0  # seconds after which work that swallowed the interruption is interrupted again
GRACE = 2  # times the processor time after which the kernel ends a worker that could not be interrupted
_MIB = 1 << 20
_worker = False
_armed = False
_LOOKED = 2.0  # seconds from one look for the parent to the next


def worker(mib: int, master: int = 0) -> None:
    """Called once in a worker process: bound its memory to what it has now and `mib` MiB more; 0 means no bound.

    The process ends with its parent, of number `master`, also where that is killed; 0: with none.
    """
    global _worker
    _worker = True
    if master:
        threading.Thread(target=_end_with, args=(master,), daemon=True).start()
    collecting.seldom()
    if mib:
        with suppress(ValueError, OSError):
            _, hard = resource.getrlimit(resource.RLIMIT_DATA)
            limit = _held() + mib * _MIB
            resource.setrlimit(
                resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard)
            )


def _end_with(master: int) -> None:
    while os.getppid() == master:
        time.sleep(_LOOKED)
    os._exit(1)  # nobody waits for what it has


def _held() -> int:
    with suppress(OSError), open("/proc/self/status", encoding="ascii") as lines:  # noqa: PTH123 (a pseudo file)
        for line in lines:
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0


@contextmanager
def at_most(seconds: float, *, wall: bool = True) -> Iterator[None]:
    """Raise `TimeLimitError` when the block takes more processor time, or (`wall`) five times as long on the clock.

    Timers belong to the main thread; elsewhere, and with 0 seconds, there is no bound.
    """
    if not seconds or threading.current_thread() is not threading.main_thread():
        yield
        return
    global _armed
    before = {s: signal.signal(s, _expired) for s in (signal.SIGPROF, signal.SIGALRM)}
    bounded = _bound_process(seconds * GRACE) if _worker else None
    try:
        _armed = True
        signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN)
        if wall:
            signal.setitimer(signal.ITIMER_REAL, WALL * seconds, AGAIN)
        yield
    finally:
        _armed = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        if bounded:
            resource.setrlimit(resource.RLIMIT_CPU, bounded)


class Bound:
    """Processor seconds that each of many pieces of work may take: entered for a piece, started anew within it.

    A wait for input, a site or a pipe is not counted. With 0 seconds there is no bound.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._entered: AbstractContextManager[None] | None = None

    def __enter__(self) -> None:
        self._entered = at_most(self.seconds, wall=False)
        self._entered.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        entered, self._entered = self._entered, None
        if entered is not None:
            entered.__exit__(kind, error, trace)

    def restart(self) -> None:
        """Give what comes now all of the time."""
        if _armed and self.seconds:
            signal.setitimer(signal.ITIMER_PROF, self.seconds, AGAIN)


def _expired(*_: object) -> None:
    if _armed:
        raise TimeLimitError


def _bound_process(seconds: float) -> tuple[int, int]:
    """Let the kernel end this process after that much more processor time; the limits that stood before."""
    before = resource.getrlimit(resource.RLIMIT_CPU)
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit if before[1] == resource.RLIM_INFINITY else before[1], before[1]))
    return before
