"""A report with every datum marked in its text; and two or more reports side by side with what they share."""

from __future__ import annotations

from typing import Any

from onrecord.errors import UsageError
from onrecord.web.marks import Mark, blocks
from onrecord.web.shelf import Reading, Row
from onrecord.web.views.common import View, days, one, quoted
from onrecord.web.views.events import outlet_of, report_rows

LAYERS = ("events", "attributions", "names", "times", "passages")
MOST_COMPARED = 6


def report(reading: Reading, report_id: str) -> View:
    """One report and its marks; raises `NotFoundError` when there is none of that id."""
    row = one(reading.rows("the report", "SELECT * FROM reports WHERE report_id = ?", report_id), "report", report_id)
    text = row["text"]
    row["published"] = row["published_day"] or ""
    at = row["published_at"].strftime("%Y-%m-%d %H:%M") if row["published_at"] else "00:00"
    row["published_time"] = "" if at.endswith("00:00") else at  # a date without a time is stored as midnight
    row["outlet"] = row["outlet"] or outlet_of(row["uri"])
    stories = reading.rows(
        "its stories",
        "SELECT s.*, parts FROM stories s JOIN story_reports USING (story_id) WHERE report_id = ? "
        "ORDER BY parts IS NOT NULL, parts[1].char_start, story_id",
        report_id,
    )
    segments = reading.rows(
        "its segments",
        "SELECT * FROM segments WHERE report_id = ? ORDER BY char_start",
        report_id,
        near=("segments", [report_id]),
    )
    names = reading.rows(
        "the names in it",
        "SELECT m.*, e.name, e.kind, e.country FROM entity_mentions m JOIN entities e USING (entity_id) "
        "WHERE report_id = ? ORDER BY char_start, char_end",
        report_id,
    )
    times = reading.rows(
        "its time expressions", "SELECT * FROM timexes WHERE report_id = ? ORDER BY char_start", report_id
    )
    said = reading.rows(
        "its attributions",
        "SELECT a.*, e.name FROM attributions a LEFT JOIN entities e ON e.entity_id = a.source_entity "
        "WHERE report_id = ? ORDER BY content_spans[1].char_start, attribution_id",
        report_id,
        near=("report_said", [report_id]),
    )
    mentions = reading.rows(
        "its event mentions",
        "SELECT m.*, v.summary, v.n_reports, v.n_origins FROM event_mentions m LEFT JOIN events v USING (event_id) "
        "WHERE report_id = ? ORDER BY m.char_start, mention_id",
        report_id,
        near=("report_mentions", [report_id]),
    )
    shared = reading.rows(
        "passages it shares",
        "SELECT a_start AS char_start, a_end AS char_end, report_b AS other, b_start AS other_start, "
        "b_end AS other_end, words, kind, quotation FROM alignments WHERE report_a = ? UNION ALL "
        "SELECT b_start, b_end, report_a, a_start, a_end, words, kind, quotation FROM alignments WHERE report_b = ? "
        "ORDER BY char_start, words DESC, other, other_start",
        report_id,
        report_id,
        near=("report_alignments", [report_id]),
    )
    copies = reading.rows(
        "what it took and gave",
        "SELECT * FROM derivations WHERE ? IN (report_id, from_report_id, with_report_id) "
        "ORDER BY share DESC, confidence DESC, report_id",
        report_id,
        near=("report_derivations", [report_id]),
    )
    for c in copies:
        giver = c["from_report_id"] or c["with_report_id"]
        c["partner"] = giver if c["report_id"] == report_id else c["report_id"]
    others = reading.rows(
        "the reports that it shares text with",
        "SELECT report_id, outlet, title, uri FROM reports WHERE report_id IN (SELECT unnest(?))",
        sorted({s["other"] for s in shared} | {c["partner"] for c in copies if c["partner"]}),
    )
    outlets = {o["report_id"]: o["outlet"] or outlet_of(o["uri"]) for o in others}
    names_of = {r["report_id"]: r["outlet"] or r["title"] or outlet_of(r["uri"]) for r in others}
    for c in copies:
        c["partner_name"] = names_of.get(c["partner"], "a report")
    marks = _marks(text, mentions, said, names, times, shared, outlets)
    headline = next((s for s in segments if s["kind"] == "headline"), None)
    title = row["title"] or (text[headline["char_start"] : headline["char_end"]] if headline else "Untitled report")
    data: dict[str, Any] = {
        "report": row,
        "title": quoted(title, 300),
        "stories": stories,
        "copies": copies,
        "segments": segments,
        "marks": [{**m.__dict__, "quote": quoted(text[m.start : m.end], 140)} for m in marks],
    }
    view = View(f"{data['title']} ({row['outlet']})", data, asked=reading.asked)
    view.tables = {
        "event_mentions": mentions,
        "attributions": said,
        "entity_mentions": names,
        "timexes": times,
        "alignments": shared,
        "segments": segments,
        "derivations": copies,
    }
    return view


