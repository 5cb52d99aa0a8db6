"""The nouns inside a stage: frozen dataclasses, and the `Document` that the per-report stages walk.

A stage reads tables and writes tables; inside it, one report is a `Document`: its text, its segments and the parse of
each paragraph as parallel columns over tokens, with offsets into the whole text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, Generic, TypeVar

from onrecord.text import unread, whole_words


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open `[start, end)` in code points into a report's text."""

    start: int
    end: int

    def __bool__(self) -> bool:
        return self.end > self.start

    def overlaps(self, other: Span) -> bool:
        """True when the two share a character."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: Span) -> bool:
        """True when `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end

    def row(self) -> dict[str, int]:
        """As a value of the record's span columns."""
        return {"char_start": self.start, "char_end": self.end}


T = TypeVar("T")
_BLOCK = 256  # characters: a sentence or two


class Spans(Generic[T]):
    """Stretches of one text, each with a thing; those at a place are found without going through all of them."""

    def __init__(self, given: Iterable[tuple[int, int, T]] = ()) -> None:
        self._blocks: dict[int, list[tuple[int, int, T]]] = defaultdict(list)
        for start, end, thing in given:
            self.add(start, end, thing)

    def add(self, start: int, end: int, thing: T) -> None:
        """Put in one more; what is empty is nowhere."""
        if start < end:
            for block in range(start // _BLOCK, (end - 1) // _BLOCK + 1):
                self._blocks[block].append((start, end, thing))

    def around(self, start: int, end: int) -> list[T]:
        """The things of stretches in which all of this one lies, in the order in which they were put in."""
        return [t for a, b, t in self._blocks.get(start // _BLOCK, ()) if a <= start and end <= b]

    def touching(self, start: int, end: int) -> list[T]:
        """The things of stretches that share a character with this one; one that is long may come several times."""
        blocks = range(start // _BLOCK, (end - 1) // _BLOCK + 1)
        return [t for block in blocks for a, b, t in self._blocks.get(block, ()) if a < end and start < b]


@dataclass(frozen=True, slots=True)
class Mark:
    """What the markup of an input says about a stretch of the text: a caption, a subheading, a teaser."""

    span: Span
    kind: str  # one of schema.SEGMENT_KINDS


@dataclass(frozen=True, slots=True)
class RawReport:
    """A report as a reader gives it; `marks` is what the input's markup said about stretches of `text`."""

    uri: str
    text: str
    external_id: str | None = None
    outlet: str | None = None
    title: str | None = None
    byline: str | None = None
    language: str | None = None
    published: datetime | None = None  # with the time zone of its readers, where the input tells it
    fetched: datetime | None = None
    marks: tuple[Mark, ...] = ()
    stated: frozenset[str] = frozenset()  # what the input says of itself: 'live-blog', 'paywall'
    report_id: str = ""  # given by the pipeline
    outlet_basis: str | None = None  # one of schema.OUTLET_BASES; None with an outlet: 'metadata'
    outlet_span: Span | None = None  # where the text names the outlet


def day_of(report: Mapping[str, Any]) -> date | None:
    """The day on which a row of `reports` was published: as its readers' calendar showed it, else in UTC."""
    if report.get("published_day"):
        return date.fromisoformat(report["published_day"])
    at: datetime | None = report["published_at"]
    return at.astimezone(UTC).date() if at else None


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch that has a role (`schema.SEGMENT_KINDS`)."""

    span: Span
    kind: str


@dataclass(frozen=True, slots=True)
class Credit:
    """An agency or outlet named as the maker of copy (`schema.CREDIT_ROLES`)."""

    span: Span
    agency: str
    role: str


@dataclass(frozen=True, slots=True)
class Parse:
    """One paragraph's parse as columns; every sequence has one item a token, `sentence_starts` one a sentence."""

    starts: Sequence[int]
    ends: Sequence[int]
    heads: Sequence[int]
    sentence_starts: Sequence[int]
    lemmas: Sequence[str]
    pos: Sequence[str]
    tags: Sequence[str]
    deps: Sequence[str]
    ents: Sequence[str]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A parsed paragraph of a document: its characters, its tokens `[first, last)` and its segment's kind."""

    span: Span
    kind: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens `[first, last)` of one sentence, and the index of its paragraph."""

    first: int
    last: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class Timex:
    """A time expression. `value` is the TIMEX3 value; `start`/`end` the days it means, inclusive."""

    span: Span
    type: str
    value: str | None
    mod: str | None = None
    start: date | None = None
    end: date | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """One actor or place as a report knows it; columns as in the `entities` table."""

    id: str
    name: str
    kind: str
    country: str | None = None
    sector: str | None = None
    role: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    geonames_id: int | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention of an entity."""

    span: Span
    entity_id: str
    form: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who said what, in which characters, on what terms; columns as in the `attributions` table."""

    id: str
    content: tuple[Span, ...]
    cue: tuple[Span, ...]
    source: tuple[Span, ...]
    kind: str
    source_type: str
    source_entity: str | None = None
    source_label: str | None = None
    source_country: str | None = None
    start: date | None = None
    end: date | None = None
    parent: str | None = None
    polarity: str | None = None
    certainty: str | None = None
    anonymity_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A count or amount in an event's clause: 'at least 12 killed' is (12.0, None, 'killed')."""

    span: Span
    value: float
    unit: str | None
    role: str


@dataclass(frozen=True, slots=True)
class EventMention:
    """One report's statement that something happened; columns as in the `event_mentions` table."""

    id: str
    clause: Span
    anchor: Span
    event_type: str
    modality: str
    mode: str | None = None
    contexts: tuple[str, ...] = ()
    cameo: str | None = None
    quad: int | None = None
    intensity: float | None = None
    actors: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    actor_spans: tuple[Span, ...] = ()
    recipient_spans: tuple[Span, ...] = ()
    start: date | None = None
    end: date | None = None
    date_basis: str | None = None
    date_span: Span | None = None
    place: str | None = None
    place_span: Span | None = None
    quantities: tuple[Quantity, ...] = ()
    attribution_id: str | None = None
    confidence: float | None = None


@dataclass(slots=False)
class Document:
    """One report, ready to be walked: text, segments, and token columns over all its parsed paragraphs.

    Tokens are numbered through the report. `heads[i]` is the head of token i (i itself for a root), `ents[i]` an IOB
    tag, `starts`/`ends` code points into `text`. What a stage finds is put beside it for the stages after: `timexes`,
    `entities`, `mentions`, `attributions`.
    """

    report_id: str
    text: str
    segments: tuple[Segment, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    lemmas: list[str] = field(default_factory=list)
    pos: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    deps: list[str] = field(default_factory=list)
    ents: list[str] = field(default_factory=list)
    title: str | None = None
    outlet: str | None = None
    published: date | None = None
    published_basis: str | None = None
    credits: tuple[Credit, ...] = ()
    timexes: tuple[Timex, ...] = ()
    entities: dict[str, Entity] = field(default_factory=dict)
    mentions: tuple[Mention, ...] = ()
    attributions: tuple[Attribution, ...] = ()

    @classmethod
    def assemble(
        cls,
        report_id: str,
        text: str,
        segments: Iterable[Segment],
        paragraphs: Iterable[tuple[Span, str, Parse]],
        **facts: object,
    ) -> Document:
        """Join parses of paragraphs, (span, kind, parse) in text order; teasers inside lines are blank in its text."""
        paragraphs = list(paragraphs)
        text = unread(text, [(span.start, span.end) for span, _, _ in paragraphs])
        doc = cls(report_id, text, tuple(segments), **facts)  # type: ignore[arg-type]
        places: list[Paragraph] = []
        sentences: list[Sentence] = []
        for span, kind, parse in paragraphs:
            first, shift = len(doc.starts), span.start
            last = first + len(parse.starts)
            doc.starts.extend([s + shift for s in parse.starts])
            doc.ends.extend([e + shift for e in parse.ends])
            doc.heads.extend([h + first for h in parse.heads])
            for mine, theirs in (
                (doc.lemmas, parse.lemmas),
                (doc.pos, parse.pos),
                (doc.tags, parse.tags),
                (doc.deps, parse.deps),
                (doc.ents, parse.ents),
            ):
                mine.extend(theirs)
            bounds = [*parse.sentence_starts, last - first]
            for a, b in pairwise(bounds):
                if b > a:
                    sentences.append(Sentence(first + a, first + b, len(places)))
            places.append(Paragraph(span, kind, first, last))
        doc.paragraphs, doc.sentences = tuple(places), tuple(sentences)
        return doc

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def words(self) -> list[str]:
        """The text of each token."""
        return [self.text[s:e] for s, e in zip(self.starts, self.ends, strict=True)]

    @cached_property
    def lower(self) -> list[str]:
        """The lower-cased text of each token, apostrophes folded."""
        return [w.lower().replace("’", "'") for w in self.words]

    @cached_property
    def children(self) -> list[list[int]]:
        """For each token, its dependents in text order."""
        out: list[list[int]] = [[] for _ in self.starts]
        for i, h in enumerate(self.heads):
            if h != i:
                out[h].append(i)
        return out

    @cached_property
    def sentence_of(self) -> list[int]:
        """For each token, the index of its sentence."""
        out = [0] * len(self)
        for n, s in enumerate(self.sentences):
            for i in range(s.first, s.last):
                out[i] = n
        return out

    def subtree(self, i: int) -> list[int]:
        """Token i and all below it, in text order."""
        out, todo = [], [i]
        while todo:
            j = todo.pop()
            out.append(j)
            todo.extend(self.children[j])
        out.sort()
        return out

    def ancestors(self, i: int) -> Iterator[int]:
        """The head of token i, that token's head, and so on to the root."""
        while self.heads[i] != i:
            i = self.heads[i]
            yield i

    def child(self, i: int, *deps: str) -> int | None:
        """The first dependent of token i with one of these labels."""
        return next((j for j in self.children[i] if self.deps[j] in deps), None)

    def span(self, first: int, last: int) -> Span:
        """Characters of tokens `[first, last)`, widened where a token border cuts a word."""
        return self.whole(Span(self.starts[first], self.ends[last - 1]))

    def whole(self, span: Span) -> Span:
        """The span widened to whole words."""
        start, end = whole_words(self.text, span.start, span.end)
        return span if (start, end) == (span.start, span.end) else Span(start, end)

    def tokens_in(self, span: Span) -> range:
        """Indexes of the tokens that lie in or touch the span."""
        return range(bisect_right(self.ends, span.start), bisect_left(self.starts, span.end))

    def quote(self, span: Span) -> str:
        """The characters of a span: the evidence."""
        return self.text[span.start : span.end]

    def kind_at(self, offset: int) -> str | None:
        """Kind of the segment at an offset, None between segments."""
        for s in self.segments:
            if s.span.start <= offset < s.span.end:
                return s.kind
        return None

    @cached_property
    def named_entities(self) -> tuple[tuple[Span, str, int, int], ...]:
        """Runs of the parser's own entity tags: (span, label, first token, last token + 1)."""
        out = []
        i, n = 0, len(self)
        while i < n:
            tag = self.ents[i]
            if tag.startswith("B-"):
                j = i + 1
                while j < n and self.ents[j] == "I-" + tag[2:]:
                    j += 1
                out.append((self.span(i, j), tag[2:], i, j))
                i = j
            else:
                i += 1
        return tuple(out)


class Homes:
    """The stories of reports: one that a report is of as a whole, and those that it tells in part.

    Made of rows of `story_reports`; where parts overlap, which none should, the story of the smallest id has the text.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self.whole: dict[str, str] = {}
        self.parts: dict[str, list[tuple[int, int, str]]] = {}
        for row in rows:
            if row["parts"] is None:
                self.whole[row["report_id"]] = row["story_id"]
            else:
                spans = [(p["char_start"], p["char_end"], row["story_id"]) for p in row["parts"]]
                self.parts.setdefault(row["report_id"], []).extend(spans)
        for spans in self.parts.values():
            spans.sort(key=lambda p: (p[2], p[0]))

    def at(self, report_id: str, offset: int) -> str | None:
        """The story in which a report tells what stands at an offset; None for a report of no story."""
        for start, end, story in self.parts.get(report_id, ()):
            if start <= offset < end:
                return story
        return self.whole.get(report_id)

    def of(self, report_id: str) -> set[str]:
        """Every story that the report is in."""
        return {s for s in (self.whole.get(report_id), *(p[2] for p in self.parts.get(report_id, ()))) if s}


def told_in(rows: str, at: str, db: str = "") -> str:
    """SQL: each of some rows with `told_in`, the story of the part of its report in which its character `at` stands.

    `rows` is a table, or a query in brackets, with a `report_id`; `db` is '' or the name of the database, with a dot.
    """
    return (
        f"SELECT x.*, coalesce(p.story_id, w.story_id) AS told_in FROM {rows} x LEFT JOIN "
        f"(SELECT story_id, report_id, unnest(parts) AS part FROM {db}story_reports WHERE parts IS NOT NULL) p "
        f"ON p.report_id = x.report_id AND x.{at} >= p.part.char_start AND x.{at} < p.part.char_end "
        f"LEFT JOIN {db}story_reports w ON w.report_id = x.report_id AND w.parts IS NULL"
    )
