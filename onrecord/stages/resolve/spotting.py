"""Spotting: the stretches of a report that may name a place, each with its readings in the gazetteer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from onrecord.model import Document, Span
from onrecord.stages.resolve.gazetteer import Entry, Gazetteer
from onrecord.text import plain

_LABELS = {"GPE", "LOC", "FAC", "NORP"}
_TRIM_START = re.compile(
    r"^(?:the\s+|(?:downtown|central|greater|inner|north|northern|south|southern|east|eastern|west|western|north-?eastern|"
    r"north-?western|south-?eastern|south-?western|mainland|upstate|rural|nearby|neighbouring|neighboring)\s+)+",
)
_POSSESSIVE = re.compile(r"['’]s?$")
_LONGEST = 5
_LARGE = 20_000
"""A name that the parser did not tag counts when it is a division, a region or a town of this size: smaller towns
share their names with too many people, firms and common words."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A stretch that may name a place: its readings, best known first; `demonym` when it names a people."""

    span: Span
    name: str
    readings: tuple[Entry, ...]
    demonym: bool = False
    tagged: bool = True


def read(doc: Document, span: Span, label: str, gazetteer: Gazetteer) -> Spot:
    """The readings of a mention."""
    text = doc.quote(span)
    name = _POSSESSIVE.sub("", " ".join(text.split()).rstrip())
    folded = plain(name)
    country = gazetteer.demonyms.get(folded)
    readings = gazetteer.candidates(name)
    if country and (label == "NORP" or not readings):
        return Spot(span, folded, (gazetteer.countries[country],), demonym=True)
    if label == "NORP":
        return Spot(span, folded, (), demonym=True)
    if not readings:
        short = gazetteer.short.get(name, ())
        readings = tuple(gazetteer.divisions[d] for d in short if d in gazetteer.divisions)
    if not readings:
        bare = _TRIM_START.sub("", name[:1].lower() + name[1:] if name[:4] == "The " else name)
        bare = re.sub(_TRIM_START.pattern, "", bare, flags=re.IGNORECASE)
        readings = gazetteer.candidates(bare) if bare and bare != name else ()
    return Spot(span, folded, readings)


def spot(doc: Document, gazetteer: Gazetteer) -> list[Spot]:
    """All stretches of a report that may name a place, in text order, none overlapping another."""
    out: list[Spot] = []
    taken = [False] * len(doc)
    for span, label, first, last in doc.named_entities:
        if label in _LABELS:
            found = list(_in_entity(doc, span, label, first, last, gazetteer))
            out.extend(found)
            if found:
                taken[first:last] = [True] * (last - first)
        elif label == "ORG" and last - first <= 3:
            whole = read(doc, _without_possessive(doc, first, last), label, gazetteer)
            if any(_stands_alone(r) for r in whole.readings) and not whole.demonym:
                out.append(Spot(whole.span, whole.name, whole.readings, tagged=False))
            taken[first:last] = [True] * (last - first)
        elif label in {"PERSON", "ORG", "WORK_OF_ART", "PRODUCT", "LAW", "EVENT", "DATE", "TIME"}:
            taken[first:last] = [True] * (last - first)
    out.extend(_untagged(doc, taken, gazetteer))
    out.sort(key=lambda s: s.span)
    return out


def _in_entity(doc: Document, span: Span, label: str, first: int, last: int, gazetteer: Gazetteer) -> Iterator[Spot]:
    span = _without_possessive(doc, first, last)
    whole = read(doc, span, label, gazetteer)
    if whole.readings:
        yield whole
        return
    if label == "NORP":
        return
    at = first
    while at < last:
        for end in range(min(last, at + _LONGEST), at, -1):
            part = doc.span(at, end)
            readings = gazetteer.candidates(doc.quote(part)) if doc.words[at][:1].isupper() else ()
            if any(_stands_alone(r) for r in readings):
                yield Spot(part, plain(doc.quote(part)), readings)
                at = end
                break
        else:
            at += 1


def _without_possessive(doc: Document, first: int, last: int) -> Span:
    while last - first > 1 and doc.lower[last - 1] in {"'s", "'", ",", "."}:
        last -= 1
    while last - first > 1 and doc.lower[first] in {"the", ","}:
        first += 1
    return doc.span(first, last)


def _stands_alone(entry: Entry) -> bool:
    if entry.kind == "town":
        return entry.population >= (_LARGE if not entry.alias else 5 * _LARGE)
    return entry.kind != "division2"


def _untagged(doc: Document, taken: list[bool], gazetteer: Gazetteer) -> Iterator[Spot]:
    n, at = len(doc), 0
    while at < n:
        if taken[at] or doc.pos[at] not in {"PROPN", "ADJ"} or not doc.words[at][:1].isupper():
            at += 1
            continue
        if doc.pos[at] == "ADJ":
            country = gazetteer.demonyms.get(doc.lower[at])
            if country:
                yield Spot(doc.span(at, at + 1), doc.lower[at], (gazetteer.countries[country],), demonym=True)
            at += 1
            continue
        end = at
        while end < n and end - at < _LONGEST and not taken[end] and doc.pos[end] == "PROPN":
            end += 1
        longest = end
        while end > at:
            span = doc.span(at, end)
            readings = gazetteer.candidates(doc.quote(span))
            # A part of a longer name ('Jordan' of 'Jordan Pickford') is not a place.
            if (end == longest or end - at > 1) and any(_stands_alone(r) for r in readings):
                yield Spot(span, plain(doc.quote(span)), readings, tagged=False)
                break
            end -= 1
        at = max(longest, at + 1)
