"""Spotting: the stretches of a report that may name a place, each with its readings in the gazetteer.

The parser's own tags come first. Beside them: datelines, names after a locative preposition or before ', State' that
the parser took for a person or a firm, names that it tagged as places elsewhere in the report, well-known names that
it did not tag at all, and the place inside an organisation's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from onrecord.model import Document, Span
from onrecord.stages.resolve.gazetteer import Entry, Gazetteer
from onrecord.stages.resolve.lexicon import words as listed
from onrecord.text import plain

_LABELS = {"GPE", "LOC", "FAC", "NORP"}
_MISTAKEN = {"PERSON", "ORG", "PRODUCT", "WORK_OF_ART", "EVENT", "LAW"}
_NO_NAMES = {"DATE", "TIME", "MONEY", "PERCENT", "QUANTITY", "CARDINAL", "ORDINAL"}
_DIRECTIONS = {
    "north", "northern", "south", "southern", "east", "eastern", "west", "western", "northeast", "northwest",
    "southeast", "southwest", "northeastern", "northwestern", "southeastern", "southwestern", "central", "downtown",
    "greater", "inner", "mainland", "upstate", "rural", "nearby", "neighbouring", "neighboring", "upper", "lower",
    "occupied", "the", "old", "metro", "suburban", "mid", "far", "nazi", "modern", "post-war", "deep",
}  # fmt: skip
_COMPASS = {"north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest"}
"""Directions alone name no place: 'the North' is a country or a region that the report has named."""
_TAILS = {
    "province", "district", "city", "region", "county", "state", "area", "governorate", "oblast", "peninsula", "suburb",
    "village", "town", "prefecture", "territory", "municipality", "metro",
}  # fmt: skip
_DIVISION_WORDS = {"province", "region", "state", "governorate", "oblast", "prefecture", "krai"}
_COMMON = {
    "university", "college", "hospital", "school", "church", "center", "centre", "bank", "station", "park", "academy",
    "republic", "union", "island", "islands", "delta", "gulf", "san", "saint", "new", "el", "la", "los", "las", "king",
    "queen", "mercy", "hope", "young", "police", "court", "house", "national", "global", "royal", "independence",
    "liberty", "justice", "enterprise", "media", "nice", "best", "reading", "mobile", "bath", "sandy", "orange", "hall",
}  # fmt: skip
_LOCATIVE = {"in", "near", "outside", "around", "at", "into", "across", "toward", "towards"}
_DATELINE = re.compile(r"([A-Z][A-Z.'’ -]{2,28}[A-Z])(?=\s*(?:,|\(|--|—|–|- |/))")
_DONE = listed("seats", "done_to_places") - {"leave", "hit", "seize", "surround", "reach"}
_NEXT_WORD = re.compile(r" (\w{4,12})\b")
_LONGEST = 5
_LARGE, _CITY = 20_000, 100_000
"""A name that the parser did not tag counts when it is a division, a region or a town of this size: smaller towns
share their names with too many people, firms and common words."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A stretch that may name a place: its readings, best known first.

    `demonym`: it names a people; `embedded`: it is part of an organisation's name; `doubtful`: the parser takes it
    for a person, so that it counts only where other places of the report lie in its country.
    """

    span: Span
    name: str
    readings: tuple[Entry, ...]
    demonym: bool = False
    embedded: bool = False
    doubtful: bool = False


def read(doc: Document, span: Span, label: str, gazetteer: Gazetteer) -> Spot:
    """The readings of a mention."""
    name = " ".join(doc.quote(span).split())
    if name[-2:] in {"'s", "’s"}:
        name = name[:-2]
    folded = plain(name)
    if folded in _COMPASS:
        return Spot(span, folded, ())
    people = gazetteer.demonyms.get(folded)
    readings = _abbreviation(doc, span, name, gazetteer) or gazetteer.candidates(name)
    if people and (label == "NORP" or not any(_stands_alone(r) for r in readings)):
        return Spot(span, folded, (people,), demonym=True)
    if label == "NORP" and not any(_stands_alone(r) for r in readings):
        return Spot(span, folded, ())
    words = name.split()
    if not readings:
        while len(words) > 1 and not readings:
            if words[0].lower() in _DIRECTIONS:
                words = words[1:]
            elif words[-1].lower() in _TAILS:
                words = words[:-1]
            else:
                break
            readings = gazetteer.candidates(" ".join(words))
        if readings:
            folded = plain(" ".join(words))
    if not any(w[:1].isupper() for w in words):
        return Spot(span, folded, ())
    after = _NEXT_WORD.match(doc.text, span.end)
    if name.split()[-1].lower() in _DIVISION_WORDS or (after and after.group(1).lower() in _DIVISION_WORDS):
        readings = tuple(r for r in readings if r.kind.startswith("division")) or readings
    if name.isupper() and len(name) < 4:
        readings = tuple(r for r in readings if r.kind != "town")
    return Spot(span, folded, readings)


def _abbreviation(doc: Document, span: Span, name: str, gazetteer: Gazetteer) -> tuple[Entry, ...]:
    """'Calif.', 'W.Va' before its full stop: readings of a division's abbreviation that is written with one."""
    if not name.endswith("."):
        if doc.text[span.end : span.end + 1] != ".":
            return ()
        name += "."
    return tuple(gazetteer.divisions[d] for d in gazetteer.short.get(name, ()) if d in gazetteer.divisions)


