"""The actor lexicon: countries, organisations, armed groups, people in office; one automaton finds their names.

Files: countries.tsv, organisations.tsv, armed_groups.tsv, peoples.tsv, leaders.tsv, leaders_before_2000.tsv, roles.tsv,
titles.tsv, given_names.tsv and epithets.tsv of `onrecord/lexicon`; each says in its head what its columns mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind
from rapidfuzz.distance import OSA

from onrecord import lexicon as data
from onrecord.terms import Entry, leaders
from onrecord.text import fold, plain

INTERNATIONAL = frozenset({"IGO", "UNO", "EUR", "NAT", "NGO", "IMG", "MNC", "ISM"})


@lru_cache(maxsize=64)
def words(section: str, name: str) -> frozenset[str]:
    """A word list of resolve.toml; entries stand apart with blanks, or with | where one has a blank in it."""
    text = str(data.toml("resolve.toml")[section][name])
    return frozenset(" ".join(w.split()) for w in text.split("|")) if "|" in text else frozenset(text.split())


PARTICLES = words("names", "particles")
_COMMON_SURNAMES = words("names", "common_surnames")


@dataclass(frozen=True, slots=True)
class Role:
    """An office, occupation or kind of body: `kind` is person or organisation."""

    term: str
    kind: str
    sector: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A lexicon name found in a text. `form`: name, adjective, people, seat or shared (a name of several bodies)."""

    start: int
    end: int
    form: str
    entry: Entry


