"""The working form of an attribution while the rules build it."""

from __future__ import annotations

from dataclasses import dataclass, field

from onrecord.model import Span
from onrecord.stages.attribute.cues import Cue

SAY = Cue("say", "v", "say", "affirm", "say", frozenset(("that", "quote", "speech")))


@dataclass(slots=True, eq=False)
class Relation:
    """Cue token and its token ranges, source and content; token ranges are `[first, last)`, spans are characters."""

    head: int
    entry: Cue
    cue: list[tuple[int, int]]
    source: tuple[int, int] | None = None
    source_head: int | None = None
    antecedent: int | None = None  # for 'who' and 'which': the noun they stand for
    content: list[Span] = field(default_factory=list)
    quoted: list[Span] = field(default_factory=list)
    negated: bool = False
    own_subject: bool = True
    rule: str = ""
    cue_span: Span | None = None  # a cue that is no token group, such as a headline's colon
    parent: Relation | None = None
    sentence: int = 0

    @property
    def start(self) -> int:
        """First character of the content, or -1."""
        return self.content[0].start if self.content else -1


def merged(spans: list[Span], joiner: str, text: str) -> list[Span]:
    """Sorted, overlapping spans joined; two that only characters of `joiner` part are joined too."""
    out: list[Span] = []
    for s in sorted(spans):
        if out and (
            s.start <= out[-1].end or (s.start - out[-1].end < 4 and not text[out[-1].end : s.start].strip(joiner))
        ):
            out[-1] = Span(out[-1].start, max(out[-1].end, s.end))
        else:
            out.append(s)
    return out


def minus(span: Span, holes: list[Span]) -> list[Span]:
    """The parts of `span` outside `holes`."""
    out, at = [], span.start
    for hole in sorted(holes):
        if hole.end <= at or hole.start >= span.end:
            continue
        if hole.start > at:
            out.append(Span(at, hole.start))
        at = max(at, hole.end)
    if at < span.end:
        out.append(Span(at, span.end))
    return out
