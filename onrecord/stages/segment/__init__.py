"""segment: what in a report is headline, dateline, body, caption, credit, teaser or boilerplate, also in plain text.

Marks that an input's markup gave stand first; then each line is judged by its words, its look and its place. Nothing
is removed: the segments cover every non-blank character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from onrecord.model import Credit, RawReport, Segment, Span
from onrecord.stages.segment import agencies, dateline, patterns
from onrecord.stages.segment.credits import credits_of
from onrecord.stages.segment.lines import Line, lines_of
from onrecord.stages.segment.roles import roles
from onrecord.text import cuts_word, fold, inline_teasers, plain

__all__ = ["cover", "segment"]

# Paragraphs in which a dateline may open the report; a correction or a caption may stand before it.
_OPENING = 2
_GLUED = 12  # characters of a headline, and of what stands before it, that are enough to tell the two apart
_LONGEST_TITLE = 400
_NAMED_LAST = re.compile(r"(?<=\S)\s+[|–—-]\s+([^|]{2,40})$")
_HOST = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*?([\w-]{3,})\.(?:com?|org|net|gov|edu|info|news|[a-z]{2})(?:\.[a-z]{2})?(?:[/:?#]|$)"
)
_SPEAKER = re.compile(r"(?:[A-Z][A-Z.'-]++,? ?){1,6}:")
_SIGNED = re.compile(
    r"(?:\s|^)(\(?(?:Additional reporting|Reporting|"
    r"Writing) by [A-Z](?:(?!\. [A-Z]).){3,400}?(?:[Ee]diting by|\))[^\n]{0,200})$"
)


def segment(report: RawReport, repeated: frozenset[str] = frozenset()) -> tuple[list[Segment], list[Credit]]:
    """The report's segments, non-overlapping and in order, covering every non-blank character; and its credits.

    `repeated` holds the lines, as `text.plain` gives them, that many other reports of its outlet have too.
    """
    lines = _unglued(report.text, lines_of(report.text, report.marks), report.title)
    roles(lines, report.title, repeated)
    lines = _without_outlet(report, _without_teasers(report.text, _split(report.text, lines)))
    segments = cover(report.text, [Segment(Span(x.start, x.end), x.kind or "body") for x in lines])
    return segments, credits_of(report.text, lines)


def cover(text: str, segments: Iterable[Segment], rest: str = "body") -> list[Segment]:
    """Segments cut to the text, put in order, overlaps given to the earlier, and what they leave out added as `rest`.

    Together the result covers every non-blank character of the text.
    """
    out: list[Segment] = []
    at = 0

    def add(start: int, end: int, kind: str) -> None:
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end:
            out.append(Segment(Span(start, end), kind))

    for s in sorted(segments, key=lambda s: (s.span.start, s.span.end)):
        start, end = max(s.span.start, at), min(s.span.end, len(text))
        while start < end and cuts_word(text, start):  # a mark, or a cut, within a word: it is the earlier's
            start += 1
        while start < end and cuts_word(text, end):
            end += 1
        if start >= end:
            continue
        add(at, start, rest)
        add(start, end, s.kind)
        at = end
    add(at, len(text), rest)
    return out


def _unglued(text: str, lines: list[Line], title: str | None) -> list[Line]:
    """Lines in which some extractors leave a caption or summary and the headline together, cut before the headline."""
    wanted = fold(title).strip() if title else ""
    if len(wanted) < _GLUED:
        return lines
    for n, line in enumerate(lines[:_OPENING]):
        at = len(line.text) - len(wanted)
        if cuts_word(text, line.start + at):
            continue
        if line.kind is None and at >= _GLUED and line.text.casefold().endswith(wanted.casefold()):
            above, headline = _cut(text, line, line.start + at)
            above.kind = patterns.kind_of(above) or ("caption" if "|" in above.text else "standfirst")
            return [*lines[:n], above, headline, *lines[n + 1 :]]
    return lines


def _split(text: str, lines: list[Line]) -> list[Line]:
    """Cut datelines off the paragraphs they open, and sign-offs off the paragraphs they end."""
    out: list[Line] = []
    bodies = [n for n, x in enumerate(lines) if x.kind == "body"]
    # Where several paragraphs begin with a name in capitals and a colon, the names are speakers, not places.
    spoken = sum(bool(_SPEAKER.match(lines[n].text)) for n in bodies) >= 3
    opening, closing = frozenset(bodies[:_OPENING]), frozenset(bodies[-2:])
    for n, line in enumerate(lines):
        if line.kind != "body" or line.marked:
            out.append(line)
            continue
        rest = line
        size = dateline.length(line.text, sure=n not in opening)
        if size and spoken and line.text[:size].rstrip().endswith(":"):
            size = 0
        if size:
            first, rest = _cut(text, line, line.start + size)
            first.kind = "dateline"
            out.append(first)
        at = _sign_off(rest.text) if n in closing else None
        if at:
            rest, signed = _cut(text, rest, rest.start + at)
            signed.kind = "credit"
            out.extend((rest, signed))
        else:
            out.append(rest)
    return out


def _without_teasers(text: str, lines: list[Line]) -> list[Line]:
    """Cut titles of other reports out of the paragraphs that they stand in."""
    out: list[Line] = []
    for line in lines:
        rest = line
        for start, end in inline_teasers(line.text) if line.kind == "body" else ():
            before, rest = _cut(text, rest, line.start + start)
            teaser, rest = _cut(text, rest, line.start + end)
            teaser.kind = "teaser"
            out.extend((before, teaser))
        if rest.text:
            out.append(rest)
    return out


def _without_outlet(report: RawReport, lines: list[Line]) -> list[Line]:
    """Cut the outlet's name off the headlines that end in it: 'Talks begin in Velm | The Larnvik Gazette'."""
    names = {_letters(report.outlet or "")} | {_letters(host) for host in _hosts(report)} - {""}
    out: list[Line] = []
    for line in lines:
        named = _NAMED_LAST.search(line.text) if line.kind == "headline" and len(line.text) <= _LONGEST_TITLE else None
        if named and _letters(named.group(1)) in names:
            line, name = _cut(report.text, line, line.start + named.start())
            name.kind = "boilerplate"
            out.extend((line, name))
        else:
            out.append(line)
    return out