@dataclass
class Lexicon:
    """All actor files, loaded; `extra` are organisation files of the user's own (name, aliases, country, sector)."""

    extra: tuple[Path, ...] = ()
    countries: dict[str, Entry] = field(default_factory=dict)
    leaders: dict[str, Entry] = field(default_factory=dict)
    surnames: dict[str, list[Entry]] = field(default_factory=dict)
    held_by: dict[str, str] = field(default_factory=dict)  # a dependency's code to that of the state that holds it
    _adjectives: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _forms: dict[str, list[tuple[str, str, Entry]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        own: dict[str, Entry] = {}
        for source in self.extra:
            for row in data.rows(source):
                self._organisation(row, own)
        for row in data.rows("countries.tsv"):
            self._country(row)
        for name in ("organisations.tsv", "armed_groups.tsv"):
            for row in data.rows(name):
                self._organisation(row, dict(own))
        for row in data.rows("peoples.tsv"):
            entry = Entry(f"people:{plain(row['name'])}", row["name"], "group", row["country"], None)
            for alias in (row["name"], *_split(row["aliases"])):
                self._add(alias, "adjective", entry)
        self._leaders()

    def _country(self, row: dict[str, str]) -> None:
        code = row["code"]
        holder = row["held_by"]
        kind = "organisation" if code in INTERNATIONAL else "place" if holder else "country"
        entry = Entry(f"country:{code}", row["name"], kind, holder or code, None if holder else "GOV")
        if holder:
            self.held_by[code] = holder
        self.countries[code] = entry
        for name in (row["name"], *_split(row["aliases"])):
            self._add(name, "name", entry)
        self._adjectives[code] = tuple(_split(row["adjectives"]))
        for name in _split(row["adjectives"]):
            self._add(name, "adjective", entry)
        for name in _split(row["people"]):
            self._add(name, "people", entry)
        for name in _split(row["seats"]):
            self._add(name, "seat", entry)

    def _organisation(self, row: dict[str, str], known: dict[str, Entry]) -> None:
        """Add a row; a body that is `known` already keeps what was said of it first and gains the row's names."""
        name = row["name"].rstrip("?")
        key = f"organisation:{plain(name)}"
        entry = known.setdefault(key, Entry(key, name, "organisation", row["country"] or None, row["sector"] or None))
        for alias in (row["name"], *_split(row["aliases"])):
            self._add(alias.rstrip("?"), "shared" if alias.endswith("?") else "name", entry)

    def _leaders(self) -> None:
        for name, (entry, aliases) in leaders().items():
            self.leaders[name] = entry
            for alias in aliases:
                self._add(alias, "name", entry)
            for part in {plain(w) for w in (surname(name.split()), _east_asian(name)) if w}:
                self.surnames.setdefault(part, []).append(entry)
                bare = part.removeprefix("al-")
                if bare != part:
                    self.surnames.setdefault(bare, []).append(entry)

    def _add(self, surface: str, form: str, entry: Entry) -> None:
        for written in {surface, _bare(surface)}:
            forms = self._forms.setdefault(_key(written), [])
            cased = written[:1].isupper()  # 'al-Shabab' stands beside 'Al-Shabab'
            if all(e is not entry or f != form or s[:1].isupper() != cased for f, s, e in forms):
                forms.append((form, surface, entry))

    @cached_property
    def _patterns(self) -> list[str]:
        return sorted(self._forms)

    @cached_property
    def _automaton(self) -> AhoCorasick:
        return AhoCorasick(self._patterns, matchkind=MatchKind.Standard)

    def hits(self, text: str) -> Iterator[Hit]:
        """Names of known actors in a text, in order, not overlapping; case counts, quotation marks do not."""
        folded = fold(text)
        found = [
            (start, -end, pattern)
            for pattern, start, end in self._automaton.find_matches_as_indexes(_low(folded), overlapping=True)
            if not (start and _inner(folded[start - 1]) and folded[start].isalnum())
            and not (end < len(folded) and _inner(folded[end]) and folded[end - 1].isalnum())
        ]
        found.sort()
        done = 0
        for start, negative_end, pattern in found:
            if start < done:
                continue
            written = folded[start:-negative_end]
            for form, surface, entry in self._forms[self._patterns[pattern]]:
                if _same_case(surface, written):
                    yield Hit(start, -negative_end, form, entry)
                    done = -negative_end
                    break

    def lookup(self, name: str) -> tuple[str, Entry] | None:
        """(form, entry) of a whole name, whatever its case, or None."""
        forms = self._forms.get(_key(name.strip()))
        if not forms:
            return None
        form, _, entry = forms[0]
        return form, entry

    def in_office(self, country: str, on: date) -> list[tuple[Entry, str]]:
        """(person, office) of a country's people in office on a day, as far as the lexicon knows, in its order."""
        return [
            (e, t.office)
            for e in self._by_country.get(country, ())
            for t in e.terms
            if t.country == country and t.holds(on)
        ]

    def offices(self, country: str) -> frozenset[str]:
        """The offices that a country's people in the lexicon hold or have held."""
        return frozenset(t.office for e in self._by_country.get(country, ()) for t in e.terms if t.country == country)

    @cached_property
    def _by_country(self) -> dict[str, list[Entry]]:
        out: dict[str, list[Entry]] = {}
        for entry in self.leaders.values():
            for code in sorted({t.country for t in entry.terms}):
                out.setdefault(code, []).append(entry)
        return out

    def adjective(self, word: str) -> bool:
        """True when the word is a country's adjective or its people, such as 'Russian' or 'Danes'."""
        return any(form in ("adjective", "people") for form, _, _ in self._forms.get(_key(word), ()))

    def is_name(self, word: str) -> bool:
        """True when the word names a country or body itself, as 'US' does beside being an adjective."""
        return any(form in ("name", "shared") for form, _, _ in self._forms.get(_key(word), ()))

    def adjectives_of(self, code: str) -> tuple[str, ...]:
        """A country's adjectives, the usual one first."""
        return self._adjectives.get(code, ())

    def by_surname(self, name: str, on: date | None, office: str | None = None) -> Entry | None:
        """The one leader of that surname: by office when one is named, else in office on the day, else a rare name.

        Without a day, where all who may be meant are of one country, somebody of that name and country.
        """
        found = self.surnames.get(plain(name), [])
        if office:
            word = office.split()[-1]
            held = [e for e in found if any(word in t.office.split() and (on is None or t.holds(on)) for t in e.terms)]
            return held[0] if len(held) == 1 else None if on else _one_of(name, held)
        if plain(name) in _COMMON_SURNAMES:
            return None
        if on is not None and len(found) > 1:
            found = [e for e in found if e.term(on)]
        if on is not None and len(found) == 1 and not found[0].known_on(on):
            return None
        return found[0] if len(found) == 1 else None if on else _one_of(name, found)

    def misspelt_surname(self, name: str, on: date | None, office: str) -> Entry | None:
        """The one leader who holds that office and whose surname is one slip away, for a surname of six letters."""
        wrong = plain(name)
        if len(wrong) < 6 or wrong in self.surnames:
            return None
        near = [known for known in self.surnames if one_slip(known, wrong)]
        found = {e.key: e for known in near if (e := self.by_surname(known, on, office)) is not None}
        return next(iter(found.values())) if len(found) == 1 else None

    @cached_property
    def roles(self) -> dict[str, list[tuple[tuple[str, ...], Role]]]:
        """First word to the role terms that begin with it, longest first."""
        out: dict[str, list[tuple[tuple[str, ...], Role]]] = {}
        for row in data.rows("roles.tsv"):
            words = tuple(row["term"].replace("'s", " 's").split())
            out.setdefault(words[0], []).append((words, Role(row["term"], row["kind"], row["sector"])))
        for terms in out.values():
            terms.sort(key=lambda t: (-len(t[0]), t[0]))
        return out

    @cached_property
    def titles(self) -> dict[str, str]:
        """Title in lower case to the gender that it tells ('' for none)."""
        return {row["title"].lower(): row["gender"] for row in data.rows("titles.tsv")}

    @cached_property
    def genders(self) -> dict[str, str]:
        """Given name in plain form to m or f."""
        return {plain(row["name"]): row["gender"] for row in data.rows("given_names.tsv")}

    @cached_property
    def epithets(self) -> dict[str, list[str]]:
        """Phrase such as 'the reclusive state' to the codes that it may stand for."""
        out: dict[str, list[str]] = {}
        for row in data.rows("epithets.tsv"):
            for phrase in _split(row["phrases"]):
                out.setdefault(phrase.lower(), []).append(row["code"])
        return out


@lru_cache(maxsize=4)
def load(extra: tuple[Path, ...] = ()) -> Lexicon:
    """The lexicon, loaded once a process; `extra` are organisation files of the user's own."""
    return Lexicon(extra)


def one_slip(a: str, b: str) -> bool:
    """True for names one slip apart, 'antony' and 'anthony'; never for short ones or for another first letter."""
    return min(len(a), len(b)) >= 4 and a[0] == b[0] and OSA.distance(a, b, score_cutoff=1) <= 1


def _one_of(name: str, found: list[Entry]) -> Entry | None:
    """Whoever of some leaders is meant, where all are of one country throughout: no term, since none is known."""
    countries = {t.country for e in found for t in e.terms}
    if len(countries) != 1:
        return None
    sectors, genders = {e.sector for e in found}, {e.gender for e in found}
    shown = " ".join(name.split())
    return Entry(
        f"person:{plain(shown)} of {min(countries)}",
        shown,
        "person",
        min(countries),
        min(sectors, key=str) if len(sectors) == 1 else None,
        (),
        min(genders, key=str) if len(genders) == 1 else None,
    )


def surname(words: list[str]) -> str:
    """The family name of a full name in Western order, particles included: 'von der Leyen', 'al-Assad'."""
    if len(words) < 2:
        return words[0] if words else ""
    words = [w for w in words if w.rstrip(".").lower() not in ("jr", "sr", "ii", "iii", "iv")] or words
    at = len(words) - 1
    while at > 1 and words[at - 1].lower() in PARTICLES:
        at -= 1
    return " ".join(words[at:])


def _east_asian(name: str) -> str:
    """The family name where it stands first: 'Kim Jong-un', 'Xi Jinping', 'Aung San Suu Kyi' has none."""
    words = name.split()
    first = {
        "Kim", "Xi", "Li", "Hu", "Jiang", "Wen", "Wang", "Zhu", "Yang", "Moon", "Park", "Roh", "Yoon", "Lee", "Hun",
        "Tsai", "Ma", "Chen", "Ban", "Qin", "Wei", "Zhao", "Hua", "Mao", "Nguyen", "Pham", "Ri", "Choe", "Kang",
        "Chung",         "Suh", "Leung", "Liu", "Dong",
    }  # fmt: skip
    if words[0] in first and len(words) in (2, 3):
        return words[0]
    given_first = {"Abiy", "Saddam", "Meles", "Isaias", "Prayuth", "Thaksin", "Yingluck", "Abhisit", "Evo", "Lula"}
    return words[0] if words[0] in given_first else ""


def family_first(entry: Entry) -> bool:
    """True for a known person whose family name stands first."""
    return entry.kind == "person" and bool(_east_asian(entry.name))


def _split(field: str) -> list[str]:
    return [part for part in field.split("|") if part]


def name_keys(name: str, *, bare: bool = True) -> tuple[str, ...]:
    """The forms under which a name is looked up, in lower case; with `bare` also the one without accents."""
    return tuple(dict.fromkeys(_key(n) for n in ((name, _bare(name)) if bare else (name,))))


def _key(written: str) -> str:
    return _low(fold(written))


def _low(text: str) -> str:
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _bare(name: str) -> str:
    """The name without accents, when that keeps its length."""
    import unicodedata

    return "".join(unicodedata.normalize("NFD", c)[0] for c in name)


def _inner(c: str) -> bool:
    return c.isalnum() or c == "_"


def _same_case(surface: str, written: str) -> bool:
    letters = [c for c in surface if c.isalpha()]
    if all(c.isupper() for c in letters):
        return all(c.isupper() for c in written if c.isalpha())
    if surface[:1].isupper():
        return written[:1].isupper() and (surface[1:2].isupper() <= written[1:2].isupper())
    return True
