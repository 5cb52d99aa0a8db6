"""GDELT 2.0's event table (61 columns) and mentions table (16), tab-separated and without a header, as they come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from onrecord.exports.codes import cameo_sector, fips
from onrecord.exports.facts import Fact, Mention, Party, facts
from onrecord.exports.sheets import independence, tabs
from onrecord.query import Record

_ACTOR = (
    "Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code", "Religion2Code", "Type1Code",
    "Type2Code", "Type3Code",
)  # fmt: skip
_GEO = ("Type", "FullName", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID")
EVENTS = (
    "GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate",
    *(f"Actor1{c}" for c in _ACTOR), *(f"Actor2{c}" for c in _ACTOR),
    "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale", "NumMentions",
    "NumSources", "NumArticles", "AvgTone",
    *(f"Actor1Geo_{c}" for c in _GEO), *(f"Actor2Geo_{c}" for c in _GEO), *(f"ActionGeo_{c}" for c in _GEO),
    "DATEADDED", "SOURCEURL",
)  # fmt: skip
MENTIONS = (
    "GLOBALEVENTID", "EventTimeDate", "MentionTimeDate", "MentionType", "MentionSourceName", "MentionIdentifier",
    "SentenceID", "Actor1CharOffset", "Actor2CharOffset", "ActionCharOffset", "InRawText", "Confidence",
    "MentionDocLen", "MentionDocTone", "MentionDocTranslationInfo", "Extras",
)  # fmt: skip
EXTRA = (
    "NumReports", "NumOrigins", "NumOriginsLow", "NumOriginsHigh", "OriginKinds", "OriginsReason", "DateBasis",
    "OnrecordEventID",
)  # fmt: skip
_INTERNATIONAL = frozenset({"EUR", "IGO", "IMG", "ISM", "MNC", "NAT", "NGO", "UNO"})


def number(event_id: str) -> int:
    """An event's id as GDELT's integer: its first 60 bits, so that it fits a signed 64-bit column."""
    return int(event_id.partition("_")[2][:15], 16)


def write(record: Record, folder: Path, *, plain: bool = False) -> list[Path]:
    """`gdelt.export.CSV` and `gdelt.mentions.CSV`; unless `plain`, the event rows go on with the columns of `EXTRA`."""
    events, mentions = folder / "gdelt.export.CSV", folder / "gdelt.mentions.CSV"
    tabs(events, None, (_event(f, plain) for f in facts(record, scored=True)))
    tabs(mentions, None, _mentions(record))
    return [events, mentions]


def _event(fact: Fact, plain: bool) -> list[Any]:
    event, mention = fact.event, fact.mention
    code = mention["cameo"] or ""
    told = fact.days.start
    day = date.fromisoformat(told) if told else None
    reports = {m.report["report_id"]: m.report for m in fact.mentions}
    first = min((r["published_at"] for r in reports.values() if r["published_at"]), default=None)
    row = [
        number(event["event_id"]),
        day.strftime("%Y%m%d") if day else None,
        day.strftime("%Y%m") if day else None,
        day.year if day else None,
        round(day.year + (day.timetuple().tm_yday - 1) / 365, 4) if day else None,
        *(c for party in fact.parties for c in _actor(party)),
        int(any(m.sentence <= 2 for m in fact.mentions)),
        code or None,
        code[:3] or None,
        code[:2] or None,
        mention["quad"],
        mention["intensity"],
        len(fact.mentions),
        len({r["outlet"] or r["uri"] for r in reports.values()}),
        len(reports),
        None,
        *[None] * 16,
        *_geo(fact),
        _stamp(first),
        fact.report["uri"],
    ]
    return row if plain else row + independence(fact)


def _actor(party: Party | None) -> list[Any]:
    if party is None:
        return [None] * 10
    kind = cameo_sector(party.sector)
    group = party.country if party.country in _INTERNATIONAL else None
    country = None if group else party.country
    return [
        "".join(c for c in (party.country, kind) if c) or None,
        party.name.upper(),
        country,
        group,
        None,
        None,
        None,
        kind,
        None,
        None,
    ]


def _geo(fact: Fact) -> list[Any]:
    event, place = fact.event, fact.place
    if place is None:
        return [0, *[None] * 7]
    # 1: a country; 4: a city of the world; 5: a division of a country, the kind for places known by name alone.
    kind = 1 if place.kind == "country" else 4 if place.geonames_id else 5
    code = fips(event["country"])
    return [kind, place.name, code, None, None, event["latitude"], event["longitude"], place.geonames_id or code]


def _mentions(record: Record) -> Iterator[list[Any]]:
    for fact in facts(record, scored=True):
        for mention in fact.mentions:
            yield _mention(fact, mention)


def _mention(fact: Fact, mention: Mention) -> list[Any]:
    report = mention.report
    day = fact.days.start
    return [
        number(fact.event["event_id"]),
        day.replace("-", "") + "000000" if day else None,
        _stamp(report["published_at"]),
        1 if "://" in report["uri"] else 2,
        report["outlet"],
        report["uri"],
        mention.sentence,
        -1 if mention.actor_start is None else mention.actor_start,
        -1 if mention.recipient_start is None else mention.recipient_start,
        mention.anchor,
        1,
        None if mention.confidence is None else round(mention.confidence * 100),
        report["length"],
        None,
        None,
        None,
    ]


def _stamp(moment: datetime | None) -> str | None:
    return moment.strftime("%Y%m%d%H%M%S") if moment else None
