"""How far a name reaches where the parser cut it: 'von der Leyen', 'Patience Jonathan', 'Rapid Support Forces'."""

from __future__ import annotations

from functools import lru_cache

from onrecord import lexicon as data
from onrecord.model import Document
from onrecord.stages.resolve.lexicon import PARTICLES, Lexicon

_SHORT = 3  # letters of a small word that may be part of a name: 'al', 'of'


def widened(doc: Document, lexicon: Lexicon, label: str, first: int, last: int) -> tuple[int, int]:
    """The tokens of a name that the parser tagged at `[first, last)`, with what belongs to it, without what does not.

    A person's name goes on after its particles, and takes in the given name between an office and a surname; a body's
    name does not begin with an adjective in small letters ('paramilitary Rapid Support Forces').
    """
    if first >= last:
        return first, last
    if label == "PERSON":
        return _given(doc, lexicon, _before_particles(doc, first), last), _after_particles(doc, last)
    if label == "ORG":
        while last - first > 1 and doc.words[first].islower() and len(doc.words[first]) > _SHORT:
            if doc.pos[first] not in ("ADJ", "NOUN") or not doc.words[first + 1][:1].isupper():
                break
            first += 1
    return first, last


def _after_particles(doc: Document, last: int) -> int:
    if doc.lower[last - 1] not in PARTICLES or doc.words[last - 1][:1].isupper():
        return last
    end = last
    while end < len(doc) and end - last < 3 and doc.lower[end] in PARTICLES and doc.words[end].islower():
        end += 1
    reaches = end < len(doc) and doc.pos[end] == "PROPN" and doc.words[end][:1].isupper() and doc.ents[end][:1] != "I"
    return end + 1 if reaches else last


def _before_particles(doc: Document, first: int) -> int:
    """'von der' of 'Ms von der Leyen', tagged from 'Leyen' on."""
    at = first
    while at > 0 and first - at < 3 and doc.lower[at - 1] in PARTICLES - {"do"} and doc.words[at - 1].islower():
        at -= 1
    return at if 0 < at < first and doc.words[at - 1][:1].isupper() and doc.ents[at] == "O" else first


def _given(doc: Document, lexicon: Lexicon, first: int, last: int) -> int:
    """'Patience' of 'First Lady Patience Jonathan', tagged from 'Jonathan' on."""
    given, office = first - 1, first - 2
    if last - first != 1 or office < 0 or doc.sentence_of[office] != doc.sentence_of[first]:
        return first
    word = doc.words[given]
    joined = doc.pos[given] == "PROPN" and doc.deps[given] == "compound" and first <= doc.heads[given] < last
    if not joined or not word.istitle() or doc.ents[given] != "O" or _is_office(doc, lexicon, given):
        return first
    return given if doc.words[office][:1].isupper() and _is_office(doc, lexicon, office) else first


def _is_office(doc: Document, lexicon: Lexicon, at: int) -> bool:
    """True for a title, and for the last word of an office: 'Lady' of 'First Lady'."""
    return doc.lower[at] in lexicon.titles or doc.lower[at] in _last_words()


@lru_cache(maxsize=1)
def _last_words() -> frozenset[str]:
    return frozenset(row["term"].split()[-1] for row in data.rows("roles.tsv") if row["kind"] == "person")
