"""The Spark engine gives what the local one gives, and loses only what kills."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import onrecord
from onrecord import pipeline, schema
from onrecord.engines.spark import SparkEngine
from onrecord.query import Record

pytest.importorskip("pyspark", reason="PySpark is not installed; make test-all installs it")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs a Java runtime"),
]
MASTER = "local[2,2]"
HERE = Path(__file__).parent
REPORTS = HERE.parent / "examples" / "reports"


@pytest.fixture(scope="module")
def engine() -> Iterator[SparkEngine]:
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, (HERE.parent, HERE)))  # executors load this module too
    with SparkEngine(MASTER) as engine:
        yield engine
    os.environ.pop("PYTHONPATH")
    if before is not None:
        os.environ["PYTHONPATH"] = before


def double(n: int) -> int:
    return 2 * n


def die_on_three(ns: list[int]) -> list[int]:
    if 3 in ns:
        os.kill(os.getpid(), signal.SIGKILL)
    return ns


def test_results_come_in_order(engine: SparkEngine) -> None:
    assert list(engine.map(double, range(40), on_death=print)) == [2 * n for n in range(40)]


def test_an_error_is_raised_here(engine: SparkEngine) -> None:
    with pytest.raises(TypeError):
        list(engine.map(double, [1, None], on_death=print))  # type: ignore[list-item]


def test_only_the_part_that_kills_is_lost(engine: SparkEngine) -> None:
    dead: list[list[int]] = []
    halves = lambda ns: [ns[: len(ns) // 2], ns[len(ns) // 2 :]] if len(ns) > 1 else []  # noqa: E731
    got = list(engine.map(die_on_three, [[0, 1, 2, 3, 4], [5, 6]], on_death=dead.append, split=halves))
    assert dead == [[3]]
    assert sorted(n for part in got for n in part) == [0, 1, 2, 4, 5, 6]


def test_a_build_gives_equal_rows(example_record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "SMALL_CHARACTERS", 0)
    record = onrecord.build(REPORTS, tmp_path / "r.duckdb", options=onrecord.Options(engine="spark", master=MASTER))
    for name in schema.TABLES:
        if name != "meta":
            assert record.table(name).to_pylist() == example_record.table(name).to_pylist(), name


def test_an_unknown_engine_is_named(tmp_path: Path) -> None:
    with pytest.raises(onrecord.UsageError, match="local, spark"):
        onrecord.build(REPORTS, tmp_path / "r.duckdb", options=onrecord.Options(engine="flink"))