def _marks(
    text: str,
    mentions: list[Row],
    said: list[Row],
    names: list[Row],
    times: list[Row],
    shared: list[Row],
    outlets: dict[str, str],
) -> list[Mark]:
    out: list[Mark] = []
    number = 0

    def add(row: Row, layer: str, kind: str, label: str, href: str = "", detail: str = "", same: bool = False) -> None:
        nonlocal number
        number += not same
        out.append(Mark(number, row["char_start"], row["char_end"], layer, kind, label, href, detail))

    for m in mentions:
        told = m["event_type"].lower() + (f" / {m['mode']}" if m["mode"] else "")
        when = days(m["date_start"], m["date_end"])
        detail = ", ".join(x for x in (m["modality"], when, f"date from {m['date_basis']}" if when else "") if x)
        href = f"/events/{m['event_id']}" if m["event_id"] else ""
        add(m, "events", "clause", told, href, detail)
        anchor = {"char_start": m["anchor_start"], "char_end": m["anchor_end"]}
        add(anchor, "events", "anchor", f"the word for {told}", href, same=True)
        for q in m["quantities"] or []:
            add(q, "events", "quantity", f"{q['role'] or 'quantity'}: {q['value']:g} {q['unit'] or ''}".strip(), href)
    for a in said:
        who = a["name"] or a["source_label"] or "nobody named"
        href = f"/entities/{a['source_entity']}" if a["source_entity"] else ""
        spans = [(part, span) for part in ("content", "cue", "source") for span in a[f"{part}_spans"] or []]
        for i, (part, span) in enumerate(spans):
            add(span, "attributions", part, who, href, f"{a['kind']}, {a['source_type']}", same=i > 0)
    for n in names:
        detail = ", ".join(x for x in (n["kind"], n["country"], n["form"]) if x)
        add(n, "names", n["form"], n["name"], f"/entities/{n['entity_id']}", detail)
    for t in times:
        add(t, "times", t["type"].lower(), t["value"] or "no value", "", days(t["date_start"], t["date_end"]))
    for s in shared:
        href = f"/reports/{s['other']}#c{s['other_start']}-{s['other_end']}"
        label = f"also in {outlets.get(s['other'], s['other'])}"
        add(s, "passages", s["kind"], label, href, f"{s['words']} words, {s['kind']}")
    return out


def compare(reading: Reading, story_id: str, wanted: list[str]) -> View:
    """Reports of a story side by side, the two that share most when none is named; raises `UsageError` for more than
    `MOST_COMPARED`.
    """
    found = one(reading.rows("the story", "SELECT * FROM stories WHERE story_id = ?", story_id), "story", story_id)
    mine = "report_id IN (SELECT report_id FROM story_reports WHERE story_id = ?)"
    every = report_rows(reading, mine, story_id, near=("story_reports", [story_id]))
    known = {r["report_id"]: r for r in every}
    wanted = list(dict.fromkeys(w for w in wanted if w in known))
    if not wanted:
        closest = reading.quietly(
            "SELECT report_a, report_b FROM alignments WHERE report_a IN (SELECT unnest(?)) "
            "AND report_b IN (SELECT unnest(?)) GROUP BY ALL ORDER BY sum(words) DESC, report_a, report_b LIMIT 1",
            list(known),
            list(known),
        )
        chosen = set(closest[0].values()) if closest else set()
        wanted = [r["report_id"] for r in every if not chosen or r["report_id"] in chosen][:2]
    if len(wanted) > MOST_COMPARED:
        raise UsageError(f"at most {MOST_COMPARED} reports side by side; choose fewer")
    shared = reading.rows(
        "the passages that they share",
        "SELECT * FROM alignments WHERE report_a IN (SELECT unnest(?)) AND report_b IN (SELECT unnest(?)) "
        "ORDER BY words DESC, report_a, a_start",
        wanted,
        wanted,
    )
    texts = reading.rows(
        "their texts", "SELECT report_id, text FROM reports WHERE report_id IN (SELECT unnest(?))", wanted
    )
    segments = reading.rows(
        "their segments",
        "SELECT * FROM segments WHERE report_id IN (SELECT unnest(?)) ORDER BY report_id, char_start",
        wanted,
    )
    marks: dict[str, list[Mark]] = {w: [] for w in wanted}
    for n, s in enumerate(shared):
        for side, other in (("a", "b"), ("b", "a")):
            label = f"{s['words']} words, {s['kind']}" + (", a quotation" if s["quotation"] else "")
            mark = Mark(n, s[f"{side}_start"], s[f"{side}_end"], "passage", str(n % 6), label, s[f"report_{other}"])
            marks[s[f"report_{side}"]].append(mark)
    bodies = {t["report_id"]: t["text"] for t in texts}
    columns = [
        {
            **known[w],
            "blocks": [
                {"kind": b.kind, "pieces": [p.__dict__ for p in b.pieces]}
                for b in blocks(bodies[w], [s for s in segments if s["report_id"] == w], marks[w])
            ],
        }
        for w in wanted
    ]
    for n, s in enumerate(shared):
        s.update(number=n, a=known[s["report_a"]]["letter"], b=known[s["report_b"]]["letter"])
        s["words_a"] = quoted(bodies[s["report_a"]][s["a_start"] : s["a_end"]], 160)
    data = {"story": found, "reports": every, "chosen": wanted, "columns": columns, "alignments": shared}
    return View(f"Side by side: {found['title'] or 'untitled story'}", data, {"alignments": shared}, reading.asked)
