"""People's own queries: they read the record and nothing else, and end in bounded time, memory and size."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from onrecord.errors import UsageError
from onrecord.query import Record
from onrecord.web import answering
from onrecord.web.shelf import Shelf

FILE = "/etc/hostname"


@pytest.fixture(scope="module")
def shelf(example_record: Record, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    path = tmp_path_factory.mktemp("asking") / "it's a record.duckdb"
    shutil.copy(example_record.path, path)
    shelf = Shelf(path)
    yield shelf
    shelf.close()


def ask(shelf: Shelf, sql: str, seconds: float = 20, most: int = 500) -> list[tuple[object, ...]]:
    with shelf.reading() as reading:
        return reading.limited(sql, seconds, most)[1]


FILES = [
    f"SELECT * FROM read_text('{FILE}')",
    f"SELECT * FROM read_blob(['{FILE}'])",
    f"SELECT * FROM read_csv('{FILE}')",
    f"SELECT * FROM read_json('{FILE}')",
    f"SELECT * FROM read_parquet('{FILE}')",
    f"SELECT * FROM sniff_csv('{FILE}')",
    f"SELECT * FROM '{FILE}'",
    "FROM 'https://example.org/x.csv'",
    "SELECT * FROM glob('/*')",
    f"SELECT * FROM query('SELECT * FROM read_text(''{FILE}'')')",
    f"SELECT * FROM query_table('{FILE}')",
    f"SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM read_text(''{FILE}'')'))",
    f"SELECT * FROM reports POSITIONAL JOIN read_text('{FILE}')",
    f"SELECT (SELECT content FROM read_text('{FILE}'))",
    f"WITH v AS (SELECT * FROM read_text('{FILE}')) SELECT * FROM v",
    f"EXPLAIN ANALYZE SELECT * FROM read_text('{FILE}')",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT getenv('HOME')",
    "SELECT * FROM sqlite_scan('x.db', 't')",
    "SELECT * FROM postgres_scan('', '', '')",
]
WRITES = [
    "INSTALL httpfs", "LOAD httpfs", "COPY reports TO 'out.csv'", "EXPORT DATABASE 'out'", "IMPORT DATABASE 'out'",
    "ATTACH ':memory:' AS m", "DETACH record", "USE memory", "SET enable_external_access = true",
    "RESET lock_configuration", "SET VARIABLE x = 1", "PRAGMA database_list", "CALL pragma_version()",
    "CREATE TABLE memory.t AS SELECT 1", "CREATE TEMP TABLE t AS SELECT 1", "CREATE VIEW memory.v AS SELECT 1",
    f"CREATE MACRO f() AS TABLE SELECT * FROM read_text('{FILE}')", "CREATE SECRET s (TYPE http)",
    "INSERT INTO reports SELECT * FROM reports", "DELETE FROM reports", "UPDATE reports SET text = ''",
    "DROP TABLE reports", "ALTER TABLE reports ADD COLUMN x INT", "CHECKPOINT", "VACUUM", "BEGIN",
    "PREPARE p AS SELECT 1", "EXPLAIN ANALYZE CREATE TABLE memory.t AS SELECT 1", "EXPLAIN DELETE FROM reports",
    "EXPLAIN (ANALYZE, FORMAT json) CREATE TABLE memory.t AS SELECT 1", "EXPLAIN EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE COPY reports TO 'out.csv'", "/* */ EXPLAIN ANALYZE CREATE TABLE memory.t AS SELECT 1",
    "SELECT 1; DROP TABLE reports", "SELECT 1; SELECT 2", "", "SELECT * FROM enable_logging()",
    "SELECT * FROM enable_profiling()",
]  # fmt: skip


@pytest.mark.parametrize("sql", FILES)
def test_no_query_reaches_a_file_or_an_extension(shelf: Shelf, sql: str) -> None:
    with pytest.raises(UsageError) as caught:
        ask(shelf, sql)
    assert os.uname().nodename not in str(caught.value)


@pytest.mark.parametrize("sql", WRITES)
def test_no_query_writes_attaches_or_sets(shelf: Shelf, sql: str) -> None:
    with pytest.raises(UsageError):
        ask(shelf, sql)
    assert not Path("out.csv").exists()
    (databases,) = ask(shelf, "SELECT count(*) FROM duckdb_databases() WHERE NOT internal")
    assert databases == (2,), "the record, and an empty database in memory"
    assert ask(shelf, "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'memory'") == [(0,)]


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
        "WITH RECURSIVE r(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM r) SELECT length(s) FROM r",
        "SELECT repeat('x', 3000000000)",
        "SELECT length(repeat('x', 3000000000))",
        "SELECT repeat('x', 100000000) FROM range(500)",
        "SELECT repeat(text, 20000) FROM reports",
        "SELECT generate_series(1, 2000000000)",
        "SELECT list(a.range) FROM range(3000000000) a",
        "SELECT * FROM range(3000000000) a ORDER BY hash(a.range)",
        "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = -7",
    ],
)
def test_time_memory_and_size_are_bounded_and_the_server_feels_nothing(shelf: Shelf, sql: str) -> None:
    before = _held()
    start = time.monotonic()
    with pytest.raises(UsageError, match=r"took longer|of memory|more memory|larger than"):
        ask(shelf, sql, seconds=1)
    assert time.monotonic() - start < answering.PROCESS_MIB / 100, "seconds, on a machine that has other work"
    assert _held() - before < 200 << 20
    assert ask(shelf, "SELECT count(*) > 0 FROM reports", seconds=30) == [(True,)]


def _held() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_rows_are_bounded_and_the_first_ones_come_at_once(shelf: Shelf) -> None:
    assert len(ask(shelf, "SELECT * FROM range(5000)", most=120)) == 120
    assert len(ask(shelf, "SELECT * FROM range(5000000000)")) == 500


def test_endless_recursion_ends(shelf: Shelf) -> None:
    try:
        rows = ask(shelf, "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r", 2)
    except UsageError as error:
        assert "took longer" in str(error)
    else:
        assert len(rows) == 500


@pytest.mark.parametrize(
    "sql",
    ["SELECT count(*) FROM reports", "FROM reports SELECT count(*)", "VALUES (1)", "EXPLAIN SELECT 1",
     "EXPLAIN ANALYZE SELECT 1", "EXPLAIN (FORMAT json) SELECT 1", "SUMMARIZE reports", "DESCRIBE reports",
     "SHOW TABLES", "SELECT 1; -- done", "SELECT outlet, list(title) FROM reports GROUP BY ALL"],
)  # fmt: skip
def test_what_reads_is_answered(shelf: Shelf, sql: str) -> None:
    assert ask(shelf, sql)


def test_a_replaced_record_is_asked_anew(example_record: Record, tmp_path: Path) -> None:
    path = tmp_path / "record.duckdb"
    shutil.copy(example_record.path, path)
    shelf = Shelf(path)
    try:
        assert ask(shelf, "SELECT count(*) FROM stories WHERE title = 'Told anew'") == [(0,)]
        shutil.copy(example_record.path, tmp_path / "new")
        with duckdb.connect(str(tmp_path / "new")) as db:
            db.execute("UPDATE stories SET title = 'Told anew'")
        (tmp_path / "new").replace(path)
        assert ask(shelf, "SELECT count(*) > 0 FROM stories WHERE title = 'Told anew'") == [(True,)]
    finally:
        shelf.close()
