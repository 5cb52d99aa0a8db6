"""A report's text as lines that know how they look: where they stand, how they end, how they are capitalised."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from onrecord.model import Mark
from onrecord.text import fold, plain

_CLOSED = re.compile(r"""[.!?…:;。！？।؟]["')\]]*$|[.!?,]["']\s*\W?$|,["'] .{2,20}(?:said|says|added|wrote|asked)$""")
_SPEAKER = re.compile(r"(?:[A-Z][A-Z.'’-]++ ?){1,4}: \S")
_STOP = re.compile(r"""[.!?…。！？।؟]["')\]]*$""")
# A sentence with the agency behind it: '... he said. - AFP', '... he said. (PTI)'.
_SIGNED = re.compile(r"""[.!?]["']?\s*(?:-+|[(/\[])\s*[A-Za-z][\w. /&]{1,30}[)\]/]?$""")
_TOKEN = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*\.?")
_BULLET = re.compile(r"^(?:[-*•·▪●–—]|\d{1,2}[.)]|\([a-z0-9]\)) *\S")
_SMALL = frozenset((
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "if", "in", "into", "is", "it", "its", "nor", "of",
    "off", "on", "or", "over", "per", "so", "than", "that", "the", "their", "to", "up", "v", "via", "vs", "with",
    "after", "are", "be", "amid", "against", "about", "has", "have", "was", "were", "will", "not",
))  # fmt: skip
# A wrapped line is seldom longer; the lines of 70 to 80 characters that terminals and wires used, with room to spare.
_WRAP = 120
# Of the lines of wrapped text so many may be longer: paragraphs that nobody wrapped.
_NOT_WRAPPED = 0.25
# Where so many lines are indented alike, the indent is the file's and begins no paragraph.
_ALL_INDENTED = 0.8


@dataclass
class Line:
    """One line (a paragraph, where text is hard-wrapped): `[start, end)` without blanks around, and its folded text.

    `kind` is what it was found to be, None as yet. `gap` is true when a blank line stands before it.
    """

    start: int
    end: int
    text: str
    gap: bool
    kind: str | None = None
    marked: bool = False

    @cached_property
    def tokens(self) -> list[str]:
        """Its words; of a very long line the first 2,000 characters only."""
        return _TOKEN.findall(self.text[:2000])

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.tokens)

    @cached_property
    def closed(self) -> bool:
        """It ends as a sentence or a speaker's turn does."""
        if _CLOSED.search(self.text[-32:]) or _SIGNED.search(self.text[-48:]):
            return True
        if self.text.endswith("-") and self.words:
            return True
        # Titles end in quoted words too; a whole quotation, or a long line that ends in one, is running text.
        return self.text.endswith('"') and (self.text.startswith('"') or self.words > 20)

    @cached_property
    def stopped(self) -> bool:
        """It ends with a full stop, question mark or exclamation mark."""
        return bool(_STOP.search(self.text[-8:]))

    @cached_property
    def bullet(self) -> bool:
        """It starts as an item of a list does."""
        return bool(_BULLET.match(self.text))

    @cached_property
    def titled(self) -> float:
        """Share of its words, small ones aside, that start with a capital or a digit."""
        heavy = [t for t in self.tokens if t.lower() not in _SMALL]
        return sum(not t[0].islower() for t in heavy) / len(heavy) if heavy else 0.0

    @cached_property
    def shouted(self) -> bool:
        """All its letters are capitals."""
        return self.text.isupper()

    @cached_property
    def plain(self) -> str:
        """Its words for comparing with other lines."""
        return plain(self.text[:600])

    @property
    def prose(self) -> bool:
        """It reads as a paragraph of running text: sentences that end, or too long to be a title."""
        if len(self.text) >= 160 or _SPEAKER.match(self.text):
            return True
        return (self.closed and self.words >= 5) or (self.stopped and self.words >= 3 and not self.bullet)


