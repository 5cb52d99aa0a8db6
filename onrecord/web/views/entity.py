"""An entity: what it did, what was done to it, what it said, over time."""

from __future__ import annotations

from onrecord.web.shelf import Reading, Row
from onrecord.web.views.common import View, days, one
from onrecord.web.views.corrections import bearing
from onrecord.web.views.events import report_rows
from onrecord.web.views.story import attributions, utterance

MOST = 200


def entity(reading: Reading, entity_id: str) -> View:
    """One entity; raises `NotFoundError` when there is none of that id."""
    row = one(reading.rows("the entity", "SELECT * FROM entities WHERE entity_id = ?", entity_id), "entity", entity_id)
    sides = reading.kept.rows("entity_sides", [entity_id]) if reading.kept else []
    did = _events(reading, "what it did", "actors", entity_id, sides)
    done = _events(reading, "what was done to it", "recipients", entity_id, sides)
    said = attributions(reading, "source_entity = ?", entity_id, near=("entity_said", [entity_id]))
    counts = reading.rows(
        "how often each report mentions it",
        "SELECT report_id, count(*) AS mentions, min(char_start) AS char_start, "
        "min_by(char_end, char_start) AS char_end FROM entity_mentions WHERE entity_id = ? GROUP BY report_id",
        entity_id,
        near=("entity_reports", [entity_id]),
    )
    by_report = {c["report_id"]: c for c in counts}
    reports = report_rows(reading, "report_id IN (SELECT unnest(?))", sorted(by_report))
    order = {r["report_id"]: n for n, r in enumerate(reports)}
    said.sort(key=lambda a: order.get(a["report_id"], 0))
    for r in reports:
        found = by_report[r["report_id"]]
        r.update(mentions=found["mentions"], char_start=found["char_start"], char_end=found["char_end"])
    forms = reading.rows(
        "the words that name it",
        "SELECT substr(text, char_start + 1, char_end - char_start) AS words, count(*) AS n FROM entity_mentions "
        "JOIN reports USING (report_id) WHERE entity_id = ? AND form <> 'pronoun' "
        "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12",
        entity_id,
        near=("entity_forms", [entity_id]),
    )
    with_whom = reading.rows(
        "whom it meets in events",
        "SELECT other AS entity_id, e.name, count(DISTINCT event_id) AS n FROM (SELECT event_id, "
        "unnest(list_concat(actors, recipients)) AS other FROM event_mentions WHERE event_id IN (SELECT unnest(?))) "
        "JOIN entities e ON e.entity_id = other WHERE other <> ? GROUP BY ALL ORDER BY 3 DESC, 2, 1 LIMIT 14",
        sorted({v["event_id"] for v in (*did, *done)}),
        entity_id,
        near=("entity_others", [entity_id]),
    )
    letters = {r["report_id"]: r["letter"] for r in reports}
    utterances: dict[str, list[Row]] = {}
    for a in said:
        utterances.setdefault(a["utterance_id"] or a["attribution_id"], []).append(a)
    told = [utterance(u, letters) for u in utterances.values()]
    row["corrections"] = bearing(reading, [entity_id]).get(entity_id, [])
    data = {
        "entity": row,
        "did": did[:MOST],
        "done": done[:MOST],
        "said": told[:MOST],
        "counts": {"did": len(did), "done": len(done), "said": len(told)},
        "over_time": [
            ("did", _when(did), len(did)),
            ("done to it", _when(done), len(done)),
            (
                "said",
                sorted(d for u in utterances.values() if (d := u[0]["date_start"] or u[0]["date_end"])),
                len(told),
            ),
        ],
        "reports": reports,
        "forms": forms,
        "with_whom": with_whom,
    }
    tables = {"did": did, "done": done, "said": said, "reports": reports}
    return View(row["name"], data, tables, reading.asked)


def _events(reading: Reading, what: str, side: str, entity_id: str, sides: list[Row]) -> list[Row]:
    rows = reading.rows(
        what,
        "SELECT v.* FROM events v WHERE event_id IN (SELECT event_id FROM event_mentions "
        f"WHERE list_contains({side}, ?)) ORDER BY date_start DESC NULLS LAST, n_reports DESC, event_id",
        entity_id,
        near=("event", [s["event_id"] for s in sides if s["side"] == side]),
    )
    rows.sort(key=lambda e: (-e["n_reports"], e["event_id"]))
    rows.sort(key=lambda e: e["date_start"] or "", reverse=True)
    for row in rows:
        row["dates"] = days(row["date_start"], row["date_end"])
    return rows


def _when(rows: list[Row]) -> list[str]:
    return sorted(d for r in rows if (d := r["date_start"] or r["date_end"]))
