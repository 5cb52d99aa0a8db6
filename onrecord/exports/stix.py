"""Stories as STIX 2.1 reports (OASIS, 2021), with their actors as identities and their places as locations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from onrecord import __version__
from onrecord.exports.codes import iso2
from onrecord.exports.facts import Fact, Party, facts
from onrecord.query import Record

_SPACE = UUID("6a0f0c5e-2b1d-5f5c-9b6a-0e4c9d1a7f21")  # names of this project's own identifiers (RFC 4122, version 5)
_CLASSES = {"person": "individual", "organisation": "organization", "group": "group", "country": "organization"}


def write(record: Record, folder: Path, *, plain: bool = False) -> list[Path]:
    """`stix.json`: a bundle; a story is a `report`, an event a `note` in it, which says on how many origins it rests.

    Identifiers are derived from the record's own, so that a later export updates rather than doubles. `created` and
    `modified` are the publication dates of the story's reports; where none is known, when the record was written.
    """
    path = folder / "stix.json"
    bundle = {
        "type": "bundle",
        "id": f"bundle--{uuid5(_SPACE, 'bundle ' + str(sorted(_story_ids(record))))}",
        "objects": list(_objects(record, plain)),
    }
    path.write_text(json.dumps(bundle, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [path]


def _story_ids(record: Record) -> list[str]:
    return [r["story_id"] for r in record.sql("SELECT story_id FROM stories ORDER BY 1").to_pylist()]


def _objects(record: Record, plain: bool) -> Iterator[dict[str, Any]]:
    written = datetime.fromtimestamp(record.path.stat().st_mtime, UTC)
    by_story: dict[str, list[Fact]] = {}
    for fact in facts(record):
        by_story.setdefault(fact.event["story_id"], []).append(fact)
    maker = _object("identity", "onrecord", written, written, name=f"onrecord {__version__}", identity_class="system")
    yield maker
    seen: set[str] = set()
    stories = record.sql(
        "SELECT s.*, min(r.published_at) AS first, max(r.published_at) AS last, "
        "list({'uri': r.uri, 'outlet': r.outlet} ORDER BY r.published_at NULLS LAST, r.report_id) AS sources "
        "FROM stories s JOIN story_reports USING (story_id) JOIN reports r USING (report_id) GROUP BY ALL ORDER BY 1"
    ).to_pylist()
    for story in stories:
        created, modified = story["first"] or written, story["last"] or written
        refs = []
        for fact in by_story.get(story["story_id"], []):
            mine = []
            for party in (*fact.actors, *fact.recipients):
                mine.append(_identity(party, written))
            place = _location(fact, written)
            if place:
                mine.append(place)
            for one in mine:
                if one["id"] not in seen:
                    seen.add(one["id"])
                    yield one
            note = _note(fact, created, modified, [o["id"] for o in mine], maker["id"], plain)
            yield note
            refs += [o["id"] for o in mine] + [note["id"]]
        if not refs:
            continue
        description = None if plain else f"{story['n_reports']} reports, {story['n_origins']} independent origins."
        yield _object(
            "report",
            story["story_id"],
            created,
            modified,
            name=story["title"] or "Untitled story",
            description=description,
            published=_stamp(created),
            report_types=["observed-data"],
            created_by_ref=maker["id"],
            object_refs=list(dict.fromkeys(refs)),
            external_references=[_reference(s) for s in story["sources"]],
        )


def _identity(party: Party, when: datetime) -> dict[str, Any]:
    kind = _CLASSES.get(party.kind, "unknown")
    return _object(
        "identity", party.entity_id, when, when, name=party.name, identity_class=kind, description=party.role
    )


def _location(fact: Fact, when: datetime) -> dict[str, Any] | None:
    event = fact.event
    country = iso2(event["country"])
    known = event["latitude"] is not None and event["longitude"] is not None
    if not event["place"] or not (known or country):
        return None
    return _object(
        "location",
        f"{event['place']} {event['country']}",
        when,
        when,
        name=event["place"],
        country=country,
        latitude=event["latitude"] if known else None,
        longitude=event["longitude"] if known else None,
    )


def _note(
    fact: Fact, created: datetime, modified: datetime, refs: list[str], maker: str, plain: bool
) -> dict[str, Any]:
    event = fact.event
    parts = [event["event_type"], event["mode"], event["date_start"], event["place"]]
    content = f"{event['summary'] or event['event_type']}\n[{', '.join(p for p in parts if p)}]"
    if not plain:
        content += f"\n{event['origins_reason']}"
    return _object(
        "note",
        event["event_id"],
        created,
        modified,
        content=content,
        abstract=f"{event['event_type']}: {', '.join(p.name for p in fact.actors) or 'unnamed'}",
        object_refs=refs or [maker],
        created_by_ref=maker,
        confidence=None if event["confidence"] is None else round(event["confidence"] * 100),
        external_references=[_reference({"uri": fact.report["uri"], "outlet": fact.report["outlet"]})],
    )


def _reference(source: dict[str, Any]) -> dict[str, Any]:
    out = {"source_name": source["outlet"] or "report"}
    if "://" in source["uri"]:
        return out | {"url": source["uri"]}
    return out | {"external_id": source["uri"]}


def _object(kind: str, ident: str, created: datetime, modified: datetime, **facts_: Any) -> dict[str, Any]:
    out = {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{uuid5(_SPACE, f'{kind} {ident}')}",
        "created": _stamp(created),
        "modified": _stamp(max(created, modified)),
    }
    return out | {k: v for k, v in facts_.items() if v is not None}


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
