"""Whose minister 'the prime minister' is where the phrase names no country: read from what stands before it.

'Its foreign minister' belongs to the country named last; 'Downing Street said the prime minister ...' to the body of
government in the same sentence; else 'the president' belongs to the country that the report is mostly about, if one is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

from onrecord.stages.resolve.cast import Cast
from onrecord.stages.resolve.phrases import Phrase

_OWNED = ("its", "their")
_SENTENCES = 2  # how far back the owner of 'its' is looked for
_NAMES = 40  # and over how many names
_SHARE = 0.6  # of the report's names with a country: below it the report is about more than one
_LEAST = 3
_OF_STATES = ("prime minister", "premier", "foreign", "defence", "defense", "finance", "interior", "chancellor", "king")


def country(cast: Cast, phrase: Phrase) -> str | None:
    """The country of an office, None where what stands before does not single one out."""
    doc = cast.doc
    now = doc.sentence_of[phrase.head]
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
    if phrase.role.term.startswith(_OF_STATES):
        return _about(cast)
    return None


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


def _about(cast: Cast) -> str | None:
    """The country of most of the report's names."""
    counts = Counter(d.country for _, d in cast.of_name if d.country and d.kind in ("country", "place", "organisation"))
    total = counts.total()
    if not total:
        return None
    top, n = min(counts.items(), key=lambda c: (-c[1], c[0]))
    return top if n >= _LEAST and n >= _SHARE * total else None
