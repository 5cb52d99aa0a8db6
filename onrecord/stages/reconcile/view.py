"""The rows of one story as the stage reads them: reports, event mentions, attributions, shared passages."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any

import pyarrow as pa

from onrecord.model import Entity
from onrecord.stages.reconcile.words import Weights, content, names, settings, stem
from onrecord.text import plain

_KNOWN = re.compile(r"\b(?:the|this|these|those|that|his|her|their|its|such)\s+(?:[\w'’-]+\s+){0,2}$", re.IGNORECASE)
_STOP = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])|\n+")
_FIRST_PERSON = re.compile(r"[\"'“‘\s]*(?:that\s+)?(?:I|[Ww]e|[Oo]ur|[Mm]y)\b")
# Word families that tell one violent happening: what was done, and what it did to people.
HARM = frozenset({"~kill", "~injure", "~attack", "~explode", "~shoot", "~shell", "~crash"})
SUFFERED = frozenset({"~kill", "~injure"})
REAL = ("actual", "ongoing")
# Sentences of the body that a report uses to say what it is about.
LEAD = 2
_TELLING = ("headline", "standfirst", "body", "caption", "subheading")
_UNSAID = datetime.max.isoformat()


@dataclass(frozen=True, slots=True)
class Source:
    """One row of `attributions`: who said something, and in which characters."""

    id: str
    report: str
    content: tuple[tuple[int, int], ...]
    cue: tuple[tuple[int, int], ...]
    named: tuple[tuple[int, int], ...]
    type: str
    entity: str | None
    label: str | None
    country: str | None
    parent: str | None
    polarity: str | None
    utterance: str | None
    certainty: str | None = None
    by_account: bool = False  # 'according to'

    @property
    def informs(self) -> bool:
        """True when the source says what is so, not what it believes, wants or warns of."""
        return self.polarity != "deny" and self.certainty not in ("believe", "demand", "warn")

    def spans(self) -> tuple[tuple[int, int], ...]:
        """Everything that belongs to it."""
        return self.content + self.cue + self.named

    def covers(self, start: int, end: int) -> bool:
        """True when a stretch lies in what was said."""
        return any(s <= start and end <= e for s, e in self.content)

    @property
    def evidence(self) -> tuple[int, int]:
        """The characters that show who said it: source and cue where they stand together, else the source."""
        spans = [*self.named, *self.cue] or [*self.content]
        start, end = min(s for s, _ in spans), max(e for _, e in spans)
        if end - start <= 200:
            return start, end
        return min(self.named or self.cue or self.content)


@dataclass(frozen=True, slots=True)
class Passage:
    """One side of a row of `alignments`: here, and where it stands in the other report."""

    start: int
    end: int
    other: str
    other_start: int
    other_end: int
    quotation: bool

    def there(self, offset: int) -> float:
        """About where an offset of this side lies on the other side."""
        share = (offset - self.start) / max(1, self.end - self.start)
        return self.other_start + share * (self.other_end - self.other_start)


@dataclass
class Report:
    """One report of the story."""

    id: str
    outlet: str | None
    published: str  # ISO; sorts last where unknown
    text: str
    body_start: int = 0
    credits: list[dict[str, Any]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    context: dict[int, frozenset[str]] = field(default_factory=dict)  # stems by sentence
    times: list[dict[str, Any]] = field(default_factory=list)
    telling: list[tuple[int, int, str]] = field(default_factory=list)  # segments that state things, with their kind
    byline: str | None = None
    headline: frozenset[str] = frozenset()  # stems of the title, as given or as it stands in the text

    @cached_property
    def stops(self) -> list[int]:
        """Offsets at which a sentence or a paragraph begins."""
        return [0, *(m.end() for m in _STOP.finditer(self.text))]

    @cached_property
    def said(self) -> list[frozenset[str]]:
        """For each source, the stems of what it said."""
        return [content(" ".join(self.text[s:e] for s, e in source.content))[0] for source in self.sources]

    @cached_property
    def breaks(self) -> list[int]:
        """Offsets at which a paragraph begins."""
        return [0, *(m.end() for m in re.finditer(r"\n+", self.text))]

    def sentence(self, offset: int) -> int:
        """Number of the sentence that an offset lies in."""
        return bisect_right(self.stops, offset) - 1

    def paragraph(self, offset: int) -> int:
        """Number of the paragraph that an offset lies in."""
        return bisect_right(self.breaks, offset) - 1

    def sentence_span(self, offset: int) -> tuple[int, int]:
        """First and last character of the sentence that an offset lies in."""
        n = self.sentence(offset)
        end = self.stops[n + 1] if n + 1 < len(self.stops) else len(self.text)
        return self.stops[n], end

    def around(self, offset: int) -> frozenset[str]:
        """Stems of the sentence that an offset lies in."""
        n = self.sentence(offset)
        if n not in self.context:
            start, end = self.sentence_span(offset)
            self.context[n] = content(self.text[start : min(end, start + 1200)])[0]
        return self.context[n]

    def passages_at(self, offset: int) -> list[Passage]:
        """The shared passages that an offset lies in."""
        last = bisect_right(self.passages, offset, key=lambda p: p.start)
        return [p for p in self.passages[:last] if offset < p.end] if last else []


@dataclass(slots=True)
class Mention:
    """One row of `event_mentions`, with what comparing it needs."""

    row: dict[str, Any]
    id: str
    report: str
    start: int
    end: int
    anchor: tuple[int, int]
    type: str
    modality: str
    actors: frozenset[str]
    recipients: frozenset[str]
    actor_countries: frozenset[str]
    recipient_countries: frozenset[str]
    first: int | None  # ordinal of the first day
    last: int | None
    certain: bool  # the date is said, not supposed
    place: str | None
    stems: frozenset[str]
    numbers: frozenset[float]
    names: frozenset[str]
    anchor_stem: str
    said: frozenset[str]  # utterance ids that cover it
    sentence: int
    around: frozenset[str]  # stems of the whole sentence
    lead: bool  # stands in the headline or the first sentences
    several: bool = False  # counts happenings: 'four tests', 'met twice'
    bare: bool = False  # names a happening that is known already, and no more: 'the attack', 'the wounded'
    headed: bool = False  # stands there with the word that the report's title has for what happened

    @property
    def kind(self) -> str:
        """'real', 'planned', 'hypothetical' or 'negated'."""
        if self.modality in REAL:
            return "real"
        return "planned" if self.modality in ("planned", "threatened") else self.modality


@dataclass(slots=True)
class Story:
    """All rows of one story, reports in the order of publication."""

    id: str
    reports: dict[str, Report]
    mentions: list[Mention]
    entities: Mapping[str, Entity]
    named: Mapping[str, list[tuple[int, int, str]]]  # entity mentions by report
    derived: dict[frozenset[str], float]  # pairs of reports of which one took text from the other, or both from a third
    weights: Weights
    found: list[dict[str, Any]] = field(default_factory=list)  # mentions that coding missed
    identities: dict[tuple[Source, str], Any] = field(default_factory=dict)  # by source and report, once worked out
    by_report: dict[str, list[Mention]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for m in self.mentions:
            self.by_report[m.report].append(m)

    def add(self, mention: Mention) -> int:
        """Take in a mention that coding missed; its index in `mentions`."""
        self.mentions.append(mention)
        self.found.append(mention.row)
        self.by_report[mention.report].append(mention)
        return len(self.mentions) - 1

    def order(self, report: str) -> tuple[str, str]:
        """Sort key of a report: publication, then id."""
        return self.reports[report].published, report


def ordinal(value: str | None) -> int | None:
    """The day number of an ISO date, None where there is none or it is none."""
    try:
        return date.fromisoformat(value[:10]).toordinal() if value else None
    except ValueError:
        return None


def stories(tables: Mapping[str, pa.Table]) -> list[Story]:
    """One `Story` for each row of `stories`, in order of id."""
    entities = {
        r["entity_id"]: Entity(
            r["entity_id"], r["name"], r["kind"], r["country"], r["sector"], r["role"], r["latitude"], r["longitude"]
        )
        for r in tables["entities"].to_pylist()
    }
    per_report = ("segments", "credits", "timexes", "attributions", "event_mentions")
    by_report = {name: _by_report(tables[name]) for name in per_report}
    reports: dict[str, Report] = {}
    for row in tables["reports"].select(["report_id", "outlet", "byline", "title", "published_at", "text"]).to_pylist():
        reports[row["report_id"]] = _report(row, by_report)
    for row in tables["alignments"].to_pylist():
        a, b, quotation = row["report_a"], row["report_b"], bool(row["quotation"])
        left, right = (row["a_start"], row["a_end"]), (row["b_start"], row["b_end"])
        if a in reports and b in reports:
            reports[a].passages.append(Passage(*left, b, *right, quotation))
            reports[b].passages.append(Passage(*right, a, *left, quotation))
    for report in reports.values():
        report.passages.sort(key=lambda p: (p.start, p.end, p.other, p.other_start))
    derived: dict[frozenset[str], float] = {}
    for row in tables["derivations"].to_pylist():
        other = row["from_report_id"] or row["with_report_id"]
        if other:
            pair = frozenset((row["report_id"], other))
            derived[pair] = max(derived.get(pair, 0.0), row["share"])
    named: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for row in (
        tables["entity_mentions"].select(["report_id", "char_start", "char_end", "entity_id", "form"]).to_pylist()
    ):
        if row["form"] != "pronoun":
            named[row["report_id"]].append((row["char_start"], row["char_end"], row["entity_id"]))
    for spots in named.values():
        spots.sort()
    members: dict[str, list[str]] = defaultdict(list)
    for row in tables["story_reports"].to_pylist():
        if row["report_id"] in reports:
            members[row["story_id"]].append(row["report_id"])
    out = []
    for story_id in sorted(tables["stories"].column("story_id").to_pylist()):
        ids = sorted(set(members[story_id]), key=lambda r: (reports[r].published, r))
        mentions = [
            mention_of(row, reports[r], entities)
            for r in ids
            for row in sorted(
                by_report["event_mentions"].get(r, []), key=lambda m: (m["anchor_start"], m["mention_id"])
            )
        ]
        out.append(
            Story(
                story_id,
                {r: reports[r] for r in ids},
                mentions,
                entities,
                named,
                derived,
                Weights(m.stems for m in mentions),
            )
        )
    return out


def _by_report(table: pa.Table) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in table.to_pylist():
        out[row["report_id"]].append(row)
    return out


def _pairs(spans: list[dict[str, int]] | None) -> tuple[tuple[int, int], ...]:
    return tuple((s["char_start"], s["char_end"]) for s in spans or ())


def _swallowed(row: Mapping[str, Any]) -> bool:
    """True when the source is a word of what it is taken to have said: a parse gone wrong."""
    said = _pairs(row["content_spans"])
    return any(s <= a and b <= e for a, b in _pairs(row["source_spans"]) for s, e in said)


def _report(row: dict[str, Any], by_report: dict[str, dict[str, list[dict[str, Any]]]]) -> Report:
    report_id = row["report_id"]
    published = row["published_at"]
    segments = sorted(by_report["segments"].get(report_id, []), key=lambda s: int(s["char_start"]))
    body = next((s["char_start"] for s in segments if s["kind"] == "body"), 0)
    sources = [
        Source(
            a["attribution_id"], report_id, _pairs(a["content_spans"]), _pairs(a["cue_spans"]),
            _pairs(a["source_spans"]), a["source_type"], a["source_entity"], a["source_label"], a["source_country"],
            a["parent_attribution"], a["polarity"], a["utterance_id"], a["certainty"],
            any(row["text"][s:e].lower().startswith("according") for s, e in _pairs(a["cue_spans"])),
        )
        for a in by_report["attributions"].get(report_id, [])
        if (a["content_spans"] or a["cue_spans"]) and not _swallowed(a)
    ]  # fmt: skip
    titles = [
        row["title"] or "",
        *(row["text"][s["char_start"] : s["char_end"]] for s in segments if s["kind"] == "headline"),
    ]
    sources.sort(key=lambda s: (min(s.spans()), s.id))
    return Report(
        report_id,
        row["outlet"],
        published.isoformat() if published else _UNSAID,
        row["text"],
        body,
        sorted(by_report["credits"].get(report_id, []), key=lambda c: (c["char_start"], c["agency"])),
        sources,
        times=sorted(by_report["timexes"].get(report_id, []), key=lambda t: (t["char_start"], t["char_end"])),
        telling=[(s["char_start"], s["char_end"], s["kind"]) for s in segments if s["kind"] in _TELLING],
        byline=row["byline"],
        headline=content(" ".join(titles))[0],
    )


def mention_of(row: dict[str, Any], report: Report, entities: Mapping[str, Entity]) -> Mention:
    """A row of `event_mentions` with what comparing it needs."""
    start, end = row["char_start"], row["char_end"]
    anchor = (row["anchor_start"], row["anchor_end"])
    anchor_stem = stem(plain(report.text[anchor[0] : anchor[1]]))
    lead = report.sentence(anchor[0]) <= report.sentence(report.body_start) + LEAD
    stems, numbers = content(report.text[start:end])
    actors, recipients = frozenset(row["actors"] or ()), frozenset(row["recipients"] or ())
    if not actors and _FIRST_PERSON.match(report.text, start):
        speakers = {s.entity for s in report.sources if s.entity and s.covers(*anchor)}
        actors = frozenset(speakers) if len(speakers) == 1 else actors
    first = ordinal(row["date_start"] or row["date_end"])
    last = ordinal(row["date_end"] or row["date_start"])

    def countries(ids: frozenset[str]) -> frozenset[str]:
        return frozenset(c for i in ids if i in entities and (c := entities[i].country))

    return Mention(
        row, row["mention_id"], report.id, start, end, anchor, row["event_type"], row["modality"],
        actors, recipients, countries(actors), countries(recipients), first, last,
        row["date_basis"] in ("clause", "sentence", "anchor"), row["place"], stems, numbers,
        names(report.text[start:end]),
        anchor_stem,
        frozenset(s.utterance for s in report.sources if s.utterance and s.covers(*anchor)),
        report.sentence(anchor[0]), report.around(anchor[0]),
        lead,
        counts_happenings(report.text[start:end]),
        not row["date_span"]
        and not actors
        and (_bare(report.text, (start, end), anchor, len(stems)) or _toll(row, anchor_stem, stems, numbers)),
        lead and anchor_stem in report.headline,
    )  # fmt: skip


def _bare(text: str, clause: tuple[int, int], anchor: tuple[int, int], telling: int) -> bool:
    return clause == anchor or (telling <= 2 and presupposed(text, anchor[0]))


def _toll(row: dict[str, Any], anchor: str, stems: frozenset[str], numbers: frozenset[float]) -> bool:
    """True for 'about 80 people have been wounded', 'dozens were hurt in the blast': how many, and of what no more."""
    counted = bool(numbers) or any(q["value"] is not None for q in row["quantities"] or ())
    told = {s for s in stems if s not in HARM and s not in settings()["estimates"]}  # type: ignore[operator]
    return anchor in SUFFERED and counted and not row["place_span"] and len(told) <= 1


def presupposed(text: str, anchor: int) -> bool:
    """True when the word at `anchor` stands there as known: 'the attack', 'their release'."""
    return bool(_KNOWN.search(text[max(0, anchor - 40) : anchor]))


def recalled(mention: Mention, report: Report) -> bool:
    """True when a mention takes its event up as known; not when the words before its anchor are who did it."""
    text = report.text[mention.start : mention.end]
    at = mention.anchor[0] - mention.start
    known = _KNOWN.search(text[max(0, at - 40) : at])
    if known is None:
        return False
    first = mention.start + max(0, at - 40) + known.start()
    spans = (mention.row["actor_spans"] or []) + (mention.row["recipient_spans"] or [])
    determiner = len(known.group().split()[0])
    return not any(s["char_start"] == first and s["char_end"] > first + determiner for s in spans)


def counts_happenings(text: str) -> bool:
    """True when a clause counts happenings instead of telling one: 'four missile tests', 'has met him twice'."""
    return bool(_several().search(plain(text)))


@cache
def _several() -> re.Pattern[str]:
    nouns = "|".join(sorted(str(settings()["plural_happenings"]).split()))
    amounts = (
        r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[2-9]|[1-9]\d|several|many|dozens of"
        r"|a (?:series|string|wave) of"
    )
    return re.compile(rf"\b(?:{amounts}) (?:[\w-]+ ){{0,3}}(?:{nouns})\b|\b(?:twice|repeatedly|[a-z0-9]+ times)\b")
