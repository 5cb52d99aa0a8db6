"""What the sentences beside an event's mentions count, date and place of it, in words that were not coded for it.

'At least five tanks', 'Nine armoured troop carriers', 'a 48-page indictment', '$250,000 in campaign funds': a number
and the plural that it counts. Two reports that count one thing near one event give two values of one field, named by
the thing; what one report alone counts is no field. A report that gives the event no day or place of its own has it
from the sentences beside, where that agrees with what the other reports say.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from onrecord.stages.reconcile.tolls import near
from onrecord.stages.reconcile.view import Mention, Story, ordinal
from onrecord.stages.reconcile.words import NUMBER_PATTERN, number, settings, stem
from onrecord.text import fold

Quantity = dict[str, Any]

_COUNTED = re.compile(
    rf"(?<![\w$£€.,-])(?P<n>{NUMBER_PATTERN}) (?P<run>[a-z][\w'-]*(?: [a-z][\w'-]*){{0,3}})", re.IGNORECASE
)
_PAGED = re.compile(rf"(?<![\w-])(?P<n>{NUMBER_PATTERN})-(?P<run>[a-z]+)(?= [a-z])", re.IGNORECASE)
_MONEY = re.compile(
    r"(?P<unit>[$£€])(?P<n>\d[\d,]*(?:\.\d+)?)(?: ?(?P<many>thousand|million|billion)\b)?", re.IGNORECASE
)
_AGED = re.compile(
    r"(?<![\w-])(?:(?P<n>\d{1,3})-year-old\b|(?:aged|(?:between )?(?:the )?ages(?: of)?)(?: around| about| between)?"
    r" (?P<from>\d{1,3})(?:(?: to | and |-|–)(?P<to>\d{1,3}))?\b)",
    re.IGNORECASE,
)
_MANY = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
_PLACED = re.compile(r"\b(?:in|at|near|outside|inside)\s+(?:the\s+)?(?:[a-z-]+\s+){0,3}$", re.IGNORECASE)
# Characters of a quotation that says something.
_SHORTEST = 12
# Days that a time expression may span and still say when.
_LONGEST = 3


def counts(mentions: Sequence[Mention], story: Story) -> Iterator[tuple[Mention, Quantity, tuple[int, int]]]:
    """(mention, quantity whose role names the thing, sentence) for what at least two reports of the event count."""
    found: dict[str, list[tuple[Mention, Quantity, tuple[int, int]]]] = defaultdict(list)
    seen: set[tuple[str, int]] = set()
    for m in mentions:
        if m.kind != "real":
            continue
        report = story.reports[m.report]
        taken = [
            (q["char_start"], q["char_end"])
            for o in mentions
            if o.report == m.report
            for q in o.row["quantities"] or ()
        ]
        for sentence in near(m, report):
            if (m.report, sentence) in seen:
                continue
            seen.add((m.report, sentence))
            start, end = report.sentence_span(report.stops[sentence])
            for thing, quantity in _counted(report.text, start, min(end, start + 600)):
                if thing not in _generic() or not any(
                    a < quantity["char_end"] and quantity["char_start"] < b for a, b in taken
                ):
                    found[thing].append((m, quantity, (start, end)))
    for thing in sorted(found):
        if len({m.report for m, _, _ in found[thing]}) > 1:
            yield from found[thing]


def _counted(text: str, start: int, end: int) -> Iterator[tuple[str, Quantity]]:
    folded = fold(text[start:end])
    for pattern in (_COUNTED, _PAGED):
        for m in pattern.finditer(folded):
            value = number(m["n"].lower())
            head = _head(m["run"]) if pattern is _COUNTED else m["run"].lower()
            if value is None or value < 2 or head is None or stem(head) in _uncounted():
                continue
            thing = head if pattern is _COUNTED else head + "s"
            span = {
                "char_start": start + m.start("n"),
                "char_end": start + m.start("run") + m["run"].lower().index(head) + len(head),
            }
            yield thing, {**span, "value": value, "unit": None, "role": thing}
    for m in _AGED.finditer(folded):
        low = float(m["n"] or m["from"])
        span = {"char_start": start + m.start(), "char_end": start + m.end()}
        yield "age", {**span, "value": low, "unit": None, "role": "age", "to": float(m["to"] or low)}
    for m in _MONEY.finditer(folded):
        value = float(m["n"].replace(",", "")) * _MANY.get((m["many"] or "").lower(), 1.0)
        span = {"char_start": start + m.start(), "char_end": start + m.end()}
        yield "money", {**span, "value": value, "unit": m["unit"], "role": "money"}


def _head(run: str) -> str | None:
    """The first plural of a run of words: 'carriers' of 'armoured troop carriers'; it ends at a word of grammar."""
    grammar = set(str(settings()["function_words"]).split())
    for word in run.lower().split():
        if word in _generic():
            return word
        if word in grammar:
            return None
        if word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")) and len(word) > 3:
            return word
    return None


def _generic() -> frozenset[str]:
    return frozenset(("people", "men", "women", "children", "persons", "others"))


def _uncounted() -> frozenset[str]:
    """Stems of what is measured, not counted: time, distance, shares."""
    return frozenset(stem(w) for w in str(settings()["measures"]).split())


def quotations(mentions: Sequence[Mention], story: Story) -> Iterator[tuple[Mention, tuple[int, int]]]:
    """(mention, characters) of one utterance that two reports of the event quote in or near sentences that tell it."""
    found: dict[str, dict[str, tuple[Mention, tuple[int, int]]]] = defaultdict(dict)
    for m in mentions:
        report = story.reports[m.report]
        if m.kind != "real" or m.start < report.body_start:
            continue
        spots = set(near(m, report))
        for source in report.sources:
            start, end = min(source.content, default=(0, 0))
            quoted = '"' in fold(report.text[max(0, start - 1) : end + 1])
            if source.utterance and quoted and end - start >= _SHORTEST and report.sentence(start) in spots:
                found[source.utterance].setdefault(m.report, (m, (start, end)))
    for utterance in sorted(found):
        if len(found[utterance]) > 1:
            yield from found[utterance].values()


def days(mentions: Sequence[Mention], story: Story) -> Iterator[tuple[Mention, tuple[int, int], dict[str, Any]]]:
    """(mention, characters, row of `timexes`) of a day told beside the mentions of a report that coding gave none.

    It has to overlap a day that a mention of another report is coded with, or else that another report tells beside.
    """
    coded = [(m.report, m.first, m.last) for m in mentions if m.certain and m.first is not None and m.last is not None]
    told = [(m, t, a, b) for m in _without(mentions, "date_span") for t, a, b in _times(m, story)]
    others = coded or [(m.report, a, b) for m, _, a, b in told]
    seen = set()
    for m, t, first, last in told:
        agreed = any(r != m.report and a <= last and first <= b for r, a, b in others)
        if agreed and m.report not in seen:
            seen.add(m.report)
            yield m, (t["char_start"], t["char_end"]), t


def _times(m: Mention, story: Story) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Days and times of day in the mention's sentence, then in those beside it."""
    report = story.reports[m.report]
    for sentence in near(m, report):
        start, end = report.sentence_span(report.stops[sentence])
        for t in report.times:
            first, last = ordinal(t["date_start"]), ordinal(t["date_end"])
            inside = start <= t["char_start"] and t["char_end"] <= end and t["type"] in ("DATE", "TIME")
            if inside and first is not None and last is not None and last - first <= _LONGEST:
                yield t, first, last


