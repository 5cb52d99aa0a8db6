"""Puts people's queries to a process of its own (`answering`), and ends it when a query outgrows its time or memory."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from onrecord.errors import UsageError
from onrecord.web import answering

SIDE_BY_SIDE = 2  # queries answered at once; others wait for their turn, so that they cannot take the whole machine
STARTING = 30.0  # seconds that a process may take to start, beside the query's own
GRACE = 1.0  # seconds after its time in which a query may still be stopped politely

Answered = tuple[list[str], list[tuple[Any, ...]], bool]
"""Column names, rows, and whether there were more."""

REFUSALS = {
    "kind": "one SELECT at a time: the record is for reading; see onrecord sql for more",
    "large": f"the answer is larger than {answering.MOST_BYTES >> 20} MiB; select fewer or shorter columns",
    "memory": f"the query took more than {answering.MEMORY_MIB} MiB of memory; narrow it, or run onrecord sql",
    "died": "the query took more memory than it may; narrow it, or run onrecord sql",
}


class Asking:
    """Answers queries to the record at `path`; processes start when they are first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turns = threading.BoundedSemaphore(SIDE_BY_SIDE)
        self._lock = threading.Lock()
        self._idle: list[_Process] = []

    def ask(self, version: str, sql: str, seconds: float, most: int) -> Answered:
        """At most `most` rows of the record of that version.

        Raises `UsageError` when it is not one reading statement, fails, or takes more than its time or memory.
        """
        if not self._turns.acquire(timeout=2 * seconds + STARTING):
            raise UsageError("too many queries are being answered; ask again in a moment")
        try:
            process = self._taken(version)
            kind, told = process.ask(sql, seconds, most)
            if kind in ("kind", "error") or (kind == "rows" and not told[2]):
                self._put_back(process)
            else:
                process.close()  # a query that was not read to its end may still be at work
        finally:
            self._turns.release()
        if kind == "rows":
            names, rows, more = told
            return names, rows, more
        if kind == "late":
            raise UsageError(f"the query took longer than {seconds:g} s: narrow it, or run onrecord sql")
        raise UsageError(f"SQL: {told}" if kind == "error" else REFUSALS[kind])

    def _taken(self, version: str) -> _Process:
        with self._lock:
            stale = [p for p in self._idle if p.version != version]
            self._idle = [p for p in self._idle if p.version == version]
            found = self._idle.pop() if self._idle else None
        for process in stale:
            process.close()
        return found or _Process(self.path, version)

    def _put_back(self, process: _Process) -> None:
        with self._lock:
            self._idle.append(process)

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.close()


class _Process:
    def __init__(self, path: Path, version: str) -> None:
        self.version = version
        self.alive = True
        self._asked = False
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                # -P: nothing is imported from the folder in which the server happens to run
                [sys.executable, "-P", answering.__file__, str(path.resolve()), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._line = Connection(ours.detach())

    def ask(self, sql: str, seconds: float, most: int) -> answering.Answer:
        """What it answers; 'late' or 'died' where it had to be ended."""
        started, self._asked = self._asked, True
        try:
            if not started and not (self._line.poll(STARTING) and self._line.recv() == answering.READY):
                self.close()
                return "died", ""
            self._line.send((sql, seconds, most))
            if not self._line.poll(seconds + GRACE):
                self.close()
                return "late", ""
            answer: answering.Answer = self._line.recv()
            return answer
        except (EOFError, OSError):
            self.close()
            return "died", ""

    def close(self) -> None:
        """End it, whatever it does."""
        self.alive = False
        self._process.kill()
        self._process.wait()
        self._line.close()
