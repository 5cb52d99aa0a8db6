from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
