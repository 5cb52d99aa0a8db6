"""Rows that a row may be the same as, for a person who merges: the likely ones, or those with the words typed."""

from __future__ import annotations

import re
from typing import Any

from onrecord.errors import UsageError
from onrecord.web.search import Index
from onrecord.web.shelf import Reading, Row
from onrecord.web.views.common import NotFoundError, View

MOST = 12
KEYS = {"events": "event_id", "entities": "entity_id", "stories": "story_id"}
_EVENTS = (
    "SELECT e.event_id AS id, coalesce(e.summary, lower(e.event_type)) AS words, lower(e.event_type) AS kind, "
    "e.date_start, e.n_reports FROM events e, (SELECT * FROM events WHERE event_id = ?) mine "
    "WHERE e.story_id = mine.story_id AND e.event_id <> mine.event_id{} "
    "ORDER BY e.event_type = mine.event_type DESC, e.date_start IS NOT DISTINCT FROM mine.date_start DESC, "
    "e.n_reports DESC, e.event_id LIMIT {}"
)
_ENTITIES = (
    "SELECT e.entity_id AS id, e.name AS words, e.kind, e.country, "
    "jaro_winkler_similarity(lower(e.name), lower(mine.name)) + (e.kind = mine.kind)::INTEGER / 4 AS likeness "
    "FROM entities e, (SELECT * FROM entities WHERE entity_id = ?) mine WHERE e.entity_id <> mine.entity_id{} "
    "ORDER BY likeness DESC, e.name, e.entity_id LIMIT {}"
)
_STORIES = (
    "SELECT s.story_id AS id, coalesce(s.title, 'Untitled story') AS words, s.date_start, s.n_reports, "
    "len(list_intersect(regexp_extract_all(lower(s.title), '\\w{{4,}}'), "
    "regexp_extract_all(lower(mine.title), '\\w{{4,}}'))) AS shared FROM stories s, "
    "(SELECT * FROM stories WHERE story_id = ?) mine WHERE s.story_id <> mine.story_id{} "
    "ORDER BY shared DESC, abs(date_diff('day', s.date_start::DATE, mine.date_start::DATE)) NULLS LAST, "
    "s.n_reports DESC, s.story_id LIMIT {}"
)
_SHARED_WORD = (
    " AND len(list_intersect(regexp_extract_all(lower(e.name), '\\w{3,}'), "
    "regexp_extract_all(lower(mine.name), '\\w{3,}'))) > 0"
)


def candidates(reading: Reading, index: Index, table: str, row_id: str, query: str) -> View:
    """At most `MOST` rows as {"id", "words", "detail"}.

    Without a query: events of the same story, entities that share a word of their name, stories by shared words of
    their titles; else those that have every word of the query, or its id. Raises `UsageError` for another table and
    `NotFoundError` when there is no such row.
    """
    if table not in KEYS:
        raise UsageError(f"nothing of {table!r} is merged; there are {', '.join(KEYS)}")
    if not reading.quietly(f"SELECT 1 AS one FROM {table} WHERE {KEYS[table]} = ?", row_id):
        raise NotFoundError(f"no row {row_id!r} in {table}; search for it, or go back to the stories")
    asked = re.findall(r"[\w~]+", query.lower())[:12]
    values: list[Any] = [row_id]
    tests = ""
    sql, text = {
        "events": (
            _EVENTS,
            "concat_ws(' ', e.event_id, e.summary, e.event_type, e.place, array_to_string(e.actor_names, ' '), "
            "array_to_string(e.recipient_names, ' '))",
        ),
        "entities": (_ENTITIES, "concat_ws(' ', e.entity_id, e.name)"),
        "stories": (_STORIES, "concat_ws(' ', s.story_id, s.title)"),
    }[table]
    for word in asked:
        tests += f" AND contains(lower({text}), ?)"
        values.append(word)
    if table == "stories" and asked:
        told = "s.story_id IN (SELECT story_id FROM story_reports WHERE report_id IN (SELECT unnest(?)))"
        tests = f" AND (({tests.removeprefix(' AND ')}) OR {told})"
        values.append(index.reports(reading, query, 200))
    if table == "entities" and not asked:
        tests = _SHARED_WORD
    found = reading.rows("what it may be the same as", sql.format(tests, MOST), *values)
    rows = [{"id": r["id"], "words": r["words"], "detail": _detail(r)} for r in found]
    return View("Candidates", {"candidates": rows}, {"candidates": rows}, reading.asked)


def _detail(row: Row) -> str:
    reports = f"{row['n_reports']} report{'s' * (row['n_reports'] != 1)}" if row.get("n_reports") is not None else ""
    return ", ".join(x for x in (row.get("kind"), row.get("country"), row.get("date_start"), reports) if x)
