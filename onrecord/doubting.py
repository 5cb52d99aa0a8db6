"""Another least confidence for a record that stands: the events that are too unsure now go, those that are not come.

An event that goes takes nothing with it but its own rows, so none is worked out anew; where events may come back the
stories whose mentions stand in none are reconciled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from onrecord.carry import EVERYTHING, key_of
from onrecord.carrystories import STORIES, stories_given
from onrecord.model import told_in
from onrecord.run import Run
from onrecord.store import Workspace

_FAILED = (
    "SELECT story_id FROM story_reports WHERE report_id IN (SELECT report_id FROM problems WHERE stage IN "
    "('reconcile', 'store'))"
)
"""SQL: stories of reports of which something was refused."""


def settle(run: Run, before: float, reconcile: Callable[[Run, list[str]], None]) -> None:
    """Have the events stand that the least confidence of the options leaves; `before` is that of the record.

    `reconcile` works on stories of which only events without a row in `traced` are to be made.
    """
    work, now = run.work, run.options.least_confidence
    if now > before:
        stories = _taken_away(work, now)
    else:
        told = told_in("event_mentions", "anchor_start")
        query = f"SELECT DISTINCT told_in FROM ({told}) WHERE event_id IS NULL AND told_in IS NOT NULL ORDER BY 1"
        stories = [row[0] for row in work.db.execute(query).fetchall()]
    work.db.execute(
        "UPDATE carried SET input = $1 || substr(input, strpos(input, ':')) WHERE stage = 'reconcile' AND unit <> $2",
        [key_of(STORIES, run.options), EVERYTHING],
    )
    query = "SELECT DISTINCT report_id FROM story_reports WHERE story_id IN (SELECT unnest($1::VARCHAR[]))"
    work.worked_on([row[0] for row in work.db.execute(query, [stories]).fetchall()])
    reconcile(run, stories)


def _taken_away(work: Workspace, least: float) -> list[str]:
    """Take away the events that are less sure; the stories of which that cannot be told without reconciling them."""
    db = work.db
    db.execute(
        "CREATE TEMP TABLE unsure AS SELECT event_id, story_id FROM events WHERE event_type <> 'OTHER' "
        "AND confidence < $1",
        [least],
    )
    twice, cut = _told_twice(work)
    stories = [
        row[0]
        for row in db.execute(
            "SELECT DISTINCT story_id FROM unsure WHERE event_id IN (SELECT unnest($1::VARCHAR[])) "
            f"OR story_id IN ({_FAILED}) ORDER BY 1",
            [sorted(cut)],
        ).fetchall()
    ]
    here = "story_id IN (SELECT unnest($1::VARCHAR[]))"
    db.execute(f"DELETE FROM traced WHERE event_id IN (SELECT event_id FROM unsure WHERE {here})", [stories])
    db.execute(f"DELETE FROM unsure WHERE {here}", [stories])
    db.execute("DELETE FROM unsure WHERE event_id IN (SELECT unnest($1::VARCHAR[]))", [sorted(twice)])
    db.execute("UPDATE event_mentions SET event_id = NULL WHERE event_id IN (SELECT event_id FROM unsure)")
    for name in ("origins", "ledger", "traced", "events"):
        db.execute(f"DELETE FROM {name} WHERE event_id IN (SELECT event_id FROM unsure)")
    db.execute("CREATE TEMP TABLE fewer AS SELECT DISTINCT story_id FROM unsure")
    db.execute(
        "UPDATE stories SET n_origins = c.n FROM (SELECT story_id, count(DISTINCT i) AS n FROM fewer LEFT JOIN "
        "(SELECT story_id, unnest(identities) AS i FROM traced) USING (story_id) GROUP BY ALL) c "
        "WHERE stories.story_id = c.story_id"
    )
    db.execute(
        f"UPDATE carried SET output = g.output FROM ({stories_given('', '(FROM fewer)')}) g "
        "WHERE stage = 'reconcile' AND carried.unit = g.unit"
    )
    return stories


def _told_twice(work: Workspace) -> tuple[set[str], set[str]]:
    """The unsure events that two reports tell in words of their own; those with a clause that two stories share."""
    from onrecord.stages.reconcile import words_of

    parts = work.db.execute("SELECT report_id, parts FROM story_reports WHERE parts IS NOT NULL").fetchall()
    edges: dict[str, set[int]] = defaultdict(set)
    for report, spans in parts:
        edges[report].update(at for span in spans for at in (span["char_start"], span["char_end"]))
    rows = work.db.execute(
        "SELECT event_id, report_id, m.char_start, m.char_end, "
        "substr(text, m.char_start + 1, m.char_end - m.char_start) FROM event_mentions m JOIN reports USING (report_id)"
        " WHERE event_id IN (SELECT event_id FROM unsure JOIN event_mentions USING (event_id) GROUP BY event_id "
        "HAVING count(DISTINCT report_id) > 1)"
    ).fetchall()
    said: dict[str, set[frozenset[str]]] = defaultdict(set)
    cut = set()
    for event, report, start, end, clause in rows:
        said[event].add(words_of(clause))
        if any(start < at < end for at in edges.get(report, ())):
            cut.add(event)
    return {event for event, clauses in said.items() if len(clauses) > 1}, cut
