"""One DuckDB file, written beside the record and moved into its place when it is whole.

A reader, or a crash, sees the old record or the new one. One process writes at a time; a second is told which.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import socket
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from onrecord import __version__, schema
from onrecord.collecting import give_back
from onrecord.errors import LawError, RecordError
from onrecord.folders import holds_record, open_folder
from onrecord.laws import digests, violations


def open_record(path: str | Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a record.

    It may be a folder of Parquet too. Raises `RecordError` when there is none, when the file is damaged, or when
    another schema version made it.
    """
    path = Path(path)
    if not path.exists():
        raise RecordError(f"{path}: no such record; make one with: onrecord build INPUT... -o {path}")
    if path.is_dir() and holds_record(path):
        return _of_this_schema(path, open_folder(path))
    if path.is_dir() or _foreign(path):
        raise RecordError(f"{path}: not a record of onrecord; make one with: onrecord build INPUT... -o record.duckdb")
    try:
        return _of_this_schema(path, duckdb.connect(str(path), read_only=True))
    except duckdb.Error as error:
        raise RecordError(f"{path}: not a whole record ({_first_line(error)}); build it again") from error


def _of_this_schema(path: Path, db: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    facts = dict(db.execute("SELECT name, value FROM meta").fetchall())
    made_by = facts.get("schema_version")
    if made_by != str(schema.SCHEMA_VERSION):
        raise RecordError(
            f"{path}: made by onrecord {facts.get('onrecord_version', '?')} with schema {made_by}; this is onrecord "
            f"{__version__} with schema {schema.SCHEMA_VERSION}: build the record again from its inputs"
        )
    return db


def _foreign(path: Path) -> bool:
    """Whether a file that is no database stands there, such as somebody's text."""
    with path.open("rb") as file:
        head = file.read(12)
    return bool(head) and head[8:] != b"DUCK"


def arrow_table(db: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] | None = None) -> pa.Table:
    """The answer to a query as an Arrow table; of no columns where the statement gives none."""
    relation = db.sql(sql, params=list(parameters)) if parameters else db.sql(sql)
    return pa.table({}) if relation is None else relation.to_arrow_table()


def damaged(path: Path, error: duckdb.Error) -> RecordError:
    """What is said of a record whose file cannot be read in all its parts."""
    return RecordError(
        f"{path}: the file is damaged ({_first_line(error)}); bring back a copy, or move it away and build it again"
    )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]


MEMORY = "640MiB"
"""What the tables that are worked on may take; more goes to a folder beside the record and back."""
LITTLE = "160MiB"
"""The same while a stage has the rows of all reports in memory of its own."""
_MADE = ("schema_version", "onrecord_version", "digests", "duckdb")
_CORRUPT = ("corrupt", "checksum", "could not read")
_FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS, errno.EIO})


