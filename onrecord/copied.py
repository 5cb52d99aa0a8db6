"""A record changed in few of its tables: the file is copied as it is, and only those tables are written anew."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

import duckdb

from onrecord import __version__, schema
from onrecord.laws import digests, violations
from onrecord.store import Workspace, open_record


class CopiedRecord(Workspace):
    """A workspace that begins with every row of the standing record; `RecordError` when there is no whole one."""

    def _open(self) -> None:
        open_record(self.target).close()
        shutil.copyfile(self.target, self.path)
        self.db = duckdb.connect(str(self.path))
        self.db.execute("SET preserve_insertion_order = false")
        self.db.execute("CREATE TABLE fresh (report_id VARCHAR)")

    def facts(self) -> dict[str, Any]:
        """What `meta` says of the record."""
        return dict(self.db.execute("SELECT name, value FROM meta").fetchall())

    def broken(self, changed: Collection[str]) -> bool:
        """True when these tables break a law, in rows about reports that were handed to `worked_on`."""
        return bool(violations(self.db, changed, limited=self.limited(changed)))

    def finish_changed(
        self,
        facts: dict[str, Any],
        changed: Collection[str],
        *,
        working: bool = True,
        now: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Write the changed tables in key order and move the file into the record's place; ends the workspace's work.

        As `finish`, of a record whose other tables hold the rows that they held. Of `working` tables, which no reader
        sees, rows that came may stand after those that were there. `now` are digests of tables that are known already.
        """
        self.db.execute("SET preserve_insertion_order = true")
        for name in sorted(n for n in changed if working or not schema.table(n).working):
            order = ", ".join(schema.table(name).key or ("ALL",))
            self.db.execute(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM "{name}" ORDER BY {order}')
        unknown = [n for n in changed if n != "meta" and n not in now]
        now = {**json.loads(self.facts()["digests"]), **now, **digests(self.db, names=unknown)}
        told = {
            "schema_version": schema.SCHEMA_VERSION,
            "onrecord_version": __version__,
            **facts,
            "digests": json.dumps({n: now[n] for n in schema.TABLES if n in now}),
            "duckdb": duckdb.__version__,
        }
        self.db.execute("DELETE FROM meta")
        self.put_rows(
            "meta",
            [{"name": n, "value": v if isinstance(v, str) else json.dumps(v, sort_keys=True)} for n, v in told.items()],
        )
        self.db.execute("DROP TABLE fresh")
        self.db.execute("CHECKPOINT")
        self.db.close()
        with self.path.open("rb+") as handle:
            os.fsync(handle.fileno())
        self.path.replace(self.target)
        self._flush_folder()
