"""What a report rests on for one event: the sources that it cites, the one next to it, its agency, or itself."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from onrecord import lexicon
from onrecord.stages.reconcile.echo import sentences
from onrecord.stages.reconcile.identity import Identity, deepest, identify, known_agency, outlet_key
from onrecord.stages.reconcile.mentions import recalled
from onrecord.stages.reconcile.view import Mention, Report, Source, Story
from onrecord.stages.reconcile.words import Weights, stem
from onrecord.text import plain, words

# Events that consist in saying something: whoever does it is the source of it.
SPEECH = ("ACCUSE", "REJECT", "THREATEN", "REQUEST")
_MUTUAL = ("CONSULT", "AGREE", "COOPERATE", "SUPPORT")
# Types of sources that are roads to deeper ones.
_PAPERS = ("document", "outlet")
# Events that those to whom they are done answer in public.
ANSWERED = (*SPEECH, "SANCTION")
# A source that is not in the event's own sentence is taken for its source from this score on.
_ENOUGH = 0.9
# Content this alike is about the event, wherever in the report it stands.
_ABOUT = 0.45
_RELATED = 0.25
# A passage that names more sources than this beside an event is background, and each of them a guess.
_MOST_INFERRED = 2
_REFERENCE = re.compile(r"\b(?:the|this|that|these|those) ([\w'-]+(?: [\w'-]+)?)")
_ADJOINING = 3  # sentences
_WEIGHED = 64  # mentions of one event in one report that are held beside its sources; longer lists are no news text
_CREDIT_ORDER = ("copy", "byline", "copyright", "contribution")


@dataclass(slots=True)
class Basis:
    """One thing that a report's account of an event rests on; `how` is 'cited', 'inferred' or 'unattributed'."""

    report: str
    identity: Identity
    how: str
    mentions: list[str]
    evidence: list[tuple[int, int]] = field(default_factory=list)
    utterances: set[str] = field(default_factory=set)
    settled: bool = False  # inferred, but from words that speak of the event


def denied(mention: Mention, report: Report) -> bool:
    """True when the mention says, or is told by somebody who says, that it did not happen."""
    if mention.modality == "negated":
        return True
    covering = report.covering(*mention.anchor)
    denying = [s for s in covering if s.polarity == "deny" and not reacts(s, report)]
    # 'The office disputed a report that said ...': the report affirms it all the same.
    told = [s for s in covering if s.type in _PAPERS and s.polarity != "deny"]
    return any(not any(_inside(t, d) for t in told) for d in denying)


def reacts(source: Source, report: Report) -> bool:
    """True when the cue says what somebody thinks of what happened: 'welcomed', 'condemned', 'was glad'."""
    return any(stem(w) in _reactions() for s, e in source.cue for w, _, _ in words(report.text[s:e]))


@cache
def _reactions() -> frozenset[str]:
    rows = lexicon.rows("cues.tsv")
    return frozenset(stem(r["lemma"]) for r in rows if r["kind"] in ("condemn", "praise", "feel") and r["pos"] == "v")


def _inside(inner: Source, outer: Source) -> bool:
    return inner is not outer and all(any(a <= s and e <= b for a, b in outer.content) for s, e in inner.content)


