"""The main event of a report, event mentions and their coreference, and the dates of events on timelines.

Each set is built into one record and read back. The main event of a report is the first event mention in its headline
and first two sentences that is about as sure as the surest there: confidence tells how likely its type is right, not
what a report is about, so a small difference decides nothing. What it does not say itself (a date, a place, an actor)
is taken from the report's other mentions of the same event, then from the other mentions in those lines.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench import harness
from bench.harness import Counts, Figure
from onrecord.model import Document
from onrecord.text import words

_QUESTIONS = ("who", "what", "when", "where")
_W, _M, _T = "main_event.giveme5w1h", "main_event.meantime", "main_event.timelines"
_LEAD_SENTENCES = 2
_ABOUT_AS_SURE = 0.1

FIGURES = [
    figure
    for q in _QUESTIONS
    for figure in (
        Figure(
            f"{_W}.{q}",
            f"best token F1 of the main event's '{q}' against any gold answer, mean over reports that have one",
            published="about 0.82 mean generalised precision over the four, by human judgement, other data",
            blind="gold answers differ in length, so that a right answer may score 0.4; no report counts as right for "
            "saying nothing",
        ),
        Figure(f"peer.{_W}.{q}", "first subject, predicate, date and place of the first sentence with a verb"),
    )
] + [
    Figure(f"{_W}.when_date", "the main event's first or last day is the gold day, over reports that have one"),
    Figure(f"peer.{_W}.when_date", "the day of publication is the gold day"),
    Figure(
        f"{_M}.anchors_f1",
        "event mentions whose anchor overlaps a gold event of class OTHER, F1; those over other gold classes do not "
        "count",
        blind="the set marks every event, ours only those of the ontology: recall is bounded by what PLOVER covers",
    ),
    Figure(f"{_M}.anchors_precision", "the same, precision"),
    Figure(f"{_M}.anchors_recall", "the same, recall"),
    Figure(f"{_M}.anchors_all_f1", "the same against gold events of all classes, F1"),
    Figure(
        f"{_M}.coreference_b3",
        "B-cubed F1 of events over the gold mentions that were found, across reports",
        blind="most gold events have one mention: every mention for itself is a strong rival; missed ones do not count",
    ),
    Figure(f"peer.{_M}.coreference_b3", "every mention an event of its own"),
    Figure(f"peer.{_M}.same_word.coreference_b3", "one event for each anchor word in a report"),
    Figure(f"{_T}.found", "gold timeline mentions with a date that an event mention's anchor overlaps"),
    Figure(
        f"{_T}.date",
        "event date equal to the gold date (day, month or year), over those found",
        blind="not the order of events, nor to whom they belong",
    ),
    Figure(f"{_T}.date_within", "the event's days lie in the gold day, month or year, or touch it, over those found"),
    Figure(f"peer.{_T}.date", "the day of publication is the gold date, over the same mentions"),
]

Rows = list[dict[str, Any]]


def run(data: Path, limit: int | None) -> dict[str, float]:
    """Figures of the sets that are there."""
    out: dict[str, float] = {}
    tasks: tuple[Callable[[Path, int | None], dict[str, float]], ...] = (_main, _meantime, _timelines)
    for task in tasks:
        try:
            out |= task(data, limit)
        except harness.Missing:
            continue
    return out


def record_of(reports: Iterable[Mapping[str, Any]]) -> dict[str, Rows]:
    """A record's tables, built from reports with id, text, title, published; report ids are those given."""
    import onrecord

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.jsonl"
        with path.open("w", encoding="utf-8") as lines:
            for report in reports:
                lines.write(json.dumps({k: v for k, v in report.items() if v}) + "\n")
        with onrecord.build([path], Path(folder) / "record.duckdb", options=harness.options()) as record:
            tables: dict[str, Rows] = {
                n: record.table(n).to_pylist() for n in ("reports", "segments", "event_mentions", "events")
            }
    name = {r["report_id"]: r["external_id"] for r in tables["reports"]}
    for rows in tables.values():
        for row in rows:
            if "report_id" in row:
                row["report_id"] = name[row["report_id"]]
    return tables


def by_report(rows: Rows) -> dict[str, Rows]:
    """Rows grouped by report, in text order."""
    out: dict[str, Rows] = defaultdict(list)
    for row in sorted(rows, key=lambda r: (r["report_id"], r.get("anchor_start", r.get("char_start", 0)))):
        out[row["report_id"]].append(row)
    return out


# ---- main event -------------------------------------------------------------------------------------------------


