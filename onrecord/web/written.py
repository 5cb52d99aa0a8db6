"""Views written down: a page by its template (everything escaped), JSON, CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from onrecord import __version__
from onrecord.web.draw import copies, plot, timeline, world
from onrecord.web.shelf import Row

_COUNT = re.compile(r"^\d+ origins?( in \d+ reports?)?: ")
_QUOTES = tuple('"“”‘«„')
_FORMULA = tuple(
    "=+-@\t\r\n＝＋－＠"
)  # the wide ones too: spreadsheets set to Chinese, Japanese or Korean take them for the plain
TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
    "txt": "text/plain; charset=utf-8",
}


@cache
def static_files() -> dict[str, tuple[bytes, str]]:
    """Every static file by name: its bytes and content type. A name that is not here is not served."""
    folder = resources.files("onrecord.web") / "static"
    return {
        f.name: (f.read_bytes(), TYPES[f.name.rpartition(".")[2]])
        for f in folder.iterdir()
        if f.name.rpartition(".")[2] in TYPES
    }


def static_address(name: str) -> str:
    """The address of a static file, with a mark of its content, so that browsers may keep it for good.

    Style sheets name fonts without a mark, so these have none.
    """
    if name.endswith(".woff2"):
        return f"/static/{name}"
    return f"/static/{name}?v={_mark(name)}"


@cache
def _mark(name: str) -> str:
    return hashlib.sha256(static_files()[name][0]).hexdigest()[:10]


def plural(n: int, noun: str) -> str:
    """'1 report', '2 reports', '1,200 reports'."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def resting(story: Row) -> str:
    """How many origins a story's events have: '1 to 3 origins an event', '2 origins an event'."""
    low, high = story["origins_fewest"], story["origins_most"]
    if story["n_events"] == 1:
        return plural(high, "origin")
    return (f"{low:,} to " if low != high else "") + plural(high, "origin") + " an event"


def share(part: float) -> str:
    """'42%', '<1%'."""
    return f"{part:.0%}" if part >= 0.01 or not part else "<1%"


def web_address(text: str | None) -> str:
    """The address when it is http or https, '' for anything else: no other scheme ever becomes a link."""
    address = (text or "").strip()
    return address if address.lower().startswith(("http://", "https://")) else ""


def day(start: str | None, end: str | None = None, unknown: str = "") -> str:
    """ISO days in words: '14 May 2024', '14 to 16 May 2024', '28 April to 2 May 2024'; else `unknown`."""
    if not start and not end:
        return unknown
    try:
        a, z = date.fromisoformat(start or end or ""), date.fromisoformat(end or start or "")
    except ValueError:
        return f"{start or ''} to {end or ''}"
    last = f"{z.day} {z:%B %Y}"
    if not start:
        return f"by {last}"
    if a == z or not end:
        return f"{a.day} {a:%B %Y}"
    if a.day == 1 and (z.year, z.month) == (a.year, a.month) and (z + timedelta(days=1)).day == 1:
        return f"{a:%B %Y}"
    if (a.month, a.day, z.month, z.day) == (1, 1, 12, 31) and a.year == z.year:
        return str(a.year)
    if (a.year, a.month) == (z.year, z.month):
        return f"{a.day} to {last}"
    return f"{a.day} {a:%B} to {last}" if a.year == z.year else f"{a.day} {a:%B %Y} to {last}"


def quotes_itself(words: str | dict[str, str]) -> bool:
    """Whether words of a report bring their own quotation marks."""
    text = "".join(words.values()) if isinstance(words, dict) else words
    return text.lstrip()[:1] in _QUOTES


def reason(text: str) -> str:
    """Why that many origins, without the number that the page gives before it."""
    return _COUNT.sub("", text, count=1)


def ledger_value(name: str, value: str) -> str:
    """A value of the ledger for people: dates in words."""
    if name != "date":
        return value
    start, _, end = value.partition("/")
    return day(start, end or None)


_BASES = {
    "clause": "in its clause",
    "sentence": "in its sentence",
    "anchor": "from another date told there",
    "context": "from what is told before",
    "published": "from the day of the report",
}


def basis(name: str) -> str:
    """What a date rests on, in words."""
    return _BASES.get(name, name)


def first_of_each(places: list[Row]) -> list[Row]:
    """Of places in reports the first in each report, in their order."""
    found: dict[str, Row] = {}
    for place in places:
        found.setdefault(place["letter"], place)
    return list(found.values())


def by_day(events: list[Row]) -> list[list[Row]]:
    """Events in runs of equal dates, in their order."""
    runs: dict[tuple[Any, Any], list[Row]] = {}
    for e in events:
        runs.setdefault((e["date_start"], e["date_end"]), []).append(e)
    return list(runs.values())


def with_query(given: dict[str, Any], **changed: Any) -> str:
    """A query string of `given` with some values changed; empty ones are left out."""
    return urlencode({k: v for k, v in {**given, **changed}.items() if v not in ("", None)})


@cache
def environment() -> Environment:
    """The templates' environment: escaping always, an unknown name is an error."""
    env = Environment(
        loader=PackageLoader("onrecord", "web/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters.update(
        plural=plural,
        reason=reason,
        resting=resting,
        share=share,
        quotes_itself=quotes_itself,
        web_address=web_address,
        basis=basis,
        first_of_each=first_of_each,
    )
    env.globals.update(
        static=static_address,
        with_query=with_query,
        version=__version__,
        timeline_picture=timeline.timeline,
        day=day,
        ledger_value=ledger_value,
        by_day=by_day,
        strip_picture=timeline.strip,
        fingerprint=timeline.fingerprint,
        copies_picture=copies.copy_graph,
        map_picture=world.world_map,
        plot_picture=plot.plot,
    )
    return env


def as_json(value: Any) -> bytes:
    """A value as JSON; dates as ISO text."""
    return json.dumps(value, ensure_ascii=False, default=_plain).encode("utf-8", "replace")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def as_csv(rows: list[Row]) -> bytes:
    """Rows as CSV; lists as JSON; text that a spreadsheet would run as a formula gets a leading quote."""
    out = io.StringIO()
    writer = csv.writer(out)
    if rows:
        writer.writerow([_cell(name) for name in rows[0]])
        writer.writerows([[_cell(v) for v in row.values()] for row in rows])
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    if isinstance(value, datetime):
        return value.isoformat()
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value
