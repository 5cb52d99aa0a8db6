"""find_times: every time expression of a report, with its TIMEX3 value and the days it means."""

from __future__ import annotations

import re

from onrecord.model import Document, Timex
from onrecord.stages.time import calendar
from onrecord.stages.time.absolute import ABSOLUTE
from onrecord.stages.time.context import Context
from onrecord.stages.time.lengths import LENGTHS
from onrecord.stages.time.moments import MOMENTS
from onrecord.stages.time.periods import PERIODS
from onrecord.stages.time.reading import Hit
from onrecord.stages.time.relative import RELATIVE
from onrecord.stages.time.rules import compiled
from onrecord.stages.time.words import Line, read

_READERS = ABSOLUTE | PERIODS | RELATIVE | LENGTHS | MOMENTS

_OF_NOW = frozenset(
    {"weekday", "relday", "tonight", "unit", "the_unit", "ago"}
)  # rules that count from the report's day


def find_times(doc: Document) -> list[Timex]:
    """The time expressions of a report's parsed paragraphs, in text order, none overlapping another.

    `doc.published` is what relative ones are read against; without it they keep an underspecified TIMEX3 value and no
    days. Types, values, mods and extents follow the TimeML 1.2.1 guidelines as TempEval-3 applied them: prepositions
    stay outside, ages ('a 35-year-old') are left out.
    """
    name = "text" if doc.published_basis == "text" else "published"
    context = Context(doc, doc.published, name)
    out: list[Timex] = []
    for paragraph in doc.paragraphs:
        line = read(doc, paragraph)
        if line is not None:
            out.extend(_of_line(line, context))
    return out


def _of_line(line: Line, context: Context) -> list[Timex]:
    out: list[Timex] = []
    for name, m in _matches(line.kinds):
        hit = Hit(m, line, context)
        reading = _READERS[name](hit)
        if reading is None:
            continue
        span = context.doc.whole(hit.span)
        if out and span.start < out[-1].span.end:
            continue
        if name in _OF_NOW and context.apart(span.start) and reading.anchor == context.ref_name:
            reading.whole, reading.days = False, None  # 'Jan. 9: ...' of a chronicle: its Fridays are not the report's
        calendar_value = reading.type in ("DATE", "TIME") and reading.whole
        days = reading.days or (calendar.days(reading.value) if calendar_value else None)
        if calendar_value:
            explicit = reading.anchor == "explicit" or (reading.anchor == "previous" and name in ("month", "date"))
            context.enter(span)
            context.note(span.start, span.end, reading.value, name == "quarter", explicit)
        start, end = days if days else (None, None)
        anchor = reading.anchor if days or reading.anchor != "published" else None
        out.append(Timex(span, reading.type, reading.value, reading.mod, start, end, anchor))
    return out


def _matches(kinds: str) -> list[tuple[str, re.Match[str]]]:
    """Matches of the grammar that do not overlap: leftmost, then longest, then by order of the rules."""
    found = []
    for order, (name, pattern) in enumerate(compiled()):
        for m in pattern.finditer(kinds):
            if m.end() > m.start():
                found.append((m.start(), -m.end(), order, name, m))
    found.sort(key=lambda f: f[:3])
    out, at = [], 0
    for start, end, _, name, m in found:
        if start >= at:
            out.append((name, m))
            at = -end
    return out
