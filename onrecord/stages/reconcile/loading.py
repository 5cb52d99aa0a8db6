"""The tables of whole stories read into `Story` objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pyarrow as pa

from onrecord.asked import seen
from onrecord.model import Entity, Homes, day_of
from onrecord.stages.reconcile.mentions import mention_of
from onrecord.stages.reconcile.view import Passage, Report, Source, Story
from onrecord.stages.reconcile.words import Weights, content
from onrecord.text import unread

_TELLING = ("headline", "standfirst", "body", "caption", "subheading")
_UNSAID = datetime.max.isoformat()


def _point(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Where an entity is. A country's point only stands for it: nothing happened there, and near ones are two."""
    return (None, None) if row["kind"] == "country" else (row["latitude"], row["longitude"])


def stories(tables: Mapping[str, pa.Table]) -> list[Story]:
    """One `Story` for each row of `stories`, in order of id."""
    entities = {
        r["entity_id"]: Entity(r["entity_id"], r["name"], r["kind"], r["country"], r["sector"], r["role"], *_point(r))
        for r in tables["entities"].to_pylist()
    }
    per_report = ("segments", "credits", "timexes", "attributions", "event_mentions")
    by_report = {name: _by_report(tables[name]) for name in per_report}
    reports: dict[str, Report] = {}
    columns = ("report_id", "outlet", "byline", "title", "published_at", "published_day", "text")
    known = [c for c in columns if c in tables["reports"].column_names]
    for row in tables["reports"].select(known).to_pylist():
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
    who = _referred(by_report)
    for row in (
        tables["entity_mentions"].select(["report_id", "char_start", "char_end", "entity_id", "form"]).to_pylist()
    ):
        who[row["report_id"]].add(row["entity_id"])
        if row["form"] != "pronoun":
            named[row["report_id"]].append((row["char_start"], row["char_end"], row["entity_id"]))
    for spots in named.values():
        spots.sort()
    belongs = tables["story_reports"].to_pylist()
    homes = Homes(belongs)
    members: dict[str, list[str]] = defaultdict(list)
    for row in belongs:
        if row["report_id"] in reports:
            members[row["story_id"]].append(row["report_id"])
    out = []
    for story_id in sorted(tables["stories"].column("story_id").to_pylist()):
        ids = sorted(set(members[story_id]), key=lambda r: (reports[r].published, r))
        read = {r: _part(reports[r], story_id, homes) if homes.parts.get(r) else reports[r] for r in ids}
        own = seen(entities, set[str | None]().union(*(who[r] for r in ids)))
        mentions = [
            mention_of(row, read[r], own)
            for r in ids
            for row in sorted(
                by_report["event_mentions"].get(r, []), key=lambda m: (m["anchor_start"], m["mention_id"])
            )
            if homes.at(r, row["anchor_start"]) == story_id
        ]
        out.append(
            Story(
                story_id,
                read,
                mentions,
                own,
                named,
                derived,
                Weights(m.stems for m in mentions),
            )
        )
    return out


def _referred(by_report: Mapping[str, Mapping[str, list[dict[str, Any]]]]) -> dict[str, set[str | None]]:
    """By report the entities that its attributions and event mentions have; those that it names come to them."""
    out: dict[str, set[str | None]] = defaultdict(set)
    for report, rows in by_report["attributions"].items():
        out[report].update(a["source_entity"] for a in rows)
    for report, rows in by_report["event_mentions"].items():
        for m in rows:
            out[report].update((m["place"], *(m["actors"] or ()), *(m["recipients"] or ())))
    return out


def own_mentions(event_mentions: pa.Table, story_reports: pa.Table, stories: pa.Table) -> pa.Table:
    """The event mentions that stand where their reports tell these stories, and those of reports in no story."""
    homes = Homes(story_reports.to_pylist())
    mine = {*stories.column("story_id").to_pylist(), None}
    spots = zip(
        event_mentions.column("report_id").to_pylist(), event_mentions.column("anchor_start").to_pylist(), strict=True
    )
    return event_mentions.filter(pa.array([homes.at(*spot) in mine for spot in spots], pa.bool_()))


def _part(report: Report, story: str, homes: Homes) -> Report:
    """What a report tells of one of its stories: the rest of its text is blank, and nothing is known of it."""

    def here(offset: int) -> bool:
        return homes.at(report.id, offset) == story

    cuts = sorted({0, len(report.text), *(at for start, end, _ in homes.parts[report.id] for at in (start, end))})
    text = "".join(report.text[a:b] if here(a) else "\n" * (b - a) for a, b in pairwise(cuts))
    telling = [t for t in _cut(report.telling, cuts) if here(t[0])]
    whole = homes.whole.get(report.id) == story
    return replace(
        report,
        text=text,
        body_start=next((s for s, _, kind in telling if kind == "body"), report.body_start),
        sources=[s for s in report.sources if here(min(s.spans())[0])],
        passages=[p for p in report.passages if here(p.start)],
        times=[t for t in report.times if here(t["char_start"])],
        telling=telling,
        headline=report.headline if whole else frozenset(),
        context={},
        found={},
    )


def _cut(telling: list[tuple[int, int, str]], cuts: list[int]) -> Iterator[tuple[int, int, str]]:
    """Segments, in pieces where a part begins or ends inside one."""
    for start, end, kind in telling:
        inside = [start, *(c for c in cuts if start < c < end), end]
        yield from ((a, b, kind) for a, b in pairwise(inside))


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
    published, day = row["published_at"], day_of(row)
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
        unread(row["text"]),
        body,
        sorted(by_report["credits"].get(report_id, []), key=lambda c: (c["char_start"], c["agency"])),
        sources,
        times=sorted(by_report["timexes"].get(report_id, []), key=lambda t: (t["char_start"], t["char_end"])),
        telling=[(s["char_start"], s["char_end"], s["kind"]) for s in segments if s["kind"] in _TELLING],
        byline=row["byline"],
        day=day.isoformat() if day else "",
        headline=content(" ".join(titles))[0],
    )
