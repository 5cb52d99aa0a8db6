"""Builds run in processes of their own, to be killed; the forkserver has imported what they need."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from onrecord import Options, changing, pipeline, schema
from onrecord.query import Record

WRITERS = {"add": changing.add, "build": pipeline.build}


def context() -> ForkServerContext:
    """Processes that start in milliseconds, with the parser loaded."""
    here = Path(__file__).parent
    # the forkserver looks for what it preloads along this path alone
    os.environ["PYTHONPATH"] = os.pathsep.join([str(here), str(here.parent), os.environ.get("PYTHONPATH", "")])
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["crashing_ready"])
    return found


def work(action: str, inputs: Sequence[str], out: str) -> None:
    """Build or add in this process."""
    WRITERS[action](list(inputs), out, options=Options(workers=1))


def started(ctx: ForkServerContext, action: str, inputs: Sequence[str], out: Path) -> ForkServerProcess:
    process = ctx.Process(target=work, args=(action, list(inputs), str(out)))
    process.start()
    return process


def killed_after(process: ForkServerProcess, seconds: float) -> bool:
    """Kill it then; True when it was still at work."""
    process.join(seconds)
    alive = process.is_alive()
    if alive:
        os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    return alive


def whole_seconds(ctx: ForkServerContext, action: str, inputs: Sequence[str], out: Path) -> float:
    """How long an undisturbed run takes."""
    start = time.monotonic()
    process = started(ctx, action, inputs, out)
    process.join()
    assert process.exitcode == 0
    return time.monotonic() - start


def rows(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Every table of a record, in an order of its own."""
    with Record(path) as record:
        assert record.check() == []
        return {n: sorted(record.table(n).to_pylist(), key=repr) for n in schema.TABLES}