def _hosts(report: RawReport) -> list[str]:
    """The last name of each host but its ending: 'larnvikgazette' of https://www.larnvikgazette.com/talks."""
    addresses = [a for a in (report.external_id or "", report.uri) if a.startswith("http")]
    return [m.group(1) for a in (*addresses, report.outlet or "") if (m := _HOST.match(a))]


def _letters(name: str) -> str:
    return "".join(c for c in plain(name).removeprefix("the ") if c.isalnum())


def _sign_off(folded: str) -> int | None:
    """Where a sign-off starts at a paragraph's end: '(Reporting by ...)', '- AFP', '(PTI)'; None when there is none."""
    tail_at = max(0, len(folded) - 700)
    m = _SIGNED.search(folded, tail_at)
    if m and m.start(1) > 0:
        return m.start(1)
    m = re.search(
        r"""[.!?]["']?\s*((?:-+|/|\(|\[)\s*[A-Za-z][\w. /&-]{1,40}[)\]/]?)\.?$""", folded[max(0, len(folded) - 60) :]
    )
    if m and agencies.only(m.group(1)):
        return max(0, len(folded) - 60) + m.start(1)
    return None


def _cut(text: str, line: Line, at: int) -> tuple[Line, Line]:
    def piece(start: int, end: int, gap: bool) -> Line:
        body = text[start:end]
        start += len(body) - len(body.lstrip())
        body = body.strip()
        offset = start - line.start
        return Line(start, start + len(body), line.text[offset : offset + len(body)], gap, line.kind)

    return piece(line.start, at, line.gap), piece(at, line.end, False)
