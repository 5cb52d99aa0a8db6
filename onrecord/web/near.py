"""What one page reads, laid side by side: tables of the record in the order in which pages ask for them.

The record's tables are in the order of their keys, so that a story's mentions lie scattered over all of them. Here the
rows of a story stand together (column `of_story`), in a DuckDB file beside the record, made with the full-text index
and again when the record changed. Without it, or until it is whole, pages read the record itself: slower, same rows.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

HOME = "(SELECT report_id, min(story_id) AS of_story FROM record.story_reports GROUP BY report_id)"
TABLES = {
    "events": "SELECT story_id AS of_story, * FROM record.events ORDER BY of_story, event_id",
    "event_mentions": (
        f"SELECT of_story, m.* FROM record.event_mentions m LEFT JOIN {HOME} USING (report_id) "
        "ORDER BY of_story, event_id, report_id, char_start"
    ),
    "ledger": (
        "SELECT story_id AS of_story, l.* FROM record.ledger l JOIN record.events USING (event_id) "
        "ORDER BY of_story, event_id"
    ),
    "origins": (
        "SELECT story_id AS of_story, o.* FROM record.origins o JOIN record.events USING (event_id) "
        "ORDER BY of_story, event_id"
    ),
    "attributions": (
        f"SELECT of_story, a.* FROM record.attributions a LEFT JOIN {HOME} USING (report_id) "
        "ORDER BY of_story, report_id"
    ),
    "said": (
        f"SELECT of_story, a.* FROM record.attributions a LEFT JOIN {HOME} USING (report_id) "
        "WHERE source_entity IS NOT NULL ORDER BY source_entity, report_id"
    ),
    "alignments": (
        "SELECT report_a AS of_report, * FROM record.alignments UNION ALL "
        "SELECT report_b AS of_report, * FROM record.alignments ORDER BY of_report"
    ),
    "derivations": (
        "SELECT DISTINCT unnest([report_id, from_report_id, with_report_id]) AS of_report, * FROM record.derivations "
        "ORDER BY of_report"
    ),
    "entity_events": (
        "SELECT DISTINCT entity_id, side, event_id FROM ("
        "SELECT unnest(actors) AS entity_id, 'actors' AS side, event_id FROM record.event_mentions UNION ALL "
        "SELECT unnest(recipients) AS entity_id, 'recipients' AS side, event_id FROM record.event_mentions) "
        "ORDER BY entity_id, side, event_id"
    ),
    "entity_reports": (
        "SELECT entity_id, report_id, count(*) AS mentions, min(char_start) AS char_start, "
        "min_by(char_end, char_start) AS char_end FROM record.entity_mentions GROUP BY ALL "
        "ORDER BY entity_id, report_id"
    ),
    "entity_forms": (
        "SELECT * FROM (SELECT entity_id, substr(text, char_start + 1, char_end - char_start) AS words, count(*) AS n "
        "FROM record.entity_mentions JOIN record.reports USING (report_id) WHERE form <> 'pronoun' GROUP BY 1, 2) "
        "QUALIFY row_number() OVER (PARTITION BY entity_id ORDER BY n DESC, words) <= 12 ORDER BY entity_id"
    ),
    "entity_counts": (
        "SELECT e.*, (SELECT count(*) FROM record.entity_mentions m WHERE m.entity_id = e.entity_id) AS mentions "
        "FROM record.entities e ORDER BY mentions DESC, name"
    ),
}
_STRAY = (
    "SELECT count(*) FROM record.event_mentions m JOIN record.events e USING (event_id) "
    f"LEFT JOIN {HOME} USING (report_id) WHERE e.story_id IS DISTINCT FROM of_story"
)


def path_of(search: Path) -> Path:
    """Where the file stands, beside the full-text index."""
    return search.with_name(search.name + ".duckdb")


def make(record: Path, target: Path, version: str) -> bool:
    """Write the file for a version of the record; False, and nothing written, when its events reach across stories."""
    new = target.with_name(target.name + ".new")
    new.unlink(missing_ok=True)
    try:
        with duckdb.connect(":memory:", config={"memory_limit": "2GB"}) as db:
            db.execute(f"ATTACH '{quoted(record)}' AS record (READ_ONLY)")
            db.execute(f"ATTACH '{quoted(new)}' AS made")
            if db.execute(_STRAY).fetchall() != [(0,)]:
                return False
            db.execute("SET preserve_insertion_order = true")
            for name, query in TABLES.items():
                db.execute(f"CREATE TABLE made.{name} AS {query}")
            db.execute("CREATE TABLE made.facts AS SELECT ? AS version", [version])
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
        new.with_name(new.name + ".wal").unlink(missing_ok=True)
    return True


def attach(db: duckdb.DuckDBPyConnection, target: Path, version: str) -> bool:
    """Open the file in a connection as `near`; whether there is one of that version."""
    if not target.exists():
        return False
    try:
        db.execute(f"ATTACH '{quoted(target)}' AS near (READ_ONLY)")
        if db.execute("SELECT version FROM near.facts").fetchall() == [(version,)]:
            return True
        db.execute("DETACH near")
    except duckdb.Error:
        pass
    return False


def quoted(path: Path) -> str:
    """A path inside an SQL literal."""
    return str(path).replace("'", "''")
