"""Who holds the office that a description names: 'the Russian leader', 'the Turkish president', 'its foreign minister'.

The description must name the country itself and say nothing that singles out another holder ('the next', 'the former',
'the opposition leader'). The holder is whom the report gives that office, else whom the leaders' lexicon has in it on
the report's day, if it has one person there and the same some days before and after.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from onrecord import lexicon as data
from onrecord.model import Document
from onrecord.stages.resolve.cast import Cast, Draft
from onrecord.stages.resolve.holders import beside
from onrecord.stages.resolve.lexicon import words
from onrecord.stages.resolve.phrases import Phrase, after
from onrecord.stages.resolve.reading import plain_office

_HEADS = ("president", "prime minister", "premier", "chancellor", "king", "queen", "emir", "supreme leader", "leader")
_ROLES = frozenset({"attr", "oprd"})
_LATER = timedelta(days=10)  # near a change of office the day of the report does not tell who is meant
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_PLAIN = words("incumbents", "say_nothing_of_which")
_OTHERS = words("incumbents", "single_out_another")
_PARTS = words("incumbents", "parts_of_states")


def named(cast: Cast, phrase: Phrase, country: str, roles: list[tuple[int, str, Draft]]) -> Draft | None:
    """The person whom a definite description with a country means, or None where that is not sure.

    `roles` are the offices that the report gives people around (token, office, person).
    """
    doc = cast.doc
    if not _says_only(cast, phrase, country) or doc.deps[phrase.head] in _ROLES or _as_office(doc, phrase.head):
        return None
    office = plain_office(phrase.role.term)
    leads = office == "leader"
    wanted = _leading(country) if leads else office
    held: list[Draft] = []
    for _, role, draft in roles:
        said = plain_office(role.lower())
        fits = said in (wanted, "leader") or (wanted is None and said in _HEADS) if leads else said == office
        if fits and draft not in held and draft.entity(doc.published).country == country and draft.sector != "ELI":
            held.append(draft)
    if len(held) == 1:
        return held[0]
    on = doc.published
    if held or on is None or _of_another_year(doc, phrase.head, on):
        return None
    if wanted is None:
        found = _head_of_the_report(cast, country, on)
        return found if found is not None and not beside(doc, found, phrase.head) else None
    return _holder(cast, country, wanted, on)


def in_office(cast: Cast, country: str, office: str, head: int) -> Draft | None:
    """Who holds an office of a country on the report's day, where the sentence of a token tells of no other time."""
    on = cast.doc.published
    if on is None or _of_another_year(cast.doc, head, on):
        return None
    return _holder(cast, country, office, on)


def _holder(cast: Cast, country: str, office: str, on: date) -> Draft | None:
    """The one in that office around a day, as the lexicon knows."""
    found = []
    for day in (on - _LATER, on, on + _LATER):
        people = {e.key: e for e, o in cast.lexicon.in_office(country, day) if plain_office(o) == office}
        if len(people) != 1:
            return None
        found.append(next(iter(people.values())))
    return cast.known(found[1]) if len({e.key for e in found}) == 1 else None


def _head_of_the_report(cast: Cast, country: str, on: date) -> Draft | None:
    """The one head of state or government of a country whom the report names."""
    heads = {}
    for _, draft in cast.of_name:
        term = draft.entry.term(on) if draft.entry is not None else None
        if term is not None and term.country == country and plain_office(term.office) in _HEADS:
            heads[draft.canonical] = draft
    return next(iter(heads.values())) if len(heads) == 1 else None


def _says_only(cast: Cast, phrase: Phrase, country: str) -> bool:
    """True where the phrase is an office and the state itself: not 'the Scottish leader', 'the rebel leader'."""
    doc, stated = cast.doc, False
    own = f"country:{country}"
    barred = ("NOUN", "PROPN", "NUM", "VERB", *(["ADJ"] if phrase.role.term == "leader" else []))
    of = [g for g in after(doc, phrase) if doc.lower[doc.heads[g]] == "of"]
    for at in (*range(phrase.first, phrase.term_first), *of):
        found = cast.at_token.get(at)
        if found is not None:
            entry = found[0].entry
            if entry is None or entry.key != own or " ".join(found[0].words).lower() in _PARTS:
                return False
            stated = True
        elif doc.lower[at] in _PLAIN:
            continue
        elif doc.lower[at] in _OTHERS or doc.pos[at] in barred:
            return False
    return stated


def _as_office(doc: Document, head: int) -> bool:
    """'becomes the Russian president', 'elected as the Russian president': the office, not who is in it."""
    up = doc.heads[head]
    if doc.deps[head] == "pobj" and doc.lower[up] in ("as", "for"):
        return True
    return doc.lemmas[up].lower() in ("become", "elect", "name", "appoint", "remain", "run")


def _of_another_year(doc: Document, head: int, on: date) -> bool:
    """True where the sentence tells of another year, or of years ago."""
    sentence = doc.sentences[doc.sentence_of[head]]
    near = doc.lower[sentence.first : min(sentence.last, sentence.first + 200)]
    years = [int(w) for w in near if _YEAR.fullmatch(w)]
    return any(y != on.year for y in years) or any(
        a in ("years", "year", "decades", "months", "century") and b in ("ago", "earlier", "before", "later")
        for a, b in pairwise(near)
    )


@lru_cache(maxsize=300)
def _leading(country: str) -> str | None:
    for row in data.rows("leading_offices.tsv"):
        if country in row["codes"].split("|"):
            return None if row["office"] == "none" else row["office"]
    return "president"
