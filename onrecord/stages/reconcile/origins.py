"""The independent origins behind one event, with the interval that the evidence leaves open and the reason in words.

Bases of the event's reports are one origin when they name the same source, when their passages are one text, or when
both are the unsourced text of reports of which one took from the other.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from onrecord.stages.reconcile.basis import (
    ANSWERED,
    SPEECH,
    Basis,
    also_cited,
    bases,
    called,
    denied,
    own_accounts,
    parties_of,
)
from onrecord.stages.reconcile.groups import Groups
from onrecord.stages.reconcile.identity import identify
from onrecord.stages.reconcile.mentions import carriers
from onrecord.stages.reconcile.view import Mention, Story
from onrecord.stages.reconcile.words import stem
from onrecord.text import key, plain

# A report that took this share of its body from another has its unsourced statements from it too.
_TAKEN = 0.25
_SOME = re.compile(r"(?:some|several|many|various|a few|a number of)\b", re.IGNORECASE)
_ROADS = ("outlet", "agency", "own_reporting")
_STRENGTH = {"cited": 0, "inferred": 1, "unattributed": 2}
_KIND_ORDER = (
    "institution", "named_source", "document", "anonymous_source", "agency", "outlet", "own_reporting",
)  # fmt: skip


@dataclass(slots=True)
class Origin:
    """One origin of one event."""

    id: str
    kind: str
    label: str
    report_ids: list[str]
    evidence: list[tuple[str, int, int]]
    reason: str
    mentions: frozenset[str]
    identity: frozenset[tuple[str, ...]]
    attested: bool  # somebody is cited, and by more than a vague word


@dataclass(slots=True)
class Origins:
    """All origins of one event, the interval and the sentence."""

    origins: list[Origin]
    low: int
    high: int
    reason: str
    reports: list[str]  # reports that say that it happened
    of: dict[str, str] = field(default_factory=dict)  # mention id to origin id


def trace(event_id: str, mentions: Sequence[Mention], story: Story) -> Origins:
    """The origins of one event, given its mentions."""
    by_report: dict[str, list[Mention]] = defaultdict(list)
    for m in mentions:
        by_report[m.report].append(m)
    affirmed = {
        r: kept
        for r in sorted(by_report, key=story.order)
        if (kept := [m for m in by_report[r] if not denied(m, story.reports[r])])
    }
    if not affirmed:
        # Nobody says that it happened: the event is the denial, and whoever denies is its origin.
        affirmed = {r: by_report[r] for r in sorted(by_report, key=story.order)}
    found = [b for r, kept in affirmed.items() for b in bases(story.reports[r], kept, story)]
    keys = frozenset(k for b in found if b.how == "cited" and not b.identity.vague for k in b.identity.keys)
    for r, kept in affirmed.items():
        found += also_cited(story.reports[r], kept, story, keys)
    parties = parties_of([m for kept in affirmed.values() for m in kept], story)
    stating = frozenset(m.anchor_stem for kept in affirmed.values() for m in kept) - carriers()
    for r, kept in affirmed.items():
        found += own_accounts(story.reports[r], kept, story, parties, stating)
    found = _without_targets(found, mentions)
    groups, copied = _unite(found, affirmed, story)
    origins = [_origin(event_id, [found[i] for i in g], story, _copied(g, found, copied)) for g in groups]
    low, high = _interval(groups, found, origins, copied)
    reason = _reason(origins, list(affirmed), story, low, high)
    of: dict[str, str] = {}
    for o in origins:
        for mention_id in sorted(o.mentions):
            of.setdefault(mention_id, o.id)
    for r, kept in affirmed.items():
        fallback = next((o.id for o in origins if r in o.report_ids), None)
        for m in kept:
            if fallback:
                of.setdefault(m.id, fallback)
    return Origins(origins, low, high, reason, list(affirmed), of)


def _without_targets(found: list[Basis], mentions: Sequence[Mention]) -> list[Basis]:
    """The bases less those who only answer what they are accused of, if anybody else is left."""
    targets = {("entity", r) for m in mentions if m.type in ANSWERED for r in m.recipients}
    kept = [b for b in found if not targets.intersection(b.identity.keys)]
    return kept or found


def _unite(
    found: list[Basis], affirmed: dict[str, list[Mention]], story: Story
) -> tuple[list[list[int]], dict[frozenset[str], tuple[int, int]]]:
    """Indexes of bases by origin; and, for pairs of reports that share a passage on the event, where it stands."""
    groups = Groups(len(found))
    unite = groups.unite
    first: dict[tuple[str, ...], int] = {}
    for i, basis in enumerate(found):
        names = [*basis.identity.keys, *(("utterance", u) for u in sorted(basis.utterances))]
        for name in names:
            unite(first.setdefault(name, i), i)
    _join_unnamed(found, unite)
    _join_members(found, unite)
    _join_countryless(found, unite)
    _join_cited_elsewhere(found, story, unite)
    _join_unspecified(found, unite)
    copied = _shared(affirmed, story)
    of_mention: dict[str, list[int]] = defaultdict(list)
    for i, basis in enumerate(found):
        for m in basis.mentions:
            of_mention[m].append(i)
    for pairs in copied.values():
        for a, b, _ in pairs:
            for i in of_mention[a]:
                for j in of_mention[b]:
                    if _may_be_one(found[i], found[j]):
                        unite(i, j)
    _join_announced(found, affirmed, unite)
    weak = [i for i, b in enumerate(found) if b.how != "cited"]
    for i, j in combinations(weak[:400], 2):
        pair = frozenset((found[i].report, found[j].report))
        if len(pair) == 2 and story.derived.get(pair, 0.0) >= _TAKEN:
            unite(i, j)
    spots = {pair: rows[0][2] for pair, rows in copied.items()}
    return groups.lists(), spots


def _join_announced(found: list[Basis], affirmed: dict[str, list[Mention]], unite: object) -> None:
    """Whoever accuses, demands or threatens in public is the origin of it, for reports too that name no source."""
    assert callable(unite)
    mentions = [m for kept in affirmed.values() for m in kept]
    if sum(m.type in SPEECH for m in mentions) * 2 <= len(mentions):
        return
    actors = {("entity", a) for m in mentions for a in m.actors}
    spoke = [i for i, b in enumerate(found) if b.how == "cited" and actors.intersection(b.identity.keys)]
    firm = spoke or [i for i, b in enumerate(found) if b.how == "cited" and not b.identity.vague]
    if len({b for i in firm for b in found[i].identity.keys[:1]}) == 1:
        for i, basis in enumerate(found):
            if basis.how != "cited":
                unite(i, firm[0])
    named = [i for i in spoke if found[i].identity.kind != "anonymous_source"]
    if len({found[i].identity.keys[0] for i in named}) == 1:
        for i, basis in enumerate(found):
            # 'Some leaders accused ...', of which the report names one.
            some = basis.identity.kind == "anonymous_source" and _SOME.match(basis.identity.label)
            if some and any(found[j].report == basis.report for j in named):
                unite(i, named[0])


def _join_unnamed(found: list[Basis], unite: object) -> None:
    """Sources of which one is called by some of the other's words: 'the Observatory', 'administration official'."""
    assert callable(unite)
    for kinds in (("anonymous_source",), ("institution", "named_source")):
        seen: dict[frozenset[str], int] = {}
        for i, basis in enumerate(found):
            if basis.identity.kind in kinds and basis.identity.telling:
                unite(seen.setdefault(basis.identity.telling, i), i)
        for (a, i), (b, j) in combinations(sorted(seen.items(), key=lambda x: x[1])[:60], 2):
            if (a <= b or b <= a) and (found[i].report != found[j].report or kinds[0] != "anonymous_source"):
                unite(i, j)


