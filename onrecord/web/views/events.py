"""Events with everything that they rest on: mentions, origins, the ledger; for a story's page and an event's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onrecord.text import LEAD, letter
from onrecord.web.shelf import Reading, Row
from onrecord.web.views.common import (
    View,
    actor_ids,
    days,
    grouped,
    one,
    quoted,
    texts,
)
from onrecord.web.views.corrections import bearing

UNSURE = ("planned", "threatened", "hypothetical", "negated")


def report_rows(
    reading: Reading,
    where: str,
    *values: object,
    near: tuple[str, Sequence[str]] | None = None,
    only: set[str] | None = None,
) -> list[Row]:
    """Reports without their texts, lettered in order of publication; `where` says which, over `reports`.

    `near` as of `Reading.rows`; where it gives more, `only` names those that are wanted.
    """
    found = reading.rows(
        "the reports",
        "SELECT report_id, uri, outlet, title, byline, published_at, published_day, published_basis, "
        "length(text) AS characters, CASE WHEN title IS NULL THEN trim(substr(text, 1, 400)) END AS opening "
        f"FROM reports r WHERE {where} ORDER BY published_at NULLS LAST, report_id",
        *values,
        near=near,
    )
    if only is not None:
        found = [row for row in found if row["report_id"] in only]
    for n, row in enumerate(found):
        row["letter"] = letter(n)
        row["title"] = quoted(row["title"] or (row["opening"] or "").partition("\n")[0] or "Untitled report", 200)
        del row["opening"]
        row["outlet"] = row["outlet"] or outlet_of(row["uri"])
        row["published"] = row["published_day"] or ""
    return found


def outlet_of(uri: str) -> str:
    """The file's name, where a report does not say who published it."""
    return uri.replace("\\", "/").rstrip("/").rpartition("/")[2] or uri


def told(reading: Reading, rows: list[Row], letters: Mapping[str, str]) -> list[Row]:
    """The events, each with sentence, mentions, origins and ledger; reports are named by their letters."""
    ids = [e["event_id"] for e in rows]

    def of_events(what: str, table: str, order: str) -> list[Row]:
        return reading.rows(
            what,
            f"SELECT * FROM {table} WHERE event_id IN (SELECT unnest(?)) ORDER BY {order}",
            ids,
            near=(table, ids),
        )

    rank = {r: n for n, r in enumerate(letters)}  # reports in order of publication

    def placed(row: Row) -> tuple[int, str, int]:
        return rank.get(row["report_id"], len(rank)), row["report_id"], row["char_start"]

    mentions = sorted(of_events("the mentions of each event", "event_mentions", "event_id, mention_id"), key=placed)
    origins = of_events("the origins of each event", "origins", "len(report_ids) DESC, origin_id")
    ledger = of_events("the ledger of each event", "ledger", "event_id, field, value, mention_id, char_start")
    ledger.sort(key=lambda v: (v["event_id"], v["field"], v["value"], *placed(v)))
    known_texts = texts(reading, [x["report_id"] for x in (*mentions, *ledger)])
    for m in mentions:
        text, at = known_texts[m["report_id"]], m["char_start"]
        around = text.segment(at)
        m["sentence"] = text.sentence(at, m["char_end"])
        m["leads"] = at < LEAD and (around is None or around[2] != "caption")
    for v in ledger:
        v["quote"] = known_texts[v["report_id"]].cut(v["char_start"], v["char_end"], 120)
    by_event = {
        "mentions": grouped(mentions, "event_id"),
        "origins": grouped(origins, "event_id"),
        "ledger": grouped(ledger, "event_id"),
    }
    known = actor_ids(reading, rows)
    corrected = bearing(reading, ids)
    return [{**_told(e, by_event, letters, known), "corrections": corrected.get(e["event_id"], [])} for e in rows]


def _told(
    e: Row, by_event: Mapping[str, dict[str, list[Row]]], letters: Mapping[str, str], known: Mapping[str, str]
) -> Row:
    mentions = by_event["mentions"].get(e["event_id"], [])
    origins = by_event["origins"].get(e["event_id"], [])
    chief = next((m for m in mentions if m["mention_id"] == e["mention_id"]), mentions[0] if mentions else None)
    for n, o in enumerate(origins):
        o["number"] = n + 1
        o["letters"] = sorted(letters.get(r, "?") for r in o["report_ids"])
        for x in o["evidence"]:
            x["letter"] = letters.get(x["report_id"], "?")
        o["kind_words"] = o["kind"].replace("_", " ")
    of_origin = {o["origin_id"]: o for o in origins}
    fields: dict[str, list[Row]] = {}
    for row in by_event["ledger"].get(e["event_id"], []):
        row["letter"] = letters.get(row["report_id"], "?")
        origin = of_origin.get(row["origin_id"])
        row["origin"] = origin["label"] if origin else None
        row["origin_number"] = origin["number"] if origin else None
        fields.setdefault(row["field"], []).append(row)
    return {
        **e,
        "dates": days(e["date_start"], e["date_end"]),
        "quad": chief["quad"] if chief else None,
        "sentence": chief["sentence"] if chief else {"before": "", "words": e["summary"] or "", "after": ""},
        "at": _at(chief, letters) if chief else None,
        "actors": _parties(e, "actor", known),
        "recipients": _parties(e, "recipient", known),
        "interval": _interval(e),
        "unsure": e["modality"] in UNSURE,
        "mentions": [{**m, **_at(m, letters)} for m in mentions],
        "origins": origins,
        "ledger": [
            {"field": f, "agree": _agree(v), "values": v, "rows": _merged(v)} for f, v in sorted(fields.items())
        ],
    }


