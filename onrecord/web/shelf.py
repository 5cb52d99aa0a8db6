"""The record that is served: opened for reading, shared by all requests, opened anew when a rebuild replaces it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from onrecord.errors import RecordError
from onrecord.store import open_record
from onrecord.web import near
from onrecord.web.asking import Asking

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
    """One request's look at the record: every query is remembered, so that the page can show it.

    `kept` are the rows that `onrecord.web.near` keeps beside the record, None until they are made.
    """

    cursor: duckdb.DuckDBPyConnection
    version: str
    asking: Asking
    kept: near.Kept | None = None
    asked: list[Asked] = field(default_factory=list)
    texts: dict[str, Any] = field(default_factory=dict)
    corrected: bool | None = None  # whether anybody corrected the record

    def rows(self, what: str, sql: str, *parameters: Any, near: tuple[str, Sequence[str]] | None = None) -> list[Row]:
        """The rows of a query as mappings; `what` says in words what they are.

        `near` names the kept rows that are the same (a name of `near.KEPT`, and ids); they are taken instead where
        there are any. What is remembered is the query to the record.
        """
        self.asked.append(Asked(what, sql, parameters))
        if near and self.kept:
            return self.kept.rows(*near)
        return self.quietly(sql, *parameters)

    def quietly(self, sql: str, *parameters: Any) -> list[Row]:
        """As `rows`, but the page does not show the query."""
        done = self.cursor.execute(sql, list(parameters))
        names = [d[0] for d in done.description or ()]
        return [dict(zip(names, row, strict=True)) for row in done.fetchall()]

    def limited(self, sql: str, seconds: float, most: int) -> tuple[list[str], list[tuple[Any, ...]], bool]:
        """A person's own query: its column names, at most `most` rows, and whether there were more.

        Raises `UsageError` when it is not one reading statement, fails, or takes longer than `seconds` or more memory
        than it may. It runs in a process of its own.
        """
        return self.asking.ask(self.version, sql, seconds, most)


@dataclass
class _Open:
    """The record as one version of it was opened, with the number of requests that read it."""

    db: duckdb.DuckDBPyConnection
    version: str
    readers: int = 0


class Shelf:
    """Holds the record open. Requests read side by side; when the file was replaced, the next one reads the new.

    Each version is attached to a database of its own in memory: a file opened by its path stays the old one for as long
    as anybody in the process has it open.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.kept: tuple[str, Path] | None = None  # the version that rows are kept of, and where
        self.asking = Asking(self.path)
        self._turn = threading.Lock()
        open_record(self.path).close()
        self._open = self._opened()

    @property
    def version(self) -> str:
        """A mark of the file as it stands; it changes when the record is replaced."""
        try:
            stat = self.path.stat()
        except OSError as error:
            raise RecordError(f"{self.path.name}: the record is gone; build it again") from error
        return f"{stat.st_ino:x}-{stat.st_size:x}-{stat.st_mtime_ns:x}"

    def _opened(self) -> _Open:
        version = self.version
        open_record(self.path).close()
        db = duckdb.connect(":memory:")
        db.execute("ATTACH '{}' AS record (READ_ONLY)".format(str(self.path).replace("'", "''")))
        for setting in (
            f"memory_limit = '{MEMORY}'",
            "temp_directory = ''",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            db.execute(f"SET {setting}")
        return _Open(db, version)

    def _replace(self, new: _Open) -> None:
        old, self._open = self._open, new
        if old.readers == 0:
            old.db.close()

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A look at the record as it stands; raises `RecordError` when it cannot be opened."""
        with self._turn:
            if self.version != self._open.version:
                self._replace(self._opened())
            mine = self._open
            mine.readers += 1
        cursor = mine.db.cursor()
        kept = near.opened(*self.kept[::-1]) if self.kept and self.kept[0] == mine.version else None
        try:
            cursor.execute("USE record")
            yield Reading(cursor, mine.version, self.asking, kept)
        finally:
            cursor.close()
            if kept:
                kept.close()
            with self._turn:
                mine.readers -= 1
                if mine.readers == 0 and mine is not self._open:
                    mine.db.close()

    def close(self) -> None:
        """Let go of the file; requests that still read it finish first."""
        self.asking.close()
        with self._turn:
            if self._open.readers == 0:
                self._open.db.close()
