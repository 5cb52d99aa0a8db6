"""Whose minister 'the prime minister' is where the phrase names no country: read from what stands before it.

'Its foreign minister' belongs to the country named last; 'Downing Street said the prime minister ...' to the body of
government in the same sentence; else 'the president' belongs to the country that the report is mostly about, if one is.
"""

from __future__ import annotations

from bisect import bisect_left

from onrecord.stages.resolve.cast import Cast
from onrecord.stages.resolve.lexicon import words
from onrecord.stages.resolve.phrases import Phrase

_OWNED = ("its", "their")
_SENTENCES = 2  # how far back the owner of 'its' is looked for
_NAMES = 40  # and over how many names
_SHARE = 0.6  # of the report's names with a country: below it the report is about more than one
_LEAST = 3
_WITHIN = words("implied", "within")
_OF_STATES = ("prime minister", "premier", "foreign", "defence", "defense", "finance", "interior", "chancellor", "king")


def country(cast: Cast, phrase: Phrase) -> str | None:
    """The country of an office, None where what stands before does not single one out."""
    doc = cast.doc
    now = doc.sentence_of[phrase.head]
    if phrase.role.term.endswith("secretary of state") and phrase.determiner in ("the", ""):
        return None if doc.lower[phrase.last : phrase.last + 1] == ["for"] else "USA"
    if (there := seat(cast, phrase)) is not None:
        return there
    if phrase.determiner in _OWNED:
        return _named_last(cast, phrase.head, now - _SENTENCES)
    if phrase.determiner not in ("the", ""):
        return None
    for n in range(_before(cast, phrase.head) - 1, -1, -1):
        name, draft = cast.of_name[n]
        if doc.sentence_of[name.head] != now:
            break
        if draft.kind == "organisation" and draft.sector == "GOV" and draft.country:
            return draft.country
    if phrase.role.term.startswith(_OF_STATES) or within(phrase):
        return about(cast)
    return None


def within(phrase: Phrase) -> bool:
    """True for an office of one state, of which each state has some: a governor, the army's chief."""
    return phrase.role.term in _WITHIN


def seat(cast: Cast, phrase: Phrase) -> str | None:
    """The country in which, or in whose capital, the sentence puts itself: 'In Tokyo, the prime minister ...'."""
    doc = cast.doc
    first = doc.sentences[doc.sentence_of[phrase.head]].first
    if doc.lower[first] != "in" or first + 1 >= len(doc) or phrase.first <= first:
        return None
    found = cast.at_token.get(first + 1)
    if found is None or found[0].last >= len(doc) or doc.words[found[0].last] != ",":
        return None
    known = cast.lexicon.lookup(" ".join(found[0].words))
    land = known is not None and (known[0] == "seat" or (known[0] == "name" and known[1].kind == "country"))
    return known[1].country if known is not None and land else None


def adjacent(cast: Cast, phrase: Phrase) -> str | None:
    """The country of an adjective right before an office, which the parser may have hung on the name after it."""
    found = cast.at_token.get(phrase.first - 1)
    return found[0].country if found is not None and found[0].form == "adjective" else None


def _before(cast: Cast, token: int) -> int:
    return bisect_left(cast.of_name, token, key=lambda n: n[0].first)


def _named_last(cast: Cast, token: int, first_sentence: int) -> str | None:
    at = _before(cast, token)
    for n in range(at - 1, max(-1, at - _NAMES), -1):
        name, draft = cast.of_name[n]
        if cast.doc.sentence_of[name.head] < first_sentence:
            break
        if draft.kind == "country":
            return draft.country
    return None


def about(cast: Cast, share: float = _SHARE) -> str | None:
    """The country of most of the report's names, of a `share` of them at least."""
    counts, _ = cast.counted()
    total = counts.total()
    if not total:
        return None
    top, n = min(counts.items(), key=lambda c: (-c[1], c[0]))
    return top if n >= share * total and (n >= _LEAST or n == total >= _LEAST - 1) else None
