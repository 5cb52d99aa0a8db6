"""A story: the answer first, then its events with their ledger, who said what, who copied whom, where, the reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from onrecord import leading
from onrecord.model import Homes
from onrecord.web import near
from onrecord.web.shelf import Reading, Row
from onrecord.web.views.common import View, days, grouped, one, quoted, texts
from onrecord.web.views.corrections import bearing
from onrecord.web.views.events import report_rows, told

MANY = 120  # events shown with their ledger at once; the rest by another click


def story(reading: Reading, story_id: str, everything: bool = False) -> View:
    """One story; raises `NotFoundError` when there is none of that id. Of long stories the most reported events."""
    found = one(reading.rows("the story", "SELECT * FROM stories WHERE story_id = ?", story_id), "story", story_id)
    found["dates"] = days(found["date_start"], found["date_end"])
    mine = "report_id IN (SELECT report_id FROM story_reports WHERE story_id = ?)"
    reports = report_rows(reading, mine, story_id, near=("story_reports", [story_id]))
    letters = {r["report_id"]: r["letter"] for r in reports}
    homes = Homes(
        reading.rows(
            "parts of its reports that tell another story, or this one alone",
            f"SELECT * FROM story_reports WHERE {mine} AND parts IS NOT NULL ORDER BY report_id, story_id",
            story_id,
            near=("story_parts", [story_id]),
        )
    )
    for r in reports:
        r["in_part"] = story_id in homes.of(r["report_id"])
    every = reading.rows(
        "how many events, and on how many origins",
        "SELECT story_id, event_id, n_reports, n_origins FROM events WHERE story_id = ? "
        "ORDER BY n_reports DESC, n_origins DESC, event_id",
        story_id,
        near=("story_events", [story_id]),
    )
    counted = [e["n_origins"] for e in every]
    found.update(n_events=len(every), origins_fewest=min(counted, default=0), origins_most=max(counted, default=0))
    chosen = [e["event_id"] for e in (every if everything else every[:MANY])]
    rows = reading.rows(
        "its events",
        "SELECT * FROM events WHERE event_id IN (SELECT unnest(?))",
        chosen,
        near=("event", chosen),
    )
    rows.sort(key=lambda e: (e["date_start"] or "9", e["date_end"] or "9", e["event_id"]))
    events = told(reading, rows, letters)
    begins = ""
    if found["date_start"]:
        begins = (date.fromisoformat(found["date_start"]) - timedelta(days=7)).isoformat()
    said = attributions(reading, mine, story_id, near=("story_said", [story_id]))
    in_part = {r["report_id"] for r in reports if r["in_part"]}
    said = [
        a
        for a in said
        if homes.at(a["report_id"], a["content_spans"][0]["char_start"])
        == (story_id if a["report_id"] in in_part else None)
    ]
    order = {r: n for n, r in enumerate(letters)}
    said.sort(key=lambda a: order.get(a["report_id"], 0))
    copies, n_copies = derivations(reading, mine, story_id, letters, everything)
    credited = grouped(
        reading.rows(
            "the agencies that the reports credit",
            "SELECT DISTINCT report_id, agency, role FROM credits "
            f"WHERE {mine} AND role NOT IN ('photo', 'copyright') ORDER BY report_id, agency",
            story_id,
            near=("story_credits", [story_id]),
        ),
        "report_id",
    )
    for r in reports:
        r["credits"] = sorted({c["agency"] for c in credited.get(r["report_id"], [])})
    found["corrections"] = bearing(reading, [story_id]).get(story_id, [])
    title = found["title"] or (reports[0]["title"] if reports else "Untitled story")
    data: dict[str, Any] = {
        "title": title,
        "story": found,
        "reports": reports,
        "events": events,
        "n_events": found["n_events"],
        "answer": [e["event_id"] for e in _answer(events, begins)],
        "differences": _differences(events),
        "speakers": speakers(said, letters),
        "copies": copies,
        "n_copies": n_copies,
        "places": places(events),
    }
    tables = {
        "events": rows,
        "reports": reports,
        "ledger": [v for e in events for f in e["ledger"] for v in f["values"]],
        "origins": [o for e in events for o in e["origins"]],
        "event_mentions": [m for e in events for m in e["mentions"]],
        "attributions": said,
        "derivations": copies,
    }
    return View(title, data, tables, reading.asked)


def _answer(events: list[Row], begins: str) -> list[Row]:
    """The events for a reader who has a minute, as of `leading.first`."""
    return leading.first(
        (e for e in events if not e["unsure"]),
        begins,
        lambda e: leading.Standing(
            "".join(e["sentence"].values()),
            e["event_type"],
            e["date_start"],
            e["date_end"],
            len({m["report_id"] for m in e["mentions"] if m["leads"]}),
            e["n_reports"],
            e["n_origins"],
        ),
    )


def _differences(events: list[Row]) -> list[Row]:
    """Fields on which origins do not simply agree, contradictions first."""
    out = [
        {
            "event_id": e["event_id"],
            "event": e["sentence"]["words"],
            "field": f["field"],
            "relation": f["agree"],
            "rows": f["rows"],
        }
        for e in events
        for f in e["ledger"]
        if f["agree"] not in ("agrees", "refines")
    ]
    order = ("contradicts", "updates", "spread", "different_scope")
    return sorted(out, key=lambda d: order.index(d["relation"]))


_SAID = (
    "SELECT a.*, e.name, e.role, e.sector, e.country AS entity_country FROM attributions a "
    "LEFT JOIN entities e ON e.entity_id = a.source_entity WHERE len(content_spans) > 0 AND {} "
    "ORDER BY report_id, content_spans[1].char_start, attribution_id"
)


def attributions(
    reading: Reading, where: str, *values: object, near: tuple[str, Sequence[str]] | None = None
) -> list[Row]:
    """Attributions with their speaker, cue and the first words of what was said; `near` as of `Reading.rows`."""
    rows = reading.rows("who said what", _SAID.format(where), *values, near=near)
    known = texts(reading, [r["report_id"] for r in rows])
    for row in rows:
        text = known[row["report_id"]]
        said, cue = row["content_spans"][0], (row["cue_spans"] or [{"char_start": 0, "char_end": 0}])[0]
        row["quote"] = text.cut(said["char_start"], said["char_end"])
        cue_words = text.cut(cue["char_start"], cue["char_end"], 60)
        row["cue"] = cue_words if any(c.isalnum() for c in cue_words) else ""  # a colon says nothing by itself
    return rows


def speakers(said: list[Row], letters: dict[str, str]) -> list[Row]:
    """Attributions by the speaker's name, who said most first, and by utterance; those that name nobody last."""
    groups: dict[str, list[Row]] = {}
    for row in said:
        name = row["name"] or row["source_label"]
        key = name.casefold() if name else row["source_entity"] or row["source_type"]
        groups.setdefault(key, []).append(row)
    out = []
    for rows in groups.values():
        first = rows[0]
        reason = next((r["anonymity_reason"] for r in rows if r["anonymity_reason"]), None)
        by_utterance: dict[str, list[Row]] = {}
        for row in rows:
            by_utterance.setdefault(row["utterance_id"] or row["attribution_id"], []).append(row)
        out.append(
            {
                "name": first["name"] or first["source_label"] or "Nobody named",
                "entity_id": first["source_entity"],
                "type": first["source_type"],
                "country": first["source_country"] or first["entity_country"],
                "sector": first["sector"],
                "reason": quoted(reason, 120) if reason else None,
                "said": [utterance(u, letters) for u in by_utterance.values()],
            }
        )
    return sorted(out, key=lambda s: (s["name"] == "Nobody named", -len(s["said"]), s["name"]))


