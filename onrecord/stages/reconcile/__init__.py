"""Reconcile: the event mentions of a story become events, each with its independent origins and its ledger.

Call per batch of whole stories; each story stands for itself, and the same rows give the same ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from onrecord import schema
from onrecord.asked import asked
from onrecord.stages.reconcile import events, ledger, traced
from onrecord.stages.reconcile.decided import Decided, Spot, decisions, key_of
from onrecord.stages.reconcile.echo import echoes
from onrecord.stages.reconcile.echoed import UNTYPED, echo_id, with_parties
from onrecord.stages.reconcile.join import join
from onrecord.stages.reconcile.loading import own_mentions, stories
from onrecord.stages.reconcile.origins import trace
from onrecord.stages.reconcile.untyped import untyped
from onrecord.stages.reconcile.view import Mention, Story
from onrecord.stages.reconcile.words import content

__all__ = ["found_here", "own_mentions", "reconcile", "words_of"]

_NEEDED = (
    "reports", "segments", "credits", "entities", "entity_mentions", "timexes", "attributions", "alignments",
    "derivations", "stories", "story_reports", "event_mentions",
)  # fmt: skip


def reconcile(tables: Mapping[str, pa.Table], least_confidence: float = 0) -> dict[str, pa.Table]:
    """Tables of whole stories to 'events', 'origins', 'ledger', 'event_mentions' (with `event_id`) and 'stories'.

    'asked_by_reconcile' says what was read of their entities.

    `tables` holds reports, segments, credits, entities, entity_mentions, timexes, attributions, alignments,
    derivations, stories, story_reports and event_mentions, restricted to the stories and their reports (rows of
    `alignments` and `derivations` to other reports are passed over), but with every row of `story_reports` of those
    reports: where a report tells another story, it is not read. Rows of 'event_mentions' are those of these stories
    and of reports in no story, whose event stays NULL. Mentions that coding missed and `echo` found are added to them.

    An event that is less sure than `least_confidence` is not put on the record, unless two reports tell it in words
    of their own or people corrected something of it: its mentions stay, in no event.

    'traced' says of what each event was worked out. Where `tables` has a row of it that still holds, that event's own
    rows are not made again: it stands in 'traced', and not in 'events', 'origins' and 'ledger'.

    With `anchors` and `corrections` the events are as people corrected them, and 'effects' says what each did.
    """
    known = {name: tables[name] if name in tables else schema.table(name).empty() for name in _NEEDED}
    told = stories(known)
    grouped = [(story, _told(story)) for story in told]
    known["event_mentions"] = own_mentions(known["event_mentions"], known["story_reports"], known["stories"])
    extra = {row["mention_id"]: with_parties(row, story) for story in told for row in story.found}
    known["event_mentions"] = pa.concat_tables(
        [known["event_mentions"], schema.EVENT_MENTIONS.from_rows(extra[m] for m in sorted(extra))]
    )
    event_rows: list[dict[str, Any]] = []
    origin_rows: list[dict[str, Any]] = []
    ledger_rows: list[dict[str, Any]] = []
    event_of: dict[str, str] = {}
    n_origins: dict[str, int] = {}
    effects: list[dict[str, Any]] = []
    made = decisions(tables)
    standing = {r["event_id"]: r for r in tables["traced"].to_pylist()} if "traced" in tables else {}
    traced_rows: list[dict[str, Any]] = []
    for story, groups in grouped:
        decisions_here = made.get(story.id, ())
        spots = [spot for d in decisions_here for part in (*d.spots.values(), d.values) for spot in part]
        decided = Decided(story, groups, decisions_here)
        identities: set[str] = set()
        reports = traced.members(story)
        for group in decided.groups:
            event_id = key_of(story, group)
            verdicts = decided.verdicts(event_id)
            given = [story.mentions[i] for i in group]
            hashed = traced.given(given, story, reports) if story.id not in made else ""
            before = standing.get(event_id)
            if before is not None and before["given"] == hashed:
                traced_rows.append(before)
                identities.update(before["identities"])
                event_of.update((m.id, event_id) for m in given)
                continue
            mentions = verdicts.without(given, story)
            found = trace(event_id, mentions, story)
            event = events.row(event_id, mentions, story, found)
            doubtful = _doubtful(event, mentions, least_confidence)
            if doubtful and not any(_meets(m, s) for m in given for s in spots):
                continue
            told_apart = traced.row(event_id, story, hashed, [min(o.identity) for o in found.origins])
            identities.update(told_apart["identities"])
            if hashed:
                traced_rows.append(told_apart)
            for o in found.origins:
                origin_rows.append(
                    {
                        "origin_id": o.id,
                        "event_id": event_id,
                        "kind": o.kind,
                        "label": o.label,
                        "report_ids": o.report_ids,
                        "evidence": [{"report_id": r, "char_start": s, "char_end": e} for r, s, e in o.evidence],
                        "reason": o.reason,
                    }
                )
            values = ledger.rows(event_id, given, story, found, verdicts)
            if event["date_start"] is None and (day := ledger.day(values)) is not None:
                event["date_start"], event["date_end"] = day
            event_rows.append(decided.event(event))
            decided.ledger(event_id, values)
            ledger_rows += values
            event_of.update((m.id, event_id) for m in mentions)
        n_origins[story.id] = len(identities)
        effects += decided.effects
    return {
        "events": schema.EVENTS.from_rows(event_rows),
        "origins": schema.ORIGINS.from_rows(origin_rows),
        "ledger": schema.LEDGER.from_rows(ledger_rows),
        "event_mentions": _with(known["event_mentions"], "mention_id", "event_id", event_of),
        "stories": _with(known["stories"], "story_id", "n_origins", n_origins),
        "traced": schema.TRACED.from_rows(traced_rows),
        "effects": schema.EFFECTS.from_rows(effects),
        "asked_by_reconcile": schema.ASKED_BY_RECONCILE.from_rows(
            row for story in told for row in asked({"story_id": story.id}, story.entities)
        ),
    }


def _told(story: Story) -> list[list[int]]:
    """Mentions by event: those of coding, joined; what other sentences tell of them; what coding has no type for."""
    typed = echoes(story, join(story))
    return echoes(story, untyped(story, typed), after=len(typed))


def _doubtful(event: Mapping[str, Any], mentions: Sequence[Mention], least: float) -> bool:
    """True for an event whose type is too unsure, and that no two reports tell in words of their own.

    What has no type can have no wrong one.
    """
    told_twice = len({m.report for m in mentions}) > 1 and len({m.stems for m in mentions}) > 1
    return bool(event["event_type"] != UNTYPED and event["confidence"] < least and not told_twice)


def words_of(clause: str) -> frozenset[str]:
    """The words by which clauses are told apart: two reports that have the same tell an event once."""
    return content(clause)[0]


def _meets(mention: Mention, spot: Spot) -> bool:
    """True for a mention that a correction is about."""
    return spot.report == mention.report and spot.anchor[0] < mention.end and mention.start < spot.anchor[1]


def found_here(row: Mapping[str, Any]) -> bool:
    """True for a row of `event_mentions` that reconciling added, and will find again; coding made the others."""
    return bool(row["mention_id"] == echo_id(row["report_id"], row["anchor_start"], row["event_type"]))


def _with(table: pa.Table, id_column: str, column: str, values: Mapping[str, Any]) -> pa.Table:
    """The table with one column replaced where `values` knows the row's id."""
    old = table.column(column).to_pylist()
    new = [values.get(i, o) for i, o in zip(table.column(id_column).to_pylist(), old, strict=True)]
    at = table.schema.get_field_index(column)
    field = table.schema.field(at)
    return table.set_column(at, field, pa.array(new, type=field.type))
