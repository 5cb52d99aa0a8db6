"""Places: which place on Earth a name in a report means, or None.

`find` spots place names (the parser's own tags, and names of the gazetteer that it missed); `locate` decides what each
means. Every name in a report has several readings; readings support each other when they lie in one country, in one
division or close together, and a container said beside the name ('Paris, Texas') outweighs all else; population only
breaks what is left. A few rounds of mutual support settle all names of a report together (the idea of spatial
minimality: Leidner 2007; of a containment and proximity prior: Lieberman and Samet 2012).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from weakref import ref

from onrecord.model import Document, Span
from onrecord.stages.resolve import spotting
from onrecord.stages.resolve.disambiguation import settle
from onrecord.stages.resolve.gazetteer import Entry, Gazetteer, load
from onrecord.stages.resolve.home import of_outlet

PLACE_LABELS = frozenset({"GPE", "LOC", "FAC", "NORP"})

_CODES = {"XKX": "KOS", "GUM": "USA", "PRI": "USA", "ASM": "USA", "MNP": "USA", "VIR": "USA", "UMI": "USA"}
"""Codes of the gazetteer to those of the record: Kosovo's, and the United States for its territories."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name means. `kind` is 'country' or 'place'; `country` ISO 3166-1 alpha-3, None for the high seas and
    for regions of several countries; latitude and longitude in degrees; `admin` the first-order division's name.
    """

    name: str
    kind: str
    country: str | None
    latitude: float
    longitude: float
    geonames_id: int | None = None
    admin: str | None = None


def locate(doc: Document, mentions: Sequence[tuple[Span, str]]) -> list[Place | None]:
    """The place that each mention, (span, parser's label), means; None where the gazetteer or the context is unsure.

    The other place names of the report are its context, whether among `mentions` or not. A demonym (NORP) gives its
    country; a mention with any other label than GPE, LOC, FAC or NORP is read like a name.
    """
    gazetteer = load()
    spots = _spots(doc, gazetteer)
    asked = [spotting.read(doc, span, label, gazetteer) for span, label in mentions]
    return _places(doc, spots, asked, gazetteer)


def survey(
    doc: Document, mentions: Sequence[tuple[Span, str]]
) -> tuple[list[Place | None], list[tuple[Span, Place, bool]]]:
    """What `locate` gives, and the places of the report beside them: (span, place, whether inside a body's name).

    The other places are in text order, without demonyms, and overlap none of the mentions.
    """
    gazetteer = load()
    spots = _spots(doc, gazetteer)
    asked = [spotting.read(doc, span, label, gazetteer) for span, label in mentions]
    more = [s for s in _beside(spots, asked) if not s.demonym]
    found = _places(doc, spots, [*asked, *more], gazetteer)
    others = [(s.span, place, s.embedded) for s, place in zip(more, found[len(asked) :], strict=True) if place]
    return found[: len(asked)], others


def find(doc: Document, *, demonyms: bool = False, embedded: bool = False) -> list[tuple[Span, Place]]:
    """The place names in a report with the place each means, in text order; names that mean none known are left out.

    With `demonyms`, 'Syrian' counts as a mention of Syria; with `embedded`, the 'Ohio' of 'Ohio Department of Health'
    counts too.
    """
    gazetteer = load()
    spots = _spots(doc, gazetteer)
    found = _places(doc, spots, spots, gazetteer)
    return [
        (spot.span, place)
        for spot, place in zip(spots, found, strict=True)
        if place is not None and (demonyms or not spot.demonym) and (embedded or not spot.embedded)
    ]


def _spots(doc: Document, gazetteer: Gazetteer) -> list[spotting.Spot]:
    """The spots of a document; kept for the one that was asked about last."""
    global _last
    known, spots = _last
    if known() is not doc:
        spots = spotting.spot(doc, gazetteer)
        _last = ref(doc), spots
    return spots


def _nothing() -> Document | None:
    return None


_last: tuple[Callable[[], Document | None], list[spotting.Spot]] = (_nothing, [])


def _beside(spots: Sequence[spotting.Spot], asked: Sequence[spotting.Spot]) -> list[spotting.Spot]:
    """The spots that overlap none of the others."""
    taken = sorted(a.span for a in asked)
    reach = list(accumulate((t.end for t in taken), max, initial=-1))  # how far the first n reach
    return [s for s in spots if reach[bisect_left(taken, s.span.end, key=lambda t: t.start)] <= s.span.start]


def _places(
    doc: Document, spots: Sequence[spotting.Spot], asked: Sequence[spotting.Spot], gazetteer: Gazetteer
) -> list[Place | None]:
    together = [*asked, *_beside(spots, asked)]
    together_sorted = sorted(range(len(together)), key=lambda i: (together[i].span, i))
    settled = settle(doc.text, [together[i] for i in together_sorted], gazetteer, of_outlet(doc.outlet))
    by_index = dict(zip(together_sorted, settled, strict=True))
    return [_place(by_index[i], gazetteer) for i in range(len(asked))]


def _place(entry: Entry | None, gazetteer: Gazetteer) -> Place | None:
    if entry is None:
        return None
    division = gazetteer.division_of(entry)
    code = _CODES.get(entry.country or "", entry.country)
    held = code == "USA" and entry.country != "USA"
    return Place(
        entry.name,
        "country" if entry.kind == "country" and not held else "place",
        code,
        round(entry.latitude, 5),
        round(entry.longitude, 5),
        entry.geonames_id,
        division.name if division and entry.kind != "country" else None,
    )
