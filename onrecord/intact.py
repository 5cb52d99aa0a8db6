"""Whether a record is as it was written, by the stages as they are: then only what changes need be looked at."""

from __future__ import annotations

from onrecord import __version__, carry, pipeline, schema
from onrecord.copied import CopiedRecord
from onrecord.laws import changed_tables
from onrecord.options import Options
from onrecord.pipeline import PLAN

UNFINISHED = "(SELECT * FROM problems WHERE reason IN ({}))".format(", ".join(f"'{r}'" for r in carry.UNFINISHED))
"""SQL: what was not looked at to its end."""


def as_made(work: CopiedRecord, options: Options) -> bool:
    """True where the record's rows are those that were written, by the stages as they are, with these options."""
    facts = work.facts()
    there = work.db.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    if not schema.TABLES.keys() <= {row[0] for row in there}:
        return False
    if (facts.get("onrecord_version"), facts.get("parser")) != (__version__, pipeline.facts_of(options)["parser"]):
        return False
    if any(work.count(name) for name in ("corrections", "anchors", "effects", "originals")):
        return False
    if work.db.execute(f"SELECT 1 FROM {UNFINISHED}").fetchall():
        return False
    if work.count("problems", "stage <> 'read' AND report_id IS NULL"):
        return False
    units = {"report": work.count("reports"), "story": work.count("stories")}
    expected = set()
    for stage in PLAN:
        if isinstance(stage.unit, carry.Whole):
            expected.add((stage.name, carry.start_of(stage.unit, options), 1))
        elif stage.unit is not None:
            n = units["story" if stage.name == "reconcile" else "report"]
            expected.add((stage.name, carry.start_of(stage.unit, options), n))
    found = work.db.execute(
        "SELECT stage, split_part(input, ':', 1), count(*) FROM carried "
        f"WHERE NOT (output = '{carry.EVERYTHING}' AND unit = '{carry.EVERYTHING}') GROUP BY ALL"
    ).fetchall()
    return set(found) == expected and not changed_tables(work.db)


def told_before(work: CopiedRecord, stage: str) -> str:
    """What a stage of the record was told of that of which a report meets a part; '' where that is not known."""
    found = work.db.execute(
        f"SELECT input FROM carried WHERE stage = $1 AND unit = '{carry.EVERYTHING}'", [stage]
    ).fetchall()
    return str(found[0][0]) if found else ""
