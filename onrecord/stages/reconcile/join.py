"""Event mentions of one happening joined: agglomerative, with pairs that must and pairs that cannot be one event.

Mentions of one aligned passage are joined first. The atoms so made are compared where an index of their words, entities
and numbers proposes it, and merged best first by the mean score between their parts, as long as nothing forbids it.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from onrecord.stages.reconcile.groups import Groups
from onrecord.stages.reconcile.view import Mention, Story
from onrecord.stages.reconcile.words import settings, stem

# Chosen by reading joined and unjoined pairs of invented stories; the scale is that of `Judge.score`.
THRESHOLD = 2.6
# Happenings whose two sides do the same thing.
_MUTUAL = frozenset({"CONSULT", "AGREE", "COOPERATE"})
# Word families that tell one violent happening: what was done, and what it did to people.
_HARM = frozenset({"~kill", "~injure", "~attack", "~explode", "~shoot", "~shell", "~crash"})
_SUFFERED = frozenset({"~kill", "~injure"})
# An atom is compared with at most so many others, the ones that share most with it.
NEIGHBOURS = 24
# A word or entity of more atoms than this proposes no pairs by itself; the rarer ones of a clause do.
COMMON = 150


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


def _atom(number: int, members: list[int], mentions: list[Mention]) -> Atom:
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
        union("actors"), union("recipients"), union("actor_countries"), union("recipient_countries"),
        dated[0][2] if dated else None, dated[0][3] if dated else None, bool(dated) and not dated[0][0],
        frozenset(m.place for m in own if m.place),
        fullest.stems - _light(), fullest.numbers, fullest.names,
        frozenset(m.anchor_stem for m in own) - _light(),
        union("said"),
        frozenset(m.report for m in own),
        frozenset((m.report, m.sentence) for m in own),
        max(own, key=lambda m: (len(m.around), m.id)).around - _light(),
        any(m.lead for m in own),
        any(m.several for m in own),
        all(m.bare for m in own),
    )  # fmt: skip


@cache
def _light() -> frozenset[str]:
    return frozenset(stem(w) for w in str(settings()["light_verbs"]).split())


class Judge:
    """Scores two atoms; None where they cannot be one happening."""

    def __init__(self, story: Story, linked: frozenset[tuple[int, int]]) -> None:
        self.story = story
        self.linked = linked

    def score(self, a: Atom, b: Atom) -> float | None:
        """How much speaks for one happening; `None`: cannot be. Above `THRESHOLD` they may be joined."""
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
            total = -0.4
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
        if a.numbers & b.numbers:
            total += 0.7
        if a.names and b.names and not a.names & b.names:
            total -= 0.8
        if a.said & b.said:
            total += 0.6
        if aligned:
            total += 2.5
        known = _taken_up(a, b) or _taken_up(b, a)
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
        if a.types <= _MUTUAL and b.types <= _MUTUAL:
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

    def _partners(self, a: Atom, b: Atom) -> float | None:
        """Parties to talks or a deal: who is named first says nothing, but each pair has its own."""
        ours, theirs = a.actors | a.recipients, b.actors | b.recipients
        if not ours or not theirs:
            return -0.2
        here, there = self._sides(ours), self._sides(theirs)
        shared = len(ours & theirs)
        if self._others(ours, theirs):
            return -1.5
        if here == there and len(here) > 1 and "CONSULT" in a.types & b.types:
            # One story seldom has two meetings of the same two.
            return 1.2 + 0.5 * min(2, shared)
        if here <= there or there <= here:
            return 0.4 + 0.5 * min(2, shared)
        if len(here) > 1 and len(there) > 1:
            return None if a.reports & b.reports or not here & there else -1.2
        return -0.2 if here & there else -1.2

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
        if a.places & b.places:
            return 0.6
        entities = self.story.entities
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

    def _close(self, ours: frozenset[str], theirs: frozenset[str]) -> bool:
        """Within about 150 km, or of unknown position: a quarter, its city and its province."""
        for p in ours:
            for q in theirs:
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
    ours, theirs = a.anchors & _HARM, b.anchors & _HARM
    return bool(ours and theirs and (ours | theirs) & _SUFFERED and a.kinds == b.kinds)


def _taken_up(a: Atom, b: Atom) -> bool:
    """True when `b` only takes up what the same report tells as `a`: 'the attack', 'the wounded'."""
    same = a.anchors & b.anchors or (a.anchors & _HARM and b.anchors & _HARM)
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


def _links(story: Story) -> set[tuple[int, int]]:
    """Pairs of mentions (indexes, smaller first) that stand at the same point of a passage that two reports share."""
    at: dict[str, list[int]] = defaultdict(list)
    for i, m in enumerate(story.mentions):
        at[m.report].append(i)
    anchors = {r: [story.mentions[i].anchor[0] for i in own] for r, own in at.items()}
    out = set()
    for i, m in enumerate(story.mentions):
        for p in story.reports[m.report].passages_at(m.anchor[0]):
            if p.other <= m.report or p.other not in at:
                continue
            there = p.there(m.anchor[0])
            slack = max(25.0, 0.12 * (p.other_end - p.other_start))
            low = bisect_left(anchors[p.other], max(p.other_start, there - slack))
            high = bisect_right(anchors[p.other], min(p.other_end - 1, there + slack))
            same = [j for j in at[p.other][low:high] if story.mentions[j].anchor_stem == m.anchor_stem]
            if same:
                best = min(same, key=lambda j: (abs(story.mentions[j].anchor[0] - there), j))
                out.add((min(i, best), max(i, best)))
    return out


def join(story: Story) -> list[list[int]]:
    """Groups of indexes into `story.mentions`, each one happening, in the order of their first mention."""
    mentions = story.mentions
    links = _links(story)
    atoms = [_atom(n, g, mentions) for n, g in enumerate(_atoms(mentions, links))]
    atom_of = {i: a.number for a in atoms for i in a.members}
    linked = frozenset((min(a, b), max(a, b)) for i, j in links if (a := atom_of[i]) != (b := atom_of[j]))
    pairs = sorted({*_proposed(atoms, story), *linked})
    judge = Judge(story, linked)
    taken_up = _antecedents(atoms, pairs, judge)
    pairs = [p for p in pairs if not taken_up.keys() & set(p)]
    groups = [g for g in _agglomerate(atoms, pairs, judge.score) if g[0] not in taken_up]
    home = {n: g for g in groups for n in g}
    for n, antecedent in sorted(taken_up.items()):
        home[antecedent].append(n)
    out = [sorted(i for n in group for i in atoms[n].members) for group in groups]
    return sorted(out)


def _antecedents(atoms: list[Atom], pairs: Iterable[tuple[int, int]], judge: Judge) -> dict[int, int]:
    """For atoms that only take up a happening ('the attack'), the one told in full that fits best, if any does."""
    best: dict[int, tuple[float, int]] = {}
    for pair in pairs:
        for n, other in (pair, pair[::-1]):
            if _taken_up(atoms[other], atoms[n]):
                value = judge.score(atoms[other], atoms[n])
                if value is not None and value >= THRESHOLD:
                    best[n] = min(best.get(n, (0.0, other)), (-value, other))
    return {n: other for n, (_, other) in best.items()}


def _atoms(mentions: list[Mention], links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Mentions that are one for certain: the same point of a shared passage, or the same words of the same type."""
    groups = Groups(len(mentions))

    def unite(i: int, j: int) -> None:
        if mentions[i].kind == mentions[j].kind and mentions[i].type == mentions[j].type:
            groups.unite(i, j)

    for i, j in sorted(links):
        unite(i, j)
    same: dict[tuple[object, ...], int] = {}
    for i, m in enumerate(mentions):
        if len(m.stems) >= 4:
            first = same.setdefault((m.type, m.kind, m.anchor_stem, m.stems, m.numbers, m.first, m.last), i)
            unite(first, i)
    return groups.lists()


