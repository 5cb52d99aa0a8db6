"""The columns of the ICEWS coded event data (Boschee and others 2015; 20 of them, tab-separated), one row an event."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from onrecord.exports.codes import CAMEO_ROOTS, SECTORS, country_name
from onrecord.exports.facts import Fact, Party, facts
from onrecord.exports.gdelt import number
from onrecord.exports.sheets import INDEPENDENCE, independence, tabs
from onrecord.query import Record

COLUMNS = (
    "Event ID", "Event Date", "Source Name", "Source Sectors", "Source Country", "Event Text", "CAMEO Code",
    "Intensity", "Target Name", "Target Sectors", "Target Country", "Story ID", "Sentence Number", "Publisher",
    "City", "District", "Province", "Country", "Latitude", "Longitude",
)  # fmt: skip


def write(record: Record, folder: Path, *, plain: bool = False) -> list[Path]:
    """`icews.tab`: an event a row; with `plain`, without the columns of `sheets.INDEPENDENCE` at the end."""
    path = folder / "icews.tab"
    tabs(path, COLUMNS if plain else (*COLUMNS, *INDEPENDENCE), _rows(record, plain))
    return [path]


def _rows(record: Record, plain: bool) -> Iterator[list[Any]]:
    for fact in facts(record, scored=True):
        row = _row(fact)
        yield row if plain else row + independence(fact)


def _row(fact: Fact) -> list[Any]:
    event, mention, place = fact.event, fact.mention, fact.place
    source, target = fact.parties
    code = mention["cameo"] or ""
    best = next(m for m in fact.mentions if m.mention_id == mention["mention_id"])
    return [
        number(event["event_id"]),
        fact.days.start,
        *_party(source),
        CAMEO_ROOTS.get(code[:2]),
        code or None,
        mention["intensity"],
        *_party(target),
        event["story_id"],
        best.sentence,
        fact.report["outlet"],
        place.name if place and place.kind == "place" and place.geonames_id else None,
        None,
        None,
        country_name(event["country"]),
        event["latitude"],
        event["longitude"],
    ]


def _party(party: Party | None) -> list[Any]:
    if party is None:
        return [None] * 3
    return [party.name, SECTORS.get(party.sector or "", party.sector), country_name(party.country) or party.country]
