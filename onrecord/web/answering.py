"""Answers the queries of people who look at a record, in a process of its own, until the server closes the line.

Run as a script by `asking`. It can open the record alone, cannot write any file, and may take so much memory: what a
query takes beyond that ends the query, or this process, and never the server. Needs nothing but DuckDB.
"""

from __future__ import annotations

import pickle
import re
import resource
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

import duckdb

MEMORY_MIB = 2048  # of DuckDB's own; functions that make one large value go past it, hence the bound of the process
PROCESS_MIB = 3072
MOST_BYTES = 32 << 20  # of an answer; a row may hold whole texts
ROWS_A_FETCH = 50
READY = "ready"  # said once, so that a query's time does not hold the start
READING = {duckdb.StatementType.SELECT}
_EXPLAIN = re.compile(r"\s*EXPLAIN\s+(?:ANALYZE\s+|\([^()]*\)\s*)?", re.IGNORECASE)

Answer = tuple[str, Any]
"""'rows' with (column names, rows, whether there were more); 'late', 'large', 'memory', 'kind'; 'error' and why."""


def bound() -> None:
    """No file can grow, no core be left, and memory ends at `PROCESS_MIB`."""
    for what, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, PROCESS_MIB << 20),
    ):
        _, hard = resource.getrlimit(what)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (limit, limit))


def opened(path: str) -> duckdb.DuckDBPyConnection:
    """The record, attached for reading to a database in memory from which nothing else can be reached."""
    db = duckdb.connect(":memory:")
    db.execute("ATTACH '{}' AS record (READ_ONLY)".format(path.replace("'", "''")))
    for setting in (
        f"memory_limit = '{MEMORY_MIB}MiB'",
        "temp_directory = ''",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        db.execute(f"SET {setting}")
    return db


def reads_only(sql: str) -> bool:
    """True for one statement that reads; explaining something else would do it."""
    statements = duckdb.extract_statements(sql)
    if len(statements) != 1:
        return False
    if statements[0].type == duckdb.StatementType.EXPLAIN:
        start = _EXPLAIN.match(statements[0].query)
        return bool(start) and reads_only(statements[0].query[start.end() :] if start else "")
    return statements[0].type in READING


def answer(db: duckdb.DuckDBPyConnection, sql: str, seconds: float, most: int) -> Answer:
    """At most `most` rows, if they come within the seconds and the bytes."""
    late = threading.Event()
    cursor = db.cursor()

    def stop() -> None:
        late.set()
        cursor.interrupt()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    try:
        if not reads_only(sql):
            return "kind", ""
        timer.start()
        cursor.execute("USE record")
        done = cursor.execute(sql)
        rows: list[tuple[Any, ...]] = []
        size = 0
        while len(rows) <= most and (some := done.fetchmany(min(ROWS_A_FETCH, most + 1 - len(rows)))):
            size += len(pickle.dumps(some, pickle.HIGHEST_PROTOCOL))
            if size > MOST_BYTES:
                return "large", ""
            rows += some
        return "rows", ([d[0] for d in done.description or ()], rows[:most], len(rows) > most)
    except (MemoryError, duckdb.OutOfMemoryException):
        return "memory", ""
    except duckdb.Error as error:
        return ("late", "") if late.is_set() else ("error", str(error))
    finally:
        timer.cancel()
        cursor.close()


def main(path: str, line: int) -> None:
    """Answer what comes in on that file descriptor until it is closed."""
    bound()
    db = opened(path)
    with Connection(line) as asked:
        asked.send(READY)
        while True:
            try:
                asked.send(answer(db, *asked.recv()))
            except (EOFError, OSError):
                return


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
