"""Who held which office when: people of the lexicon with their terms, and what they were on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from onrecord import lexicon
from onrecord.text import key, plain

_HEADS = frozenset(
    [
        "president",
        "prime minister",
        "chancellor",
        "premier",
        "king",
        "queen",
        "emir",
        "leader",
        "supreme leader",
        "pope",
    ]
)
_REMEMBERED = 5 * 365  # days for which a surname alone still means who held a lesser office


@dataclass(frozen=True, slots=True)
class Term:
    """One term of office; `end` None: still in office as far as the lexicon knows."""

    office: str
    country: str
    sector: str
    start: date
    end: date | None

    def holds(self, on: date) -> bool:
        """True when the term covers that day."""
        return self.start <= on and (self.end is None or on <= self.end)


@dataclass(frozen=True, slots=True)
class Entry:
    """One known actor. `key` identifies it in every report; people have `terms` and a gender."""

    key: str
    name: str
    kind: str
    country: str | None
    sector: str | None
    terms: tuple[Term, ...] = ()
    gender: str | None = None

    @property
    def entity_id(self) -> str:
        """The id that it has in `entities`."""
        return key(self.kind, self.key, prefix="e_")

    def term(self, on: date | None) -> Term | None:
        """The term of office on that day; without a day the last one."""
        if on is None:
            return self.terms[-1] if self.terms else None
        return next((t for t in self.terms if t.holds(on)), None)

    def known_on(self, on: date) -> bool:
        """True where a surname alone may mean this person on a day: in office, headed a country, or left of late."""
        return any(
            t.start <= on and (t.office in _HEADS or t.end is None or (on - t.end).days < _REMEMBERED)
            for t in self.terms
        )

    def standing(self, on: date | None) -> tuple[str | None, str | None, str | None]:
        """(country, sector, office) on that day, or now: in office, ELI after it, unknown before the first term."""
        if not self.terms:
            return self.country, self.sector, None
        if on is None:
            last = max(self.terms, key=lambda t: (t.end is None, t.end or t.start))
            if last.end is None:
                return last.country, last.sector, last.office
            return self._after(last)
        now = self.term(on)
        if now is not None:
            return now.country, now.sector, now.office
        past = [t for t in self.terms if t.end is not None and t.end < on]
        if not past:
            return self.country, None, None
        return self._after(max(past, key=lambda t: (t.end or t.start, t.start)))

    @staticmethod
    def _after(term: Term) -> tuple[str, str, str]:
        return term.country, "ELI" if term.sector in ("GOV", "LEG", "MIL") else term.sector, f"former {term.office}"


@lru_cache(maxsize=1)
def leaders() -> Mapping[str, tuple[Entry, tuple[str, ...]]]:
    """Everybody of leaders.tsv and leaders_before_2000.tsv by name, with the names that each goes by."""
    people: dict[str, list[dict[str, str]]] = {}
    for row in (*lexicon.rows("leaders_before_2000.tsv"), *lexicon.rows("leaders.tsv")):
        people.setdefault(row["name"], []).append(row)
    out: dict[str, tuple[Entry, tuple[str, ...]]] = {}
    for name, rows in people.items():
        terms = tuple(
            Term(
                r["office"],
                r["country"],
                r["sector"],
                _day(r["from"], last=False),
                _day(r["to"], last=True) if r["to"] else None,
            )
            for r in sorted(rows, key=lambda r: r["from"])
        )
        last = terms[-1]
        gender = rows[0]["gender"] or None
        entry = Entry(f"person:{plain(name)}", name, "person", last.country, last.sector, terms, gender)
        out[name] = entry, (name, *(a for r in rows for a in r["aliases"].split("|") if a))
    return out


def _day(written: str, *, last: bool) -> date:
    """The first or last day that a date means, which may be only a year or a month: '2004', '2004-07'."""
    if len(written) == 10:
        return date.fromisoformat(written)
    year, _, month = written.partition("-")
    if not last:
        return date(int(year), int(month or 1), 1)
    y, m = (int(year), int(month) + 1) if month and month != "12" else (int(year) + 1, 1)
    return date(y, m, 1) - timedelta(days=1)
