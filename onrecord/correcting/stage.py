"""Corrections as stages of a build: of reports once they are read, of the rest once events are coded.

`correct` may be called on a record that stands as well as in a build: it puts back what earlier calls changed, makes
every correction that holds, and says which stories are to be reconciled again.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pyarrow as pa

from onrecord import schema
from onrecord.correcting.base import Base
from onrecord.correcting.evidence import rows
from onrecord.correcting.finding import Finder, Spot
from onrecord.correcting.log import Correction, undone_by
from onrecord.correcting.originals import Originals, as_row, restore
from onrecord.correcting.outcomes import Outcomes
from onrecord.correcting.outcomes import settle as settle_outcomes
from onrecord.model import Homes
from onrecord.store import Workspace
from onrecord.text import fold

EVENTS = ("events", "event_mentions", "ledger")
BASE = ("stories", "entities", "attributions")
"""In this order: whose reports a story has may decide who an entity is, and who it is, who said something."""


def log(work: Workspace) -> list[Correction]:
    """Every correction of the record, in the order in which they were made."""
    return sorted((Correction.from_row(r) for r in rows(work.db, "SELECT * FROM corrections")), key=lambda c: c.order)


def _holding(work: Workspace) -> list[Correction]:
    listed = log(work)
    undone = undone_by(listed)
    return [c for c in listed if c.correction_id not in undone and c.change.action != "undo"]


def correct_reports(work: Workspace) -> None:
    """Outlets and dates of publication as people corrected them; called once reports are read, before all else."""
    mine = [c for c in _holding(work) if c.change.table == "reports"]
    if not mine:
        return
    tables, outcomes = Originals(work), Outcomes()
    base = Base(tables, Finder(work), outcomes)
    for c in mine:
        base.make(c)
    tables.write()
    work.put_rows("effects", outcomes.rows)


def concern_reports(work: Workspace, new: pa.Table) -> bool:
    """True when a correction among the new rows, or one that they undo, is of a report."""
    every = {c.correction_id: c for c in log(work)}
    for c in map(Correction.from_row, new.to_pylist()):
        while c.change.action == "undo" and c.change.ids[0] in every:
            c = every[c.change.ids[0]]
        if c.change.table == "reports":
            return True
    return False


def as_read(work: Workspace) -> None:
    """Leave of a record that was taken over what reading its inputs gave: reports, marks, and what was met then."""
    kept = work.query("SELECT row FROM originals WHERE table_name = 'reports' ORDER BY row_key").to_pylist()
    read = schema.REPORTS.from_rows(as_row(schema.REPORTS, json.loads(r["row"])) for r in kept)
    work.db.register("kept", read)
    work.db.execute("DELETE FROM reports WHERE report_id IN (SELECT report_id FROM kept)")
    work.db.unregister("kept")
    work.put("reports", read)
    work.db.execute(
        f"UPDATE reports SET {', '.join(f'{n} = NULL' for n in schema.DATED)} "
        "WHERE published_basis IN ('text', 'story')"
    )
    for name in schema.TABLES.keys() - {"reports", "marks", "corrections", "problems"}:
        work.db.execute(f'DELETE FROM "{name}"')
    work.db.execute("DELETE FROM problems WHERE stage <> 'read'")


def correct(work: Workspace) -> set[str]:
    """Make every other correction that holds; the stories in which anything is now otherwise than it was before.

    Events are not touched yet: where the targets of their corrections stand goes to `anchors`, for reconcile. The
    effects of corrections of events in other stories than those returned stay as they are; reconciling the returned
    stories gives the others.
    """
    if not work.count("corrections"):
        return set()
    before = _changed_rows(work)
    anchored = _anchors(work)
    home = _homes(work)
    restore(work)
    holding = _holding(work)
    finder, outcomes = Finder(work), Outcomes()
    tables = Originals(work)
    base = Base(tables, finder, outcomes)
    for table in BASE:
        for c in holding:
            if c.change.table == table:
                base.make(c)
    tables.write()
    _place(work, [c for c in holding if c.change.table in EVENTS], finder, outcomes)
    stories = _differing(work, before, home) | {r[2] for r in anchored ^ _anchors(work)}
    settled = sorted({i for i, _, story, *_ in _anchors(work) if story not in stories})
    settled += [c.correction_id for c in holding if c.change.table == "reports"]
    work.db.execute("DELETE FROM effects WHERE correction_id NOT IN (SELECT unnest($1::VARCHAR[]))", [settled])
    work.put_rows("effects", outcomes.rows)
    return stories


def settle(work: Workspace) -> None:
    """Once events are reconciled: every correction has its effect, and what was not found stands in `problems`."""
    listed = log(work)
    settle_outcomes(work, listed, undone_by(listed))


def _anchors(work: Workspace) -> set[tuple[Any, ...]]:
    return set(work.db.execute("SELECT correction_id, part, story_id, * EXCLUDE (correction_id, part, story_id) "
                               "FROM anchors").fetchall())  # fmt: skip


def _changed_rows(work: Workspace) -> dict[str, dict[str, dict[str, Any] | None]]:
    """Table to key to the row as it stands, for every row that a correction changed; None for one that it removed."""
    tables = Originals(work)
    out: dict[str, dict[str, dict[str, Any] | None]] = {}
    for row in rows(work.db, "SELECT table_name, row_key FROM originals WHERE table_name <> 'reports'"):
        out.setdefault(row["table_name"], {})[row["row_key"]] = None
    for table, keys in out.items():
        keys.update(tables.at(table, list(keys)))
    return out


def _homes(work: Workspace) -> Homes:
    return Homes(rows(work.db, "SELECT * FROM story_reports"))


def _differing(work: Workspace, before: dict[str, dict[str, dict[str, Any] | None]], home: Homes) -> set[str]:
    """The stories that hold a row which is otherwise now than before."""
    tables = Originals(work)
    kept = tables.kept()
    reports: set[str] = set()
    entities: set[str] = set()
    stories: set[str] = set()
    for table in sorted(before.keys() | kept.keys()):
        was, original = before.get(table, {}), kept.get(table, {})
        now = tables.at(table, sorted(was.keys() | original.keys()))
        for k in was.keys() | original.keys():
            old, new = was[k] if k in was else original[k], now.get(k)
            if old != new:
                for row in (old, new):
                    if row is not None:
                        reports.add(row.get("report_id") or "")
                        entities.add((row.get("entity_id") or "") if table == "entities" else "")
                        stories.add((row.get("story_id") or "") if table in ("stories", "story_reports") else "")
    mentions = "SELECT DISTINCT report_id FROM entity_mentions WHERE entity_id IN (SELECT unnest($1::VARCHAR[]))"
    reports.update(r[0] for r in work.db.execute(mentions, [sorted(entities)]).fetchall())
    homes = _homes(work)
    return (stories | {s for r in reports for h in (home, homes) for s in h.of(r)}) - {""}


def _place(work: Workspace, corrections: list[Correction], finder: Finder, outcomes: Outcomes) -> None:
    """Write down where the targets of corrections of events stand; one whose target is gone is unmatched."""
    homes = _homes(work)
    placed: list[dict[str, Any]] = []
    for c in corrections:
        targets = c.evidence.get("targets")
        noted = [t for t in targets if isinstance(t, dict)] if isinstance(targets, list) else []
        parts = [_spots(c, t.get("spans"), finder) for t in noted]
        stories = {_home(spots, homes) for spots in parts}
        if not parts or None in stories or len(parts) != len(c.change.ids):
            outcomes.unmatched(c, "no report of this record says it")
            continue
        if len(stories) > 1:
            outcomes.unmatched(c, "its targets stand in different stories of this record: merge those first")
            continue
        story = stories.pop()
        split = c.evidence.get("split")
        if isinstance(split, dict):
            parts.append(_spots(c, split.get("spans"), finder))
        values = _spots(c, c.evidence.get("values"), finder) if c.change.table == "ledger" else []
        for part, field, spots in (*((n, None, p) for n, p in enumerate(parts)), (0, c.change.field, values)):
            for (report, start, end, how), anchor, type_ in spots:
                if homes.at(report, anchor[0]) == story:
                    placed.append(
                        {
                            "correction_id": c.correction_id,
                            "part": part,
                            "story_id": story,
                            "report_id": report,
                            "char_start": start,
                            "char_end": end,
                            "anchor_start": anchor[0],
                            "anchor_end": anchor[1],
                            "event_type": type_,
                            "field": field,
                            "found": how,
                        }
                    )
    work.replace("anchors", schema.ANCHORS.from_rows(placed))


Placed = tuple[Spot, tuple[int, int], str | None]
"""Where a clause stands, the word in it that states the event, and the event's type."""


