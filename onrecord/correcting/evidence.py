"""Where the target of a correction stands, noted when it is made: reports, characters, words, type, name.

Ids shift when a rebuild has other inputs or a newer coder; what the reports say, and where, shifts far less.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from onrecord import schema
from onrecord.correcting.log import Change
from onrecord.errors import UsageError
from onrecord.text import key

MOST = 40  # mentions noted of one target; enough to find it by, and a correction stays small
LONGEST = 600  # characters of a clause that are noted
AROUND = 32  # characters noted on either side, which tell a word from the same word elsewhere in the report
_ID = {t: schema.TABLES[t].key[0] for t in ("events", "entities", "stories", "attributions", "reports")}
_ID |= {"event_mentions": "mention_id", "ledger": "event_id", "corrections": "correction_id"}

Row = dict[str, Any]


def rows(db: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """The answer to a query as mappings."""
    relation = db.sql(sql, params=list(parameters)) if parameters else db.sql(sql)
    return list(relation.to_arrow_table().to_pylist())


def known(db: duckdb.DuckDBPyConnection, change: Change) -> Change:
    """The change with whole ids: a beginning of an id will do where only one row has it. Raises `UsageError`."""
    table = "events" if change.table == "ledger" else change.table
    found = [_whole(db, table, i) for i in change.ids]
    if change.action == "merge" and len(set(found)) < 2:
        raise UsageError("merge: name at least two different ids, the one that stays first")
    if change.action == "split":
        name = next(n for n in ("mentions", "reports") if n in change.value)
        of = {"reports": "reports", "mentions": "event_mentions"}[name]
        parts = [_whole(db, of, p) if isinstance(p, str) else p for p in change.value[name]]
        return replace(change, ids=tuple(found), value=change.value | {name: parts})
    return replace(change, ids=tuple(found))


def _whole(db: duckdb.DuckDBPyConnection, table: str, given: str) -> str:
    column = _ID[table]
    query = f'SELECT DISTINCT {column} AS id FROM "{table}" WHERE {column} = $1 OR starts_with({column}, $1) ORDER BY 1'
    ids = [r["id"] for r in rows(db, query, [given])]
    if given in ids or len(ids) == 1:
        return given if given in ids else str(ids[0])
    if ids:
        raise UsageError(f"{given!r} begins {len(ids)} ids of {table}: {', '.join(ids[:4])}...; write more of it")
    every = [r["id"] for r in rows(db, f'SELECT DISTINCT {column} AS id FROM "{table}" ORDER BY 1 LIMIT 20000')]
    near = difflib.get_close_matches(given, every, 1)
    hint = f"did you mean {near[0]}?" if near else f"see: onrecord show {table}"
    raise UsageError(f"no row {given!r} in {table}; {hint}")


def gather(db: duckdb.DuckDBPyConnection, change: Change) -> dict[str, Any]:
    """The evidence of a change whose ids are whole; raises `UsageError` when it does not fit the rows it names."""
    if change.action == "undo":
        return {}
    targets = [_target(db, change.table, i) for i in change.ids]
    out: dict[str, Any] = {"targets": targets}
    if change.table == "ledger":
        out["values"] = _ledger(db, change)
    if change.action == "split":
        out["split"] = _split(db, change)
    if change.action == "merge" and change.table == "events":
        stories = rows(db, "SELECT DISTINCT story_id FROM events WHERE event_id IN (SELECT unnest(?))", [change.ids])
        if len(stories) > 1:
            named = " ".join(sorted(r["story_id"] for r in stories))
            raise UsageError(f"merge: these events are of different stories; merge the stories first: {named}")
    if change.action == "set" and change.field in ("actor", "recipient", "place", "source") and change.value:
        names = change.value if isinstance(change.value, list) else [change.value]
        out["entities"] = [e for n in names if (e := entity(db, n))]
    out["reports"] = _reports(db, _report_ids(out))
    return out


def entity(db: duckdb.DuckDBPyConnection, named: str) -> Row | None:
    """What the record knows of the entity with this id or name (the most mentioned of that name), or None."""
    found = rows(
        db,
        "SELECT e.* FROM entities e LEFT JOIN (SELECT entity_id, count(*) AS n FROM entity_mentions GROUP BY 1) "
        "USING (entity_id) WHERE entity_id = $1 OR lower(name) = lower($1) "
        "ORDER BY entity_id = $1 DESC, n DESC NULLS LAST, entity_id LIMIT 1",
        [named],
    )
    return found[0] | {"asked": named} if found else None


def _target(db: duckdb.DuckDBPyConnection, table: str, row_id: str) -> dict[str, Any]:
    out: dict[str, Any] = {"id": row_id}
    if table in ("events", "ledger"):
        event = rows(db, "SELECT event_type, story_id, summary FROM events WHERE event_id = ?", [row_id])[0]
        return out | event | {"spans": _mentions(db, "event_id = ?", row_id)}
    if table == "event_mentions":
        return out | {"spans": _mentions(db, "mention_id = ?", row_id)}
    if table == "entities":
        known_of = rows(db, "SELECT name, kind, country FROM entities WHERE entity_id = ?", [row_id])[0]
        spans = rows(
            db,
            "SELECT report_id, char_start, char_end, text FROM (SELECT report_id, char_start, char_end, text, form, "
            "row_number() OVER (PARTITION BY report_id ORDER BY form = 'pronoun', form, char_start) AS n "
            "FROM entity_mentions JOIN reports USING (report_id) WHERE entity_id = ?) "
            f"ORDER BY form = 'pronoun', n, report_id, char_start LIMIT {MOST}",
            [row_id],
        )
        return out | known_of | {"spans": [_span(s) for s in spans]}
    if table == "stories":
        story = rows(db, "SELECT title, date_start FROM stories WHERE story_id = ?", [row_id])[0]
        members = rows(db, "SELECT report_id FROM story_reports WHERE story_id = ? ORDER BY 1", [row_id])
        return out | story | {"members": [m["report_id"] for m in members]}
    if table == "attributions":
        said = rows(
            db,
            "SELECT a.report_id, a.content_spans, a.cue_spans, a.source_label, r.text FROM attributions a "
            "JOIN reports r USING (report_id) WHERE attribution_id = ?",
            [row_id],
        )[0]
        spans = [
            _span({**said, **s}) | {"what": what} for what in ("content", "cue") for s in said[f"{what}_spans"] or ()
        ]
        return out | {"source_label": said["source_label"], "spans": spans[:MOST]}
    return out | {"members": [row_id]}


def _mentions(db: duckdb.DuckDBPyConnection, where: str, row_id: str) -> list[Row]:
    found = rows(
        db,
        "SELECT m.mention_id, m.report_id, m.char_start, m.char_end, m.anchor_start, m.anchor_end, m.event_type, text "
        f"FROM event_mentions m JOIN reports r USING (report_id) WHERE {where} "
        f"ORDER BY m.report_id, m.anchor_start, m.mention_id LIMIT {MOST}",
        [row_id],
    )
    return [
        _span(m)
        | {
            "mention_id": m["mention_id"],
            "event_type": m["event_type"],
            "anchor_start": m["anchor_start"],
            "anchor_end": m["anchor_end"],
            "anchor": m["text"][m["anchor_start"] : m["anchor_end"]],
        }
        for m in found
    ]


def _span(row: Row) -> Row:
    start, end = row["char_start"], row["char_end"]
    return {
        "report": row["report_id"],
        "char_start": start,
        "char_end": end,
        "words": row["text"][start : min(end, start + LONGEST)],
        "before": row["text"][max(0, start - AROUND) : start],
        "after": row["text"][end : end + AROUND],
    }


def _ledger(db: duckdb.DuckDBPyConnection, change: Change) -> list[Row]:
    value = change.value
    narrow = " AND l.mention_id = $4" if "mention_id" in value else ""
    narrow += " AND l.char_start = $5" if "char_start" in value else ""
    found = rows(
        db,
        "SELECT l.report_id, l.char_start, l.char_end, l.value, r.text FROM ledger l JOIN reports r USING (report_id) "
        f"WHERE l.event_id = $1 AND l.field = $2 AND l.value = $3{narrow} ORDER BY l.report_id, l.char_start "
        f"LIMIT {MOST}",
        [*change.ids, change.field, value["value"], *(value[n] for n in ("mention_id", "char_start") if n in value)],
    )
    if not found:
        given = rows(
            db,
            "SELECT DISTINCT field, value FROM ledger WHERE event_id = ? ORDER BY ALL LIMIT 12",
            [change.ids[0]],
        )
        listed = ", ".join(f"{g['field']} {g['value']!r}" for g in given) or "none"
        raise UsageError(f"no report gives {change.field} {value['value']!r} there; the event's values are: {listed}")
    return [_span(f) | {"value": f["value"]} for f in found]


def _split(db: duckdb.DuckDBPyConnection, change: Change) -> dict[str, Any]:
    value, (row_id,) = change.value, change.ids
    if change.table == "events":
        spans = [s for m in value["mentions"] for s in _mentions(db, "mention_id = ?", m)]
        own = {r["mention_id"] for r in rows(db, "SELECT mention_id FROM event_mentions WHERE event_id = ?", [row_id])}
        _some_of(own, value["mentions"], "mentions of the event")
        return {"spans": spans}
    if change.table == "stories":
        own = {r["report_id"] for r in rows(db, "SELECT report_id FROM story_reports WHERE story_id = ?", [row_id])}
        _some_of(own, value["reports"], "reports of the story")
        return {"members": sorted(set(value["reports"]))}
    found = rows(
        db,
        "SELECT report_id, char_start, char_end, text FROM entity_mentions JOIN reports USING (report_id) "
        "WHERE entity_id = ? ORDER BY 1, 2, 3",
        [row_id],
    )
    if "reports" in value:
        _some_of({f["report_id"] for f in found}, value["reports"], "reports that mention it")
        return {"members": sorted(set(value["reports"]))}
    try:
        asked = {(m["report_id"], m["char_start"], m["char_end"]) for m in value["mentions"]}
    except (TypeError, KeyError):
        raise UsageError("split: a mention of an entity is a report_id, a char_start and a char_end") from None
    _some_of({(f["report_id"], f["char_start"], f["char_end"]) for f in found}, asked, "mentions of the entity")
    return {"spans": [_span(f) for f in found if (f["report_id"], f["char_start"], f["char_end"]) in asked]}


def _some_of(own: set[Any], asked: Iterable[Any], what: str) -> None:
    asked = set(asked)
    if not asked <= own:
        stray = next(iter(sorted(map(str, asked - own))))
        raise UsageError(f"split: {stray} is not among the {what}")
    if asked == own:
        raise UsageError(f"split: these are all the {what}; nothing would stay")


def _report_ids(evidence: dict[str, Any]) -> list[str]:
    parts = [*evidence["targets"], evidence.get("split", {}), {"spans": evidence.get("values", [])}]
    found = {s["report"] for p in parts for s in p.get("spans", ())}
    return sorted(found.union(*(p.get("members", ()) for p in parts)))


def _reports(db: duckdb.DuckDBPyConnection, ids: list[str]) -> dict[str, Row]:
    found = rows(
        db,
        "SELECT report_id, external_id, uri, outlet, title, text FROM reports WHERE report_id IN (SELECT unnest(?)) "
        "ORDER BY 1",
        [ids],
    )
    return {
        r["report_id"]: {
            "external_id": r["external_id"],
            "uri": r["uri"],
            "outlet": r["outlet"],
            "title": r["title"],
            "text_hash": key(r["text"]),
            "length": len(r["text"]),
        }
        for r in found
    }