def places(mentions: Sequence[Mention], story: Story) -> Iterator[tuple[Mention, tuple[int, int], str]]:
    """(mention, characters, entity) of a place told in a mention's sentence where coding gave its report none.

    It is of a country that a place of the event is coded in, or else that two reports tell so.
    """
    entities = story.entities
    told = [(m, spot, e) for m in _without(mentions, "place_span") for spot, e in _spots(m, story)]
    countries = {entities[m.place].country for m in mentions if m.place and m.place in entities} - {None}
    if not countries:
        reports = Counter(c for _, c in {(m.report, entities[e].country) for m, _, e in told})
        countries = {c for c, n in reports.items() if c and n > 1}
    for m, spot, e in told:
        if entities[e].country in countries:
            yield m, spot, e


def _spots(m: Mention, story: Story) -> Iterator[tuple[tuple[int, int], str]]:
    report = story.reports[m.report]
    start, end = report.sentence_span(m.anchor[0])
    for s, e, entity_id in story.named.get(m.report, []):
        entity = story.entities.get(entity_id)
        inside = start <= s and e <= end and entity is not None and entity.kind == "place"
        if inside and _PLACED.search(report.text[max(start, s - 40) : s]):
            yield (s, e), entity_id


def _without(mentions: Sequence[Mention], span: str) -> list[Mention]:
    """Mentions that happened, of reports none of whose mentions of the event has this span."""
    given = {m.report for m in mentions if m.row[span]}
    return [m for m in mentions if m.report not in given and m.kind == "real" and not m.bare]
