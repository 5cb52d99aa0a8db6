"""What pages read, kept beside the record: the rows of each event, report, story and entity as one body.

The record's tables stand in the order of their keys, so that a story's rows lie scattered over all of them, and each
query costs a few milliseconds. Here one look-up by id gives all rows of that id. They stand in the file of the
full-text index, made with it and again when the record changed. Until it is whole, pages read the record itself:
slower, same rows.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb

SAID = (
    "a.*, e.name, e.role, e.sector, e.country AS entity_country FROM record.attributions a "
    "LEFT JOIN record.entities e ON e.entity_id = a.source_entity"
)
LISTED = (
    "report_id, uri, outlet, title, byline, published_at, published_day, published_basis, length(text) AS characters, "
    "CASE WHEN title IS NULL THEN trim(substr(text, 1, 400)) END AS opening"
)
TIES_OF_ONE = 4  # of reprints everybody shares text with everybody: a page shows the strongest ties of each
STRONGEST = "share DESC, confidence DESC, report_id, coalesce(from_report_id, with_report_id)"
TIES = "SELECT DISTINCT unnest([report_id, from_report_id, with_report_id]) AS of_id, * FROM record.derivations"
SIDES = (
    "SELECT unnest(actors) AS entity_id, 'actors' AS side, event_id FROM record.event_mentions UNION "
    "SELECT unnest(recipients) AS entity_id, 'recipients' AS side, event_id FROM record.event_mentions"
)
ALIGNED = (
    "a_start AS char_start, a_end AS char_end, report_b AS other, b_start AS other_start, b_end AS other_end, words, "
    "kind, quotation"
)
TURNED = "b_start, b_end, report_a, a_start, a_end, words, kind, quotation"

# name: the id that it is looked up by, the rows, their order; an id that the record's table has not is `of_id`
KEPT: dict[str, tuple[str, str, str]] = {
    "event": ("event_id", "SELECT * FROM record.events", "event_id"),
    "event_mentions": ("event_id", "SELECT * FROM record.event_mentions", "mention_id"),
    "ledger": ("event_id", "SELECT * FROM record.ledger", "field, value, mention_id, char_start"),
    "origins": ("event_id", "SELECT * FROM record.origins", "len(report_ids) DESC, origin_id"),
    "story_events": (
        "story_id",
        "SELECT story_id, event_id, n_reports, n_origins FROM record.events",
        "n_reports DESC, n_origins DESC, event_id",
    ),
    "story_reports": (
        "of_id",
        f"SELECT story_id AS of_id, {LISTED} FROM record.story_reports JOIN record.reports USING (report_id)",
        "published_at NULLS LAST, report_id",
    ),
    "story_parts": (
        "of_id",
        "SELECT m.story_id AS of_id, x.* FROM record.story_reports x JOIN record.story_reports m USING (report_id) "
        "WHERE x.parts IS NOT NULL",
        "report_id, story_id",
    ),
    "story_said": (
        "of_id",
        f"SELECT story_id AS of_id, x.* FROM (SELECT {SAID} WHERE len(content_spans) > 0) x "
        "JOIN record.story_reports USING (report_id)",
        "report_id, content_spans[1].char_start, attribution_id",
    ),
    "story_derivations": (
        "of_id",
        "SELECT story_id AS of_id, d.*, count(*) OVER (PARTITION BY story_id) AS n_ties FROM record.derivations d "
        "JOIN record.story_reports USING (report_id) QUALIFY row_number() OVER (PARTITION BY story_id, report_id, "
        f"from_report_id IS NULL ORDER BY {STRONGEST}) <= {TIES_OF_ONE}",
        STRONGEST,
    ),
    "story_credits": (
        "of_id",
        "SELECT DISTINCT story_id AS of_id, report_id, agency, role FROM record.credits "
        "JOIN record.story_reports USING (report_id) WHERE role NOT IN ('photo', 'copyright')",
        "report_id, agency",
    ),
    "story_top": (
        "story_id",
        "SELECT story_id, event_id, summary, event_type, n_reports, n_origins FROM record.events "
        "WHERE modality IN ('actual', 'ongoing') QUALIFY row_number() OVER (PARTITION BY story_id "
        "ORDER BY n_reports DESC, n_origins DESC, date_start DESC NULLS LAST, event_id) = 1",
        "event_id",
    ),
    "story_days": (
        "story_id",
        "SELECT story_id, published_day AS day, count(*) AS n FROM record.story_reports "
        "JOIN record.reports USING (report_id) WHERE published_day IS NOT NULL GROUP BY ALL",
        "day",
    ),
    "story_countries": (
        "story_id",
        "SELECT story_id, country, sum(n_reports)::BIGINT AS n FROM record.events WHERE country IS NOT NULL "
        "GROUP BY ALL",
        "n DESC, country",
    ),
    "story_counts": (
        "story_id",
        "SELECT story_id, count(*) AS n_events, min(n_origins) AS origins_fewest, max(n_origins) AS origins_most "
        "FROM record.events GROUP BY story_id",
        "story_id",
    ),
    "segments": ("report_id", "SELECT * FROM record.segments", "char_start"),
    "report_said": (
        "report_id",
        "SELECT a.*, e.name FROM record.attributions a LEFT JOIN record.entities e ON e.entity_id = a.source_entity",
        "content_spans[1].char_start, attribution_id",
    ),
    "report_mentions": (
        "report_id",
        "SELECT m.*, v.summary, v.n_reports, v.n_origins FROM record.event_mentions m "
        "LEFT JOIN record.events v USING (event_id)",
        "char_start, mention_id",
    ),
    "report_alignments": (
        "of_id",
        f"SELECT report_a AS of_id, {ALIGNED} FROM record.alignments UNION ALL "
        f"SELECT report_b AS of_id, {TURNED} FROM record.alignments",
        "char_start, words DESC, other, other_start",
    ),
    "report_derivations": ("of_id", TIES, "share DESC, confidence DESC, report_id"),
    "entity_said": (
        "source_entity",
        f"SELECT {SAID} WHERE len(content_spans) > 0",
        "report_id, content_spans[1].char_start, attribution_id",
    ),
    "entity_sides": ("entity_id", SIDES, "side, event_id"),
    "entity_reports": (
        "of_id",
        "SELECT entity_id AS of_id, report_id, count(*) AS mentions, min(char_start) AS char_start, "
        "min_by(char_end, char_start) AS char_end FROM record.entity_mentions GROUP BY ALL",
        "report_id",
    ),
    "entity_forms": (
        "of_id",
        "SELECT * FROM (SELECT entity_id AS of_id, substr(text, char_start + 1, char_end - char_start) AS words, "
        "count(*) AS n FROM record.entity_mentions JOIN record.reports USING (report_id) WHERE form <> 'pronoun' "
        "GROUP BY ALL) QUALIFY row_number() OVER (PARTITION BY of_id ORDER BY n DESC, words) <= 12",
        "n DESC, words",
    ),
    "entity_others": (
        "of_id",
        "SELECT * FROM (SELECT a.entity_id AS of_id, b.entity_id, any_value(name) AS name, "
        f"count(DISTINCT event_id) AS n FROM ({SIDES}) a JOIN ({SIDES}) b USING (event_id) JOIN record.entities e "
        "ON e.entity_id = b.entity_id WHERE a.entity_id <> b.entity_id GROUP BY ALL) QUALIFY row_number() OVER "
        "(PARTITION BY of_id ORDER BY n DESC, name, entity_id) <= 14",
        "n DESC, name, entity_id",
    ),
}
NAMES = (
    "SELECT e.entity_id, e.name, e.kind, e.country, count(m.entity_id) AS mentions FROM record.entities e "
    "LEFT JOIN record.entity_mentions m USING (entity_id) GROUP BY ALL"
)
SHAPE = 4  # of the file; another number makes it anew
LARGE = 1_500  # characters from which a body is compressed; of small ones it would only take time


def make(record: Path, db: sqlite3.Connection, stopped: Callable[[], bool]) -> None:
    """Write the rows of a record into the file of its index; ends early when `stopped`."""
    db.execute("CREATE TABLE kept (name TEXT, id TEXT, body, PRIMARY KEY (name, id))")
    db.execute("CREATE TABLE names (entity_id TEXT, name TEXT, kind TEXT, country TEXT, mentions INTEGER, folded TEXT)")
    with duckdb.connect(":memory:", config={"memory_limit": "2GB"}) as source:
        source.execute("ATTACH '{}' AS record (READ_ONLY)".format(str(record).replace("'", "''")))
        for name, (key, query, order) in KEPT.items():
            source.execute(
                f"SELECT {key}, CAST(to_json(x) AS VARCHAR) FROM ({query}) x WHERE {key} IS NOT NULL "
                f"ORDER BY {key}, {order}"
            )
            for of_id, rows in groupby(_fetched(source), key=itemgetter(0)):
                body = "[" + ",".join(row for _, row in rows) + "]"
                packed = zlib.compress(body.encode("utf-8", "replace"), 1) if len(body) > LARGE else body
                db.execute("INSERT INTO kept VALUES (?, ?, ?)", [name, of_id, packed])
            if stopped():
                return
        source.execute(NAMES)
        for row in _fetched(source):
            db.execute("INSERT INTO names VALUES (?, ?, ?, ?, ?, ?)", [*row, row[1].casefold()])
    db.execute("CREATE INDEX by_name ON names (name, entity_id)")


def _fetched(source: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := source.fetchmany(5_000):
        yield from batch


def mark(version: str) -> str:
    """What the file's table `facts` says of the version of the record that it is of."""
    return f"{SHAPE} {version}"


def opened(path: Path, version: str) -> Kept | None:
    """The kept rows of that version of the record; None when the file is of another, or none."""
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        if db.execute("SELECT value FROM facts WHERE name = 'version'").fetchall() == [(mark(version),)]:
            return Kept(db)
        db.close()
    except sqlite3.Error:
        pass
    return None


class Kept:
    """The kept rows of one version of a record, open for one request."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def ask(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The answer to a query to the file itself."""
        return self.db.execute(sql, values).fetchall()

    def rows(self, name: str, ids: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of some ids, in the order of the ids."""
        found: dict[str, Any] = {}
        for at in range(0, len(ids), 900):
            some = ids[at : at + 900]
            marks = ", ".join("?" * len(some))
            found.update(self.ask(f"SELECT id, body FROM kept WHERE name = ? AND id IN ({marks})", [name, *some]))
        out: list[dict[str, Any]] = []
        for one in dict.fromkeys(ids):
            body = found.get(one)
            if body is not None:
                out += json.loads(zlib.decompress(body) if isinstance(body, bytes) else body)
        for row in out:
            row.pop("of_id", None)
            if row.get("published_at"):
                row["published_at"] = datetime.fromisoformat(row["published_at"])
        return out

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()
