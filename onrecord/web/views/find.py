"""Search: reports by their words, entities and events by theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from onrecord.web.search import Index
from onrecord.web.shelf import Asked, Reading, Row
from onrecord.web.views.common import View, quoted, whole_number
from onrecord.web.views.events import outlet_of

PER_PAGE = 20
AROUND = 130


def find(reading: Reading, index: Index, asked: Mapping[str, str]) -> View:
    """What the record holds on the words of `q`."""
    query = asked.get("q", "").strip()[:200]
    hits = index.reports(reading, query) if query else []
    pages = max(1, -(-len(hits) // PER_PAGE))
    page = whole_number(asked.get("page"), 1, 1, pages)
    ids = hits[(page - 1) * PER_PAGE : page * PER_PAGE]
    rows = reading.rows(
        "the reports found",
        "SELECT report_id, title, outlet, uri, published_day, text FROM reports WHERE report_id IN (SELECT unnest(?))",
        ids,
    )
    by_id = {r["report_id"]: r for r in rows}
    homes = reading.rows(
        "their stories",
        "SELECT report_id, story_id FROM story_reports WHERE report_id IN (SELECT unnest(?)) AND parts IS NULL",
        ids,
    )
    story_of = {r["report_id"]: r["story_id"] for r in homes}
    words = [w for w in re.findall(r"\w+", re.sub(r'-"[^"]*"|(?<!\w)-\S+', " ", query)) if len(w) > 1][:12]
    reports = []
    for report_id in ids:
        r = by_id[report_id]
        text = r.pop("text")
        r["story_id"] = story_of.get(report_id)
        r["published"] = r["published_day"] or ""
        r["title"] = quoted(r["title"] or text.lstrip().partition("\n")[0], 160) or "Untitled report"
        r["outlet"] = r["outlet"] or outlet_of(r["uri"])
        r["snippet"] = snippet(text, words)
        reports.append(r)
    events = reading.rows(
        "events in those words",
        "SELECT event_id, event_type, date_start, summary, n_reports, n_origins FROM events "
        "WHERE contains(lower(summary), lower(?)) AND ? <> '' ORDER BY n_reports DESC, event_id LIMIT 10",
        query,
        query,
    )
    entities = named(reading, query, 12)
    data = {
        "q": query,
        "total": len(hits),
        "page": page,
        "pages": pages,
        "reports": reports,
        "entities": entities,
        "events": events,
        "index_ready": index.ready(reading.version),
    }
    tables = {"reports": [{k: v for k, v in r.items() if k != "snippet"} for r in reports], "entities": entities}
    return View(f"Search: {query}" if query else "Search", data, {**tables, "events": events}, reading.asked)


def snippet(text: str, words: list[str]) -> list[tuple[str, bool, int]]:
    """The stretch of the text around the first word that was asked for: pieces, whether asked for, and where."""
    if not words:
        return []
    test = re.compile("|".join(r"\b" + re.escape(w[: max(4, len(w) - 2)]) + r"\w*" for w in words), re.IGNORECASE)
    first = test.search(text, max(text.find("\n"), 0)) or test.search(text)
    at = first.start() if first else 0
    left = max(0, at - AROUND)
    left = text.find(" ", left) + 1 if left and " " in text[left:at] else left
    right = at + 2 * AROUND
    stretch = text[left : text.rfind(" ", at, right) if right < len(text) and " " in text[at:right] else right]
    out: list[tuple[str, bool, int]] = []
    last = 0
    for m in test.finditer(stretch):
        out += [(stretch[last : m.start()], False, left + last), (m.group(), True, left + m.start())]
        last = m.end()
    out.append((stretch[last:], False, left + last))
    return [piece for piece in out if piece[0]]


def named(reading: Reading, query: str, most: int) -> list[Row]:
    """Entities whose name holds the query, the most mentioned first."""
    sql = (
        "SELECT entity_id, name, kind, country, (SELECT count(*) FROM entity_mentions m "
        "WHERE m.entity_id = e.entity_id) AS mentions FROM entities e WHERE contains(lower(name), lower(?)) "
        "AND ? <> '' ORDER BY mentions DESC, name, entity_id LIMIT ?"
    )
    if not reading.kept:
        return reading.rows("entities of that name", sql, query, query, most)
    reading.asked.append(Asked("entities of that name", sql, (query, query, most)))
    found = reading.kept.ask(
        "SELECT entity_id, name, kind, country, mentions FROM names WHERE instr(folded, ?) AND ? <> '' "
        "ORDER BY mentions DESC, name, entity_id LIMIT ?",
        [query.casefold(), query, most],
    )
    return [dict(zip(("entity_id", "name", "kind", "country", "mentions"), row, strict=True)) for row in found]
