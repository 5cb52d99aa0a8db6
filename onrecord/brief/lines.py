"""The lines of a brief: plain values, each with the evidence that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import Any

from onrecord import leading, pictures

PEOPLE = ("killed", "injured", "missing", "arrested", "displaced", "abducted")
"""Fields of the ledger that count people."""


@dataclass(frozen=True)
class Evidence:
    """A stretch of a report: the report's letter, its uri, the characters and where they stand."""

    letter: str
    uri: str
    start: int
    end: int
    quote: str

    @property
    def place(self) -> str:
        """Where it stands, as `A 120-180`."""
        return f"{self.letter} {self.start}-{self.end}"


@dataclass(frozen=True)
class Clause:
    """An event's clause inside its sentence, so that a bare 'ordered troops to the city' shows who ordered."""

    before: str
    words: str
    after: str

    def __str__(self) -> str:
        return f"{self.before}{self.words}{self.after}"


@dataclass(frozen=True)
class ReportLine:
    """A report of the story."""

    letter: str
    report_id: str
    outlet: str
    title: str
    uri: str
    published: str
    basis: str
    credits: str
    in_part: bool = False
    """True for a report of another story as a whole, a round-up, that tells this one in a part of it."""


@dataclass(frozen=True)
class Corrected:
    """What a person decided: of which row and field, what reports give, what holds instead, who, when and why."""

    correction_id: str
    action: str
    table: str
    row_id: str
    field: str | None
    before: Any
    after: Any
    by: str
    when: str
    why: str | None

    def __str__(self) -> str:
        because = f": {self.why}" if self.why else ""
        return f"{self.what}; by {self.by}, {self.when}{because}"

    @property
    def what(self) -> str:
        """The decision in a few words, as 'killed corrected to 14'."""
        field = self.field or _NOUNS.get(self.table, self.table)
        if self.action == "set":
            return f"{field} corrected to {shown(self.after)}"
        done = {"merge": "joined of several", "split": "parted in two", "confirm": "confirmed", "reject": "rejected"}
        value = f" {shown(self.before)}" if self.table == "ledger" else ""
        return f"{field}{value} {done[self.action]}"


_NOUNS = {
    "events": "event", "entities": "entity", "stories": "story", "attributions": "source", "reports": "report",
    "event_mentions": "mention",
}  # fmt: skip


