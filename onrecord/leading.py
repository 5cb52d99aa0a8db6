"""Which events a reader who has a minute should see first: one ranking for the brief and for the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

Event = TypeVar("Event")
UNTYPED = "OTHER"


class Standing(NamedTuple):
    """What the ranking looks at; dates as ISO days, `leads` the number of reports that begin with the event."""

    sentence: str
    event_type: str
    date_start: str | None
    date_end: str | None
    leads: int
    n_reports: int
    n_origins: int


def first(
    events: Iterable[Event], begins: str | None, standing: Callable[[Event], Standing], most: int = 3
) -> list[Event]:
    """At most `most` events: the news (what did not end before `begins`) before its background, what has a type before
    what has none, what most reports begin with first; no sentence twice.
    """
    out: dict[str, Event] = {}
    for event, of in sorted(((e, standing(e)) for e in events), key=lambda pair: _rank(pair[1], begins)):
        out.setdefault(of.sentence, event)
    return list(out.values())[:most]


def _rank(of: Standing, begins: str | None) -> tuple[bool, bool, int, int, int, str]:
    background = bool(begins and of.date_end and of.date_end < begins)
    return background, of.event_type == UNTYPED, -of.leads, -of.n_reports, -of.n_origins, of.date_start or "9"
