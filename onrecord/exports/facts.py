"""An event of the record with everything that the field's formats ask about it, gathered once for all exporters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from onrecord.exports import political
from onrecord.exports.standing import Standings
from onrecord.model import day_of
from onrecord.query import Record

EVENTS_A_BATCH = 2_000

# A plan, a threat or a condition is no event of these classes; as an AGREE, THREATEN or REQUEST it is one (PLOVER
# manual 2.0: such readings have their own types). Negated and hypothetical events are never exported as events.
SAID = ("AGREE", "REQUEST", "ACCUSE", "REJECT", "THREATEN", "CONCEDE")


@dataclass(frozen=True)
class Party:
    """One who acts or is acted upon: canonical name, the words of the report, and the codes.

    Country, sector and role are those of the day: the event's last, or that of publication where it is earlier.
    """

    entity_id: str
    name: str
    raw: str
    kind: str
    country: str | None
    sector: str | None
    role: str | None
    start: int | None
    """First character of `raw` in the report of the mention; None when the report does not name the party there."""


@dataclass(frozen=True)
class Place:
    """Where: canonical name, the words of the report, coordinates in degrees."""

    name: str
    raw: str
    country: str | None
    latitude: float | None
    longitude: float | None
    geonames_id: int | None
    kind: str


@dataclass(frozen=True)
class Mention:
    """One report's mention of the event, with the number of its sentence (from 1) and its offsets."""

    mention_id: str
    report: dict[str, Any]
    sentence: int
    start: int
    end: int
    anchor: int
    actor_start: int | None
    recipient_start: int | None
    confidence: float | None
    date_basis: str | None


@dataclass(frozen=True)
class Days:
    """First and last day (ISO, inclusive) on which an event may have happened, for formats that ask for one.

    `basis` is 'stated' where a report tells them, 'published' where they are only the day on which the first report
    that has one came out; None without either.
    """

    start: str | None
    end: str | None
    basis: str | None


@dataclass(frozen=True)
class Fact:
    """One event: its own row, the mention that states it best, its parties, place, reports and origins."""

    event: dict[str, Any]
    mention: dict[str, Any]
    actors: tuple[Party, ...]
    recipients: tuple[Party, ...]
    place: Place | None
    mentions: tuple[Mention, ...]
    origins: tuple[dict[str, Any], ...]
    killed: float | None
    people: tuple[str, ...] = field(default=())
    organisations: tuple[str, ...] = field(default=())
    locations: tuple[str, ...] = field(default=())

    @property
    def report(self) -> dict[str, Any]:
        """The report of the mention that states the event best (its text left out, its `length` in characters)."""
        return next(m.report for m in self.mentions if m.mention_id == self.mention["mention_id"])

    @property
    def days(self) -> Days:
        """When, for a format whose users count events by their day: never empty where a report has a day of its own."""
        start, end = self.event["date_start"], self.event["date_end"] or self.event["date_start"]
        if start:
            told = {m.date_basis for m in self.mentions} - {None}
            return Days(start, end, "published" if told == {"published"} else "stated")
        day = min((m.report["published_day"] for m in self.mentions if m.report["published_day"]), default=None)
        return Days(day, day, "published" if day else None)

    @property
    def parties(self) -> tuple[Party | None, Party | None]:
        """The first actor and the first recipient; of a mutual event, in which all are actors, the first two."""
        actors, recipients = self.actors, self.recipients
        if not recipients and len(actors) > 1:
            return actors[0], actors[1]
        return (actors[0] if actors else None), (recipients[0] if recipients else None)


def happened(event: dict[str, Any]) -> bool:
    """Whether event data sets count it: told as a fact, or of a type that is itself a promise or a threat."""
    modality = event["modality"]
    return modality in ("actual", "ongoing", None) or (
        modality in ("planned", "threatened") and event["event_type"] in SAID
    )


def facts(record: Record, *, scored: bool = False) -> Iterator[Fact]:
    """Every event of the record that `happened`, in the order of its id.

    With `scored`, only those that data sets of political events count: of a quad class, which an accident is not, and
    `political`, which what private people and firms do to each other is not.

    Events are read in batches, so memory does not grow with the record.
    """
    ids = [r["event_id"] for r in record.sql("SELECT event_id FROM events ORDER BY event_id").to_pylist()]
    for at in range(0, len(ids), EVENTS_A_BATCH):
        for fact in _Batch(record, ids[at : at + EVENTS_A_BATCH]).facts():
            if happened(fact.event) and (not scored or _counted(fact)):
                yield fact


def _counted(fact: Fact) -> bool:
    event, contexts = fact.event, fact.mention["contexts"] or ()
    named = [p for p in (*fact.actors, *fact.recipients) if p.kind != "country" or p.start is not None]
    parties = [(p.kind, p.country, p.sector) for p in named]
    return fact.mention["quad"] is not None and political.event(event["event_type"], event["mode"], contexts, parties)


