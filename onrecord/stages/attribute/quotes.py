"""Find quotations by their marks: curly, straight, guillemet, doubled apostrophes; nested, unbalanced, unclosed.

One pass over a paragraph's marks with a stack, so the time is linear in the text whatever the marks do.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from onrecord.model import Span

_MARK = re.compile(r"''|``|’’|‘‘|[\"“”„‟«»〝〞＂]|['‘’‚‛‹›`]")
_OPENERS = frozenset(("“", "„", "‟", "〝", "``", "‘‘"))
_CLOSERS = frozenset(("”", "〞"))
_SENTENCE_END = re.compile(r"[.!?…][)\]]?\s")


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation in one paragraph: `span` with its marks, `inner` without.

    `closed` is false when no closing mark was found: the speaker goes on in the next paragraph (`continues`), or the
    mark was forgotten.
    """

    span: Span
    inner: Span
    closed: bool
    continues: bool = False


def find(text: str, paragraphs: Sequence[Span]) -> list[list[Quotation]]:
    """For each paragraph its outermost quotations, in text order, not overlapping."""
    scanned = [_scan(text, p) for p in paragraphs]
    starts_open = [_opens(text, p) for p in paragraphs]
    out: list[list[Quotation]] = []
    for n, (top, dangling) in enumerate(scanned):
        found = list(top)
        if dangling is not None:
            start, inner_start = dangling
            end = paragraphs[n].end
            going_on = n + 1 < len(paragraphs) and starts_open[n + 1]
            if not going_on and (after := [q for q in found if q.span.start > start]):
                end = _sentence_end(text, inner_start, after[0].span.start)
            elif going_on:
                found = [q for q in found if q.span.start < start]
            if end > inner_start:
                found.append(Quotation(Span(start, end), Span(inner_start, end), False, going_on))
                found.sort(key=lambda q: q.span)
        out.append(found)
    return out


def _opens(text: str, paragraph: Span) -> bool:
    return text[paragraph.start : paragraph.start + 2].startswith(("“", '"', "„", "«", "''", "``", "‘‘", "＂", "〝"))


def _sentence_end(text: str, start: int, limit: int) -> int:
    m = _SENTENCE_END.search(text, start, limit)
    end = m.end() - 1 if m else limit
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _scan(text: str, paragraph: Span) -> tuple[list[Quotation], tuple[int, int] | None]:
    """Outermost pairs of the paragraph, and the start of a quotation that is not closed in it."""
    stack: list[tuple[int, int]] = []
    top: list[Quotation] = []
    inside: list[list[Quotation]] = []  # pairs found at depth 1 and more, kept in case the outer mark stays open
    singles = _Singles(text, paragraph)
    for m in _MARK.finditer(text, paragraph.start, paragraph.end):
        mark, at, to = m.group(), m.start(), m.end()
        if mark in ("'", "‘", "’", "‚", "‛", "‹", "›", "`"):
            if not stack:
                singles.see(mark, at)
            continue
        if mark == "``" and to < paragraph.end and text[to : to + 1] == "`":
            continue
        role = _role(text, mark, at, to, paragraph, bool(stack))
        if role == "open":
            if len(stack) < 8:
                stack.append((at, to))
                inside.append([])
        elif role == "close" and stack:
            start, inner = stack.pop()
            below = inside.pop()
            if at <= inner:
                continue
            quotation = Quotation(Span(start, to), Span(inner, at), True)
            if stack:
                inside[-1].append(quotation)
                inside[-1].extend(below[:0])
            else:
                top.append(quotation)
    dangling = None
    if stack:
        dangling = stack[0]
        for level in inside:
            top.extend(level)
        top.sort(key=lambda q: q.span)
        if len(stack) > 1:  # the innermost of several unclosed marks is the one that may go on
            dangling = stack[0]
    doubles = list(top)
    starts = [q.span.start for q in doubles]
    for quotation in singles.pairs():
        n = bisect_right(starts, quotation.span.start)
        before = n > 0 and doubles[n - 1].span.end > quotation.span.start
        behind = n < len(doubles) and doubles[n].span.start < quotation.span.end
        if not before and not behind and not (dangling and dangling[0] < quotation.span.end):
            top.append(quotation)
    top.sort(key=lambda q: q.span)
    return _disjoint(top), dangling


def _disjoint(quotations: list[Quotation]) -> list[Quotation]:
    out: list[Quotation] = []
    for q in quotations:
        if not out or q.span.start >= out[-1].span.end:
            out.append(q)
    return out


def _role(text: str, mark: str, at: int, to: int, paragraph: Span, is_open: bool) -> str:
    """Whether a mark opens or closes: by its shape, or by what stands on both sides of it."""
    left = text[at - 1] if at > paragraph.start else " "
    right = text[to] if to < paragraph.end else " "
    spaced_left = left.isspace() or left in "([{—–-/‘'“"
    opening = spaced_left and not right.isspace() and right not in ".,;:!?)]}"
    closing = not left.isspace() and (right.isspace() or not right.isalnum())
    if mark in _CLOSERS:
        return "open" if not is_open and opening and left.isspace() else "close"
    if mark in _OPENERS:
        return "close" if is_open and closing and not opening else "open"
    if mark == "«":
        return "close" if is_open and not opening else "open"
    if mark == "»":
        return "open" if not is_open and opening else "close"
    if mark in ("''", "’’") and left.isdigit():
        return "none"
    if is_open:
        return "open" if opening and not closing and left.isspace() else "close"
    if left.isdigit() and not opening:
        return "none"
    return "open" if not right.isspace() and not (closing and not opening) else "none"


class _Singles:
    """Pairs of single marks, which also serve as apostrophes: only those that a word boundary and a stop betray."""

    def __init__(self, text: str, paragraph: Span) -> None:
        self.text, self.paragraph = text, paragraph
        self.opened: int | None = None
        self.weak: int | None = None
        self.found: list[Quotation] = []

    def see(self, mark: str, at: int) -> None:
        text, paragraph = self.text, self.paragraph
        left = text[at - 1] if at > paragraph.start else " "
        right = text[at + 1] if at + 1 < paragraph.end else " "
        opening = (left.isspace() or left in "([—–:") and (right.isalnum() or right in "$£€[#@")
        if opening and mark not in ("’", "›"):
            self._flush()
            self.opened = at
        elif self.opened is not None and not left.isspace() and not right.isalnum() and mark not in ("‘", "‚", "`"):
            if left in ".,!?…" or left != "s":
                self._close(at)
            else:
                self.weak = at

    def _close(self, at: int) -> None:
        if self.opened is not None and at - self.opened > 2:
            self.found.append(Quotation(Span(self.opened, at + 1), Span(self.opened + 1, at), True))
        self.opened = self.weak = None

    def _flush(self) -> None:
        if self.weak is not None:
            self._close(self.weak)
        self.opened = self.weak = None

    def pairs(self) -> list[Quotation]:
        self._flush()
        return self.found
