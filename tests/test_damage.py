"""A damaged record is recognised, and `check` finds what was changed behind a record's back."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import onrecord
from onrecord import laws, schema
from onrecord.errors import RecordError
from onrecord.query import Record

BLOCK, HEADERS = 256 * 1024, 3 * 4096  # of a DuckDB file
REPORTS = sorted(str(p) for p in (Path(__file__).parent.parent / "examples" / "reports").iterdir())

PLANTED = {
    "an offset off by one": "UPDATE timexes SET char_end = char_end + 1 WHERE rowid = 3",
    "another offset off by one": "UPDATE entity_mentions SET char_start = char_start - 1 WHERE rowid = 7",
    "a quotation off by one": "UPDATE attributions SET content_spans = [{'char_start': content_spans[1].char_start + 1,"
    " 'char_end': content_spans[1].char_end}] WHERE rowid = 0",
    "a passage off by one": "UPDATE alignments SET b_start = b_start + 1 WHERE rowid = 0",
    "evidence off by one": "UPDATE origins SET evidence = [{'report_id': evidence[1].report_id, 'char_start': "
    "evidence[1].char_start, 'char_end': evidence[1].char_end - 1}]",
    "an offset behind the end": "UPDATE ledger SET char_end = 1000000 WHERE rowid = 0",
    "a dangling id": "UPDATE entity_mentions SET entity_id = 'e_0' WHERE rowid = 7",
    "a dangling id in a list": "UPDATE event_mentions SET actors = ['e_0'] WHERE rowid = 0",
    "a report that is gone": "DELETE FROM reports WHERE rowid = 0",
    "an event that is gone": "DELETE FROM events WHERE rowid = 0",
    "a doubled key": "INSERT INTO events SELECT * FROM events LIMIT 1",
    "a doubled report": "INSERT INTO reports SELECT * FROM reports LIMIT 1",
    "a letter of a text": "UPDATE reports SET text = replace(text, 'a', 'e')",
    "a longer text": "UPDATE reports SET text = text || ' More.'",
    "another outlet": "UPDATE as_read SET outlet = 'The Gull'",
    "texts of two reports changed over": "UPDATE reports SET text = (SELECT r.text FROM reports r WHERE r.report_id <> "
    "reports.report_id ORDER BY length(r.text) DESC LIMIT 1)",
    "another name": "UPDATE entities SET name = upper(name) WHERE rowid = 0",
    "another number": "UPDATE events SET n_origins = n_origins + 1 WHERE rowid = 0",
    "a row that is gone": "DELETE FROM credits WHERE rowid = 0",
    "a value of no known kind": "UPDATE event_mentions SET modality = 'maybe' WHERE rowid = 0",
    "a value that is gone": "UPDATE origins SET reason = NULL WHERE rowid = 0",
    "a table that is gone": "DROP TABLE origins",
    "a column that is gone": "ALTER TABLE ledger DROP COLUMN value",
    "two tables changed over": "ALTER TABLE events RENAME TO x; ALTER TABLE origins RENAME TO events; "
    "ALTER TABLE x RENAME TO origins",
    "segments that leave text out": "DELETE FROM segments WHERE rowid = 1",
    "segments that overlap": "UPDATE segments SET char_start = 0",
}


@pytest.fixture
def copy(example_record: Record, tmp_path: Path) -> Path:
    path = tmp_path / "r.duckdb"
    shutil.copy(example_record.path, path)
    return path


@pytest.mark.parametrize("kind", PLANTED)
def test_check_finds_each_kind_of_planted_corruption(copy: Path, kind: str) -> None:
    with duckdb.connect(str(copy)) as db:
        db.execute(PLANTED[kind])
    with Record(copy) as record:
        assert record.check()


def test_an_undamaged_record_passes(example_record: Record) -> None:
    assert example_record.check() == []


def found_damaged(path: Path) -> bool:
    try:
        with Record(path) as record:
            record.check()
    except RecordError as error:
        assert "damaged" in str(error) or "not a whole record" in str(error)
        return True
    return False


def test_changed_bytes_are_recognised(copy: Path) -> None:
    """In the blocks of the file; what no table uses may change without harm."""
    data, dice, found = copy.read_bytes(), random.Random(3), 0
    for _ in range(12):
        changed = bytearray(data)
        changed[dice.randrange(HEADERS, len(data))] ^= 1 << dice.randrange(8)
        copy.write_bytes(bytes(changed))
        found += found_damaged(copy)
    assert found >= 11


def test_a_truncated_file_and_blocks_changed_over_are_recognised(copy: Path) -> None:
    data, dice = copy.read_bytes(), random.Random(4)
    for _ in range(4):
        copy.write_bytes(data[: dice.randrange(len(data))])
        assert found_damaged(copy)
    blocks = [data[at : at + BLOCK] for at in range(HEADERS, len(data), BLOCK)]
    for _ in range(3):
        a, b = dice.sample(range(len(blocks) - 1), 2)
        swapped = list(blocks)
        swapped[a], swapped[b] = swapped[b], swapped[a]
        copy.write_bytes(data[:HEADERS] + b"".join(swapped))
        assert found_damaged(copy)


def test_the_commands_say_so_and_nothing_is_written_over_it(copy: Path) -> None:
    data = bytearray(copy.read_bytes())
    for at in range(len(data) // 2 // BLOCK * BLOCK + HEADERS + 4000, len(data) - 64, BLOCK):  # some blocks are free
        data[at : at + 64] = bytes(b ^ 255 for b in data[at : at + 64])
    copy.write_bytes(bytes(data))
    for command in (["check", str(copy)], ["show", "parses", str(copy)], ["brief", str(copy)]):
        line = [sys.executable, "-m", "onrecord", *command]
        done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
        assert "Traceback" not in done.stderr, command
        if command[0] == "check":
            assert done.returncode == 2
            assert "damaged" in done.stderr
    with pytest.raises(RecordError, match=r"damaged|not a whole record"):
        onrecord.add(copy, REPORTS[:1])
    assert copy.read_bytes() == bytes(data)
    assert [p.name for p in copy.parent.iterdir()] == ["r.duckdb"]


@pytest.mark.parametrize("version", ["1", str(schema.SCHEMA_VERSION + 1)])
def test_a_record_of_another_version_says_which_and_what_to_do(copy: Path, version: str) -> None:
    with duckdb.connect(str(copy)) as db:
        db.execute("UPDATE meta SET value = $1 WHERE name = 'schema_version'", [version])
        db.execute("UPDATE meta SET value = '0.0.9' WHERE name = 'onrecord_version'")
    said = rf"made by onrecord 0\.0\.9 with schema {version}; .* build the record again from its inputs"
    with pytest.raises(RecordError, match=said):
        Record(copy)
    with pytest.raises(RecordError, match=said):
        onrecord.add(copy, REPORTS[:1])


def altered(column: schema.Column, value: Any) -> Iterator[tuple[str, Any]]:
    """Kinds of damage to a value of this column, as its declaration lets it be damaged."""
    listed = isinstance(value, list)
    if column.ref:
        yield "a dangling id", ["none such", *value[1:]] if listed else "none such"
    if column.values:
        yield "a value of no known kind", "none such"
    if column.type == schema.INT:
        yield "a number, or an offset, off by one", value + 1
    if column.type in (schema.SPAN, schema.SPANS, schema.QUANTITIES, schema.EVIDENCE):
        first = value[0] if listed else value
        for name, step in (("char_start", -1), ("char_end", 1)):
            moved = {**first, name: first[name] + step}
            yield f"an offset off by one ({name})", [moved, *value[1:]] if listed else moved
    if column.type in (schema.TEXT, schema.TEXTS) and not column.ref and not column.values:
        yield "a changed text", [f"{value[0]}x", *value[1:]] if listed else f"{value}x"
    if column.required:
        yield "a value that is gone", None


# Filled only where people corrected something, or where inputs or reports have what the samples have not.
UNFILLED = {"corrections", "effects", "anchors", "originals", "marks", "repeats", "unlinked", "echoes", "problems"}


@pytest.mark.parametrize("table", [t for t in schema.TABLES.values() if t.name != "meta"], ids=lambda t: t.name)
def test_check_finds_damage_to_every_column(copy: Path, table: schema.Table) -> None:
    """From the schema itself, so that no column of a table to come is forgotten."""
    tried = 0
    with duckdb.connect(str(copy)) as db:
        if not db.execute(f'SELECT count(*) FROM "{table.name}"').fetchall()[0][0]:
            assert table.name in UNFILLED
            return

        def found(*, by_law: bool) -> bool:
            told = any(v.table == table.name for v in laws.changed_tables(db))
            return told and (not by_law or bool(laws.violations(db, [table.name], texts=False)))

        if table.key:
            db.begin()
            db.execute(f'INSERT INTO "{table.name}" SELECT * FROM "{table.name}" LIMIT 1')
            assert found(by_law=True), f"{table.name}: a doubled key"
            db.rollback()
        for column in table.columns:
            there = f"len({column.name}) > 0" if pa.types.is_list(column.type) else f"{column.name} IS NOT NULL"
            row = db.execute(f'SELECT rowid, {column.name} FROM "{table.name}" WHERE {there} LIMIT 1').fetchall()
            for kind, value in altered(column, row[0][1]) if row else ():
                db.begin()
                db.execute(f'UPDATE "{table.name}" SET {column.name} = $1 WHERE rowid = $2', [value, row[0][0]])
                by_law = kind in ("a dangling id", "a value of no known kind", "a value that is gone")
                assert found(by_law=by_law), f"{table.name}.{column.name}: {kind}"
                db.rollback()
                tried += 1
    assert tried >= 2