def _main(data: Path, limit: int | None) -> dict[str, float]:
    items = harness.items(data, "main_event/giveme5w1h", limit=limit)
    documents = harness.documents([i["text"] for i in items])
    tables = record_of(
        {"id": i["id"], "text": i["text"], "title": i.get("title"), "outlet": i.get("outlet"), "published": i["date"]}
        for i in items
    )
    mentions = by_report(tables["event_mentions"])
    scores: dict[str, list[float]] = defaultdict(list)
    for item, doc in zip(items, documents, strict=True):
        ours = answers(item["text"], main_event(doc, mentions.get(item["id"], [])))
        peer = first_sentence(doc)
        for q in _QUESTIONS:
            gold = [a["text"] for a in item["gold"].get(q, []) if a["text"]]
            if gold:
                scores[f"{_W}.{q}"].append(max(token_f1(ours.get(q), g) for g in gold))
                scores[f"peer.{_W}.{q}"].append(max(token_f1(peer.get(q), g) for g in gold))
        days = {a["parsed"][:10] for a in item["gold"].get("when", []) if a.get("parsed")}
        if days:
            scores[f"{_W}.when_date"].append(bool(days & {ours.get("date_start"), ours.get("date_end")}))
            scores[f"peer.{_W}.when_date"].append(item["date"][:10] in days)
    return {k: sum(v) / len(v) for k, v in scores.items()}