class _Batch:
    """The rows behind some events, each table read once."""

    def __init__(self, record: Record, ids: list[str]) -> None:
        self.record, self.ids, self.standings = record, ids, Standings(record)
        self.events = self._rows("SELECT * FROM events WHERE event_id IN (SELECT unnest($1)) ORDER BY event_id")
        self.mentions = _grouped(
            self._rows(
                "SELECT * FROM event_mentions WHERE event_id IN (SELECT unnest($1)) "
                "ORDER BY event_id, report_id, char_start"
            ),
            "event_id",
        )
        self.origins = _grouped(
            self._rows("SELECT * FROM origins WHERE event_id IN (SELECT unnest($1)) ORDER BY event_id, origin_id"),
            "event_id",
        )
        within = "report_id IN (SELECT report_id FROM event_mentions WHERE event_id IN (SELECT unnest($1)))"
        self.reports = {r["report_id"]: r for r in self._rows(f"SELECT * FROM reports WHERE {within}")}
        self.entities = {
            r["entity_id"]: r
            for r in self._rows(
                f"SELECT * FROM entities WHERE entity_id IN (SELECT entity_id FROM entity_mentions WHERE {within})"
            )
        }
        self.named = _grouped(
            self._rows(
                "SELECT DISTINCT report_id, kind, name FROM entity_mentions JOIN entities USING (entity_id) "
                f"WHERE {within} AND form = 'name' ORDER BY ALL"
            ),
            "report_id",
        )
        self.where = _grouped(
            self._rows(f"SELECT report_id, entity_id, char_start, char_end FROM entity_mentions WHERE {within}"),
            "report_id",
        )
        self.sentences: dict[str, list[int]] = {}
        for row in self._rows(
            "SELECT report_id, char_start, starts, sentence_starts FROM paragraphs JOIN parses USING (parse_key) "
            f"WHERE {within} ORDER BY report_id, char_start"
        ):
            begins = [row["char_start"] + row["starts"][i] for i in row["sentence_starts"]]
            self.sentences.setdefault(row["report_id"], []).extend(begins)
        self.tolls = _grouped(
            self._rows(
                "SELECT event_id, try_cast(value AS DOUBLE) AS toll, count(DISTINCT coalesce(origin_id, report_id)) n "
                "FROM ledger WHERE field = 'killed' AND event_id IN (SELECT unnest($1)) "
                "AND isfinite(try_cast(value AS DOUBLE)) GROUP BY ALL ORDER BY event_id, n DESC, toll"
            ),
            "event_id",
        )

    def _rows(self, query: str) -> list[dict[str, Any]]:
        return list(self.record.sql(query, [self.ids]).to_pylist())

    def facts(self) -> Iterator[Fact]:
        for event in self.events:
            rows = self.mentions.get(event["event_id"], [])
            if not rows:
                continue
            best = next((m for m in rows if m["mention_id"] == event["mention_id"]), rows[0])
            report = self.reports[best["report_id"]]
            named = self.named.get(best["report_id"], [])
            toll = self.tolls.get(event["event_id"])
            last = date.fromisoformat(event["date_end"]) if event["date_end"] else None
            on = min((d for d in (last, day_of(report)) if d), default=None)
            yield Fact(
                event=event,
                mention=best,
                actors=self._parties(best, "actors", "actor_spans", report, on),
                recipients=self._parties(best, "recipients", "recipient_spans", report, on),
                place=self._place(best, report),
                mentions=tuple(self._mention(m) for m in rows),
                origins=tuple(self.origins.get(event["event_id"], [])),
                killed=float(toll[0]["toll"]) if toll else None,
                people=tuple(r["name"] for r in named if r["kind"] == "person"),
                organisations=tuple(r["name"] for r in named if r["kind"] in ("organisation", "group")),
                locations=tuple(r["name"] for r in named if r["kind"] in ("place", "country")),
            )

    def _parties(
        self, row: dict[str, Any], ids: str, spans: str, report: dict[str, Any], on: date | None
    ) -> tuple[Party, ...]:
        out = []
        for entity_id in row[ids]:
            entity = self.entities.get(entity_id)
            if entity is None:
                continue
            inside = [s for s in row[spans] if self._names(report["report_id"], entity_id, s)]
            country, sector, role = self.standings.of(entity, on)
            span = (inside or (row[spans] if len(row[ids]) == 1 else []) or [None])[0]
            out.append(
                Party(
                    entity_id=entity_id,
                    name=entity["name"],
                    raw=_words(report, span["char_start"], span["char_end"]) if span else entity["name"],
                    kind=entity["kind"],
                    country=country,
                    sector=sector,
                    role=role,
                    start=span["char_start"] if span else None,
                )
            )
        return tuple(out)

    def _names(self, report_id: str, entity_id: str, span: dict[str, int]) -> bool:
        return any(
            m["entity_id"] == entity_id and m["char_start"] < span["char_end"] and m["char_end"] > span["char_start"]
            for m in self.where.get(report_id, [])
        )

    def _place(self, row: dict[str, Any], report: dict[str, Any]) -> Place | None:
        entity = self.entities.get(row["place"])
        if entity is None:
            return None
        span = row["place_span"]
        return Place(
            name=entity["name"],
            raw=_words(report, span["char_start"], span["char_end"]) if span else entity["name"],
            country=entity["country"],
            latitude=entity["latitude"],
            longitude=entity["longitude"],
            geonames_id=entity["geonames_id"],
            kind=entity["kind"],
        )

    def _mention(self, row: dict[str, Any]) -> Mention:
        report = self.reports[row["report_id"]]
        light = {k: v for k, v in report.items() if k != "text"} | {"length": len(report["text"])}
        begins = self.sentences.get(row["report_id"], [])
        return Mention(
            mention_id=row["mention_id"],
            report=light,
            sentence=max(1, bisect_right(begins, row["anchor_start"])),
            start=row["char_start"],
            end=row["char_end"],
            anchor=row["anchor_start"],
            actor_start=row["actor_spans"][0]["char_start"] if row["actor_spans"] else None,
            recipient_start=row["recipient_spans"][0]["char_start"] if row["recipient_spans"] else None,
            confidence=row["confidence"],
            date_basis=row["date_basis"],
        )


def _words(report: dict[str, Any], start: int, end: int) -> str:
    return " ".join(report["text"][start:end].split())


def _grouped(rows: list[dict[str, Any]], column: str) -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        out.setdefault(row[column], []).append(row)
    return out