def _parties(e: Row, side: str, known: Mapping[str, str]) -> list[dict[str, str | None]]:
    names, countries = e[f"{side}_names"], e[f"{side}_countries"]
    countries = [*countries, *[None] * (len(names) - len(countries))]
    return [
        {"name": n, "country": c if c != n else None, "entity_id": known.get(n)}
        for n, c in zip(names, countries, strict=False)
    ]


def _interval(e: Row) -> str:
    low, high = e["n_origins_low"], e["n_origins_high"]
    return "" if low == high else f"{low} to {high}"


def _at(m: Row, letters: Mapping[str, str]) -> Row:
    return {
        "letter": letters.get(m["report_id"], "?"),
        "report_id": m["report_id"],
        "char_start": m["char_start"],
        "char_end": m["char_end"],
    }


def _agree(values: list[Row]) -> str:
    """The strongest thing to say of a field: contradicts, then updates and so on; agrees when there is nothing else."""
    found = {v["relation"] for v in values}
    order = ("contradicts", "updates", "spread", "different_scope", "refines")
    return next((r for r in order if r in found), "agrees")


def _merged(values: list[Row]) -> list[Row]:
    """Rows of the ledger with equal value, relation and origin as one, with all the places that give it."""
    out: dict[tuple[str | None, ...], Row] = {}
    for v in values:
        key = (v["value"], v["relation"], v["origin_id"], v["decision"])
        kept = ("value", "relation", "origin", "origin_number", "decision")
        row = out.setdefault(key, {**{k: v[k] for k in kept}, "places": []})
        if (v["report_id"], v["char_start"]) not in {(p["report_id"], p["char_start"]) for p in row["places"]}:
            row["places"].append({k: v[k] for k in ("letter", "report_id", "char_start", "char_end", "quote")})
    return sorted(out.values(), key=lambda r: (r["value"], r["origin_number"] or 0))


def event(reading: Reading, event_id: str) -> View:
    """One event, under its permanent address; raises `NotFoundError` when there is none of that id."""
    row = one(reading.rows("the event", "SELECT * FROM events WHERE event_id = ?", event_id), "event", event_id)
    where = "report_id IN (SELECT report_id FROM event_mentions WHERE event_id = ?)"
    mentioning: set[str] | None = None
    if reading.kept:
        mentioning = {m["report_id"] for m in reading.kept.rows("event_mentions", [event_id])}
    reports = report_rows(reading, where, event_id, near=("story_reports", [row["story_id"]]), only=mentioning)
    letters = {r["report_id"]: r["letter"] for r in reports}
    (found,) = told(reading, [row], letters)
    story = reading.rows("its story", "SELECT * FROM stories WHERE story_id = ?", row["story_id"])
    siblings = _siblings(reading, row["story_id"], event_id)
    data = {"event": found, "story": story[0] if story else None, "reports": reports, "siblings": siblings}
    ledger = [v for f in found["ledger"] for v in f["values"]]
    tables = {"event_mentions": found["mentions"], "ledger": ledger, "origins": found["origins"], "reports": reports}
    return View(found["sentence"]["words"] or row["event_type"], data, tables, reading.asked)


def _siblings(reading: Reading, story_id: str | None, event_id: str) -> list[Row]:
    columns = ("event_id", "event_type", "date_start", "summary", "n_reports", "n_origins")
    ids: list[str] = []
    if reading.kept and story_id:
        every = (e["event_id"] for e in reading.kept.rows("story_events", [story_id]))
        ids = [e for e in every if e != event_id][:8]
    found = reading.rows(
        "other events of the story",
        f"SELECT {', '.join(columns)} FROM events WHERE story_id = ? AND event_id <> ? "
        "ORDER BY n_reports DESC, n_origins DESC, event_id LIMIT 8",
        story_id,
        event_id,
        near=("event", ids),
    )
    return [{name: row[name] for name in columns} for row in found]
