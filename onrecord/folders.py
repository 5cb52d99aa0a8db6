"""A record as a folder of Parquet, one file a table: opened like the one file, for reading."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from onrecord import schema
from onrecord.errors import RecordError

LAST = "meta.parquet"
"""The file that is written last: a folder without it is not whole."""


def holds_record(folder: Path) -> bool:
    """True where the folder has the file that is written last."""
    return (folder / LAST).is_file()


def open_folder(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection to a database in memory that holds the tables of the folder.

    In memory, because a connection that may read the folder at any time may also write there. The tables with which a
    record is changed are not in such a folder, and are empty. Raises `RecordError` when a table is missing or damaged.
    """
    db = duckdb.connect(":memory:")
    for table in schema.TABLES.values():
        db.register("shape", table.empty())
        db.execute(f'CREATE TABLE "{table.name}" AS SELECT * FROM shape')
        db.unregister("shape")
        if table.working:
            continue
        path = folder / f"{table.name}.parquet"
        try:
            db.execute(f'INSERT INTO "{table.name}" BY NAME SELECT * FROM read_parquet(?)', [str(path)])
        except duckdb.Error as error:
            db.close()
            told = str(error).splitlines()[0]
            raise RecordError(f"{path}: missing or damaged ({told}); export the record or build it again") from error
    _forget_working(db)
    return db


def as_file(folder: Path, path: Path) -> None:
    """Write the tables of a folder to one file, to be read only; raises `RecordError` as `open_folder`."""
    db = open_folder(folder)
    try:
        db.execute("ATTACH '{}' AS file".format(str(path).replace("'", "''")))
        db.execute("COPY FROM DATABASE memory TO file")
    finally:
        db.close()


def _forget_working(db: duckdb.DuckDBPyConnection) -> None:
    """What was noted of tables that the folder does not hold says nothing of it."""
    found = db.execute("SELECT value FROM meta WHERE name = 'digests'").fetchall()
    if found and found[0][0]:
        kept = {n: v for n, v in json.loads(found[0][0]).items() if n in schema.TABLES and not schema.table(n).working}
        db.execute("UPDATE meta SET value = ? WHERE name = 'digests'", [json.dumps(kept)])
