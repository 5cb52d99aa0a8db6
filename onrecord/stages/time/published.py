"""date_from_text: a report's own publication date, from what its text says, or None.

A wrong date poisons every 'Friday' of a report, so only these count, the first that speaks winning: a line that says
'Published' or 'Updated' with a full date; a line that is nothing but a full date, near the top; a dateline with a full
date; the latest full date of captions and body when the weekdays of the text agree with it and nothing is later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import islice

from onrecord.model import Document, Span
from onrecord.stages.time.words import cues, lexicon

_TOP = 600  # characters: a line that is only a date dates the report when it stands no lower than a standfirst
_LINE = 400  # characters of a line looked at on either side of a date
_MOST = 200  # dates looked at: a list of dates dates nothing
_NEAR = 60  # characters before a date in which 'undated' or 'file photo' speaks of it


@lru_cache(maxsize=1)
def _full_date() -> re.Pattern[str]:
    names = sorted((w for w, e in lexicon().items() if e.kind == "month"), key=len, reverse=True)
    days = sorted((w for w, e in lexicon().items() if e.kind == "weekday"), key=len, reverse=True)
    month = rf"(?P<month>{'|'.join(names)})\.?"
    weekday = rf"(?:(?P<weekday>{'|'.join(days)})\b\.?,?\s+)?"
    day = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
    month2, day2 = month.replace("<month>", "<month2>"), day.replace("<day>", "<day2>")
    return re.compile(
        rf"\b{weekday}(?:{month}\s+{day},?\s+|{day2}\s+(?:of\s+)?{month2},?\s+)(?P<year>(?:19|20)\d\d)\b"
        r"|\b(?P<iso>(?:19|20)\d\d-\d\d-\d\d)(?=\D|$)"
    )


class _Dated:
    """A full date in the text: its day, its characters, the weekday written with it."""

    __slots__ = ("day", "span", "weekday")

    def __init__(self, day: date, span: Span, weekday: int | None) -> None:
        self.day, self.span, self.weekday = day, span, weekday


def date_from_text(doc: Document) -> tuple[date, Span] | None:
    """The publication date that the report's own text gives, with its evidence; None where it gives none surely.

    `doc.segments` tell captions, datelines and teasers apart; teasers and boilerplate of other reports do not count,
    except a 'Published' line in them.
    """
    text = doc.text.lower()
    if len(text) != len(doc.text):  # a few capitals grow when lowered
        text = "".join(low if len(low := c.lower()) == 1 else c for c in doc.text)
    dates = [d for d in islice(_dates(text), _MOST) if doc.kind_at(d.span.start) != "teaser"]
    if not dates:
        return None
    for d in dates:
        if _says_published(text, d.span):
            return d.day, d.span
    for d in dates:
        if d.span.start < _TOP and _alone(doc.text, d.span):
            return d.day, d.span
    for d in dates:
        if _in_dateline(doc, d.span):
            return d.day, d.span
    return _agreed(doc, text, [d for d in dates if doc.kind_at(d.span.start) != "boilerplate"])


def _dates(text: str) -> Iterator[_Dated]:
    known = lexicon()
    for m in _full_date().finditer(text):
        try:
            if m["iso"]:
                day = date.fromisoformat(m["iso"])
            else:
                day = date(int(m["year"]), int(known[m["month"] or m["month2"]].value), int(m["day"] or m["day2"]))
        except ValueError:
            continue
        weekday = int(known[m["weekday"]].value) if m["weekday"] else None
        if weekday is None or weekday == day.isoweekday():
            yield _Dated(day, Span(m.start(), m.end()), weekday)


def _line(text: str, span: Span) -> tuple[str, str]:
    """What stands before and after a span on its line."""
    before = text[max(0, span.start - _LINE) : span.start]
    return before[before.rfind("\n") + 1 :], text[span.end : span.end + _LINE].split("\n", 1)[0]


def _says_published(text: str, span: Span) -> bool:
    before = _line(text, span)[0]
    words = "|".join(sorted(cues()["published"], key=len, reverse=True))
    clock = r"(?:\d{1,2}(?:[:.]\d\d)?\s*(?:[ap]\.?m\.?)?\s*\w{0,4},?\s*)?"
    return re.search(rf"(?:^|[|.•·])\s*(?:{words})(?: at| on)?:?\s*{clock}$", before) is not None


def _alone(text: str, span: Span) -> bool:
    before, after = _line(text, span)
    rest = re.sub(r"\d{1,2}[:.]\d\d\s*(?:[AaPp]\.?[Mm]\.?)?|\b[A-Z]{2,4}\b|\bat\b", "", before + after)
    return not re.search(r"\w", rest)


def _in_dateline(doc: Document, span: Span) -> bool:
    """In a segment marked so, or 'LONDON, Jan 21, 2022 (Reuters) -': capitals first, an agency or a dash after."""
    if doc.kind_at(span.start) == "dateline":
        return True
    before, after = _line(doc.text, span)
    place = re.fullmatch(r"\s*[A-Z][A-Z .,'’/-]{2,60}(?:[A-Z][a-z]+[ .,]*){0,2}\(?", before)
    return place is not None and re.match(r"\)?\s*(?:\([A-Z][^)]{1,30}\)\s*)?[-–—_:]|\s*\(", after) is not None


def _agreed(doc: Document, text: str, dates: list[_Dated]) -> tuple[date, Span] | None:
    """The latest full date, when the text's bare weekdays point to it and nothing in the text is later."""
    own = [d for d in dates if not _elsewhere(text, d.span)]
    if not own:
        return None
    latest = max(d.day for d in dates)
    best = [d for d in own if d.day == latest]
    years = [int(y) for y in re.findall(r"(?<![\d$.,])(?:19|20)\d\d(?![\d,.]\d|\d)", text)]
    if not best or any(latest.year < y <= latest.year + 30 for y in years):
        return None
    weekdays = _bare_weekdays(text, dates)
    captioned = [d for d in best if doc.kind_at(d.span.start) == "caption"]
    if weekdays[:1] != [latest.isoweekday()] or not (captioned or len(best) > 1):
        return None
    chosen = (captioned or best)[0]
    return chosen.day, chosen.span


def _elsewhere(text: str, span: Span) -> bool:
    before, after = _line(text, span)
    around = before[-3 * _NEAR :] + " " + after[:_NEAR]
    return any(cue in around for cue in cues()["not_published"])


def _bare_weekdays(text: str, dates: list[_Dated]) -> list[int]:
    """Weekdays named without a date, 'last', 'next' or 'every', in text order."""
    known = lexicon()
    names = [w for w, e in known.items() if e.kind == "weekday" and len(w) > 5]
    taken = [(d.span.start, d.span.end) for d in dates]
    out = []
    for m in re.finditer(rf"\b(?:{'|'.join(names)})\b(?!\s*,?\s+(?:{_month_start()}|\d))", text):
        lead = text[max(0, m.start() - 8) : m.start()]
        if not re.search(r"(?:last|next|every|each|this)\s+$", lead) and not any(a <= m.start() < b for a, b in taken):
            out.append(int(known[m.group()].value))
    return out


@lru_cache(maxsize=1)
def _month_start() -> str:
    return "|".join(w for w, e in lexicon().items() if e.kind == "month" and len(w) > 3)
