"""Noun phrases built on a role word: 'the U.S. deputy secretary of State', 'two villagers', 'Norland's military'."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from onrecord.model import Document
from onrecord.stages.resolve.lexicon import Lexicon, Role

_NOUNS = frozenset({"NOUN", "PROPN"})
_LEFT = frozenset({"det", "amod", "compound", "nmod", "poss", "nummod", "predet", "quantmod", "advmod", "neg", "punct"})
DEFINITE = frozenset({"the", "this", "that", "these", "those", "both", "his", "her", "their", "its", "our", "my"})
INDEFINITE = frozenset({"a", "an", "another", "one", "some", "any", "no", "every", "each", "several", "many", "few"})


@dataclass(slots=True)
class Phrase:
    """A noun phrase, tokens `[first, last)`, whose role term stands at `[term_first, term_last)` with head `head`."""

    first: int
    last: int
    term_first: int
    term_last: int
    head: int
    role: Role
    plural: bool
    determiner: str  # '' when there is none; 'poss' for a possessor
    count: str = ""
    modifiers: list[int] = field(default_factory=list)


def find(doc: Document, lexicon: Lexicon) -> Iterator[Phrase]:
    """Phrases on a role word, in text order."""
    terms = lexicon.roles
    lower, lemmas, pos = doc.lower, doc.lemmas, doc.pos
    i, n = 0, len(doc)
    while i < n:
        found = None
        if pos[i] in _NOUNS or pos[i] == "ADJ":
            # 'women' opens 'women's group' too, and what the form does not give its lemma may
            for key in (lower[i], lemmas[i].lower()):
                if found is None and key in terms:
                    found = _longest(doc, i, n, terms[key])
        if found is None:
            i += 1
            continue
        role, last = found
        phrase = _phrase(doc, i, last, role)
        if phrase is not None:
            yield phrase
        i = last


def _longest(doc: Document, i: int, n: int, options: list[tuple[tuple[str, ...], Role]]) -> tuple[Role, int] | None:
    for words, role in options:
        at = i
        for word in words:
            if at > i and at + 1 < n and doc.words[at] == "-":  # 'Secretary-General'
                at += 1
            if at >= n or (doc.lower[at] != word and doc.lemmas[at].lower() != word):
                break
            at += 1
        else:
            return role, at
    return None


def _phrase(doc: Document, first: int, last: int, role: Role) -> Phrase | None:
    head = last - 1
    for i in range(first, last):
        if not first <= doc.heads[i] < last or doc.heads[i] == i:
            head = i
            break
    if doc.pos[head] not in _NOUNS:
        return None
    left = first
    modifiers: list[int] = []
    determiner, count = "", ""
    for child in reversed(doc.children[head]):
        if child >= first or doc.deps[child] not in _LEFT:
            continue
        start = _leftmost(doc, child)
        if start < left - 40 or doc.pos[child] == "PUNCT":
            continue
        left = min(left, start)
        modifiers.append(child)
        if doc.deps[child] == "det":
            determiner = doc.lower[child]
        elif doc.deps[child] == "poss":
            determiner = doc.lower[child] if doc.lower[child] in DEFINITE else "poss"
        elif doc.deps[child] == "nummod":
            count = doc.lower[child]
            if not determiner and count in INDEFINITE:  # 'one man' is none who was told of before
                determiner = count
    while left < first and doc.pos[left] in ("PUNCT", "CCONJ", "ADP"):
        left += 1
    plural = doc.tags[head] in ("NNS", "NNPS") or (count not in ("", "one", "1"))
    return Phrase(left, last, first, last, head, role, plural, determiner, count, modifiers)


def _leftmost(doc: Document, token: int) -> int:
    at = token
    for _ in range(30):
        left = next((c for c in doc.children[at] if c < at), None)
        if left is None:
            return at
        at = left
    return at


def after(doc: Document, phrase: Phrase) -> list[int]:
    """Objects of 'of', 'in', 'to', 'for' and 'at' right after the phrase: 'minister of Norland', 'police in Oslo'."""
    out: list[int] = []
    for child in doc.children[phrase.head]:
        if child >= phrase.term_last - 1 and doc.deps[child] == "prep" and doc.lower[child] in ("of", "in", "to", "at"):
            if child < phrase.term_last:
                for inner in range(child + 1, phrase.term_last):
                    out.extend(
                        g
                        for c in doc.children[inner]
                        if c >= phrase.term_last and doc.deps[c] == "prep" and doc.lower[c] in ("of", "in")
                        for g in doc.children[c]
                        if doc.deps[g] == "pobj"
                    )
            else:
                out.extend(g for g in doc.children[child] if doc.deps[g] == "pobj")
    return out