def bases(report: Report, mentions: Sequence[Mention], story: Story) -> list[Basis]:
    """What the report's account of one event rests on; `mentions` are its mentions of the event, denials left out."""
    found: dict[tuple[tuple[str, ...], ...], Basis] = {}

    def add(identity: Identity, how: str, mention: Mention, evidence: tuple[int, int], utterance: str | None) -> None:
        basis = found.setdefault(identity.keys, Basis(report.id, identity, how, []))
        if mention.id not in basis.mentions:
            basis.mentions.append(mention.id)
        if evidence not in basis.evidence:
            basis.evidence.append(evidence)
        if utterance:
            basis.utterances.add(utterance)

    loose = []
    # 'The charges are serious', said a colleague: he takes for granted what he is no source of.
    stated = [m for m in mentions if not recalled(m, report)] or mentions
    # A headline sums up the body; who is named in it says nothing more.
    for m in [m for m in stated if m.start >= report.body_start] or stated:
        cited = _cited(m, report, story)
        for source, identity in cited:
            add(identity, "cited", m, source.evidence, source.utterance)
        own = None if cited else _speaker(m, story)
        if own:
            # 'He accused the minister': whoever says so heard or read it from him.
            add(own, "cited", m, m.anchor, None)
        elif not cited:
            loose.append(m)
    if all(m.start < report.body_start for m in stated) and (told := _lead(report, story)):
        found.clear()
        for source, identity in told:
            add(identity, "cited", stated[0], source.evidence, source.utterance)
    if not found:
        near = _adjoining(loose[:_WEIGHED], report, story)
        for source, identity, m in near:
            add(identity, "inferred", m, source.evidence, source.utterance)
            found[identity.keys].settled |= _speaks_of(source, m, report)
    if not found:
        identity, spot = itself(report, story)
        for m in loose:
            add(identity, "unattributed", m, spot or (m.start, m.end), None)
    return list(found.values())


def _lead(report: Report, story: Story) -> list[tuple[Source, Identity]]:
    """Who is cited for the first sentence of the body: a headline sums it up."""
    start, end = report.sentence_span(report.body_start)
    out = []
    for source in report.sources:
        if source.polarity != "deny" and any(s < end and start < e for s, e in source.content):
            identity = identify(source, report, story)
            if identity is not None:
                out.append((source, resolved(source, identity, report, story)))
    return out


def _speaks_of(source: Source, m: Mention, report: Report) -> bool:
    """True when what was said names the event as known: 'the deal', 'this attack'."""
    families = {s for s in m.stems | {m.anchor_stem} if s.startswith("~")}
    said = plain(" ".join(report.text[s:e] for s, e in source.content))
    return any(stem(w) in families for found in _REFERENCE.findall(said) for w in found.split())


def _cited(m: Mention, report: Report, story: Story) -> list[tuple[Source, Identity]]:
    by_id = report.by_id
    covering = report.covering(*m.anchor)
    own = by_id.get(m.row["attribution_id"] or "")
    if own is not None and own not in covering:
        covering = sorted([*covering, own], key=lambda s: (min(s.spans()), s.id))
    if not covering:
        # 'Police blamed the driver': the verb that states the event is the one that tells it.
        covering = report.cued_at(m.anchor[0])
    covering = _without_comments([s for s in covering if not _suffers(s, m)], m, report)
    above = {p.id for s in covering for p in deepest(s, by_id)[1:]}
    out = []
    for source in covering:
        if source.id in above:
            continue
        for step in deepest(source, by_id):
            identity = identify(step, report, story)
            if identity is not None:
                identity = resolved(step, identity, report, story)
                out.append((step, _spoken_for(step, identity, by_id, report, story)))
                break
    return _through_papers(out, covering, report, story)


def _without_comments(covering: list[Source], m: Mention, report: Report) -> list[Source]:
    """The sources less those who only say what they think of it: 'she said she welcomed the ruling' tells no ruling."""
    comments = [s for s in covering if s.covers(*m.anchor) and reacts(s, report)]
    who = {s.entity for s in comments} - {None}
    return [s for s in covering if s not in comments and s.entity not in who]


def _through_papers(
    cited: list[tuple[Source, Identity]], covering: list[Source], report: Report, story: Story
) -> list[tuple[Source, Identity]]:
    """Unnamed sources of a paper that is cited for the same words are known by the paper: it is the road to them."""
    unnamed = [s for s, i in cited if i.kind == "anonymous_source"]
    if not unnamed:
        return cited
    roads: dict[str, tuple[tuple[str, ...], ...]] = {}
    for paper in [s for s in covering if s.type in _PAPERS and s not in unnamed]:
        found = identify(paper, report, story)
        named = found is not None and not found.vague and found.kind in ("outlet", "document")
        if found is not None and named and not known_agency(found.label):
            roads[paper.id] = found.keys
    keys = tuple(k for i in sorted(roads) for k in roads[i])
    out = [(s, replace(i, keys=(*i.keys, *keys)) if s in unnamed else i) for s, i in cited if s.id not in roads]
    return out if keys else cited


