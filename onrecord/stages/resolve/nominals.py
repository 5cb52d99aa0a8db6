"""Descriptions: 'the Russian foreign minister', 'a senior official', 'the alliance', 'the two leaders', 'police'.

A description is joined to an actor of the report only on evidence: it stands beside the name, the report gives that
actor that office, or it repeats the noun of the last actor so described. A description that names a country and a
body, or a kind of people, is an actor of its own.
"""

from __future__ import annotations

from bisect import bisect_left

from onrecord.stages.resolve import (
    apposed,
    counterparts,
    epithets,
    holders,
    implied,
    incumbents,
    regions,
    ruling,
    units,
)
from onrecord.stages.resolve.cast import Cast, Draft
from onrecord.stages.resolve.lexicon import words
from onrecord.stages.resolve.names import Name
from onrecord.stages.resolve.phrases import DEFINITE, INDEFINITE, Phrase
from onrecord.stages.resolve.reading import Reader, long_office, same_office
from onrecord.text import plain

_LOOSE_ORG = frozenset({"UNK", "BUS", "EDU", "MED", "CVL", "REL", "AGR", "LAB", "JRN", "REF"})
_SOURCES = frozenset({"official", "source", "diplomat", "aide", "adviser", "spokesman", "person", "officer", "insider"})
_LEADERS = frozenset({"leader", "president", "prime minister", "minister", "premier", "chancellor", "side", "man"})
_UNRANKED = _SOURCES | {"spokeswoman", "leader"}
_WINDOW = 150  # people, offices or names looked at on either side of a description
_UNITS = frozenset({"state", "country", "nation", "republic", "kingdom", "neighbour", "neighbor"})
_UNGOVERNED = words("bodies", "non_governmental")
_OF_STATES = frozenset({"GOV", "MIL", "LEG", "COP", "SPY"})
_SUBJECTS = frozenset({"nsubj", "nsubjpass", "poss", "agent", "conj", "dobj", "pobj"})
_OWNERS = frozenset({"his", "her", "their", "its", "my", "our"})


