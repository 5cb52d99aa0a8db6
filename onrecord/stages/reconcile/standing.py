"""Who does it and to whom, by what stands right beside a word: for sentences that are read here without their parse.

Of 'the mayor and two clerks were later freed by the army' the people before 'freed' have it done to them, for a form of
'be' stands between, and the army after 'by' does it. Whoever stands farther off, or below a preposition ('the aide of
the mayor resigned'), is left alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from onrecord.model import Entity

Named = Sequence[tuple[int, int, str]]
"""(start, end, entity) of the mentions of a report, in order."""

_HELPERS = (
    r"has|have|had|is|are|was|were|be|been|being|got|did|does|do|also|then|later|already|now|just|recently|reportedly"
    r"|soon|again|both|all|once|since|first|finally|only|\w+ly|today|yesterday|on|last|this|week|month|\w+day"
)
_BETWEEN = re.compile(rf"(?>[,\s]|\b(?:{_HELPERS})\b)*\Z", re.IGNORECASE)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being|got)\b[^.]*\Z", re.IGNORECASE)
_JOINED = re.compile(r"\s*+(?:,\s*+(?:and|&)|,|and|&)\s++(?:the\s++|[A-Z][\w.]*+\s++){0,3}\Z")
_TITLED = re.compile(r"\s+(?:the\s+|an?\s+|[A-Z][\w.]*\s+){0,3}\Z")
_AFTER = re.compile(r"\s*+(?:,\s*+and|,|and)\s++(?:the\s++|[A-Z][\w.]*+\s++){0,3}\Z")
_BELOW = re.compile(
    r"(?:\b(?:of|to|with|by|in|from|for|on|at|about|against|near|than|as|between|over|like|including|under|into)\s+"
    r"(?:the\s+|an?\s+|[A-Z][\w.]*\s+){0,3}|['’]s?\s+)\Z"
)
_ACTORS = frozenset({"person", "organisation", "group", "country"})
_MOST = 4
_REACH = 60  # characters between a word and its party

Found = dict[str, tuple[int, int]]
"""Entities with the characters that name them."""


def beside(
    text: str, sentence: tuple[int, int], word: tuple[int, int], named: Named, entities: Mapping[str, Entity]
) -> tuple[Found, Found]:
    """(who does it, whom it is done to) of what a word of a sentence states; empty where nobody stands beside it."""
    start, end = sentence
    here: list[tuple[int, int, str]] = []
    for n in range(bisect_left(named, (start, 0, "")), len(named)):
        a, b, entity = named[n]
        if a >= end:
            break
        if b <= end and entity in entities and entities[entity].kind in _ACTORS:
            here.append((a, b, entity))
    subjects, gap = _before(text, start, word[0], here)
    passive = bool(_PASSIVE.search(gap)) and not text[word[0] : word[1]].endswith("ing")
    if passive:
        by = re.match(r"\s+(?:\w+ly\s+)?by\b", text[word[1] : word[1] + _REACH])
        return (_after(text, word[1] + by.end(), here) if by else {}), subjects
    return subjects, _after(text, word[1], here)


def _before(text: str, start: int, at: int, here: Named) -> tuple[Found, str]:
    """Those right before a word, and what stands between."""
    last = max((b for _, b, _ in here if b <= at), default=None)
    if last is None or at - last > _REACH or not _BETWEEN.match(text[last:at]):
        return {}, ""
    out: Found = {}
    edge: int | None = last
    first = last
    while edge is not None and len(out) < _MOST:
        ending = [m for m in here if m[1] == edge]
        first = min(a for a, _, _ in ending)
        for a, b, entity in ending:
            if a == first:
                out.setdefault(entity, (a, b))
        edge = max((b for _, b, _ in here if b <= first and _JOINED.match(text[b:first])), default=None)
    if _BELOW.search(text[start:first]):
        return {}, ""
    return dict(sorted(out.items(), key=lambda m: m[1])), text[last:at]


def _after(text: str, at: int, here: Named) -> Found:
    """Those right after a word."""
    out: Found = {}
    link = _TITLED
    while len(out) < _MOST:
        first = min((a for a, _, _ in here if a > at), default=None)
        if first is None or first - at > _REACH or not link.match(text[at:first]):
            break
        last = max(b for a, b, _ in here if a == first)
        if text[last : last + 2] in ("'s", "’s"):
            break
        for a, b, entity in here:
            if (a, b) == (first, last):
                out.setdefault(entity, (a, b))
        at, link = last, _AFTER
    return out
