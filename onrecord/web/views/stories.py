"""The front page: stories found and filtered, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onrecord.web.search import Index
from onrecord.web.shelf import Reading, Row
from onrecord.web.views.common import View, days, grouped, whole_number

PER_PAGE = 25
SORTS = {
    "reports": ("most reported", "n_reports DESC, date_start DESC NULLS LAST, story_id"),
    "origins": ("an event on most origins", "origins_most DESC NULLS LAST, n_reports DESC, story_id"),
    "newest": ("newest first", "date_start DESC NULLS LAST, n_reports DESC, story_id"),
    "oldest": ("oldest first", "date_start NULLS LAST, n_reports DESC, story_id"),
}
FILTERS = ("q", "country", "actor", "type", "from", "to", "origins")
COUNTS = (
    "SELECT story_id, count(*) AS n_events, min(n_origins) AS origins_fewest, max(n_origins) AS origins_most "
    "FROM events {} GROUP BY story_id"
)


def facets(reading: Reading) -> dict[str, list[Row]]:
    """What the filters offer: countries, actors and event types with their number of stories, most first."""
    return {
        "countries": reading.quietly(
            "SELECT value, count(DISTINCT story_id) AS n FROM ("
            "SELECT story_id, country AS value FROM events UNION ALL "
            "SELECT story_id, unnest(list_concat(actor_countries, recipient_countries)) AS value FROM events) "
            "WHERE value IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 300"
        ),
        "actors": reading.quietly(
            "SELECT name AS value, count(DISTINCT story_id) AS n FROM ("
            "SELECT story_id, unnest(list_concat(actor_names, recipient_names)) AS name FROM events) "
            "JOIN (SELECT DISTINCT name FROM entities) USING (name) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 400"
        ),
        "types": reading.quietly(
            "SELECT event_type AS value, count(DISTINCT story_id) AS n FROM events GROUP BY 1 ORDER BY 2 DESC, 1"
        ),
    }


def stories(reading: Reading, index: Index, asked: Mapping[str, str], offered: dict[str, list[Row]]) -> View:
    """One page of the stories that meet the filters of the address."""
    given = {name: asked.get(name, "").strip()[:200] for name in FILTERS}
    where: list[str] = []
    values: list[Any] = []
    if given["q"]:
        where.append("story_id IN (SELECT story_id FROM story_reports WHERE report_id IN (SELECT unnest(?)))")
        values.append(index.reports(reading, given["q"]))
    events: list[str] = []
    if given["country"]:
        events.append("(country = ? OR list_contains(actor_countries, ?) OR list_contains(recipient_countries, ?))")
        values.extend([given["country"]] * 3)
    if given["actor"]:
        events.append("(list_contains(actor_names, ?) OR list_contains(recipient_names, ?))")
        values.extend([given["actor"]] * 2)
    if given["type"]:
        events.append("event_type = ?")
        values.append(given["type"])
    if given["origins"]:
        events.append("n_origins >= ?")
        values.append(whole_number(given["origins"], 0, 0, 1_000_000))
    if events:
        where.append(f"story_id IN (SELECT story_id FROM events WHERE {' AND '.join(events)})")
    for name, test in (("from", "date_end >= ?"), ("to", "date_start <= ?")):
        if given[name]:
            where.append(test)
            values.append(given[name])
    condition = " AND ".join(where) or "true"
    sort = asked.get("sort", "")
    sort = sort if sort in SORTS else "reports"
    total = reading.quietly(f"SELECT count(*) AS n FROM stories WHERE {condition}", *values)[0]["n"]
    pages = max(1, -(-total // PER_PAGE))
    page = whole_number(asked.get("page"), 1, 1, pages)
    counts = f" LEFT JOIN ({COUNTS.format('')}) USING (story_id)" if sort == "origins" else ""
    found = reading.rows(
        "the stories of this page",
        f"SELECT stories.* FROM stories{counts} WHERE {condition} ORDER BY {SORTS[sort][1]} LIMIT {PER_PAGE} "
        f"OFFSET {(page - 1) * PER_PAGE}",
        *values,
    )
    _tell(reading, found)
    data = {
        "stories": found,
        "total": total,
        "page": page,
        "pages": pages,
        "filters": {k: v for k, v in given.items() if v},
        "sort": sort,
    }
    view = View("Stories", data, {"stories": [{k: v for k, v in s.items() if k not in _NESTED} for s in found]})
    view.asked = reading.asked
    data["facets"] = offered
    return view


_NESTED = ("top", "when", "countries")


def _tell(reading: Reading, found: list[Row]) -> None:
    """Give each story its chief event, its days with the number of reports, its countries, and its counts of events."""
    ids = [s["story_id"] for s in found]
    counts = grouped(
        reading.rows(
            "events of each, and the origins that they rest on",
            COUNTS.format("WHERE story_id IN (SELECT unnest(?))"),
            ids,
            near=("story_counts", ids),
        ),
        "story_id",
    )
    top = grouped(
        reading.rows(
            "the chief event of each",
            "SELECT story_id, event_id, summary, event_type, n_reports, n_origins FROM events "
            "WHERE story_id IN (SELECT unnest(?)) AND modality IN ('actual', 'ongoing') "
            "QUALIFY row_number() OVER (PARTITION BY story_id ORDER BY n_reports DESC, n_origins DESC, "
            "date_start DESC NULLS LAST, event_id) = 1",
            ids,
            near=("story_top", ids),
        ),
        "story_id",
    )
    when = grouped(
        reading.rows(
            "reports a day",
            "SELECT story_id, published_day AS day, count(*) AS n FROM story_reports "
            "JOIN reports USING (report_id) WHERE story_id IN (SELECT unnest(?)) AND published_day IS NOT NULL "
            "GROUP BY ALL ORDER BY 1, 2",
            ids,
            near=("story_days", ids),
        ),
        "story_id",
    )
    places = grouped(
        reading.rows(
            "where each happened",
            "SELECT story_id, country, sum(n_reports) AS n FROM events WHERE story_id IN (SELECT unnest(?)) "
            "AND country IS NOT NULL GROUP BY ALL ORDER BY 1, 3 DESC, 2",
            ids,
            near=("story_countries", ids),
        ),
        "story_id",
    )
    for s in found:
        s.update(counts.get(s["story_id"], [{"n_events": 0, "origins_fewest": 0, "origins_most": 0}])[0])
        s["dates"] = days(s["date_start"], s["date_end"])
        s["top"] = next(iter(top.get(s["story_id"], [])), None)
        s["when"] = [(r["day"], r["n"]) for r in when.get(s["story_id"], [])]
        s["countries"] = [r["country"] for r in places.get(s["story_id"], [])][:4]
