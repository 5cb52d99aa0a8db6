"""Events as a GeoJSON FeatureCollection (RFC 7946): a point where the reports give a place, no geometry where not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from onrecord.exports.facts import Fact, facts
from onrecord.query import Record


def write(record: Record, folder: Path, *, plain: bool = False) -> list[Path]:
    """`events.geojson`; `plain` leaves out the numbers of reports and origins."""
    path = folder / "events.geojson"
    with path.open("w", encoding="utf-8") as out:
        out.write('{"type": "FeatureCollection", "features": [')
        for n, fact in enumerate(facts(record)):
            out.write(("\n" if n == 0 else ",\n") + json.dumps(_feature(fact, plain), ensure_ascii=False))
        out.write("\n]}\n")
    return [path]


def _feature(fact: Fact, plain: bool) -> dict[str, Any]:
    event = fact.event
    known = event["longitude"] is not None and event["latitude"] is not None
    properties = {
        "event_type": event["event_type"],
        "mode": event["mode"],
        "modality": event["modality"],
        "date_start": event["date_start"],
        "date_end": event["date_end"],
        "place": event["place"],
        "place_kind": fact.place.kind if fact.place else None,
        "country": event["country"],
        "actors": [p.name for p in fact.actors],
        "recipients": [p.name for p in fact.recipients],
        "killed": fact.killed,
        "summary": event["summary"],
        "story": event["story_id"],
    }
    if not plain:
        properties |= {k: event[k] for k in ("n_reports", "n_origins", "n_origins_low", "n_origins_high")}
        properties["origins_reason"] = event["origins_reason"]
    return {
        "type": "Feature",
        "id": event["event_id"],
        "geometry": {"type": "Point", "coordinates": [event["longitude"], event["latitude"]]} if known else None,
        "properties": properties,
    }
