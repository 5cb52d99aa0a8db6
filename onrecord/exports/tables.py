"""Every table of the record's contract as one file: Parquet, JSON lines or CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from onrecord import schema
from onrecord.exports.sheets import guarded
from onrecord.query import Record


def _parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")


def _jsonl(table: pa.Table, path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        for batch in table.to_batches(max_chunksize=5_000):
            for row in batch.to_pylist():
                out.write(json.dumps(row, ensure_ascii=False, default=_plain) + "\n")


def _csv(table: pa.Table, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(table.schema.names)
        for batch in table.to_batches(max_chunksize=5_000):
            for row in batch.to_pylist():
                writer.writerow([_cell(v) for v in row.values()])


def _cell(value: Any) -> Any:
    """A CSV cell: lists and structs as JSON; text that a spreadsheet would run as a formula gets a leading quote."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    if isinstance(value, datetime):
        return value.isoformat()
    return guarded(value)


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


FORMATS: dict[str, Callable[[pa.Table, Path], None]] = {"parquet": _parquet, "jsonl": _jsonl, "csv": _csv}


def write(record: Record, folder: Path, form: str) -> list[Path]:
    """Write each table of the record's contract to `folder/<table>.<form>`; the paths written, in table order."""
    written = []
    for table in schema.TABLES.values():
        if not table.working:
            path = folder / f"{table.name}.{form}"
            FORMATS[form](record.table(table.name), path)
            written.append(path)
    return written
