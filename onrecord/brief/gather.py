"""One story's rows, read once and turned into the lines of its brief."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from onrecord.brief.lines import (
    Brief,
    Clause,
    Copy,
    Corrected,
    EventLine,
    Evidence,
    ReportLine,
    Said,
    Speaker,
    Value,
    tallied,
)
from onrecord.errors import UsageError
from onrecord.model import Homes
from onrecord.query import Record
from onrecord.text import LEAD, elided, letter

QUOTE = 220
SENTENCE = 400
UNSURE = ("planned", "threatened", "hypothetical", "negated")
_SPACES = re.compile(r"\s+")


def story_ids(record: Record) -> list[str]:
    """The stories of a record, the most reported first."""
    rows = record.sql("SELECT story_id FROM stories ORDER BY n_reports DESC, date_start, story_id").to_pylist()
    return [r["story_id"] for r in rows]


def story_brief(record: Record, story_id: str) -> Brief:
    """The brief of one story; raises `UsageError` when the record has no such story."""
    found = record.sql("SELECT * FROM stories WHERE story_id = ?", [story_id]).to_pylist()
    if not found:
        known = ", ".join(story_ids(record)[:5])
        raise UsageError(f"no story {story_id!r}; see onrecord show stories (it begins with {known})")
    return _Gathering(record, found[0]).brief()


class _Gathering:
    """Reads one story's rows once and turns them into the lines of its brief."""

    def __init__(self, record: Record, story: dict[str, Any]) -> None:
        self.record, self.story = record, story
        mine = "report_id IN (SELECT report_id FROM story_reports WHERE story_id = $1)"
        self.where = mine
        self.report_rows = self._rows(f"SELECT * FROM reports WHERE {mine} ORDER BY published_at NULLS LAST, report_id")
        self.homes = Homes(self._rows(f"SELECT * FROM story_reports WHERE {mine}"))
        self.letters = {r["report_id"]: letter(n) for n, r in enumerate(self.report_rows)}
        self.by_id = {r["report_id"]: r for r in self.report_rows}
        self.headlines: dict[str, str] = {}
        for row in self._rows(
            f"SELECT * FROM segments WHERE {mine} AND kind = 'headline' ORDER BY report_id, char_start"
        ):
            words = self.by_id[row["report_id"]]["text"][row["char_start"] : row["char_end"]]
            self.headlines.setdefault(row["report_id"], " ".join(words.split()))
        self.captions: dict[str, list[tuple[int, int]]] = {}
        for row in self._rows(f"SELECT * FROM segments WHERE {mine} AND kind = 'caption' AND char_start < {LEAD}"):
            self.captions.setdefault(row["report_id"], []).append((row["char_start"], row["char_end"]))
        self.corrected = [_corrected(r) for r in self.record.sql(_CORRECTED).to_pylist()]
        self.sentences: dict[str, list[tuple[int, int]]] = {}
        parsed = self._rows(
            "SELECT report_id, char_start, char_end, starts, sentence_starts FROM paragraphs "
            f"JOIN parses USING (parse_key) WHERE {mine} ORDER BY report_id, char_start"
        )
        for row in parsed:
            begins = [row["char_start"] + row["starts"][i] for i in row["sentence_starts"]]
            ends = [*begins[1:], row["char_end"]]
            self.sentences.setdefault(row["report_id"], []).extend(zip(begins, ends, strict=True))

    def _rows(self, query: str) -> list[dict[str, Any]]:
        return list(self.record.sql(query, [self.story["story_id"]]).to_pylist())

    def evidence(self, report_id: str, start: int, end: int, longest: int = QUOTE) -> Evidence:
        report = self.by_id[report_id]
        words = " ".join(elided(report["text"][start:end]).split())
        quote = words if len(words) <= longest else words[: longest - 1].rsplit(" ", 1)[0] + " …"
        return Evidence(self.letters[report_id], report["uri"], start, end, quote)

    def brief(self) -> Brief:
        story = self.story
        brief = Brief(
            story["story_id"],
            story["title"] or "Untitled story",
            _dates(story["date_start"], story["date_end"]) or "date unknown",
            story["n_origins"],
        )
        if story["date_start"]:
            brief.begins = (date.fromisoformat(story["date_start"]) - timedelta(days=7)).isoformat()
        brief.reports = [self._report(r) for r in self.report_rows]
        events = self._events()
        brief.happened = [e for e in events if e.modality not in UNSURE]
        brief.unsure = [e for e in events if e.modality in UNSURE]
        for event in events:
            for name, values in event.ledger.items():
                relations = {v.relation for v in values}
                if relations - {"agrees"} and len(tallied(values)) > 1:
                    brief.differences.append((event, name, values))
                elif len({v.evidence.letter for v in values}) > 1:
                    brief.agreements.append((event, name, values))
        brief.speakers = self._speakers()
        brief.copies = self._copies()
        brief.corrected = self._corrected_here({e.event_id for e in events})
        return brief

    def _corrected_here(self, events: set[str]) -> list[Corrected]:
        """Decisions on this story's reports, mentions, events, entities and sources, in the order they were made."""
        columns = (
            ("entity_id", "entity_mentions"), ("attribution_id", "attributions"), ("mention_id", "event_mentions"),
        )  # fmt: skip
        here = events | set(self.by_id) | {self.story["story_id"]}
        if self.corrected:
            for column, table in columns:
                here |= {r["id"] for r in self._rows(f"SELECT DISTINCT {column} AS id FROM {table} WHERE {self.where}")}
        return [c for c in self.corrected if c.row_id in here or here & set(_mentions_of(c))]

    def _report(self, row: dict[str, Any]) -> ReportLine:
        credits = self._rows(
            f"SELECT DISTINCT agency FROM credits WHERE {self.where} AND role <> 'photo' "
            f"AND report_id = '{row['report_id']}' ORDER BY 1"
        )
        return ReportLine(
            self.letters[row["report_id"]],
            row["report_id"],
            row["outlet"] or "outlet unknown",
            row["title"] or self.headlines.get(row["report_id"], "untitled"),
            row["uri"],
            row["published_day"] or "date unknown",
            {
                "metadata": "",
                "text": "from its own text",
                "story": "from its story",
                "correction": "as corrected",
                None: "",
            }[row["published_basis"]],
            ", ".join(c["agency"] for c in credits),
            self.homes.whole.get(row["report_id"]) != self.story["story_id"],
        )

    def _events(self) -> list[EventLine]:
        events = self._rows(
            "SELECT * FROM events WHERE story_id = $1 ORDER BY date_start NULLS LAST, date_end, event_id"
        )
        mentions: dict[str, list[dict[str, Any]]] = {}
        for m in self._rows(f"SELECT * FROM event_mentions WHERE {self.where} ORDER BY report_id, char_start"):
            mentions.setdefault(m["event_id"], []).append(m)
        origins: dict[str, list[dict[str, Any]]] = {}
        own = "event_id IN (SELECT event_id FROM events WHERE story_id = $1)"
        for o in self._rows(f"SELECT * FROM origins WHERE {own} ORDER BY len(report_ids) DESC, origin_id"):
            origins.setdefault(o["event_id"], []).append(o)
        ledger: dict[str, dict[str, list[Value]]] = {}
        for row in self._rows(f"SELECT * FROM ledger WHERE {own} ORDER BY event_id, field, report_id, char_start"):
            value = Value(
                row["value"],
                row["relation"],
                self.evidence(row["report_id"], row["char_start"], row["char_end"], 100),
                row["decision"],
                next((c for c in self.corrected if c.correction_id == row["correction_id"]), None),
            )
            values = ledger.setdefault(row["event_id"], {}).setdefault(row["field"], [])
            if value not in values:
                values.append(value)
        return [
            self._event(
                e, mentions.get(e["event_id"], []), origins.get(e["event_id"], []), ledger.get(e["event_id"], {})
            )
            for e in events
        ]

    def _event(
        self,
        row: dict[str, Any],
        mentions: list[dict[str, Any]],
        origins: list[dict[str, Any]],
        ledger: dict[str, list[Value]],
    ) -> EventLine:
        best: dict[str, dict[str, Any]] = {}
        for m in mentions:
            if m["mention_id"] == row["mention_id"]:
                best[m["report_id"]] = m
        for m in mentions:
            best.setdefault(m["report_id"], m)
        shown = sorted(best.values(), key=lambda m: self.letters[m["report_id"]])
        low, high = row["n_origins_low"], row["n_origins_high"]
        return EventLine(
            event_id=row["event_id"],
            date=_dates(row["date_start"], row["date_end"]) or "date not given",
            date_start=row["date_start"],
            date_end=row["date_end"],
            type=row["event_type"] + (f"/{row['mode']}" if row["mode"] else ""),
            modality=row["modality"] or "actual",
            actors=_named(row["actor_names"], row["actor_countries"]),
            recipients=_named(row["recipient_names"], row["recipient_countries"]),
            place=", ".join(p for p in (row["place"], row["country"]) if p),
            clause=self._clause(next((m for m in mentions if m["mention_id"] == row["mention_id"]), None)),
            n_reports=row["n_reports"],
            n_origins=row["n_origins"],
            leads=len({m["report_id"] for m in mentions if self._leads(m)}),
            interval=f" ({low} to {high})" if low != high else "",
            reason=row["origins_reason"],
            evidence=tuple(self.evidence(m["report_id"], m["char_start"], m["char_end"]) for m in shown),
            origins=tuple((o["kind"].replace("_", " "), o["label"], self._letters(o["report_ids"])) for o in origins),
            ledger={name: tuple(values) for name, values in ledger.items()},
            corrected=tuple(c for c in self.corrected if c.row_id == row["event_id"] and c.table in _OF_EVENT),
        )

    def _leads(self, mention: dict[str, Any]) -> bool:
        """Whether a report begins with it, the captions of its pictures aside."""
        at = mention["char_start"]
        return at < LEAD and not any(a <= at < z for a, z in self.captions.get(mention["report_id"], ()))

    def _clause(self, mention: dict[str, Any] | None) -> Clause:
        if mention is None:
            return Clause("", "", "")
        text = self.by_id[mention["report_id"]]["text"]
        start, end = mention["char_start"], mention["char_end"]
        inside = [(a, b) for a, b in self.sentences.get(mention["report_id"], []) if a < end and start < b]
        left = max(inside[0][0], start - SENTENCE) if inside else start
        right = min(inside[-1][1], end + SENTENCE) if inside else end
        left, right = min(left, start), max(right, end)
        before, words, after = text[left:start], text[start:end], text[end:right]
        while words[:1] and words[0] in " ,;:":
            before, words = before + words[0], words[1:]
        return Clause(*(_SPACES.sub(" ", elided(part)) for part in (before.lstrip(), words, after.rstrip())))

    def _letters(self, report_ids: Iterable[str]) -> str:
        return ", ".join(sorted(self.letters[r] for r in report_ids if r in self.letters))

    def _speakers(self) -> list[Speaker]:
        rows = self._rows(
            "SELECT a.*, e.name, e.role, e.country AS entity_country, e.sector FROM attributions a "
            f"LEFT JOIN entities e ON e.entity_id = a.source_entity WHERE {self.where} "
            "ORDER BY report_id, a.content_spans[1].char_start, attribution_id"
        )
        groups: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            spans = [*row["content_spans"], *row["cue_spans"]]
            if spans and self.homes.at(row["report_id"], spans[0]["char_start"]) != self.story["story_id"]:
                continue
            key = row["source_entity"] or f"{row['source_type']} {(row['source_label'] or '').lower()}"
            groups.setdefault(key, []).append(row)
        speakers = [self._speaker(group) for group in groups.values()]
        return sorted(speakers, key=lambda s: (s.name == "Nobody named", -len(s.said), s.name))

    def _speaker(self, rows: list[dict[str, Any]]) -> Speaker:
        said: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            said.setdefault(row["utterance_id"] or row["attribution_id"], []).append(row)
        first = rows[0]
        country = first["source_country"] or first["entity_country"]
        terms = [first["source_type"]]
        terms += [t for t in (country, first["sector"]) if t]
        reason = next((r["anonymity_reason"] for r in rows if r["anonymity_reason"]), None)
        if reason:
            terms.append(f"unnamed: “{' '.join(reason.split())}”")
        return Speaker(
            first["name"] or first["source_label"] or "Nobody named",
            ", ".join(terms),
            tuple(self._said(group) for group in said.values()),
        )

    def _said(self, rows: list[dict[str, Any]]) -> Said:
        evidence = []
        for row in rows:
            spans = row["content_spans"]
            start, end = spans[0]["char_start"], spans[-1]["char_end"]
            evidence.append(self.evidence(row["report_id"], start, end))
        first = rows[0]
        text = self.by_id[first["report_id"]]["text"]
        cue = " ".join(" ".join(text[s["char_start"] : s["char_end"]].split()) for s in first["cue_spans"])
        return Said(first["kind"], tuple(evidence), cue, _dates(first["date_start"], first["date_end"]))

    def _copies(self) -> list[Copy]:
        passages: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in self._rows(
            "SELECT * FROM alignments WHERE report_a IN (SELECT report_id FROM story_reports WHERE story_id = $1) "
            "AND report_b IN (SELECT report_id FROM story_reports WHERE story_id = $1) ORDER BY report_a, a_start"
        ):
            passages.setdefault((row["report_a"], row["report_b"]), []).append(row)
        out = []
        for row in self._rows(f"SELECT * FROM derivations WHERE {self.where} ORDER BY report_id, from_report_id"):
            other = row["from_report_id"] or row["with_report_id"]
            if other not in self.letters:
                continue
            pair = tuple(sorted((row["report_id"], other)))
            shared = passages.get((pair[0], pair[1]), [])
            out.append(
                Copy(
                    self.letters[row["report_id"]],
                    self.letters[other],
                    f"{row['share']:.0%}",
                    row["direction"],
                    row["evidence"],
                    tuple(
                        (
                            self.evidence(p["report_a"], p["a_start"], p["a_end"], 120),
                            self.evidence(p["report_b"], p["b_start"], p["b_end"], 120),
                            f"{p['words']} words, {p['kind']}" + (", quotation" if p["quotation"] else ""),
                        )
                        for p in shared
                    ),
                    row["from_report_id"] is not None,
                )
            )
        return out