def _spoken_for(
    source: Source, identity: Identity, by_id: Mapping[str, Source], report: Report, story: Story
) -> Identity:
    """'The firm maintained that ..., its editor said': the house and who speaks for it are one source."""
    parent = by_id.get(source.parent or "")
    if parent is None or identity.kind != "institution":
        return identity
    named = plain(" ".join(report.text[s:e] for s, e in parent.named))
    outer = identify(parent, report, story) if named.startswith(("its ", "their ")) else None
    return replace(identity, keys=(*identity.keys, *outer.keys)) if outer is not None else identity


def _suffers(source: Source, m: Mention) -> bool:
    """True for one to whom it was done: named as such in the clause, or answering an accusation."""
    spans = [(s["char_start"], s["char_end"]) for s in m.row["recipient_spans"] or ()]
    if source.by_account:
        return False
    if any(a < e and s < b for a, b in spans for s, e in source.named):
        return True
    return source.entity in m.recipients and m.type in ANSWERED


def resolved(source: Source, identity: Identity, report: Report, story: Story) -> Identity:
    """'The official', 'the source': the unnamed source that the report described last; 'reports': an outlet near by."""
    if identity.vague and identity.keys[0][0] == "document in":
        return _reported_by(source, report, story) or identity
    if not identity.vague or identity.keys[0][0] not in ("anonymous in", "officials"):
        return identity
    said = report.text[slice(*source.named[0])].lower() if source.named else ""
    if not said.startswith(("the ", "he", "she", "they")):
        return identity
    earlier = bisect_left(report.starts, min(source.spans())[0])
    return _fuller(report, story)[earlier] or identity


def _fuller(report: Report, story: Story) -> list[Identity | None]:
    """For each number of sources from the first on, the last unnamed one among them that is more than a vague word."""
    if ("fuller", 0) not in report.found:
        out: list[Identity | None] = [None]
        for source in report.sources:
            found = identify(source, report, story) if source.type == "anonymous" else None
            out.append(found if found is not None and not found.vague else out[-1])
        report.found["fuller", 0] = out
    known: list[Identity | None] = report.found["fuller", 0]
    return known


def _reported_by(source: Source, report: Report, story: Story) -> Identity | None:
    """Whose 'reports' they are: the outlet that the same or the next two paragraphs cite."""
    at = report.paragraph(min(source.spans())[0])
    last = report.breaks[at + 3] if at + 3 < len(report.breaks) else len(report.text) + 1
    for other in report.sources[bisect_left(report.starts, report.breaks[at]) : bisect_left(report.starts, last)]:
        if other.type == "outlet" and other.informs:
            found = identify(other, report, story)
            if found is not None and found.kind == "outlet":
                return found
    return None


def _speaker(m: Mention, story: Story) -> Identity | None:
    if m.type not in SPEECH or not m.actors:
        return None
    spans = tuple((s["char_start"], s["char_end"]) for s in m.row["actor_spans"] or ())
    entity = story.entities.get(min(m.actors))
    if entity is None or not spans:
        return None
    kind = "named" if entity.kind == "person" else "institution"
    source = Source("", m.report, (), (), spans, kind, entity.id, entity.name, entity.country, None, None, None)
    return identify(source, story.reports[m.report], story)


def also_cited(
    report: Report, mentions: Sequence[Mention], story: Story, keys: frozenset[tuple[str, ...]]
) -> list[Basis]:
    """Bases for sources with one of `keys` (other reports cite them for the event) that tell it here uncoded."""
    out = []
    stems = {m.anchor_stem for m in mentions}
    for n in _telling(report, story, stems, keys):
        source, said = report.sources[n], report.said[n]
        identity = identify(source, report, story)
        if source.polarity == "deny" or identity is None:
            continue
        m = max(mentions, key=lambda m: (weights_of(story).likeness(m.stems, said), m.id))
        if m.anchor_stem not in said or weights_of(story).likeness(m.stems, said) < _ABOUT or _suffers(source, m):
            continue
        out.append(Basis(report.id, identity, "cited", [m.id], [source.evidence]))
    return out


