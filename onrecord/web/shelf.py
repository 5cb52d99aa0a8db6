"""The record that is served: opened for reading, shared by all requests, opened anew when a rebuild replaces it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from onrecord.errors import RecordError, UsageError
from onrecord.store import open_record

MEMORY = "2GB"
Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A query that was put to the record for a view, with what it is for and the values of its parameters."""

    what: str
    sql: str
    parameters: tuple[Any, ...]

    def plain(self, longest: int = 24) -> str:
        """The query with its values written in, ready to be run again; a list longer than `longest` is cut with ….

        A parameter is `?`; no query of the app holds a question mark in a literal.
        """
        pieces = self.sql.split("?")
        out = pieces[0]
        for piece, value in zip(pieces[1:], self.parameters, strict=True):
            out += _literal(value, longest) + piece
        return out

    @property
    def whole(self) -> bool:
        """Whether `plain` can be run as it stands: no value had to be cut."""
        return not any(isinstance(v, list) and len(v) > 24 for v in self.parameters)


def _literal(value: Any, longest: int) -> str:
    if isinstance(value, list):
        cut = ", …" if len(value) > longest else ""
        return "[" + ", ".join(_literal(v, longest) for v in value[:longest]) + cut + "]"
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


@dataclass
class Reading:
    """One request's look at the record: every query is remembered, so that the page can show it."""

    cursor: duckdb.DuckDBPyConnection
    version: str
    asked: list[Asked] = field(default_factory=list)

    def rows(self, what: str, sql: str, *parameters: Any) -> list[Row]:
        """The rows of a query as mappings; `what` says in words what they are."""
        self.asked.append(Asked(what, sql, parameters))
        return self.quietly(sql, *parameters)

    def quietly(self, sql: str, *parameters: Any) -> list[Row]:
        """As `rows`, but the page does not show the query."""
        done = self.cursor.execute(sql, list(parameters))
        names = [d[0] for d in done.description or ()]
        return [dict(zip(names, row, strict=True)) for row in done.fetchall()]

    def limited(self, sql: str, seconds: float, most: int) -> tuple[list[str], list[tuple[Any, ...]], bool]:
        """A person's own query: its column names, at most `most` rows, and whether there were more.

        Raises `UsageError` when it is not one reading statement, fails, or takes longer than `seconds`.
        """
        try:
            statements = duckdb.extract_statements(sql)
        except duckdb.Error as error:
            raise UsageError(f"SQL: {error}") from error
        kinds = {s.type for s in statements}
        if len(statements) != 1 or not kinds <= {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}:
            raise UsageError("one SELECT at a time: the record is for reading; see onrecord sql for more")
        late = threading.Event()

        def stop() -> None:
            late.set()
            self.cursor.interrupt()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            done = self.cursor.execute(sql)
            rows = done.fetchmany(most + 1)
            names = [d[0] for d in done.description or ()]
        except duckdb.Error as error:
            if late.is_set():
                raise UsageError(f"the query took longer than {seconds:g} s: narrow it, or run onrecord sql") from error
            raise UsageError(f"SQL: {error}") from error
        finally:
            timer.cancel()
        return names, rows[:most], len(rows) > most


def _lock(db: duckdb.DuckDBPyConnection) -> None:
    """No files, no extensions, bounded memory, and no way to change that; shared with others of this process who have
    the record open, who lock it likewise.
    """
    try:
        for setting in (
            f"memory_limit = '{MEMORY}'",
            "temp_directory = ''",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            db.execute(f"SET {setting}")
    except duckdb.InvalidInputException as error:
        if db.execute("SELECT current_setting('enable_external_access')").fetchall() != [(False,)]:
            raise RecordError(f"the record is open in this process without locks: {error}") from error


class Shelf:
    """Holds the record open. Requests read side by side; when the file was replaced they finish, and it is reopened.

    The database keeps one instance a path in a process, so the old one must be let go of before the new one is opened.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._turn = threading.Condition()
        self._readers = 0
        self._db: duckdb.DuckDBPyConnection | None = None
        self._version = ""
        with self._turn:
            self._open()

    @property
    def version(self) -> str:
        """A mark of the file as it stands; it changes when the record is replaced."""
        try:
            stat = self.path.stat()
        except OSError as error:
            raise RecordError(f"{self.path}: the record is gone; build it again") from error
        return f"{stat.st_ino:x}-{stat.st_size:x}-{stat.st_mtime_ns:x}"

    def _open(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        self._version = self.version
        db = open_record(self.path)
        _lock(db)
        self._db = db

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A look at the record as it stands; raises `RecordError` when it cannot be opened."""
        with self._turn:
            if self._db is None or self.version != self._version:
                self._turn.wait_for(lambda: self._readers == 0)
                if self._db is None or self.version != self._version:
                    self._open()
            assert self._db is not None
            cursor = self._db.cursor()
            self._readers += 1
            version = self._version
        try:
            yield Reading(cursor, version)
        finally:
            cursor.close()
            with self._turn:
                self._readers -= 1
                self._turn.notify_all()

    def close(self) -> None:
        """Let go of the file, once nobody reads."""
        with self._turn:
            self._turn.wait_for(lambda: self._readers == 0, timeout=10)
            if self._db is not None:
                self._db.close()
                self._db = None
