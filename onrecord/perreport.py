"""The per-report stages as functions from tables to tables, run in any process.

Each takes the rows of some reports and gives rows; an error in one report becomes a row of `problems` and costs that
report's rows of that stage, nothing else. Rows that would break a law of the record are refused here, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from onrecord import limits, schema
from onrecord.asked import asked, seen
from onrecord.errors import LawError, panicked
from onrecord.laws import declared, lawful
from onrecord.model import (
    Attribution,
    Credit,
    Document,
    Entity,
    EventMention,
    Mark,
    Mention,
    Parse,
    RawReport,
    Segment,
    Span,
    Timex,
    day_of,
)
from onrecord.options import Options
from onrecord.stages import annotate
from onrecord.text import plain

Tables = dict[str, pa.Table]
Rows = dict[str, list[dict[str, Any]]]

HANDLED_LANGUAGES = frozenset({"en"})  # the parser and every lexicon are English as yet


def by_report(table: pa.Table) -> dict[str, list[dict[str, Any]]]:
    """Rows of a table grouped by their report, in table order."""
    out: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        out.setdefault(row["report_id"], []).append(row)
    return out


def each_report(
    tables: Tables, stage: str, writes: Iterable[str], work: Callable[[dict[str, Any]], Rows], seconds: float = 0
) -> Tables:
    """Run `work` on each row of `reports`; gather what it writes, refuse unlawful rows, note what failed.

    A report that takes more than `seconds` of processor time (0: no bound) or all memory has failed too.
    """
    out: Rows = {name: [] for name in (*writes, "problems")}
    for report in tables["reports"].to_pylist():
        noted: list[dict[str, Any]] = []
        try:
            with limits.at_most(seconds):
                given = work(report)
            noted += given.pop("problems", [])
            kept = {name: _lawful(report, stage, name, rows, noted) for name, rows in given.items()}
        except limits.TimeLimitError:
            out["problems"].append(problem(report, stage, "time-limit", too_long(seconds)))
            continue
        except MemoryError:
            out["problems"].append(problem(report, stage, "memory-limit", TOO_MUCH))
            continue
        except LawError as error:
            out["problems"].append(problem(report, stage, "law-broken", str(error)))
            continue
        except BaseException as error:
            if not isinstance(error, Exception) and not panicked(error):
                raise
            out["problems"].append(problem(report, stage, "error", f"{type(error).__name__}: {error}"))
            continue
        out["problems"] += noted
        for name, rows in kept.items():
            out[name] += rows
    return {name: _table(tables, stage, name, rows, out["problems"]) for name, rows in out.items()}


def _lawful(
    report: dict[str, Any], stage: str, name: str, rows: list[dict[str, Any]], problems: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    kept, refused = lawful(schema.table(name), report["text"], rows)
    problems += (problem(report, stage, "law-broken", f"{name}: {why}") for why in refused)
    return kept


def _table(
    tables: Tables, stage: str, name: str, rows: list[dict[str, Any]], problems: list[dict[str, Any]]
) -> pa.Table:
    """Rows as a table, less those that are not as it is declared; these are noted."""
    table, refused = declared(schema.table(name), rows)
    if refused:
        reports = {r["report_id"]: r for r in tables["reports"].select(["report_id", "uri"]).to_pylist()}
        problems += (problem(reports[r["report_id"]], stage, "law-broken", f"{name}: {why}") for r, why in refused)
    return table


TOO_MUCH = "more memory was needed than the option worker_mib allows"


def too_long(seconds: float) -> str:
    """What is said of a report that was put aside."""
    return f"more than {seconds:g} s of processor time were needed; see the option report_seconds"


def halves(tables: Tables) -> list[Tables]:
    """The payload of some reports as two payloads, each of half of them; as none when it is of one report."""
    ids = tables["reports"]["report_id"].to_pylist()
    if len(ids) < 2:
        return []
    return [_of(tables, half) for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :])]


def _of(tables: Tables, ids: list[str]) -> Tables:
    wanted = pa.array(ids)
    return {
        name: rows.filter(pc.is_in(rows["report_id"], value_set=wanted)) if "report_id" in rows.schema.names else rows
        for name, rows in tables.items()
    }


def problem(report: dict[str, Any], stage: str, reason: str, detail: str) -> dict[str, Any]:
    """A row of `problems` about a report."""
    return {
        "uri": report["uri"],
        "report_id": report["report_id"],
        "stage": stage,
        "reason": reason,
        "detail": detail[:2000],
    }


def segment_reports(tables: Tables, options: Options) -> Tables:
    """reports, marks, repeats → segments, credits, terms, paragraphs (with the key of each paragraph's parse)."""
    from onrecord.stages.group.features import terms
    from onrecord.stages.segment import segment

    marks = by_report(tables["marks"])
    repeats = by_report(tables["repeats"])

    def work(report: dict[str, Any]) -> Rows:
        raw = RawReport(
            uri=report["uri"],
            text=report["text"],
            outlet=report["outlet"],
            title=report["title"],
            byline=report["byline"],
            language=report["language"],
            published=report["published_at"],
            marks=tuple(Mark(_span(m), m["kind"]) for m in marks.get(report["report_id"], [])),
            report_id=report["report_id"],
        )
        repeated = frozenset(plain(r["line"]) for r in repeats.get(raw.report_id, []))
        segments, credits = segment(raw, repeated)
        rows: Rows = {
            "segments": [{"report_id": raw.report_id, **s.span.row(), "kind": s.kind} for s in segments],
            "credits": [
                {"report_id": raw.report_id, **c.span.row(), "agency": c.agency, "role": c.role} for c in credits
            ],
            "paragraphs": [],
            "problems": [],
        }
        rows["terms"] = [{"report_id": raw.report_id, **terms(raw.text, rows["segments"], raw.title)}]
        if raw.language and raw.language not in HANDLED_LANGUAGES:
            detail = f"in {raw.language}, which is not handled yet: kept as read, nothing is taken from it"
            rows["problems"].append(problem(report, "segment", "language", detail))
            return rows
        for span, kind in annotate.paragraphs_of(raw.text, segments, options.max_paragraph_chars):
            if span.end > options.max_report_chars:
                detail = f"read on to character {span.start} only; see the option max_report_chars"
                rows["problems"].append(problem(report, "segment", "long-report", detail))
                break
            key = annotate.parse_key(options.model, raw.text[span.start : span.end])
            rows["paragraphs"].append({"report_id": raw.report_id, **span.row(), "kind": kind, "parse_key": key})
        return rows

    return each_report(tables, "segment", ("segments", "credits", "terms", "paragraphs"), work, options.report_seconds)


Paragraphs = tuple[str, float, list[tuple[str, str]]]
"""Model, seconds for a paragraph (0: no bound), and (parse key, text) of each."""


def parse_paragraphs(given: Paragraphs) -> pa.Table:
    """Paragraphs → parses. One that cannot be parsed gets a parse of no tokens; one that takes too long gets none."""
    model, seconds, paragraphs = given
    annotate.ready(model)  # what fails here fails for all of them
    parsed: list[Parse | None]
    try:
        with limits.at_most(seconds):
            parsed = list(annotate.parse(model, [text for _, text in paragraphs]))
    except (Exception, limits.TimeLimitError):
        parsed = [_parse_one(model, seconds, text) for _, text in paragraphs]
    made = (annotate.to_row(k, p) for (k, _), p in zip(paragraphs, parsed, strict=True) if p is not None)
    return schema.PARSES.from_rows(made)


def _parse_one(model: str, seconds: float, text: str) -> Parse | None:
    try:
        with limits.at_most(seconds):
            return next(annotate.parse(model, [text]))
    except (MemoryError, limits.TimeLimitError):
        return None
    except Exception:
        return Parse([], [], [], [], [], [], [], [], [])


def halved_paragraphs(given: Paragraphs) -> list[Paragraphs]:
    """Two payloads of half the paragraphs each; none when there is one."""
    model, seconds, paragraphs = given
    half = len(paragraphs) // 2
    return [(model, seconds, paragraphs[:half]), (model, seconds, paragraphs[half:])] if half else []


def resolve_reports(tables: Tables, options: Options) -> Tables:
    """Parsed reports → claims, entity_mentions; and, where a report has no date, the one its own text gives."""
    from onrecord.stages.resolve import load, resolve
    from onrecord.stages.time import date_from_text

    documents = Documents(tables)
    lexicon = load(tuple(Path(p) for p in options.actors))

    def work(report: dict[str, Any]) -> Rows:
        doc = documents.of(report)
        rows: Rows = {"reports": []}
        if doc.published is None and (found := date_from_text(doc)):
            doc.published, doc.published_basis = found[0], "text"
            rows["reports"].append(
                report
                | {
                    "published_at": datetime(found[0].year, found[0].month, found[0].day, tzinfo=UTC),
                    "published_day": found[0].isoformat(),
                    "published_basis": "text",
                    "published_span": doc.whole(found[1]).row(),
                }
            )
        entities, mentions = resolve(doc, lexicon)
        rows["claims"] = [{"report_id": doc.report_id, **entity_row(e)} for e in entities]
        rows["entity_mentions"] = [mention_row(doc.report_id, m) for m in mentions]
        return rows

    return each_report(tables, "resolve", ("reports", "claims", "entity_mentions"), work, options.report_seconds)


def find_times(tables: Tables, options: Options) -> Tables:
    """Parsed, dated reports → timexes."""
    from onrecord.stages import time

    documents = Documents(tables)

    def work(report: dict[str, Any]) -> Rows:
        return {"timexes": [timex_row(report["report_id"], t) for t in time.find_times(documents.of(report))]}

    return each_report(tables, "time", ("timexes",), work, options.report_seconds)


def attribute_reports(tables: Tables, options: Options) -> Tables:
    """Reports with entities and timexes → attributions, and by what those of several reports are compared."""
    from onrecord.stages.attribute import attribute, sayings

    documents = Documents(tables)

    def work(report: dict[str, Any]) -> Rows:
        doc = documents.of(report)
        said = [attribution_row(doc.report_id, a) for a in attribute(doc)]
        asks = list(asked({"report_id": doc.report_id}, doc.entities))
        return {"attributions": said, "sayings": sayings(doc.text, said), "asked_by_attribute": asks}

    return each_report(
        tables, "attribute", ("attributions", "sayings", "asked_by_attribute"), work, options.report_seconds
    )


def code_reports(tables: Tables, options: Options) -> Tables:
    """Reports with entities, timexes and attributions → event_mentions, not yet joined into events."""
    from onrecord.stages.code import code, load_ontology

    documents = Documents(tables)
    ontology = load_ontology(Path(options.ontology) if options.ontology else None)

    def work(report: dict[str, Any]) -> Rows:
        doc = documents.of(report)
        coded = [event_row(doc.report_id, m) for m in code(doc, ontology)]
        return {"event_mentions": coded, "asked_by_code": list(asked({"report_id": doc.report_id}, doc.entities))}

    return each_report(tables, "code", ("event_mentions", "asked_by_code"), work, options.report_seconds)


class Documents:
    """Tables of some reports, looked up to make one `Document` at a time; tables that are not there yet are empty."""

    def __init__(self, tables: Tables) -> None:
        self.rows: dict[str, dict[str, list[dict[str, Any]]]] = {
            name: by_report(tables[name])
            for name in ("segments", "credits", "paragraphs", "timexes", "entity_mentions", "attributions")
            if name in tables
        }
        self.parses = annotate.from_table(tables["parses"])
        entities = tables["entities"].to_pylist() if "entities" in tables else []
        self.entities = {r["entity_id"]: _entity(r) for r in entities}

    def of(self, report: Mapping[str, Any]) -> Document:
        """The document of one row of `reports`."""
        report_id = report["report_id"]

        def rows(name: str) -> Iterator[dict[str, Any]]:
            yield from self.rows.get(name, {}).get(report_id, [])

        mentions = tuple(Mention(_span(m), m["entity_id"], m["form"]) for m in rows("entity_mentions"))
        parsed = ((_span(p), p["kind"], self.parses.get(p["parse_key"])) for p in rows("paragraphs"))
        return Document.assemble(
            report_id,
            report["text"],
            [Segment(_span(s), s["kind"]) for s in rows("segments")],
            [(span, kind, parse) for span, kind, parse in parsed if parse is not None and parse.starts],
            title=report["title"],
            outlet=report["outlet"],
            published=day_of(report),
            published_basis=report["published_basis"],
            credits=tuple(Credit(_span(c), c["agency"], c["role"]) for c in rows("credits")),
            timexes=tuple(_timex(t) for t in rows("timexes")),
            mentions=mentions,
            entities=seen(self.entities, [m.entity_id for m in mentions]),
            attributions=tuple(_attribution(a) for a in rows("attributions")),
        )


def _span(row: Mapping[str, Any]) -> Span:
    return Span(row["char_start"], row["char_end"])


def _spans(spans: Iterable[Span]) -> list[dict[str, int]]:
    return [s.row() for s in spans]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _entity(row: Mapping[str, Any]) -> Entity:
    return Entity(row["entity_id"], *(row[n] for n in schema.ENTITIES.schema.names[1:]))


def _timex(row: Mapping[str, Any]) -> Timex:
    return Timex(
        _span(row), row["type"], row["value"], row["mod"], _day(row["date_start"]), _day(row["date_end"]), row["anchor"]
    )


def _attribution(row: Mapping[str, Any]) -> Attribution:
    return Attribution(
        id=row["attribution_id"],
        content=tuple(map(_span, row["content_spans"])),
        cue=tuple(map(_span, row["cue_spans"])),
        source=tuple(map(_span, row["source_spans"])),
        kind=row["kind"],
        source_type=row["source_type"],
        source_entity=row["source_entity"],
        source_label=row["source_label"],
        source_country=row["source_country"],
        start=_day(row["date_start"]),
        end=_day(row["date_end"]),
        parent=row["parent_attribution"],
        polarity=row["polarity"],
        certainty=row["certainty"],
        anonymity_reason=row["anonymity_reason"],
    )


def entity_row(e: Entity) -> dict[str, Any]:
    """An entity as a row."""
    values = (e.id, e.name, e.kind, e.country, e.sector, e.role, e.latitude, e.longitude, e.geonames_id)
    return dict(zip(schema.ENTITIES.schema.names, values, strict=True))


def mention_row(report_id: str, m: Mention) -> dict[str, Any]:
    """An entity mention as a row."""
    return {"report_id": report_id, **m.span.row(), "entity_id": m.entity_id, "form": m.form}


def timex_row(report_id: str, t: Timex) -> dict[str, Any]:
    """A time expression as a row."""
    return {
        "report_id": report_id,
        **t.span.row(),
        "type": t.type,
        "value": t.value,
        "mod": t.mod,
        "date_start": _iso(t.start),
        "date_end": _iso(t.end),
        "anchor": t.anchor,
    }


def attribution_row(report_id: str, a: Attribution) -> dict[str, Any]:
    """An attribution as a row."""
    return {
        "attribution_id": a.id,
        "report_id": report_id,
        "content_spans": _spans(a.content),
        "cue_spans": _spans(a.cue),
        "source_spans": _spans(a.source),
        "kind": a.kind,
        "source_entity": a.source_entity,
        "source_label": a.source_label,
        "source_type": a.source_type,
        "source_country": a.source_country,
        "date_start": _iso(a.start),
        "date_end": _iso(a.end),
        "parent_attribution": a.parent,
        "polarity": a.polarity,
        "certainty": a.certainty,
        "anonymity_reason": a.anonymity_reason,
    }


def event_row(report_id: str, m: EventMention) -> dict[str, Any]:
    """An event mention as a row; it belongs to no event yet."""
    return {
        "mention_id": m.id,
        "report_id": report_id,
        **m.clause.row(),
        "anchor_start": m.anchor.start,
        "anchor_end": m.anchor.end,
        "event_type": m.event_type,
        "mode": m.mode,
        "contexts": list(m.contexts),
        "cameo": m.cameo,
        "quad": m.quad,
        "intensity": m.intensity,
        "modality": m.modality,
        "actors": list(m.actors),
        "recipients": list(m.recipients),
        "actor_spans": _spans(m.actor_spans),
        "recipient_spans": _spans(m.recipient_spans),
        "date_start": _iso(m.start),
        "date_end": _iso(m.end),
        "date_basis": m.date_basis,
        "date_span": m.date_span.row() if m.date_span else None,
        "place": m.place,
        "place_span": m.place_span.row() if m.place_span else None,
        "quantities": [{**q.span.row(), "value": q.value, "unit": q.unit, "role": q.role} for q in m.quantities],
        "attribution_id": m.attribution_id,
        "confidence": m.confidence,
    }
