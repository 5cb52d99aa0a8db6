"""PLOVER records as JSON lines, one event each (Open Event Data Alliance, manual 2.0), every party in a list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from onrecord import __version__
from onrecord.exports.codes import QUADS
from onrecord.exports.facts import Fact, Party, facts
from onrecord.query import Record


def write(record: Record, folder: Path, *, plain: bool = False) -> list[Path]:
    """`plover.jsonl`: an event a line, with every actor and recipient; `plain` leaves out the key `independence`."""
    path = folder / "plover.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for fact in facts(record, scored=True):
            out.write(json.dumps(_object(fact, plain), ensure_ascii=False) + "\n")
    return [path]


def _object(fact: Fact, plain: bool) -> dict[str, Any]:
    event, mention, report = fact.event, fact.mention, fact.report
    published, days = report["published_at"], fact.days
    out: dict[str, Any] = {
        "id": event["event_id"],
        "date": days.start,
        "date_end": days.end,
        "date_basis": days.basis,
        "event_type": event["event_type"],
        "event_mode": event["mode"],
        "event_context": mention["contexts"] or [],
        "quad_code": QUADS.get(mention["quad"]),
        "intensity": mention["intensity"],
        "cameo": mention["cameo"],
        "modality": event["modality"],
        "actor": [_party(p) for p in fact.actors],
        "recipient": [_party(p) for p in fact.recipients],
        "location": {
            "name": event["place"],
            "country": event["country"],
            "latitude": event["latitude"],
            "longitude": event["longitude"],
            "geonames_id": fact.place.geonames_id if fact.place else None,
        }
        if event["place"]
        else None,
        "killed": fact.killed,
        "text": event["summary"],
        "source": {
            "report_id": report["report_id"],
            "uri": report["uri"],
            "publisher": report["outlet"],
            "published": published.isoformat() if published else None,
            "char_start": mention["char_start"],
            "char_end": mention["char_end"],
        },
        "coder": f"onrecord {__version__}",
    }
    if not plain:
        out["independence"] = {
            "reports": event["n_reports"],
            "origins": event["n_origins"],
            "low": event["n_origins_low"],
            "high": event["n_origins_high"],
            "reason": event["origins_reason"],
            "of": [{"kind": o["kind"], "label": o["label"], "reports": o["report_ids"]} for o in fact.origins],
        }
    return out


def _party(party: Party) -> dict[str, Any]:
    return {
        "id": party.entity_id,
        "name": party.name,
        "text": party.raw,
        "country": party.country,
        "sector": party.sector,
        "title": party.role,
    }
