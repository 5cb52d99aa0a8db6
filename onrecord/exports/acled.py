"""A CSV in the columns of ACLED's export files, of the events that ACLED would record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from onrecord import lexicon
from onrecord.exports.codes import country_name, numeric
from onrecord.exports.facts import Days, Fact, Party, facts
from onrecord.exports.sheets import INDEPENDENCE, commas, independence
from onrecord.query import Record

COLUMNS = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type",
    "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction", "civilian_targeting",
    "iso", "region", "country", "admin1", "admin2", "admin3", "location", "latitude", "longitude", "geo_precision",
    "source", "source_scale", "notes", "fatalities", "tags", "timestamp",
)  # fmt: skip
_STATE = {"GOV", "MIL", "COP", "SPY", "JUD", "LEG"}
_INTER = {
    **dict.fromkeys(_STATE, "State forces"),
    **dict.fromkeys(("REB", "IMG", "UAF"), "Rebel group"),
    "PRM": "Political militia",
    "CVL": "Civilians",
    "REF": "Civilians",
    "JRN": "Civilians",
}
_WEEK = 7


def write(record: Record, folder: Path, *, plain: bool = False) -> list[Path]:
    """`acled.csv`: an event a row; fatalities are the toll with most origins behind it, empty where none is told."""
    path = folder / "acled.csv"
    commas(path, COLUMNS if plain else (*COLUMNS, *INDEPENDENCE), _rows(record, plain))
    return [path]


@cache
def _kinds() -> dict[tuple[str, str], tuple[str, str, str]]:
    return {(r["type"], r["mode"]): (r["disorder"], r["event"], r["sub_event"]) for r in lexicon.rows("acled.tsv")}


def _kind(fact: Fact) -> tuple[str, str, str] | None:
    event = fact.event
    if event["modality"] not in ("actual", "ongoing", None):
        return None
    kinds = _kinds()
    found = kinds.get((event["event_type"], event["mode"] or "")) or kinds.get((event["event_type"], ""))
    if found and event["event_type"] == "ASSAULT" and found[1] == "Violence against civilians":
        first, second = fact.parties
        armed = {p.sector in _INTER and _INTER[p.sector] != "Civilians" for p in (first, second) if p and p.sector}
        if first and second and armed == {True}:
            return "Political violence", "Battles", "Armed clash"
    return found


def _rows(record: Record, plain: bool) -> Iterator[list[Any]]:
    for fact in facts(record, scored=True):
        kind = _kind(fact)
        if kind:
            row = _row(fact, kind)
            yield row if plain else row + independence(fact)


def _row(fact: Fact, kind: tuple[str, str, str]) -> list[Any]:
    event = fact.event
    days = fact.days
    first, second = fact.parties
    inter1, inter2 = _inter(first), _inter(second)
    reports = {m.report["report_id"]: m.report for m in fact.mentions}
    stamps = [r["published_at"] for r in reports.values() if r["published_at"]]
    return [
        event["event_id"],
        days.start,
        days.start[:4] if days.start else None,
        _precision(days),
        *kind,
        first.name if first else None,
        "; ".join(p.name for p in fact.actors[1:]),
        inter1,
        second.name if second else None,
        "; ".join(p.name for p in fact.recipients[1:]),
        inter2,
        "-".join(i for i in (inter1, inter2) if i),
        "Civilian targeting" if inter2 == "Civilians" and kind[0] == "Political violence" else None,
        numeric(event["country"]),
        None,
        country_name(event["country"]),
        None,
        None,
        None,
        event["place"],
        event["latitude"],
        event["longitude"],
        _spot(fact),
        "; ".join(sorted({r["outlet"] or r["uri"] for r in reports.values()})),
        None,
        event["summary"],
        fact.killed,
        None,
        int(max(stamps).timestamp()) if stamps else None,
    ]


def _inter(party: Party | None) -> str | None:
    return _INTER.get(party.sector or "") if party else None


def _precision(days: Days) -> int | None:
    """1 a day, 2 about a week, 3 a month or longer, as ACLED counts; None without a date.

    A day of publication says about when, so it counts as 2.
    """
    if not days.start or not days.end:
        return None
    length = (date.fromisoformat(days.end) - date.fromisoformat(days.start)).days
    return 1 if length < 1 and days.basis == "stated" else 2 if length < _WEEK else 3


def _spot(fact: Fact) -> int | None:
    """1 the town itself, 2 near or part of a region, 3 the country or province alone."""
    if fact.place is None:
        return None
    return 1 if fact.place.kind == "place" and fact.place.geonames_id else 3
