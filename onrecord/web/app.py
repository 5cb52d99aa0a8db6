"""The ASGI application: pages, their data, the API, errors in one shape, the guard before all of it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from onrecord import __version__
from onrecord.errors import OnrecordError, RecordError, UsageError
from onrecord.web.guard import Guard
from onrecord.web.search import Index
from onrecord.web.shelf import Reading, Shelf
from onrecord.web.turns import Turns
from onrecord.web.views import View
from onrecord.web.views.common import NotFoundError
from onrecord.web.written import as_csv, as_json, environment, static_files


@dataclass(frozen=True)
class Settings:
    """How a record is served. `hosts` are names it answers to besides localhost and addresses."""

    record: Path
    read_only: bool = False
    hosts: frozenset[str] = frozenset()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))


Gather = Callable[[Reading, Request], View]


@dataclass
class Site:
    """What the pages and the API share: the record, its index, the settings, and how a view is answered."""

    settings: Settings
    shelf: Shelf
    index: Index
    _kept: tuple[str, dict[str, Any]] = ("", {})

    def page(self, request: Request, template: str, **values: Any) -> Response:
        """A page by its template."""
        html = (
            environment()
            .get_template(template)
            .render(
                request_path=request.url.path,
                query=dict(request.query_params),
                record_name=self.shelf.path.name,
                read_only=self.settings.read_only,
                token="" if self.settings.read_only else self.settings.token,
                **values,
            )
        )
        return Response(
            html.encode("utf-8", "replace"), media_type="text/html", headers={"cache-control": "private, no-cache"}
        )

    def view(self, gather: Gather, request: Request) -> View:
        """Gather a view from the record as it stands."""
        with self.shelf.reading() as reading:
            if not self.index.ready(reading.version):
                self.index.start()
            return gather(reading, request)

    def kept(self, name: str, reading: Reading, make: Callable[[Reading], Any]) -> Any:
        """A value made once for the version of the record that `reading` sees, such as the lists of the filters."""
        if self._kept[0] != reading.version:
            self._kept = (reading.version, {})
        values = self._kept[1]
        if name not in values:
            values[name] = make(reading)
        return values[name]

    def show(self, app: FastAPI, path: str, template: str, gather: Gather, data_path: str = "") -> None:
        """Serve a view as a page at `path`, and as `.json` and `.csv` beside it."""
        base = data_path or path

        def html(request: Request) -> Response:
            view = self.view(gather, request)
            return self.page(request, template, view=view, d=view.data, data_path=_data_path(request, base))

        def data(request: Request) -> Response:
            return Response(as_json(self.view(gather, request).data), media_type="application/json")

        def rows(request: Request) -> Response:
            view = self.view(gather, request)
            wanted = request.query_params.get("table") or next(iter(view.tables), "")
            if wanted not in view.tables:
                raise UsageError(f"no table {wanted!r} here; there are {', '.join(view.tables) or 'none'}")
            name = f"{base.strip('/').partition('/')[0]}-{wanted}.csv"
            return Response(
                as_csv(view.tables[wanted]),
                media_type="text/csv; charset=utf-8",
                headers={"content-disposition": f'attachment; filename="{name}"'},
            )

        app.add_api_route(base + ".json", data, include_in_schema=False)
        app.add_api_route(base + ".csv", rows, include_in_schema=False)
        app.add_api_route(path, html, include_in_schema=False)


def _data_path(request: Request, base: str) -> str:
    return base.format(**request.path_params) if request.path_params else base


def create(settings: Settings) -> Guard:
    """The application for one record; raises `RecordError` when that cannot be opened."""
    from onrecord.web import api, pages

    shelf = Shelf(settings.record)
    site = Site(settings, shelf, Index(shelf))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        site.index.start()
        yield
        site.index.stop()
        shelf.close()

    app = FastAPI(
        title="onrecord",
        version=__version__,
        summary="What happened, once: a record of news reports, with independent origins counted.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
    )
    _errors(app, site)

    @app.get("/static/{name}", include_in_schema=False)
    def static(name: str) -> Response:
        if name not in static_files():
            raise NotFoundError(f"no file {name!r}")
        body, kind = static_files()[name]
        return Response(body, media_type=kind, headers={"cache-control": "public, max-age=31536000, immutable"})

    api.add(app, site)
    pages.add(app, site)
    return Guard(Turns(app), settings.hosts, settings.token, settings.read_only)


def _errors(app: FastAPI, site: Site) -> None:
    """Every error as {"error": {"code", "message", "remedy"}}, or as a page of the same words."""

    def answer(request: Request, status: int, code: str, message: str) -> Response:
        what, _, remedy = message.partition("; ")
        error = {"code": code, "message": what, "remedy": remedy}
        path = request.url.path
        if path.startswith("/api") or path.endswith((".json", ".csv")):
            return Response(as_json({"error": error}), status, media_type="application/json")
        out = site.page(request, "error.html", error=error, status=status)
        out.status_code = status
        return out

    @app.exception_handler(OnrecordError)
    def known(request: Request, error: OnrecordError) -> Response:
        if isinstance(error, NotFoundError):
            return answer(request, 404, "not_found", str(error))
        if isinstance(error, UsageError):
            return answer(request, 400, "bad_request", str(error))
        return answer(request, 503 if isinstance(error, RecordError) else 500, "record", str(error))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return answer(request, 404, "not_found", "nothing stands at this address; go back to the stories")
        return answer(request, error.status_code, "bad_request", str(error.detail))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(x) for x in first["loc"])
        return answer(request, 422, "invalid", f"{where}: {first['msg']}; see /api")

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> Response:
        return answer(request, 500, "internal", f"{type(error).__name__}; see the server's terminal, and report it")
