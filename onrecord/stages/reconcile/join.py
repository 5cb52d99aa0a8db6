"""Event mentions of one happening joined: agglomerative, with pairs that must and pairs that cannot be one event.

Mentions of one aligned passage are joined first. The atoms so made are compared where an index of their words, entities
and numbers proposes it, and merged best first by the mean score between their parts, as long as nothing forbids it.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from onrecord.stages.reconcile.groups import Groups
from onrecord.stages.reconcile.judge import Atom, Judge, atom_of, taken_up
from onrecord.stages.reconcile.view import HARM, Mention, Story

# Chosen by reading joined and unjoined pairs of invented stories; the scale is that of `Judge.score`.
THRESHOLD = 2.6
# What stands alone or in a smaller group goes to one of more reports from this score on, even if it is a little less
# like it than its own: coreference of the ECB+ corpus gains by both.
SETTLED = 2.0
YIELDS = 0.5
# Groups and parts of a group that a part is compared with to settle it.
_LARGE = 40
_PARTS = 12
# An atom is compared with at most so many others, the ones that share most with it.
NEIGHBOURS = 24
# A word or entity of more atoms than this proposes no pairs by itself; the rarer ones of a clause do.
COMMON = 150


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
    atoms = [atom_of(n, g, mentions) for n, g in enumerate(_atoms(mentions, links))]
    home_of = {i: a.number for a in atoms for i in a.members}
    linked = frozenset((min(a, b), max(a, b)) for i, j in links if (a := home_of[i]) != (b := home_of[j]))
    pairs = sorted({*_proposed(atoms, story), *linked})
    judge = Judge(story, linked)
    resumed = _antecedents(atoms, pairs, judge)
    pairs = [p for p in pairs if not resumed.keys() & set(p)]
    groups = [g for g in _agglomerate(atoms, pairs, judge.score) if g[0] not in resumed]
    groups = _settled(groups, atoms, judge)
    home = {n: g for g in groups for n in g}
    for n, antecedent in sorted(resumed.items()):
        home[antecedent].append(n)
    out = [sorted(i for n in group for i in atoms[n].members) for group in groups]
    return sorted(out)


def _antecedents(atoms: list[Atom], pairs: Iterable[tuple[int, int]], judge: Judge) -> dict[int, int]:
    """For atoms that only take up a happening ('the attack'), the one told in full that fits best, if any does."""
    best: dict[int, tuple[float, int]] = {}
    for pair in pairs:
        for n, other in (pair, pair[::-1]):
            if taken_up(atoms[other], atoms[n]):
                value = judge.score(atoms[other], atoms[n])
                if value is not None and value >= THRESHOLD:
                    best[n] = min(best.get(n, (0.0, other)), (-value, other))
    return {n: other for n, (_, other) in best.items()}


def _atoms(mentions: list[Mention], links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Mentions that are one for certain: the same point of a shared passage, or the same words of the same type.

    Few words are enough inside one report, of the same parties.
    """
    groups = Groups(len(mentions))

    def unite(i: int, j: int) -> None:
        if mentions[i].kind == mentions[j].kind and mentions[i].type == mentions[j].type:
            groups.unite(i, j)

    for i, j in sorted(links):
        unite(i, j)
    same: dict[tuple[object, ...], int] = {}
    for i, m in enumerate(mentions):
        told = (m.type, m.kind, m.anchor_stem, m.stems, m.numbers, m.first, m.last)
        if len(m.stems) >= 4:
            unite(same.setdefault(told, i), i)
        elif m.stems:
            unite(same.setdefault((*told, m.report, m.actors, m.recipients), i), i)
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
    if atom.anchors & HARM:
        out |= {("harm in", r) for r in atom.reports}
    out |= {("anchor", f"{t} {s}") for t in atom.types for s in atom.anchors}
    return out


def _settled(groups: list[list[int]], atoms: list[Atom], judge: Judge) -> list[list[int]]:
    """The groups with each part moved to the larger group that it is as like: what told the whole came late to it."""
    large = sorted(groups, key=lambda g: (-len({r for n in g for r in atoms[n].reports}), g))
    large = [g for g in large if len({r for n in g for r in atoms[n].reports}) > 1][:_LARGE]
    home = {n: g for g in groups for n in g}
    known: dict[tuple[int, int], float | None] = {}

    def score(n: int, o: int) -> float | None:
        pair = (min(n, o), max(n, o))
        if pair not in known:
            known[pair] = judge.score(atoms[pair[0]], atoms[pair[1]])
        return known[pair]

    def mean(n: int, group: list[int]) -> float | None:
        values = [score(n, o) for o in group[:_PARTS] if o != n]
        if not values:
            return 0.0
        return None if None in values else sum(v for v in values if v is not None) / len(values)

    for n in sorted(home):
        own = home[n]
        here = mean(n, own)
        best = (here if here is not None else 0.0) - YIELDS
        if len(own) == 1:
            best = SETTLED
        size = len({r for o in own for r in atoms[o].reports})
        for group in large:
            if group is own or len({r for o in group for r in atoms[o].reports}) <= size:
                continue
            if not any(atoms[n].anchors & atoms[o].anchors for o in group):
                continue
            there = mean(n, group)
            if there is not None and there > best:
                best = there
                own.remove(n)
                group.append(n)
                home[n] = own = group
    return [sorted(g) for g in groups if g]


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
