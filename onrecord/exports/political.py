"""Which events a data set of political events counts: PLOVER, ICEWS, GDELT, POLECAT and ACLED leave private life out.

Their coders know states and their organs, armed groups, parties, international bodies and organised movements as
actors; what neighbours, drivers, firms or interviewers do to each other is news, but no event of theirs (CAMEO codebook
1.1b3, chapter 3; PLOVER manual 2.0, 'Actors'). The record keeps it all; the exports that follow these data sets ask
here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

SECTORS = frozenset({"GOV", "MIL", "LEG", "JUD", "COP", "SPY", "REB", "UAF", "PRM", "PTY", "OPP", "PRE", "ELI"})
"""Sectors whose deeds are political by whose they are."""

INTERNATIONAL = frozenset({"IGO", "UNO", "EUR", "NAT", "NGO", "IMG", "ISM"})
"""Codes in place of a country of bodies whose deeds are political; multinational companies (MNC) are not among them."""

_TYPES = frozenset({"PROTEST", "MOBILIZE"})
_MODES = frozenset(
    {"aerial", "drone", "heavy-weapons", "suicide-attack", "crowd-control", "unconventional", "curfew", "martial-law"}
    | {"ceasefire", "disarm", "censor", "explosives", "abduct", "targeted"}
)
_CONTEXTS = frozenset(
    {"military", "intelligence", "executive", "legislative", "election", "political_institutions", "pro_democracy"}
    | {"pro_autocracy", "diplomatic", "territory", "peacekeeping", "terrorism", "cbrn", "repression", "human_rights"}
    | {"rights_freedoms"}
)


def actor(kind: str, country: str | None, sector: str | None) -> bool:
    """Whether somebody of this kind of entity, country code and PLOVER sector is a political actor."""
    return sector in SECTORS or kind == "country" or country in INTERNATIONAL


def event(
    event_type: str,
    mode: str | None,
    contexts: Collection[str],
    parties: Iterable[tuple[str, str | None, str | None]],
) -> bool:
    """Whether an event is political: by a party (kind, country, sector), by its kind of deed, or by its contexts."""
    if event_type in _TYPES or mode in _MODES or not _CONTEXTS.isdisjoint(contexts):
        return True
    return any(actor(*party) for party in parties)
