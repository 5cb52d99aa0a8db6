"""The cast of one report: its names joined into the actors that they name.

A full name, its surname, its title with surname, an acronym and its long form become one draft; two people of one
surname stay two. Drafts turn into `Entity` rows at the end, when all that the report says of them is known.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from onrecord.model import Document, Entity, Span
from onrecord.stages.resolve import people
from onrecord.stages.resolve.gazetteer import load as load_gazetteer
from onrecord.stages.resolve.lexicon import INTERNATIONAL, Lexicon, family_first, words
from onrecord.stages.resolve.names import AMBIGUOUS, Name, matter_of
from onrecord.terms import Entry
from onrecord.text import key, plain

_SUFFIXES = words("bodies", "company_suffixes")
SAY = words("pronouns", "verbs_of_saying")
GENERIC = words("bodies", "too_general_alone")
_SMALL = words("bodies", "small_words")
_OF_PLACES = frozenset((w, "of") for w in ("state", "province", "region", "city", "town", "village", "district"))


@dataclass(slots=True, eq=False)
class Draft:
    """An actor of the report while it is being put together."""

    kind: str
    name: str
    canonical: str
    country: str | None = None
    sector: str | None = None
    role: str | None = None
    said: str = ""  # the sector of an office that the report gives a known person and the lexicon does not
    gender: str = ""
    plural: bool = False
    entry: Entry | None = None
    noun: str = ""  # the word by which a description may come back: 'official', 'ministry'
    latitude: float | None = None
    longitude: float | None = None
    geonames_id: int | None = None
    names: list[list[str]] = field(default_factory=list)
    spans: list[tuple[Span, str, int]] = field(default_factory=list)  # span, form, head token
    members: list[Draft] = field(default_factory=list)

    def entity(self, on: date | None) -> Entity:
        """The finished row."""
        country, sector, role = self.country, self.sector, self.role
        if self.entry is not None and self.entry.terms:
            if on is None:
                last = self.entry.terms[-1]
                country, sector, role = last.country, last.sector, role or last.office
            else:
                country, sector, office = self.entry.standing(on)
                if self.said and (sector is None or (sector == "ELI" and self.said != "MIL")):
                    sector = self.said
                role = role or office
        latitude, longitude, geonames_id = self.latitude, self.longitude, self.geonames_id
        if self.kind == "country" and latitude is None and (land := load_gazetteer().countries.get(country or "")):
            latitude, longitude, geonames_id = round(land.latitude, 5), round(land.longitude, 5), land.geonames_id
        return Entity(self.id, self.name, self.kind, country, sector, role, latitude, longitude, geonames_id)

    @property
    def id(self) -> str:
        """Entity id: kind and canonical name alone, so that reports agree on it."""
        return key(self.kind, self.canonical, prefix="e_")

    def mention(self, span: Span, form: str, head: int) -> None:
        """Note one mention."""
        self.spans.append((span, form, head))


@dataclass(slots=True)
class Cast:
    """All drafts of a report, and which draft each name belongs to."""

    doc: Document
    lexicon: Lexicon
    drafts: dict[str, Draft] = field(default_factory=dict)
    of_name: list[tuple[Name, Draft]] = field(default_factory=list)
    at_token: dict[int, tuple[Name, Draft]] = field(default_factory=dict)
    _counted: tuple[int, Counter[str], frozenset[str]] | None = None

    def counted(self) -> tuple[Counter[str], frozenset[str]]:
        """How many names each country has, by the names of states, places, bodies and known people; and the sectors of
        the international bodies named. Counted once for so many names."""
        if self._counted is None or self._counted[0] != len(self.of_name):
            countries: Counter[str] = Counter()
            sectors = set()
            for _, d in self.of_name:
                if d.country in INTERNATIONAL:
                    if d.kind == "organisation" and d.sector:
                        sectors.add(d.sector)
                elif d.country and (
                    d.kind in ("country", "place", "organisation") or (d.kind == "person" and d.entry is not None)
                ):
                    countries[d.country] += 1
            self._counted = len(self.of_name), countries, frozenset(sectors)
        return self._counted[1:]

    def draft(self, kind: str, name: str, canonical: str, **facts: object) -> Draft:
        """The draft of that key, made if new."""
        found = self.drafts.get(f"{kind}|{canonical}")
        if found is None:
            found = self.drafts[f"{kind}|{canonical}"] = Draft(kind, name, canonical, **facts)  # type: ignore[arg-type]
        return found

    def country(self, code: str) -> Draft | None:
        """The draft of a country or alliance by its code."""
        entry = self.lexicon.countries.get(code)
        return self.known(entry) if entry else None

    def known(self, entry: Entry) -> Draft:
        """The draft of a lexicon entry."""
        return self.draft(
            entry.kind,
            entry.name,
            entry.key,
            country=entry.country,
            sector=entry.sector,
            entry=entry,
            gender=entry.gender or "",
        )

    def join(self, name: Name, draft: Draft) -> None:
        """Note that a name names that draft."""
        draft.mention(name.span, "name", name.head)
        draft.names.append(name.words)
        if name.gender and not draft.gender:
            draft.gender = name.gender
        self.of_name.append((name, draft))
        for i in range(name.first, name.last):
            self.at_token.setdefault(i, (name, draft))


def gather(doc: Document, lexicon: Lexicon, names: list[Name]) -> Cast:
    """Cluster a report's names."""
    cast = Cast(doc, lexicon)
    acronyms = _bracketed(doc, names)
    _agree(doc, names, {doc.quote(names[n].span): names[long].kind for n, long in acronyms.items()})
    joined: dict[int, Draft] = {}
    _known(cast, names, joined)
    people.join(cast, names, joined)
    _bodies(cast, names, joined, acronyms)
    _groups(cast, names, joined)
    for n, name in enumerate(names):
        if n in joined:
            cast.join(name, joined[n])
    return cast


