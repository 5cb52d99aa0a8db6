"""A match of the grammar, as the functions that say what it means see it, and what they give back."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from onrecord.model import Document, Sentence, Span
from onrecord.stages.time import calendar
from onrecord.stages.time.context import Context, Direction
from onrecord.stages.time.words import Line


@dataclass(slots=True)
class Reading:
    """What an expression means; `days` overrides the days that `value` means by itself."""

    type: str
    value: str
    mod: str | None = None
    anchor: str | None = None
    days: calendar.Days | None = None
    whole: bool = True  # False: `value` is not to be turned into days


_TITLE = 3  # words before the closing mark of a quoted title: 'the "Tonight" show', '"This Morning America"'
_OPENERS = frozenset(".:;?!\"'-(`")


def _sentences(doc: Document, offset: int) -> list[Sentence]:
    found = doc.tokens_in(Span(offset, offset + 1))
    return [doc.sentences[doc.sentence_of[i]] for i in found]


class Hit:
    """A match of a rule on a line, with its words by group name."""

    __slots__ = ("c", "line", "m")

    def __init__(self, m: re.Match[str], line: Line, c: Context) -> None:
        self.m, self.line, self.c = m, line, c

    def has(self, *names: str) -> bool:
        """True when one of these groups took part."""
        groups = self.m.groupdict()
        return any(groups.get(n) for n in names)

    def value(self, *names: str) -> str:
        """Lexicon value of the first word of the first of these groups that took part; '' when none did."""
        groups = self.m.groupdict()
        return next((self.line.values[self.m.start(n)] for n in names if groups.get(n)), "")

    def word(self, name: str) -> str:
        """The first word of a group."""
        return self.line.words[self.m.start(name)] if self.has(name) else ""

    def words(self, name: str) -> list[str]:
        """The words of a group."""
        return self.line.words[self.m.start(name) : self.m.end(name)] if self.has(name) else []

    def number(self, *names: str) -> float | None:
        """The number that a group says; None for 'few', 'several' and where it says none."""
        name = next((n for n in names if self.has(n)), None)
        if name is None:
            return None
        return number(self.words(name), self.line.values[self.m.start(name) : self.m.end(name)])

    @property
    def span(self) -> Span:
        """Characters of the match."""
        return Span(self.line.starts[self.m.start()], self.line.ends[self.m.end() - 1])

    def before(self, n: int = 1) -> str:
        """The n-th word before the match, '' at the paragraph's start."""
        at = self.m.start() - n
        return self.line.words[at] if at >= 0 else ""

    def after(self) -> str:
        """The word after the match, '' at the paragraph's end."""
        return self.line.words[self.m.end()] if self.m.end() < len(self.line.words) else ""

    def word_at_start(self) -> str:
        """The first word of the match."""
        return self.line.words[self.m.start()]

    def following(self, n: int) -> list[str]:
        """The n words after the match."""
        return self.line.words[self.m.end() : self.m.end() + n]

    def is_name(self) -> bool:
        """True when the first word has a capital that no sentence or headline gives it: part of a title."""
        at = self.m.start()
        start = self.line.starts[at] - self.line.offset
        if not self.line.folded[start].isupper() or at == 0:
            return False
        before = self.line.words[at - 1]
        capitals = all(
            self.line.folded[self.line.starts[i] - self.line.offset].isupper() for i in range(at, self.m.end())
        )
        if before == '"' and '"' in self.following(_TITLE * 2 if capitals and self.m.end() - at > 1 else _TITLE):
            return True
        if before in _OPENERS:
            return False
        doc = self.c.doc
        first = {doc.starts[s.first] for s in _sentences(doc, self.line.starts[at])}
        return self.line.starts[at] not in first and not self.c.in_headline(self.line.starts[at])

    def direction(self) -> Direction | None:
        """Whether the clause looks back or ahead; the present tense of a headline looks back."""
        found = self.c.direction(self.span)
        if found == "planned":
            return "future"
        return "past" if found == "present" and self.c.in_headline(self.span.start) else found

    def planned(self) -> bool:
        """True for what had been meant to be, which the tense puts on neither side of the report."""
        return self.c.direction(self.span) == "planned"

    def mod(self) -> str | None:
        """TIMEX3 mod of 'early', 'the end of', 'earlier', 'nearly' and the like."""
        value = self.value("partof", "part2", "part")
        if value == "0.5":
            return None
        return {"BEFORE": "START", "AFTER": "END"}.get(value, value) or None

    def about(self) -> str | None:
        """TIMEX3 mod of 'about', 'less than', 'at least'."""
        for w, v in zip(self.words("about"), self._values("about"), strict=True):
            if v.isupper() and w != "than":
                return v
        return None

    def _values(self, name: str) -> list[str]:
        return self.line.values[self.m.start(name) : self.m.end(name)] if self.has(name) else []


def number(words: list[str], values: list[str]) -> float | None:
    """The number that words say: 'two', 'twenty-five', '1.5', 'two hundred', '2 1/2', 'a dozen', 'three and a half'."""
    total: float = 0
    current: float | None = None
    digits = False
    for w, v in zip(words, values, strict=True):
        if v == "X":
            return None
        if w in ("to", "or", "through", "thru") or (w == "-" and digits):
            break
        digits = w.isdigit()
        if w == "half":
            current = (current or 0) + 0.5
        elif m := re.fullmatch(r"(\d+)(?:½|[ -]1/([24]))", w):
            current = int(m[1]) + (0.5 if m[2] in (None, "2") else 0.25)
        elif re.fullmatch(r"\d+(?:\.\d+)?", v) and w not in ("a", "an"):
            n = float(v)
            if math.isinf(n):
                return None
            if n >= 100 and v == str(int(n)) and w.isalpha():
                total += (current or 1) * n
                current = None
            elif w == "dozen":
                current = (current or 1) * 12
            else:
                current = (current or 0) + n
    return None if current is None and not total else total + (current or 0)
