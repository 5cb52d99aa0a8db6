"""The HTTP API: everything of the record for programs, described by /openapi.json."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from onrecord import schema
from onrecord.web.app import Site
from onrecord.web.shelf import Reading
from onrecord.web.views import View, candidates, corrections, entity, events, find, record, report, stories, story
from onrecord.web.views.common import NotFoundError
from onrecord.web.writing import write
from onrecord.web.written import as_csv, as_json

MOST_ROWS = 10_000
Id = Annotated[str, Path(max_length=80, description="an id, as other answers give it")]
Form = Annotated[str, Query(alias="format", pattern="^(json|csv)$", description="json or csv")]


class Correcting(BaseModel):
    """A correction, as `onrecord.corrections.Change` describes it."""

    action: str = Field(description="merge, split, set, reject or confirm")
    table: str = Field(description="events, entities, stories, attributions, reports, event_mentions or ledger")
    ids: list[str] = Field(description="ids of the rows; of a merge the one that stays comes first", max_length=200)
    field: str | None = Field(None, description="the field whose value is set, rejected or confirmed")
    value: Any = Field(None, description="the new value; what is split off; a value of the ledger")
    why: str | None = Field(None, max_length=2000, description="why")
    who: str | None = Field(None, max_length=200, description="who; else git's user.name, or the system's user")


def add(app: FastAPI, site: Site) -> None:
    """Put the API into the application."""

    def answer(view: View) -> Response:
        return Response(as_json(view.data), media_type="application/json")

    @app.get("/api/record", tags=["record"])
    def facts(request: Request) -> Response:
        """What the record holds: every table with its columns and number of rows, versions, problems."""
        return answer(site.view(lambda r, _: record.record(r, site.index, site.shelf.path.name), request))

    @app.get("/api/stories", tags=["stories"])
    def list_stories(
        request: Request,
        q: Annotated[str, Query(description='words of its reports; "a phrase", -unwanted, prefix*')] = "",
        country: Annotated[str, Query(description="a country of its events, ISO 3166-1 alpha-3")] = "",
        actor: Annotated[str, Query(description="an actor or recipient, by name")] = "",
        type: Annotated[str, Query(description="an event type")] = "",
        date_from: Annotated[str, Query(alias="from", description="not over before this day (ISO)")] = "",
        date_to: Annotated[str, Query(alias="to", description="begun by this day (ISO)")] = "",
        origins: Annotated[
            int, Query(ge=0, description="an event of it on at least this many independent origins")
        ] = 0,
        sort: Annotated[str, Query(description=f"one of {', '.join(stories.SORTS)}")] = "reports",
        page: Annotated[int, Query(ge=1)] = 1,
    ) -> Response:
        """Stories that meet the filters, 25 a page."""
        asked = {"q": q, "country": country, "actor": actor, "type": type, "from": date_from, "to": date_to,
                 "origins": str(origins or ""), "sort": sort, "page": str(page)}  # fmt: skip
        return answer(site.view(lambda r, _: stories.stories(r, site.index, asked, {}), request))

    @app.get("/api/stories/{id}", tags=["stories"])
    def one_story(request: Request, id: Id) -> Response:
        """A story: reports, every event with mentions, origins and ledger, speakers, copies, places."""
        return answer(site.view(lambda r, _: story.story(r, id, everything=True), request))

    @app.get("/api/stories/{id}/compare", tags=["stories"])
    def compare(
        request: Request, id: Id, reports: Annotated[str, Query(description="report ids, with commas")]
    ) -> Response:
        """Reports side by side: texts in pieces, and the passages they share."""
        return answer(site.view(lambda r, _: report.compare(r, id, reports.split(",")), request))

    @app.get("/api/reports/{id}", tags=["reports"])
    def one_report(request: Request, id: Id) -> Response:
        """A report: text, segments, and every mark with its characters."""
        return answer(site.view(lambda r, _: report.report(r, id), request))

    @app.get("/api/events/{id}", tags=["events"])
    def one_event(request: Request, id: Id) -> Response:
        """An event: mentions, origins, ledger, reports."""
        return answer(site.view(lambda r, _: events.event(r, id), request))

    @app.get("/api/entities/{id}", tags=["entities"])
    def one_entity(request: Request, id: Id) -> Response:
        """An entity: what it did, what was done to it, what it said, which reports mention it."""
        return answer(site.view(lambda r, _: entity.entity(r, id), request))

    @app.get("/api/search", tags=["search"])
    def search(
        request: Request,
        q: Annotated[str, Query(min_length=1, max_length=200, description='words; "a phrase", -unwanted, prefix*')],
        page: Annotated[int, Query(ge=1)] = 1,
    ) -> Response:
        """Reports by their words, the best first; entities by name; events by their summary."""
        return answer(site.view(lambda r, _: find.find(r, site.index, {"q": q, "page": str(page)}), request))

    @app.get("/api/candidates", tags=["corrections"])
    def may_be_same(
        request: Request,
        table: Annotated[str, Query(description="events, entities or stories")],
        id: Annotated[str, Query(max_length=80, description="the row that is to be merged with another")],
        q: Annotated[str, Query(max_length=200, description="words or an id; without them, the likely ones")] = "",
    ) -> Response:
        """Rows that a row may be the same as, with words to know them by: what the page offers to merge."""
        return answer(site.view(lambda r, _: candidates.candidates(r, site.index, table, id, q), request))

    @app.get("/api/tables/{name}", tags=["record"])
    def table(
        name: Annotated[str, Path(description="a table of the record; /api/record lists them")],
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 1000,
        offset: Annotated[int, Query(ge=0)] = 0,
        form: Form = "json",
    ) -> Response:
        """Rows of a table in key order."""
        declared = schema.table(name)
        order = f" ORDER BY {', '.join(declared.key)}" if declared.key else " ORDER BY ALL"
        with site.shelf.reading() as reading:
            rows = reading.quietly(f'SELECT * FROM "{declared.name}"{order} LIMIT ? OFFSET ?', limit, offset)
            total = reading.quietly(f'SELECT count(*) AS n FROM "{declared.name}"')[0]["n"]
        if form == "csv":
            return Response(as_csv(rows), media_type="text/csv; charset=utf-8")
        body = {"table": declared.name, "total": total, "offset": offset, "rows": rows}
        return Response(as_json(body), media_type="application/json")

    @app.get("/api/sql", tags=["record"])
    def sql(
        q: Annotated[str, Query(min_length=1, max_length=20_000, description="one SELECT, DuckDB's dialect")],
        form: Form = "json",
    ) -> Response:
        """The answer to a query: at most 500 rows (100,000 as CSV), in at most 5 seconds; reading only."""

        def ask(reading: Reading) -> View:
            return record.sql(reading, q, form == "csv")

        with site.shelf.reading() as reading:
            view = ask(reading)
        if form == "csv":
            return Response(as_csv(view.tables["rows"]), media_type="text/csv; charset=utf-8")
        body = {k: view.data[k] for k in ("names", "rows", "more")}
        return Response(as_json(body), media_type="application/json")

    @app.get("/api/corrections", tags=["corrections"])
    def list_corrections(request: Request) -> Response:
        """Every correction, the latest first, with its state and what it does in this record."""
        return answer(site.view(lambda r, _: corrections.log(r), request))

    @app.post("/api/corrections", tags=["corrections"])
    def correct(asked: Correcting) -> Response:
        """Make a correction and apply it; what it did. Needs the header X-Onrecord-Token."""
        change = {k: getattr(asked, k) for k in ("action", "table", "ids", "field", "value")}
        done = write(site.shelf.path, {"make": change, "why": asked.why, "who": asked.who})
        return Response(as_json(done), 201, media_type="application/json")

    @app.delete("/api/corrections/{id}", tags=["corrections"])
    def undo(id: Id) -> Response:
        """Undo a correction, by adding another to the log; an undoing can be undone. Needs X-Onrecord-Token."""
        return Response(as_json(write(site.shelf.path, {"undo": id})), media_type="application/json")

    @app.api_route("/api/{rest:path}", methods=["GET", "POST", "PUT", "DELETE", "PATCH"], include_in_schema=False)
    def nothing(rest: str) -> Response:
        raise NotFoundError(f"no such call: /api/{rest}; /api lists them")
