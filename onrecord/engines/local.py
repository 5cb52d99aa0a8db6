"""The default engine: a pool of processes on this machine, or this process itself for small work.

`map` gives results in the order of the payloads, so that a build does not depend on which process was faster. A worker
process that dies, or that the kernel ends because a report took all memory or never came back, costs what it died on:
the payload is split until the part that kills is alone, that part is handed to `on_death`, and the rest goes on.
Workers do not import the script that calls `build`, so that it needs no `if __name__ == "__main__"`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Self, TypeVar

# Where psutil is installed, loky restarts a worker that grew by 300 MB, which loads the parser again; ours grow by that
# with the parser's vocabulary, and `limits` bounds them. Read when loky is imported, here and in each worker.
os.environ.setdefault("LOKY_MAX_MEMORY_LEAK_SIZE", str(1 << 40))

from loky import ProcessPoolExecutor

from onrecord import limits
from onrecord.engines.base import alone

P = TypeVar("P")
R = TypeVar("R")


class LocalEngine:
    """`workers` processes; 0 means one a core, 1 means this process. A context manager: leaving it ends the workers.

    `worker_mib` bounds the memory that a worker may take beyond what it starts with; 0: no bound.
    """

    def __init__(self, workers: int = 0, worker_mib: int = 0) -> None:
        self.workers = workers or os.cpu_count() or 1
        self.worker_mib = worker_mib
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._close(kill=kind is not None)

    def _close(self, *, kill: bool) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=kill)
            self._pool = None

    def _workers(self) -> ProcessPoolExecutor:
        if self._pool is None:
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
            os.environ.setdefault("OMP_NUM_THREADS", "1")
            self._pool = self._processes(self.workers)
        return self._pool

    def _processes(self, n: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(n, initializer=limits.worker, initargs=(self.worker_mib, os.getpid()))

    def map(
        self,
        function: Callable[[P], R],
        payloads: Iterable[P],
        *,
        on_death: Callable[[P], None],
        split: Callable[[P], Sequence[P]] | None = None,
        save: Callable[[Callable[[P], R], P], R] | None = None,
        small: bool = False,
    ) -> Iterator[R]:
        """See `engines.base.Engine.map`; at most a few payloads a worker are in flight."""
        if small or self.workers == 1:
            for payload in payloads:
                yield function(payload)
            return
        waiting: deque[tuple[P, Future[R]]] = deque()
        source = iter(payloads)
        done = False
        while True:
            while not done and len(waiting) < 2 * self.workers + 1:
                try:
                    payload = next(source)
                except StopIteration:
                    done = True
                    break
                waiting.append((payload, self._submitted(function, payload)))
            if not waiting:
                return
            payload, future = waiting.popleft()
            try:
                yield future.result()
            except BrokenProcessPool:
                again = [payload, *(p for p, _ in waiting)]
                waiting.clear()
                self._close(kill=True)
                for one in again:
                    yield from alone(partial(self._attempt, function), one, on_death, split, save)

    def files(self) -> None:
        """This machine's files need no engine."""

    def _submitted(self, function: Callable[[P], R], payload: P) -> Future[R]:
        """The future of one payload; a failed one where a worker died before it could be handed out."""
        try:
            future: Future[R] = self._workers().submit(function, payload)
        except BrokenProcessPool as e:
            future = Future()
            future.set_exception(e)
        return future

    def _attempt(self, function: Callable[[P], R], payload: P) -> list[R] | None:
        pool, whole = self._processes(1), False
        try:
            future: Future[R] = pool.submit(function, payload)
            done = [future.result()]
            whole = True
            return done
        except BrokenProcessPool:
            return None
        finally:
            pool.shutdown(wait=True, kill_workers=not whole)  # of an interrupted wait, the worker is at work still