def _agree(doc: Document, names: list[Name], acronyms: dict[str, str]) -> None:
    """One kind for the same words throughout a report: an acronym's long form's, or what the parser said most often."""
    kinds: dict[str, Counter[str]] = {}
    for name in names:
        if name.entry is None:
            kinds.setdefault(" ".join(name.words), Counter())[name.kind] += 1
    surnames = {n.words[-1] for n in names if n.kind == "person" and len(n.words) > 1}
    surnames |= {n.words[0] for n in names if n.entry is not None and family_first(n.entry) and len(n.words) > 1}
    for name in names:
        if name.entry is None:
            again = len(name.words) == 1 and name.words[0] in surnames and not name.words[0].isupper()
            if again and (name.kind != "place" or _speaks(doc, name) or not load_gazetteer().candidates(name.words[0])):
                name.kind = "person"
                continue
            often = kinds[" ".join(name.words)].most_common(1)[0][0]
            name.kind = acronyms.get(" ".join(name.words), often)


def _speaks(doc: Document, name: Name) -> bool:
    """True for the subject of a verb of saying: a person rather than the town of that name."""
    return doc.deps[name.head] == "nsubj" and doc.lemmas[doc.heads[name.head]].lower() in SAY


def _known(cast: Cast, names: list[Name], joined: dict[int, Draft]) -> None:
    countries = {n.country for n in names if n.country and not _ethnic(cast.doc, n)}
    for n, name in enumerate(names):
        if name.entry is None:
            continue
        if _ethnic(cast.doc, name):
            theirs = countries - {name.country}
            home = next(iter(theirs)) if len(theirs) == 1 else None
            text = f"ethnic {cast.doc.quote(name.span)}"
            joined[n] = cast.draft("group", text, f"people:{plain(text)} of {home}", country=home, plural=True)
        elif name.form == "people":
            entry = name.entry
            joined[n] = cast.draft(
                "group", cast.doc.quote(name.span), f"people:{entry.country}", country=entry.country, plural=True
            )
        else:
            joined[n] = cast.known(name.entry)
            joined[n].plural |= name.entry.kind == "group"


def _ethnic(doc: Document, name: Name) -> bool:
    """True for 'ethnic Danes': a minority of some other country."""
    return bool(name.country) and name.first > 0 and doc.lower[name.first - 1] == "ethnic"


def _bodies(cast: Cast, names: list[Name], joined: dict[int, Draft], aliases: dict[int, int]) -> None:
    """Organisations and places without an entry: by acronym in brackets, by initials, by a shorter form of the name."""
    bodies = [n for n, m in enumerate(names) if n not in joined and m.kind in ("organisation", "place")]
    short_of = {plain(" ".join(names[n].words)): long for n, long in aliases.items()}
    long_forms: dict[str, Draft] = {}
    shorter: dict[str, list[Draft]] = {}
    for n, name in enumerate(names):
        if n in joined and name.kind == "organisation" and len(name.words) > 1:
            _shorten(shorter, name.words, joined[n])
    for n in sorted(bodies, key=lambda n: (-len(names[n].words), n)):
        name = names[n]
        words = _core(name.words)
        skipped = (
            2 if name.kind == "place" and len(words) > 2 and tuple(w.lower() for w in words[:2]) in _OF_PLACES else 0
        )
        words = words[skipped:]
        text = plain(" ".join(words))
        draft = cast.drafts.get(f"{name.kind}|{text}")
        if draft is None and name.kind == "organisation":
            draft = long_forms.get(text)
            options = shorter.get(text, [])
            if draft is None and len(options) == 1 and name.words[0][:1].isupper() and len(text) > 3:
                draft = options[0]
        if draft is None and (long := short_of.get(text)) is not None and long in joined:
            draft = joined[long]
        if draft is None and name.kind == "organisation" and len(words) > 2:
            draft = _bare_of_country(cast, words)
        if draft is None:
            start = name.first + skipped
            shown = cast.doc.quote(cast.doc.span(start, start + len(words)))
            owner = names[n - 1].country if n and _owns(cast.doc, names[n - 1], name) else None
            generic = name.kind == "organisation" and owner is not None and _is_term(cast, words)
            draft = cast.draft(name.kind, " ".join(shown.split()), f"body:{owner}:{text}" if generic else text)
            if name.kind == "organisation":
                draft.country = draft.country or owner
                _says_itself(cast, words, draft)
                if draft.sector is None and name.words[-1].lower() in _SUFFIXES and len(words) < len(name.words):
                    draft.sector = "BUS"
        joined[n] = draft
        if name.kind == "organisation" and len(words) > 1:
            letters = plain("".join(w[0] for w in words if w.lower() not in _SMALL))
            if len(letters) > 2:
                long_forms.setdefault(letters, draft)
            _shorten(shorter, words, draft)
    for n, m in aliases.items():
        if n in joined and m in joined and joined[n] is not joined[m] and joined[n].entry is None:
            old = joined[n]
            for k, d in list(joined.items()):
                if d is old:
                    joined[k] = joined[m]
            cast.drafts.pop(f"{old.kind}|{old.canonical}", None)


