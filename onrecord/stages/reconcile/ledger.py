"""The ledger of one event: each report's value of each field, in its characters, and how it stands to the others'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from onrecord.stages.reconcile import beside
from onrecord.stages.reconcile.decided import Verdicts
from onrecord.stages.reconcile.origins import Origins
from onrecord.stages.reconcile.tolls import tolls
from onrecord.stages.reconcile.values import ORDER, Value, count, relate
from onrecord.stages.reconcile.view import Mention, Story, ordinal
from onrecord.stages.reconcile.words import content

_OTHER_SCOPE = ORDER.index("different_scope")
# Values of one field that are compared one with another; a field with more distinct values is compared by its first.
_MOST = 60


def rows(
    event_id: str, mentions: Sequence[Mention], story: Story, origins: Origins, verdicts: Verdicts | None = None
) -> list[dict[str, Any]]:
    """Rows of `ledger` for one event; what people decided of a value is marked, and a rejected one is no measure."""
    verdicts = verdicts or Verdicts()
    given: dict[str, list[tuple[Mention, tuple[int, int], Value]]] = defaultdict(list)
    for m in mentions:
        for span, value in _values(m, story):
            given[value.field].append((m, span, value))
    for m, quantity, sentence in tolls(mentions, story):
        report = story.reports[m.report]
        value = count(quantity, report.text, sentence, report.day)
        given[value.field].append((m, (quantity["char_start"], quantity["char_end"]), value))
    for m, span, value in _beside(mentions, story):
        given[value.field].append((m, span, value))
    out: list[dict[str, Any]] = []
    spans: dict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
    for field in sorted(given):
        entries = given[field]
        distinct: dict[tuple[str | None, Value], None] = {}
        for m, (start, _), value in entries:
            if verdicts.of(m.report, start, value)[0] == "rejected":
                continue
            distinct.setdefault((m.report, value))
        others = list(distinct)[:_MOST]
        known: dict[Value, Ranks] = {}
        for m, (start, end), value in entries:
            relation = _relation(m, value, others, known)
            decision, correction_id = verdicts.of(m.report, start, value)
            row = {
                "event_id": event_id,
                "field": field,
                "value": value.text,
                "mention_id": m.id,
                "report_id": m.report,
                "char_start": start,
                "char_end": end,
                "origin_id": origins.of.get(m.id),
                "relation": relation,
                "decision": decision,
                "correction_id": correction_id,
            }
            # Mentions of one sentence may share a date or a place, and '250,000' stands in '$250,000': one row.
            told = spans[field, m.report, value.text]
            if not any(a < end and start < b for a, b in told):
                told.append((start, end))
                out.append(row)
    return out


def _beside(mentions: Sequence[Mention], story: Story) -> Iterator[tuple[Mention, tuple[int, int], Value]]:
    for m, quantity, sentence in beside.counts(mentions, story):
        report = story.reports[m.report]
        span = quantity["char_start"], quantity["char_end"]
        value = count(quantity, report.text, sentence, report.day)
        yield m, span, replace(value, part=quantity.get("part", ""))
    for m, (start, end) in beside.quotations(mentions, story):
        report = story.reports[m.report]
        words = " ".join(report.text[start:end].split())
        yield m, (start, end), Value("quotation", words, words, published=report.day)
    for m, (start, end), time in beside.days(mentions, story):
        report = story.reports[m.report]
        first, last = ordinal(time["date_start"]), ordinal(time["date_end"])
        words = " ".join(report.text[max(0, start - 24) : end + 24].split())
        # A day of the week in an undated report stands there as it is called.
        shown = " ".join(report.text[start:end].split())
        if first is not None:
            shown = time["date_start"] if first == last else f"{time['date_start']}/{time['date_end']}"
        yield m, (start, end), Value("date", shown, words, first, last, published=report.day)
    for m, (start, end), entity_id in beside.places(mentions, story):
        report, entity = story.reports[m.report], story.entities[entity_id]
        words = " ".join(report.text[start:end].split())
        yield m, (start, end), Value("place", entity.name, words, entity=entity, published=report.day)


def day(values: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """First and last day on which most reports put the event, of the ledger's rows; None where no two put it there."""
    told: dict[str, set[str]] = defaultdict(set)
    for row in values:
        if row["field"] == "date" and row["decision"] != "rejected" and ordinal(row["value"]) is not None:
            told[row["value"]].add(row["report_id"])
    spans = {value: (value.split("/")[0], value.split("/")[-1]) for value in told}
    backers = {
        value: {r for other, reports in told.items() for r in reports if a <= spans[other][1] and spans[other][0] <= b}
        for value, (a, b) in spans.items()
    }
    best = sorted(
        backers, key=lambda v: (-len(backers[v]), (ordinal(spans[v][1]) or 0) - (ordinal(spans[v][0]) or 0), v)
    )
    if (
        not best
        or len(backers[best[0]]) < 2
        or 2 * len(backers[best[0]]) <= len({r for rs in told.values() for r in rs})
    ):
        return None
    return spans[best[0]]