class Workspace:
    """The record being written: `record.duckdb.building`, beside the record that it will replace.

    Use as a context manager; leaving it without `finish` throws the work away and leaves the old record as it was.
    """

    def __init__(self, target: str | Path) -> None:
        self.target = Path(target)
        self.path = self.target.with_name(self.target.name + ".building")
        self.lock = self.target.with_name(self.target.name + ".lock")
        self.standing = False
        self.kept: set[str] | None = None

    def __enter__(self) -> Self:
        self._take()
        try:
            self._remove_scratch()
            self._open()
            self.db.execute(f"SET memory_limit = '{MEMORY}'")
            self.db.execute(f"SET temp_directory = '{_quoted(self._overflow)}'")
        except BaseException as error:  # Ctrl-C here too leaves nothing behind
            with suppress(AttributeError, duckdb.Error):
                self.db.close()
            self._let_go()
            if isinstance(error, OSError | duckdb.Error):
                raise self._unwritable(error) from error
            raise
        return self

    def _open(self) -> None:
        self.db = duckdb.connect(str(self.path))
        self.db.execute("SET preserve_insertion_order = false")
        self.db.execute("BEGIN")  # one write to the disk, not one a table
        for table in schema.TABLES.values():
            self.db.register("shape", table.empty())
            self.db.execute(f'CREATE TABLE "{table.name}" AS SELECT * FROM shape')
            self.db.unregister("shape")
        self.db.execute("COMMIT")

    def _take(self) -> None:
        """Hold the record for writing, or say who does; a file that is no record is not written over."""
        if self.target.is_dir() and holds_record(self.target):
            raise RecordError(
                f"{self.target}: a folder of Parquet is only read; to change a record, build it as a file"
            )
        if self.target.is_dir():
            raise RecordError(f"{self.target} is a folder; name a file, such as {self.target / 'record.duckdb'}")
        if self.target.is_file() and _foreign(self.target):
            raise RecordError(f"{self.target}: no record, and left as it is; choose another -o, or remove it")
        while True:
            try:
                self.target.parent.mkdir(parents=True, exist_ok=True)
                self._held = self.lock.open("a+", encoding="utf-8")
            except OSError as error:
                raise self._unwritable(error) from error
            try:
                fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                self._held.seek(0)
                holder = self._held.read().strip() or "another process"
                self._held.close()
                raise RecordError(
                    f"{self.target}: being written by {holder}; wait for it, or choose another -o"
                ) from error
            except OSError as error:
                self._held.close()
                raise self._unwritable(error) from error
            if self.lock.exists() and os.path.samestat(self.lock.stat(), os.fstat(self._held.fileno())):
                break
            self._held.close()  # whoever held it took the file away between our opening and our locking it
        try:
            self._held.truncate(0)
            self._held.write(
                f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
            )
            self._held.flush()
        except OSError as error:
            self._let_go()
            raise self._unwritable(error) from error

    def _let_go(self) -> None:
        try:
            self._remove_scratch()
        finally:
            self.lock.unlink(missing_ok=True)
            with suppress(OSError):
                self._held.close()

    def _unwritable(self, error: Exception) -> RecordError:
        said = (error.strerror or str(error)) if isinstance(error, OSError) else _first_line(error)
        return RecordError(
            f"{self.target}: cannot be written there: {said}; what stood there is as it was: make room, or choose "
            "another -o"
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with suppress(duckdb.Error):
                self.db.close()
        finally:  # Ctrl-C just now leaves nothing behind either
            self._let_go()
        if isinstance(error, duckdb.Error) and any(word in str(error).lower() for word in _CORRUPT):
            raise damaged(self.target, error) from error
        if isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException) or (
            isinstance(error, OSError) and error.errno in _FULL
        ):
            raise self._unwritable(error) from error

    def _remove_scratch(self) -> None:
        for path in (self.path, self._new):
            for name in (path, path.with_name(path.name + ".wal")):
                name.unlink(missing_ok=True)
        shutil.rmtree(self._overflow, ignore_errors=True)

    @property
    def _overflow(self) -> Path:
        return self.target.with_name(self.target.name + ".overflow")

    @property
    def _new(self) -> Path:
        return self.target.with_name(self.target.name + ".new")

    def put(self, name: str, table: pa.Table) -> None:
        """Append rows. Raises `LawError` when they break the declaration of the table."""
        declared = schema.table(name)
        table = table.select(declared.schema.names).cast(declared.schema)
        declared.validate(table)
        if table.num_rows:
            self.db.register("incoming", table)
            self.db.execute(f'INSERT INTO "{name}" SELECT * FROM incoming')
            self.db.unregister("incoming")

    def put_rows(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Append rows given as mappings."""
        self.put(name, schema.table(name).from_rows(rows))

    def replace(self, name: str, table: pa.Table) -> None:
        """Put these rows in place of all that the table holds."""
        self.db.execute(f'DELETE FROM "{name}"')
        self.put(name, table)

    def get(self, name: str, report_ids: Sequence[str] | None = None) -> pa.Table:
        """The rows of a table in key order, or those of some reports."""
        declared = schema.table(name)
        order = f" ORDER BY {', '.join(declared.key)}" if declared.key else ""
        if report_ids is None:
            table = arrow_table(self.db, f'SELECT * FROM "{name}"{order}')
        else:
            query = f'SELECT * FROM "{name}" WHERE report_id IN (SELECT unnest(?)){order}'
            table = arrow_table(self.db, query, [list(report_ids)])
        return table.cast(declared.schema)

    @contextmanager
    def held_small(self) -> Iterator[None]:
        """Leave room, while the block runs, to a stage that has the rows of all reports in memory of its own."""
        give_back()
        with suppress(duckdb.Error):  # what cannot be put on the disk stays
            self.db.execute(f"SET memory_limit = '{LITTLE}'")
        try:
            yield
        finally:
            self.db.execute(f"SET memory_limit = '{MEMORY}'")
            give_back()

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """The answer to a query as an Arrow table."""
        return arrow_table(self.db, sql, parameters)

    @contextmanager
    def having(self, name: str, table: pa.Table) -> Iterator[None]:
        """Have an Arrow table under this name in queries, while the block runs."""
        self.db.register(name, table)
        try:
            yield
        finally:
            self.db.unregister(name)

    def batches(self, report_ids: Sequence[str], characters: int = 200_000) -> Iterator[list[str]]:
        """These report ids in id order, in batches of about that many characters of text."""
        batch: list[str] = []
        size = 0
        for report_id, length in self.db.execute(
            "SELECT report_id, length(text) FROM reports WHERE report_id IN (SELECT unnest($1::VARCHAR[])) "
            "ORDER BY report_id",
            [list(report_ids)],
        ).fetchall():
            batch.append(report_id)
            size += length
            if size >= characters:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def characters(self, report_ids: Sequence[str]) -> int:
        """Characters of text that these reports have."""
        query = "SELECT sum(length(text)) FROM reports WHERE report_id IN (SELECT unnest($1::VARCHAR[]))"
        return int(self.db.execute(query, [list(report_ids)]).fetchall()[0][0] or 0)

    def count(self, name: str, where: str = "true") -> int:
        """How many rows of a table meet a condition."""
        return int(self.query(f'SELECT count(*) AS n FROM "{name}" WHERE {where}').to_pylist()[0]["n"])

    def attach_standing(self) -> None:
        """Have the record that stands at the target, if it is one of this schema, as `standing`, to take rows from."""
        if not self.target.exists():
            return
        with suppress(duckdb.Error, RecordError):
            open_record(self.target).close()
            self.db.execute(f"ATTACH '{_quoted(self.target)}' AS standing (READ_ONLY)")
            self.standing = True
            for table in schema.TABLES.values():
                self.db.execute(
                    f'SELECT {", ".join(table.schema.names)} FROM standing."{table.name}" LIMIT 0'
                ).fetchall()
            return
        self.detach_standing()

    def keep_lawful(self, tables: Collection[str]) -> None:
        """From here on, rows of these tables that are taken over from the standing record count as lawful.

        Only rows about reports that are handed to `worked_on` are checked then.
        """
        if self.standing:
            self.kept = set(tables)
            self.db.execute("CREATE TABLE fresh (report_id VARCHAR)")

    def worked_on(self, reports: Sequence[str]) -> None:
        """A stage worked on these reports."""
        if self.kept is not None:
            self.db.execute(
                "INSERT INTO fresh SELECT unnest($1::VARCHAR[]) AS report_id EXCEPT SELECT report_id FROM fresh",
                [list(reports)],
            )

    def remade(self, tables: Collection[str]) -> None:
        """A stage made all rows of these tables: it worked on the reports of rows that did not stand like that."""
        for name in sorted(set(tables) & (self.kept or set())):
            columns = schema.table(name).schema.names
            new = f'SELECT * FROM "{name}" EXCEPT SELECT {", ".join(columns)} FROM standing."{name}"'
            for report in sorted({"report_id", "report_a", "report_b"}.intersection(columns)):
                self.db.execute(
                    f"INSERT INTO fresh SELECT {report} AS report_id FROM ({new}) EXCEPT SELECT report_id FROM fresh"
                )

    def limited(self, names: Collection[str] = tuple(schema.TABLES)) -> set[str]:
        """Of these tables, those of which only rows about fresh reports need be checked."""
        return set(names) & (self.kept or set())

    def detach_standing(self) -> None:
        """Let go of it."""
        if self.standing:
            self.db.execute("DETACH standing")
            self.standing = False

    def known_parses(self) -> int:
        """Take over the parses of these paragraphs that the standing record holds; how many they were."""
        if not self.standing:
            return 0
        self.db.execute(
            "INSERT INTO parses BY NAME SELECT * FROM standing.parses "
            "WHERE parse_key IN (SELECT parse_key FROM paragraphs)"
        )
        return self.count("parses")

    def known_corrections(self) -> None:
        """Take over the corrections of the standing record: people's decisions outlive every rebuild.

        A record of an older schema gives the columns that it has. Raises `RecordError` when a record stands there but
        cannot be read: its corrections must not be lost.
        """
        if not self.target.exists():
            return
        try:
            with duckdb.connect(str(self.target), read_only=True) as standing:
                rows = arrow_table(standing, "SELECT * FROM corrections")
        except duckdb.Error as error:
            raise RecordError(
                f"{self.target}: not a whole record ({_first_line(error)}), and its corrections must not be lost; "
                "move it away, or choose another -o"
            ) from error
        self.put_rows("corrections", rows.to_pylist())

    def take_over(self) -> dict[str, Any]:
        """Take over every row of the standing record; its facts, to be handed to `finish`.

        Raises `RecordError` when there is no whole record.
        """
        open_record(self.target).close()
        self.db.execute(f"ATTACH '{_quoted(self.target)}' AS standing (READ_ONLY)")
        there = self.db.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'standing'").fetchall()
        for name, table in schema.TABLES.items():
            if name != "meta" and (
                (name,) in there or not table.working
            ):  # a working table may be newer than the record
                self.db.execute(f'INSERT INTO "{name}" BY NAME SELECT * FROM standing."{name}"')
        facts = dict(self.db.execute("SELECT name, value FROM standing.meta").fetchall())
        self.db.execute("DETACH standing")
        return {n: v for n, v in facts.items() if n not in _MADE}

    def finish(self, facts: dict[str, Any], mend: Callable[[], object] | None = None) -> None:
        """Check the laws, write every table in key order to a new file and move it into the record's place.

        `facts` go to the table `meta`, as JSON; `mend` is called once where a law is broken. Raises `LawError`, naming
        each law that is broken still, and leaves the standing record as it was.
        """
        rows = {"schema_version": schema.SCHEMA_VERSION, "onrecord_version": __version__, **facts}
        self.put_rows(
            "meta",
            [{"name": k, "value": v if isinstance(v, str) else json.dumps(v, sort_keys=True)} for k, v in rows.items()],
        )
        used = "parse_key IN (SELECT parse_key FROM paragraphs)"
        limited = self.limited()
        broken = violations(self.db, limited=limited)
        if broken and mend:
            mend()
            broken = violations(self.db, limited=limited)
        if broken:
            raise LawError("the record would break its laws:\n" + "\n".join(f"  {v}" for v in broken))
        self.db.execute(f"ATTACH '{_quoted(self._new)}' AS finished")
        for table in schema.TABLES.values():
            order = f" ORDER BY {', '.join(table.key or ('ALL',))}"
            where = f" WHERE {used}" if table.name == "parses" else ""
            self.db.execute("SET preserve_insertion_order = true")
            self.db.execute(f'CREATE TABLE finished."{table.name}" AS SELECT * FROM "{table.name}"{where}{order}')
        self.db.execute(
            "INSERT INTO finished.meta VALUES ('digests', $1), ('duckdb', $2)",
            [json.dumps(digests(self.db, "finished")), duckdb.__version__],
        )
        self.detach_standing()
        self.db.execute("CHECKPOINT finished")
        self.db.execute("DETACH finished")
        with self._new.open("rb+") as handle:
            os.fsync(handle.fileno())
        self._new.replace(self.target)
        self._flush_folder()

    def _flush_folder(self) -> None:
        """So that the rename, too, outlives a power cut."""
        with suppress(OSError):
            folder = os.open(self.target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