def _shorten(shorter: dict[str, list[Draft]], words: list[str], draft: Draft) -> None:
    """Note the first words of a body's name as forms in which it may come back: 'Lockheed', 'the Church'."""
    matter = matter_of(words)
    for short in [plain(" ".join(words[:k])) for k in range(1, len(words))] + ([plain(matter)] if matter else []):
        if short not in GENERIC and draft not in shorter.setdefault(short, []):
            shorter[short].append(draft)


def _bracketed(doc: Document, names: list[Name]) -> dict[int, int]:
    """Name number of an acronym in brackets to that of the name before it: 'Workers' Union of Norland (WUN)'."""
    out = {}
    for n in range(1, len(names)):
        short, long = names[n], names[n - 1]
        between = doc.text[long.span.end : short.span.start]
        if between.strip("\"'“”‘’ ") == "(" and len(between) < 5 and doc.quote(short.span).isupper():
            letters = doc.quote(short.span).lower().replace(".", "")
            initials = "".join(w[0].lower() for w in long.words if w.lower() not in _SMALL)
            if letters[:1] == initials[:1] and long.kind != "person":
                out[n] = n - 1
    return out


def _country_named(cast: Cast, words: str) -> str | None:
    found = cast.lexicon.lookup(words)
    return found[1].country if found is not None and found[1].key.startswith("country:") else None


def _bare_of_country(cast: Cast, words: list[str]) -> Draft | None:
    """'United Kingdom Home Office' for the Home Office that the report or the lexicon knows."""
    for size in (1, 2):
        code = _country_named(cast, " ".join(words[:size]))
        rest = words[size:]
        if code is None or len(rest) < 2:
            continue
        known = cast.lexicon.lookup(" ".join(rest))
        if known is not None and known[1].kind == "organisation" and known[1].country == code:
            return cast.known(known[1])
    return None


def _says_itself(cast: Cast, words: list[str], draft: Draft) -> None:
    """The country that a body's name begins with and the sector it ends in: 'Norlandic Interior Ministry'."""
    lower = tuple(w.lower() for w in words)
    for size in (2, 1):
        found = cast.lexicon.lookup(" ".join(words[:size])) if len(words) > size else None
        if found is not None and draft.country is None and (found[0] == "adjective" or _of_its_own(found[1])):
            draft.country = found[1].country
    plural = (*lower[:-1], lower[-1].removesuffix("s"))
    of = lower.index("of") if "of" in lower else 0
    for whole in (lower, plural, lower[:of]):
        for at in range(len(whole)):
            for term, role in cast.lexicon.roles.get(whole[at], ()):
                if draft.sector is None and role.kind == "organisation" and whole[at:] == term and role.sector != "UNK":
                    draft.sector = role.sector


def _is_term(cast: Cast, words: list[str]) -> bool:
    """True for a body whose name is only what kind of body it is: 'Supreme Court', 'General Staff'."""
    lower = tuple(w.lower() for w in words)
    return any(lower == term and role.kind == "organisation" for term, role in cast.lexicon.roles.get(lower[0], ()))


def _owns(doc: Document, owner: Name, name: Name) -> bool:
    """True for the country right before a body's name: 'Norland's Supreme Court'."""
    if owner.country is None or owner.span.end > name.span.start:
        return False
    between = doc.text[owner.span.end : name.span.start]
    return between in ("'s ", "’s ", "' ", "’ ") or (between == " " and owner.form == "adjective")


def _of_its_own(entry: Entry) -> bool:
    """True for a country or body whose name is hardly anybody else's: 'United Nations', not 'Georgia'."""
    return entry.kind in ("country", "organisation") and entry.country not in AMBIGUOUS


def _core(words: list[str]) -> list[str]:
    end = len(words)
    while end > 1 and (words[end - 1].lower() in _SUFFIXES or words[end - 1] in ("'s", "’s", ",")):
        end -= 1
    return words[:end]


def _groups(cast: Cast, names: list[Name], joined: dict[int, Draft]) -> None:
    for n, name in enumerate(names):
        if n not in joined and name.kind == "group":
            text = cast.doc.quote(name.span)
            joined[n] = cast.draft("group", text, plain(text), plural=True)