def _proposed(atoms: list[Atom], story: Story) -> Iterator[tuple[int, int]]:
    """Pairs of atoms worth a comparison, found through what they share."""
    index: dict[object, list[int]] = defaultdict(list)
    for n, atom in enumerate(atoms):
        for feature in sorted(_features(atom), key=repr):
            index[feature].append(n)
    weight = story.weights.of
    seen = set()
    for n, atom in enumerate(atoms):
        shared: dict[int, float] = defaultdict(float)
        for feature in sorted(_features(atom), key=repr):
            others = index[feature]
            if len(others) > COMMON:
                continue
            value = weight(feature[1]) if feature[0] == "word" else 1.5
            for other in others:
                if other != n:
                    shared[other] += value
        for other in heapq.nsmallest(NEIGHBOURS, shared, key=lambda o: (-shared[o], o)):
            pair = (min(n, other), max(n, other))
            if pair not in seen:
                seen.add(pair)
                yield pair


def _features(atom: Atom) -> set[tuple[str, str]]:
    out = {("word", s) for s in atom.stems}
    out |= {("entity", e) for e in atom.actors | atom.recipients}
    out |= {("number", str(n)) for n in atom.numbers}
    out |= {("said", u) for u in atom.said}
    out |= {("place", f"{t} {p}") for t in atom.types for p in atom.places}
    if atom.anchors & _HARM:
        out |= {("harm in", r) for r in atom.reports}
    out |= {("anchor", f"{t} {s}") for t in atom.types for s in atom.anchors}
    return out


def _agglomerate(
    atoms: list[Atom], pairs: Iterable[tuple[int, int]], score: Callable[[Atom, Atom], float | None]
) -> list[list[int]]:
    """Merge best first by the mean of the known scores between two groups; a forbidden pair forbids the merge."""
    sums: dict[int, dict[int, tuple[float, int]]] = defaultdict(dict)
    barred: dict[int, set[int]] = defaultdict(set)
    for a, b in pairs:
        value = score(atoms[a], atoms[b])
        if value is None:
            barred[a].add(b)
            barred[b].add(a)
        else:
            sums[a][b] = sums[b][a] = (value, 1)
    groups = {n: [n] for n in range(len(atoms))}
    heap = [(-v, a, b) for a, row in sums.items() for b, (v, _) in row.items() if a < b and v >= THRESHOLD]
    heapq.heapify(heap)
    while heap:
        minus, a, b = heapq.heappop(heap)
        if a not in groups or b not in groups or b in barred[a]:
            continue
        total, count = sums[a].get(b, (0.0, 0))
        if not count or total / count != -minus:
            continue
        groups[a] += groups.pop(b)
        barred[a] |= barred.pop(b, set())
        for c in barred[a]:
            barred[c].discard(b)
            barred[c].add(a)
        sums[a].pop(b, None)
        for c, (more, n) in sums.pop(b, {}).items():
            if c == a:
                continue
            sums[c].pop(b, None)
            old, k = sums[a].get(c, (0.0, 0))
            sums[a][c] = sums[c][a] = (old + more, k + n)
        for c in sorted(sums[a]):
            total, count = sums[a][c]
            mean = total / count
            if mean >= THRESHOLD and c not in barred[a]:
                heapq.heappush(heap, (-mean, min(a, c), max(a, c)))
    return [sorted(g) for g in groups.values()]