def main_event(doc: Document, mentions: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The mention that states a report's main event, then those that may complete it; empty without any mention."""
    lines = [s for s in doc.sentences if s.last - s.first > 3]
    lead = doc.ends[lines[min(_LEAD_SENTENCES, len(lines) - 1)].last - 1] if lines else 0
    early = [m for m in mentions if m["anchor_start"] < lead] or list(mentions)[:1]
    if not early:
        return []
    least = max(m["confidence"] or 0.0 for m in early) - _ABOUT_AS_SURE
    main = min((m for m in early if (m["confidence"] or 0.0) >= least), key=lambda m: m["anchor_start"])
    same = [m for m in mentions if m is not main and m["event_id"] and m["event_id"] == main["event_id"]]
    return [main, *same, *(m for m in early if m is not main and m not in same)]


def answers(text: str, same: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Who, what, when and where of the first mention, completed by the others; and the event's days."""
    if not same:
        return {}
    main = same[0]
    out = {"what": text[main["anchor_start"] : max(main["char_end"], main["anchor_end"])]}
    for m in same:
        who = m["actor_spans"] or m["recipient_spans"]
        if who and "who" not in out:
            out["who"] = " ".join(text[s["char_start"] : s["char_end"]] for s in who)
        for field, column in (("when", "date_span"), ("where", "place_span")):
            span = m[column]
            if span and field not in out:
                out[field] = text[span["char_start"] : span["char_end"]]
        if m["date_start"] and "date_start" not in out:
            out["date_start"], out["date_end"] = m["date_start"], m["date_end"] or m["date_start"]
    return out


def first_sentence(doc: Document) -> dict[str, str]:
    """The peer's answers, read off the parser: subject, predicate, first date and first place of the lead."""
    for n, sentence in enumerate(doc.sentences):
        root = next((i for i in range(sentence.first, sentence.last) if doc.heads[i] == i), sentence.first)
        subject = doc.child(root, "nsubj", "nsubjpass")
        if subject is None:
            continue
        under = [i for i in doc.subtree(subject) if sentence.first <= i < sentence.last]
        out = {
            "who": doc.quote(doc.span(under[0], under[-1] + 1)),
            "what": doc.quote(doc.span(root, sentence.last)),
        }
        end = doc.ends[doc.sentences[min(n + _LEAD_SENTENCES, len(doc.sentences) - 1)].last - 1]
        for span, label, _, _ in doc.named_entities:
            field = {"DATE": "when", "TIME": "when", "GPE": "where", "LOC": "where", "FAC": "where"}.get(label)
            if field and field not in out and span.start < end:
                out[field] = doc.quote(span)
        return out
    return {}


def token_f1(given: str | None, gold: str) -> float:
    """F1 of the words two answers share, each word as often as both have it; 0 for no answer."""
    a, b = [w for w, _, _ in words(given or "")], [w for w, _, _ in words(gold)]
    left = list(b)
    shared = 0
    for w in a:
        if w in left:
            left.remove(w)
            shared += 1
    return 2 * shared / (len(a) + len(b)) if shared else 0.0


# ---- event mentions and coreference -----------------------------------------------------------------------------


def _meantime(data: Path, limit: int | None) -> dict[str, float]:
    items = harness.items(data, "main_event/meantime", limit=limit)
    tables = record_of(_dated(items))
    mentions = by_report(tables["event_mentions"])
    other, every = Counts(), Counts()
    gold_label: dict[Any, Any] = {}
    our_label: dict[Any, Any] = {}
    alone: dict[Any, Any] = {}
    word: dict[Any, Any] = {}
    for item in items:
        end = item["full_annotation_end"]
        ours = [m for m in mentions.get(item["id"], []) if m["anchor_start"] < end]
        gold = [e for e in item["events"] if e["start"] < end]
        plain = [e for e in gold if e["cls"] == "OTHER"]
        over = [[e for e in gold if _overlap(m, e)] for m in ours]
        counted = [o for o in over if not o or any(e["cls"] == "OTHER" for e in o)]
        hits = sum(any(_overlap(m, e) for m in ours) for e in plain)
        other.add(min(hits, len(counted)), len(counted), len(plain))
        every.add(sum(any(_overlap(m, e) for m in ours) for e in gold), len(ours), len(gold))
        for e in item["events"]:
            match = next((m for m in mentions.get(item["id"], []) if _overlap(m, e)), None)
            if match is None:
                continue
            at = (item["id"], e["m_id"])
            gold_label[at] = e["event"] if e["cross_doc"] else (item["id"], e["event"])
            our_label[at] = match["event_id"] or match["mention_id"]
            alone[at] = at
            word[at] = (item["id"], e["text"].lower())
    return {
        f"{_M}.anchors_f1": other.f1,
        f"{_M}.anchors_precision": other.precision,
        f"{_M}.anchors_recall": other.recall,
        f"{_M}.anchors_all_f1": every.f1,
        f"{_M}.coreference_b3": harness.b_cubed(gold_label, our_label)[2],
        f"peer.{_M}.coreference_b3": harness.b_cubed(gold_label, alone)[2],
        f"peer.{_M}.same_word.coreference_b3": harness.b_cubed(gold_label, word)[2],
    }


def _dated(items: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for item in items:
        title = item["text"].split("\n", 1)[0].strip()
        yield {"id": item["id"], "text": item["text"], "title": title, "published": item["dct"]}


def _overlap(mention: Mapping[str, Any], gold: Mapping[str, Any]) -> bool:
    return bool(mention["anchor_start"] < gold["end"] and gold["start"] < mention["anchor_end"])


# ---- timelines --------------------------------------------------------------------------------------------------


def _timelines(data: Path, limit: int | None) -> dict[str, float]:
    where = "main_event/semeval2015_timelines"
    items = harness.items(data, where, limit=limit)
    timelines = harness.items(data, where, "timelines.jsonl")
    published = {i["id"]: i["dct"] for i in items}
    mentions = by_report(record_of(_dated(items))["event_mentions"])
    gold: dict[tuple[str, int, int], str] = {}
    for timeline in timelines:
        for entry in timeline["timeline"]:
            for m in entry["mentions"]:
                if m.get("start") is not None and m["doc"] in published and period(entry["date"]):
                    gold.setdefault((m["doc"], m["start"], m["end"]), entry["date"])
    found = exact = within = peer = 0
    for (doc, start, end), value in sorted(gold.items()):
        match = next((m for m in mentions.get(doc, []) if _overlap(m, {"start": start, "end": end})), None)
        days = period(value)
        if match is None or days is None:
            continue
        found += 1
        first, last = match["date_start"], match["date_end"] or match["date_start"]
        exact += (first, last) == days
        within += bool(first) and first <= days[1] and days[0] <= last
        peer += (published[doc][:10], published[doc][:10]) == days
    if not gold:
        raise harness.Missing(f"{where}: no dated mention in these reports")
    return {
        f"{_T}.found": found / len(gold),
        f"{_T}.date": exact / max(found, 1),
        f"{_T}.date_within": within / max(found, 1),
        f"peer.{_T}.date": peer / max(found, 1),
    }


def period(value: str) -> tuple[str, str] | None:
    """First and last day of a gold date: a day, a month or a year (unknown parts as XX); None for no date."""
    parts = [p for p in value.split("-") if "X" not in p]
    if not parts or len(parts[0]) != 4 or not all(p.isdigit() for p in parts):
        return None
    numbers = [int(p) for p in parts]
    if len(numbers) == 3:
        return value, value
    if len(numbers) == 2:
        first = date(numbers[0], numbers[1], 1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return first.isoformat(), last.isoformat()
    return f"{parts[0]}-01-01", f"{parts[0]}-12-31"