def _join_members(found: list[Basis], unite: object) -> None:
    """'A military source' beside 'the military' in one report: that body, spoken for once."""
    assert callable(unite)
    bodies: dict[tuple[str, str], int] = {}
    for i, basis in enumerate(found):
        if basis.identity.kind == "institution":
            for name in basis.identity.keys:
                bodies.setdefault((basis.report, stem(name[0])), i)
    for i, basis in enumerate(found):
        telling = basis.identity.telling
        if basis.identity.kind == "anonymous_source" and len(telling) == 1:
            body = bodies.get((basis.report, next(iter(telling))))
            if body is not None:
                unite(i, body)


def _join_cited_elsewhere(found: list[Basis], story: Story, unite: object) -> None:
    """A report that gives the event without a source, or on hearsay, yet cites the source that others give for it.

    State media, a paper or what stands next to the event are roads; the deepest source that the report shows counts.
    """
    assert callable(unite)
    firm: dict[tuple[str, ...], int] = {}
    for i, basis in enumerate(found):
        if basis.how == "cited" and not basis.identity.vague and basis.identity.kind not in _ROADS:
            for name in basis.identity.keys:
                firm.setdefault(name, i)
                if name[0] not in ("entity", "words", "anonymous"):
                    # The police of a country and police of none named are taken for the same here.
                    firm.setdefault((name[0], "?"), i)
    for i, basis in enumerate(found if firm else ()):
        firm_here = (basis.settled or basis.how == "cited") and not basis.identity.vague
        if firm_here and basis.identity.kind not in _ROADS and not basis.identity.by_media:
            continue
        report = story.reports[basis.report]
        known = called(report, story)
        bodies = {name[0] for name in firm if name[1:] == ("?",)}
        mine = (known[name] for name in known if name in firm or name[0] in bodies)
        for n in sorted({n for some in mine for n in some}):
            identity = identify(report.sources[n], report, story)
            keys = (*identity.keys, (identity.keys[0][0], "?")) if identity and not identity.by_media else ()
            same = next((firm[k] for k in keys if k in firm), None)
            if same is not None and found[same].report != basis.report:
                unite(same, i)
                break


