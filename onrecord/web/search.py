"""Full-text search: an SQLite FTS5 index beside the record, made at first serve and again when the record changed.
The rows that pages read stand in the same file (`onrecord.web.near`).

It is made by a thread of its own; until it is whole, searches scan the texts (slower, same meaning: every word must
occur). The words are stemmed (Porter) and folded in case and diacritics; the texts themselves are not stored twice.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import duckdb

from onrecord.errors import OnrecordError
from onrecord.web import near
from onrecord.web.shelf import Reading, Shelf

MOST = 5_000
BATCH = 400
_TERM = re.compile(r'-?"[^"]+"|\S+')
_WORD = re.compile(r"\w+")


def expression(query: str) -> str:
    """A person's query as FTS5 means it: words all wanted, "phrases", -unwanted, prefix*. '' when nothing is wanted."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for term in _TERM.findall(query)[:32]:
        words = _WORD.findall(term)
        if words:
            quoted = f'"{" ".join(words)}"' + (" *" if term.endswith("*") else "")
            (unwanted if term.startswith("-") else wanted).append(quoted)
    if not wanted:
        return ""
    out = " AND ".join(wanted)
    return f"({out}) NOT ({' OR '.join(unwanted)})" if unwanted else out


class Index:
    """The index of the shelf's record. `ready` says whether it is whole and of this version of the record."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.path = _place(shelf.path)
        self._making = threading.Lock()
        self._stop = threading.Event()
        self._good = ""
        self.failed = ""

    def ready(self, version: str) -> bool:
        """Whether the index holds this version of the record."""
        if self._good != version and self._stands(version):
            self._good = version
            self.shelf.kept = version, self.path
        return self._good == version

    def _stands(self, version: str) -> bool:
        kept = near.opened(self.path, version)
        if kept:
            kept.close()
        return kept is not None

    def start(self) -> None:
        """Make the index in a thread, unless it stands already or is being made."""
        if not self.ready(self.shelf.version) and not self.failed and not self._making.locked():
            threading.Thread(target=self.make, name="search index", daemon=True).start()

    def stop(self) -> None:
        """Give up an index that is being made, and wait until it is."""
        self._stop.set()
        with self._making:
            pass

    def make(self) -> None:
        """Make the index for the record as it stands; a record that changes meanwhile starts it over."""
        with self._making:
            while not self._stop.is_set() and not self.ready(self.shelf.version):
                version = self.shelf.version
                new = self.path.with_name(f"{self.path.name}.{threading.get_native_id()}")
                new.unlink(missing_ok=True)
                try:
                    if self._write(new, version):
                        new.replace(self.path)
                except (sqlite3.Error, duckdb.Error, OSError, OnrecordError) as error:
                    self.failed = f"{type(error).__name__}: {error}"
                    return  # searches go on scanning
                finally:
                    new.unlink(missing_ok=True)

    def _write(self, new: Path, version: str) -> bool:
        with closing(sqlite3.connect(new)) as db:
            db.executescript(
                "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT);"
                "CREATE TABLE ids (n INTEGER PRIMARY KEY, report_id TEXT);"
                "CREATE VIRTUAL TABLE texts USING fts5 (title, text, outlet, content = '', "
                "tokenize = 'porter unicode61 remove_diacritics 2');"
            )
            last, n = "", 0
            while not self._stop.is_set():
                with self.shelf.reading() as reading:
                    if reading.version != version:
                        return False
                    rows = reading.quietly(
                        "SELECT report_id, title, text, outlet FROM reports WHERE report_id > ? "
                        f"ORDER BY report_id LIMIT {BATCH}",
                        last,
                    )
                if not rows:
                    near.make(self.shelf.path, db, self._stop.is_set)
                    if self._stop.is_set() or self.shelf.version != version:
                        return False
                    db.execute("INSERT INTO texts (texts) VALUES ('optimize')")
                    db.execute("INSERT INTO facts VALUES ('version', ?)", [near.mark(version)])
                    db.commit()
                    return True
                for row in rows:
                    n += 1
                    db.execute("INSERT INTO ids VALUES (?, ?)", [n, row["report_id"]])
                    db.execute(
                        "INSERT INTO texts (rowid, title, text, outlet) VALUES (?, ?, ?, ?)",
                        [n, row["title"], row["text"], row["outlet"]],
                    )
                last = rows[-1]["report_id"]
        return False

    def reports(self, reading: Reading, query: str, most: int = MOST) -> list[str]:
        """Ids of the reports that hold what is asked for, the best first, at most `most`."""
        wanted = expression(query)
        if not wanted:
            return []
        if self.ready(reading.version):
            try:
                with closing(sqlite3.connect(self.path)) as db:
                    found = db.execute(
                        "SELECT report_id FROM texts JOIN ids ON ids.n = texts.rowid WHERE texts MATCH ? "
                        "ORDER BY bm25(texts, 4.0, 1.0, 1.0), n LIMIT ?",
                        [wanted, most],
                    )
                    return [row[0] for row in found]
            except sqlite3.Error:
                self._good = ""
        return self._scan(reading, query, most)

    def _scan(self, reading: Reading, query: str, most: int) -> list[str]:
        tests, values = [], []
        for term in _TERM.findall(query)[:32]:
            words = " ".join(_WORD.findall(term)).lower()
            if words:
                tests.append(("NOT " if term.startswith("-") else "") + "contains(lower(text), ?)")
                values.append(words)
        rows = reading.quietly(
            f"SELECT report_id FROM reports WHERE {' AND '.join(tests)} ORDER BY report_id LIMIT {most}", *values
        )
        return [row["report_id"] for row in rows]


def _place(record: Path) -> Path:
    """Beside the record; where that folder cannot be written, among temporary files."""
    beside = record.with_name(record.name + ".search")
    try:
        with tempfile.TemporaryFile(dir=record.parent):
            return beside
    except OSError:
        return Path(tempfile.mkdtemp(prefix="onrecord-")) / beside.name
