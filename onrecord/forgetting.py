"""What reconciling made of some stories, taken away before it is made anew."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from onrecord.model import told_in
from onrecord.store import Workspace


def events(work: Workspace, stories: list[str]) -> None:
    """Take away what reconciling made of some stories: events, what hangs on them, mentions that it found itself."""
    mentions(work, stories)
    rows(work, stories, {})
    work.db.execute("DELETE FROM asked_by_reconcile WHERE story_id IN (SELECT unnest($1::VARCHAR[]))", [stories])


def rows(work: Workspace, stories: list[str], given: Mapping[str, list[pa.Table]]) -> None:
    """Take away the events of these stories, and what hangs on them, but for what stands in what was `given` alone."""
    made, traced = (
        {i for rows in given.get(name, ()) for i in rows["event_id"].to_pylist()} for name in ("events", "traced")
    )
    parameters = [stories, sorted(traced - made)]
    gone = (
        "(SELECT event_id FROM events WHERE story_id IN (SELECT unnest($1::VARCHAR[])) "
        "AND event_id NOT IN (SELECT unnest($2::VARCHAR[])))"
    )
    for name in ("origins", "ledger", "events"):
        work.db.execute(f"DELETE FROM {name} WHERE event_id IN {gone}", parameters)
    work.db.execute("DELETE FROM traced WHERE story_id IN (SELECT unnest($1::VARCHAR[]))", [stories])


def mentions(work: Workspace, stories: list[str]) -> None:
    """Take away the mentions of some stories that reconciling found itself, and of the others their events."""
    from onrecord.stages.reconcile import found_here

    told = told_in("event_mentions", "anchor_start")
    mine = f"mention_id IN (SELECT mention_id FROM ({told}) WHERE told_in IN (SELECT unnest($1::VARCHAR[])))"
    work.db.execute(f"UPDATE event_mentions SET event_id = NULL WHERE {mine}", [stories])
    columns = "mention_id, report_id, anchor_start, event_type"
    listed = work.query(f"SELECT {columns} FROM event_mentions WHERE {mine}", [stories]).to_pylist()
    found = [row["mention_id"] for row in listed if found_here(row)]
    for name in ("echoes", "event_mentions"):
        work.db.execute(f"DELETE FROM {name} WHERE mention_id IN (SELECT unnest($1::VARCHAR[]))", [found])
