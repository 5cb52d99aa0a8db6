"""Credits: where a report names an agency or outlet as the maker of its copy. 'told Reuters' is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from onrecord.model import Credit, Span
from onrecord.stages.segment import agencies
from onrecord.stages.segment.lines import Line

_COPYRIGHT = re.compile(r"©|\(c\)|copyright|all rights reserved", re.IGNORECASE)
_WROTE = re.compile(
    r"(?:writers?|reporters?|correspondents?|journalists?|staff|producers?|photographers?)\b", re.IGNORECASE
)
_CONTRIBUTES = re.compile(
    r"contribut|\bwith (?:files|inputs?|reporting|additional|material|agencies|wire|reports)|"
    r"\bwith\b.{0,40}$|inputs? from|reports? from",
    re.IGNORECASE,
)
_REPUBLISHED = re.compile(
    r"\b(?:appeared|published|posted|produced|syndicated|republished|reprinted|distributed)\b", re.IGNORECASE
)
_EDITED = re.compile(r"\b(?:reporting|writing) (?:by|in)\b.*\bediting by\b", re.IGNORECASE | re.DOTALL)
_PLACED = re.compile(
    r"\b(?:originally |first )?(?:appeared|published|posted|produced|distributed|republished|"
    r"reprinted)(?: first| originally)?"
    r" (?:on|in|at|by|from|with permission (?:of|from))\s+(?:the website of )?((?:The |"
    r"the )?[A-Z][\w&'.-]*(?: (?:of |and |the )?[A-Z][\w&'.-]*){0,4})"
)


def credits_of(text: str, lines: list[Line]) -> list[Credit]:
    """Every credit of a report, in text order; one for each agency and place."""
    out: dict[tuple[int, str], Credit] = {}
    last_body = max((n for n, x in enumerate(lines) if x.kind == "body"), default=-1)
    first_body = next((n for n, x in enumerate(lines) if x.kind == "body"), len(lines))
    for n, line in enumerate(lines):
        for start, end, agency, role in _in_line(line, n, lines, first_body, last_body):
            span = Span(line.start + start, line.start + end)
            out.setdefault((span.start, agency), Credit(span, agency, role))
    return sorted(out.values(), key=lambda c: (c.span, c.agency))


def _in_line(
    line: Line, n: int, lines: list[Line], first_body: int, last_body: int
) -> Iterator[tuple[int, int, str, str]]:
    text = line.text[:2000]
    if line.kind == "dateline":
        yield from ((*found, "copy") for found in agencies.find(text))
    elif line.kind == "byline":
        yield from ((*found, "byline") for found in agencies.find(text))
    elif line.kind == "caption":
        yield from ((*found, "photo") for found in agencies.find(text) if _pictured(text, *found[:2]))
    elif line.kind in ("credit", "boilerplate"):
        yield from _signed(text, line, n, lines, first_body, last_body)


def _signed(
    text: str, line: Line, n: int, lines: list[Line], first_body: int, last_body: int
) -> Iterator[tuple[int, int, str, str]]:
    found = list(agencies.find(text))
    if _COPYRIGHT.search(text):
        yield from ((*f, "copyright") for f in found)
        return
    if line.kind == "boilerplate":
        return
    if m := _PLACED.search(text):
        known = next((f for f in found if f[0] < m.end(1) and m.start(1) < f[1]), None)
        yield (*known, "copy") if known else (m.start(1), m.end(1), m.group(1).rstrip("."), "copy")
        return
    if _EDITED.search(text) and not found:
        # 'Reporting by ...; Editing by ...' is how Reuters alone signs off its copy.
        yield 0, len(text), "Reuters", "copy"
        return
    for start, end, agency in found:
        behind = text[end : end + 30].lstrip(" ,")
        if re.search(r"contribut|reported from|reporting by|report(?:ing)? from", text, re.IGNORECASE) and _WROTE.match(
            behind
        ):
            yield start, end, agency, "copy"
        elif _CONTRIBUTES.search(text):
            yield start, end, agency, "contribution"
        elif re.match(r"source\s*:", text, re.IGNORECASE):
            yield start, end, agency, "copy" if n > last_body else "photo"
        elif agencies.only(text) and not _beside_caption(n, lines):
            yield start, end, agency, "byline" if n < first_body else "copy" if n > last_body else "photo"
        elif _EDITED.search(text):
            yield start, end, agency, "copy"
        else:
            yield start, end, agency, "photo"


def _beside_caption(n: int, lines: list[Line]) -> bool:
    return n > 0 and lines[n - 1].kind == "caption"


@lru_cache(maxsize=1)
def _maker() -> re.Pattern[str]:
    return re.compile(
        r"[(/|©]\s*(?:[\w .,'-]{0,60}[/|]\s*)?$|\b(?:via|by|credit:?|courtesy(?: of)?|copyright|photo:?|"
        r"image:?|[Ss]ource)\s*(?:the )?$"
    )


def _pictured(text: str, start: int, end: int) -> bool:
    """True where a name in a caption is the picture's maker, not a party to what it shows."""
    before, behind = text[max(0, start - 80) : start], text[end : end + 12]
    return bool(
        _maker().search(before)
        or re.match(r"\s*(?:Photo|Images|/|via\b|\|)", behind)
        or end >= len(text.rstrip(" .)")) - 1
    )
