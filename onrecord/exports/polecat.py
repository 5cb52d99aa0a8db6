"""POLECAT's columns (Halterman and others 2023; 40 of them, tab-separated), one row an event."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from onrecord import __version__
from onrecord.exports.codes import QUADS, cow
from onrecord.exports.facts import Fact, Party, facts
from onrecord.exports.sheets import INDEPENDENCE, independence, tabs
from onrecord.query import Record

COLUMNS = (
    "Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Quad Code", "Contexts",
    "Actor Name", "Actor Country", "Actor COW", "Primary Actor Sector", "Actor Sectors", "Actor Title",
    "Actor Name Raw", "Wikipedia Actor ID",
    "Recipient Name", "Recipient Country", "Recipient COW", "Primary Recipient Sector", "Recipient Sectors",
    "Recipient Title", "Recipient Name Raw", "Wikipedia Recipient ID",
    "Placename", "City", "District", "Province", "Country", "Latitude", "Longitude", "GeoNames ID", "Raw Placename",
    "Feature Type", "Source", "Publication Date", "Story People", "Story Organizations", "Story Locations",
    "Language", "Version",
)  # fmt: skip


def write(record: Record, folder: Path, *, plain: bool = False) -> list[Path]:
    """`polecat.tsv`: an event a row, its first actor and recipient in their columns.

    With `plain`, the 40 columns alone; else all parties follow, then the columns of `sheets.INDEPENDENCE`.
    """
    path = folder / "polecat.tsv"
    extra = () if plain else ("All Actors", "All Recipients", *INDEPENDENCE)
    tabs(path, (*COLUMNS, *extra), _rows(record, plain))
    return [path]


def _rows(record: Record, plain: bool) -> Iterator[list[Any]]:
    for fact in facts(record, scored=True):
        row = _row(fact)
        if not plain:
            row += [";".join(p.name for p in fact.actors), ";".join(p.name for p in fact.recipients)]
            row += independence(fact)
        yield row


def _row(fact: Fact) -> list[Any]:
    event, mention, report, place = fact.event, fact.mention, fact.report, fact.place
    actor, recipient = fact.parties
    return [
        event["event_id"],
        fact.days.start,
        event["event_type"],
        event["mode"],
        mention["intensity"],
        QUADS.get(mention["quad"]),
        ";".join(mention["contexts"] or []),
        *_party(actor),
        *_party(recipient),
        place.name if place else None,
        place.name if place and place.kind == "place" and place.geonames_id else None,
        None,
        None,
        event["country"],
        event["latitude"],
        event["longitude"],
        place.geonames_id if place else None,
        place.raw if place else None,
        _feature(fact),
        report["outlet"],
        report["published_day"],
        ";".join(fact.people),
        ";".join(fact.organisations),
        ";".join(fact.locations),
        report["language"],
        f"onrecord {__version__}",
    ]


def _party(party: Party | None) -> list[Any]:
    if party is None:
        return [None] * 8
    return [
        party.name,
        party.country,
        cow(party.country),
        party.sector,
        party.sector,
        party.role,
        party.raw,
        None,
    ]


def _feature(fact: Fact) -> str | None:
    # GeoNames feature classes: PCLI an independent political entity, PPL a populated place.
    if fact.place is None:
        return None
    if fact.place.kind == "country":
        return "PCLI"
    return "PPL" if fact.place.geonames_id else None
