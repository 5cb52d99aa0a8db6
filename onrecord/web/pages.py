"""The pages and their addresses."""

from __future__ import annotations

from fastapi import FastAPI, Request

from onrecord.web.app import Site
from onrecord.web.marks import Mark, blocks
from onrecord.web.shelf import Reading
from onrecord.web.views import View, corrections, events, find, report, stories, story
from onrecord.web.views import entity as entities
from onrecord.web.views import record as records


def add(app: FastAPI, site: Site) -> None:
    """Put every page into the application."""

    def front(reading: Reading, request: Request) -> View:
        return stories.stories(reading, site.index, request.query_params, site.kept("facets", reading, stories.facets))

    def one_story(reading: Reading, request: Request) -> View:
        return story.story(reading, request.path_params["id"], request.query_params.get("events") == "all")

    def compared(reading: Reading, request: Request) -> View:
        wanted = ",".join(request.query_params.getlist("reports")).split(",")
        return report.compare(reading, request.path_params["id"], [w for w in wanted if w])

    def one_report(reading: Reading, request: Request) -> View:
        return with_blocks(report.report(reading, request.path_params["id"]))

    def one_event(reading: Reading, request: Request) -> View:
        return events.event(reading, request.path_params["id"])

    def one_entity(reading: Reading, request: Request) -> View:
        return entities.entity(reading, request.path_params["id"])

    def found(reading: Reading, request: Request) -> View:
        return find.find(reading, site.index, request.query_params)

    def asked(reading: Reading, request: Request) -> View:
        return records.sql(reading, request.query_params.get("q", ""), request.url.path.endswith(".csv"))

    def whole(reading: Reading, request: Request) -> View:
        return records.record(reading, site.index, site.shelf.path.name)

    def log(reading: Reading, request: Request) -> View:
        return corrections.log(reading)

    site.show(app, "/corrections", "corrections.html", log)
    site.show(app, "/", "stories.html", front, "/stories")
    site.show(app, "/stories/{id}/compare", "compare.html", compared)
    site.show(app, "/stories/{id}", "story.html", one_story)
    site.show(app, "/reports/{id}", "report.html", one_report)
    site.show(app, "/events/{id}", "event.html", one_event)
    site.show(app, "/entities/{id}", "entity.html", one_entity)
    site.show(app, "/search", "search.html", found)
    site.show(app, "/sql", "sql.html", asked)
    site.show(app, "/record", "record.html", whole)

    @app.get("/api", include_in_schema=False)
    def reference(request: Request) -> object:
        return site.page(request, "api.html", described=app.openapi())


def with_blocks(view: View) -> View:
    """A report's view with its text cut at the boundaries of its marks."""
    fields = Mark.__dataclass_fields__
    marks = [Mark(**{k: v for k, v in m.items() if k in fields}) for m in view.data["marks"]]
    inline = [m for m in marks if m.layer != "segments"]
    cut = blocks(view.data["report"]["text"], view.data["segments"], inline)
    view.data["blocks"] = [{"kind": b.kind, "pieces": [p.__dict__ for p in b.pieces]} for b in cut]
    return view
