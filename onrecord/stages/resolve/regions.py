"""Which state, province or town a report gives a person: 'Rand Paul of Kentucky', 'McConnell, R-Ky.'."""

from __future__ import annotations

import re

from onrecord.stages.resolve.cast import Cast, Draft
from onrecord.stages.resolve.gazetteer import load
from onrecord.stages.resolve.phrases import Phrase, after
from onrecord.stages.resolve.reading import same_office
from onrecord.text import plain

_SEAT = re.compile(r"\s?[,(]\s?[A-Z]{1,3}-([A-Z][A-Za-z.]{1,8})")
_FROM = frozenset({"of", "from"})


def of_people(cast: Cast) -> dict[int, set[str]]:
    """Person's draft by its `id()` to the plain names of the places that follow the person's name."""
    doc, gazetteer = cast.doc, load()
    out: dict[int, set[str]] = {}
    for name, draft in cast.of_name:
        if draft.kind != "person":
            continue
        at = name.last
        if at + 1 < len(doc) and doc.lower[at] in _FROM and (found := cast.at_token.get(at + 1)):
            if found[1].kind == "place":
                out.setdefault(id(draft), set()).add(plain(found[1].name))
                _of(draft, found[1].country)
        elif seat := _SEAT.match(doc.text, name.span.end):
            short = seat[1] if seat[1] in gazetteer.short else seat[1].rstrip(".")
            for division in gazetteer.short.get(short, ()):
                if division in gazetteer.divisions:
                    _of(draft, gazetteer.divisions[division].country)
                    out.setdefault(id(draft), set()).add(plain(gazetteer.divisions[division].name))
    return out


def _of(draft: Draft, country: str | None) -> None:
    if draft.entry is None:
        draft.country = draft.country or country


def of_phrase(cast: Cast, phrase: Phrase) -> set[str]:
    """Plain names of the states and towns whose official a phrase describes: 'the Kentucky senator'."""
    found = (cast.at_token.get(i) for i in (*phrase.modifiers, *after(cast.doc, phrase)))
    return {plain(f[1].name) for f in found if f is not None and f[1].kind == "place"}


def holder(
    phrase: Phrase,
    places: set[str],
    office: str,
    regions: dict[int, set[str]],
    people: list[tuple[int, Draft]],
    roles: list[tuple[int, str, Draft]],
) -> Draft | None:
    """The person before a phrase whom the report places there, in that office or in none said; the last of several.

    `people` are (token, person) and `roles` (token, office, person) around the phrase, in text order.
    """
    offices = {id(d): role for _, role, d in roles}
    found: Draft | None = None
    for head, draft in people:
        if head > phrase.head:
            break
        role = offices.get(id(draft))
        if regions.get(id(draft), set()) & places and (role is None or same_office(role, office)):
            found = draft
    return found