def _join_countryless(found: list[Basis], unite: object) -> None:
    """'Police' of no known country are those of the country whose police most reports cite for the event."""
    assert callable(unite)
    known: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    said = Counter(b.identity.keys[0] for b in found if not b.identity.guessed)
    most = {name[0]: max(n for k, n in said.items() if k[0] == name[0]) for name in said}
    # 'The government', of the country that most others name: theirs; else as good as of no country.
    sure = {i for i, b in enumerate(found) if said[b.identity.keys[0]] >= most.get(b.identity.keys[0][0], 0)}
    for i, basis in enumerate(found):
        for name in basis.identity.keys:
            if basis.identity.kind == "institution" and len(name) == 2 and name[0] not in ("entity", "words"):
                known[name[0]]["?" if basis.identity.guessed and i not in sure else name[1]].append(i)
    for body in sorted(known):
        homeless = known[body].pop("?", None)
        if homeless and known[body]:
            home = min(known[body].items(), key=lambda x: (-len(x[1]), x[0]))[1]
            for i in homeless:
                unite(i, home[0])


def _join_unspecified(found: list[Basis], unite: object) -> None:
    """'Officials said', 'the report said': the body or paper that the same report names, else a government named."""
    assert callable(unite)
    bodies = [i for i, b in enumerate(found) if b.identity.kind == "institution" and not b.identity.vague]
    papers = [i for i, b in enumerate(found) if b.identity.kind in ("outlet", "document") and not b.identity.vague]
    for i, basis in enumerate(found):
        name = basis.identity.keys[0]
        if name[0] == "document in":
            same = [j for j in papers or bodies if found[j].report == basis.report]
            # 'The report', of a report that names none: the one paper that others cite for it, if it is one.
            elsewhere = papers if len({found[j].identity.keys[0] for j in papers}) == 1 else []
        elif name[0] == "media":
            outlets = [j for j in papers if plain(found[j].identity.label).removeprefix("the ").startswith(name[1])]
            same = [j for j in outlets if found[j].report == basis.report]
            elsewhere = outlets
        elif name[0] == "officials":
            same = [j for j in bodies if found[j].report == basis.report]
            elsewhere = [j for j in bodies if _government_of(found[j], name[1])]
        else:
            continue
        if same or elsewhere:
            unite(i, (same or elsewhere)[0])


def _government_of(basis: Basis, country: str) -> bool:
    return any(
        k[0] in ("government", "local government") and (k[1] in (country, "?") or country == "?")
        for k in basis.identity.keys
    )


def _may_be_one(a: Basis, b: Basis) -> bool:
    """A shared passage makes one origin of two bases unless each names a source of its own."""
    if a.how != "cited" or b.how != "cited":
        return True
    return "anonymous_source" in (a.identity.kind, b.identity.kind) or a.identity.vague or b.identity.vague


def _shared(
    affirmed: dict[str, list[Mention]], story: Story
) -> dict[frozenset[str], list[tuple[str, str, tuple[int, int]]]]:
    """For pairs of reports: (mention, mention, passage in the first) wherever one passage holds a mention of each."""
    out: dict[frozenset[str], list[tuple[str, str, tuple[int, int]]]] = defaultdict(list)
    for r, kept in affirmed.items():
        for m in kept:
            for p in story.reports[r].passages_at(m.anchor[0]):
                if p.quotation or p.other not in affirmed:
                    continue
                for n in affirmed[p.other]:
                    if p.other_start <= n.anchor[0] < p.other_end:
                        out[frozenset((r, p.other))].append((m.id, n.id, (p.start, p.end)))
    return out


