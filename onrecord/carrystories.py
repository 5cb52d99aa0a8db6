"""What need not be reconciled again: stories that are as they were, by the hashes of `carry`."""

from __future__ import annotations

from onrecord import schema
from onrecord.carry import UNFINISHED, Unit, asked_otherwise, hashed, key_of
from onrecord.model import told_in
from onrecord.options import Options
from onrecord.store import Workspace

STORIES = Unit(
    "reconcile",
    ("reports", "segments", "credits", "entity_mentions", "entities", "timexes", "attributions", "event_mentions"),
    ("events", "origins", "ledger"),
    ("reconcile",),
    ("least_confidence",),
)


def stories_given(db: str, only: str = "") -> str:
    """SQL: story_id and a hash of all that reconciling gave for it, or for `only` the stories of that query."""
    of = f" WHERE story_id IN {only}" if only else ""

    def columns(table: str) -> str:
        return f"'{table}', " + ", ".join(f"x.{c}" for c in schema.table(table).schema.names)

    told = told_in(f"{db}event_mentions", "anchor_start", db)
    told = f"SELECT * FROM ({told}) WHERE told_in IN {only}" if only else told
    parts = [f"SELECT story_id, hash({columns(t)}) AS h FROM {db}{t} x{of}" for t in ("events", "traced")]
    for table in ("origins", "ledger"):
        parts.append(
            f"SELECT e.story_id, hash({columns(table)}) AS h FROM {db}{table} x JOIN {db}events e USING (event_id){of}"
        )
    parts.append(f"SELECT told_in AS story_id, hash({columns('event_mentions')}) AS h FROM ({told}) x")
    parts.append(
        f"SELECT told_in AS story_id, hash('echoes', mention_id) AS h FROM ({told}) "
        f"SEMI JOIN {db}echoes USING (mention_id)"
    )
    parts.append(f"SELECT story_id, hash('n_origins', n_origins) AS h FROM {db}stories{of}")
    return (
        f"SELECT story_id AS unit, sum(h)::VARCHAR || ':' || count(*) AS output FROM ({' UNION ALL '.join(parts)}) "
        "GROUP BY story_id"
    )


def stories_seen(only: str = "", reports: str = "") -> str:
    """SQL: story_id and a hash of all that reconciling sees of it, or of each story of `only`.

    `only` is a query in brackets, and so is `reports`, those that the stories of `only` have.
    """
    belongs = f"(SELECT * FROM story_reports WHERE story_id IN {only})" if only else "story_reports"
    here = f" WHERE report_id IN {reports}" if reports else ""

    def columns(table: str, *but: str) -> str:
        return f"'{table}', " + ", ".join(f"x.{c}" for c in schema.table(table).schema.names if c not in but)

    seen = " UNION ALL ".join(hashed(t, STORIES.name, reports) for t in STORIES.reads)
    said = f"SELECT report_id, hash('utterance', attribution_id, utterance_id) AS h FROM attributions{here}"
    parts = [
        f"SELECT story_id, h FROM ({seen} UNION ALL {said}) JOIN {belongs} USING (report_id)",
        f"SELECT a.story_id, hash({columns('alignments')}) AS h FROM alignments x "
        f"JOIN {belongs} a ON a.report_id = x.report_a "
        f"JOIN {belongs} b ON b.report_id = x.report_b AND b.story_id = a.story_id",
        f"SELECT story_id, hash({columns('derivations')}) AS h FROM derivations x JOIN {belongs} USING (report_id)",
        # where its reports tell other stories, for there they do not tell this one
        f"SELECT m.story_id, hash({columns('story_reports')}) AS h FROM story_reports x "
        f"JOIN {belongs} m USING (report_id)",
    ]
    return (
        f"SELECT story_id, sum(h)::VARCHAR || ':' || count(*) AS h FROM ({' UNION ALL '.join(parts)}) GROUP BY story_id"
    )


def take_stories(work: Workspace, options: Options) -> list[str]:
    """Take over events, origins and ledger of the stories that are as they were; the ids of the others.

    A story that a correction meets is always made again.
    """
    db = work.db
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE units AS SELECT story_id AS unit, '{key_of(STORIES, options)}:' || h AS input "
        f"FROM ({stories_seen()})"
    )
    if not work.standing:
        return [row[0] for row in db.execute("SELECT unit FROM units ORDER BY unit").fetchall()]
    db.execute(
        "CREATE OR REPLACE TEMP TABLE same AS SELECT u.unit FROM units u JOIN standing.carried c "
        "ON c.stage = 'reconcile' AND c.unit = u.unit AND c.input = u.input "
        f"JOIN ({stories_given('standing.')}) g ON g.unit = u.unit WHERE c.output = g.output "
        f"AND u.unit NOT IN ({asked_otherwise('reconcile', 'story_id')}) "
        "AND u.unit NOT IN (SELECT story_id FROM anchors UNION ALL SELECT story_id FROM standing.anchors "
        # what a report would have asked that failed is not known, nor in which of its stories it did
        "UNION ALL SELECT story_id FROM story_reports JOIN standing.problems p USING (report_id) "
        "WHERE p.stage = 'reconcile')"
    )
    reports = "report_id IN (SELECT report_id FROM story_reports JOIN same ON unit = story_id)"
    told = (told_in(f"{name}event_mentions", "anchor_start", name) for name in ("", "standing."))
    here, there = (f"mention_id IN (SELECT mention_id FROM ({t}) SEMI JOIN same ON unit = told_in)" for t in told)
    events = "event_id IN (SELECT event_id FROM standing.events JOIN same ON unit = story_id)"
    db.execute(f"DELETE FROM event_mentions WHERE {here}")
    for table, rows in (
        ("events", "story_id IN (SELECT unit FROM same)"),
        ("origins", events),
        ("ledger", events),
        ("asked_by_reconcile", "story_id IN (SELECT unit FROM same)"),
        ("traced", "story_id IN (SELECT unit FROM same)"),
        ("event_mentions", there),
        ("echoes", there),
        ("problems", f"stage = 'reconcile' AND {reports}"),
    ):
        db.execute(f"INSERT INTO {table} BY NAME SELECT * FROM standing.{table} WHERE {rows}")
    db.execute(
        "UPDATE stories SET n_origins = s.n_origins FROM standing.stories s "
        "WHERE stories.story_id = s.story_id AND s.story_id IN (SELECT unit FROM same)"
    )
    rest = db.execute("SELECT unit FROM units WHERE unit NOT IN (SELECT unit FROM same) ORDER BY unit").fetchall()
    return [row[0] for row in rest]


def note_stories(work: Workspace, only: str = "") -> None:
    """Keep the keys of what reconciling gave, right after it, for the next build; of the stories of `only` alone."""
    unfinished = ", ".join(f"'{reason}'" for reason in UNFINISHED)
    work.db.execute(
        "INSERT INTO carried SELECT 'reconcile' AS stage, u.unit, u.input, g.output FROM units u "
        f"JOIN ({stories_given('', only)}) g ON g.unit = u.unit WHERE u.unit NOT IN "
        "(SELECT story_id FROM story_reports JOIN problems USING (report_id) WHERE stage = 'reconcile' "
        f"AND reason IN ({unfinished}))"
    )
