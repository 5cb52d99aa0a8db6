"""Credits: where a report names an agency or outlet as the maker of its copy. 'told Reuters' is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from onrecord.model import Credit, Span
from onrecord.stages.segment import agencies
from onrecord.stages.segment.lines import Line
from onrecord.text import whole_words

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
    own = _own_names(lines)
    for n, line in enumerate(lines):
        for start, end, agency, role in _in_line(line, n, lines, first_body, last_body, own):
            span = Span(*whole_words(text, line.start + start, line.start + end))
            out.setdefault((span.start, agency), Credit(span, agency, role))
    return sorted(out.values(), key=lambda c: (c.span, c.agency))


_NAME = r"(?:[Tt]he )?[A-ZÀ-Þ][\w&'.-]*[\w](?: (?:of |and |& )?[A-ZÀ-Þ][\w&'-]+){0,4}"
_IN_DATELINE = re.compile(rf"\(\s*({_NAME})\s*\)\s*(?:--?|:)?\s*$")
_OWNER = re.compile(
    rf"(?:©|\([cC]\)|[Cc]opyright|COPYRIGHT)[\s,©]*(?:\([cC]\)\s*)?(?:\d{{4}}(?:-\d{{2,4}})?)?,?\s*(?:by )?({_NAME})"
)


def _own_names(lines: list[Line]) -> tuple[str, ...]:
    """Makers that no lexicon knows but the report names where only makers stand: in its dateline, behind a ©."""
    out: dict[str, None] = {}
    for line in lines:
        if line.kind == "dateline":
            m = _IN_DATELINE.search(line.text)
        elif line.kind in ("boilerplate", "credit") and len(line.text) <= 300:
            m = _OWNER.search(line.text)
        else:
            continue
        if m and not any(agencies.find(m.group(1))):
            out.setdefault(m.group(1).rstrip("."))
    return tuple(out)


def _find(text: str, own: tuple[str, ...]) -> list[tuple[int, int, str]]:
    found = list(agencies.find(text))
    for name in own:
        at = text.find(name)
        if at >= 0:
            found.append((at, at + len(name), re.sub(r"^[Tt]he ", "", name)))
    return sorted(found)


def _in_line(
    line: Line, n: int, lines: list[Line], first_body: int, last_body: int, own: tuple[str, ...]
) -> Iterator[tuple[int, int, str, str]]:
    text = line.text[:2000]
    if line.kind == "dateline":
        yield from ((*found, "copy") for found in _find(text, own))
    elif line.kind == "byline":
        yield from ((*found, "byline") for found in _find(text, own))
    elif line.kind == "caption":
        yield from ((*found, "photo") for found in _find(text, own) if _pictured(text, *found[:2]))
    elif line.kind in ("credit", "boilerplate"):
        yield from _signed(text, line, n, lines, first_body, last_body, own)


def _signed(
    text: str, line: Line, n: int, lines: list[Line], first_body: int, last_body: int, own: tuple[str, ...]
) -> Iterator[tuple[int, int, str, str]]:
    found = _find(text, own)
    if _COPYRIGHT.search(text):
        yield from ((*f, "copyright") for f in found)
        return
    if line.kind == "boilerplate":
        return
    if m := _PLACED.search(text):
        known = next((f for f in found if f[0] < m.end(1) and m.start(1) < f[1]), None)
        yield (*known, "copy") if known else (m.start(1), m.end(1), m.group(1).rstrip("."), "copy")
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
