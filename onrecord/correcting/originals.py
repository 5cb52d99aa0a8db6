"""Rows that corrections change: put in place of the old ones, which are kept, so that a correction can be undone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from onrecord import schema
from onrecord.correcting.evidence import rows
from onrecord.correcting.log import moment
from onrecord.store import Workspace

Row = dict[str, Any]

_LATER: dict[str, dict[str, Any]] = {"event_mentions": {"event_id": None}, "stories": {"n_origins": 0}}
"""Columns that reconciling fills in after corrections, and what they are before it: putting a row back leaves them."""


class Originals:
    """The tables of a record under way, as corrections change them. `write` puts down what was kept."""

    def __init__(self, work: Workspace) -> None:
        self.work = work
        self._kept: dict[tuple[str, str], tuple[str, Row | None]] = {}

    def rows(self, table: str, where: str, *parameters: Any) -> list[Row]:
        """Rows of a table in key order."""
        order = ", ".join(schema.table(table).key)
        return rows(self.work.db, f'SELECT * FROM "{table}" WHERE {where} ORDER BY {order}', parameters)

    def at(self, table: str, keys: Sequence[str]) -> dict[str, Row]:
        """Key (as `originals` has it) to row, for those that the table has; as before reconciling."""
        declared = schema.table(table)
        given = [dict(zip(declared.key, json.loads(k), strict=True)) for k in keys]
        if not given:
            return {}
        fields = pa.schema([declared.schema.field(k) for k in declared.key])
        self.work.db.register("wanted", pa.Table.from_pylist(given, schema=fields))
        found = rows(self.work.db, f'SELECT t.* FROM "{table}" t SEMI JOIN wanted USING ({", ".join(declared.key)})')
        self.work.db.unregister("wanted")
        return {_key(declared, r): _before_reconciling(table, r) for r in found}

    def kept(self) -> dict[str, dict[str, Row | None]]:
        """Table to key to the row as the stages gave it, for all that `originals` holds, reports apart."""
        out: dict[str, dict[str, Row | None]] = {}
        for row in rows(self.work.db, "SELECT * FROM originals WHERE table_name <> 'reports'"):
            table = row["table_name"]
            given = as_row(schema.table(table), json.loads(row["row"])) if row["row"] else None
            out.setdefault(table, {})[row["row_key"]] = _before_reconciling(table, given) if given else None
        return out

    def replace(self, table: str, old: Iterable[Row], new: Iterable[Row]) -> None:
        """Put `new` rows in the place of `old` ones; of rows with the same key the first stays."""
        declared = schema.table(table)
        before = {_key(declared, r): r for r in old}
        after: dict[str, Row] = {}
        for made in new:
            after.setdefault(_key(declared, made), made)
        for k in before.keys() | after.keys():
            at = table, k
            if at not in self._kept:
                change = "added" if k not in before else "removed" if k not in after else "changed"
                self._kept[at] = change, before.get(k)
            else:
                change, row = self._kept[at]
                if change == "added" and k not in after:
                    del self._kept[at]
                elif change != "added":
                    self._kept[at] = ("changed" if k in after else "removed"), row
        _delete(self.work, declared, before.values())
        self.work.put(table, declared.from_rows(after[k] for k in sorted(after)))

    def write(self) -> None:
        """Write down the rows as they were."""
        self.work.put(
            "originals",
            schema.ORIGINALS.from_rows(
                {
                    "table_name": table,
                    "row_key": k,
                    "change": change,
                    "row": _dump(row | _LATER.get(table, {})) if row else None,
                }
                for (table, k), (change, row) in sorted(self._kept.items())
            ),
        )


def restore(work: Workspace) -> None:
    """Put every row but those of `reports` back as the stages gave it, and forget the originals.

    Reports are corrected before all stages, so that a record keeps them corrected until it is made anew.
    """
    kept: dict[str, list[Row]] = {}
    for row in rows(work.db, "SELECT * FROM originals WHERE table_name <> 'reports' ORDER BY ALL"):
        kept.setdefault(row["table_name"], []).append(row)
    for table, changes in kept.items():
        declared = schema.table(table)
        old = [as_row(declared, json.loads(c["row"])) for c in changes if c["row"]]
        keys = [dict(zip(declared.key, json.loads(c["row_key"]), strict=True)) for c in changes]
        for name in _LATER.get(table, ()):
            filled = dict(work.db.execute(f'SELECT {declared.key[0]}, {name} FROM "{table}"').fetchall())
            for row in old:
                row[name] = filled.get(row[declared.key[0]], row[name])
        _delete(work, declared, keys)
        work.put(table, declared.from_rows(old))
    work.db.execute("DELETE FROM originals WHERE table_name <> 'reports'")


def _before_reconciling(table: str, row: Row) -> Row:
    return row | _LATER.get(table, {})


def _delete(work: Workspace, declared: schema.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    keys = [{k: r[k] for k in declared.key} for r in rows]
    if keys:
        fields = pa.schema([declared.schema.field(k) for k in declared.key])
        work.db.register("gone", pa.Table.from_pylist(keys, schema=fields))
        same = " AND ".join(f't."{k}" = g."{k}"' for k in declared.key)
        work.db.execute(f'DELETE FROM "{declared.name}" t USING gone g WHERE {same}')
        work.db.unregister("gone")


def _key(declared: schema.Table, row: Mapping[str, Any]) -> str:
    return json.dumps([row[k] for k in declared.key], ensure_ascii=False)


def _dump(row: Row) -> str:
    return json.dumps(row, default=_plain, ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in a row")


def as_row(declared: schema.Table, row: Row) -> Row:
    """A row read from JSON, with times as times."""
    for column in declared.columns:
        if column.type == schema.TIME and row.get(column.name):
            row[column.name] = moment(row[column.name])
    return row
