from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from onrecord import limits
from onrecord.engines.local import LocalEngine


def double(n: int) -> int:
    return 2 * n


def die_on_three(n: int) -> int:
    if n == 3:
        os._exit(9)
    return n


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(workers: int) -> None:
    with LocalEngine(workers) as engine:
        assert list(engine.map(double, range(40), on_death=print)) == [2 * n for n in range(40)]


def test_a_worker_that_dies_costs_its_payload_only() -> None:
    dead: list[int] = []
    with LocalEngine(2) as engine:
        got = list(engine.map(die_on_three, range(12), on_death=dead.append))
    assert dead == [3]
    assert got == [n for n in range(12) if n != 3]


def test_a_worker_that_dies_between_two_payloads_costs_nothing_more() -> None:
    """The pool may notice a death while a payload is handed out, not only while a result is awaited."""
    dead: list[int] = []

    def slowly() -> Iterator[int]:
        for n in range(12):
            if n == 4:
                time.sleep(2)
            yield n

    with LocalEngine(2) as engine:
        got = list(engine.map(die_on_three, slowly(), on_death=dead.append))
    assert dead == [3]
    assert got == [n for n in range(12) if n != 3]


def die_on_a_three(ns: list[int]) -> list[int]:
    if 3 in ns:
        os.kill(os.getpid(), signal.SIGKILL)
    return ns


def test_only_the_part_that_kills_is_lost() -> None:
    dead: list[list[int]] = []
    halves = lambda ns: [ns[: len(ns) // 2], ns[len(ns) // 2 :]] if len(ns) > 1 else []  # noqa: E731
    with LocalEngine(2) as engine:
        got = list(engine.map(die_on_a_three, [[0, 1, 2, 3, 4], [5, 6]], on_death=dead.append, split=halves))
    assert dead == [[3]]
    assert sorted(n for part in got for n in part) == [0, 1, 2, 4, 5, 6]


def spin_or_take(what: str) -> str:
    """A compiled loop that no signal handler interrupts, one that Python interrupts, a sleep, too much memory."""
    try:
        with limits.at_most(1):
            if what == "compiled":
                sum(itertools.repeat(1))
            elif what == "python":
                while True:
                    pass
            elif what == "sleep":
                time.sleep(60)
            elif what == "memory":
                return str(len(bytearray(3 << 30)))
    except limits.TimeLimitError:
        return f"{what} interrupted"
    except MemoryError:
        return f"{what} refused"
    return what


def test_time_and_memory_are_bounded_in_the_worker() -> None:
    dead: list[str] = []
    with LocalEngine(2, worker_mib=1024) as engine:
        got = list(
            engine.map(spin_or_take, ["python", "memory", "fine", "compiled", "sleep", "last"], on_death=dead.append)
        )
    assert got == ["python interrupted", "memory refused", "fine", "sleep interrupted", "last"]
    assert dead == ["compiled"]


def test_a_bound_of_none_and_another_thread_change_nothing() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with limits.at_most(0):
        pass
    with limits.at_most(5):
        assert signal.getsignal(signal.SIGALRM) is not before
    assert signal.getsignal(signal.SIGALRM) is before
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(spin_or_take("fine")))
    thread.start()
    thread.join()
    assert got == ["fine"]


def test_an_error_is_raised_here() -> None:
    with LocalEngine(2) as engine, pytest.raises(TypeError):
        list(engine.map(double, [1, None], on_death=print))  # type: ignore[list-item]


def test_a_script_needs_no_main_guard(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "print('once')\nfrom onrecord.engines.local import LocalEngine\nfrom onrecord.text import plain\n"
        "with LocalEngine(2) as engine:\n    print(list(engine.map(plain, ['A', 'B'], on_death=print)))\n",
        encoding="utf-8",
    )
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert done.stdout.split("\n")[:2] == ["once", "['a', 'b']"], done.stderr
