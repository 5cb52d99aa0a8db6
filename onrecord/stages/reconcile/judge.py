"""Whether mentions tell one happening: the traits of mentions already joined, and the score of two such atoms."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from onrecord.stages.reconcile.view import HARM, SUFFERED, Mention, Story, ordinal
from onrecord.stages.reconcile.words import settings, stem
from onrecord.text import plain, words

# Happenings whose two sides do the same thing.
MUTUAL = frozenset({"CONSULT", "AGREE", "COOPERATE"})
# What one word in the titles of two reports speaks for.
HEADED = 0.8
VISIT = frozenset({"visit"})
# Days before a report from which a meeting is another one than that which the report tells without a day, and sentences
# between two that may be of one day of which one of them speaks: chosen by reading the meetings of 367 reports of one
# day, before and after; ECB+ has no dates, and its coreference is as it was.
LONG_PAST = 45
ASIDE = 3
# What a party to talks that both name speaks for, where one names no other: that one met this one too says nothing.
ONE_SIDE = 0.0
# Sectors of those who speak for their state.
OF_STATE = ("GOV", "MIL", "SPY", "COP", "JUD")
# Happenings that consist in words: who says them makes them.
SPEECH = frozenset({"ACCUSE", "REJECT", "THREATEN", "REQUEST"})


@cache
def near(a: str, b: str) -> bool:
    """True for event types that two reporters may give to one happening."""
    pairs = settings()["near_types"]
    assert isinstance(pairs, list)
    return [a, b] in pairs or [b, a] in pairs


@dataclass(slots=True)
class Atom:
    """Mentions already joined, with the traits that count against others."""

    number: int
    members: list[int]
    types: frozenset[str]
    kinds: frozenset[str]
    modes: frozenset[str]
    actors: frozenset[str]
    recipients: frozenset[str]
    actor_countries: frozenset[str]
    recipient_countries: frozenset[str]
    first: int | None
    last: int | None
    certain: bool
    places: frozenset[str]
    stems: frozenset[str]
    numbers: frozenset[float]
    names: frozenset[str]
    anchors: frozenset[str]
    said: frozenset[str]
    reports: frozenset[str]
    spots: frozenset[tuple[str, int]]  # report and sentence
    around: frozenset[str]
    lead: bool
    several: bool
    bare: bool
    headed: bool


def atom_of(number: int, members: list[int], mentions: list[Mention]) -> Atom:
    """The atom of the mentions with these indexes, told apart by its number."""
    own = [mentions[i] for i in members]

    def union(name: str) -> frozenset[str]:
        return frozenset().union(*(getattr(m, name) for m in own))

    dated = sorted(
        (not m.certain, m.last - m.first, m.first, m.last) for m in own if m.first is not None and m.last is not None
    )
    # A passage and its edited copies are one clause: its most complete wording stands for it.
    fullest = max(own, key=lambda m: (len(m.stems), m.id))
    return Atom(
        number,
        members,
        frozenset(m.type for m in own),
        frozenset(m.kind for m in own),
        frozenset(mode for m in own if (mode := m.row.get("mode"))),
        union("actors"), union("recipients"), union("actor_countries"), union("recipient_countries"),
        dated[0][2] if dated else None, dated[0][3] if dated else None, bool(dated) and not dated[0][0],
        frozenset(m.place for m in own if m.place),
        fullest.stems - light(), fullest.numbers, fullest.names,
        frozenset(m.anchor_stem for m in own) - light(),
        union("said"),
        frozenset(m.report for m in own),
        frozenset((m.report, m.sentence) for m in own),
        max(own, key=lambda m: (len(m.around), m.id)).around - light(),
        any(m.lead for m in own),
        any(m.several for m in own),
        all(m.bare for m in own),
        any(m.headed for m in own),
    )  # fmt: skip


@cache
def light() -> frozenset[str]:
    """Stems of the verbs that say only that something was done."""
    return frozenset(stem(w) for w in str(settings()["light_verbs"]).split())


class Judge:
    """Scores two atoms; None where they cannot be one happening."""

    def __init__(self, story: Story, linked: frozenset[tuple[int, int]]) -> None:
        self.story = story
        self.linked = linked

    def score(self, a: Atom, b: Atom) -> float | None:
        """How much speaks for one happening; `None`: cannot be. The higher, the likelier."""
        aligned = (min(a.number, b.number), max(a.number, b.number)) in self.linked
        together = bool(a.spots & b.spots)
        if a.several != b.several and not aligned:
            # 'Four tests this month' are not the test of the fourth.
            return None
        if not (a.types & b.types):
            if together and not aligned:
                # One sentence that gives two happenings a verb each tells two.
                return None
            if not any(near(x, y) for x in a.types for y in b.types):
                return None if not aligned or not a.anchors & b.anchors else 3.0
            # One verb that coding gave two types is one happening's; of two verbs, each may have its own.
            total = 0.1 if a.anchors & b.anchors else -0.4
        else:
            total = 0.5
        if not _same_kind(a, b):
            if not aligned:
                return None
            total -= 1.0
        if together:
            # An attack and its dead have a verb each; else a second verb of one sentence is mostly a second deed, and
            # the words that the two clauses share, one of them in the other, say nothing.
            total += 4.0 if a.types & b.types and _act_and_toll(a, b) else -0.8
        else:
            total += 2.4 * self.story.weights.likeness(a.stems, b.stems)
            total += 1.3 * self.story.weights.likeness(a.around, b.around)
            total += 1.1 if a.anchors & b.anchors else 0.0
        if not a.anchors & b.anchors and (a.anchors & b.stems or b.anchors & a.stems):
            total += 0.6
        if a.lead and b.lead and not a.reports & b.reports:
            total += 0.5
            # What two titles of one story name with one word is what the story is about.
            total += HEADED if a.headed and b.headed and a.anchors & b.anchors else 0.0
            # One tells the dead of it, the other the shelling.
            total += 0.6 if a.anchors & HARM and b.anchors & HARM else 0.0
        if a.numbers & b.numbers:
            total += 0.7
        if a.names and b.names and not a.names & b.names:
            total -= 0.8
        if a.said & b.said:
            total += 0.6
        if aligned:
            total += 2.5
        known = taken_up(a, b) or taken_up(b, a)
        total += 2.4 if known else 0.0
        for part in (self._parties(a, b), _dates(a, b), 0.0 if known else self._places(a, b)):
            if part is None:
                if not aligned:
                    return None
                part = -1.5
            total += part
        if _background(a, b) or _background(b, a):
            total -= 1.0
        if not together and any((r, s + d) in b.spots for r, s in a.spots for d in (-1, 1)):
            total += 0.4
        return total

    def _parties(self, a: Atom, b: Atom) -> float | None:
        if a.types <= MUTUAL and b.types <= MUTUAL:
            return self._partners(a, b)
        total = 0.0
        apart = 0
        for ids, other, countries, others in (
            (a.actors, b.actors, a.actor_countries, b.actor_countries),
            (a.recipients, b.recipients, a.recipient_countries, b.recipient_countries),
        ):
            if not ids or not other:
                continue
            if ids & other:
                total += 0.9
            elif ids is a.actors and a.types | b.types <= SPEECH and self._speakers(ids, other):
                # What one says is not what another says.
                total -= 1.5
            elif self._heads(ids) & self._heads(other):
                total += 0.5
            elif countries & others:
                total += 0.2
            elif countries and others:
                apart += 1
            else:
                total -= 0.3
        if apart == 2:
            return None
        if apart:
            crossed = (a.actor_countries | a.recipient_countries) & (b.actor_countries | b.recipient_countries)
            both = (a.actors | a.recipients) & (b.actors | b.recipients)
            total -= 0.6 if both else 0.9 if crossed else 1.6
        if not (a.actors or a.recipients) or not (b.actors or b.recipients):
            total -= 0.2
        return total

    def _speakers(self, ours: frozenset[str], theirs: frozenset[str]) -> bool:
        """True when the two sides speak for different people: not for one state."""
        states = []
        for ids in (ours, theirs):
            known = [self.story.entities[i] for i in ids if i in self.story.entities]
            states.append({e.country for e in known if e.country and (e.kind == "country" or e.sector in OF_STATE)})
        return not states[0] & states[1]

    def _partners(self, a: Atom, b: Atom) -> float | None:
        """Parties to talks or a deal: who is named first says nothing, but each pair has its own."""
        ours, theirs = a.actors | a.recipients, b.actors | b.recipients
        if not ours or not theirs:
            return -0.2
        here, there = self._sides(ours), self._sides(theirs)
        shared = len(ours & theirs)
        if self._others(ours, theirs):
            return -1.5
        if self._long_past(a, b) or self._long_past(b, a):
            return -1.0
        if a.modes and b.modes and (a.modes == VISIT) != (b.modes == VISIT):
            # Who arrives for talks has not held them.
            return -0.5
        if here == there and len(here) > 1 and "CONSULT" in a.types & b.types:
            # One story seldom has two meetings of the same two.
            return 1.2 + 0.5 * min(2, shared)
        if (here <= there or there <= here) and len(here) != len(there) and min(len(here), len(there)) == 1:
            # Whom the one met that is named in both is not said in one of them.
            return ONE_SIDE
        if here <= there or there <= here:
            return 0.4 + 0.5 * min(2, shared)
        if len(here) > 1 and len(there) > 1:
            return None if a.reports & b.reports or not here & there else -1.2
        return -0.2 if here & there else -1.2

    def _long_past(self, a: Atom, b: Atom) -> bool:
        """True when `a` is of a day long before `b` was told, and `b` names no day: news without one is of now.

        Beside it in one report `b` may be of that day too.
        """
        if a.last is None or b.first is not None or b.bare:
            return False
        if any((r, s + d) in b.spots for r, s in a.spots for d in range(-ASIDE, ASIDE + 1)):
            return False
        told = [day for r in b.reports if (day := ordinal(self.story.reports[r].day)) is not None]
        return bool(told) and min(told) - a.last > LONG_PAST

    def _others(self, ours: frozenset[str], theirs: frozenset[str]) -> bool:
        """True when both name the person who came for a country, and it is not the same one."""
        came: list[dict[str, set[str]]] = []
        for ids in (ours, theirs):
            by_country: dict[str, set[str]] = defaultdict(set)
            for i in ids:
                entity = self.story.entities.get(i)
                if entity is not None and entity.kind == "person" and entity.country and entity.name[:1].isupper():
                    by_country[entity.country].add(i)
            came.append(by_country)
        return any(not came[0][c] & came[1][c] for c in came[0].keys() & came[1].keys())

    def _sides(self, ids: frozenset[str]) -> frozenset[str]:
        entities = self.story.entities
        return frozenset((entities[i].country if i in entities else None) or i for i in ids)

    def _places(self, a: Atom, b: Atom) -> float | None:
        if not a.places or not b.places:
            return 0.0
        entities = self.story.entities
        if a.places & b.places or self._called(a.places) & self._called(b.places):
            return 0.6
        # What is asked of entities is kept: of all of a set, whichever comes first.
        ours = {entities[p].country for p in a.places if p in entities} - {None}
        theirs = {entities[p].country for p in b.places if p in entities} - {None}
        if not ours or not theirs:
            return -0.2
        if not ours & theirs:
            # A country may stand there for a party: 'the top US diplomat'.
            parties = a.actor_countries | a.recipient_countries | b.actor_countries | b.recipient_countries
            guessed = [
                all(entities[p].kind == "country" and entities[p].country in parties for p in places if p in entities)
                for places in (a.places, b.places)
            ]
            return -0.5 if any(guessed) else -2.0
        if any(entities[p].kind == "country" for p in a.places | b.places if p in entities):
            return 0.3
        return -0.4 if self._close(a.places, b.places) else -3.0

    def _called(self, places: frozenset[str]) -> frozenset[str]:
        """The names of places, of whatever kind: a city and the province that is called after it."""
        known = (self.story.entities[p] for p in places if p in self.story.entities)
        return frozenset(plain(e.name) for e in known if e.kind != "country")

    def _heads(self, ids: frozenset[str]) -> frozenset[str]:
        """What unnamed parties are: 'advisor' of 'presidential advisors'; reports have no entity of them in common."""
        known = (self.story.entities[i] for i in ids if i in self.story.entities)
        unnamed = (words(e.name) for e in known if e.name and e.name == e.name.lower())
        return frozenset(stem(run[-1][0]) for run in unnamed if run) - {stem("people")}

    def _close(self, ours: frozenset[str], theirs: frozenset[str]) -> bool:
        """Within about 150 km, or of unknown position: a quarter, its city and its province."""
        for p in sorted(ours):
            for q in sorted(theirs):
                a, b = self.story.entities.get(p), self.story.entities.get(q)
                if a is None or b is None or None in (a.latitude, a.longitude, b.latitude, b.longitude):
                    return True
                if (
                    abs((a.latitude or 0) - (b.latitude or 0)) < 1.4
                    and abs((a.longitude or 0) - (b.longitude or 0)) < 1.8
                ):
                    return True
        return False


def _act_and_toll(a: Atom, b: Atom) -> bool:
    """True for an attack and its dead or wounded, which a sentence tells by a verb each."""
    ours, theirs = a.anchors & HARM, b.anchors & HARM
    return bool(ours and theirs and (ours | theirs) & SUFFERED and a.kinds == b.kinds)


def taken_up(a: Atom, b: Atom) -> bool:
    """True when `b` only takes up what the same report tells as `a`: 'the attack', 'the wounded'."""
    same = a.anchors & b.anchors or (a.anchors & HARM and b.anchors & HARM)
    return bool(b.bare and not a.bare and same and b.reports <= a.reports and (b.anchors & a.around or a.lead))


def _background(a: Atom, b: Atom) -> bool:
    """True when `a` is dated and `b`, of the same report, is told without a day and not as known already."""
    return a.certain and b.first is None and not b.bare and a.reports == b.reports and not a.places & b.places


def _same_kind(a: Atom, b: Atom) -> bool:
    kinds = (a.kinds | b.kinds) - {"negated"}
    return len(kinds) <= 1


def _dates(a: Atom, b: Atom) -> float | None:
    if a.first is None or b.first is None or a.last is None or b.last is None:
        return 0.0
    if a.first <= b.last and b.first <= a.last:
        width = max(a.last - a.first, b.last - b.first)
        return 0.5 if width <= 3 else 0.2
    gap = max(a.first - b.last, b.first - a.last)
    both = a.certain and b.certain
    if gap > (2 if both else 10) or (both and a.reports & b.reports):
        return None
    # Reports of one happening often differ by a day: time zones, 'last night', plain errors.
    return -0.5 if gap <= 1 else -1.0
