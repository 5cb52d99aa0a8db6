"""An example of every call that the web app answers, so that a walk can say which route it has left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.routing import BaseRoute, Match

from onrecord import schema
from onrecord.query import Record

MOST_OF_A_KIND = 6
VIEWS = (
    "/corrections", "/stories", "/stories/{id}", "/stories/{id}/compare", "/reports/{id}", "/events/{id}",
    "/entities/{id}", "/search", "/sql", "/record",
)  # fmt: skip
ASKED = ("police", '"car bomb" -trial', "script*", "<xss>", '" OR 1', "%", "\u202e\x00", "=1+1")
"""What is searched for."""


@dataclass(frozen=True)
class Call:
    """One request, and the statuses with which it may be answered."""

    address: str
    method: str = "GET"
    body: dict[str, Any] | None = None
    status: frozenset[int] = field(default=frozenset({200}))


def calls(record: Record) -> dict[str, list[Call]]:
    """Examples for each route, named by method and path; a route that is not here has not been thought of."""

    def ids(table: str, order: str) -> list[str]:
        key = schema.table(table).key[0]
        rows = record.sql(f'SELECT {key} AS id FROM "{table}" ORDER BY {order}, 1 LIMIT {MOST_OF_A_KIND}')
        return [r["id"] for r in rows.to_pylist()]

    known = {
        "stories": ids("stories", "n_reports DESC"),
        "reports": ids("reports", "len(text) DESC"),
        "events": ids("events", "n_reports DESC"),
        "entities": ids("entities", "(SELECT count(*) FROM entity_mentions m WHERE m.entity_id = id) DESC"),
    }
    searches = [f"?q={quote(q)}" for q in ASKED]
    tables = [name for name, table in schema.TABLES.items() if not table.working]
    selects = [f"?q={quote(f'SELECT * FROM {name}')}" for name in tables]
    whole = ["?" + "&".join(f"reports={r}" for r in _of_story(record, s)) for s in known["stories"]]
    compared = [f"{s}/compare{q}" for s, q in zip(known["stories"], whole, strict=True) if q.count("=") > 1]

    def views(path: str, form: str) -> list[str]:
        if path == "/stories/{id}/compare":
            return [f"/stories/{c.replace('/compare', '/compare' + form)}" for c in compared]
        if "{id}" in path:
            kind = path.split("/")[1]
            return [f"/{kind}/{i}{form}" for i in known[kind]]
        queries = {"/search": searches, "/sql": selects, "/stories": ["", *searches[:3], "?country=SOM"]}
        return [path + form + q for q in queries.get(path, [""])]

    pages = {f"GET {path}": views(path, "") for path in VIEWS if path != "/stories"}
    data = {f"GET {path}{form}": views(path, form) for path in VIEWS for form in (".json", ".csv")}
    api = {
        "GET /openapi.json": ["/openapi.json"],
        "GET /static/{name}": ["/static/onrecord.js", "/static/onrecord.css"],
        "GET /": ["/", *(f"/{q}" for q in searches[:3]), "/?events=all"],
        "GET /api": ["/api"],
        "GET /api/record": ["/api/record"],
        "GET /api/stories": ["/api/stories", "/api/stories?country=SOM"],
        **{f"GET /api/{kind}/{{id}}": [f"/api/{kind}/{i}" for i in known[kind]] for kind in known},
        "GET /api/stories/{id}/compare": [
            f"/api/stories/{c.replace('&reports=', ',')}" for c in compared
        ],
        "GET /api/search": [f"/api/search{q}" for q in searches],
        "GET /api/candidates": [
            f"/api/candidates?table={t}&id={known[t][0]}" for t in ("events", "entities", "stories")
        ],
        "GET /api/tables/{name}": [f"/api/tables/{t}{f}" for t in tables for f in ("", "?format=csv")],
        "GET /api/sql": [f"/api/sql{q}{f}" for q in selects for f in ("", "&format=csv")],
        "GET /api/corrections": ["/api/corrections"],
    }  # fmt: skip
    out = {name: [Call(a) for a in found] for name, found in (pages | data | api).items()}
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
        call = Call("/api/no/such/<xss>", method, None if method in ("GET", "DELETE") else {}, frozenset({404}))
        out[f"{method} /api/{{rest:path}}"] = [call]
    wrong = frozenset({422})  # refused by its shape; what is written is tested elsewhere
    hostile = {"action": "<xss>", "table": "<xss>", "ids": ["<xss>"] * 201, "why": "\ud800<xss>", "who": "<xss>" * 99}
    out["POST /api/corrections"] = [Call("/api/corrections", "POST", hostile, wrong)]
    out["DELETE /api/corrections/{id}"] = [Call("/api/corrections/" + "<xss>" * 30, "DELETE", status=wrong)]
    return out


def _of_story(record: Record, story: str) -> list[str]:
    rows = record.sql("SELECT report_id FROM story_reports WHERE story_id = ? ORDER BY 1 LIMIT 3", [story])
    return [r["report_id"] for r in rows.to_pylist()]


def routes(app: Any) -> set[str]:
    """Every route of an application as method and path; what is mounted, or has no methods, as its path alone."""
    found: set[str] = set()
    for route in app.routes:
        methods = (getattr(route, "methods", None) or set()) - {"HEAD"}
        found |= {f"{method} {_path(route)}" for method in methods} or {_path(route)}
    return found


def route_of(app: Any, method: str, path: str) -> str:
    """The route that answers a path, as `routes` names it."""
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    return next((f"{method} {_path(r)}" for r in app.routes if r.matches(scope)[0] is Match.FULL), "")


def _path(route: BaseRoute) -> str:
    return str(getattr(route, "path", route))


def paged(names: set[str]) -> Iterator[str]:
    """Of routes those that answer a browser with a page."""
    for name in names:
        method, _, path = name.partition(" ")
        if method == "GET" and not path.startswith(("/api/", "/static", "/openapi")) and "." not in path:
            yield name