def lines_of(text: str, marks: Iterable[Mark] = ()) -> list[Line]:
    """The non-blank lines of a text in order, cut where a mark starts or ends; hard-wrapped lines are joined.

    A line that lies in a mark has its kind.
    """
    folded = fold(text)
    raw: list[tuple[int, int, bool]] = []
    at, gap = 0, True
    for piece in text.splitlines(keepends=True):
        body = piece.strip()
        if body:
            start = at + len(piece) - len(piece.lstrip())
            raw.append((start, start + len(body), gap))
            gap = False
        else:
            gap = True
        at += len(piece)
    lines = [Line(s, e, folded[s:e], g) for s, e, g in _joined(text, raw)]
    return _marked(text, folded, lines, list(marks))


def _joined(text: str, raw: list[tuple[int, int, bool]]) -> list[tuple[int, int, bool]]:
    """Runs of lines without a blank line between, joined to paragraphs where they are hard-wrapped."""
    out: list[tuple[int, int, bool]] = []
    indented = sum(_indented(text, s) for s, _, _ in raw[1:])
    telling = indented < _ALL_INDENTED * (len(raw) - 1)
    at = 0
    while at < len(raw):
        end = at + 1
        while end < len(raw) and not raw[end][2] and not (telling and _indented(text, raw[end][0])):
            end += 1
        run = raw[at:end]
        out.extend([(run[0][0], run[-1][1], run[0][2])] if _wrapped(text, run) else _unwrapped(text, run))
        at = end
    return out


def _unwrapped(text: str, run: list[tuple[int, int, bool]]) -> list[tuple[int, int, bool]]:
    """Paragraphs of a run in which each paragraph was wrapped by itself and no blank line parts them.

    Believed where at least two lines in ten go on in small letters and few are longer than a wrapped line. A full
    line that ends in mid-sentence is then joined to the next.
    """
    rest = len(run) - 1
    short = [e - s for s, e, _ in run if e - s <= _WRAP]
    if rest < 4 or len(run) - len(short) > _NOT_WRAPPED * len(run):
        return run
    if sum(text[s].islower() for s, _, _ in run[1:]) < 0.2 * rest:
        return run
    full = 0.7 * max(short)
    out = [run[0]]
    for (s, e, _), after in pairwise(run):
        goes_on = e - s >= full and not _STOP.search(fold(text[max(s, e - 8) : e]))
        if goes_on or text[after[0]].islower():
            out[-1] = (out[-1][0], after[1], out[-1][2])
        else:
            out.append(after)
    return out


def _indented(text: str, start: int) -> bool:
    return text[max(0, start - 2) : start] in ("  ", "\t", "\n\t") or text[max(0, start - 1) : start] == "\t"


def _wrapped(text: str, run: list[tuple[int, int, bool]]) -> bool:
    if len(run) < 2 or any(e - s > _WRAP for s, e, _ in run):
        return False
    open_ended = sum(not _STOP.search(fold(text[max(s, e - 8) : e])) for s, e, _ in run[:-1])
    continued = sum(text[s].islower() or text[s].isdigit() for s, _, _ in run[1:])
    rest = len(run) - 1
    long = sum(e - s >= 45 for s, e, _ in run[:-1]) >= 0.8 * rest
    return open_ended >= 0.5 * rest and (continued >= 0.3 * rest if rest > 1 else continued > 0) and long


def _marked(text: str, folded: str, lines: list[Line], marks: list[Mark]) -> list[Line]:
    if not marks:
        return lines
    clean: list[Mark] = []
    for mark in sorted(marks, key=lambda m: (m.span.start, -m.span.end)):
        if mark.span and mark.span.start >= 0 and (not clean or mark.span.start >= clean[-1].span.end):
            clean.append(mark)
    cuts = sorted({b for m in clean for b in (m.span.start, m.span.end)})
    starts = [m.span.start for m in clean]
    out: list[Line] = []
    for line in lines:
        bounds = [line.start, *(c for c in cuts[bisect_right(cuts, line.start) :] if c < line.end), line.end]
        for first, (a, b) in enumerate(pairwise(bounds)):
            body = text[a:b].strip()
            if not body:
                continue
            a += len(text[a:b]) - len(text[a:b].lstrip())
            piece = Line(a, a + len(body), folded[a : a + len(body)], line.gap and not first)
            n = bisect_right(starts, a) - 1
            if n >= 0 and clean[n].span.end >= piece.end:
                piece.kind, piece.marked = clean[n].kind, True
            out.append(piece)
    return out