def _telling(report: Report, story: Story, stems: Iterable[str], keys: frozenset[tuple[str, ...]]) -> list[int]:
    """Indexes of the sources with one of these keys that say three words or more, one of these stems among them."""
    if not keys:
        return []
    telling = sorted({n for word in stems for n in report.telling_of.get(word, ())})
    identities = ((n, identify(report.sources[n], report, story)) for n in telling)
    return [n for n, identity in identities if identity is not None and not keys.isdisjoint(identity.keys)]


def called(report: Report, story: Story) -> dict[tuple[str, ...], list[int]]:
    """Indexes of the report's sources by each key of what they are."""
    if ("keys", 0) not in report.found:
        out: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for n, source in enumerate(report.sources):
            identity = identify(source, report, story)
            for name in identity.keys if identity is not None else ():
                out[name].append(n)
        report.found["keys", 0] = out
    known: dict[tuple[str, ...], list[int]] = report.found["keys", 0]
    return known


def own_accounts(
    report: Report,
    mentions: Sequence[Mention],
    story: Story,
    parties: frozenset[tuple[str, ...]],
    stating: frozenset[str],
) -> list[Basis]:
    """Bases for those who took part in the event and say so: who announces his own act is an origin of it."""
    out = []
    for n in _telling(report, story, stating, parties):
        source, said = report.sources[n], report.said[n]
        identity = identify(source, report, story)
        if not source.informs or identity is None or identity.vague:
            continue
        alike, m = max(
            ((weights_of(story).likeness(m.stems, said), m) for m in mentions), key=lambda x: (x[0], x[1].id)
        )
        if alike < _RELATED:
            continue
        out.append(Basis(report.id, identity, "cited", [m.id], [source.evidence]))
    return out


def parties_of(mentions: Sequence[Mention], story: Story) -> frozenset[tuple[str, ...]]:
    """By which names the parties of an event would be cited; none for events that consist in words."""
    found: set[tuple[str, ...]] = set()
    asked: set[str] = set()
    for m in mentions:
        if m.type in ANSWERED:
            continue
        spans = tuple((s["char_start"], s["char_end"]) for s in m.row["actor_spans"] or ())
        for n, one in enumerate(m.row["actors"] or ()):
            entity = story.entities.get(one)
            if entity is None or not entity.name[:1].isupper() or one in asked:
                continue
            asked.add(one)
            kind = "named" if entity.kind == "person" else "institution"
            where = spans[n : n + 1] if len(spans) == len(m.row["actors"]) else ()
            source = Source("", m.report, (), (), where, kind, one, entity.name, entity.country, None, None, None)
            identity = identify(source, story.reports[m.report], story)
            if identity is not None and not identity.vague:
                found.update(identity.keys)
    return frozenset(found)