def _copied(group: list[int], found: list[Basis], copied: dict[frozenset[str], tuple[int, int]]) -> bool:
    reports = sorted({found[i].report for i in group})
    return len(reports) <= 200 and any(frozenset(pair) in copied for pair in combinations(reports, 2))


def _origin(event_id: str, parts: list[Basis], story: Story, copied: bool) -> Origin:
    parts = sorted(parts, key=lambda b: (_STRENGTH[b.how], b.identity.vague, story.order(b.report)))
    strongest = [b for b in parts if _STRENGTH[b.how] == _STRENGTH[parts[0].how]]
    chief = min(
        strongest,
        key=lambda b: (b.identity.vague, _KIND_ORDER.index(b.identity.kind), story.order(b.report)),
    )
    reports = sorted({b.report for b in parts}, key=story.order)
    evidence = sorted({(b.report, s, e) for b in parts for s, e in b.evidence}, key=lambda x: (story.order(x[0]), x))
    label = chief.identity.label
    keys = frozenset(k for b in parts for k in b.identity.keys)
    return Origin(
        key(event_id, *("|".join(k) for k in sorted(keys)), *reports, prefix="o_"),
        chief.identity.kind,
        label,
        reports,
        evidence,
        _why(chief, parts, reports, copied, story),
        frozenset(m for b in parts for m in b.mentions),
        keys,
        any(b.how == "cited" and not b.identity.vague for b in parts),
    )


def _why(chief: Basis, parts: list[Basis], reports: list[str], copied: bool, story: Story) -> str:
    label = chief.identity.label
    who = f"{label!r}" if chief.identity.kind == "anonymous_source" else label
    how = {b.how for b in parts}
    n = len(reports)
    subject = "one report" if n == 1 else "both reports" if n == 2 else f"{n} reports"
    if how == {"unattributed"}:
        if chief.identity.kind == "agency":
            return f"{subject} name{'s' if n == 1 else ''} no source; the copy is credited to {label}"
        if n == 1:
            return f"names no source: {label} itself"
        if len({k for b in parts for k in b.identity.keys}) == 1:
            return f"{subject} name no source and are of one outlet, {label}"
        if copied:
            return f"{subject} name no source and share the text"
        return f"{subject} name no source; one has text of the other, though not this passage"
    verb = "cites" if n == 1 else "cite"
    if how == {"inferred"}:
        text = f"{subject} {verb} {who} for the passage next to it"
    elif "cited" in how and how != {"cited"}:
        text = f"{subject} rest{'s' if n == 1 else ''} on {who}, one of them by what stands next to it"
    else:
        text = f"{subject} {verb} {who}"
    return f"{text}, in a passage that they share" if copied else text


def _interval(
    groups: list[list[int]], found: list[Basis], origins: list[Origin], copied: dict[frozenset[str], tuple[int, int]]
) -> tuple[int, int]:
    """(fewest, most): weak origins may be others of the event in disguise; inferred sources may each be their own, and
    so may reports that name no source and share text, but not the event's own passage."""
    attested = sum(o.attested for o in origins)
    high = 0
    for group in groups:
        weak = {found[i].report for i in group if found[i].how == "inferred"}
        firm = any(found[i].how != "inferred" for i in group)
        unsourced = {found[i].how for i in group} == {"unattributed"}
        several = len({k for i in group for k in found[i].identity.keys}) > 1
        if unsourced and several and not _copied(group, found, copied):
            weak, firm = {found[i].report for i in group}, False
        high += max(1, len(weak) + firm)
    return max(1, attested), max(high, len(origins))


def _reason(origins: list[Origin], reports: list[str], story: Story, low: int, high: int) -> str:
    n = len(origins)
    if n == 1:
        text = f"1 origin: {origins[0].reason}"
    else:
        ranked = sorted(origins, key=lambda o: (-len(o.report_ids), not o.attested, o.label, o.id))
        named = [f"{o.label} ({len(o.report_ids)} report{'s' * (len(o.report_ids) > 1)})" for o in ranked[:4]]
        more = f" and {n - 4} more" if n > 4 else ""
        text = f"{n} origins in {len(reports)} report{'s' * (len(reports) > 1)}: {'; '.join(named)}{more}"
    if low < n and n > 1:
        text += f"; {n - low} of them name{'s' * (n - low == 1)} no source of {'its' if n - low == 1 else 'their'} own"
    return text
