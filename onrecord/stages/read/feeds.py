"""RSS and Atom: each entry a report, of its full content where the feed has it, else of its summary."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from html import unescape
from typing import Any

import feedparser

from onrecord.model import RawReport
from onrecord.stages.read.blocks import blocks_of, joined
from onrecord.stages.read.dates import when
from onrecord.stages.read.outlets import outlet_of
from onrecord.stages.read.source import Source, Unreadable

_TAG = re.compile(r"<[^>]{0,2000}>")


def feed(source: Source) -> Iterator[RawReport]:
    """A feed's entries; an entry without any text is a problem row and the rest goes on."""
    found = feedparser.parse(source.whole(), sanitize_html=False, resolve_relative_uris=False)
    if not found.entries:
        why = f" ({found.bozo_exception})" if found.get("bozo") and "bozo_exception" in found else ""
        raise Unreadable("no-text", f"{source.name}: no entries in the feed{why}; fetch it again")
    channel = " ".join(unescape(found.feed.get("title", "")).split()) or None
    language = (found.feed.get("language") or "")[:2].lower() or None
    for number, entry in enumerate(found.entries, 1):
        uri = f"{source.name}:{number}"
        yield from source.item(uri, partial(_report, entry, source, uri, channel, language))


def _report(entry: Any, source: Source, uri: str, channel: str | None, language: str | None) -> RawReport:
    title = " ".join(unescape(_TAG.sub("", entry.get("title", ""))).split()) or None
    blocks = blocks_of(_markup(entry))
    if not blocks:
        raise Unreadable("no-text", f"{uri}: neither content nor summary; read the page that it links to")
    if title and blocks[0][0] != title:
        blocks.insert(0, (title, "headline"))
    text, marks = joined(blocks)
    link = entry.get("link")
    stated = (entry.get("source") or {}).get("title") or channel
    return RawReport(
        uri=uri,
        text=text,
        external_id=entry.get("id") or link,
        outlet=stated or (outlet_of(link) if link else None),
        outlet_basis="metadata" if stated else "address",
        title=title,
        byline=_byline(entry),
        language=language,
        published=_when(entry),
        fetched=source.fetched,
        marks=marks,
    )


def _markup(entry: Any) -> str:
    contents = [str(c.get("value", "")) for c in entry.get("content", [])]
    return max([*contents, str(entry.get("summary") or "")], key=len)


def _byline(entry: Any) -> str | None:
    names = [a.get("name", "").strip() for a in entry.get("authors", []) if a.get("name")]
    return ", ".join(dict.fromkeys(names)) or (entry.get("author") or "").strip() or None


def _when(entry: Any) -> datetime | None:
    # feedparser's own reading is in UTC; the words tell on which day it was where it was written.
    words = entry.get("published") or entry.get("updated")
    if words and (found := when(words)):
        return found
    stamp = entry.get("published_parsed") or entry.get("updated_parsed")
    if not stamp:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(stamp), tz=UTC)
    except (ValueError, OverflowError):
        return None
