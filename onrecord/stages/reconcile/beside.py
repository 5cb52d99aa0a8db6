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
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

from onrecord.model import Spans
from onrecord.stages.reconcile.tolls import elsewhen, near, stated
from onrecord.stages.reconcile.view import Mention, Report, Story, ordinal
from onrecord.stages.reconcile.words import NUMBER_PATTERN, content, function_words, number, settings, stem
from onrecord.text import fold

Quantity = dict[str, Any]
Counted = tuple[Mention, Quantity, tuple[int, int]]

_RUN = r"(?P<run>[a-z][\w'-]*(?: [a-z][\w'-]*){0,3})"
_COUNTED = re.compile(rf"(?<![\w$£€.,-])(?P<n>{NUMBER_PATTERN}) {_RUN}", re.IGNORECASE)
_PAGED = re.compile(rf"(?<![\w-])(?P<n>{NUMBER_PATTERN})-(?P<run>[a-z]+)(?= [a-z])", re.IGNORECASE)
# 'Five of the president's 17 advisors': five of them, and 17 in all.
_THE = r"(?:the |his |her |its |their |our |these |those )?(?:[\w-]+'s? )?"
_SOME_OF = re.compile(
    rf"(?<![\w$£€.,-])(?P<n>{NUMBER_PATTERN}) of {_THE}"
    rf"(?:(?:more than |about |some |over )?(?:{NUMBER_PATTERN}) )?{_RUN}",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    rf"\b(?:{NUMBER_PATTERN}|some|many|most|few|several|dozens|all|none) of {_THE}"
    r"(?:(?:more than|about|some|over|an estimated) )?$",
    re.IGNORECASE,
)
# Those who are left of a number: 'some 50 remain in hospital', 'the remaining 12'.
_LEFT = re.compile(
    rf"(?<![\w$£€.,-])(?P<n>{NUMBER_PATTERN})(?: of (?:them|those|the))?(?: [a-z][\w'-]*){{0,3}}?"
    r"(?: who| that| which)?(?: (?:are|were|is|was|have|had))?(?: still)?"
    r" (?:remain(?:s|ed|ing)?|still (?:held|missing|captive|trapped|in|being))\b"
    rf"|\bremaining (?P<m>{NUMBER_PATTERN})\b",
    re.IGNORECASE,
)
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
_WEEKDAY = re.compile(r"XXXX-WXX-([1-7])")
# What stands before a time that is not when it happened: 'since Monday', 'days before Easter'.
_BOUNDED = re.compile(r"\b(since|after|before|until|till|by|from)(?: the| last| early| late)*\s+$", re.IGNORECASE)
# Characters of a quotation that says something.
_SHORTEST = 12
# How much higher one report may count a thing than another that counts the same; years, of an age.
_FAR = 3.0
_SLIP = 2
# Days that a time expression may span and still say when.
_LONGEST = 3
# Times of one sentence that are looked at: a calendar pasted as one sentence dates nothing.
_MOST = 40
# Different values of one thing, and different days of one event, that others are compared with.
_MOST_COUNTS = 400
_MOST_DAYS = 400


def counts(mentions: Sequence[Mention], story: Story) -> Iterator[Counted]:
    """(mention, quantity whose role names the thing, sentence) for what at least two reports of the event count."""
    found: dict[str, list[Counted]] = defaultdict(list)
    seen: set[tuple[str, int]] = set()
    told = {(m.report, m.sentence) for m in mentions}
    taken: dict[str, Spans[str]] = defaultdict(Spans)
    for m in mentions:
        for q in m.row["quantities"] or ():
            taken[m.report].add(q["char_start"], q["char_end"], q["role"])
    for m in mentions:
        if m.kind != "real":
            continue
        report = story.reports[m.report]
        for sentence in near(m, report):
            # What the sentences of other events count is theirs.
            others = (m.report, sentence) in story.by_sentence and (m.report, sentence) not in told
            if (m.report, sentence) in seen or others:
                continue
            seen.add((m.report, sentence))
            start, end = report.sentence_span(report.stops[sentence])
            suffered = [spot for _, spot, _ in stated(report, start, end)]
            known = report.found.get(("counted", start))
            if known is None:
                known = report.found["counted", start] = list(_counted(report.text, start, min(end, start + 600)))
            for thing, quantity in known:
                if thing in _generic() and (
                    elsewhen(m, sentence, report)
                    or any(a < quantity["char_end"] and quantity["char_start"] < b for a, b in suffered)
                ):
                    continue  # the dead and wounded have fields of their own
                coded = taken[m.report].touching(quantity["char_start"], quantity["char_end"])
                if not coded or (thing not in _generic() and thing not in coded):
                    found[stem(thing)].append((m, quantity, (start, end)))
    for thing in sorted(found):
        kept = _comparable(found[thing])
        # Spelling and number of the word may differ: the field has the word that most have.
        names = Counter(q["role"] for _, q, _ in kept)
        for m, quantity, spot in kept:
            yield m, {**quantity, "role": min(names, key=lambda n: (-names[n], n))}, spot