Ranks = dict[str | None, int]


def _relation(m: Mention, value: Value, others: list[tuple[str | None, Value]], known: dict[Value, Ranks]) -> str:
    """The most telling relation to another report, whose nearest value counts; 'agrees' where none gives the field."""
    # Of a count its words say no more: equal counts stand alike to all others, however often they are given.
    same = replace(value, text="", words="") if value.low is not None and value.field != "date" else value
    if same not in known:
        nearest: Ranks = {}
        for report, other in others:
            if other.part == same.part:
                nearest[report] = max(nearest.get(report, 0), ORDER.index(relate(same, other)))
        known[same] = nearest
    ranks = [rank for report, rank in known[same].items() if report != m.report]
    if not ranks:
        return "agrees"
    # A report that counts only something else says nothing of this value where others give it.
    worst = ORDER[min([r for r in ranks if r != _OTHER_SCOPE] or ranks)]
    if worst == "contradicts" and value.field in ("actor", "recipient") and len(_parties(m, value.field)) > 1:
        # One of several parties whom the other report does not name: it says less, not the opposite.
        return "refines"
    return worst


def _parties(m: Mention, field: str) -> frozenset[str]:
    return m.actors if field == "actor" else m.recipients


def _values(m: Mention, story: Story) -> Iterator[tuple[tuple[int, int], Value]]:
    report = story.reports[m.report]

    def words(start: int, end: int) -> str:
        return " ".join(report.text[start:end].split())

    row = m.row
    if row["date_span"] and row["date_start"]:
        start, end = row["date_span"]["char_start"], row["date_span"]["char_end"]
        first, last = ordinal(row["date_start"]), ordinal(row["date_end"] or row["date_start"])
        shown = (
            row["date_start"]
            if row["date_end"] in (None, row["date_start"])
            else f"{row['date_start']}/{row['date_end']}"
        )
        if first is not None and last is not None:
            around = words(max(m.start, start - 24), min(m.end, end + 24))
            yield (start, end), Value("date", shown, around, first, last, published=report.day)
    spot = row["place_span"]
    if spot and (m.start <= spot["char_start"] < m.end or not m.bare):
        start, end = spot["char_start"], spot["char_end"]
        entity = story.entities.get(m.place or "")
        shown = entity.name if entity else words(start, end)
        yield (start, end), Value("place", shown, words(start, end), entity=entity, published=report.day)
    for field, spans, ids in (
        ("actor", row["actor_spans"], row["actors"]),
        ("recipient", row["recipient_spans"], row["recipients"]),
    ):
        paired = len(spans or ()) == len(ids or ())
        for n, span in enumerate(spans or ()):
            start, end = span["char_start"], span["char_end"]
            entity = story.entities.get(ids[n]) if paired else None
            shown = entity.name if entity else words(start, end)
            yield (start, end), Value(field, shown, words(start, end), entity=entity, published=report.day)
    counted: dict[str, list[tuple[dict[str, Any], Value]]] = defaultdict(list)
    for quantity in row["quantities"] or ():
        if quantity["value"] is not None and quantity["role"]:
            value = count(quantity, report.text, (m.start, m.end), report.day)
            counted[quantity["role"]].append((quantity, value))
    for role in sorted(counted):
        # 'At least 15 people, including 13 pupils': the largest counts all, the others some of them.
        whole = max(v.low or 0.0 for _, v in counted[role])
        for quantity, value in counted[role]:
            if (value.low or 0.0) < whole:
                value = replace(value, part=" ".join(sorted(content(value.words)[0])) or "part")
            yield (quantity["char_start"], quantity["char_end"]), value
