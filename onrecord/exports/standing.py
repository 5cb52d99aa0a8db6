"""What somebody was on the day of a deed: one who held office is GOV while it lasted and ELI after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from onrecord.query import Record
from onrecord.terms import Entry, leaders

_FIELDS = ("country", "sector", "role")
Standing = tuple[str | None, str | None, str | None]
"""Country, PLOVER sector, office."""


class Standings:
    """The standing of the record's entities on a day.

    `entities` has one row for each, with what most reports make of it. Of people whose terms of office the lexicon has,
    that of the day is taken; what a person set by a correction stays.
    """

    def __init__(self, record: Record) -> None:
        query = "SELECT row_id, field FROM effects WHERE table_name = 'entities' AND state = 'applied'"
        self.decided = {(row["row_id"], row["field"]) for row in record.sql(query).to_pylist()}

    def of(self, entity: Mapping[str, Any], on: date | None) -> Standing:
        """Of an entity, a row of the table, on that day; without a day, and of others, what the table says."""
        country, sector, role = (entity[name] for name in _FIELDS)
        known = _known().get(entity["entity_id"])
        if known is None or on is None:
            return country, sector, role
        then = known.standing(on)
        offices = {t.office for t in known.terms} | {f"former {t.office}" for t in known.terms}
        # What is none of the terms' is an office that the reports name and the lexicon lacks.
        own = then[1] in (None, "ELI") and sector not in (None, "ELI", *(t.sector for t in known.terms))
        dated = then[0], sector if own else then[1], then[2] if role is None or role in offices else role
        values = zip(_FIELDS, dated, strict=True)
        told, set_by = dict(values), {name for name in _FIELDS if (entity["entity_id"], name) in self.decided}
        return tuple(entity[name] if name in set_by else told[name] for name in _FIELDS)  # type: ignore[return-value]


@lru_cache(maxsize=1)
def _known() -> Mapping[str, Entry]:
    return {entry.entity_id: entry for entry, _ in leaders().values()}
