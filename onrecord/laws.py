"""The laws of the record, as checks: every span inside its text and on whole words, every reference known, keys single.

`broken_spans` guards one report's rows as a stage hands them over; `violations` examines a whole record.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath
from typing import Any

import duckdb
import pyarrow as pa

from onrecord.errors import LawError
from onrecord.schema import EVIDENCE, TABLES, Column, Table
from onrecord.text import cuts_word, key


@dataclass(frozen=True)
class Violation:
    """One way in which a table breaks a law: how many rows, and an example."""

    table: str
    law: str
    rows: int
    example: str

    def __str__(self) -> str:
        return f"{self.table}: {self.law}: {self.rows} row{'s' if self.rows != 1 else ''}, for example {self.example}"


def spans_of(table: Table, row: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    """(column, start, end) for every span that a row holds into its own report."""
    for start, end in table.spans:
        yield start, row[start], row[end]
    for name in table.span_lists():
        value = row.get(name)
        for span in value if isinstance(value, list | tuple) else [value] if value else []:
            yield name, span["char_start"], span["char_end"]


def broken_spans(table: Table, text: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The rows of one report that point outside its text, at nothing, or into the middle of a word; and why."""
    for row in rows:
        for name, start, end in spans_of(table, row):
            if not 0 <= start < end <= len(text):
                yield row, f"{name} [{start}, {end}) is not a stretch of a text of {len(text)} characters"
                break
            if not text[start:end].strip():
                yield row, f"{name} [{start}, {end}) holds only blanks"
                break
            if cuts_word(text, start) or cuts_word(text, end):
                yield row, f"{name} [{start}, {end}) cuts a word: {text[max(0, start - 8) : end + 8]!r}"
                break


Row = dict[str, Any]


def lawful(table: Table, text: str, rows: Iterable[Row]) -> tuple[list[Row], list[str]]:
    """The rows of one report that point at its text as they must, each key once; and why the others were refused.

    Raises `LawError` for segments that overlap or leave text out: they hold together or not at all.
    """
    rows = list(rows)
    bad = {id(row): why for row, why in broken_spans(table, text, rows)}
    seen: set[tuple[Any, ...]] = set()
    kept = []
    for row in rows:
        own = tuple(row.get(k) for k in table.key)
        if id(row) not in bad and (not table.key or own not in seen):
            seen.add(own)
            kept.append(row)
    if table.name == "attributions":  # one that was told inside a refused one is told by nobody else
        ids = {row["attribution_id"] for row in kept}
        kept = [row if row.get("parent_attribution") in ids else {**row, "parent_attribution": None} for row in kept]
    if table.name == "segments":
        spans = sorted((row["char_start"], row["char_end"]) for row in kept)
        if overlapping(spans) or uncovered(text, spans):
            raise LawError("segments overlap, or leave text out")
    return kept, list(bad.values())


UNDECLARED = (LawError, ValueError, TypeError, OverflowError)
"""What making a table raises of rows that are not as declared: a value missing, not of its set, or of another type."""


def declared(table: Table, rows: Sequence[Row]) -> tuple[pa.Table, list[tuple[Row, str]]]:
    """Rows as an Arrow table, less those that are not as the table is declared; these, and why not."""
    try:
        return table.from_rows(rows), []
    except UNDECLARED:
        kept, refused = [], []
        for row in rows:
            try:
                table.from_rows([row])
                kept.append(row)
            except UNDECLARED as error:
                refused.append((row, str(error)))
        return table.from_rows(kept), refused


