"""The rows of one story as the stage reads them: reports, event mentions, attributions, shared passages."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from onrecord.model import Entity, Spans
from onrecord.stages.reconcile.words import Weights, content
from onrecord.text import fold

_STOP = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])|\n+")
# Word families that tell one violent happening: what was done, and what it did to people.
HARM = frozenset({"~kill", "~injure", "~attack", "~explode", "~shoot", "~shell", "~crash"})
SUFFERED = frozenset({"~kill", "~injure"})
OPENING = frozenset("\"'“‘«„")
REAL = ("actual", "ongoing")
# Sentences of the body that a report uses to say what it is about.
LEAD = 2


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
        for s, e in self.content:  # noqa: SIM110 (asked most often of all, and twice as fast as any)
            if s <= start and end <= e:
                return True
        return False

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
    published: str  # ISO moment, for order; sorts last where unknown
    text: str
    body_start: int = 0
    credits: list[dict[str, Any]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    context: dict[int, frozenset[str]] = field(default_factory=dict)  # stems by sentence
    times: list[dict[str, Any]] = field(default_factory=list)
    telling: list[tuple[int, int, str]] = field(default_factory=list)  # segments that state things, with their kind
    byline: str | None = None
    day: str = ""  # of publication, ISO, as its readers' calendar showed it
    headline: frozenset[str] = frozenset()  # stems of the title, as given or as it stands in the text
    sentences: Sequence[Any] | None = None  # those that state things, once `echo.sentences` has looked
    found: dict[tuple[str, int], Any] = field(default_factory=dict)  # by what was looked for and where, once it was

    @cached_property
    def stops(self) -> list[int]:
        """Offsets at which a sentence or a paragraph begins."""
        return [0, *(m.end() for m in _STOP.finditer(self.text))]

    @cached_property
    def said(self) -> list[frozenset[str]]:
        """For each source, the stems of what it said."""
        return [content(" ".join(self.text[s:e] for s, e in source.content))[0] for source in self.sources]

    @cached_property
    def starts(self) -> list[int]:
        """Where each source begins; they are in that order."""
        return [min(s.spans())[0] for s in self.sources]

    @cached_property
    def telling_of(self) -> dict[str, list[int]]:
        """Stem to the sources (indexes) that said three words or more, with that one among them."""
        out: dict[str, list[int]] = defaultdict(list)
        for n, said in enumerate(self.said):
            if len(said) > 2:
                for word in said:
                    out[word].append(n)
        return out

    @cached_property
    def by_id(self) -> dict[str, Source]:
        """The sources by their ids."""
        return {s.id: s for s in self.sources}

    @cached_property
    def _contents(self) -> Spans[int]:
        return Spans((a, b, n) for n, s in enumerate(self.sources) for a, b in s.content)

    @cached_property
    def _cues(self) -> Spans[int]:
        return Spans((a, b, n) for n, s in enumerate(self.sources) for a, b in s.cue)

    def covering(self, start: int, end: int) -> list[Source]:
        """The sources in whose words a stretch lies, in order."""
        return [self.sources[n] for n in dict.fromkeys(self._contents.around(start, end))]

    def cued_at(self, offset: int) -> list[Source]:
        """The sources whose cue has that character, in order."""
        return [self.sources[n] for n in dict.fromkeys(self._cues.around(offset, offset + 1))]

    def times_in(self, start: int, end: int) -> Iterator[dict[str, Any]]:
        """Rows of `timexes` inside a stretch, in order."""
        for n in range(bisect_left(self.times, start, key=lambda t: t["char_start"]), len(self.times)):
            t = self.times[n]
            if t["char_start"] >= end:
                return
            if t["char_end"] <= end:
                yield t

    @cached_property
    def quoted(self) -> list[tuple[int, str, tuple[int, int]]]:
        """(sentence, utterance, characters) of what sources said that stands between quotation marks."""
        out = []
        for source in self.sources:
            start, end = min(source.content, default=(0, 0))
            if source.utterance and '"' in fold(self.text[max(0, start - 1) : end + 1]):
                out.append((self.sentence(start), source.utterance, (start, end)))
        return out

    @cached_property
    def akin(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """Indexes of sources by entity, and of labelled ones by the last word of their label."""
        entities: dict[str, list[int]] = defaultdict(list)
        called: dict[str, list[int]] = defaultdict(list)
        for n, source in enumerate(self.sources):
            if source.entity is not None:
                entities[source.entity].append(n)
            if source.label and (words := source.label.split()):
                called[words[-1]].append(n)
        return entities, called

    @cached_property
    def spoken(self) -> list[tuple[int, int]]:
        """What sources said that begins at an opening quotation mark."""
        return [
            (a, b)
            for source in self.sources
            for a, b in source.content
            if not OPENING.isdisjoint(self.text[max(0, a - 1) : a + 1])
        ]

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
    identities: dict[tuple[Source | str, str], Any] = field(default_factory=dict)  # by source (its id where it has
    # one) and report, once worked out
    said_weights: Weights | None = None  # of all sentences, once `basis` has looked
    by_sentence: dict[tuple[str, int], list[Mention]] = field(default_factory=lambda: defaultdict(list))
    """Mentions by the report and sentence that they stand in."""
    by_name: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """Where a report (its id) names an entity (its id)."""

    def __post_init__(self) -> None:
        for m in self.mentions:
            self.by_sentence[m.report, m.sentence].append(m)
        for report in self.reports:
            for start, end, entity in self.named.get(report, ()):
                self.by_name[report, entity].append((start, end))

    def add(self, mention: Mention) -> int:
        """Take in a mention that coding missed; its index in `mentions`."""
        self.mentions.append(mention)
        self.found.append(mention.row)
        self.by_sentence[mention.report, mention.sentence].append(mention)
        return len(self.mentions) - 1

    def named_in(self, report: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """(start, end, entity) of the entity mentions inside a stretch of a report, in order."""
        spots = self.named.get(report, ())
        for n in range(bisect_left(spots, start, key=lambda s: s[0]), len(spots)):
            if spots[n][0] >= end:
                return
            if spots[n][1] <= end:
                yield spots[n]

    def order(self, report: str) -> tuple[str, str]:
        """Sort key of a report: publication, then id."""
        return self.reports[report].published, report


def ordinal(value: str | None) -> int | None:
    """The day number of an ISO date, None where there is none or it is none."""
    try:
        return date.fromisoformat(value[:10]).toordinal() if value else None
    except ValueError:
        return None
