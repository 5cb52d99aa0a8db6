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

from onrecord import textlaws
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
    limited: Collection[str] = (),
) -> list[Violation]:
    """Every law that the record in `db` breaks, empty when it keeps them all.

    `only` names the tables to look at, `known` those that are filled already and may be referred to. Without `texts`
    the laws are left out that need every text read: no span cuts a word, segments cover their report. Of tables that
    `limited` names, only rows about the reports in the table `fresh` are looked at: the others are as they were when
    they kept the laws.
    """
    out: list[Violation] = []
    columns: dict[str, set[str]] = {}
    listed = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'main'"
    for name, column in db.execute(listed).fetchall():
        columns.setdefault(name, set()).add(column)
    wanted = []
    for table in TABLES.values():
        if table.name not in columns:
            if table.name in only and not table.working:
                out.append(Violation(table.name, "the table is missing", 1, table.doc))
            continue
        missing = [n for n in table.schema.names if n not in columns[table.name]]
        if missing:
            out.append(Violation(table.name, "columns are missing", len(missing), ", ".join(missing)))
        elif table.name in only:
            wanted.append(table)
    whole = columns.keys() - {v.table for v in out}
    if not set(limited).isdisjoint(t.name for t in wanted) and not db.execute("SELECT 1 FROM fresh LIMIT 1").fetchall():
        wanted = [t for t in wanted if t.name not in limited]
    filled = [t for t in wanted if db.execute(f'SELECT 1 FROM "{t.name}" LIMIT 1').fetchall()]
    spanned = [t for t in filled if next(sources(t), None)]
    if spanned and "reports" in whole:
        _measure(db, all(t.name in limited for t in spanned))
    for table in filled:
        for law, query in _queries(table, whole & set(known), table.name in limited):
            n, example = db.execute(f"SELECT count(*), min(example) FROM ({query})").fetchall()[0]
            if n:
                out.append(Violation(table.name, law, int(n), str(example)[:200]))
    if texts and not any(v.law.endswith("missing") for v in out):
        for some in (False, True):
            out.extend(_whole_words(db, [t for t in spanned if (t.name in limited) == some], some))
        if any(t.name == "segments" for t in wanted):
            out.extend(_coverage(db, "segments" in limited))
    return out


def _measure(db: duckdb.DuckDBPyConnection, limited: bool) -> None:
    """How long each text is, once for all tables: counting the characters of all texts takes longer than the rest.

    A row about a fresh report, such as an origin, may point at other reports of any story that it is in, or at one that
    it shares a passage with.
    """
    beside = (
        " OR report_id IN (SELECT b.report_id FROM story_reports a JOIN story_reports b USING (story_id) "
        "WHERE a.report_id IN (SELECT report_id FROM fresh)) OR report_id IN (SELECT report_b FROM alignments "
        "WHERE report_a IN (SELECT report_id FROM fresh))"
    )
    where = _where(limited) + (beside if limited else "")
    db.execute(f"CREATE OR REPLACE TEMP TABLE lengths AS SELECT report_id, length(text) AS n FROM reports {where}")


def about(table: Table) -> str:
    """SQL: the report that a row is about, as far as it is about one."""
    names = set(table.schema.names)
    for name in ("report_id", "report_a", "first_report_id"):
        if name in names:
            return name
    return "report_ids[1]" if "report_ids" in names else "NULL"


def _where(limited: bool) -> str:
    return "WHERE report_id IN (SELECT report_id FROM fresh)" if limited else ""


def _rows(table: Table, limited: bool) -> str:
    """SQL: the rows of a table, or those about fresh reports."""
    if not limited:
        return f'"{table.name}"'
    if table.name == "parses":
        where = "parse_key IN (SELECT parse_key FROM paragraphs WHERE report_id IN (SELECT report_id FROM fresh))"
    else:
        where = f"{about(table)} IN (SELECT report_id FROM fresh)"
    return f'(SELECT rowid, * FROM "{table.name}" WHERE {where})'


def _whole_words(db: duckdb.DuckDBPyConnection, tables: Sequence[Table], limited: bool) -> Iterator[Violation]:
    """Spans that cut a word or hold only blanks."""
    found = textlaws.cut_spans(
        db,
        [(t.name, column, query) for t in tables for column, query in sources(t, _rows(t, limited))],
        _where(limited),
    )
    for (table, column), (rows, example) in sorted(found.items()):
        yield Violation(table, f"{column} must not cut a word or hold only blanks", rows, example[:200])


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


def _queries(table: Table, known: Collection[str], limited: bool) -> Iterator[tuple[str, str]]:
    name = _rows(table, limited)
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
    for column, source in sources(table, name):
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
    return (
        f"{column} must be a stretch of the report's text",
        f"SELECT x.report_id || ' [' || x.s || ', ' || x.e || ')' AS example FROM ({source}) x "
        f"LEFT JOIN lengths r USING (report_id) WHERE r.n IS NULL OR x.s < 0 OR x.e <= x.s OR x.e > r.n",
    )


def sources(table: Table, name: str = "") -> Iterator[tuple[str, str]]:
    """(column, query giving row, report_id, s and e) for every kind of span that a table holds; row is its number.

    `name` is SQL for the rows to take them from, with their `rowid`; by default the table itself.
    """
    name = name or f'"{table.name}"'
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


def _coverage(db: duckdb.DuckDBPyConnection, limited: bool) -> list[Violation]:
    segments = _rows(TABLES["segments"], limited)
    overlaps = db.execute(
        "SELECT count(*), min(report_id) FROM (SELECT report_id, char_start, lag(char_end) OVER "
        f"(PARTITION BY report_id ORDER BY char_start) AS before FROM {segments}) WHERE before > char_start"
    ).fetchall()[0]
    out = []
    if overlaps[0]:
        out.append(Violation("segments", "segments must not overlap", overlaps[0], str(overlaps[1])))
    missed = textlaws.bare(db, f"SELECT report_id, char_start AS s, char_end AS e FROM {segments}", _where(limited))
    if missed:
        out.append(Violation("segments", "segments must cover every non-blank character", len(missed), missed[0]))
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


def digests(
    db: duckdb.DuckDBPyConnection, schema: str = "main", names: Collection[str] = tuple(TABLES)
) -> dict[str, str]:
    """By table, one number of all its rows in any order; another version of DuckDB may give others."""
    out = {}
    for name in names:
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