_OF_EVENT = ("events", "ledger")
_CORRECTED = (
    "SELECT e.*, c.action, c.made_by, c.made_at, c.note FROM effects e JOIN corrections c USING (correction_id) "
    "WHERE e.state = 'applied' AND c.action <> 'undo' ORDER BY c.made_at, e.correction_id, e.table_name, e.row_id"
)


def _corrected(row: dict[str, Any]) -> Corrected:
    return Corrected(
        row["correction_id"],
        row["action"],
        row["table_name"],
        row["row_id"],
        row["field"],
        json.loads(row["before"]) if row["before"] else None,
        json.loads(row["after"]) if row["after"] else None,
        row["made_by"],
        f"{row['made_at']:%Y-%m-%d}",
        row["note"],
    )


def _mentions_of(corrected: Corrected) -> list[str]:
    """The mentions of an event that was rejected: it has no row any more."""
    before = corrected.before
    return before.get("mention_ids", []) if isinstance(before, dict) else []


def _dates(start: str | None, end: str | None) -> str:
    if start and end and start != end:
        return f"{start} to {end}"
    return start or (f"by {end}" if end else "")


def _named(names: list[str], countries: list[str | None]) -> str:
    return ", ".join(f"{n} ({c})" if c and c != n else n for n, c in zip(names, countries, strict=False))