def _comparable(found: list[Counted]) -> list[Counted]:
    """What is counted near as high in two reports; $600 beside $250,000, or the age of somebody else, is no value."""

    def alike(a: Counted, b: Counted) -> bool:
        ours, theirs = a[1], b[1]
        if ours["role"] == "age":
            low, high = sorted(((q["value"], q["to"]) for q in (ours, theirs)), key=lambda r: r[0])
            return bool(high[0] - low[1] <= _SLIP)
        low, high = sorted((ours["value"], theirs["value"]))
        return bool(high <= _FAR * low)

    distinct = {(c[0].report, c[1]["value"], c[1].get("to")): c for c in found}
    others = list(distinct.values())[:_MOST_COUNTS]
    return [a for a in found if any(a[0].report != b[0].report and alike(a, b) for b in others)]


def _counted(text: str, start: int, end: int) -> Iterator[tuple[str, Quantity]]:
    folded = fold(text[start:end])
    left = set()
    for m in _LEFT.finditer(folded):
        group = "n" if m["n"] else "m"
        value = number(m[group].lower())
        if value is not None and value >= 2:
            left.add(m.start(group))
            span = {"char_start": start + m.start(group), "char_end": start + m.end(group)}
            yield "remaining", {**span, "value": value, "unit": None, "role": "remaining"}
    for pattern in (_COUNTED, _SOME_OF, _PAGED):
        for m in pattern.finditer(folded):
            value = number(m["n"].lower())
            head = _head(m["run"]) if pattern is not _PAGED else m["run"].lower()
            if value is None or value < 2 or head is None or stem(head) in _uncounted() or m.start("n") in left:
                continue
            thing = head if pattern is not _PAGED else head + "s"
            last = m.start("run") + m["run"].lower().index(head) + len(head)
            first = m.start("n")
            span = {"char_start": start + first, "char_end": start + (last if pattern is not _SOME_OF else m.end("n"))}
            whole = pattern is _COUNTED and _WHOLE.search(folded[max(0, first - 60) : first])
            part = {"part": "whole"} if whole else {}
            yield thing, {**span, "value": value, "unit": None, "role": thing, **part}
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
    for word in run.lower().split():
        if word in _generic():
            return word
        if word in function_words():
            return None
        if word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")) and len(word) > 3:
            return word
    return None


@cache
def _generic() -> frozenset[str]:
    return frozenset(("people", "men", "women", "children", "persons", "others"))


@cache
def _uncounted() -> frozenset[str]:
    """Stems of what is measured, not counted: time, distance, shares."""
    return frozenset(stem(w) for w in str(settings()["measures"]).split())


def quotations(mentions: Sequence[Mention], story: Story) -> Iterator[tuple[Mention, tuple[int, int]]]:
    """(mention, characters) of one utterance that two reports of the event quote in or near sentences that tell it.

    Where another event is told nearer to it, it has to share a telling word with a clause of this one.
    """
    own = {m.id for m in mentions}
    told = frozenset().union(*(m.stems for m in mentions)) - frozenset().union(*(m.names for m in mentions))
    found: dict[str, dict[str, tuple[Mention, tuple[int, int]]]] = defaultdict(dict)
    for m in mentions:
        report = story.reports[m.report]
        if m.kind != "real" or m.start < report.body_start:
            continue
        spots = set(near(m, report))
        for sentence, utterance, (start, end) in report.quoted:
            if end - start < _SHORTEST or sentence not in spots:
                continue
            between = range(min(sentence, m.sentence), max(sentence, m.sentence) + 1)
            nearer = any(
                o.id not in own for n in between if n != m.sentence for o in story.by_sentence.get((m.report, n), ())
            )
            if not nearer or told & content(report.text[start:end])[0]:
                found[utterance].setdefault(m.report, (m, (start, end)))
    for utterance in sorted(found):
        if len(found[utterance]) > 1:
            yield from found[utterance].values()


