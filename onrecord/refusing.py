"""Rows that break a law of the record are refused, one by one, before later stages read them; the rest goes on.

Stages refuse what they can see to be wrong of one report. What shows only beside other rows, or only at the end, is
refused here: the row goes, and stands in `problems` with its stage and the law. People's corrections are never refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pyarrow as pa

from onrecord import laws, perreport
from onrecord.laws import sources
from onrecord.schema import TABLES, Column, Table
from onrecord.store import Workspace
from onrecord.text import cuts_word

ROUNDS = 8  # of looking again: a row that goes may leave others that name it
KEPT = ("corrections", "meta")
SET_ASIDE = "boilerplate"  # nothing is taken from such a segment
# References that may be unknown without making the row wrong: the row stays, without it.
EMPTIED = {("attributions", "parent_attribution"), ("event_mentions", "event_id"), ("ledger", "origin_id")}


def cover(work: Workspace) -> None:
    """Give each report that could not be segmented one segment, set aside, so that the record has all of its text."""
    rows = work.query(
        "SELECT report_id, 0 AS char_start, length(text) AS char_end FROM reports "
        "WHERE report_id NOT IN (SELECT report_id FROM segments) AND trim(text) <> '' ORDER BY report_id"
    )
    work.put_rows("segments", [{**row, "kind": SET_ASIDE} for row in rows.to_pylist()])


def refuse(
    work: Workspace,
    stage: str,
    names: Collection[str] = tuple(TABLES),
    known: Collection[str] = tuple(TABLES),
    *,
    texts: bool = False,
) -> int:
    """Take away the rows of these tables that break a law, and what hangs on them; how many were refused.

    `known` are the tables that are filled already. With `texts` also those whose spans cut words, and segments that
    do not cover their report, which takes reading all texts. What cannot be mended so (a table or column is missing)
    is left for `Workspace.finish` to raise.
    """
    refused = 0
    for _ in range(ROUNDS):
        found_ = laws.violations(work.db, names, known=known, texts=texts, limited=work.limited(names))
        broken = {v.table for v in found_}
        found = [found for name in sorted(broken - set(KEPT)) for found in _offending(work, TABLES[name], known, texts)]
        if not found:
            break
        _note(work, stage, found)
        for name in sorted({f["table"] for f in found}):
            gone = sorted({f["row"] for f in found if f["table"] == name and not f["empty"]})
            for column in sorted({f["empty"] for f in found if f["table"] == name} - {""}):
                emptied = sorted({f["row"] for f in found if f["table"] == name and f["empty"] == column})
                work.db.execute(f'UPDATE "{name}" SET {column} = NULL WHERE rowid IN (SELECT unnest($1))', [emptied])
            work.db.execute(f'DELETE FROM "{name}" WHERE rowid IN (SELECT unnest($1::BIGINT[]))', [gone])
        refused += len(found)
        if "segments" in names:
            cover(work)
    return refused


def _note(work: Workspace, stage: str, found: list[dict[str, Any]]) -> None:
    """One row of problems for each report and law, with how many rows broke it."""
    uris = dict(work.db.execute("SELECT report_id, uri FROM reports").fetchall())
    told: dict[tuple[str, str, str], list[str]] = {}
    for f in found:
        told.setdefault((f["report"] or "", f["table"], f["law"]), []).append(f["example"])
    work.put_rows(
        "problems",
        [
            perreport.problem(
                {"uri": uris.get(report, table), "report_id": report or None},
                stage,
                "law-broken",
                f"{table}: {law}: {len(examples)} row{'s' if len(examples) > 1 else ''} refused, for example "
                f"{min(examples)[:200]}",
            )
            for (report, table, law), examples in sorted(told.items())
        ],
    )


def _offending(work: Workspace, table: Table, known: Collection[str], texts: bool) -> Iterator[dict[str, Any]]:
    """Each row that breaks a law: its table, its number there, its report, the law, and what of it is shown."""
    about = laws.about(table)
    report = about if about == "NULL" else f"t.{about}"
    for law, column, query in _queries(table, known):
        empty = column if (table.name, column) in EMPTIED else ""
        rows = work.query(
            f"SELECT t.rowid AS row, {report} AS report, b.example FROM ({query}) b "
            f'JOIN "{table.name}" t ON t.rowid = b.row ORDER BY ALL'
        )
        for row in rows.to_pylist():
            yield {**row, "table": table.name, "law": law, "empty": empty, "example": str(row["example"])}
    if texts:
        for row in _cut(work, table):
            yield {**row, "table": table.name, "law": "a span must not cut a word or hold only blanks", "empty": ""}
        if table.name == "segments":
            yield from _torn(work)


def _queries(table: Table, known: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Of each law that SQL sees: what it says, its column, and a query that gives row and example."""
    name = f'"{table.name}"'
    if table.key:
        keys = ", ".join(table.key)
        shown = " || ' ' || ".join(f"coalesce({k}::VARCHAR, '-')" for k in table.key)
        everything = ", ".join(table.schema.names)
        yield (
            f"({keys}) must be single",
            "",
            f"SELECT row, example FROM (SELECT rowid AS row, {shown} AS example, row_number() OVER (PARTITION BY "
            f"{keys} ORDER BY ({everything})) AS n FROM {name}) WHERE n > 1",
        )
    for c in table.columns:
        yield from _value(name, c)
        if c.ref.partition(".")[0] in known:
            yield f"{c.name} must exist in {c.ref}", c.name, _reference(name, c)
    for column, source in sources(table):
        yield (
            f"{column} must be a stretch of the report's text",
            column,
            "SELECT x.row, x.s || '-' || x.e AS example "
            f"FROM ({source}) x LEFT JOIN (SELECT report_id, length(text) AS n FROM reports) r USING (report_id) "
            "WHERE r.n IS NULL OR x.s < 0 OR x.e <= x.s OR x.e > r.n",
        )


