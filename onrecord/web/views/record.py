"""The record as a whole, and a person's own query."""

from __future__ import annotations

from onrecord import schema
from onrecord.web.search import Index
from onrecord.web.shelf import Reading
from onrecord.web.views.common import View

SECONDS, ROWS, CSV_ROWS = 5.0, 500, 100_000
EXAMPLES = (
    ("Events by type", "SELECT event_type, count(*) AS n, sum(n_reports) AS reports FROM events "
     "GROUP BY 1 ORDER BY 2 DESC"),
    ("Widely copied, one origin", "SELECT summary, date_start, n_reports, n_origins, origins_reason FROM events "
     "WHERE n_reports > 2 AND n_origins = 1 ORDER BY n_reports DESC LIMIT 50"),
    ("Where origins contradict", "SELECT e.summary, l.field, list(DISTINCT l.value) AS given FROM ledger l "
     "JOIN events e USING (event_id) WHERE l.relation = 'contradicts' GROUP BY ALL"),
    ("Anonymous sources, by outlet", "SELECT outlet, count(*) AS n FROM attributions JOIN reports USING (report_id) "
     "WHERE source_type = 'anonymous' GROUP BY 1 ORDER BY 2 DESC"),
)  # fmt: skip


def record(reading: Reading, index: Index, name: str) -> View:
    """What the record holds, which versions made it, and what went wrong."""
    counts = [
        {
            "table": t.name,
            "rows": reading.quietly(f'SELECT count(*) AS n FROM "{t.name}"')[0]["n"],
            "doc": t.doc,
            "columns": [{"name": c.name, "doc": c.doc, "type": str(c.type)} for c in t.columns],
        }
        for t in schema.TABLES.values()
        if not t.working
    ]
    facts = reading.rows("facts about the record", "SELECT name, value FROM meta WHERE name <> 'digests' ORDER BY name")
    problems = reading.rows("what went wrong", "SELECT * FROM problems ORDER BY stage, reason, uri LIMIT 500")
    data = {"name": name, "tables": counts, "facts": facts, "problems": problems,
            "index_ready": index.ready(reading.version)}  # fmt: skip
    rows = [{k: c[k] for k in ("table", "rows", "doc")} for c in counts]
    return View("This record", data, {"tables": rows, "problems": problems, "facts": facts}, reading.asked)


def sql(reading: Reading, query: str, for_csv: bool = False) -> View:
    """The answer to a person's query: at most `ROWS` rows (`CSV_ROWS` as CSV), in at most `SECONDS`."""
    most = CSV_ROWS if for_csv else ROWS
    data = {"q": query, "names": [], "rows": [], "more": False, "most": most, "seconds": SECONDS, "examples": EXAMPLES}
    if not query.strip():
        return View("SQL", {**data, "tables": _columns()}, {"rows": []}, [])
    names, rows, more = reading.limited(query, SECONDS, most)
    data.update(names=names, rows=[list(r) for r in rows], more=more, tables=_columns())
    return View("SQL", data, {"rows": [dict(zip(names, r, strict=True)) for r in rows]}, [])


def _columns() -> list[dict[str, object]]:
    return [
        {"name": t.name, "doc": t.doc, "columns": [c.name for c in t.columns]}
        for t in schema.TABLES.values()
        if not t.working
    ]
