"""Actor phrases to PLOVER country and sector, against the expected codes of the NGEC resolver's own tests."""

from __future__ import annotations

import calendar
from datetime import date
from pathlib import Path
from typing import Any

from bench import harness
from bench.harness import Figure
from onrecord.stages.resolve import actor

FIGURES = [
    Figure("actors.ngec.country", "actor phrase to country, share right", blind="written after one coder's behaviour"),
    Figure("actors.ngec.sector", "actor phrase to first sector code, share right"),
    Figure("actors.ngec.both", "country and sector both right"),
]
_MONTHS = tuple(calendar.month_name[m].lower() for m in range(1, 13))


def run(data: Path, limit: int | None) -> dict[str, float]:
    """Ours; the peer, countrynames, gives a country only."""
    rows = [r for r in harness.items(data, "event_coding/ngec_actor_codes", limit=limit) if not r["upstream_flag"]]
    tally = {"country": harness.Counts(), "sector": harness.Counts(), "both": harness.Counts()}
    peer = harness.Counts()
    for row in rows:
        expected = row["expected"]
        country, sector = actor(row["actor"], context=row["context"], on=_day(row["as_of_date"]))
        right: dict[str, bool] = {}
        if expected.get("country") is not None:
            right["country"] = _in(country, expected["country"])
            peer.add(_in(_peer(row["actor"]), expected["country"]), 1, 1)
        if expected.get("code_1") is not None:
            right["sector"] = _in(sector, expected["code_1"])
        right["both"] = all(right.values())
        for name, hit in right.items():
            tally[name].add(hit, 1, 1)
    out = {f"actors.ngec.{name}": counts.recall for name, counts in tally.items()}
    out["peer.actors.ngec.country"] = peer.recall
    return out


def _in(value: str | None, accepted: list[str]) -> bool:
    value = value or ""
    same = {"HLH": "MED", "XKX": "KOS"}
    return value in accepted or same.get(value, value) in {same.get(a, a) for a in accepted}


def _day(value: Any) -> date | None:
    if not value:
        return None
    parts = str(value).lower().split()
    if len(parts) == 3 and parts[1] in _MONTHS:
        return date(int(parts[2]), _MONTHS.index(parts[1]) + 1, int(parts[0]))
    return date.fromisoformat(str(value))


def _peer(phrase: str) -> str | None:
    import countrynames

    code = countrynames.to_code_3(phrase, fuzzy=False)
    return str(code) if code else None
