"""A mapping of fields to a report: what JSON, CSV, Parquet, ninjs and the extractors' outputs have in common.

Field names are those of RECORD's input format and, as they come, of trafilatura, news-please, newspaper4k, JSON Feed
and schema.org; the first name that has a value wins.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from onrecord.model import RawReport
from onrecord.stages.read import page
from onrecord.stages.read.blocks import blocks_of, joined
from onrecord.stages.read.dates import when
from onrecord.stages.read.outlets import outlet_of
from onrecord.stages.read.pagedate import by_address
from onrecord.stages.read.source import Source, Unreadable

TEXT = ("text", "maintext", "content_text", "body_text", "articleBody", "article_text", "full_text", "content", "body")
HTML = ("html", "article_html", "raw_html")
# Markup of the article alone, not of a page: JSON Feed, ninjs.
FRAGMENT = ("content_html", "body_html", "body_xhtml")
ID = ("id", "external_id", "guid", "uid", "_id", "uri")
URL = ("url", "link", "canonical_link", "source_url", "source", "uri")
OUTLET = (
    "outlet",
    "sitename",
    "source-hostname",
    "meta_site_name",
    "publisher",
    "publication",
    "source_name",
    "source",
    "source_domain",
    "provider",
    "copyrightholder",
)
TITLE = ("title", "headline", "headline_text", "name")
BYLINE = ("byline", "author", "authors", "creator")
PUBLISHED = (
    "published", "published_at", "date_published", "datePublished", "date_publish", "publish_date", "published_date",
    "publishedAt", "pubDate", "versioncreated", "firstcreated", "date", "datetime", "timestamp",
)  # fmt: skip
LANGUAGE = ("language", "lang", "meta_lang", "inLanguage")


def report(fields: Mapping[str, Any], source: Source, uri: str) -> RawReport:
    """A report from its fields; `text` is kept to the character, `html` is extracted.

    Raises `Unreadable` ('no-text') when there is neither. A date that cannot be understood is a problem row
    'bad-date', and the report is kept without one.
    """
    fields = _ninjs(fields)
    url = _url(fields)
    html = _first(fields, HTML)
    fragment = _first(fields, FRAGMENT)
    text = _text(fields)
    facts: dict[str, Any] = {
        "external_id": _first(fields, ID),
        **_outlet(fields, url),
        "title": _first(fields, TITLE),
        "byline": _byline(fields),
        "language": _language(_first(fields, LANGUAGE)),
        "published": _published(fields, source, uri, url),
        "fetched": source.fetched,
    }
    if text is not None and text.strip():
        return RawReport(uri=uri, text=text, **facts)
    if fragment and (blocks := blocks_of(fragment)):
        found_text, marks = joined(_headed(blocks, facts["title"]))
        return RawReport(uri=uri, text=found_text, marks=marks, **facts)
    if html and html.strip():
        found = page.extract(html, url=url)
        if found is None:
            raise Unreadable("no-text", f"{uri}: no article found in its html; give the text itself in 'text'")
        given = {k: v for k, v in facts.items() if v is not None}
        return RawReport(uri=uri, **({**page.facts(found), **given}))
    raise Unreadable("no-text", f'{uri}: no "text" or "html" field with anything in it; see onrecord build --help')


def is_report(fields: Mapping[str, Any]) -> bool:
    """True when the mapping has a field that may hold a report's text."""
    return any(isinstance(fields.get(name), str) for name in (*TEXT, *HTML, *FRAGMENT)) or bool(fields.get("bodies"))


def _headed(blocks: list[tuple[str, str | None]], title: str | None) -> list[tuple[str, str | None]]:
    return blocks if not title or blocks[0][0] == title else [(title, "headline"), *blocks]


def _ninjs(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """IPTC ninjs 2 and 3 hold lists of headlines and bodies; here as the single fields of ninjs 1."""
    bodies, headlines = fields.get("bodies"), fields.get("headlines")
    if not isinstance(bodies, list):
        return fields
    out = dict(fields)
    for body in bodies:
        if isinstance(body, dict) and isinstance(body.get("value"), str):
            plain = "html" not in str(body.get("contenttype") or body.get("contentType") or "")
            out.setdefault("body_text" if plain else "body_html", body["value"])
    values = [h["value"] for h in headlines or [] if isinstance(h, dict) and isinstance(h.get("value"), str)]
    if values:
        out.setdefault("headline", values[0])
    return out


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = _plain(fields.get(name))
        if value:
            return value
    return None


def _plain(value: Any) -> str | None:
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, Mapping):
        return _plain(value.get("name") or value.get("title") or value.get("#text"))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def _text(fields: Mapping[str, Any]) -> str | None:
    for name in TEXT:
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
            return "\n\n".join(value)
    return None


def _url(fields: Mapping[str, Any]) -> str | None:
    for name in URL:
        value = fields.get(name)
        if isinstance(value, str) and value.strip().lower().startswith(("http://", "https://")):
            return value.strip()
    return None


def _outlet(fields: Mapping[str, Any], url: str | None) -> dict[str, str | None]:
    for name in OUTLET:
        value = _plain(fields.get(name))
        if value and not value.lower().startswith(("http://", "https://")):
            looks_domain = re.fullmatch(r"[\w-]+(\.[\w-]+)+", value)
            return {
                "outlet": outlet_of("http://" + value) if looks_domain else value.strip(),
                "outlet_basis": "metadata",
            }
    return {"outlet": outlet_of(url) if url else None, "outlet_basis": "address" if url else None}


def _byline(fields: Mapping[str, Any]) -> str | None:
    for name in BYLINE:
        value = fields.get(name)
        if isinstance(value, list | tuple):
            names = [n for n in (_plain(v) for v in value) if n]
            if names:
                return ", ".join(n.strip() for n in names)
        elif found := _plain(value):
            return found.strip()
    return None


def _language(value: str | None) -> str | None:
    m = re.match(r"[A-Za-z]{2}(?=$|[-_])", value.strip()) if value else None
    return m.group().lower() if m else None


def _published(fields: Mapping[str, Any], source: Source, uri: str, url: str | None) -> datetime | None:
    for name in PUBLISHED:
        value = fields.get(name)
        if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
            continue
        found = when(value)
        if found is None:
            source.problem("bad-date", f"{uri}: {name} {str(value)[:60]!r} is no date; write it as 2022-01-21", uri)
        return by_address(found, url) if found and url else found
    return None
