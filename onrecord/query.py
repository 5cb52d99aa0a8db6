"""Asking a record: its tables as Arrow, and SQL. Reading only."""

from __future__ import annotations

import html
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from onrecord import schema
from onrecord.errors import UsageError
from onrecord.laws import Violation, changed_tables, changed_texts, violations
from onrecord.notebook import html_table
from onrecord.store import arrow_table, damaged, open_record


class Record:
    """A record opened for reading. Each table is a method that gives an Arrow table; `sql` asks anything.

    An Arrow table becomes a data frame by one call: `record.events().to_pandas()`, `polars.from_arrow(...)`.

    Raises `RecordError` when there is no whole record at `path`.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.db = open_record(path)
        self.db.execute("SET enable_external_access = false")
        self.db.execute("SET lock_configuration = true")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()

    def table(self, name: str) -> pa.Table:
        """A table of the record in key order.

        Raises `UsageError` when there is none of that name, `RecordError` when the file is damaged.
        """
        declared = schema.table(name)
        order = f" ORDER BY {', '.join(declared.key)}" if declared.key else ""
        try:
            return arrow_table(self.db, f'SELECT * FROM "{name}"{order}').cast(declared.schema)
        except duckdb.Error as error:
            raise damaged(self.path, error) from error

    def sql(self, query: str, parameters: list[Any] | None = None) -> pa.Table:
        """The answer to a query; raises `UsageError` with the database's message when it cannot be answered."""
        try:
            return arrow_table(self.db, query, parameters)
        except duckdb.Error as error:
            raise UsageError(f"SQL: {error}") from error

    def check(self) -> list[Violation]:
        """Every law of the record that it breaks; empty when it keeps them all.

        So is a table that is not as it was written. Raises `RecordError` when the file is damaged.
        """
        try:
            found = violations(self.db)
            if not any(v.law.endswith("missing") for v in found):
                found += changed_texts(self.db) + changed_tables(self.db)
            return found
        except duckdb.Error as error:
            raise damaged(self.path, error) from error

    def __repr__(self) -> str:
        counts = {n: self.db.execute(f"SELECT count(*) FROM {n}").fetchall()[0][0] for n in _COUNTED}
        return f"<record {self.path}: {', '.join(f'{c} {n}' for n, c in counts.items())}>"

    def _repr_html_(self) -> str:
        query = (
            "SELECT date_start AS date, event_type AS type, summary, n_reports AS reports, n_origins AS origins "
            "FROM events ORDER BY date_start NULLS LAST, event_id LIMIT 20"
        )
        return f"<p>{html.escape(repr(self)[1:-1])}</p>" + html_table(self.sql(query))

    def reports(self) -> pa.Table:
        """`reports`: one report as read."""
        return self.table("reports")

    def segments(self) -> pa.Table:
        """`segments`: the role of each stretch of a report."""
        return self.table("segments")

    def timexes(self) -> pa.Table:
        """`timexes`: time expressions."""
        return self.table("timexes")

    def entities(self) -> pa.Table:
        """`entities`: actors, persons, organisations, places."""
        return self.table("entities")

    def entity_mentions(self) -> pa.Table:
        """`entity_mentions`: where each is mentioned."""
        return self.table("entity_mentions")

    def attributions(self) -> pa.Table:
        """`attributions`: who said what, on what terms."""
        return self.table("attributions")

    def alignments(self) -> pa.Table:
        """`alignments`: passages that two reports share."""
        return self.table("alignments")

    def derivations(self) -> pa.Table:
        """`derivations`: which report took text from which."""
        return self.table("derivations")

    def stories(self) -> pa.Table:
        """`stories`: all reports of one happening."""
        return self.table("stories")

    def event_mentions(self) -> pa.Table:
        """`event_mentions`: one report says that something happened."""
        return self.table("event_mentions")

    def events(self) -> pa.Table:
        """`events`: what happened, once."""
        return self.table("events")

    def origins(self) -> pa.Table:
        """`origins`: where knowledge of each event came from."""
        return self.table("origins")

    def ledger(self) -> pa.Table:
        """`ledger`: every reported value of every field of an event."""
        return self.table("ledger")

    def problems(self) -> pa.Table:
        """`problems`: what could not be read, was refused, or was dropped."""
        return self.table("problems")


_COUNTED = ("reports", "stories", "events", "origins", "problems")