def utterance(rows: list[Row], letters: dict[str, str]) -> Row:
    """One thing said, with every report that carries it."""
    first = rows[0]
    return {
        "kind": first["kind"],
        "cue": first["cue"],
        "polarity": first["polarity"],
        "certainty": first["certainty"],
        "dates": days(first["date_start"], first["date_end"]),
        "date_start": first["date_start"],
        "date_end": first["date_end"],
        "quote": first["quote"],
        "places": [
            {
                "letter": letters.get(r["report_id"], "?"),
                "report_id": r["report_id"],
                "char_start": r["content_spans"][0]["char_start"],
                "char_end": r["content_spans"][0]["char_end"],
            }
            for r in rows
        ],
    }


def derivations(
    reading: Reading, where: str, story_id: str, letters: dict[str, str], everything: bool
) -> tuple[list[Row], int]:
    """Who took text from whom within the story, the largest share first, with the words shared; and how many ties
    there are, of which the strongest of each report are given unless `everything` is wanted.
    """
    few = (
        f" QUALIFY row_number() OVER (PARTITION BY report_id, from_report_id IS NULL ORDER BY {near.STRONGEST}) "
        f"<= {near.TIES_OF_ONE}"
    )
    rows = reading.rows(
        "who took text from whom",
        f"SELECT *, count(*) OVER () AS n_ties FROM derivations WHERE {where}{'' if everything else few} "
        f"ORDER BY {near.STRONGEST}",
        story_id,
        near=None if everything else ("story_derivations", [story_id]),
    )
    n = max((row.pop("n_ties") for row in rows), default=0)
    out = []
    for row in rows:
        other = row["from_report_id"] or row["with_report_id"]
        if other in letters:
            out.append({**row, "letter": letters[row["report_id"]], "other": letters[other], "other_id": other})
    return out, n


def places(events: list[Row]) -> list[Row]:
    """Where it happened: each place with coordinates once, with its events."""
    out: dict[tuple[float, float], Row] = {}
    for e in events:
        if e["latitude"] is None or e["longitude"] is None:
            continue
        spot = out.setdefault(
            (e["latitude"], e["longitude"]),
            {
                "place": e["place"] or e["country"] or "",
                "country": e["country"],
                "latitude": e["latitude"],
                "longitude": e["longitude"],
                "events": [],
                "n_reports": 0,
            },
        )
        spot["events"].append(e["event_id"])
        spot["n_reports"] = max(spot["n_reports"], e["n_reports"])
    return sorted(out.values(), key=lambda p: (-p["n_reports"], p["place"]))
