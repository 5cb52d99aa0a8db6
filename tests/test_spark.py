"""The Spark engine gives what the local one gives, and loses only what kills."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import onrecord
from onrecord import pipeline, publishing, schema
from onrecord.engines.spark import SparkEngine
from onrecord.errors import WorkerDiedError
from onrecord.query import Record
from tests.hostile import files

pytest.importorskip("pyspark", reason="PySpark is not installed; make test-spark installs it")
pytestmark = pytest.mark.skipif(
    shutil.which("java") is None, reason="Spark needs a Java runtime; make test-spark looks for one"
)
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


@pytest.mark.slow
def test_only_the_part_that_kills_is_lost(engine: SparkEngine) -> None:
    dead: list[list[int]] = []
    halves = lambda ns: [ns[: len(ns) // 2], ns[len(ns) // 2 :]] if len(ns) > 1 else []  # noqa: E731
    got = list(engine.map(die_on_three, [[0, 1, 2, 3, 4], [5, 6]], on_death=dead.append, split=halves))
    assert dead == [[3]]
    assert sorted(n for part in got for n in part) == [0, 1, 2, 4, 5, 6]


@pytest.mark.slow
def test_what_kills_is_worked_on_in_less(engine: SparkEngine) -> None:
    """Of a story whose reconciling kills a worker, what can be saved is: less of it is tried, on the executors too."""

    def save(attempt: Callable[[list[int]], list[int]], ns: list[int]) -> list[int]:
        with pytest.raises(WorkerDiedError):
            attempt([3])
        return attempt([n for n in ns if n != 3])

    assert list(engine.map(die_on_three, [[0, 3, 4], [5, 6]], on_death=print, save=save)) == [[0, 4], [5, 6]]


def test_a_build_gives_equal_rows(example_record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "SMALL_CHARACTERS", 0)
    record = onrecord.build(REPORTS, tmp_path / "r.duckdb", options=onrecord.Options(engine="spark", master=MASTER))
    for name in schema.TABLES:
        if name != "meta":
            assert record.table(name).to_pylist() == example_record.table(name).to_pylist(), name


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a cluster on this machine, and its two workers, each in a process group with its executors."""
    import pyspark

    home = Path(pyspark.__file__).parent
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = os.environ | {
        "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE}",
        "PYSPARK_PYTHON": sys.executable, "SPARK_WORKER_DIR": tempfile.mkdtemp(),
    }  # fmt: skip

    def start(what: str, *arguments: str) -> subprocess.Popen[bytes]:
        line = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{what}", "--host", "127.0.0.1", *arguments]
        none = subprocess.DEVNULL
        return subprocess.Popen(line, env=env, stdout=none, stderr=none, start_new_session=True)

    master = start("master.Master", "--port", str(port), "--webui-port", "0")
    worker = ("worker.Worker", "--cores", "1", "--memory", "3g", "--webui-port", "0", f"spark://127.0.0.1:{port}")
    workers = [start(*worker), start(*worker)]
    yield f"spark://127.0.0.1:{port}", workers
    for process in (master, *workers):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    shutil.rmtree(env["SPARK_WORKER_DIR"])


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_time_and_no_rows(
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
    example_record: Record,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, workers = cluster
    monkeypatch.setattr(pipeline, "SMALL_CHARACTERS", 0)
    monkeypatch.setenv("PYTHONPATH", f"{HERE.parent}{os.pathsep}{HERE}")
    killed: list[str] = []

    def progress(stage: str, done: int, total: int | None) -> None:
        if stage == "resolve" and not killed:  # the executors have worked on the stages before
            killed.append(stage)
            os.killpg(workers[0].pid, signal.SIGKILL)

    options = onrecord.Options(engine="spark", master=address)
    record = onrecord.build(REPORTS, tmp_path / "r.duckdb", options=options, progress=progress)
    assert killed
    assert workers[0].wait(timeout=30) == -signal.SIGKILL
    assert workers[1].poll() is None
    for name in schema.TABLES:
        if name != "meta":
            assert record.table(name).to_pylist() == example_record.table(name).to_pylist(), name


def test_an_unknown_engine_is_named(tmp_path: Path) -> None:
    with pytest.raises(onrecord.UsageError, match="local, spark"):
        onrecord.build(REPORTS, tmp_path / "r.duckdb", options=onrecord.Options(engine="flink"))


def test_files_anywhere_that_spark_reaches_give_a_folder_of_parquet_there(tmp_path: Path) -> None:
    rows = [
        {"id": "n1", "text": "Police in Karvelle arrested four men on Monday after a fire at a grain store."},
        {"id": "n2", "text": "Norway and Finland signed an agreement on border patrols in Tromsø on Tuesday."},
    ]
    far, out = tmp_path / "far", tmp_path / "out"
    (far / "deep").mkdir(parents=True)
    (far / "a.jsonl").write_text(json.dumps(rows[0]) + "\n", encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(rows[1:]), far / "deep" / "b.parquet")
    (far / "deep" / "_SUCCESS").touch()
    (far / "c.warc.gz").write_bytes(files()["crawl.warc.gz"])
    options = onrecord.Options(engine="spark", master=MASTER)
    inputs = [far.as_uri(), (tmp_path / "none-*.jsonl").as_uri()]
    summary = publishing.build(inputs, out.as_uri(), options=options)
    assert summary.reports == 3
    local = onrecord.build(far, tmp_path / "r.duckdb", options=onrecord.Options(workers=1))
    with onrecord.open(out) as record:
        assert record.check() == []
        assert [p["reason"] for p in record.problems().to_pylist()] == ["missing"]
        for name in ("events", "event_mentions", "origins", "stories"):
            assert record.table(name).to_pylist() == local.table(name).to_pylist(), name
    with pytest.raises(onrecord.RecordError, match="no record"):
        publishing.build(inputs, far.as_uri(), options=options)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["far", "out", "r.duckdb"]