def spot(doc: Document, gazetteer: Gazetteer) -> list[Spot]:
    """All stretches of a report that may name a place, in text order, none overlapping another."""
    spots = _Spots(doc, gazetteer)
    spots.datelines()
    spots.peoples_of_two_words()
    spots.tagged()
    spots.mistaken()
    spots.untagged()
    return sorted(spots.found, key=lambda s: s.span)


class _Spots:
    """Spots found so far, and which tokens are spoken for."""

    def __init__(self, doc: Document, gazetteer: Gazetteer) -> None:
        self.doc, self.gazetteer = doc, gazetteer
        self.found: list[Spot] = []
        self.taken = [False] * len(doc)
        self.names: set[str] = set()

    def add(self, spot: Spot, first: int, last: int) -> None:
        """Keep a spot over tokens `[first, last)`."""
        self.found.append(spot)
        self.taken[first:last] = [True] * (last - first)
        if not spot.demonym and not spot.embedded:
            self.names.add(spot.name)

    def datelines(self) -> None:
        """'BEIRUT (AP) —' at the start of a paragraph."""
        doc = self.doc
        for paragraph in doc.paragraphs:
            m = _DATELINE.match(doc.text, paragraph.span.start, min(paragraph.span.end, paragraph.span.start + 40))
            if not m:
                continue
            span = Span(m.start(1), m.end(1))
            if doc.text[m.end() : min(paragraph.span.end, m.end() + 60)].isupper():
                continue  # the heading of a section, 'CRICKET - NORLAND WIN'
            readings = self.gazetteer.candidates(doc.quote(span))
            inside = doc.tokens_in(span)
            if readings and len(inside) and doc.ends[inside[-1]] == span.end:
                self.add(Spot(span, plain(doc.quote(span)), readings), inside[0], inside[-1] + 1)

    def peoples_of_two_words(self) -> None:
        """'Sri Lankan', which the parser cuts in two."""
        lower, demonyms = self.doc.lower, self.gazetteer.demonyms
        for i in range(len(lower) - 1):
            if lower[i + 1] in self.gazetteer.second_words and not (self.taken[i] or self.taken[i + 1]):
                people = demonyms.get(f"{lower[i]} {lower[i + 1]}")
                if people and self.doc.words[i][:1].isupper():
                    self.add(Spot(self.doc.span(i, i + 2), f"{lower[i]} {lower[i + 1]}", (people,), True), i, i + 2)

    def tagged(self) -> None:
        """What the parser takes for a place or a people."""
        for _, label, first, last in self.doc.named_entities:
            if label not in _LABELS or any(self.taken[first:last]):
                continue
            first, last = self._trim(first, last)
            whole = read(self.doc, self.doc.span(first, last), label, self.gazetteer)
            if whole.readings:
                self.add(whole, first, last)
            elif label != "NORP":
                self._parts(first, last)
                self.taken[first:last] = [True] * (last - first)

    def mistaken(self) -> None:
        """What the parser takes for a person or a firm: a place by its context, or a place within the name."""
        doc = self.doc
        for _, label, first, last in doc.named_entities:
            if label not in _MISTAKEN or any(self.taken[first:last]):
                continue
            first, last = self._trim(first, last)
            if last - first <= 3:
                whole = read(doc, doc.span(first, last), label, self.gazetteer)
                if whole.readings and not whole.demonym and self._is_place(whole, label, first, last):
                    self.add(whole, first, last)
                elif label == "PERSON" and self._alone(first, last) and any(_well_known(r) for r in whole.readings):
                    self.found.append(replace(whole, doubtful=True))
            if label == "ORG" and not self.taken[first]:
                self._parts(first, last, embedded=True)
            self.taken[first:last] = [True] * (last - first)

    def _is_place(self, spot: Spot, label: str, first: int, last: int) -> bool:
        doc = self.doc
        if spot.name in self.names:
            return label != "PERSON" or last - first > 1 or self._alone(first, last)
        if any(r.kind in {"country", "division1"} for r in spot.readings) and (label == "ORG" or last - first > 1):
            return True
        if label == "ORG" and any(_stands_alone(r) for r in spot.readings):
            return True
        if not self._alone(first, last):
            return False
        if first and doc.lower[first - 1] in _LOCATIVE:
            return True
        return self._in_division(last) or treated(doc, first, last)

    def _in_division(self, last: int) -> bool:
        """', Ohio' or ', Minn.' follows."""
        doc = self.doc
        if last + 1 >= len(doc) or doc.words[last] != ",":
            return False
        for end in (last + 3, last + 2):
            if end <= len(doc):
                words = doc.quote(doc.span(last + 1, end))
                if words in self.gazetteer.short:
                    return True
                if any(r.kind == "division1" and not r.alias for r in self.gazetteer.candidates(words)):
                    return True
        return False

    def _alone(self, first: int, last: int) -> bool:
        """No other capitalised word stands beside the name."""
        doc = self.doc
        before = first and doc.pos[first - 1] == "PROPN" and doc.words[first - 1][:1].isupper()
        after = last < len(doc) and doc.pos[last] == "PROPN" and doc.words[last][:1].isupper()
        return not before and not after

    def untagged(self) -> None:
        """Capitalised names without a tag."""
        doc, n, at = self.doc, len(self.doc), 0
        while at < n:
            if (
                self.taken[at]
                or doc.pos[at] not in {"PROPN", "ADJ"}
                or not doc.words[at][:1].isupper()
                or doc.ents[at][2:] in _NO_NAMES
                or (doc.lower[at] in _DIRECTIONS and (at + 1 == n or doc.pos[at + 1] != "PROPN"))
            ):
                at += 1
                continue
            people = self.gazetteer.demonyms.get(doc.lower[at])
            if people and not self.gazetteer.candidates(doc.words[at]):
                self.add(Spot(doc.span(at, at + 1), doc.lower[at], (people,), demonym=True), at, at + 1)
                at += 1
                continue
            end = at
            while end < n and end - at < _LONGEST and not self.taken[end] and doc.pos[end] == "PROPN":
                end += 1
            longest = max(end, at + 1)
            if end > at:
                self._untagged_run(at, end)
            at = longest

    def _untagged_run(self, at: int, longest: int) -> None:
        doc = self.doc
        for end in range(longest, at, -1):
            # A part of a longer name ('Jordan' of 'Jordan Pickford') is not a place.
            if end < longest and end - at == 1:
                return
            whole = read(doc, doc.span(at, end), "", self.gazetteer)
            if whole.demonym or not whole.readings:
                continue
            located = (at and doc.lower[at - 1] in _LOCATIVE) or self._in_division(end) or whole.name in self.names
            if any(_stands_alone(r) for r in whole.readings) or (end == longest and located):
                self.add(whole, at, end)
                return

    def _trim(self, first: int, last: int) -> tuple[int, int]:
        lower = self.doc.lower
        while last - first > 1 and lower[last - 1] in {"'s", "'", ",", ".", "-"}:
            last -= 1
        while last - first > 1 and lower[first] in {"the", ",", "-"}:
            first += 1
        return first, last

    def _parts(self, first: int, last: int, embedded: bool = False) -> None:
        """A place at the start of a longer name, or at its end after 'of', 'in', 'at', 'for' or a hyphen."""
        doc, gazetteer = self.doc, self.gazetteer
        for at in range(first, last):
            opening = at == first
            if not opening and doc.lower[at - 1] not in {"of", "in", "at", "for", "-", "/", ",", "&", "near", "the"}:
                continue
            if not doc.words[at][:1].isupper() or self.taken[at]:
                continue
            for end in range(min(last, at + 4), at, -1):
                if end - at == last - first or doc.lower[end - 1] in {"of", "in", "at", "for", "-", "/", ","}:
                    continue
                words = doc.quote(doc.span(at, end))
                people = gazetteer.demonyms.get(plain(words))
                if embedded and people:
                    self.add(Spot(doc.span(at, end), plain(words), (people,), True, True), at, end)
                    break
                readings = gazetteer.candidates(words)
                enough = [r for r in readings if _stands_alone(r) or (r.kind == "division2" and end - at > 1)]
                if embedded and opening and plain(words) not in self.names:
                    # 'Confederation of Norlandic Football', 'Liberal Party', 'UN Council' begin with no town
                    enough = [r for r in enough if r.kind != "town" or r.population >= _CITY]
                    if len(words) < 4 or (end < last and doc.lower[end] in {"of", "for"}):
                        enough = [r for r in enough if r.kind == "country"]
                if enough and words.lower() not in _DIRECTIONS | _COMMON and (embedded or end - at > 1 or not opening):
                    self.add(Spot(doc.span(at, end), plain(words), readings, embedded=embedded), at, end)
                    break


def treated(doc: Document, first: int, last: int) -> bool:
    """True for what is shelled or fled, and for 'the town of ...': a place, whatever the parser takes it for."""
    top = next((t for t in range(first, last) if not first <= doc.heads[t] < last), last - 1)
    if doc.deps[top] == "conj" and doc.ents[doc.heads[top]][2:] in ("GPE", "LOC"):
        top = doc.heads[top]  # 'shelled Norwick, Saltby and Kelm'
    up = doc.heads[top]
    if doc.deps[top] in ("dobj", "nsubjpass"):
        return doc.lemmas[up].lower() in _DONE
    return doc.deps[top] == "pobj" and doc.lower[up] == "of" and doc.lemmas[doc.heads[up]].lower() in _TAILS


def _well_known(entry: Entry) -> bool:
    return entry.kind == "country" or (entry.kind == "town" and entry.population >= 50_000 and not entry.alias)


def _stands_alone(entry: Entry) -> bool:
    if entry.name.lower() in _COMMON:
        return False
    if entry.kind == "town":
        return entry.population >= (_LARGE if not entry.alias else 5 * _LARGE)
    return entry.kind != "division2" and not (entry.alias and entry.kind == "division1" and entry.population < _LARGE)