def days(mentions: Sequence[Mention], story: Story) -> Iterator[tuple[Mention, tuple[int, int], dict[str, Any]]]:
    """(mention, characters, row of `timexes`) of a day told beside the mentions of a report that coding gave none.

    It has to meet a day that a mention of another report is coded with; where none is, a day that the sentences of
    mentions of two reports name. Days of the week count as such where no date of publication says which one it is.
    """
    dated = list(dict.fromkeys((m.report, Day(m.first, m.last)) for m in mentions if m.certain and m.first is not None))
    loose = _without(mentions, "date_span")
    dated = dated[:_MOST_DAYS]
    if not dated:
        own = list(dict.fromkeys((m.report, day) for m in loose for _, day in _times(m, story, own=True)))[:_MOST_DAYS]
        dated = [(r, day) for r, day in own if any(r != o and day.meets(other) for o, other in own)]
    seen = set()
    for m in loose if dated else ():
        for t, day in _times(m, story):
            if m.report not in seen and any(r != m.report and day.meets(other) for r, other in dated):
                seen.add(m.report)
                yield m, (t["char_start"], t["char_end"]), t


@dataclass(frozen=True, slots=True)
class Day:
    """First and last day number of a time that a text names, or only the day of the week, Monday being 1."""

    first: int | None
    last: int | None
    weekday: int | None = None

    def meets(self, other: Day) -> bool:
        """True when both may be one day."""
        if self.first is None or other.first is None:
            return self._of_week() is not None and self._of_week() == other._of_week()
        return self.first <= (other.last or other.first) and other.first <= (self.last or self.first)

    def _of_week(self) -> int | None:
        if self.first is not None and self.first == self.last:
            return date.fromordinal(self.first).isoweekday()
        return self.weekday


def _times(m: Mention, story: Story, own: bool = False) -> Iterator[tuple[dict[str, Any], Day]]:
    """Days and times of day in the mention's sentence, then in those beside it; `own`: said of the mention alone."""
    report = story.reports[m.report]
    told_by = report.covering(*m.anchor)
    for sentence in [m.sentence] if own else near(m, report):
        start, end = report.sentence_span(report.stops[sentence])
        known = report.found.get(("times", start))
        if known is None:
            known = report.found["times", start] = list(islice(_days_of(report, start, end), _MOST))
        for t in known:
            at = t["char_start"], t["char_end"]
            bound = _BOUNDED.search(report.text[max(start, at[0] - 24) : at[0]])
            if bound and (bound[1].lower() != "since" or at[0] < m.anchor[0] or sentence != m.sentence):
                continue  # 'missing since Monday' says when; 'days before Easter' does not
            if own and not all(s.covers(*at) for s in told_by):
                continue  # on that day it was said
            first, last = ordinal(t["date_start"]), ordinal(t["date_end"])
            weekday = _WEEKDAY.match(t["value"] or "")
            if first is not None and last is not None and last - first <= _LONGEST:
                yield t, Day(first, last)
            elif first is None and weekday:
                yield t, Day(None, None, int(weekday[1]))


def _days_of(report: Report, start: int, end: int) -> Iterator[dict[str, Any]]:
    """Rows of `timexes` of the days and times of day in the report's characters `start` to `end`."""
    for t in report.times_in(start, end):
        if t["type"] in ("DATE", "TIME") and t["value"] != "PRESENT_REF":
            yield t


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
    for s, e, entity_id in story.named_in(m.report, start, end):
        entity = story.entities.get(entity_id)
        if entity is not None and entity.kind == "place" and _PLACED.search(report.text[max(start, s - 40) : s]):
            yield (s, e), entity_id


def _without(mentions: Sequence[Mention], span: str) -> list[Mention]:
    """Mentions that happened, of reports none of whose mentions of the event has this span."""
    given = {m.report for m in mentions if m.row[span]}
    return [m for m in mentions if m.report not in given and m.kind == "real" and not m.bare]