def _home(spots: list[Placed], homes: Homes) -> str | None:
    votes = Counter(story for s, anchor, _ in spots if (story := homes.at(s[0], anchor[0])) is not None)
    return max(votes, key=lambda s: (votes[s], s)) if votes else None


def _spots(c: Correction, spans: Any, finder: Finder) -> list[Placed]:
    out = []
    for span in spans if isinstance(spans, list) else ():
        spot = finder.span(c.evidence, span)
        anchor = _anchor(finder.text(spot[0]), spot, span) if spot else None
        if spot and anchor:
            kind = span.get("event_type")
            out.append((spot, anchor, kind if isinstance(kind, str) else None))
    return out


def _anchor(text: str, spot: Spot, span: dict[str, Any]) -> tuple[int, int] | None:
    """The word that states the event, inside the clause as it stands now; a stretch without one is its own."""
    _, start, end, _ = spot
    word = span.get("anchor")
    if not isinstance(word, str) or not word.strip() or not isinstance(span.get("anchor_start"), int):
        return start, end
    at = start + span["anchor_start"] - span["char_start"]
    if fold(text[at : at + len(word)]) == fold(word):
        return at, at + len(word)
    inside = fold(text[start:end]).find(fold(word))
    return (start + inside, start + inside + len(word)) if inside >= 0 else None