def shown(value: Any) -> str:
    """A decided value in words."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "not known"
    return "not known" if value is None else str(value)


@dataclass(frozen=True)
class Value:
    """A ledger line: one value of a field, where it stands, how it relates to the others, what a person decided."""

    value: str
    relation: str
    evidence: Evidence
    decision: str | None = None
    corrected: Corrected | None = None

    @property
    def how(self) -> str:
        """The relation, and the decision where there is one: 'updates; overruled'."""
        return "; ".join(x.replace("_", " ") for x in (self.relation, self.decision) if x)


@dataclass(frozen=True)
class Tally:
    """One value of a field with everything that gives it: each wording once, with every place where it stands."""

    value: str
    how: str
    corrected: Corrected | None
    wordings: tuple[tuple[str, tuple[Evidence, ...]], ...]

    @property
    def reports(self) -> str:
        """The letters of its reports: 'A, C'."""
        return ", ".join(dict.fromkeys(e.letter for _, places in self.wordings for e in places))


def tallied(values: Iterable[Value]) -> list[Tally]:
    """Ledger lines with the same value, relation and decision as one, in the order of their first report."""
    same: dict[tuple[str, str, str], tuple[Corrected | None, dict[str, list[Evidence]]]] = {}
    for v in sorted(values, key=lambda v: (len(v.evidence.letter), v.evidence.letter, v.evidence.start)):
        key = (v.value, v.how, v.corrected.correction_id if v.corrected else "")
        same.setdefault(key, (v.corrected, {}))[1].setdefault(v.evidence.quote, []).append(v.evidence)
    return [
        Tally(value, how, corrected, tuple((quote, tuple(at)) for quote, at in wordings.items()))
        for (value, how, _), (corrected, wordings) in same.items()
    ]


@dataclass(frozen=True)
class EventLine:
    """One event."""

    event_id: str
    date: str
    date_start: str | None
    date_end: str | None
    type: str
    modality: str
    actors: str
    recipients: str
    place: str
    clause: Clause
    n_reports: int
    n_origins: int
    leads: int
    interval: str
    reason: str
    evidence: tuple[Evidence, ...]
    origins: tuple[tuple[str, str, str], ...]
    ledger: dict[str, tuple[Value, ...]]
    corrected: tuple[Corrected, ...] = ()

    @property
    def counted(self) -> str:
        """'2 reports, 1 origin'."""
        return f"{plural(self.n_reports, 'report')}, {plural(self.n_origins, 'origin')}{self.interval}"


@dataclass(frozen=True)
class Said:
    """One utterance of a speaker, with every report that carries it."""

    kind: str
    evidence: tuple[Evidence, ...]
    cue: str
    when: str


@dataclass(frozen=True)
class Speaker:
    """Everything one source is reported to have said, and on what terms."""

    name: str
    terms: str
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Copy:
    """Text that one report took from another, or two from a third."""

    taker: str
    giver: str
    share: str
    direction: str
    why: str
    passages: tuple[tuple[Evidence, Evidence, str], ...]
    arrow: bool = True


@dataclass
class Brief:
    """The whole brief of a story."""

    story_id: str
    title: str
    dates: str
    n_origins: int
    begins: str = ""  # a week before the first report: what ended earlier is background
    reports: list[ReportLine] = field(default_factory=list)
    happened: list[EventLine] = field(default_factory=list)
    unsure: list[EventLine] = field(default_factory=list)
    speakers: list[Speaker] = field(default_factory=list)
    differences: list[tuple[EventLine, str, tuple[Value, ...]]] = field(default_factory=list)
    agreements: list[tuple[EventLine, str, tuple[Value, ...]]] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    corrected: list[Corrected] = field(default_factory=list)

    @property
    def first(self) -> list[EventLine]:
        """The events that a reader who has a minute should see, at most three, as of `leading.first`."""
        return leading.first(
            self.happened,
            self.begins,
            lambda e: leading.Standing(
                str(e.clause), e.type, e.date_start, e.date_end, e.leads, e.n_reports, e.n_origins
            ),
        )

    @property
    def unsettled(self) -> list[tuple[EventLine, str, list[Tally]]]:
        """What the same reader must know not to be settled: contradictions, and counts of people that changed."""
        first = {e.event_id for e in self.first}
        return [
            (event, name, tallied(values))
            for event, name, values in self.differences
            if any(v.relation == "contradicts" for v in values)
            or (event.event_id in first and name in PEOPLE and any(v.relation == "updates" for v in values))
        ]

    @property
    def origins(self) -> str:
        """How many origins its events have: '1 to 3 origins an event'."""
        counts = [e.n_origins for e in self.happened] or [e.n_origins for e in self.unsure]
        if not counts:
            return "no events"
        low, high = min(counts), max(counts)
        return f"{plural(high, 'origin')} an event" if low == high else f"{low} to {plural(high, 'origin')} an event"

    @property
    def timeline(self) -> pictures.Picture:
        """The events on a time axis, as SVG."""
        return pictures.timeline(
            [(e.date_start, e.type, str(e.clause), e.n_reports, e.n_origins) for e in self.happened]
        )

    @property
    def copy_graph(self) -> pictures.Picture:
        """Who took from whom, as SVG."""
        nodes = [(r.letter, r.outlet) for r in self.reports]
        edges = [(c.giver, c.taker, c.direction, c.share, c.arrow) for c in self.copies]
        return pictures.copy_graph(nodes, edges)

    def _repr_html_(self) -> str:
        count = f"{plural(len(self.reports), 'report')}, {self.origins}"
        lines = "".join(f"<li>{escape(str(e.clause))} <b>{escape(e.counted)}</b></li>" for e in self.first)
        return (
            f"<h3>{escape(self.title)}</h3><p>{escape(self.dates)} · {count}</p><ul>{lines}</ul>"
            f"{self.timeline._repr_html_()}{self.copy_graph._repr_html_()}"
        )


def by_event(
    lines: Sequence[tuple[EventLine, str, tuple[Value, ...]]],
) -> list[tuple[EventLine, list[tuple[str, list[Tally]]]]]:
    """Lines of a ledger under the event that they belong to."""
    return [
        (found[0][0], [(name, tallied(values)) for _, name, values in found])
        for _, group in groupby(lines, key=lambda line: line[0].event_id)
        if (found := list(group))
    ]


def plural(n: int, noun: str) -> str:
    """'1 report', '2 reports'."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