def _value(name: str, c: Column) -> Iterator[tuple[str, str, str]]:
    if c.required:
        yield (
            f"{c.name} must have a value",
            c.name,
            f"SELECT rowid AS row, '-' AS example FROM {name} WHERE {c.name} IS NULL",
        )
    if c.values:
        listed = ", ".join(f"'{v}'" for v in c.values)
        query = f"SELECT rowid AS row, {c.name} AS example FROM {name} WHERE {c.name} NOT IN ({listed})"
        yield f"{c.name} must be one of {', '.join(c.values)}", c.name, query


def _reference(name: str, c: Column) -> str:
    other, key = c.ref.split(".")
    value = f"unnest({c.name})" if pa.types.is_list(c.type) else c.name
    return (
        f"SELECT row, v AS example FROM (SELECT rowid AS row, {value} AS v FROM {name}) "
        f'WHERE v IS NOT NULL AND v NOT IN (SELECT {key} FROM "{other}")'
    )


def _cut(work: Workspace, table: Table) -> Iterator[dict[str, Any]]:
    """Rows with a span that cuts a word or holds only blanks."""
    texts: dict[str, str] = {}
    for _, source in sources(table):
        for row in work.query(f"SELECT row, report_id, s, e FROM ({source}) ORDER BY report_id, row").to_pylist():
            report, start, end = row["report_id"], row["s"], row["e"]
            if report not in texts:
                texts = {report: _text(work, report)}
            text = texts[report]
            if not text[start:end].strip() or cuts_word(text, start) or cuts_word(text, end):
                yield {"row": row["row"], "report": report, "example": f"{start}-{end}: {text[start:end]!r}"}


def _text(work: Workspace, report_id: str) -> str:
    found = work.db.execute("SELECT text FROM reports WHERE report_id = $1", [report_id]).fetchall()
    return str(found[0][0]) if found else ""


def _torn(work: Workspace) -> Iterator[dict[str, Any]]:
    """All segments of the reports whose segments overlap or leave text out."""
    rows = work.query(
        "SELECT rowid AS row, report_id, char_start, char_end FROM segments ORDER BY report_id, char_start"
    )
    of: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows.to_pylist():
        of.setdefault(row["report_id"], []).append(row)
    for report, segments in of.items():
        spans = [(s["char_start"], s["char_end"]) for s in segments]
        if laws.overlapping(spans) or laws.uncovered(_text(work, report), spans):
            law = "segments must not overlap and must cover every non-blank character"
            for s in segments:
                example = f"{s['char_start']}-{s['char_end']}"
                yield {
                    "row": s["row"],
                    "report": report,
                    "table": "segments",
                    "law": law,
                    "empty": "",
                    "example": example,
                }