def violations(
    db: duckdb.DuckDBPyConnection,
    only: Collection[str] = tuple(TABLES),
    *,
    known: Collection[str] = tuple(TABLES),
    texts: bool = True,
) -> list[Violation]:
    """Every law that the record in `db` breaks, empty when it keeps them all.

    `only` names the tables to look at, `known` those that are filled already and may be referred to. Without `texts`
    the laws are left out that need every text read: no span cuts a word, segments cover their report.
    """
    out: list[Violation] = []
    present = {r[0] for r in db.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    wanted = []
    for table in TABLES.values():
        if table.name not in present:
            if table.name in only and not table.working:
                out.append(Violation(table.name, "the table is missing", 1, table.doc))
            continue
        columns = {r[0] for r in db.execute(f'DESCRIBE "{table.name}"').fetchall()}
        missing = [n for n in table.schema.names if n not in columns]
        if missing:
            out.append(Violation(table.name, "columns are missing", len(missing), ", ".join(missing)))
        elif table.name in only:
            wanted.append(table)
    whole = present - {v.table for v in out}
    for table in wanted:
        for law, query in _queries(table, whole & set(known)):
            n, example = db.execute(f"SELECT count(*), min(example) FROM ({query})").fetchall()[0]
            if n:
                out.append(Violation(table.name, law, int(n), str(example)[:200]))
    if texts and not any(v.law.endswith("missing") for v in out):
        out.extend(_whole_words(db, wanted))
        if "segments" in only:
            out.extend(_coverage(db))
    return out


def overlapping(spans: Sequence[Sequence[int]]) -> bool:
    """True when one of these stretches, in order, begins before the one before it ends."""
    return any(start < end for (_, end), (start, _) in pairwise(spans))


def uncovered(text: str, spans: Iterable[Sequence[int]]) -> bool:
    """True when these stretches, in order, leave a character of the text out that is not blank."""
    at = 0
    for start, end in (*spans, (len(text), len(text))):
        if text[at:start].strip():
            return True
        at = max(at, end)
    return False


def _queries(table: Table, known: Collection[str]) -> Iterator[tuple[str, str]]:
    name = f'"{table.name}"'
    if table.key:
        keys = ", ".join(table.key)
        shown = " || ' ' || ".join(f"coalesce({k}::VARCHAR, '-')" for k in table.key)
        yield (
            f"({keys}) must be single",
            f"SELECT {shown} AS example FROM {name} GROUP BY {keys} HAVING count(*) > 1",
        )
    coded = [c for c in table.columns if c.required or c.values]
    if coded:
        yield from _values(name, coded)
    for c in table.columns:
        if c.ref.partition(".")[0] in known:
            yield _reference(name, c.name, c.ref, pa.types.is_list(c.type))
    for column, source in sources(table):
        yield _span_law(column, source)


def _values(name: str, columns: Iterable[Column]) -> Iterator[tuple[str, str]]:
    """One scan of a table for missing and uncoded values: the law names the columns, the example the first to break."""
    tests = []
    for c in columns:
        if c.required:
            tests.append((f"{c.name} IS NULL", f"{c.name} has no value"))
        if c.values:
            listed = ", ".join(f"'{v}'" for v in c.values)
            tests.append((f"{c.name} NOT IN ({listed})", f"{c.name} is not one of {', '.join(c.values)}"))
    cases = " ".join(f"WHEN {test} THEN '{said}'" for test, said in tests)
    yield (
        "required values must be there, coded values of their set",
        f"SELECT example FROM (SELECT CASE {cases} END AS example FROM {name}) WHERE example IS NOT NULL",
    )


def _reference(name: str, column: str, ref: str, listed: bool) -> tuple[str, str]:
    other, key = ref.split(".")
    values = f"SELECT unnest({column}) AS v FROM {name}" if listed else f"SELECT {column} AS v FROM {name}"
    return (
        f"{column} must exist in {ref}",
        f'SELECT v AS example FROM ({values}) WHERE v IS NOT NULL AND v NOT IN (SELECT {key} FROM "{other}")',
    )


def _span_law(column: str, source: str) -> tuple[str, str]:
    lengths = "(SELECT report_id, length(text) AS n FROM reports)"
    return (
        f"{column} must be a stretch of the report's text",
        f"SELECT x.report_id || ' [' || x.s || ', ' || x.e || ')' AS example FROM ({source}) x "
        f"LEFT JOIN {lengths} r USING (report_id) WHERE r.n IS NULL OR x.s < 0 OR x.e <= x.s OR x.e > r.n",
    )


def sources(table: Table) -> Iterator[tuple[str, str]]:
    """(column, query giving row, report_id, s and e) for every kind of span that a table holds; row is its number."""
    name = f'"{table.name}"'
    report = {"a_start": "report_a", "b_start": "report_b"}
    spans = (("a_start", "a_end"), ("b_start", "b_end")) if table.name == "alignments" else table.spans
    for start, end in spans:
        whose = report.get(start, "report_id")
        yield start, f"SELECT rowid AS row, {whose} AS report_id, {start} AS s, {end} AS e FROM {name}"
    for column in table.span_lists():
        values = column if pa.types.is_list(table.column(column).type) else f"[{column}]"
        yield (
            column,
            f"SELECT row, report_id, u.char_start AS s, u.char_end AS e FROM "
            f"(SELECT rowid AS row, report_id, unnest({values}) AS u FROM {name}) WHERE u IS NOT NULL",
        )
    for c in table.columns:
        if c.type == EVIDENCE:
            inner = f"SELECT rowid AS row, unnest({c.name}) AS u FROM {name}"
            yield c.name, f"SELECT row, u.report_id AS report_id, u.char_start AS s, u.char_end AS e FROM ({inner})"


def _whole_words(db: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> Iterator[Violation]:
    """Spans that cut a word or hold only blanks. Read report by report: SQL would walk the text once for every span."""
    parts = [
        f"SELECT report_id, '{table.name}' AS t, '{column}' AS c, s, e FROM ({source})"
        for table in tables
        for column, source in sources(table)
    ]
    spans = db.cursor()
    spans.execute(f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY report_id, t, c, s, e")
    texts = db.cursor()
    texts.execute("SELECT report_id, text FROM reports ORDER BY report_id")
    broken: dict[tuple[str, str], list[str]] = {}
    here, text = "", ""
    while rows := spans.fetchmany(50_000):
        for report_id, table_name, column, start, end in rows:
            while here < report_id and (row := texts.fetchmany(1)):
                here, text = row[0]
            if here != report_id or not 0 <= start < end <= len(text):
                continue
            if cuts_word(text, start) or cuts_word(text, end) or not text[start:end].strip():
                broken.setdefault((table_name, column), []).append(f"{report_id} [{start}, {end}): {text[start:end]!r}")
    for (table_name, column), found in broken.items():
        yield Violation(table_name, f"{column} must not cut a word or hold only blanks", len(found), found[0][:200])


def _coverage(db: duckdb.DuckDBPyConnection) -> list[Violation]:
    overlaps = db.execute(
        "SELECT count(*), min(report_id) FROM (SELECT report_id, char_start, lag(char_end) OVER "
        "(PARTITION BY report_id ORDER BY char_start) AS before FROM segments) WHERE before > char_start"
    ).fetchall()[0]
    out = []
    if overlaps[0]:
        out.append(Violation("segments", "segments must not overlap", overlaps[0], str(overlaps[1])))
    bare: list[str] = []
    cursor = db.cursor()
    cursor.execute(
        "SELECT r.report_id, r.text, s.spans FROM reports r LEFT JOIN (SELECT report_id, list([char_start, char_end] "
        "ORDER BY char_start) AS spans FROM segments GROUP BY report_id) s USING (report_id)"
    )
    while rows := cursor.fetchmany(500):
        for report_id, text, spans in rows:
            if uncovered(text, spans or []):
                bare.append(report_id)
    if bare:
        out.append(Violation("segments", "segments must cover every non-blank character", len(bare), min(bare)))
    return out


def changed_texts(db: duckdb.DuckDBPyConnection) -> list[Violation]:
    """Reports whose text, name or outlet is not the one that their id was made of.

    Not for every build to look at, which has just made the ids; where what the input said is not kept, unknown.
    """
    cursor = db.cursor()
    cursor.execute(
        "SELECT r.report_id, coalesce(r.external_id, CASE WHEN contains(r.uri, '://') THEN r.uri END), r.uri, "
        "a.outlet, r.text FROM reports r JOIN as_read a USING (report_id) ORDER BY r.report_id"
    )
    changed = [
        report_id
        for rows in iter(lambda: cursor.fetchmany(500), [])
        for report_id, name, uri, outlet, text in rows
        if report_id != key(name or PurePath(uri).name, outlet, text, prefix="r_")
    ]
    law = "report_id must be that of the name, outlet and text"
    return [Violation("reports", law, len(changed), changed[0])] if changed else []


def digests(db: duckdb.DuckDBPyConnection, schema: str = "main") -> dict[str, str]:
    """By table, one number of all its rows in any order; another version of DuckDB may give others."""
    out = {}
    for name in TABLES:
        if name != "meta":
            query = f'SELECT coalesce(sum(hash(t)), 0), count(*) FROM {schema}."{name}" t'
            total, rows = db.execute(query).fetchall()[0]
            out[name] = f"{int(total) % 2**64:016x}-{rows}"
    return out


def changed_tables(db: duckdb.DuckDBPyConnection) -> list[Violation]:
    """Tables whose rows are not those that were written; unknown where another version of DuckDB wrote them."""
    facts = dict(db.execute("SELECT name, value FROM meta").fetchall())
    if facts.get("duckdb") != duckdb.__version__ or not facts.get("digests"):
        return []
    now = digests(db)
    law = "the rows must be those that were written"
    then = json.loads(facts["digests"]).items()
    return [Violation(name, law, 1, f"{now.get(name)}, not {was}") for name, was in then if now.get(name) != was]