def _adjoining(mentions: Sequence[Mention], report: Report, story: Story) -> list[tuple[Source, Identity, Mention]]:
    """The source of the passage next to the event, and those whose words are about it."""
    stems = frozenset().union(*(m.stems for m in mentions))
    parties = frozenset[str]().union(*(m.actors | m.recipients for m in mentions))
    countries = frozenset[str]().union(*(m.actor_countries | m.recipient_countries for m in mentions))
    best: tuple[float, int, Source, Identity, Mention] | None = None
    about: list[tuple[float, int, Source, Identity, Mention]] = []
    # Of talks and deals the parties themselves tell; nobody establishes them as police do a crime.
    learnt = not all(m.type in _MUTUAL for m in mentions)
    for n, source in enumerate(report.sources):
        if not source.informs or source.entity in parties:
            # What the parties said to each other is not where it was learnt that they met.
            continue
        speaker = story.entities.get(source.entity or "")
        country = source.country or (speaker.country if speaker else None)
        if country and countries and country not in countries:
            continue
        identity = identify(source, report, story)
        if identity is None:
            continue
        identity = resolved(source, identity, report, story)
        said = report.said[n]
        alike = weights_of(story).likeness(stems, said) if len(said) > 2 else 0.0
        m, near = max(((m, _nearness(m, source, report)) for m in mentions), key=lambda x: x[1])
        if near > 0.0 and _speaks_of(source, m, report):
            alike = max(alike, _ABOUT)
        if alike >= _ABOUT and near > 0.0:
            about.append((near + 1.5 * alike, n, source, identity, m))
        if alike < _RELATED and near < 2.0 and not (learnt and _establishes(identity)):
            # Somebody who comments next to it need not be where it was learnt.
            continue
        if near == 0.0 and identity.kind != "institution":
            continue
        score = near + 1.5 * alike
        if score >= _ENOUGH and (best is None or score > best[0]):
            best = (score, n, source, identity, m)
    if best is not None and best[0] >= 2.0:
        return [best[2:]]
    about.sort(key=lambda x: (-x[0], x[1]))
    return [a[2:] for a in about[:_MOST_INFERRED]] or ([best[2:]] if best else [])


def weights_of(story: Story) -> Weights:
    """How telling words are among all sentences of the story that state things, whatever of them was coded."""
    if story.said_weights is None:
        story.said_weights = Weights(s.stems for r in story.reports.values() for s in sentences(r))
    return story.said_weights


def _establishes(identity: Identity) -> bool:
    """True for those from whom reporters learn what happened: police, hospitals, officials, witnesses."""
    if identity.kind == "institution":
        return identity.keys[0][0] not in ("entity", "words", "report", "government")
    return identity.kind == "anonymous_source"


def _nearness(m: Mention, source: Source, report: Report) -> float:
    at = min(source.spans())[0]
    if report.sentence(at) == m.sentence or any(s < m.end and m.start < e for s, e in source.spans()):
        return 2.0
    here, there = report.paragraph(m.start), report.paragraph(at)
    apart = abs(report.sentence(at) - m.sentence)
    if here == there:
        # A page without paragraphs is one; a few sentences on, it tells something else.
        return 1.2 if apart <= _ADJOINING else 0.6 if apart <= 2 * _ADJOINING else 0.0
    if there == here + 1:
        return 1.0
    lead = report.paragraph(report.body_start) + 1
    if there == here - 1:
        # What follows a lead with a source goes on with it.
        return 1.0 if there < lead else 0.6
    if here <= lead and there <= lead + 3:
        # A lead sums up what the next paragraphs tell with their source.
        return 0.9
    return 0.0


def itself(report: Report, story: Story) -> tuple[Identity, tuple[int, int] | None]:
    """The agency that a report credits, else its outlet, else the report; with the credit's characters."""
    own = outlet_key(report.outlet) if report.outlet else None
    for role in _CREDIT_ORDER:
        for credit in report.credits:
            if credit["role"] == role and outlet_key(credit["agency"]) != own:
                key = ("outlet", outlet_key(credit["agency"]))
                return Identity("agency", (key,), credit["agency"]), (credit["char_start"], credit["char_end"])
    if report.byline and outlet_key(report.byline) != own and _agency_name(report.byline, story):
        return Identity("agency", (("outlet", outlet_key(report.byline)),), report.byline), None
    if own and report.outlet:
        return Identity("own_reporting", (("outlet", own),), report.outlet), None
    return Identity("own_reporting", (("report", report.id),), "the report"), None


def _agency_name(byline: str, story: Story) -> bool:
    """True for a byline that is an agency's name: a known one, or one that a report of the story credits."""
    if known_agency(byline):
        return True
    name = outlet_key(byline)
    return any(outlet_key(c["agency"]) == name for r in story.reports.values() for c in r.credits)