class Nominals(Reader):
    """Walks the descriptions of one report in text order, remembering who was last described how."""

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self.last_by_noun: dict[str, Draft] = {}
        self.last_body: list[tuple[int, Draft]] = []
        self.anonymous: Draft | None = None
        self.described: dict[int, Draft] = {}  # head token of a description to its actor
        self.roles: list[tuple[int, str, Draft]] = []  # token, office in plain form, person
        self.regions = regions.of_people(cast)  # person's draft by id() to the states and towns that the report gives
        self.persons = sorted(
            ((head, d) for d in cast.drafts.values() if d.kind == "person" for _, _, head in d.spans),
            key=lambda x: x[0],
        )

    def run(self, phrases: list[Phrase]) -> None:
        """Join or make an actor for each description."""
        for phrase in phrases:
            self._beside(phrase)
        self.roles.sort(key=lambda r: r[0])
        for phrase in phrases:
            self._one(phrase)

    # -- beside a name -------------------------------------------------------------------------------------------

    def _beside(self, phrase: Phrase) -> None:
        """'Russian Foreign Minister Sergei Lavrov' and 'Wendy Sherman, the U.S. deputy secretary of State'."""
        draft = self._titled(phrase) or self._apposed(phrase)
        if draft is None or phrase.plural or phrase.role.kind != "person":
            return
        office = self._office(phrase)
        self.roles.append((phrase.head, office, draft))
        country = self._country(phrase) or implied.adjacent(self.cast, phrase)
        self.regions.setdefault(id(draft), set()).update(regions.of_phrase(self.cast, phrase))
        if country is None and draft.entry is None and (self._unique(phrase) or implied.within(phrase)):
            country = implied.country(self.cast, phrase)
        if draft.role is None and phrase.role.sector != "UNK" and (draft.entry is None or phrase.role.sector != "CVL"):
            draft.role = long_office(self.doc.quote(self.doc.span(phrase.term_first, phrase.term_last)))
        sector = "ELI" if self._former(phrase) else ruling.sector_led(self.cast, phrase) or phrase.role.sector
        if draft.entry is None:
            draft.country = draft.country or country
            if draft.sector is None and sector != "UNK":
                draft.sector = sector
        elif (
            sector in ("GOV", "LEG", "PTY", "MIL")
            and phrase.role.term != "leader"
            and not any(same_office(t.office, office) for t in draft.entry.terms)
        ):
            draft.said = sector

    def _titled(self, phrase: Phrase) -> Draft | None:
        """The person whose name the phrase stands before, as a title."""
        after = phrase.last
        while after < len(self.doc) and after - phrase.last < 3 and self.doc.lower[after] in self.cast.lexicon.titles:
            after += 1
        found = self.cast.at_token.get(after)
        if found and found[0].first == after and found[1].kind == "person":
            if self.doc.deps[phrase.head] in ("compound", "nmod", "amod", "appos", "nsubj", "dep", "ROOT"):
                return found[1]
            if self.doc.heads[found[0].head] == phrase.head and self.doc.deps[found[0].head] in ("appos", "nmod"):
                return found[1]
        return None

    def _apposed(self, phrase: Phrase) -> Draft | None:
        doc = self.doc
        head = doc.heads[phrase.head]
        if doc.deps[phrase.head] in ("appos", "attr") or (
            doc.deps[phrase.head] == "conj" and doc.deps[head] == "appos"
        ):
            at = head
            if doc.deps[phrase.head] == "attr":
                subject = doc.child(head, "nsubj")
                if subject is None or doc.lemmas[head] != "be" or doc.child(head, "neg") is not None:
                    return None
                at = subject
            elif doc.deps[phrase.head] == "conj":
                at = doc.heads[head]
            found = self.cast.at_token.get(at)
            return found[1] if found and found[1].kind == "person" else None
        for child in doc.children[phrase.head]:
            if doc.deps[child] == "appos" and child >= phrase.last and (found := self.cast.at_token.get(child)):
                return found[1] if found[1].kind == "person" else None
        return apposed.below(self.cast, phrase)

    # -- one description -----------------------------------------------------------------------------------------

    def _one(self, phrase: Phrase) -> None:
        doc = self.doc
        named = self.cast.at_token.get(phrase.head)
        if named is not None:
            return
        if self._titled(phrase) is not None:
            return
        beside = self._apposed(phrase)
        if beside is not None and phrase.role.kind == "person" and not phrase.plural:
            if doc.deps[phrase.head] == "appos" or doc.heads[phrase.head] != phrase.head:
                self._mention(phrase, beside)
            self.last_by_noun[self._noun(phrase)] = beside
            return
        if (
            doc.deps[phrase.head] in ("compound", "amod", "nmod", "npadvmod")
            and doc.pos[doc.heads[phrase.head]] != "PROPN"
        ):
            return
        if (doc.deps[phrase.head] in ("attr", "oprd") and phrase.determiner != "the") or self._post(phrase):
            return
        country = self._country(phrase)
        if phrase.role.kind == "organisation":
            self._body(phrase, country)
        elif phrase.plural:
            self._people(phrase, country)
        else:
            self._person(phrase, country)

    def _person(self, phrase: Phrase, country: str | None) -> None:
        noun = self._noun(phrase)
        if noun == "counterpart":
            found = counterparts.find(self.cast, phrase, country, self._roles_near(phrase.head), self._person_at)
            if found is not None:
                self._mention(phrase, found)
            return
        definite = phrase.determiner in DEFINITE or phrase.determiner in ("poss", "")
        indefinite = phrase.determiner in INDEFINITE
        stated = country
        if country is None and not indefinite and phrase.role.sector == "GOV" and self._unique(phrase):
            country = implied.country(self.cast, phrase)
        if definite and not indefinite:
            draft = self._holder(phrase, country)
            if draft is None and stated is None and (there := implied.seat(self.cast, phrase)) is not None:
                draft = incumbents.in_office(self.cast, there, self._office(phrase), phrase.head)
            if draft is None and stated is not None and phrase.role.sector == "GOV":
                draft = incumbents.named(self.cast, phrase, stated, self._roles_near(phrase.head))
            if draft is None and phrase.determiner in ("the", "this", "that") and country is None:
                draft = self._again(phrase, noun)
            if draft is not None:
                self._mention(phrase, draft)
                return
        owned = phrase.determiner in _OWNERS and phrase.role.sector == "CVL"
        loose = {"": ("UNK", "CVL"), "one": ("UNK",)}.get(phrase.determiner, ())
        if (country is None and phrase.role.sector in loose) or (owned and not self._takes_part(phrase)):
            return
        described = self._owned(phrase) if owned else self._description(phrase)
        if country is None and phrase.role.term == "administration official":
            country = ruling.whose_administration(self.cast, phrase)
        if country and phrase.role.sector == "GOV" and not indefinite and self._unique(phrase):
            draft = self.cast.draft(
                "person", described, f"office:{country}:{self._office(phrase)}", country=country,
                sector=self._sector(phrase), role=self._term(phrase), noun=noun,
            )  # fmt: skip
        else:
            draft = self.cast.draft(
                "person", described, f"{self.doc.report_id}:{plain(described)}:{phrase.head if indefinite else ''}",
                country=country, sector=self._sector(phrase), role=self._term(phrase), noun=noun,
                gender=self._gender(noun),
            )  # fmt: skip
        self.anonymous = draft if noun in _SOURCES else self.anonymous
        self.last_by_noun[noun] = draft
        self._mention(phrase, draft)

    def _people(self, phrase: Phrase, country: str | None) -> None:
        noun = self._noun(phrase)
        if (
            noun in _LEADERS
            and phrase.determiner in ("the", "both", "these")
            and (
                pair := holders.pair(
                    self.cast, phrase.head, self._people_near(phrase.head), noun not in ("side", "man")
                )
            )
        ):
            for draft in pair:
                self._mention(phrase, draft)
            return
        owned = phrase.determiner in _OWNERS and phrase.role.sector in ("CVL", "UNK")
        if not owned and country is None and (both := units.states(self.cast, phrase, noun)):
            for state in both:
                self._mention(phrase, state)
            return
        sector = self._sector(phrase)
        if not owned and country is None and (band := units.fighters(self.cast, phrase, noun)) is not None:
            self._mention(phrase, band)
            return
        loose = owned or (country is None and sector == "UNK" and noun not in ("source", "expert", "observer"))
        if loose and not self._takes_part(phrase):
            return
        if phrase.determiner in ("the", "these", "those") and country is None and not phrase.count:
            again = self.last_by_noun.get(noun + "s")
            if again is not None:
                self._mention(phrase, again)
                return
        described = self._owned(phrase) if owned else self._description(phrase, bare=True)
        whose = self.doc.report_id if owned else country or ""
        canonical = f"group:{whose}:{plain(described)}"
        draft = self.cast.draft(
            "group", described, canonical, country=country, sector=sector, plural=True, noun=noun + "s"
        )
        self.last_by_noun[noun + "s"] = draft
        self._mention(phrase, draft)

    def _body(self, phrase: Phrase, country: str | None) -> None:
        noun = self._noun(phrase)
        definite = phrase.determiner in DEFINITE or phrase.determiner == "poss"
        sector = phrase.role.sector
        if noun in _UNITS:
            for state in units.states(self.cast, phrase, noun) if country is None else ():
                self._mention(phrase, state)
            return
        if country is None and phrase.determiner == "its" and sector in _OF_STATES:
            country = implied.country(self.cast, phrase)
        if definite and (again := units.body(self.cast, phrase, noun, country)) is not None:
            self._mention(phrase, again)
            return
        if country is None and definite:
            draft = ruling.again(self.cast, phrase, noun, self.last_body) or self._body_again(phrase, noun)
            if draft is not None:
                self._mention(phrase, draft)
                return
        if country is None:
            country = ruling.of_one_state(self.cast, phrase, noun, self.last_body)
        if (
            country is None
            and phrase.role.term not in _UNGOVERNED
            and sector in _LOOSE_ORG
            and (
                sector == "UNK"
                or self.doc.deps[phrase.head] not in ("nsubj", "agent")
                or phrase.determiner in INDEFINITE
            )
        ):
            return
        holder = ruling.administration(self.cast, phrase, noun)
        if holder is not None:
            self._mention(phrase, holder)
            return
        if country is not None:
            if sector == "UNK" and not self._proper(phrase):
                return
            term = self._term(phrase, folded=True)
            entry = self._listed(phrase, country, term)
            if entry is not None:
                draft = entry
            elif term == "government" and not phrase.plural:
                found = self.cast.country(country)
                if found is None:
                    return
                draft = found
            else:
                name = self._description(phrase, bare=True)
                whose = plain(name) if sector not in _OF_STATES and self._personal(phrase) else term
                draft = self.cast.draft(
                    "organisation", name, f"body:{country}:{whose}", country=country,
                    sector=None if sector == "UNK" else sector, noun=noun,
                )  # fmt: skip
        else:
            name = self._description(phrase, bare=True)
            if self.doc.deps[phrase.head] not in _SUBJECTS and self.doc.deps[phrase.head] != "ROOT":
                return
            anywhere = "NGO" if phrase.role.term in _UNGOVERNED else None
            draft = self.cast.draft(
                "organisation", name, f"body::{plain(name)}", country=anywhere,
                sector=None if sector == "UNK" else sector, noun=noun,
            )  # fmt: skip
        self.last_by_noun[noun] = draft
        self.last_body.append((phrase.head, draft))
        self._mention(phrase, draft)

    # -- antecedents ---------------------------------------------------------------------------------------------

    def _holder(self, phrase: Phrase, country: str | None) -> Draft | None:
        """The person of the report who holds that office: by the report's own words, else by the lexicon."""
        office = self._office(phrase)
        if places := regions.of_phrase(self.cast, phrase):
            people = self._people_near(phrase.head)
            return regions.holder(
                phrase, places, self._office(phrase), self.regions, people, self._roles_near(phrase.head)
            )
        if office == "top diplomat" or (
            office in ("diplomat", "chief diplomat")
            and any(self.doc.lower[m] in ("top", "chief", "highest") for m in phrase.modifiers)
        ):
            return self._top_diplomat(phrase, country)
        if office in _UNRANKED and country is None:
            return None
        if country is None and phrase.determiner == "the":
            around = self._roles_near(phrase.head)
            found = holders.salient(self.cast, phrase, office, around, self._people_near(phrase.head))
            if found is not None:
                return found
        held: list[Draft] = []
        for at, role, draft in reversed(self._roles_near(phrase.head)):
            if at < phrase.head and same_office(role, office) and (country is None or draft.country in (None, country)):
                held.append(draft)
                break
        if held:
            return held[0]
        on = self.doc.published
        seen: list[Draft] = []
        for head, draft in self._people_near(phrase.head):
            if head > phrase.head and seen:
                break
            if draft.entry is None or draft in seen:
                continue
            term = draft.entry.term(on)
            if term and same_office(term.office, office) and (country is None or term.country == country):
                seen.append(draft)
        if country is None and len(seen) > 1:
            before = [d for h, d in self._people_near(phrase.head) if h < phrase.head and d in seen]
            return before[-1] if before and self._near(before[-1], phrase.head, 2) else None
        return seen[-1] if seen else None

    def _top_diplomat(self, phrase: Phrase, country: str | None) -> Draft | None:
        """A country's foreign minister, by whatever title, when the report has named that person."""
        found = [
            d
            for h, d in self._people_near(phrase.head)
            if h < phrase.head
            and country is not None
            and d.entry is not None
            and (term := d.entry.term(self.doc.published)) is not None
            and term.country == country
            and term.office in ("foreign minister", "foreign secretary", "secretary of state", "high representative")
        ]
        return found[-1] if found else None

    def _people_near(self, head: int) -> list[tuple[int, Draft]]:
        """The people named around a token; all of them in a report of ordinary length."""
        at = bisect_left(self.persons, head, key=lambda p: p[0])
        return self.persons[max(0, at - _WINDOW) : at + _WINDOW]

    def _roles_near(self, head: int) -> list[tuple[int, str, Draft]]:
        at = bisect_left(self.roles, head, key=lambda r: r[0])
        return self.roles[max(0, at - _WINDOW) : at + _WINDOW]

    def _names_near(self, head: int) -> list[tuple[Name, Draft]]:
        at = bisect_left(self.cast.of_name, head, key=lambda n: n[0].first)
        return self.cast.of_name[max(0, at - _WINDOW) : at + 1]

    def _near(self, draft: Draft, head: int, sentences: int) -> bool:
        here = self.doc.sentence_of[head]
        return any(0 <= here - self.doc.sentence_of[h] <= sentences for _, _, h in draft.spans if h < head)

    def _again(self, phrase: Phrase, noun: str) -> Draft | None:
        """'the official' for the official last described; 'the source' for the last unnamed speaker."""
        found = self.last_by_noun.get(noun)
        if found is not None:
            return found
        if noun == "source":
            return self.anonymous
        for _, role, draft in reversed([r for r in self._roles_near(phrase.head) if r[0] < phrase.head]):
            if role.split()[-1] == noun or role == noun:
                return draft
        return None

    def _body_again(self, phrase: Phrase, noun: str) -> Draft | None:
        """'the ministry' for the ministry last named or described; 'the group' for the last armed group or party."""
        modified = phrase.first < phrase.term_first - (1 if phrase.determiner else 0)
        if not modified and noun in self.last_by_noun:
            return self.last_by_noun[noun]
        best: tuple[int, Draft] | None = None
        for name, draft in self._names_near(phrase.head):
            if name.head >= phrase.head:
                break
            if draft.kind not in ("organisation", "group"):
                continue
            words = [w.lower() for w in name.words]
            if (
                noun in words
                or (draft.entry and noun in draft.entry.name.lower().split())
                or (
                    not modified
                    and noun in ("company", "firm", "airline", "bank", "carmaker")
                    and draft.sector == "BUS"
                )
                or (not modified and noun in ("newspaper", "broadcaster", "agency") and draft.sector == "JRN")
                or (not modified and noun == "party" and draft.sector == "PTY")
            ):
                best = (name.head, draft)
        if best and self.doc.sentence_of[phrase.head] - self.doc.sentence_of[best[0]] <= 4:
            return best[1]
        return None

    def _listed(self, phrase: Phrase, country: str, term: str) -> Draft | None:
        """The lexicon's own entry for a country's body: 'Israeli military' is the Israel Defense Forces."""
        entry = self.cast.lexicon.countries.get(country)
        if entry is None:
            return None
        adjectives = self.cast.lexicon.adjectives_of(country)
        said = self.doc.lower[phrase.first : phrase.last]
        for adjective in [a for a in adjectives if a.lower() in said] or adjectives[:1]:
            found = self.cast.lexicon.lookup(f"{adjective} {term}")
            if found and found[1].kind == "organisation" and found[1].country == country:
                return self.cast.known(found[1])
        return None

    def _code(self, token: int) -> str | None:
        """The country of a name, or of 'the country' in 'the country's parliament'."""
        described = self.described.get(token)
        return super()._code(token) or (described.country if described and described.kind == "country" else None)

    def _person_at(self, token: int) -> Draft | None:
        """The person named or described at a token."""
        named = self.cast.at_token.get(token)
        draft = named[1] if named else self.described.get(token)
        return draft if draft is not None and draft.kind == "person" else None

    def _mention(self, phrase: Phrase, draft: Draft) -> None:
        self.described[phrase.head] = draft
        draft.mention(self.doc.span(phrase.first, phrase.last), "nominal", phrase.head)


def describe(cast: Cast, phrases: list[Phrase]) -> None:
    """Add the report's descriptions to its cast."""
    Nominals(cast).run(phrases)
    epithets.add(cast)
